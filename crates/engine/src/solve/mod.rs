//! The closed form: the steady state of a whole system at a growth multiple, in microseconds.
//!
//! A fixed point of two passes: `flow` carries visits from callers to callees, `times` carries waits and holds back. A system
//! without overload, failures or limits below a limit settles in the second sweep; others converge geometrically and say so
//! in [`Convergence`]. What each kind means and what is not modelled stands in `docs/model.md`; [`refusals()`] names the latter.

mod answer;
mod attempt;
mod bare;
mod bounds;
mod closed;
mod cores;
mod database;
mod flat;
mod flow;
mod groups;
mod holding;
mod legs;
mod levels;
mod limits;
mod metastable;
mod near;
mod nested;
mod nesting;
mod nodes;
mod ordered;
mod percentile;
mod populations;
mod prepare;
mod priority;
mod queue;
mod refusals;
mod report;
mod stale;
mod state;
mod stations;
mod structure;
mod times;
mod track;
mod waves;

pub use answer::*;
pub use bounds::ClassBounds;
pub use refusals::{COALESCE, refusals};

use crate::model::{Arrivals, Refusal, System};
use state::State;
use structure::Structure;

/// What to compute beside means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// End-to-end percentiles per class.
    pub percentiles: bool,
    /// Sweeps at most.
    pub iterations: u32,
    /// Relative change below which the fixed point is reached.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { percentiles: true, iterations: 500, tolerance: 1.0e-9 }
    }
}

/// A compiled system with its workspace. Solving allocates nothing once every percentile asked for was seen.
#[derive(Debug, Clone)]
pub struct Solver {
    structure: Structure,
    state: State,
    answer: Answer,
    /// Position of each station in the order of the sweep.
    rank: Vec<usize>,
    position_of_sweep: usize,
    /// Sweeps of the iteration at hand.
    sweeps: u32,
    /// Some class does not arrive like Poisson's.
    varied: bool,
    multiple: f64,
    /// Throughput of each closed class.
    closed_rates: Vec<f64>,
    /// Rates of the closed classes beside the first one's.
    mixed: Vec<f64>,
    /// Users of each closed class at this multiple; 0 for open ones.
    users_now: Vec<f64>,
    /// Memory of a closed network of queues and delays.
    flat: flat::Flat,
    /// Memory of a tree of closed networks.
    nested: nesting::Nested,
    /// A first sweep in which nothing failed, filled up or was held back is final.
    feeds_forward: bool,
    /// What the next sweep may leave out.
    stale: stale::Stale,
    /// Pool x class: calls through it per visit.
    pool_calls: Vec<f64>,
    /// Another state beside the one at hand, where calls retry.
    other: Option<Box<State>>,
    /// Keys of the caches that know theirs, by station.
    caches: Vec<crate::queueing::cache::Profile>,
    /// Lines by priority.
    lines: priority::Space,
    /// Branches of the parallel group at hand.
    branches: Vec<(crate::stats::Moments, f64)>,
    /// The same whether they succeed or not.
    held_branches: Vec<(crate::stats::Moments, f64)>,
    /// Percentiles asked for by class.
    asked: Vec<Vec<(f64, f64)>>,
    /// Mean and percentiles of a near answer by class; empty where there is none.
    near: Vec<(f64, Vec<f64>)>,
    /// Memory of the percentile search, once it was used.
    percentiles: Option<Box<percentile::Workspace>>,
    /// Visits per request, while a waterfall is drawn.
    weights: Vec<f64>,
}

impl Solver {
    /// Compiles a system.
    ///
    /// # Errors
    /// Every part that the closed form does not model (see [`refusals()`]), and what makes a system unsolvable, with places.
    pub fn new(system: &System) -> Result<Self, Vec<Refusal>> {
        let structure = Structure::new(system)?;
        let refused = refusals(system);
        if !refused.is_empty() {
            return Err(refused);
        }
        let state = State::new(system, &structure);
        let mut rank = vec![0; structure.stations];
        for (position, &station) in structure.order.iter().enumerate() {
            rank[station] = position;
        }
        let answer = report::blank(system);
        let asked = answer.classes.iter().map(|c| c.percentiles.clone()).collect();
        let closed_rates = vec![0.0; structure.classes];
        let weights = vec![0.0; structure.stations];
        let (branches, held_branches) =
            (Vec::with_capacity(structure.legs.len()), Vec::with_capacity(structure.legs.len()));
        let pool_calls = vec![0.0; state.pools.len() * structure.classes];
        let caches = vec![crate::queueing::cache::Profile::default(); structure.stations];
        let retries = (0..structure.legs.len()).any(|leg| structure.call(system, leg).retry.is_some());
        let other = retries.then(|| Box::new(state.clone()));
        Ok(Self {
            other,
            caches,
            stale: stale::Stale::new(structure.stations, structure.classes, state.pools.len()),
            pool_calls,
            mixed: vec![0.0; structure.classes],
            users_now: Vec::with_capacity(structure.classes),
            flat: flat::Flat::default(),
            nested: nesting::Nested::default(),
            feeds_forward: feeds_forward(system, &structure, &rank),
            branches,
            held_branches,
            lines: priority::Space::default(),
            weights,
            asked,
            near: Vec::new(),
            percentiles: None,
            structure,
            state,
            answer,
            rank,
            position_of_sweep: 0,
            varied: false,
            sweeps: 0,
            multiple: 1.0,
            closed_rates,
        })
    }

    /// Solves the system at a growth multiple. `system` must have the structure this was compiled from (stations, calls, classes,
    /// pools); its numbers may differ.
    pub fn solve(&mut self, system: &System, multiple: f64, options: &Options) -> &Answer {
        self.multiple = multiple;
        self.varied =
            system.classes.iter().any(|class| matches!(class.arrivals, Arrivals::Open { cv, .. } if cv != 1.0));
        self.prepare(system);
        let closed = system.classes.iter().any(|class| matches!(class.arrivals, Arrivals::Closed { .. }));
        let mut convergence = if closed { self.solve_closed(system, options) } else { self.iterate(system, options) };
        if let Some(moved) = self.flat.lines.unsettled().filter(|_| closed) {
            (convergence.converged, convergence.residual) = (false, moved.max(convergence.residual));
        }
        self.answer.metastable = convergence.converged && !closed && self.collapses(system, options);
        self.answer.multiple = multiple;
        self.answer.convergence = convergence;
        self.report(system, options);
        &self.answer
    }

    /// Sweeps until nothing moves.
    fn iterate(&mut self, system: &System, options: &Options) -> Convergence {
        let mut convergence = Convergence::default();
        self.stale.all();
        let calm = self.feeds_forward && !self.varied && self.state.is_untouched();
        while convergence.iterations < options.iterations.max(2) {
            self.state.residual = 0.0;
            self.sweeps = convergence.iterations;
            self.flow(system);
            self.times(system);
            convergence.iterations += 1;
            convergence.residual = self.state.residual;
            if calm && convergence.iterations == 1 && self.state.is_untouched() {
                // Another sweep would repeat this one bit by bit.
                convergence.residual = 0.0;
                self.state.residual = 0.0;
            }
            if self.state.residual <= options.tolerance {
                convergence.converged = true;
                break;
            }
        }
        convergence
    }

    /// The last answer.
    #[must_use]
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }
}

/// Whether times never change flows while nothing fails, fills up or is held back: no call points back, no policy of a call depends on
/// its time, and no station adapts to its load.
fn feeds_forward(system: &System, structure: &Structure, rank: &[usize]) -> bool {
    use crate::model::{HitRatio, Kind};
    let legs = structure.legs.iter().enumerate().all(|(leg, at)| {
        let call = structure.call(system, leg);
        rank[at.callee] > rank[at.caller]
            && call.timeout.is_none()
            && call.retry.is_none()
            && call.breaker.is_none()
            && call.max_in_flight.is_none()
    });
    legs && system.stations.iter().all(|station| {
        let adapts = match &station.kind {
            Kind::Function { .. } | Kind::Cache { hits: HitRatio::Keys(_), .. } => true,
            Kind::Queue { dead_letter, .. } => dead_letter.is_some(),
            _ => false,
        };
        !adapts && station.autoscale.is_none()
    })
}
