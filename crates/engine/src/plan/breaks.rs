//! Where each objective breaks by itself, whatever else breaks before it.

use super::{
    Search, objectives,
    scan::{self, TODAY},
};
use crate::{
    model::{Goal, System},
    solve::{Options, Solver},
};

/// For each objective of the system, in its order: the smallest multiple at which it is missed; `None` where it holds up to the
/// search's end. Scanned and bisected as the headroom is; so what holds at multiple 1 is not missed for what less load does to it.
pub fn breaks(solver: &mut Solver, system: &System, search: &Search) -> Vec<Option<f64>> {
    let latency = system.objectives.iter().any(|o| matches!(o.goal, Goal::Latency { .. }));
    let options = Options { percentiles: latency, ..Options::default() };
    let mut missed = |multiple: f64, next: f64| -> (Vec<bool>, Vec<f64>) {
        let answer = solver.solve(system, multiple, &options).clone();
        let steps = scan::before_steps(system, &answer, next);
        (objectives(solver, system, &answer).iter().map(|verdict| !verdict.met).collect(), steps)
    };
    let mut found = vec![None; system.objectives.len()];
    let all = vec![true; found.len()];
    if !scan::spans_today(search) {
        first(&mut missed, (search.from, search.to), search, &all, &mut found);
        return found;
    }
    let today = missed(TODAY, TODAY).0;
    let held: Vec<bool> = today.iter().map(|missed| !missed).collect();
    first(&mut missed, (search.from, TODAY), search, &today, &mut found);
    first(&mut missed, (TODAY, search.to), search, &held, &mut found);
    found
}

/// Where each of the objectives asked for is first missed between two multiples.
fn first(
    missed: &mut impl FnMut(f64, f64) -> (Vec<bool>, Vec<f64>),
    (from, to): (f64, f64),
    search: &Search,
    asked: &[bool],
    found: &mut [Option<f64>],
) {
    let mut ahead = scan::ahead(from, to, search.points);
    let mut below: Option<f64> = None;
    while let Some(multiple) = ahead.pop() {
        if found.iter().zip(asked).all(|(found, asked)| !asked || found.is_some()) {
            return;
        }
        let (now, steps) = missed(multiple, ahead.last().copied().unwrap_or(multiple));
        for place in 0..found.len() {
            if !asked[place] || !now[place] || found[place].is_some() {
                continue;
            }
            let (mut low, mut high) = (below.unwrap_or(multiple), multiple);
            while high - low > search.accuracy * high {
                let middle = low.midpoint(high);
                if missed(middle, middle).0[place] { high = middle } else { low = middle }
            }
            found[place] = Some(high);
        }
        below = Some(multiple);
        ahead.extend(steps);
    }
}
