//! Bounds of each class's throughput and response from its demands: the straight lines behind a projection's curves.
//!
//! Demands are visits x own time at every part that a request of the class waits for, each class alone. A part of several servers counts
//! as one of the whole speed and a delay for the rest (Seidmann). Closed classes by [`crate::queueing::bounds`]; an open one passes at most
//! what its largest demand lets through and takes at least the sum of its demands. Waits for slots and pools are in no bound.
//! Sources: as there; Seidmann, Schweitzer, Shalev-Oren, Large Scale Systems 12 (1987).

use super::Solver;
use crate::{
    model::{Arrivals, Kind, System},
    queueing::bounds,
};

/// Bounds of one class; seconds and per second. What has no bound is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassBounds {
    /// Throughput is at least this (closed classes, balanced job).
    pub throughput_low: Option<f64>,
    /// Throughput is at most this.
    pub throughput_high: Option<f64>,
    /// Response time is at least this.
    pub response_low: f64,
    /// Response time is at most this (closed classes).
    pub response_high: Option<f64>,
    /// Throughput at most, however many users or requests; `None` when nothing limits it.
    pub capacity: Option<f64>,
    /// Users at which the asymptotes cross, N* (closed classes).
    pub saturation_population: Option<f64>,
}

impl Solver {
    /// Bounds of a class at the multiple of the last answer, with its hit ratios and replicas.
    pub fn class_bounds(&mut self, system: &System, class: usize) -> ClassBounds {
        let (demands, delay) = self.demands(system, class);
        let total = demands.iter().sum::<f64>() + delay;
        let factor = system.classes[class].load_factor(self.multiple);
        match system.classes[class].arrivals {
            Arrivals::Closed { users, think_time } => {
                let found = bounds::bounds(users * factor, think_time + delay, &demands);
                let finite = |value: f64| Some(value).filter(|value| value.is_finite());
                // Others may take all of a part, and a wait for slots or connections has no demand: what a class gets at least is only
                // known where it is alone and waits for servers only.
                let alone = self.is_alone(system, class);
                ClassBounds {
                    throughput_low: finite(found.throughput_low).filter(|_| alone),
                    throughput_high: finite(found.throughput_high),
                    response_low: if found.response_low.is_finite() { found.response_low + delay } else { total },
                    response_high: finite(found.response_high + delay).filter(|_| alone),
                    capacity: finite(found.capacity),
                    saturation_population: finite(found.saturation_population).filter(|&users| users > 0.0),
                }
            }
            Arrivals::Open { rate, .. } => {
                let largest = demands.iter().copied().fold(0.0, f64::max);
                let capacity = (largest > 0.0).then_some(1.0 / largest);
                let offered = rate * factor;
                ClassBounds {
                    throughput_high: Some(capacity.map_or(offered, |capacity| offered.min(capacity))),
                    response_low: total,
                    capacity,
                    ..ClassBounds::default()
                }
            }
        }
    }

    /// Whether a class has no other with load beside it, and no slots or pools over calls in the system.
    fn is_alone(&self, system: &System, class: usize) -> bool {
        let loads = |of: &crate::model::Class| match of.arrivals {
            Arrivals::Closed { users, .. } => users > 0.0,
            Arrivals::Open { rate, .. } => rate > 0.0,
        };
        let others = system.classes.iter().enumerate().any(|(other, of)| other != class && loads(of));
        let holds = |(id, station): (usize, &crate::model::Station)| {
            let calls = !self.structure.legs_of[id].is_empty();
            let slots = self.state.stations[id].servers.is_finite() && calls;
            slots || station.pools.iter().any(|pool| pool.size.is_some())
        };
        !others && !system.stations.iter().enumerate().any(holds)
    }

    /// Seconds of work per request at each queue, per unit of its speed, and the seconds of delay.
    fn demands(&self, system: &System, class: usize) -> (Vec<f64>, f64) {
        let classes = self.structure.classes;
        let mut demands = Vec::new();
        let mut visits = vec![0.0; self.structure.stations];
        let mut delay = self.path_visits(system, class, &mut visits, |_| false);
        for &id in &self.structure.order {
            let own = visits[id] * self.state.visits[id * classes + class].own.mean;
            let servers = self.speed_of(system, id);
            if servers.is_infinite() {
                delay += own;
            } else if own > 0.0 {
                demands.push(own / servers);
                delay += own * (1.0 - 1.0 / servers.max(1.0));
            }
        }
        (demands, delay)
    }

    /// Servers that do a station's own work, all replicas together.
    fn speed_of(&self, system: &System, id: usize) -> f64 {
        let state = &self.state.stations[id];
        match &system.stations[id].kind {
            Kind::Service { cpu_cores: Some(cores), .. } => cores * state.replicas,
            Kind::Queue { .. } | Kind::LoadBalancer { .. } => f64::INFINITY,
            _ => state.servers,
        }
    }
}
