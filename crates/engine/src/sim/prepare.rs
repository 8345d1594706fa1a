//! A replication before its first event: every part of the system with its state, and the first events in the calendar.

use super::Settings;
use super::arrivals::Source;
use super::autoscaler::Autoscaler;
use super::cache::CacheState;
use super::calendar::Calendar;
use super::call::{Calls, Guard, PolicyState};
use super::compile::compile;
use super::fleet::{Fleet, Scale};
use super::flow::*;
use super::function::Instances;
use super::intensity::Intensity;
use super::layout::Layout;
use super::limiter::Limiter;
use super::node::Nodes;
use super::queue::Broker;
use super::rng::{Purpose, Rng};
use super::sampler::{Sampler, Ziggurat};
use super::tally::{ClassTally, StationTally};
use super::trace::Traces;
use super::visit::{NONE, Visits};
use crate::model::{Arrivals, Distribution, EventKind, Goal, Kind, Station, System};

/// Everything at rest at time zero, the first arrivals drawn.
pub(super) fn prepare(system: &System, settings: &Settings, replication: u32) -> Core {
    let layout = Layout::new(system);
    let mut program = compile(system, &layout, settings.slow_requests);
    let stream = |place: &str, purpose| Rng::stream(settings.seed, replication, place, purpose);
    let per_station = |purpose| system.stations.iter().map(|s| stream(&s.id, purpose)).collect::<Vec<_>>();
    let spikes = system.events.iter().any(|e| e.kind == EventKind::TrafficSpike);
    let sources: Vec<Source> = system
        .classes
        .iter()
        .map(|class| {
            let factor = class.load_factor(settings.multiple);
            let (gap, users, closed) = match class.arrivals {
                Arrivals::Open { rate, cv } => {
                    let rate = rate * factor;
                    // No load: the first gap never ends.
                    let mean = if rate > 0.0 { 1.0 / rate } else { f64::INFINITY };
                    let gap = if mean.is_finite() {
                        Distribution::from_mean_cv(mean, cv)
                    } else {
                        Distribution::Deterministic { mean }
                    };
                    (gap, 0, false)
                }
                Arrivals::Closed { users, think_time } => {
                    let users = whole_users(users * factor, replication);
                    (Distribution::from_mean_cv(think_time, 1.0), users, true)
                }
            };
            let mut source = Source {
                gap: Sampler::new(&gap, &mut program.points),
                users,
                closed,
                next: f64::INFINITY,
                intensity: Intensity::new(class.profile.as_ref(), f64::INFINITY, spikes),
                active: 0,
                leaving: 0,
                rng: stream(&class.id, Purpose::Arrivals),
            };
            source.active = source.wanted(0.0);
            source
        })
        .collect();
    let good_limit = |class: usize| {
        let limits = system.objectives.iter().filter_map(|o| match o.goal {
            Goal::Latency { class: c, at_most, .. } if c == class => Some(at_most),
            _ => None,
        });
        limits.fold(f64::INFINITY, f64::min)
    };
    let gap = |class: usize| if settings.slow_requests { Traces::gap(expected(system, settings, class)) } else { 0 };
    let classes = (0..system.classes.len()).map(|c| ClassTally {
        good_limit: good_limit(c),
        follow_gap: gap(c),
        follow_at: u64::MAX,
        ..ClassTally::default()
    });
    let guards = program.policies.iter().map(|p| p.guards as usize).sum();
    let (cursors, policies) = (program.calls, program.policies.len());
    let nodes = system.stations.iter().map(|s| match &s.kind {
        Kind::Database(node) => Nodes::new(Some(node)),
        _ => Nodes::new(None),
    });
    let instances = system.stations.iter().map(|s| match s.kind {
        Kind::Function { cold_start, idle_timeout, memory_gb, .. } => {
            Some(Instances::new(cold_start, idle_timeout, memory_gb))
        }
        _ => None,
    });
    let brokers = system
        .stations
        .iter()
        .zip(&layout.stations)
        .map(|(s, l)| Broker::new(&s.kind, l.first + 1, l.lines.saturating_sub(1)));
    let messages = brokers.collect();
    let members = layout
        .stations
        .iter()
        .map(|l| (0..if l.pooled { l.groups } else { l.groups.min(l.replicas.max(1)) }).collect())
        .collect();
    let pool_sizes = system
        .stations
        .iter()
        .zip(&layout.stations)
        .flat_map(|(s, l)| (0..l.groups).flat_map(|_| s.pools.iter().map(|p| p.size)).collect::<Vec<_>>());
    let pool_sizes: Vec<Option<u32>> = pool_sizes.collect();
    let stations_fleets = layout.stations.iter().map(|l| Fleet::new(l.replicas)).collect();
    let (stations, groups, cores, pools) = groups_and_cores(layout);
    let mut core = Core {
        now: 0.0,
        calendar: Calendar::with_capacity(1024),
        visits: Visits::with_capacity(1024),
        groups,
        cores,
        program,
        layout: stations,
        ziggurat: Ziggurat::new(),
        service_rng: per_station(Purpose::Service),
        choice_rng: per_station(Purpose::Choice),
        key_rng: per_station(Purpose::Keys),
        jitter_rng: stream("", Purpose::Jitter),
        ready: Vec::with_capacity(64),
        unfinished: false,
        at_once: 0,
        stuck: false,
        deep: 0,
        inside: 0,
        calls: Calls::default(),
        pools,
        policies: vec![PolicyState::default(); policies],
        guards: vec![Guard::CLOSED; guards],
        cursors: vec![NONE - 1; cursors],
        sources,
        classes: classes.collect(),
        stations: vec![StationTally::default(); system.stations.len()],
        caches: system.stations.iter().map(CacheState::new).collect(),
        limiters: system.stations.iter().map(|s| Limiter::new(&s.kind)).collect(),
        instances: instances.collect(),
        messages,
        pace: vec![1.0; system.stations.len()],
        cut: vec![false; system.stations.len()],
        nodes: nodes.collect(),
        pool_sizes,
        fleets: stations_fleets,
        scales: system.stations.iter().map(|s| Scale::of(&s.kind)).collect(),
        autoscalers: (0..system.stations.len()).map(|s| Autoscaler::new(system, s)).collect(),
        interruptions: system.stations.iter().map(interruptions).collect(),
        disturbances: system.events.clone(),
        in_force: vec![false; system.events.len()],
        most: settings.max_in_flight,
        crowded: false,
        zones: system.stations.iter().map(|s| s.zone).collect(),
        cuts: vec![0; system.stations.len()],
        members,
        traces: settings.slow_requests.then(|| Traces::new(system.classes.len())),
        levels: (0..system.classes.len()).map(|class| system.level(class) as u32).collect(),
        left: Vec::new(),
        missed_key: NONE,
    };
    core.start_autoscalers();
    core.start_interruptions();
    // A population beyond the limit never starts: the replication ends at once.
    core.crowded = core.users() > core.most as u64;
    for class in 0..core.sources.len() {
        if core.sources[class].closed {
            let users = if core.crowded { 0 } else { core.sources[class].active };
            for _ in 0..users {
                core.think(class);
            }
        } else {
            core.sources[class].schedule(0.0, &core.ziggurat, &core.program.points);
        }
    }
    core
}

/// How often a replica of a station is interrupted per second, and how long its successor takes.
pub(super) fn interruptions(station: &Station) -> (f64, f64) {
    let all: f64 = station.price.purchase.iter().map(|p| p.share).sum();
    let hourly: f64 = station.price.purchase.iter().map(|p| p.share * p.interruptions_per_hour).sum();
    let can_lose = matches!(station.kind, Kind::Service { .. } | Kind::Cache { .. });
    let rate = if can_lose && all > 0.0 { hourly / all / 3600.0 } else { 0.0 };
    (rate, station.autoscale.map_or(0.0, |a| a.startup))
}

/// Requests of a class in the measured part at most, roughly.
fn expected(system: &System, settings: &Settings, class: usize) -> f64 {
    let of = &system.classes[class];
    let rate = match of.arrivals {
        Arrivals::Open { rate, .. } => rate,
        // Some own time is in every round: a tenth of a second stands for it.
        Arrivals::Closed { users, think_time } => users / (think_time + 0.1),
    };
    rate * of.load_factor(settings.multiple) * settings.seconds
}

/// A fractional population as whole users: the fraction is the share of replications with one more.
fn whole_users(users: f64, replication: u32) -> u32 {
    let fraction = users - users.floor();
    let share = |n: u32| (f64::from(n) * fraction).floor();
    (users.floor() as u32).saturating_add(u32::from(share(replication + 1) > share(replication)))
}
