//! Who of those in line in front of servers is served next.

use super::{Call, ClassId, Kind, Mode, Place, Refusal, StationId, System};

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

impl Discipline {
    /// The order as it matters: first come first served where all who get there have one priority.
    #[must_use]
    pub fn among(self, mut priorities: impl Iterator<Item = u32>) -> Self {
        let first = priorities.next();
        if self != Self::Fifo && priorities.any(|priority| Some(priority) != first) { self } else { Self::Fifo }
    }
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

    /// The order of every station's line, as it matters.
    #[must_use]
    pub fn disciplines(&self) -> Vec<Discipline> {
        let given = self.stations.iter().map(|station| station.discipline);
        if given.clone().all(|order| order == Discipline::Fifo) {
            return given.collect();
        }
        let reached: Vec<Vec<bool>> = (0..self.classes.len()).map(|class| self.reached(class)).collect();
        let there = |id: StationId| self.classes.iter().zip(&reached).filter(move |(_, reached)| reached[id]);
        given.enumerate().map(|(id, order)| order.among(there(id).map(|(class, _)| class.priority))).collect()
    }

    /// The stations that requests of a class get to, waited for or not.
    pub(crate) fn reached(&self, class: ClassId) -> Vec<bool> {
        let mut reached = vec![false; self.stations.len()];
        let mut stack = vec![self.classes[class].entry];
        while let Some(id) = stack.pop() {
            let Some(station) = self.stations.get(id) else { continue };
            if core::mem::replace(&mut reached[id], true) {
                continue;
            }
            let mut calls: Vec<&Call> = station.calls.iter().collect();
            while let Some(call) = calls.pop() {
                if call.applies_to(class) {
                    stack.push(call.to);
                    calls.extend(&call.on_miss);
                }
            }
            if let Kind::Queue { dead_letter: Some(to), .. } = station.kind {
                stack.push(to);
            }
        }
        reached
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
