//! Single changes and what each alone does: to the headroom, to the latency, to the bill; every one solved.

use super::change::{apply, change};
use super::design::Candidate;
use super::job::{Field, reach, sort};
use super::step::sized;
use super::{Design, Rejected, SingleChange, Step};
use engine::model::{Call, Goal, System};
use engine::plan::{
    Lever, Search, What, connections, connections_taken, feasible, headroom_with, objectives, over_connected,
    resource_name, unhindered,
};
use engine::solve::{Options, Solver};
use std::collections::BTreeMap;

/// Limits looked at, one after the other.
pub(super) const ROUNDS: usize = 3;
/// A headroom must grow by this factor to be worth a line.
const HELPS: f64 = 1.005;

/// One limit and the changes that relieve it.
#[derive(Debug, Clone)]
pub(super) struct Round {
    number: usize,
    /// The system with what the rounds before changed.
    system: System,
    levels: Vec<u32>,
    after: Vec<String>,
    base: Option<f64>,
    /// Station of what limits.
    limit: Option<usize>,
    relieves: String,
    monthly: f64,
    found: Vec<(SingleChange, usize, u32)>,
}

impl Round {
    /// The first round: as the scenario stands.
    pub fn new(field: &mut Field) -> Self {
        let system = field.system.clone();
        let mut round = Self {
            number: 0,
            system,
            levels: vec![0; field.levers.len()],
            after: Vec::new(),
            base: None,
            limit: None,
            relieves: String::new(),
            monthly: 0.0,
            found: Vec::new(),
        };
        round.look(field);
        round
    }

    /// Whether there is a limit to relieve.
    pub const fn open(&self) -> bool {
        self.base.is_some()
    }

    fn look(&mut self, field: &mut Field) {
        let found = headroom_with(&mut field.solver, &self.system, &field.search);
        self.base = found.multiple;
        let cause = found.cause.as_ref().and_then(|c| Some((c.station?, c.resource?)));
        self.limit = cause.map(|(station, _)| station);
        self.relieves = cause.map_or_else(String::new, |(station, resource)| {
            format!("{} {}", self.system.stations[station].id, resource_name(&self.system, station, resource))
        });
        self.monthly = monthly(&mut field.solver, &self.system, 1.0);
    }

    /// A lever a little higher, alone: about a quarter more, at least one level. What a reader would expect to help and does not is
    /// rejected with the reason.
    pub fn alone(&mut self, field: &mut Field, at: usize) -> Option<SingleChange> {
        let base = self.base?;
        let lever = field.levers[at].clone();
        let now = self.levels[at];
        let more = match lever.what {
            What::Machine(_) | What::Capacity | What::ReadUnits | What::WriteUnits => 1,
            _ => 1.max(lever.value(now) / 4),
        };
        let level = (now + more).min(lever.levels);
        if level == now {
            return None;
        }
        let mut changed = self.system.clone();
        lever.set(&field.system, &mut changed, level);
        let full = over_connected(&field.system, &changed);
        let headroom = match full {
            Some(_) => None,
            None => better(&mut field.solver, &changed, &field.search, base),
        };
        let Some(headroom) = headroom else {
            let why = self.no_help(&lever, base, field.search.to, full.map(|database| (database, &changed)));
            let what = change(&field.system, &lever, level, None).words();
            field.rejected.extend(why.map(|why| Rejected { what, why }));
            return None;
        };
        let mut made = change(&field.system, &lever, level, unhindered(&changed, 1.0).as_ref());
        made.from = lever.amount(&field.system, now);
        let found = SingleChange {
            change: made,
            headroom,
            budget: field.purse(&changed, headroom),
            added_monthly: monthly(&mut field.solver, &changed, 1.0) - self.monthly,
            relieves: self.relieves.clone(),
            after: self.after.clone(),
        };
        self.found.push((found.clone(), at, level));
        Some(found)
    }

    /// Why a lever is no help with today's limit, where somebody would try it: at the limiting part itself, or a pool before it.
    fn no_help(&self, lever: &Lever, base: f64, most: f64, full: Option<(usize, &System)>) -> Option<String> {
        let limit = self.limit.filter(|_| self.number == 0)?;
        let station = &self.system.stations[lever.station];
        let before = matches!(lever.what, What::Pool(pool) if holds(&station.calls, pool, limit));
        if lever.station != limit && !before {
            return None;
        }
        let stays = format!("{} stays as it is", reach(Some(base), None, most));
        Some(match (full, &lever.what) {
            (Some((database, changed)), _) => {
                let id = &self.system.stations[database].id;
                let (asked, takes) = (connections(changed, database), connections_taken(changed, database)?);
                format!("all pools together could ask {id} for {asked:.0} connections, and it takes {takes:.0}")
            }
            (None, What::Pool(_)) if lever.station != limit => {
                format!("{stays}: {} is what limits, and a larger pool only moves the queue there", self.relieves)
            }
            (None, What::ReadReplicas) => format!("{stays}: it takes reads only"),
            _ => stays,
        })
    }

    /// Closes the round: sorts its options, makes the best change and looks at the next limit; false when all is said.
    pub fn next(&mut self, field: &mut Field, options: &mut [SingleChange]) -> bool {
        let own = options.len() - self.found.len();
        sort(&mut options[own..]);
        self.number += 1;
        let gain = |s: &SingleChange| s.headroom.unwrap_or(f64::INFINITY);
        // Of what goes equally far the cheapest.
        let best = self
            .found
            .iter()
            .min_by(|a, b| gain(&b.0).total_cmp(&gain(&a.0)).then(a.0.added_monthly.total_cmp(&b.0.added_monthly)));
        let Some((best, at, level)) = best.cloned() else { return false };
        if self.number >= ROUNDS || best.headroom.is_none() {
            return false;
        }
        field.levers[at].set(&field.system, &mut self.system, level);
        self.levels[at] = level;
        // A second change of one number replaces the first.
        if !self.after.contains(&best.change.path) {
            self.after.push(best.change.path);
        }
        self.found.clear();
        self.look(field);
        self.open()
    }
}

/// Whether a pool's connections are held over calls to a station.
fn holds(calls: &[Call], pool: usize, to: usize) -> bool {
    calls.iter().any(|call| (call.pool == Some(pool) && call.to == to) || holds(&call.on_miss, pool, to))
}

/// A month of a system at a multiple.
pub(super) fn monthly(solver: &mut Solver, system: &System, multiple: f64) -> f64 {
    let answer = solver.solve(system, multiple, &Options { percentiles: false, ..Options::default() }).clone();
    engine::cost::over_time(solver, system, &answer).monthly()
}

/// The headroom of a changed system where it is larger than before (inner `None`: nothing breaks); `None` where it is not.
fn better(solver: &mut Solver, system: &System, search: &Search, base: f64) -> Option<Option<f64>> {
    let from = (base * HELPS).max(search.from);
    let near = Search { from, points: 24, ..*search };
    let found = headroom_with(solver, system, &near).multiple;
    match found {
        Some(multiple) if multiple <= from * 1.0001 => None,
        found => Some(found),
    }
}

/// Replicas and nodes that are more than today's load needs.
pub(super) fn savings(field: &mut Field) -> Vec<SingleChange> {
    let today = monthly(&mut field.solver, &field.system, 1.0);
    let mut found = Vec::new();
    for lever in field.levers.clone() {
        let counted = matches!(lever.what, What::Replicas | What::Nodes | What::ReadReplicas);
        if !counted || lever.now <= 1 || field.system.stations[lever.station].price.per_replica_hour <= 0.0 {
            continue;
        }
        let mut changed = field.system.clone();
        // A system over its budget is the one that must save.
        changed.objectives.retain(|objective| !matches!(objective.goal, Goal::MonthlyCost { .. }));
        let fewer = |to: u32| Lever { now: to, ..lever.clone() };
        let mut least = lever.now;
        for to in (1..lever.now).rev() {
            fewer(to).set(&field.system, &mut changed, 0);
            let answer = field.solver.solve(&changed, 1.0, &Options::default()).clone();
            let verdicts = objectives(&mut field.solver, &changed, &answer);
            if !feasible(&answer, &verdicts) {
                break;
            }
            least = to;
        }
        if least == lever.now {
            continue;
        }
        fewer(least).set(&field.system, &mut changed, 0);
        let mut made = change(&field.system, &fewer(least), 0, unhindered(&changed, 1.0).as_ref());
        made.from = f64::from(lever.now);
        let headroom = headroom_with(&mut field.solver, &changed, &field.search).multiple;
        found.push(SingleChange {
            change: made,
            headroom,
            budget: field.purse(&changed, headroom),
            added_monthly: monthly(&mut field.solver, &changed, 1.0) - today,
            ..SingleChange::default()
        });
    }
    found.sort_by(|a, b| a.added_monthly.total_cmp(&b.added_monthly));
    found
}

/// A change of the design: what it does, or why it is no help.
pub(super) fn design(field: &mut Field, candidate: &Candidate, last: Option<&Step>) -> Result<Design, String> {
    let first = |problems: Vec<scenario::Problem>| problems.first().map_or_else(String::new, ToString::to_string);
    let changed = apply(&field.scenario, std::slice::from_ref(&candidate.edit)).map_err(first)?;
    let mut changed = Field::new(&changed, &field.system.multiples).map_err(first)?;
    let before = headroom_with(&mut field.solver, &field.system, &field.search).multiple;
    let after = headroom_with(&mut changed.solver, &changed.system, &field.search).multiple;
    let (base, with) = (field.month(1.0), changed.month(1.0));
    let p95_ms = p95(field, &mut changed);
    let further = match (before, after) {
        (Some(before), Some(after)) => after > HELPS * before,
        (before, after) => before.is_some() && after.is_none(),
    };
    let cheaper = with < base - 0.002 * base.abs();
    let faster = p95_ms.values().any(|[before, after]| *after < 0.95 * before);
    let nearer = before.zip(after).is_some_and(|(before, after)| after < before / HELPS)
        || (before.is_none() && after.is_some());
    if nearer {
        let purse = changed.as_it_stands(after);
        return Err(format!("it comes to {} instead of {}", reach(after, purse, field.search.to), field.reach(before)));
    }
    if !(further || cheaper || faster) {
        let now = field.reach(before);
        let stays = if before.is_some() { format!("{now} stays as it is") } else { now };
        return Err(format!("{stays}, and neither latency nor the bill gets better by it"));
    }
    let planned_monthly = last.and_then(|last| {
        let sized = sized(&mut changed, last.multiple);
        sized.found.levels.is_some().then_some(sized.monthly)
    });
    Ok(Design {
        what: candidate.what.clone(),
        caution: candidate.caution.clone(),
        edit: Some(candidate.edit.clone()),
        headroom_before: before,
        headroom: after,
        budget: changed.as_it_stands(after),
        added_monthly: with - base,
        p95_ms,
        planned_monthly,
    })
}

/// 95th percentiles in milliseconds before and after at multiple 1, by class, where they differ by a hundredth or more.
fn p95(before: &mut Field, after: &mut Field) -> BTreeMap<String, [f64; 2]> {
    let (old, new) = (before.answer(1.0), after.answer(1.0));
    let mut found = BTreeMap::new();
    for (place, class) in before.system.classes.iter().enumerate() {
        let figures = (old.classes[place].percentile(95.0), new.classes.get(place).and_then(|c| c.percentile(95.0)));
        if let (Some(old), Some(new)) = figures
            && (new - old).abs() >= 0.01 * old
        {
            found.insert(class.id.clone(), [1000.0 * old, 1000.0 * new]);
        }
    }
    found
}
