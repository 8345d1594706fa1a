//! Lifting a limit, to see what breaks after it.

use crate::{
    model::{Kind, Station, System},
    solve::Resource,
};

/// Makes a resource of a station unlimited.
pub(super) fn lift(system: &mut System, station: usize, resource: Resource) {
    let called: Vec<usize> = system.stations[station].calls.iter().map(|call| call.to).collect();
    let work = &mut system.stations[station];
    at_its_most(work);
    match resource {
        Resource::Pool(pool) => work.pools[pool].size = None,
        Resource::Slots => match &mut work.kind {
            Kind::Service { concurrency, .. } | Kind::Cache { concurrency, .. } => *concurrency = None,
            Kind::Function { concurrency_limit, .. } => *concurrency_limit = None,
            _ => {}
        },
        Resource::Cores | Resource::Shard | Resource::Connections | Resource::Units => match &mut work.kind {
            Kind::Service { cpu_cores, .. } => *cpu_cores = None,
            Kind::Database(node) => {
                node.cores = None;
                node.usl = None;
                node.max_connections = None;
                node.request_units = None;
            }
            _ => {}
        },
        Resource::Quota => match &mut work.kind {
            Kind::External { rate_limit } => *rate_limit = None,
            Kind::RateLimiter { limit, .. } => *limit = f64::MAX / 1.0e10,
            _ => {}
        },
        Resource::Throughput => work.kind.lift_transfer(),
        Resource::Consumers => {
            if let Kind::Queue { consumers, partitions, .. } = &mut work.kind {
                *consumers = None;
                *partitions = None;
            }
            // The called service's slots limit the consumers as well.
            for id in called {
                at_its_most(&mut system.stations[id]);
                match &mut system.stations[id].kind {
                    Kind::Service { concurrency, .. } => *concurrency = None,
                    Kind::Function { concurrency_limit, .. } => *concurrency_limit = None,
                    _ => {}
                }
            }
        }
    }
}

/// Fixes an autoscaled station at the most replicas it may have: what its autoscaler watches may be gone with the limit, and what
/// breaks next has all that it would have run to meet it.
fn at_its_most(station: &mut Station) {
    if let Some(autoscale) = station.autoscale.take() {
        station.replicas = station.replicas.max(autoscale.max);
    }
}
