//! A budget that the cheapest plan is above: what it buys instead.

use super::Step;
use super::job::Field;
use super::step::{finish, sized};

/// Relative accuracy of the multiple that a budget buys.
const ACCURACY: f64 = 0.01;

/// Finds the largest multiple whose cheapest plan the budget pays for, and says it in every step above it.
pub(super) fn buys(field: &mut Field, steps: &mut [Step]) {
    let Some(limit) = field.budget() else { return };
    let Some(first) = steps.iter().position(|s| s.budget.is_some_and(|b| b.over > 0.0)) else { return };
    let mut pays = |multiple: f64| {
        let sized = sized(field, multiple);
        sized.found.levels.is_some() && sized.monthly <= limit
    };
    let mut high = steps[first].multiple;
    let mut low = if first > 0 { steps[first - 1].multiple } else { 0.05 * high };
    if first == 0 && !pays(low) {
        return;
    }
    while high - low > ACCURACY * high {
        let middle = low.midpoint(high);
        if pays(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    for step in steps.iter_mut() {
        if let Some(budget) = &mut step.budget
            && budget.over > 0.0
        {
            budget.buys = Some(low);
            step.feasible = true;
            finish(step, &field.scenario);
        }
    }
}
