//! Who of those in line in front of servers is served next.

use super::{ClassId, Kind, Mode, Place, Refusal, StationId, System};

/// The order of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// The highest [`super::Class::priority`] first, first come first served among equals; whoever is in service stays.
    Priority,
    /// The same, and an arrival takes the server of somebody of lower priority, who goes on later where it stopped.
    Preemptive,
}

impl System {
    /// The level of a class: how many different priorities are above its own.
    #[must_use]
    pub fn level(&self, class: ClassId) -> usize {
        let own = self.classes[class].priority;
        let first = |at: usize, priority: u32| !self.classes[..at].iter().any(|earlier| earlier.priority == priority);
        let others = self.classes.iter().enumerate();
        others.filter(|(at, other)| other.priority > own && first(*at, other.priority)).count()
    }

    /// The order of a station's line, first come first served where no two classes differ.
    #[must_use]
    pub fn discipline(&self, station: StationId) -> Discipline {
        let given = self.stations[station].discipline;
        let differ = || self.classes.windows(2).any(|pair| pair[0].priority != pair[1].priority);
        if given != Discipline::Fifo && differ() { given } else { Discipline::Fifo }
    }
}

/// What of the orders neither engine plays: shared processors and contention have no line, and a server that is held over calls,
/// or by a message's handling, cannot be taken away.
pub(crate) fn refusals(system: &System) -> Vec<Refusal> {
    let why = |id: StationId| {
        let station = &system.stations[id];
        let waits = station.calls.iter().any(|call| call.mode != Mode::Async);
        let preemptive = station.discipline == Discipline::Preemptive;
        match &station.kind {
            Kind::Service { cpu_cores: Some(_), .. } => Some(
                "on shared cores nobody is first: all in a slot progress at once; leave out cpu_cores, or give fifo",
            ),
            Kind::Database(node) if node.usl.is_some() => {
                Some("under contention all queries progress at once; leave out usl, or give fifo")
            }
            Kind::Service { .. } if preemptive && waits => {
                Some("a slot that is held over a call cannot be taken away; give priority, or make its calls async")
            }
            Kind::Queue { .. } if preemptive => {
                Some("a consumer holds its message until its calls answer; give priority")
            }
            Kind::Service { .. } | Kind::Cache { .. } | Kind::Database(_) | Kind::Queue { .. } => None,
            _ => Some("nobody waits in line here; leave it out"),
        }
    };
    (0..system.stations.len())
        .filter(|&id| system.stations[id].discipline != Discipline::Fifo)
        .filter_map(|id| Some(Refusal { place: Place::Station(id), key: "discipline", why: why(id)? }))
        .collect()
}
