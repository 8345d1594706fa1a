//! What an engine does not model yet: refused with its place, never ignored.

use super::{ClassId, StationId};

/// A part of the system that an engine cannot answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub place: Place,
    /// The scenario's key (`""` for the whole place).
    pub key: &'static str,
    /// Why, and what to do instead, in one sentence.
    pub why: &'static str,
}

/// A place in a system that the scenario format can translate to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A class.
    Class(ClassId),
    /// A station.
    Station(StationId),
    /// A call of a station: positions through `calls`, then through `on_miss`.
    Call(StationId, Vec<usize>),
    /// An objective, by its position in the scenario.
    Objective(usize),
    /// An event.
    Event(usize),
}
