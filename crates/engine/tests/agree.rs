//! Limits, failures and shared fetches: the closed form against the simulator, visit by visit.
#![allow(clippy::unwrap_used)]

mod sim_support;

use engine::{
    model::*,
    sim::{Measure, Settings, Warmup},
    solve::{Answer, Options, Solver},
};
use sim_support::*;

/// Seconds that the simulator plays, four times.
const SECONDS: f64 = 400.0;

struct Row {
    name: &'static str,
    system: System,
    /// How far the mean time of an answer may be off, relatively.
    mean: f64,
    /// How far visits may be off, relatively.
    visits: f64,
    /// How far the 95th percentile may be off, relatively, where it is looked at.
    p95: Option<f64>,
    /// Whether a line grows without end: what is in it has no mean then.
    endless: bool,
}

fn row(name: &'static str, system: System) -> Row {
    Row { name, system, mean: 0.06, visits: 0.03, p95: None, endless: false }
}

/// Several classes at these rates, all into station 0 and with the same times.
fn classes(rates: &[f64], stations: Vec<Station>) -> System {
    let mut all = system(poisson(rates[0]), stations);
    all.classes = rates.iter().enumerate().map(|(at, &rate)| class(&format!("c{at}"), poisson(rate))).collect();
    for station in &mut all.stations {
        station.service = vec![station.service[0].clone(); rates.len()];
    }
    all
}

/// A caller without limits and own time.
fn caller(calls: Vec<Call>) -> Station {
    Station { calls, ..service("caller", None, Distribution::ZERO) }
}

fn failing(failure_ratio: f64, station: Station) -> Station {
    Station { failure_ratio, ..station }
}

fn external(mean: f64) -> Station {
    station("ext", Kind::External { rate_limit: None }, exponential(mean))
}

fn constant(seconds: f64) -> Distribution {
    Distribution::Deterministic { mean: seconds }
}

/// Slots and a room of no place in line.
fn refusing(slots: u32, own: Distribution) -> Station {
    station("w", Kind::Service { concurrency: Some(slots), cpu_cores: None, queue_limit: Some(0) }, own)
}

struct Queue {
    consumers: Option<u32>,
    max_length: Option<u64>,
    delay: f64,
    max_attempts: u32,
    dead_letter: Option<usize>,
}

const QUEUE: Queue = Queue { consumers: None, max_length: None, delay: 0.0, max_attempts: 1, dead_letter: None };

impl Queue {
    fn station(self, calls: Vec<Call>) -> Station {
        let Self { consumers, max_length, delay, max_attempts, dead_letter } = self;
        let kind = Kind::Queue {
            partitions: None,
            consumers,
            prefetch: None,
            max_length,
            delay,
            max_attempts,
            dead_letter,
            duplicate_ratio: 0.0,
        };
        Station { calls, ..station("q", kind, Distribution::ZERO) }
    }
}

fn shared_cores(slots: u32, cores: f64, mean: f64) -> Station {
    let kind = Kind::Service { concurrency: Some(slots), cpu_cores: Some(cores), queue_limit: None };
    station("cpu", kind, exponential(mean))
}

/// Part of a core: processor sharing at that speed.
fn part_of_a_core() -> Vec<Row> {
    let plain = |rate: f64, cores: f64| system(poisson(rate), vec![shared_cores(8, cores, 0.01)]);
    vec![
        row("half a core, 60 %", plain(30.0, 0.5)),
        row("half a core, 30 %", plain(15.0, 0.5)),
        row("0.8 cores, 85 %", plain(68.0, 0.8)),
    ]
}

/// Breakers and bulkheads are each caller's, whatever class calls.
fn one_for_all_classes() -> Vec<Row> {
    let limited = || vec![caller(vec![Call { max_in_flight: Some(10), ..call(1) }]), external(0.1)];
    let guarded = || {
        let breaker = Some(Breaker { failures: 5, open: 10.0 });
        vec![caller(vec![Call { breaker, ..call(1) }]), failing(0.3, external(0.01))]
    };
    let mut uneven = classes(&[50.0, 50.0], limited());
    uneven.stations[1].service[1] = exponential(0.3);
    let dead = |failure, max_in_flight| {
        let breaker = Some(Breaker { failures: 5, open: 1.0 });
        let guarded = Call { breaker, max_in_flight, ..call(1) };
        system(poisson(50.0), vec![caller(vec![guarded]), failing(failure, external(0.2))])
    };
    vec![
        row("a bulkhead that is full is no failure to the breaker", dead(0.1, Some(10))),
        Row { visits: 1.1, ..row("a callee that is dead", dead(1.0, None)) },
        row("one class fills the bulkhead", classes(&[100.0], limited())),
        row("two classes fill it", classes(&[50.0, 50.0], limited())),
        row("one of them three times as long", uneven),
        Row { visits: 0.05, ..row("one class opens the breaker", classes(&[100.0], guarded())) },
        Row { visits: 0.05, ..row("five classes open it", classes(&[20.0; 5], guarded())) },
    ]
}

fn messages() -> Vec<Row> {
    let dead = |max_attempts| {
        let first = Queue { max_attempts, dead_letter: Some(1), ..QUEUE }.station(vec![call(2)]);
        let second = Queue { ..QUEUE }.station(vec![call(3)]);
        system(poisson(50.0), vec![first, second, failing(0.2, service("w", None, exponential(0.01))), external(0.01)])
    };
    let published = |max_attempts| {
        let queue = failing(0.5, Queue { consumers: Some(10), max_attempts, ..QUEUE }.station(vec![call(1)]));
        system(poisson(100.0), vec![queue, external(0.09)])
    };
    let late = |delay: f64, consumers, max_length, rate: f64, mean: f64| {
        let queue = Queue { consumers, max_length: Some(max_length), delay, ..QUEUE }.station(vec![call(1)]);
        system(poisson(rate), vec![queue, external(mean)])
    };
    let refused = Queue { dead_letter: Some(2), ..QUEUE }.station(vec![call(1)]);
    let refused = vec![refused, failing(0.5, external(0.001)), refusing(1, exponential(0.1))];
    vec![
        row("dead letters to what refuses", system(poisson(100.0), refused)),
        row("dead letters of the only attempt", dead(1)),
        row("dead letters of the second attempt", dead(2)),
        row("publishing fails, once delivered", published(1)),
        row("publishing fails, delivered up to three times", published(3)),
        row("a delay fills the room", late(1.0, None, 20, 50.0, 0.01)),
        row("the same with consumers", late(1.0, Some(5), 20, 50.0, 0.05)),
        row("delay and line fill the room", late(0.2, Some(5), 20, 95.0, 0.05)),
        row("beyond what consumers take", late(0.2, Some(5), 30, 150.0, 0.05)),
        row("a room that is hardly full", late(0.2, Some(5), 30, 80.0, 0.05)),
    ]
}

/// Calls in a row: those after one that fails are not made.
fn calls_in_a_row() -> Vec<Row> {
    let db = |failure| failing(failure, service("db", Some(2), exponential(0.008)));
    let times = |per_request: f64, mode| Call { per_request, mode, ..call(1) };
    let with = |rate, mode, count, failure| system(poisson(rate), vec![caller(vec![times(count, mode)]), db(failure)]);
    let of = |rate, mode, count| with(rate, mode, count, 0.1);
    let mut after_misses = Call { per_request: 4.0, ..call(1) };
    after_misses.on_miss = vec![call(2)];
    let kind = Kind::Cache {
        hits: HitRatio::Given(vec![0.5]),
        concurrency: None,
        nodes: 1,
        coalesce: false,
        bypass_ratio: 0.0,
    };
    let aside = vec![caller(vec![after_misses]), station("cache", kind, exponential(0.001)), db(0.3)];
    vec![
        Row { endless: true, visits: 0.05, ..row("more in a row than pass", with(40.0, Mode::Sync, 10.0, 0.0)) },
        row("ten calls", of(20.0, Mode::Sync, 10.0)),
        row("two and a half", of(60.0, Mode::Sync, 2.5)),
        Row { mean: 0.6, ..row("ten at once, which come in a batch", of(15.0, Mode::Parallel, 10.0)) },
        row("ten that nobody waits for", of(15.0, Mode::Async, 10.0)),
        row("four look-ups, each miss fetches", system(poisson(60.0), aside)),
    ]
}

/// Callers that cannot be more than there is room for are never refused.
fn never_too_many() -> Vec<Row> {
    let api = |slots, calls| Station { calls, ..service("api", Some(slots), Distribution::ZERO) };
    let function = || {
        let kind = Kind::Function { concurrency_limit: Some(8), cold_start: 0.0, idle_timeout: 600.0, memory_gb: 1.0 };
        station("w", kind, exponential(0.05))
    };
    let mut pooled = caller(vec![Call { pool: Some(0), ..call(1) }]);
    pooled.pools = vec![Pool { id: "p".into(), size: Some(8) }];
    let mut gives_up = pooled.clone();
    gives_up.calls[0].timeout = Some(0.1);
    let of = |stations| system(poisson(110.0), stations);
    let mut two_slots_more = refusing(6, exponential(0.05));
    two_slots_more.kind = Kind::Service { concurrency: Some(6), cpu_cores: None, queue_limit: Some(2) };
    vec![
        row("eight slots over eight", of(vec![api(8, vec![call(1)]), refusing(8, exponential(0.05))])),
        row("eight slots over six and a line of two", of(vec![api(8, vec![call(1)]), two_slots_more])),
        row("a pool of eight over eight", of(vec![pooled, refusing(8, exponential(0.05))])),
        Row {
            visits: 0.05,
            ..row("a pool of eight whose callers give up in time", of(vec![gives_up, refusing(8, exponential(0.05))]))
        },
        row("eight slots over a function's eight", of(vec![api(8, vec![call(1)]), function()])),
        Row {
            mean: 0.2,
            visits: 0.06,
            ..row("callers that can be more", of(vec![api(40, vec![call(1)]), refusing(8, exponential(0.05))]))
        },
    ]
}

/// Fetches of one key that are shared.
fn shared_fetches() -> Vec<Row> {
    let kind = |keys: u64, zipf, capacity, ttl, eviction, bypass_ratio| Kind::Cache {
        hits: HitRatio::Keys(CacheKeys { keys, zipf, capacity, ttl, eviction }),
        concurrency: None,
        nodes: 1,
        coalesce: true,
        bypass_ratio,
    };
    let aside = |rates: &[f64], kind, fetch: Distribution, only: Option<usize>| {
        let look_up = Call { on_miss: vec![call(2)], classes: only.map(|class| vec![class]), ..call(1) };
        let stations = vec![caller(vec![look_up]), station("cache", kind, constant(0.0)), service("db", None, fetch)];
        classes(rates, stations)
    };
    let through = |rate, kind, fetch| {
        let mut cache = station("cache", kind, constant(0.0));
        cache.calls = vec![Call { when: When::Miss, ..call(2) }];
        system(poisson(rate), vec![caller(vec![call(1)]), cache, service("db", None, fetch)])
    };
    let few = || kind(20, 0.9, 20, Some(5.0), Eviction::Lru, 0.0);
    let two = || kind(5, 0.9, 5, Some(0.2), Eviction::Lru, 0.0);
    let loose = |row: Row| Row { visits: 0.03, mean: 0.04, p95: Some(0.06), ..row };
    vec![
        loose(row("cache-aside, few keys", aside(&[2000.0], few(), constant(0.5), None))),
        loose(row("read-through, few keys", through(2000.0, few(), constant(0.5)))),
        loose(row("only the second class looks up", aside(&[20.0, 200.0], two(), constant(0.2), Some(1)))),
        loose(row("only the first class looks up", aside(&[200.0, 20.0], two(), constant(0.2), Some(0)))),
        loose(row("exponential fetches", aside(&[200.0], two(), exponential(0.2), None))),
        loose(row("a full cache", aside(&[300.0], kind(500, 0.8, 50, None, Eviction::Lru, 0.0), constant(0.1), None))),
        loose(row(
            "first in, first out",
            aside(&[300.0], kind(100, 0.8, 30, None, Eviction::Fifo, 0.0), constant(0.1), None),
        )),
        loose(row("some pass it by", through(200.0, kind(50, 0.8, 50, Some(2.0), Eviction::Lru, 0.2), constant(0.1)))),
    ]
}

fn solved(system: &System) -> Answer {
    let answer = Solver::new(system).unwrap().solve(system, 1.0, &Options::default()).clone();
    assert!(answer.convergence.converged, "{:?}", answer.convergence);
    answer
}

fn differences(row: &Row) -> Vec<String> {
    let warmup = Warmup::Seconds(SECONDS / 10.0);
    let settings = Settings { seconds: SECONDS, warmup, replications: 4, timeline_points: 1, ..Settings::default() };
    let simulated = run(&row.system, &settings);
    let answer = solved(&row.system);
    let mut wrong = Vec::new();
    let mut check = |what: String, found: f64, wanted: Option<f64>, allowed: f64| {
        let wanted = wanted.unwrap_or(0.0);
        println!("{}: {what} {found:.5}, simulated {wanted:.5}", row.name);
        if (found - wanted).abs() > allowed {
            wrong.push(format!("{}: {what} {found}, simulated {wanted}", row.name));
        }
    };
    for (at, class) in answer.classes.iter().enumerate() {
        let of = |measure| simulated.classes[at].get(&measure).map(|e| e.mean);
        check(format!("errors of {at}"), class.error_ratio, of(Measure::ErrorRatio), 0.02);
        let (through, allowed) = (of(Measure::Throughput), row.visits * class.throughput);
        check(format!("throughput of {at}"), class.throughput, through, allowed + 0.02);
        if row.endless {
            continue;
        }
        if class.error_ratio < 1e-12 {
            let parts: f64 = class.waterfall.iter().map(|share| share.seconds).sum();
            check(format!("waterfall of {at}"), parts, class.mean, 1e-9);
        }
        let mean = of(Measure::Mean);
        check(format!("mean of {at}"), class.mean.unwrap_or(0.0), mean, row.mean * mean.unwrap_or(0.0) + 1e-4);
    }
    for (at, class) in answer.classes.iter().enumerate() {
        let of = |measure| simulated.classes[at].get(&measure).map(|e| e.mean);
        if let (Some(allowed), Some(wanted)) = (row.p95, of(Measure::P95)) {
            let found = class.percentiles.iter().find(|(at, _)| (at - 95.0).abs() < 1e-9).unwrap().1;
            check(format!("p95 of {at}"), found, Some(wanted), allowed * wanted + 1e-3);
        }
    }
    for (id, at) in answer.stations.iter().enumerate() {
        let of = |measure| simulated.stations[id].get(&measure).map(|e| e.mean);
        let visits = of(Measure::Visits);
        let allowed = row.visits * visits.unwrap_or(0.0) + 0.02;
        // The simulator counts who arrives, the closed form who is served.
        check(format!("visits of {id}"), if row.endless { at.offered } else { at.visits }, visits, allowed);
        if let Some(queue) = at.queue {
            check(format!("dead letters of {id}"), queue.dead_letters, of(Measure::DeadLetters), allowed);
            let backlog = of(Measure::Backlog);
            check(
                format!("backlog of {id}"),
                queue.backlog.unwrap_or(0.0),
                backlog,
                0.1 * backlog.unwrap_or(0.0) + 0.3,
            );
        }
        if let (Some(found), Some(wanted)) = (at.utilization, of(Measure::Utilization)) {
            check(format!("use of {id}"), found, Some(wanted), 0.02);
        }
    }
    wrong
}

fn agree(rows: Vec<Row>) {
    let wrong: Vec<_> = rows.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn less_than_a_core_is_as_slow_as_that() {
    agree(part_of_a_core());
}

#[test]
fn what_guards_a_call_guards_it_for_all_classes() {
    agree(one_for_all_classes());
}

#[test]
fn messages_are_published_kept_and_given_up() {
    agree(messages());
}

#[test]
fn calls_after_one_that_fails_are_not_made() {
    agree(calls_in_a_row());
}

#[test]
fn nobody_is_refused_where_there_is_room_for_all() {
    agree(never_too_many());
}

#[test]
fn a_fetch_that_is_shared_is_made_once() {
    agree(shared_fetches());
}
