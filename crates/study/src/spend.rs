//! Money along time: the coming year month by month, and which components' cost grows faster than the traffic.

use crate::headline::times;
use crate::result::Point;
use crate::time::calendar_month_after;
use engine::cost;
use engine::math;
use engine::model::System;
use engine::order;
use engine::plan;
use engine::solve::{Options, Solver};
use scenario::Scenario;
use scenario::v1::Price;
use serde::{Deserialize, Serialize};

/// Months looked ahead.
const MONTHS: u32 = 12;
/// An exponent above this is faster than traffic, below the inverse slower: rounding of replicas aside.
const FASTER: f64 = 1.05;

/// Money along time and growth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Spend {
    /// The coming twelve months as the scenario stands; empty without a growth per month.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<MonthSpend>,
    /// Their sum, whether they hold or not; absent without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<f64>,
    /// How each priced component's cost grows with the traffic, the fastest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub growth: Vec<CostGrowth>,
}

/// One coming month.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MonthSpend {
    /// `2026-12`; absent where the scenario has no `as_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// Growth multiple in it.
    pub multiple: f64,
    /// Its bill: where it is not feasible, of what passes.
    pub monthly: f64,
    /// Whether nothing is saturated and every objective holds.
    pub feasible: bool,
}

/// How a component's cost grows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CostGrowth {
    /// Component id, or the id of a cost of none.
    pub component: String,
    /// A month at the first multiple.
    pub first: f64,
    /// A month at the last.
    pub last: f64,
    /// Cost grows as the traffic, which is the load that all classes offer, to this power between them: 0 stays, 1 follows, above 1
    /// faster.
    pub exponent: f64,
    /// Whether it is faster than the traffic.
    pub faster: bool,
}

/// What the coming months cost for as long as they hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ahead {
    /// Months before the first that does not hold, at most twelve.
    pub months: usize,
    /// What they cost together.
    pub cost: f64,
    /// How far they grow; 1 without any.
    pub multiple: f64,
    /// The first month that does not hold, in words; its bill would be that of what passes.
    pub ends: Option<String>,
}

impl Spend {
    /// The coming months up to the first that does not hold; `None` without any.
    pub(crate) fn ahead(&self) -> Option<Ahead> {
        let first = self.months.first()?;
        let months = self.months.iter().position(|month| !month.feasible).unwrap_or(self.months.len());
        let (holding, rest) = self.months.split_at(months);
        let named = |missed: &MonthSpend| {
            let month = missed.month.clone().unwrap_or_else(|| format!("month {}", months + 1));
            format!("{month}, at {}", times(missed.multiple))
        };
        Some(Ahead {
            months,
            cost: holding.iter().map(|month| month.monthly).sum(),
            multiple: holding.last().map_or(first.multiple, |month| month.multiple),
            ends: rest.first().map(named),
        })
    }
}

/// Whether anything has a price: an amount of a component, or a cost of none. Within a free tier and under a credit a month may come to
/// nothing or less all the same.
pub(crate) fn is_priced(scenario: &Scenario) -> bool {
    let mut prices = scenario.components.iter().filter_map(|component| component.price.as_ref());
    prices.any(has_amount) || scenario.costs.iter().any(|cost| cost.monthly.value != 0.0)
}

fn has_amount(price: &Price) -> bool {
    let amounts = [
        &price.per_replica_hour,
        &price.per_million_requests,
        &price.per_gb_month,
        &price.per_gb_transfer,
        &price.egress_per_gb,
        &price.per_request_unit_hour,
        &price.per_gb_second,
        &price.fixed_monthly,
    ];
    amounts.into_iter().flatten().any(|amount| amount.value > 0.0) || price.tiers.iter().any(|tier| tier.price > 0.0)
}

/// Money along time; `None` when nothing has a price.
pub(crate) fn spend(scenario: &Scenario, system: &System, solver: &mut Solver, points: &[Point]) -> Option<Spend> {
    if !is_priced(scenario) {
        return None;
    }
    let months = months(scenario, system, solver);
    let year = (!months.is_empty()).then(|| months.iter().map(|month| month.monthly).sum());
    Some(Spend { months, year, growth: growth(points) })
}

fn months(scenario: &Scenario, system: &System, solver: &mut Solver) -> Vec<MonthSpend> {
    let Some(rate) = system.growth_per_month.filter(|rate| *rate > -1.0 && *rate != 0.0) else { return Vec::new() };
    let month = |ahead: u32| {
        let multiple = math::exp(f64::from(ahead) * math::ln_1p(rate));
        let answer = solver.solve(system, multiple, &Options::default()).clone();
        let verdicts = plan::objectives(solver, system, &answer);
        MonthSpend {
            month: scenario.as_of.as_deref().and_then(|from| calendar_month_after(from, ahead)),
            multiple,
            monthly: cost::over_time(solver, system, &answer).monthly(),
            feasible: plan::feasible(&answer, &verdicts),
        }
    };
    (1..=MONTHS).map(month).collect()
}

fn growth(points: &[Point]) -> Vec<CostGrowth> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    // Classes grow at rates of their own, so a multiple says little of the load.
    let offered = |point: &Point| point.classes.values().map(|class| class.offered_rps).sum::<f64>();
    let (load, more) = (offered(first), offered(last));
    if load <= 0.0 || more <= load {
        return Vec::new();
    }
    let of = |point: &Point, id: &str| {
        let component = point.components.get(id).and_then(|c| c.monthly_cost);
        component.or_else(|| point.cost.others.get(id).copied())
    };
    let ids = first.components.keys().chain(first.cost.others.keys());
    let mut rows: Vec<CostGrowth> = ids
        .filter_map(|id| {
            let (now, then) = (of(first, id)?, of(last, id)?);
            if now <= 0.0 || then <= 0.0 {
                return None;
            }
            let exponent = math::ln(then / now) / math::ln(more / load);
            Some(CostGrowth { component: id.clone(), first: now, last: then, exponent, faster: exponent > FASTER })
        })
        .collect();
    order::sort_by(&mut rows, |a, b| b.exponent.total_cmp(&a.exponent).then_with(|| a.component.cmp(&b.component)));
    rows
}
