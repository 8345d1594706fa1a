//! The cheapest levels at which every objective holds, each set verified by solving the changed system.

use super::lever::{Lever, What};
use super::objectives::{Verdict, feasible, objectives, saturated, unmet_without_percentiles};
use super::search::{Found, Question, cheapest};
use crate::{
    cost,
    model::{Arrivals, Call, Goal, Kind, StationId, System},
    solve::{Answer, Options, Solver},
};
use std::collections::BTreeMap;

/// How far the search may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Boxes of the search at most.
    pub boxes: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self { boxes: 300 }
    }
}

/// The cheapest way to hold at a multiple.
#[derive(Debug, Clone, PartialEq)]
pub struct Sized {
    /// The search's outcome; prices are [`Sizing::price`]'s.
    pub found: Found,
    /// The levels looked at last: the best, or the highest of all where nothing holds.
    pub levels: Vec<u32>,
    /// What the system with them answers.
    pub answer: Answer,
    /// Every objective there but the budget.
    pub verdicts: Vec<Verdict>,
    /// A month with them.
    pub monthly: f64,
    /// Largest relative distance of the month from the cheapest possible; 0 when that is proved to be it.
    pub gap: f64,
    /// Times a system was solved.
    pub solves: u64,
}

/// What is known of one set of levels.
#[derive(Debug, Clone, Copy)]
struct Seen {
    standing: f64,
    usage: f64,
    saturated: bool,
    holds: Option<bool>,
}

/// The question of one multiple.
#[derive(Debug)]
pub struct Sizing<'a> {
    solver: &'a mut Solver,
    /// As it stands, without its budget: no change of numbers makes a month cheaper.
    base: System,
    work: System,
    /// Without what makes more of something hurt; `None` where nothing does.
    loose: Option<System>,
    levers: &'a [Lever],
    multiple: f64,
    /// What effort counts beside money.
    weight: f64,
    seen: BTreeMap<Vec<u32>, Seen>,
    can: Vec<Vec<u32>>,
    cannot: Vec<Vec<u32>>,
    solves: u64,
}

/// Finds the cheapest levels at a multiple.
pub fn size(solver: &mut Solver, system: &System, levers: &[Lever], multiple: f64, effort: Effort) -> Sized {
    let mut sizing = Sizing::new(solver, system, levers, multiple);
    let most: Vec<u32> = levers.iter().map(|lever| lever.levels).collect();
    let found = cheapest(&mut sizing, &most, effort.boxes);
    let levels = found.levels.clone().unwrap_or(most);
    let (answer, verdicts, monthly) = sizing.judged(&levels);
    let gap = match (&found.levels, found.complete) {
        // A credit may bring the month below nothing.
        (Some(_), false) if found.price > found.bound => ((found.price - found.bound) / found.price.abs()).min(1.0),
        _ => 0.0,
    };
    Sized { levels, answer, verdicts, monthly, gap, solves: sizing.solves, found }
}

impl<'a> Sizing<'a> {
    /// The question for a system that the solver was compiled from.
    #[must_use]
    pub fn new(solver: &'a mut Solver, system: &System, levers: &'a [Lever], multiple: f64) -> Self {
        let mut base = system.clone();
        base.objectives.retain(|objective| !matches!(objective.goal, Goal::MonthlyCost { .. }));
        let loose = Some(loosened(&base)).filter(|loose| *loose != base);
        let mut this = Self {
            solver,
            work: base.clone(),
            base,
            loose,
            levers,
            multiple,
            weight: 1.0,
            seen: BTreeMap::new(),
            can: Vec::new(),
            cannot: Vec::new(),
            solves: 0,
        };
        let today = this.seen(&vec![0; levers.len()]);
        // Beside money effort only decides between equals. A credit or a free tier may bring today's month to nothing or below.
        let month = (today.standing + today.usage).abs();
        if month > 0.0 || this.base.stations.iter().any(|station| station.price.given) {
            this.weight = 1.0e-6 * if month > 0.0 { month } else { 1.0 };
        }
        this
    }

    /// The changed system's answer, its objectives but the budget, and its month.
    pub fn judged(&mut self, levels: &[u32]) -> (Answer, Vec<Verdict>, f64) {
        self.set(levels);
        let answer = self.solver.solve(&self.work, self.multiple, &Options::default()).clone();
        let verdicts = objectives(self.solver, &self.work, &answer);
        let monthly = cost::over_time(self.solver, &self.work, &answer).monthly();
        (answer, verdicts, monthly)
    }

    fn set(&mut self, levels: &[u32]) {
        for (lever, &level) in self.levers.iter().zip(levels) {
            lever.set(&self.base, &mut self.work, level);
        }
    }

    fn effort(&self, levels: &[u32]) -> f64 {
        self.weight * self.levers.iter().zip(levels).map(|(lever, &level)| lever.effort(level)).sum::<f64>()
    }

    fn seen(&mut self, levels: &[u32]) -> Seen {
        if let Some(&seen) = self.seen.get(levels) {
            return seen;
        }
        self.set(levels);
        self.solves += 1;
        let options = Options { percentiles: false, ..Options::default() };
        let answer = self.solver.solve(&self.work, self.multiple, &options).clone();
        let saturated = saturated(&answer) || unmet_without_percentiles(&self.work, &answer);
        let bill = cost::over_time(self.solver, &self.work, &answer);
        let seen = Seen { standing: bill.fixed + bill.stepped, usage: bill.usage, saturated, holds: None };
        self.seen.insert(levels.to_vec(), seen);
        seen
    }

    /// Whether a lever goes from today's machine to one that costs less.
    fn saves(&self, lever: usize, low: &[u32], high: &[u32]) -> bool {
        let Lever { station, what: What::Machine(list), .. } = &self.levers[lever] else { return false };
        let today = self.base.stations[*station].price.per_replica_hour;
        low[lever] == 0 && high[lever] > 0 && list.first().is_some_and(|machine| machine.per_replica_hour < today)
    }

    fn within_limits(&mut self, levels: &[u32]) -> bool {
        self.set(levels);
        over_connected(&self.base, &self.work).is_none()
    }
}

impl Question for Sizing<'_> {
    fn holds(&mut self, levels: &[u32]) -> bool {
        let seen = self.seen(levels);
        if let Some(holds) = seen.holds {
            return holds;
        }
        let mut holds = !seen.saturated && self.within_limits(levels);
        if holds {
            self.set(levels);
            self.solves += 1;
            let answer = self.solver.solve(&self.work, self.multiple, &Options::default()).clone();
            let verdicts = objectives(self.solver, &self.work, &answer);
            holds = feasible(&answer, &verdicts);
        }
        self.seen.insert(levels.to_vec(), Seen { holds: Some(holds), ..seen });
        holds
    }

    fn could_hold(&mut self, levels: &[u32]) -> bool {
        let below = |a: &[u32], b: &[u32]| a.iter().zip(b).all(|(a, b)| a <= b);
        if self.can.iter().any(|can| below(can, levels)) {
            return true;
        }
        if self.cannot.iter().any(|cannot| below(levels, cannot)) {
            return false;
        }
        let could = match self.loose.take() {
            None => self.holds(levels),
            Some(mut loose) => {
                for (lever, &level) in self.levers.iter().zip(levels) {
                    lever.set(&self.base, &mut loose, level);
                }
                self.solves += 1;
                let options = Options { percentiles: false, ..Options::default() };
                let answer = self.solver.solve(&loose, self.multiple, &options).clone();
                let mut could = !saturated(&answer) && !unmet_without_percentiles(&loose, &answer);
                if could {
                    self.solves += 1;
                    let answer = self.solver.solve(&loose, self.multiple, &Options::default()).clone();
                    let verdicts = objectives(self.solver, &loose, &answer);
                    could = feasible(&answer, &verdicts);
                }
                self.loose = Some(loose);
                could
            }
        };
        let list = if could { &mut self.can } else { &mut self.cannot };
        list.push(levels.to_vec());
        could
    }

    fn price(&mut self, levels: &[u32]) -> f64 {
        let seen = self.seen(levels);
        seen.standing + seen.usage + self.effort(levels)
    }

    fn bound(&mut self, low: &[u32], high: &[u32]) -> f64 {
        // Usage is least where most is answered early: where nothing fails and caches are largest.
        let usage = self.seen(high).usage;
        let mut cheapest = low.to_vec();
        for lever in (0..low.len()).filter(|&lever| self.saves(lever, low, high)) {
            cheapest[lever] += 1;
        }
        self.seen(&cheapest).standing + usage + self.effort(low)
    }

    fn dearer_first(&self, low: &[u32], high: &[u32]) -> Option<usize> {
        (0..low.len()).find(|&lever| self.saves(lever, low, high))
    }
}

/// By how much more of something may worsen a latency: a pool that lets more through can lengthen the lines behind it.
const SLACK: f64 = 1.25;

/// Without connection limits and coherency, and with more patience: what holds anywhere below holds here.
fn loosened(system: &System) -> System {
    let mut loose = system.clone();
    for objective in &mut loose.objectives {
        if let Goal::Latency { at_most, .. } = &mut objective.goal {
            *at_most *= SLACK;
        }
    }
    for station in &mut loose.stations {
        if let Kind::Database(node) = &mut station.kind {
            node.max_connections = None;
            if let Some(usl) = &mut node.usl {
                usl.coherency = 0.0;
            }
        }
    }
    loose
}

/// A database that would be asked for more connections than it takes, and more than it is asked for as things stand.
#[must_use]
pub fn over_connected(base: &System, system: &System) -> Option<StationId> {
    (0..system.stations.len()).find(|&id| {
        let Some(room) = connections_taken(system, id) else { return false };
        let asked = connections(system, id);
        asked > room && asked > connections(base, id)
    })
}

/// Connections that all nodes of a database take; `None` without a limit.
#[must_use]
pub fn connections_taken(system: &System, database: StationId) -> Option<f64> {
    let Kind::Database(node) = &system.stations[database].kind else { return None };
    Some(f64::from(node.max_connections?) * f64::from(node.shards) * (1.0 + f64::from(node.read_replicas)))
}

/// Connections that all pools of all replicas can open to a station.
#[must_use]
pub fn connections(system: &System, to: StationId) -> f64 {
    let mut all = 0.0;
    for station in &system.stations {
        let replicas = station.autoscale.map_or(station.replicas, |autoscale| autoscale.max);
        for (pool, p) in station.pools.iter().enumerate() {
            if let Some(size) = p.size
                && uses(&station.calls, pool, to)
            {
                all += f64::from(size) * f64::from(replicas);
            }
        }
    }
    all
}

fn uses(calls: &[Call], pool: usize, to: StationId) -> bool {
    calls.iter().any(|call| (call.to == to && call.pool == Some(pool)) || uses(&call.on_miss, pool, to))
}

/// What a lever says of the load behind it, in units of its number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Staffing {
    /// Servers that the load keeps busy with nobody waiting anywhere: below it nothing can be stable.
    pub offered_load: f64,
    /// The rule of thumb beside it: load plus its square root.
    pub square_root: f64,
    /// Whether most of it is held over what is called, not over own work.
    pub over_calls: bool,
}

/// By how much limits are widened so that next to nobody waits.
const WIDE: u32 = 16;

/// What a system answers with all its limits wide apart, so that what is held is held for work and calls alone; `None` where the
/// closed form does not model it.
#[must_use]
pub fn unhindered(system: &System, multiple: f64) -> Option<Answer> {
    let mut wide = system.clone();
    let widen = |limit: &mut Option<u32>| *limit = limit.map(|limit| limit.saturating_mul(WIDE));
    for station in &mut wide.stations {
        station.pools.iter_mut().for_each(|pool| widen(&mut pool.size));
        match &mut station.kind {
            Kind::Service { concurrency, cpu_cores, .. } => {
                widen(concurrency);
                *cpu_cores = cpu_cores.map(|cores| cores * f64::from(WIDE));
            }
            Kind::Cache { concurrency, .. } => widen(concurrency),
            Kind::Database(node) => {
                widen(&mut node.cores);
                widen(&mut node.max_connections);
                node.usl = None;
            }
            Kind::Queue { consumers, partitions, .. } => {
                widen(consumers);
                widen(partitions);
            }
            _ => {}
        }
    }
    let mut solver = Solver::new(&wide).ok()?;
    Some(solver.solve(&wide, multiple, &Options { percentiles: false, ..Options::default() }).clone())
}

/// What a lever says of the load behind it; `None` where it counts no servers, and where users in a loop reach them: who waits asks
/// for less, so that no number is too few to be stable. The answer is [`unhindered`]'s, of the system with the lever at that level.
#[must_use]
pub fn staffing(system: &System, unhindered: &Answer, lever: &Lever, level: u32) -> Option<Staffing> {
    let station = unhindered.stations.get(lever.station)?;
    let mut reach = system.classes.iter().zip(&station.visits_by_class);
    if reach.any(|(class, visits)| matches!(class.arrivals, Arrivals::Closed { .. }) && *visits > 0.0) {
        return None;
    }
    let (work, held) = (station.utilization, station.slot_utilization);
    let slots = |slots: &Option<u32>| slots.map(f64::from);
    // Busy shares of the servers of one unit, and how many it has.
    let known = match (&lever.what, &system.stations[lever.station].kind) {
        (What::Pool(pool), _) => [(station.pools.get(*pool)?.utilization, Some(1.0)), (None, None)],
        (What::Consumers, _) => [(work, Some(1.0)), (held, Some(1.0))],
        (What::Replicas, Kind::Service { concurrency, cpu_cores, .. }) => {
            [(work, cpu_cores.or(slots(concurrency))), (held, slots(concurrency))]
        }
        (What::Nodes, Kind::Cache { concurrency, .. }) => [(work, slots(concurrency)), (held, slots(concurrency))],
        _ => return None,
    };
    let units = f64::from(lever.value(level)) * f64::from(WIDE);
    let loads = known.map(|(busy, each)| Some((busy? * units, each?)));
    let over_calls = match loads {
        [Some(work), Some(held)] => held.0 > work.0,
        [_, held] => held.is_some(),
    };
    let (offered_load, each) = loads[usize::from(over_calls)]?;
    let erlangs = offered_load * each;
    Some(Staffing { offered_load, square_root: (erlangs + erlangs.sqrt()) / each, over_calls })
}
