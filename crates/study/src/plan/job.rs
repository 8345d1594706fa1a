//! The plan made piece by piece, so that a page can show progress and the best so far.

use super::design::{Candidate, candidates};
use super::option::monthly;
use super::{Plan, Purse, Rejected, SingleChange, budget, contradiction, doubt, front, machine, option, step};
use crate::headline::times;
use crate::result::Warning;
use crate::solve::{checked, compiled, search};
use crate::spend::is_priced;
use crate::text::short;
use engine::cost;
use engine::model::{Goal, Kind, System};
use engine::plan::{Lever, Search, What, levers, widen};
use engine::solve::{Answer, Options, Solver};
use scenario::{Problem, Scenario};

/// A scenario with what may be changed in it.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub scenario: Scenario,
    pub system: System,
    pub solver: Solver,
    pub levers: Vec<Lever>,
    pub search: Search,
    pub rejected: Vec<Rejected>,
    /// Places in `slos` of what cannot be met by itself; found with the standing contradictions.
    pub unreachable: Vec<usize>,
}

impl Field {
    /// Lowers and compiles; `multiples` replace the scenario's own where any are given.
    pub fn new(scenario: &Scenario, multiples: &[f64]) -> Result<Self, Vec<Problem>> {
        let mut system = scenario::lower(scenario)?;
        if !multiples.is_empty() {
            system.multiples = checked(multiples)?;
        }
        let mut solver = compiled(&system)?;
        let top = system.multiples.iter().copied().fold(1.0, f64::max);
        let mut levers = levers(&system, top);
        let (machines, rejected) = machine::machines(scenario, &system);
        levers.extend(machines);
        widen(&mut solver, &system, &mut levers, top);
        let search = Search { points: 32, accuracy: 1e-3, with_cost: false, ..search(scenario, &system) };
        Ok(Self { scenario: scenario.clone(), system, solver, levers, search, rejected, unreachable: Vec::new() })
    }

    /// The answer as it stands.
    pub fn answer(&mut self, multiple: f64) -> Answer {
        self.solver.solve(&self.system, multiple, &Options::default()).clone()
    }

    /// A month as it stands.
    pub fn month(&mut self, multiple: f64) -> f64 {
        let answer = self.answer(multiple);
        cost::over_time(&mut self.solver, &self.system, &answer).monthly()
    }

    /// What the budget says to a system that lasts so far; `None` without a budget. The last multiple counts where nothing breaks.
    pub fn purse(&mut self, system: &System, headroom: Option<f64>) -> Option<Purse> {
        let limit = self.budget()?;
        let most = headroom.unwrap_or(self.search.to);
        let mut over = |multiple| monthly(&mut self.solver, system, multiple) > limit;
        Some(match (over(1.0), over(most)) {
            (true, _) => Purse::Over,
            (false, true) => Purse::OverLater,
            (false, false) => Purse::Holds,
        })
    }

    /// How far it goes as it stands, in words.
    pub fn reach(&mut self, headroom: Option<f64>) -> String {
        let purse = self.as_it_stands(headroom);
        reach(headroom, purse, self.search.to)
    }

    /// What the budget says to the system as it stands.
    pub fn as_it_stands(&mut self, headroom: Option<f64>) -> Option<Purse> {
        let system = self.system.clone();
        self.purse(&system, headroom)
    }

    /// The budget, where there is one (the least of several).
    pub fn budget(&self) -> Option<f64> {
        let limits = self.system.objectives.iter().filter_map(|objective| match objective.goal {
            Goal::MonthlyCost { at_most } => Some(at_most),
            _ => None,
        });
        limits.fold(None, |least: Option<f64>, limit| Some(least.map_or(limit, |l| l.min(limit))))
    }
}

/// What is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Steps(usize),
    Budget,
    Contradictions,
    Options(usize),
    Savings,
    Designs(usize),
    Choice,
    Front,
    Done,
}

/// A plan in progress.
#[derive(Debug, Clone)]
pub struct PlanJob {
    field: Field,
    candidates: Vec<Candidate>,
    round: option::Round,
    phase: Phase,
    done: usize,
    plan: Plan,
}

impl PlanJob {
    /// Prepares; `multiples` empty: the scenario's own.
    ///
    /// # Errors
    /// All problems of the scenario, or what the closed form does not model, with paths.
    pub fn new(scenario: &Scenario, multiples: &[f64]) -> Result<Self, Vec<Problem>> {
        let mut field = Field::new(scenario, multiples)?;
        let answer = field.answer(1.0);
        let (candidates, mut rejected) = candidates(&field, &answer);
        rejected.append(&mut field.rejected);
        rejected.extend(out_of_reach(&field.system));
        let priced = is_priced(scenario);
        let mut warnings = warnings(&field, priced);
        warnings.extend(boundless(&mut field));
        warnings.extend(contradiction::standing(&mut field));
        let plan = Plan { rejected, priced, warnings, method: METHOD.into(), ..Plan::default() };
        let round = option::Round::new(&mut field);
        Ok(Self { field, candidates, round, phase: Phase::Steps(0), done: 0, plan })
    }

    /// Whether the steps over growth are still being made.
    #[must_use]
    pub fn stepping(&self) -> bool {
        matches!(self.phase, Phase::Steps(_) | Phase::Budget)
    }

    /// Share done, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        if self.phase == Phase::Done {
            return 1.0;
        }
        let all =
            self.field.system.multiples.len() + self.candidates.len() + option::ROUNDS * self.field.levers.len() + 6;
        (self.done as f64 / all as f64).min(0.99)
    }

    /// The best so far.
    #[must_use]
    pub const fn result(&self) -> &Plan {
        &self.plan
    }

    /// Does the next piece of work; false when all is done.
    ///
    /// # Errors
    /// Problems of a drawn value.
    pub fn step(&mut self) -> Result<bool, Vec<Problem>> {
        self.done += 1;
        self.phase = match self.phase {
            Phase::Steps(at) => self.one_step(at),
            Phase::Budget => {
                budget::buys(&mut self.field, &mut self.plan.steps);
                Phase::Contradictions
            }
            Phase::Contradictions => {
                self.contradictions();
                Phase::Options(0)
            }
            Phase::Options(at) => self.one_option(at),
            Phase::Savings => {
                self.plan.savings = option::savings(&mut self.field);
                Phase::Designs(0)
            }
            Phase::Designs(at) => self.one_design(at),
            Phase::Choice => {
                if let Some(multiple) = self.telling() {
                    self.plan.choices = doubt::choices(&mut self.field, multiple)?;
                }
                Phase::Front
            }
            Phase::Front => {
                if let Some(multiple) = self.telling() {
                    self.plan.front = front::front(&mut self.field, multiple);
                }
                Phase::Done
            }
            Phase::Done => Phase::Done,
        };
        Ok(self.phase != Phase::Done)
    }

    fn one_step(&mut self, at: usize) -> Phase {
        let Some(&multiple) = self.field.system.multiples.get(at) else { return Phase::Budget };
        let mut made = step::step(&mut self.field, multiple, &self.candidates);
        made.added = step::added(self.plan.steps.last(), &made);
        self.plan.steps.push(made);
        if at + 1 < self.field.system.multiples.len() { Phase::Steps(at + 1) } else { Phase::Budget }
    }

    /// Why the first step that fails does: objectives against each other, or against the budget.
    fn contradictions(&mut self) {
        let over = |step: &super::Step| step.budget.is_some_and(|budget| budget.over > 0.0);
        let steps = &self.plan.steps;
        let missed = steps.iter().find(|step| !step.feasible && !over(step)).map(|step| step.multiple);
        let dear = steps.iter().find(|step| over(step)).map(|step| step.multiple);
        let missed = missed.and_then(|multiple| contradiction::together(&mut self.field, multiple));
        let dear = dear.and_then(|multiple| contradiction::with_budget(&mut self.field, multiple));
        self.plan.warnings.extend(missed.into_iter().chain(dear));
    }

    fn one_option(&mut self, at: usize) -> Phase {
        if at < self.field.levers.len() && self.round.open() {
            self.plan.options.extend(self.round.alone(&mut self.field, at));
            self.plan.rejected.append(&mut self.field.rejected);
            return Phase::Options(at + 1);
        }
        if self.round.next(&mut self.field, &mut self.plan.options) { Phase::Options(0) } else { Phase::Savings }
    }

    fn one_design(&mut self, at: usize) -> Phase {
        let Some(candidate) = self.candidates.get(at) else {
            let reach = |d: &super::Design| d.headroom.unwrap_or(f64::INFINITY);
            self.plan
                .designs
                .sort_by(|a, b| reach(b).total_cmp(&reach(a)).then(a.added_monthly.total_cmp(&b.added_monthly)));
            return Phase::Choice;
        };
        match option::design(&mut self.field, candidate, self.plan.steps.last()) {
            Ok(design) => self.plan.designs.push(design),
            Err(why) => self.plan.rejected.push(Rejected { what: candidate.what.clone(), why }),
        }
        Phase::Designs(at + 1)
    }

    /// The first multiple at which something changes, else the last.
    fn telling(&self) -> Option<f64> {
        let steps = &self.plan.steps;
        let first = steps.iter().find(|s| !s.changes.is_empty() && s.designs.is_empty());
        first.or(steps.last().filter(|s| s.feasible)).map(|s| s.multiple)
    }
}

/// How the plan was searched.
const METHOD: &str = "Branch and bound over all numbers at once, every set solved; a step is proved to be the cheapest unless it states a gap. The proof takes it that more of anything worsens a latency by at most a quarter, and holds no connection limit broken. Changes of the design are tried one at a time, in pairs where one is not enough.";

/// A model that no load comes into, or in which nothing has a limit, holds at any load, whatever the system does.
fn boundless(field: &mut Field) -> Option<Warning> {
    const NO_LOAD: (&str, &str) = (
        "no-load",
        "no load comes in, so every step holds, whatever the system does: say in `traffic` which requests or users there are, and how many",
    );
    const NO_LIMIT: (&str, &str) = (
        "no-limit",
        "nothing in the model has a limit, so every step holds, whatever the system does: measure at higher load, or say how many slots, cores or connections there are",
    );
    let top = field.system.multiples.iter().copied().fold(1.0, f64::max);
    let answer = field.answer(top);
    let idle = answer.classes.iter().all(|class| class.offered <= 0.0);
    let none = answer.bottleneck.is_none_or(|part| part.load == 0.0);
    let (code, text) = if idle { NO_LOAD } else { none.then_some(NO_LIMIT)? };
    Some(Warning { code: code.into(), path: String::new(), text: text.into() })
}

fn warnings(field: &Field, priced: bool) -> Vec<Warning> {
    let warning = |code: &str, text: String| Warning { code: code.into(), path: String::new(), text };
    if !priced {
        let text = "nothing has a price: the plan goes by headroom only and changes as little as it can; give prices to compare money";
        return vec![warning("no-prices", text.into())];
    }
    let unpriced: Vec<&str> = field
        .levers
        .iter()
        .filter(|lever| matches!(lever.what, What::Replicas | What::AutoscaleMost | What::Nodes | What::Shards))
        .map(|lever| &field.system.stations[lever.station])
        .filter(|station| station.price.per_replica_hour == 0.0)
        .map(|station| station.id.as_str())
        .collect();
    if unpriced.is_empty() {
        return Vec::new();
    }
    let text = format!("{} cost nothing by the replica here: more of them looks free", unpriced.join(", "));
    vec![warning("unpriced-replicas", text)]
}

/// Parts whose limits are not ours to raise.
fn out_of_reach(system: &System) -> Vec<Rejected> {
    let mut out = Vec::new();
    for station in &system.stations {
        let why = match &station.kind {
            Kind::External { rate_limit: Some(limit) } => {
                format!("its quota of {} calls/s is someone else's: ask for more, cache, or call less", short(*limit))
            }
            Kind::RateLimiter { limit, .. } => {
                format!(
                    "its limit of {} is a promise, not a capacity: raise it when what stands behind it carries more",
                    short(*limit)
                )
            }
            kind => match kind.transfer_mb_s() {
                Some(speed) => {
                    format!("its {} MB/s are the product's: choose a faster one in a copy and compare", short(speed))
                }
                None => continue,
            },
        };
        out.push(Rejected { what: format!("more of {}", station.id), why });
    }
    out
}

/// A headroom in words, which leaves out the budget, and what the budget says up to there; `most` is the last multiple.
pub(super) fn reach(headroom: Option<f64>, purse: Option<Purse>, most: f64) -> String {
    let over = matches!(purse, Some(Purse::Over | Purse::OverLater));
    let far = match headroom {
        Some(headroom) => format!("headroom {}{}", times(headroom), if over { " but for the budget" } else { "" }),
        None if over => format!("nothing but the budget breaks up to {}", times(most)),
        None => format!("nothing breaks up to {}", times(most)),
    };
    if purse == Some(Purse::Over) { format!("{far}, which is broken at today's load") } else { far }
}

/// Options of one round by their effect.
pub(super) fn sort(options: &mut [SingleChange]) {
    let reach = |s: &SingleChange| s.headroom.unwrap_or(f64::INFINITY);
    options.sort_by(|a, b| reach(b).total_cmp(&reach(a)).then(a.added_monthly.total_cmp(&b.added_monthly)));
}
