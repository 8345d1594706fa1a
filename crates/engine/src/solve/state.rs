//! The numbers of one solve, in flat arrays that live as long as the solver: a sweep allocates nothing.

use super::{structure::Structure, track::Track};
use crate::{
    model::{Discipline, System},
    queueing::mgc::Wait,
    stats::Moments,
};

/// The fullest part at or below a place: what a limited caller feels of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pressure {
    /// Load over capacity, of what passes.
    pub load: f64,
    /// Probability of waiting there, were its callers unlimited.
    pub wait_probability: f64,
    /// Its servers.
    pub servers: f64,
    /// Visits a second there, whoever makes them.
    pub rate: f64,
    /// Visits there for each visit here.
    pub visits: f64,
    /// Squared coefficient of variation of one visit's time at its servers.
    pub scv: f64,
    /// Whether its visits share the servers rather than take turns.
    pub shared: bool,
    /// The station called on the way there.
    pub through: usize,
}

impl Default for Pressure {
    fn default() -> Self {
        Self {
            load: 0.0,
            wait_probability: 0.0,
            servers: 0.0,
            rate: 0.0,
            visits: 1.0,
            scv: 1.0,
            shared: false,
            through: 0,
        }
    }
}

impl Pressure {
    /// As who calls `through` feels it.
    pub fn through(self, through: usize) -> Self {
        Self { through, ..self }
    }

    /// The fuller of two; of two equally full ones this, which stands deeper: the other is full of waiting for it.
    pub fn or(self, other: Self) -> Self {
        if other.load > self.load * (1.0 + 1.0e-9) { other } else { self }
    }
}

/// Visits on their way, over long times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream {
    /// Variation of their number: of the gaps, before the streams of which they are made even each other out.
    pub scv: f64,
    /// How many equal streams they are like.
    pub streams: f64,
    /// Variance of the delays that they went through, in seconds².
    pub blur: f64,
}

impl Default for Stream {
    /// Poisson.
    fn default() -> Self {
        Self { scv: 1.0, streams: 1.0, blur: 0.0 }
    }
}

/// What is known of one station while solving.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StationState {
    /// Replicas or nodes.
    pub replicas: f64,
    /// Servers at which visits queue; infinite when unlimited.
    pub servers: f64,
    /// Requests that can be here at once, by the limits of the callers.
    pub bound: f64,
    /// The same with the requests whose callers have given up.
    pub most: f64,
    /// Every caller waits and is itself limited: overload here shows as their queue.
    pub shielded: bool,
    /// Wait in front of the servers.
    pub wait: Wait,
    /// Whether the wait is bounded.
    pub stable: bool,
    /// Share of the admitted visits that pass.
    pub passing: f64,
    /// Own work over capacity.
    pub work_load: Option<f64>,
    /// Slots held over slots.
    pub slot_load: Option<f64>,
    /// Busiest resource.
    pub busiest: Option<(super::Resource, f64)>,
    /// The fullest part here or below.
    pub pressure: Pressure,
    /// Busy share as a closed network found it; then the waits are the visits' own.
    pub found: Option<f64>,
    /// Variation of that wait.
    pub found_scv: f64,
    /// Factor on the own time on shared cores inside slots, as a closed network found it, and how much the number there varies
    /// (as in [`crate::queueing::ps::stay_among`]).
    pub found_stretch: Option<(f64, f64)>,
    /// Pressure of its own, for kinds that find it apart.
    pub own_pressure: Pressure,
    /// Share that passes when only some replicas are saturated.
    pub passing_share: f64,
    /// Share of misses that fetch.
    pub leads: f64,
    /// Each replica has a queue of its own.
    pub split: bool,
    /// Own time passes as its own distribution says: no sharing, no additions.
    pub own_is_plain: bool,
    /// Order of the line.
    pub discipline: Discipline,
    /// Squared coefficient of variation of the gaps between arrivals.
    pub arrival_scv: f64,
    /// What they are made of.
    pub stream: Stream,
    /// The wait, where it must be sought.
    pub track: Track,
    /// The share that passes, likewise.
    pub share: Track,
}

/// One station and class.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct VisitState {
    /// Visits offered per second, accumulating in this sweep.
    pub arriving: f64,
    /// Visits from calls that point back, accumulating for the next sweep.
    pub carried: f64,
    /// What the last sweep carried into this one.
    pub brought: f64,
    /// Visits offered per second.
    pub offered: f64,
    /// Visits served per second.
    pub served: f64,
    /// Writes among the offered, accumulating in this sweep.
    pub writes: f64,
    /// The same in the last sweep.
    pub wrote: f64,
    /// Own time.
    pub own: Moments,
    /// Own time as it passes: stretched by sharing.
    pub own_stay: Moments,
    /// Wait and own time.
    pub residence: Moments,
    /// Calls below, over successful visits.
    pub below: Moments,
    /// All of it.
    pub hold: Moments,
    /// Mean own time and calls without any waiting, of all admitted visits.
    pub bare: f64,
    /// The variance of that.
    pub bare_variance: f64,
    /// Mean time a slot is held, failed visits included.
    pub held: f64,
    /// Mean wait as a closed network found it.
    pub found: Option<f64>,
    /// Probability of that wait and how much it varies, where classes wait differently; 0 elsewhere.
    pub found_law: (f64, f64),
    /// Wait of this class, where classes wait differently.
    pub wait: Option<Wait>,
    /// Something added to the own time: probability and seconds.
    pub extra: (f64, f64),
    /// Deliveries per visit of a queue: of what is published, as often as it is delivered.
    pub deliveries: f64,
    /// Messages given up per visit of a queue.
    pub dead: f64,
    /// Time a consumer of a queue holds a message.
    pub handling: Moments,
    /// Share admitted.
    pub admitted: f64,
    /// Share of the admitted that passes a line by priority; 1 elsewhere.
    pub kept: f64,
    /// That line has no end for this class.
    pub grows: bool,
    /// Share of admitted visits that succeed.
    pub success: f64,
    /// Share of the visits that gets through every saturated part here and below.
    pub through: f64,
    /// Share of hits.
    pub hits: f64,
    /// Mean time of what follows a miss, where the station makes those calls.
    pub fetch: f64,
    /// How long those who miss wait for it, as a share: less where they find another's on its way.
    pub shared: f64,
}

impl VisitState {
    /// The calls of an admitted visit, answered or not.
    pub fn calls_held(&self) -> Moments {
        if self.success >= 1.0 { self.below } else { Moments::mixed(self.success, self.below, self.undone()) }
    }

    /// The calls of a visit that fails, up to the one that failed: their mean follows from that of all, the shape is that of the
    /// answered ones.
    fn undone(&self) -> Moments {
        let mean = (self.held - self.success * self.below.mean) / (1.0 - self.success);
        self.below.with_mean(mean.max(0.0))
    }

    /// How long an admitted visit holds its slot, answered or not.
    pub fn slot_held(&self) -> Moments {
        self.own_stay.then(self.calls_held())
    }

    /// What a caller spends on a visit that it gets no answer from: nothing where it is refused, else wait, own time and the calls
    /// up to the one that failed.
    pub fn failed(&self) -> Moments {
        let (refused, failing) = (1.0 - self.admitted, self.admitted * (1.0 - self.success));
        if failing <= 0.0 {
            return Moments::ZERO;
        }
        self.residence.then(self.undone()).with_probability(failing / (refused + failing))
    }

    /// What a caller spends on a visit, answered, failed or refused.
    pub fn spent(&self) -> Moments {
        self.residence.then(self.calls_held()).with_probability(self.admitted)
    }
}

/// One leg and class.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CallState {
    /// Calls per second, each with all its attempts, refused or not.
    pub calls: f64,
    /// Attempts per second that are sent.
    pub rate: f64,
    /// Attempts per call.
    pub attempts: f64,
    /// Attempts per call, refused ones included.
    pub tried: f64,
    /// A successful call with all its attempts.
    pub time: Moments,
    /// Mean time of a call whether it succeeds or not.
    pub mean_of_all: f64,
    /// Mean pauses between its attempts.
    pub pauses: f64,
    /// Mean time of what follows a miss of its callee.
    pub fetch: f64,
    /// How long those who miss wait for it, as a share: less where they find another's on its way.
    pub shared: f64,
    /// Slowest of the parallel group this leads.
    pub joined: Moments,
    /// Share of answers that come after the timeout.
    pub late: f64,
    /// Share of attempts that fail.
    pub failure: f64,
    /// The same of those that no limit or breaker refuses.
    pub lost: f64,
    /// Mean time that one of those is in flight.
    pub flight: f64,
    /// Share of failures retried.
    pub retried: f64,
    /// A successful attempt.
    pub good: Moments,
    /// A failed attempt.
    pub bad: Moments,
    /// Share of calls that succeed.
    pub success: f64,
    /// Share that gets through every saturated part.
    pub through: f64,
}

/// One pool.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PoolState {
    /// Wait for a connection.
    pub wait: Wait,
    /// Wait as a closed network found it.
    pub found: Option<Wait>,
    /// Connections held over connections.
    pub load: f64,
    /// Offered load over capacity that the pool answers for.
    pub blame: f64,
    /// The fullest part here or below.
    pub pressure: Pressure,
    /// The wait, where it must be sought.
    pub track: Track,
    /// The share that passes, likewise.
    pub share: Track,
    /// Share of acquisitions that pass.
    pub passing: f64,
    /// Whether the wait is bounded.
    pub stable: bool,
}

/// All of it.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub stations: Vec<StationState>,
    /// Station x class.
    pub visits: Vec<VisitState>,
    /// Leg x class.
    pub calls: Vec<CallState>,
    pub pools: Vec<PoolState>,
    /// First pool of each station, and the number of all.
    pub pools_of: Vec<usize>,
    /// Largest relative change of the sweep at hand.
    pub residual: f64,
}

impl State {
    pub fn new(system: &System, structure: &Structure) -> Self {
        let mut pools_of = Vec::with_capacity(structure.stations + 1);
        let mut pools = 0;
        for station in &system.stations {
            pools_of.push(pools);
            pools += station.pools.len();
        }
        pools_of.push(pools);
        Self {
            stations: vec![StationState::default(); structure.stations],
            visits: vec![VisitState::default(); structure.stations * structure.classes],
            calls: vec![CallState::default(); structure.legs.len() * structure.classes],
            pools: vec![PoolState::default(); pools],
            pools_of,
            residual: 0.0,
        }
    }

    /// Whether everything passed at once in this sweep: nothing failed, was refused, repeated or held back.
    pub fn is_untouched(&self) -> bool {
        let visits = |visit: &VisitState| {
            visit.admitted == 1.0
                && visit.kept == 1.0
                && visit.success == 1.0
                && visit.through == 1.0
                && visit.deliveries == 1.0
        };
        let stations = |station: &StationState| station.passing == 1.0 && station.found.is_none();
        let calls = |call: &CallState| call.success == 1.0 && call.through == 1.0 && call.attempts == 1.0;
        self.visits.iter().all(visits)
            && self.stations.iter().all(stations)
            && self.pools.iter().all(|pool| pool.passing == 1.0 && pool.found.is_none())
            && self.calls.iter().all(calls)
    }

    /// Drops what closed networks found.
    pub fn unfind(&mut self) {
        self.stations.iter_mut().for_each(|station| station.found = None);
        self.visits.iter_mut().for_each(|visit| (visit.found, visit.found_law) = (None, (0.0, 0.0)));
        self.pools.iter_mut().for_each(|pool| pool.found = None);
    }

    /// Notes how far a figure moved, relative to its size.
    pub fn moved(&mut self, from: f64, to: f64) {
        let (size, moved) = (from.abs().max(to.abs()), (to - from).abs());
        // Divided only where it counts.
        if moved > self.residual * size {
            self.residual = moved / size;
        }
    }
}
