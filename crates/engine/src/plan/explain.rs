//! Names and causes in words.

use crate::{
    model::{Goal, System},
    solve::{Answer, Part, Resource},
};

/// The contract's name of a resource: `slots`, `cores`, `pool:NAME`, `shard`, `consumers`, `quota`, `units`, `connections`.
#[must_use]
pub fn resource_name(system: &System, station: usize, resource: Resource) -> String {
    match resource {
        Resource::Slots => "slots".into(),
        Resource::Cores => "cores".into(),
        Resource::Pool(pool) => format!("pool:{}", system.stations[station].pools[pool].id),
        Resource::Shard => "shard".into(),
        Resource::Consumers => "consumers".into(),
        Resource::Quota => "quota".into(),
        Resource::Units => "units".into(),
        Resource::Connections => "connections".into(),
        Resource::Throughput => "throughput".into(),
    }
}

/// The contract's key of a percentile: `p50`, `p99_9`.
#[must_use]
pub fn percentile_name(percentile: f64) -> String {
    format!("p{percentile}").replace('.', "_")
}

/// A resource in a sentence.
fn phrase(system: &System, station: usize, resource: Resource) -> String {
    let id = &system.stations[station].id;
    match resource {
        Resource::Slots => format!("the slots of {id}"),
        Resource::Cores => format!("the cores of {id}"),
        Resource::Pool(pool) => format!("the connection pool {} of {id}", system.stations[station].pools[pool].id),
        Resource::Shard => format!("the hottest shard of {id}"),
        Resource::Consumers => format!("the consumers of {id}"),
        Resource::Quota => format!("the quota of {id}"),
        Resource::Units => format!("the request units of {id}"),
        Resource::Connections => format!("the connections of {id}"),
        Resource::Throughput => format!("the throughput of {id}"),
    }
}

/// Plain saturation in one sentence.
pub(super) fn saturation(system: &System, station: usize, resource: Resource) -> String {
    let what = phrase(system, station, resource);
    if resource == Resource::Consumers {
        return format!("messages arrive faster than {what} can handle them: the backlog grows");
    }
    use Resource::{Connections, Cores, Slots, Units};
    let many = matches!(resource, Slots | Cores | Units | Connections);
    format!("{what} {} full: more arrives than can pass", if many { "are" } else { "is" })
}

/// A missed objective in one sentence, with the resource behind it.
pub(super) fn objective(system: &System, goal: Goal, answer: &Answer, cause: Option<(usize, Resource)>) -> String {
    let because = cause.map_or_else(String::new, |(station, resource)| {
        let load = answer.stations[station].busiest.filter(|&(r, _)| r == resource).map(|(_, load)| load);
        let busy = load.map_or_else(String::new, |load| format!(" ({:.0} % in use)", 100.0 * load.min(1.0)));
        format!("; most of the added time is waiting for {}{busy}", phrase(system, station, resource))
    });
    match goal {
        Goal::Latency { class, percentile, at_most } => {
            format!("p{percentile} of {} passes {} ms{because}", system.classes[class].id, at_most * 1000.0)
        }
        Goal::ErrorRatio { class, at_most } => {
            format!("the error ratio of {} passes {at_most}", system.classes[class].id)
        }
        Goal::Utilization { station, at_most } => {
            format!("utilization of {} passes {:.0} %", system.stations[station].id, at_most * 100.0)
        }
        Goal::BacklogAge { station, at_most } => {
            format!("messages of {} get older than {at_most} s", system.stations[station].id)
        }
        Goal::SurviveReplica => "the loss of one replica could not be carried".into(),
        Goal::SurviveZone => "the loss of one zone could not be carried".into(),
        Goal::MonthlyCost { at_most } => format!("a month costs more than {at_most}"),
    }
}

/// The resource whose wait grew most for a class since the system was nearly idle.
pub(super) fn grown_wait(answer: &Answer, idle: &Answer, class: usize) -> Option<(usize, Resource)> {
    let before = |station, part| {
        let shares = &idle.classes[class].waterfall;
        shares.iter().find(|s| s.station == station && s.part == part).map_or(0.0, |s| s.seconds)
    };
    let mut most: Option<(f64, usize, Resource)> = None;
    for share in &answer.classes[class].waterfall {
        let resource = match share.part {
            Part::Pool(pool) => Resource::Pool(pool),
            Part::Queue => match answer.stations[share.station].busiest {
                Some((resource, _)) if !matches!(resource, Resource::Pool(_)) => resource,
                _ => Resource::Slots,
            },
            _ => continue,
        };
        let grown = share.seconds - before(share.station, share.part);
        if grown > 0.0 && most.is_none_or(|(seconds, ..)| grown > seconds) {
            most = Some((grown, share.station, resource));
        }
    }
    most.map(|(_, station, resource)| (station, resource))
}
