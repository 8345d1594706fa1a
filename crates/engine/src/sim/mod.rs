//! The discrete-event simulator: the same [`System`](crate::model::System) as the closed form, event by event.
//!
//! A system compiles into flat plans (`program`, `compile`); requests are 48-byte visits in a slab (`visit`) that move through
//! server groups (`group`, `cores`) and calls with policies (`call`, `pool`); pending events stand in a 4-ary heap
//! (`calendar`). [`Simulation::step`] plays a number of events and returns, so that a worker can report and be cancelled.
//! Once every buffer has grown to the system's needs nothing is allocated per event.
//!
//! The clock starts in an empty system; the measured part begins after the warm-up. Profiles and timed events count from
//! there; before it the profile's first value holds.
//!
//! Replications are independent streams of random numbers; [`summarize`] gives means with 95 % intervals.

mod advance;
mod arrivals;
mod autoscaler;
mod baseline;
mod cache;
mod calendar;
mod call;
mod casualty;
mod compile;
mod compile_calls;
mod cores;
mod decide;
mod disturbance;
mod fleet;
mod flow;
mod function;
mod group;
pub mod histogram;
mod intensity;
mod key_cache;
mod keys;
mod lanes;
mod layout;
mod limiter;
mod measure;
mod node;
mod pool;
mod prepare;
mod priority;
mod program;
mod queue;
mod refusal;
mod report;
mod rng;
mod runner;
mod sampler;
mod serve;
pub mod statistics;
mod tally;
mod trace;
mod verdict;
mod visit;
pub mod warmup;

pub use refusal::refusals;
pub use report::{
    Estimates, Figures, LEAST_REPLICATIONS, Measure, ReplicationReport, StationReport, StoppedBy, Summary, Timeline,
    needed, relative_half_width, summarize,
};
pub use runner::Simulation;
pub use statistics::Estimate;
pub use trace::{SlowRequest, Span, Spent};
pub use verdict::{Verdict, rises, trigger, verdict};
pub use warmup::filled;

/// How the start-up transient is removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Warmup {
    /// Found by MSER-5 on the number of requests present; at least until the windows of limiters are full, where ten times
    /// the measured time is enough for that.
    Auto,
    /// These seconds are dropped.
    Seconds(f64),
}

/// How to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Growth multiple of the load.
    pub multiple: f64,
    /// Simulated seconds that are measured, after the warm-up.
    pub seconds: f64,
    /// The warm-up.
    pub warmup: Warmup,
    /// Independent replications (the most, when a half-width is asked for).
    pub replications: u32,
    /// Stop when the 95 % half-width of every class's mean and 95th percentile is at most this share of it.
    pub half_width: Option<f64>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Events per replication at most.
    pub max_events: u64,
    /// Requests and messages alive at once at most; a scenario that explodes ends there.
    pub max_in_flight: usize,
    /// Points of the time series.
    pub timeline_points: u32,
    /// Whether requests are sampled and the slowest of them kept with all their hops.
    pub slow_requests: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            multiple: 1.0,
            seconds: 600.0,
            warmup: Warmup::Auto,
            replications: 5,
            half_width: None,
            seed: 1,
            max_events: 2_000_000_000,
            max_in_flight: 4_000_000,
            timeline_points: 120,
            slow_requests: false,
        }
    }
}

/// Whether there is more to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// More to play.
    Running,
    /// The replication is over.
    Done,
}
