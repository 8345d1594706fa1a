//! What a system compiles to: per station and class a plan (own time, then a flat list of operations), per call a site.

use super::sampler::{Points, Sampler};
use crate::model::{Breaker, Retry};

/// The slot is held until the last operation.
pub(crate) const HOLDS: u16 = 1;
/// No operations after the own time.
pub(crate) const LEAF: u16 = 1 << 1;
/// Decides hit or miss after its own time.
pub(crate) const LOOKS_UP: u16 = 1 << 2;
/// Hands a message to its consumers after its own time.
pub(crate) const BROKER: u16 = 1 << 3;
/// May refuse at arrival (limiter, quota, request units, function).
pub(crate) const ADMITS: u16 = 1 << 4;
/// Own time passes on a shared processor.
pub(crate) const SHARES: u16 = 1 << 5;
/// Some visits fail after their own time.
pub(crate) const FAILS: u16 = 1 << 6;
/// Handles a message: own time zero, the slot is a consumer.
pub(crate) const CONSUMES: u16 = 1 << 7;
/// A side branch: no own time, no slot.
pub(crate) const SIDE: u16 = 1 << 8;
/// Own times are stretched while the station is slowed down.
pub(crate) const PACED: u16 = 1 << 9;

/// Runs on warm or cold instances.
pub(crate) const INSTANCE: u16 = 1 << 10;
/// The visit is present longer than in its slot: its presence is counted apart.
pub(crate) const LINGERS: u16 = 1 << 11;

/// The station holds its slots for own time only: work need not be counted apart.
pub(crate) const BARE: u16 = 1 << 12;

/// A followed request's visit: every step of it is noted.
pub(crate) const TRACED: u16 = 1 << 13;

/// No own time and nothing to decide: a visit that holds its slot goes on with its operations at once.
pub(crate) const INSTANT: u16 = 1 << 14;

/// Its slot may be taken by a visit of higher priority.
pub(crate) const YIELDS: u16 = 1 << 15;

/// What a class does at a station.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Own time.
    pub own: Sampler,
    /// First operation.
    pub first: u32,
    /// Flags, see the constants.
    pub flags: u16,
    /// Station.
    pub station: u16,
    /// Class.
    pub class: u16,
    /// Share of visits that fail after their own time.
    pub failure_ratio: f64,
    /// Seconds that the bytes of a visit take at storage, beside the own time.
    pub transfer: f64,
    /// Share of hits (caches with a given ratio, CDNs).
    pub hit_ratio: f64,
    /// Share of writes (databases).
    pub write_ratio: f64,
}

/// Whether a branch is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Always.
    Always,
    /// Own look-up hit.
    Hit,
    /// Own look-up missed.
    Miss,
}

/// One step of a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation {
    /// Be a guest at a leaf station: the caller's own record waits and is served there.
    Guest {
        /// Plan at the station.
        plan: u32,
        /// Its group.
        group: u32,
    },
    /// Call a site and wait for it.
    Call(u32),
    /// Go on with this probability, else jump.
    Maybe(f64, u32),
    /// Jump unless the condition holds.
    Unless(Condition, u32),
    /// Jump unless the last child missed; else begin a fetch of that cache.
    UnlessChildMissed {
        /// The cache.
        station: u16,
        /// Where to go on a hit.
        target: u32,
    },
    /// The fetch after a miss is done: store it.
    Fetched,
    /// Start these branches at once and wait for all: first and number.
    Fork(u32, u32),
    /// Start a branch and do not wait.
    Spawn(u32),
    /// One of these branches by cumulative share: first and number.
    Choose(u32, u32),
    /// Done.
    Return,
}

/// What a branch starts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// A call.
    Site(u32),
    /// A side branch of the caller with a plan of its own.
    Side(u32),
}

/// A branch of a fork, a spawn or a choice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Branch {
    /// What it starts.
    pub target: Target,
    /// Probability, or cumulative share of a choice.
    pub probability: f64,
    /// When.
    pub condition: Condition,
}

/// How a group of the callee is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Route {
    /// There is only one.
    Pooled,
    /// In turn.
    RoundRobin,
    /// At random.
    Random,
    /// The least loaded.
    Least,
    /// The less loaded of two at random.
    PowerOfTwo,
    /// The first with this share, the rest evenly.
    Skewed(f64),
    /// By cumulative weights in the program's table.
    Weighted(u32, u32),
    /// A database's node by shard and kind of query.
    Node,
}

/// A call as one class makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    /// Plan at the callee.
    pub plan: u32,
    /// Callee.
    pub station: u16,
    /// Whether it is more than a plain call: position in the policies, or `u32::MAX`.
    pub policy: u32,
    /// Network time in seconds, transfer included.
    pub network: f64,
    /// Choice of the callee's group.
    pub route: Route,
    /// The callee's first group: the only one of a pooled callee.
    pub group: u32,
    /// Probability that the call writes (databases).
    pub write_ratio: f64,
    /// Position among all calls, shared by the classes.
    pub call: u32,
    /// Kilobytes moved, counted where bytes have a price.
    pub kilobytes: f64,
}

/// What the model says of a call that needs state while it is in flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// Position of the pool in the calling station's pools.
    pub pool: Option<u32>,
    /// Seconds.
    pub timeout: Option<f64>,
    /// Repetition.
    pub retry: Option<Retry>,
    /// Breaker.
    pub breaker: Option<Breaker>,
    /// Bulkhead per caller replica.
    pub max_in_flight: Option<u32>,
    /// Caller.
    pub caller: u16,
    /// First breaker and bulkhead state of the callers' replicas.
    pub base: u32,
    /// Their number.
    pub guards: u32,
}

/// Flags of plans whose visits are nothing but a wait and an own time.
pub(crate) const GUEST_FLAGS: u16 = HOLDS | LEAF | BARE;

/// A compiled system.
#[derive(Debug, Default)]
pub(crate) struct Program {
    /// Plans.
    pub plans: Vec<Plan>,
    /// Operations of all plans.
    pub operations: Vec<Operation>,
    /// Call sites.
    pub sites: Vec<Site>,
    /// Branches of forks, spawns and choices.
    pub branches: Vec<Branch>,
    /// Policies of calls.
    pub policies: Vec<Policy>,
    /// Points of empirical distributions.
    pub points: Points,
    /// Cumulative weights of balancers.
    pub weights: Vec<f64>,
    /// Plan of each class at its entry, and how its group is chosen there.
    pub entries: Vec<Site>,
    /// The same for requests that are followed; empty when none are.
    pub traced_entries: Vec<Site>,
    /// By plan: of a broker, the consumer's plan; of a consumer, the site of the dead letters (`u32::MAX` for none).
    pub consumers: Vec<(u32, u32)>,
    /// Calls, for cursors of balancers.
    pub calls: usize,
}
