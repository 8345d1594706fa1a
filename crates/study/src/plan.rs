//! The cheapest way through: which changes meet the objectives at each multiple, verified by solving the changed system.
//!
//! Search: states are numbers of replicas, connections, consumers and nodes at or above today's. They are visited from the
//! cheapest on (uniform cost), and the first that meets every objective is the answer. Only changes at parts that are busy or
//! waited for are followed, which is what keeps it small; where that leaves nothing to try, all are. Within the limit of
//! visited states the answer is the cheapest among the followed ones; beyond it the cheapest found is given and said to be so.

use crate::headline::times;
use crate::solve::{checked, compiled};
use crate::text::short;
use engine::cost::month;
use engine::model::{Goal, Kind, System};
use engine::plan::{self, Search, Verdict, headroom_with};
use engine::solve::{Answer, Options, Part, Solver};
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

/// Steps over growth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// One entry per multiple.
    pub steps: Vec<Step>,
    /// Single changes for what limits today, by their effect.
    pub options: Vec<SingleChange>,
    /// What cannot help, and why.
    pub rejected: Vec<Rejected>,
}

/// What to run with at a multiple.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Step {
    /// Growth multiple.
    pub multiple: f64,
    /// Whether the changes meet every objective.
    pub feasible: bool,
    /// Changes against the scenario as it stands.
    pub changes: Vec<Change>,
    /// Money a month with the changes.
    pub monthly: f64,
    /// Money a month as the scenario stands.
    pub monthly_as_it_stands: f64,
    /// Whether the search ended with the cheapest it could reach (false: it ran out of its limit).
    pub complete: bool,
    /// In one sentence.
    pub text: String,
}

/// One change of one number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Change {
    /// Address of the number.
    pub path: String,
    /// Now.
    pub from: u32,
    /// Then.
    pub to: u32,
    /// Lower bound where it is a number of servers: the offered load in erlang, below which nothing can be stable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_load: Option<f64>,
    /// Rule of thumb beside it: load plus its square root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_root_staffing: Option<f64>,
}

/// A single change and what it alone would do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SingleChange {
    /// The change.
    pub change: Change,
    /// Headroom with it; `null` when nothing breaks any more.
    pub headroom: Option<f64>,
    /// Money a month more at multiple 1.
    pub added_monthly: f64,
}

/// A change that is no way out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rejected {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// A number that may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Replicas,
    Pool(usize),
    Consumers,
    Partitions,
    Nodes,
}

#[derive(Debug, Clone)]
struct Lever {
    station: usize,
    what: What,
    path: String,
    now: u32,
    most: u32,
}

/// States visited at most per multiple.
const MOST_STATES: usize = 2500;

/// Plans for the given multiples (empty: the scenario's own).
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn plan(scenario: &Scenario, multiples: &[f64]) -> Result<Plan, Vec<Problem>> {
    let mut system = scenario::lower(scenario)?;
    if !multiples.is_empty() {
        system.multiples = checked(multiples)?;
    }
    let mut solver = compiled(&system)?;
    let top = system.multiples.iter().copied().fold(1.0, f64::max);
    let levers = levers(&system, top);
    let mut result = Plan::default();
    for &multiple in &system.multiples.clone() {
        result.steps.push(step(&mut solver, &system, &levers, multiple, scenario));
    }
    result.options = singles(&mut solver, &system, &levers);
    result.rejected = rejected(&system);
    let broken = result.steps.iter().find(|s| !s.feasible).map(|s| s.multiple);
    if let Some(multiple) = broken {
        result.rejected.push(Rejected {
            what: format!("any change of numbers at {}", times(multiple)),
            why: "no number of replicas, connections, consumers or nodes meets the objectives there: make the work itself faster, or relax the objective".into(),
        });
    }
    Ok(result)
}

fn levers(system: &System, top: f64) -> Vec<Lever> {
    let mut levers = Vec::new();
    for (station, s) in system.stations.iter().enumerate() {
        let most = |now: u32| ((f64::from(now) * top * 2.0).ceil() as u32).clamp(now + 2, now + 200);
        let mut add = |what, key: String, now: u32| {
            levers.push(Lever { station, what, path: format!("components.{}.{key}", s.id), now, most: most(now) });
        };
        match &s.kind {
            Kind::Service { concurrency, cpu_cores, .. }
                if (concurrency.is_some() || cpu_cores.is_some()) && s.autoscale.is_none() =>
            {
                add(What::Replicas, "replicas".into(), s.replicas);
            }
            Kind::Queue { consumers, partitions, .. } => {
                if let Some(consumers) = consumers {
                    add(What::Consumers, "consumers".into(), *consumers);
                }
                if let Some(partitions) = partitions {
                    add(What::Partitions, "partitions".into(), *partitions);
                }
            }
            Kind::Cache { concurrency: Some(_), nodes, .. } => add(What::Nodes, "nodes".into(), *nodes),
            _ => {}
        }
        for (pool, p) in s.pools.iter().enumerate() {
            if let Some(size) = p.size {
                add(What::Pool(pool), format!("pools.{}", p.id), size);
            }
        }
    }
    levers
}

fn set(system: &mut System, lever: &Lever, value: u32) {
    let station = &mut system.stations[lever.station];
    match (lever.what, &mut station.kind) {
        (What::Replicas, _) => station.replicas = value,
        (What::Pool(pool), _) => station.pools[pool].size = Some(value),
        (What::Consumers, Kind::Queue { consumers, .. }) => *consumers = Some(value),
        (What::Partitions, Kind::Queue { partitions, .. }) => *partitions = Some(value),
        (What::Nodes, Kind::Cache { nodes, .. }) => *nodes = value,
        _ => {}
    }
}

fn with(system: &System, levers: &[Lever], values: &[u32]) -> System {
    let mut changed = system.clone();
    for (lever, value) in levers.iter().zip(values) {
        set(&mut changed, lever, *value);
    }
    changed
}

/// A state of the search, ordered so that the cheapest, then the least changed, comes first out of the heap.
#[derive(Debug, Clone, PartialEq)]
struct State {
    cost: f64,
    changes: u32,
    values: Vec<u32>,
}

impl Eq for State {}

impl PartialOrd for State {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for State {
    fn cmp(&self, other: &Self) -> Ordering {
        let cost = other.cost.total_cmp(&self.cost);
        cost.then(other.changes.cmp(&self.changes)).then_with(|| other.values.cmp(&self.values))
    }
}

/// Whether everything but the budget holds: no change of numbers makes a month cheaper.
fn holds(system: &System, answer: &Answer, verdicts: &[Verdict]) -> bool {
    let budget =
        |index: usize| system.objectives.iter().any(|o| o.index == index && matches!(o.goal, Goal::MonthlyCost { .. }));
    let rest: Vec<Verdict> = verdicts.iter().filter(|v| !budget(v.index)).copied().collect();
    plan::feasible(answer, &rest)
}

fn step(solver: &mut Solver, system: &System, levers: &[Lever], multiple: f64, scenario: &Scenario) -> Step {
    let options = Options::default();
    let now: Vec<u32> = levers.iter().map(|l| l.now).collect();
    let cost_of = |solver: &mut Solver, values: &[u32]| {
        let changed = with(system, levers, values);
        let answer = solver.solve(&changed, multiple, &options).clone();
        let cost = month(&changed, &answer).monthly();
        (changed, answer, cost)
    };
    let as_it_stands = cost_of(solver, &now).2;
    let mut heap = BinaryHeap::from([State { cost: as_it_stands, changes: 0, values: now.clone() }]);
    let mut seen: BTreeSet<Vec<u32>> = BTreeSet::from([now.clone()]);
    let mut visited = 0;
    while let Some(state) = heap.pop() {
        visited += 1;
        let (changed, answer, _) = cost_of(solver, &state.values);
        let verdicts = plan::objectives(solver, &changed, &answer);
        if holds(&changed, &answer, &verdicts) {
            return described(system, levers, &state, &answer, multiple, as_it_stands, true, scenario);
        }
        if visited >= MOST_STATES {
            break;
        }
        let mut followed: Vec<usize> = (0..levers.len()).filter(|&l| helps(&changed, &answer, &levers[l])).collect();
        if followed.is_empty() {
            followed = (0..levers.len()).collect();
        }
        for lever in followed {
            let mut values = state.values.clone();
            // Far from enough servers, single steps would only lengthen the way.
            let needed = least(&answer, &levers[lever], values[lever]);
            values[lever] = (values[lever] + 1).max(needed).min(levers[lever].most);
            if values[lever] > state.values[lever] && seen.insert(values.clone()) {
                let (_, _, cost) = cost_of(solver, &values);
                let changes = values.iter().zip(&now).map(|(v, n)| v - n).sum();
                heap.push(State { cost, changes, values });
            }
        }
    }
    Step {
        multiple,
        feasible: false,
        monthly: as_it_stands,
        monthly_as_it_stands: as_it_stands,
        complete: visited < MOST_STATES,
        text: format!("at {}: nothing found that meets the objectives", times(multiple)),
        ..Step::default()
    }
}

/// Whether more of a lever's part can relieve anything: it is saturated, busy, or waited for.
fn helps(system: &System, answer: &Answer, lever: &Lever) -> bool {
    let station = &answer.stations[lever.station];
    let busy = |of: Option<f64>| of.is_some_and(|u| u > 0.5);
    let waited = |part: fn(Part) -> bool| {
        answer.classes.iter().any(|c| {
            let mean = c.mean.unwrap_or(f64::INFINITY);
            c.waterfall.iter().any(|s| s.station == lever.station && part(s.part) && s.seconds > 0.01 * mean.min(1e9))
        })
    };
    let feeds_queue = || {
        system.stations.iter().zip(&answer.stations).any(|(s, a)| {
            matches!(s.kind, Kind::Queue { .. })
                && s.calls.iter().any(|c| c.to == lever.station)
                && a.busiest.is_some_and(|(_, load)| load > 0.5)
        })
    };
    match lever.what {
        What::Pool(pool) => {
            busy(station.pools.get(pool).and_then(|p| p.utilization)) || waited(|p| matches!(p, Part::Pool(_)))
        }
        What::Replicas => {
            busy(station.utilization)
                || busy(station.slot_utilization)
                || station.busiest.is_some_and(|(_, load)| load > 0.5)
                || waited(|p| p == Part::Queue)
                || feeds_queue()
        }
        What::Consumers | What::Partitions | What::Nodes => {
            busy(station.utilization) || station.busiest.is_some_and(|(_, load)| load > 0.5)
        }
    }
}

/// Servers below which the part is saturated for sure: today's count times its load over capacity.
fn least(answer: &Answer, lever: &Lever, now: u32) -> u32 {
    if let What::Pool(_) = lever.what {
        return now + 1;
    }
    match answer.stations[lever.station].busiest {
        Some((_, load)) if load > 1.0 && load.is_finite() => (f64::from(now) * load).floor().min(1e6) as u32,
        _ => now + 1,
    }
}

#[allow(clippy::too_many_arguments)]
fn described(
    system: &System,
    levers: &[Lever],
    state: &State,
    answer: &Answer,
    multiple: f64,
    as_it_stands: f64,
    complete: bool,
    scenario: &Scenario,
) -> Step {
    let changes: Vec<Change> = levers
        .iter()
        .zip(&state.values)
        .filter(|(lever, value)| **value > lever.now)
        .map(|(lever, value)| change(system, answer, lever, *value))
        .collect();
    let money = |amount| crate::headline::money(amount, scenario.currency.as_deref());
    let listed: Vec<String> = changes.iter().map(|c| format!("{} {} instead of {}", c.path, c.to, c.from)).collect();
    let text = if changes.is_empty() {
        format!("at {}: it holds as it stands, {} a month", times(multiple), money(state.cost))
    } else {
        format!("at {}: {}; {} a month", times(multiple), listed.join(", "), money(state.cost))
    };
    Step { multiple, feasible: true, changes, monthly: state.cost, monthly_as_it_stands: as_it_stands, complete, text }
}

fn change(system: &System, answer: &Answer, lever: &Lever, to: u32) -> Change {
    let station = &answer.stations[lever.station];
    let slots = match &system.stations[lever.station].kind {
        Kind::Service { cpu_cores: Some(cores), .. } => Some(*cores),
        Kind::Service { concurrency: Some(slots), .. } => Some(f64::from(*slots)),
        _ => None,
    };
    let load = match lever.what {
        What::Pool(pool) => station.pools.get(pool).and_then(|p| Some(p.utilization? * f64::from(to))),
        What::Replicas => {
            station.utilization.or(station.slot_utilization).and_then(|u| Some(u * slots? * f64::from(to)))
        }
        _ => None,
    };
    Change {
        path: lever.path.clone(),
        from: lever.now,
        to,
        offered_load: load,
        square_root_staffing: load.map(|l| l + l.sqrt()),
    }
}

/// Each lever alone: what it does to the headroom.
fn singles(solver: &mut Solver, system: &System, levers: &[Lever]) -> Vec<SingleChange> {
    let search = Search { points: 32, accuracy: 1e-3, with_cost: false, ..Search::of(system) };
    let base = headroom_with(solver, system, &search).multiple;
    let Some(base) = base else { return Vec::new() };
    let monthly = |solver: &mut Solver, system: &System| {
        let answer = solver.solve(system, 1.0, &Options::default()).clone();
        month(system, &answer).monthly()
    };
    let today = monthly(solver, system);
    let mut found = Vec::new();
    for lever in levers {
        let to = lever.now + 1.max(lever.now / 4);
        let mut changed = system.clone();
        set(&mut changed, lever, to);
        let headroom = headroom_with(solver, &changed, &search).multiple;
        if headroom.is_none_or(|h| h > 1.005 * base) {
            let added_monthly = monthly(solver, &changed) - today;
            let answer = solver.solve(&changed, 1.0, &Options::default()).clone();
            found.push(SingleChange { change: change(&changed, &answer, lever, to), headroom, added_monthly });
        }
    }
    let reach = |s: &SingleChange| s.headroom.unwrap_or(f64::INFINITY);
    found.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
    found
}

/// Parts whose limits are not numbers of ours.
fn rejected(system: &System) -> Vec<Rejected> {
    let mut out = Vec::new();
    for station in &system.stations {
        let why = match &station.kind {
            Kind::External { rate_limit: Some(limit) } => {
                format!("its quota of {} calls/s is someone else's: ask for more, cache, or call less", short(*limit))
            }
            Kind::Database(node) if node.cores.is_some() => {
                "a larger machine has no price here: change its cores and price in a copy and compare".into()
            }
            _ if station.autoscale.is_some() => "its replicas are the autoscaler's: raise its maximum instead".into(),
            _ => continue,
        };
        out.push(Rejected { what: format!("more of {}", station.id), why });
    }
    out
}

impl Plan {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = self.steps.iter().map(|s| s.text.clone()).collect();
        for option in &self.options {
            let reach = option
                .headroom
                .map_or_else(|| "nothing breaks any more".to_owned(), |h| format!("headroom {}", times(h)));
            lines.push(format!(
                "alone: {} {} instead of {}: {reach}, {:+.2} a month",
                option.change.path, option.change.to, option.change.from, option.added_monthly
            ));
        }
        lines.extend(self.rejected.iter().map(|r| format!("not: {}: {}", r.what, r.why)));
        lines.push(String::new());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Scenario {
        let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        let set =
            |shop: &mut Scenario, path: &str, value: f64| assert!(crate::address::write(shop, path, &value.into()));
        set(&mut shop, "components.receipt-worker.service.mean_ms", 60.0);
        set(&mut shop, "components.db.service.*.mean_ms", 25.0);
        set(&mut shop, "components.redis.hit_ratio", 0.7);
        shop
    }

    #[test]
    fn the_shop_grows_by_workers_then_by_its_pool() {
        let found = plan(&shop(), &[1.0, 5.0, 8.0, 12.0]).unwrap();
        println!("{}", found.text());
        assert!(found.steps.iter().all(|s| s.feasible && s.complete), "{}", found.text());
        assert!(found.steps[0].changes.is_empty());
        let workers = |s: &Step| s.changes.iter().find(|c| c.path.contains("receipt-worker")).map_or(2, |c| c.to);
        // 8 x 6 messages a second of 60 ms are 2.88 servers' work: three; at 12x 4.32: five.
        assert_eq!((workers(&found.steps[2]), workers(&found.steps[3])), (3, 5), "{}", found.text());
        assert!(found.steps[3].changes.iter().any(|c| c.path.contains("pools.pg")), "{}", found.text());
        assert!(found.steps.windows(2).all(|w| w[1].monthly >= w[0].monthly));
        assert_eq!(found.options[0].change.path, "components.receipt-worker.replicas", "{:?}", found.options);
    }

    /// The search against every combination up to 8 of each, on the shop at several multiples.
    #[test]
    fn as_cheap_as_brute_force() {
        let scenario = shop();
        let system = scenario::lower(&scenario).unwrap();
        let mut solver = Solver::new(&system).unwrap();
        let levers = levers(&system, 12.0);
        for multiple in [3.0, 6.0, 9.0, 11.0] {
            let found = step(&mut solver, &system, &levers, multiple, &scenario);
            let mut cheapest = f64::INFINITY;
            for workers in 2..=8 {
                for pool in 4..=10 {
                    let values: Vec<u32> =
                        levers.iter().map(|l| if l.what == What::Replicas { workers } else { pool }).collect();
                    let changed = with(&system, &levers, &values);
                    let answer = solver.solve(&changed, multiple, &Options::default()).clone();
                    let verdicts = plan::objectives(&mut solver, &changed, &answer);
                    if holds(&changed, &answer, &verdicts) {
                        cheapest = cheapest.min(month(&changed, &answer).monthly());
                    }
                }
            }
            assert!((found.monthly / cheapest - 1.0).abs() < 1e-9, "x{multiple}: {} and {cheapest}", found.monthly);
        }
    }
}
