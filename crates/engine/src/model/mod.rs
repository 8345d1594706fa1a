//! What is solved: a [`System`] of components ([`Station`]) that call each other, loaded by traffic classes ([`Class`]).
//!
//! The scenario format lowers into this; the closed form and the simulator both read it and nothing else, so that the two
//! can judge each other. Identifiers are indices: a station is a position in [`System::stations`], a class in [`System::classes`].
//! Times are seconds, rates per second. `None` for a limit means unlimited.

mod call;
pub(crate) mod discipline;
mod distribution;
mod kind;
mod objective;
mod policy;
mod price;
mod refusal;
mod workload;

pub use call::{Breaker, Call, Mode, Retry, When};
pub use discipline::Discipline;
pub use distribution::Distribution;
pub use kind::{
    Balance, CacheKeys, DatabaseNode, Eviction, HitRatio, Kind, LimiterScope, LimiterWindow, RequestUnits, Usl,
};
pub use objective::{Goal, Objective};
pub use policy::{Autoscale, AutoscaleMetric, Event, EventKind};
pub use price::{FixedCost, Price, Purchase, Tier};
pub use refusal::{Place, Refusal};
pub use workload::{Arrivals, Class, Profile};

/// Position of a station in [`System::stations`].
pub type StationId = usize;
/// Position of a class in [`System::classes`].
pub type ClassId = usize;

/// A whole system at growth multiple 1.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Traffic classes, in the scenario's order.
    pub classes: Vec<Class>,
    /// Components, in the scenario's order.
    pub stations: Vec<Station>,
    /// Service level objectives, in the scenario's order.
    pub objectives: Vec<Objective>,
    /// Growth multiples to report, ascending.
    pub multiples: Vec<f64>,
    /// Growth of the business per month, as a ratio (0.08 is 8 %); `None` when unknown.
    pub growth_per_month: Option<f64>,
    /// Costs that belong to no component.
    pub fixed_costs: Vec<FixedCost>,
    /// Names of the zones that stations and events refer to.
    pub zones: Vec<String>,
    /// Timed disturbances; only the simulator plays them.
    pub events: Vec<Event>,
}

/// One component: its replicas, its own work, and the calls it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// The scenario's id.
    pub id: String,
    /// What it is, with the parameters of its kind.
    pub kind: Kind,
    /// Replicas of the deployment (1 or more). Databases count nodes in their kind instead and have 1 here.
    pub replicas: u32,
    /// Own time of one visit per class, in seconds, without any waiting; one entry per class of the system.
    pub service: Vec<Distribution>,
    /// Calls in list order.
    pub calls: Vec<Call>,
    /// Connection pools held by each replica of this station.
    pub pools: Vec<Pool>,
    /// Order of the line in front of its servers (a queue's messages in front of its consumers).
    pub discipline: Discipline,
    /// Replica scaling; `None` keeps [`Station::replicas`].
    pub autoscale: Option<Autoscale>,
    /// Share of visits that fail, decided after the full service.
    pub failure_ratio: f64,
    /// Position in [`System::zones`].
    pub zone: Option<usize>,
    /// What it costs.
    pub price: Price,
}

/// A pool of connections held by each replica of the calling station.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// The scenario's name of the pool.
    pub id: String,
    /// Connections per replica (1 or more); `None` is unlimited.
    pub size: Option<u32>,
}

impl System {
    /// Position of the station with this id.
    #[must_use]
    pub fn station(&self, id: &str) -> Option<StationId> {
        self.stations.iter().position(|s| s.id == id)
    }

    /// Position of the class with this id.
    #[must_use]
    pub fn class(&self, id: &str) -> Option<ClassId> {
        self.classes.iter().position(|c| c.id == id)
    }
}
