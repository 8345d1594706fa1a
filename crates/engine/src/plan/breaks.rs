//! Where each objective breaks by itself, whatever else breaks before it.

use super::{Search, headroom::TODAY, objectives};
use crate::{
    model::{Goal, System},
    solve::{Options, Solver},
};

/// For each objective of the system, in its order: the smallest multiple at which it is missed; `None` where it holds up to the
/// search's end. Scanned and bisected as the headroom is; so what holds at multiple 1 is not missed for what less load does to it.
pub fn breaks(solver: &mut Solver, system: &System, search: &Search) -> Vec<Option<f64>> {
    let latency = system.objectives.iter().any(|o| matches!(o.goal, Goal::Latency { .. }));
    let options = Options { percentiles: latency, ..Options::default() };
    let mut missed = |multiple: f64| -> Vec<bool> {
        let answer = solver.solve(system, multiple, &options).clone();
        objectives(solver, system, &answer).iter().map(|verdict| !verdict.met).collect()
    };
    let mut found = vec![None; system.objectives.len()];
    let mut below: Option<f64> = None;
    let mut today: Option<Vec<bool>> = None;
    for point in 0..=search.points {
        if found.iter().all(Option::is_some) {
            break;
        }
        let multiple = search.from + (search.to - search.from) * f64::from(point) / f64::from(search.points.max(1));
        let now = missed(multiple);
        for place in 0..found.len() {
            if now[place] && found[place].is_none() {
                let asked = multiple < TODAY && search.to >= TODAY;
                if asked && !today.get_or_insert_with(|| missed(TODAY))[place] {
                    continue;
                }
                let mut high = multiple;
                let held = today.as_ref().is_some_and(|today| !today[place]);
                let mut low = below.map_or(multiple, |below| if held { below.max(TODAY) } else { below });
                while high - low > search.accuracy * high {
                    let middle = low.midpoint(high);
                    if missed(middle)[place] { high = middle } else { low = middle }
                }
                found[place] = Some(high);
            }
        }
        below = Some(multiple);
    }
    found
}
