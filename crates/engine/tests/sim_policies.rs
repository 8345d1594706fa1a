//! Policies, limits, caches and queues of the simulator against what follows from their definition.

mod sim_support;
use engine::model::*;
use engine::sim::{Measure, Summary, Warmup};
use sim_support::*;

/// An unlimited client of no own time in front of one station.
fn client(calls: Vec<Call>, mut others: Vec<Station>) -> Vec<Station> {
    let mut all = vec![service("client", None, Distribution::ZERO)];
    all[0].calls = calls;
    all.append(&mut others);
    all
}

fn station_of(summary: &Summary, at: usize, measure: Measure) -> f64 {
    summary.stations[at].get(&measure).map_or(f64::NAN, |e| e.mean)
}

fn quick(seconds: f64) -> engine::sim::Settings {
    engine::sim::Settings { warmup: Warmup::Seconds(seconds / 20.0), replications: 4, ..settings(seconds, 7) }
}

/// cases.md 7: failure probability 0.1 / 0.5 / 1.0 with at most 3 retries: load x1.111 / 1.875 / 4. With a budget of 0.1 of
/// the first attempts at most x1.1.
#[test]
fn retries_multiply_the_load() {
    for (failure, budget, want, lost) in
        [(0.1, None, 1.111, 1e-4), (0.5, None, 1.875, 0.0625), (1.0, None, 4.0, 1.0), (1.0, Some(0.1), 1.1, 1.0)]
    {
        let retry = Retry { max: 3, backoff: 0.01, jitter: 0.5, budget_ratio: budget };
        let mut callee = service("s", None, exponential(0.01));
        callee.failure_ratio = failure;
        let stations = client(vec![Call { retry: Some(retry), ..call(1) }], vec![callee]);
        let summary = run(&system(poisson(200.0), stations), &quick(400.0));
        near("load", station_of(&summary, 1, Measure::Visits) / 200.0, want, 0.01);
        assert!((of_class(&summary, Measure::ErrorRatio) - lost).abs() < 0.003, "{failure}");
    }
}

/// Exponential service of mean 1 with a timeout of 1: the share exp(-1) times out, the work goes on below.
#[test]
fn a_timeout_lets_the_caller_go_on_and_the_work_below_continue() {
    let stations = client(vec![Call { timeout: Some(1.0), ..call(1) }], vec![service("s", None, exponential(1.0))]);
    let summary = run(&system(poisson(50.0), stations), &quick(1000.0));
    near("timeouts", station_of(&summary, 0, Measure::Timeouts), 50.0 * 0.367_879, 0.02);
    near("errors", of_class(&summary, Measure::ErrorRatio), 0.367_879, 0.02);
    near("load below", station_of(&summary, 1, Measure::InSystem), 50.0, 0.02);
    // Successes are exponential cut at 1: mean 1 - e^-1 / (1 - e^-1).
    near("mean", of_class(&summary, Measure::Mean), 1.0 - 0.367_879 / 0.632_121, 0.02);
    near("hold", station_of(&summary, 0, Measure::Hold), 0.632_121, 0.02);
}

/// A pool of c connections before an unlimited callee is an M/M/c queue (cases.md 5).
#[test]
fn a_pool_is_a_queue() {
    let mut stations = client(vec![Call { pool: Some(0), ..call(1) }], vec![service("s", None, exponential(1.0))]);
    stations[0].pools = vec![Pool { id: "pg".into(), size: Some(3) }];
    let summary = run(&system(poisson(2.0), stations), &settings(30_000.0, 2));
    near("response", of_class(&summary, Measure::Mean), 1.444_444, 0.03);
    near("pool", summary.pools[0][0][&Measure::Utilization].mean, 2.0 / 3.0, 0.01);
    near("wait", summary.pools[0][0][&Measure::Wait].mean, 0.444_444, 0.08);
}

/// A bulkhead of n in flight is Erlang's loss system (10 erlang, 10 places: 0.214582).
#[test]
fn a_bulkhead_refuses_beyond_its_limit() {
    let stations =
        client(vec![Call { max_in_flight: Some(10), ..call(1) }], vec![service("s", None, exponential(1.0))]);
    let summary = run(&system(poisson(10.0), stations), &quick(20_000.0));
    near("loss", of_class(&summary, Measure::ErrorRatio), 0.214_582, 0.02);
}

/// Everything fails: the breaker opens after 5, and lets one probe pass per period.
#[test]
fn a_breaker_opens_and_probes() {
    let mut callee = service("s", None, Distribution::ZERO);
    callee.failure_ratio = 1.0;
    let breaker = Some(Breaker { failures: 5, open: 10.0 });
    let stations = client(vec![Call { breaker, ..call(1) }], vec![callee]);
    let summary = run(&system(poisson(100.0), stations), &quick(2000.0));
    near("probes", station_of(&summary, 1, Measure::Visits), 1.0 / 10.01, 0.02);
    assert_eq!(of_class(&summary, Measure::ErrorRatio), 1.0);
}

/// Slots are held over synchronous calls, not over asynchronous ones; parallel calls join at the slowest.
#[test]
fn calls_hold_join_and_spawn() {
    let two = |mode| {
        let callees = vec![service("a", None, exponential(1.0)), service("b", None, exponential(1.0))];
        let mut stations = client(vec![Call { mode, ..call(1) }, Call { mode, ..call(2) }], callees);
        stations[0].kind = Kind::Service { concurrency: Some(100), cpu_cores: None, queue_limit: None };
        run(&system(poisson(10.0), stations), &quick(4000.0))
    };
    // The larger of two exponentials has mean 1.5.
    for (mode, response) in [(Mode::Sync, 2.0), (Mode::Parallel, 1.5), (Mode::Async, 0.0)] {
        let summary = two(mode);
        assert!((of_class(&summary, Measure::Mean) - response).abs() < 0.03, "{mode:?}");
        assert!((station_of(&summary, 0, Measure::SlotUtilization) - 0.1 * response).abs() < 0.005, "{mode:?}");
        near("load", station_of(&summary, 2, Measure::InSystem), 10.0, 0.02);
    }
}

/// 2.3 calls and 1.5 in a call on a miss of 0.25.
#[test]
fn fractions_and_misses_count() {
    let cache = station(
        "cache",
        Kind::Cache {
            hits: HitRatio::Given(vec![0.75]),
            concurrency: None,
            nodes: 1,
            coalesce: false,
            bypass_ratio: 0.2,
        },
        Distribution::ZERO,
    );
    let on_miss = vec![Call { per_request: 1.5, ..call(2) }];
    for mode in [Mode::Sync, Mode::Parallel, Mode::Async] {
        let calls = vec![Call { per_request: 2.3, on_miss: on_miss.clone(), mode, ..call(1) }];
        let stations = client(calls, vec![cache.clone(), service("db", None, Distribution::ZERO)]);
        let summary = run(&system(poisson(100.0), stations), &quick(1000.0));
        near("look-ups", station_of(&summary, 1, Measure::Visits), 230.0, 0.01);
        near("hits", station_of(&summary, 1, Measure::HitRatio), 0.6, 0.01);
        near("fetches", station_of(&summary, 2, Measure::Visits), 230.0 * 0.4 * 1.5, 0.02);
    }
}

/// 100 keys, all fit, each lives 1 s, all are asked for at once: without coalescing a miss fetches several times.
#[test]
fn coalescing_shares_one_fetch() {
    let visits = |coalesce, through: bool| {
        let keys = CacheKeys { keys: 100, zipf: 0.0, capacity: 100, ttl: Some(1.0), eviction: Eviction::Lru };
        let kind = Kind::Cache { hits: HitRatio::Keys(keys), concurrency: None, nodes: 1, coalesce, bypass_ratio: 0.0 };
        let mut cache = station("cache", kind, Distribution::ZERO);
        let miss = Call { when: if through { When::Miss } else { When::Always }, ..call(2) };
        let mut first = call(1);
        if through {
            cache.calls = vec![miss];
        } else {
            first.on_miss = vec![miss];
        }
        let db = service("db", None, Distribution::Deterministic { mean: 0.5 });
        let summary = run(&system(poisson(2000.0), client(vec![first], vec![cache, db])), &quick(200.0));
        (station_of(&summary, 2, Measure::Visits), of_class(&summary, Measure::ErrorRatio))
    };
    for through in [false, true] {
        // A key (20/s) is fetched once per 0.5 s of fetching, 1 s of life and 0.05 s until the next request.
        near("shared", visits(true, through).0, 100.0 / 1.55, 0.02);
        // Alone, all requests of the 0.5 s fetch too, and each stores anew: the life counts from the last of them.
        assert!(visits(false, through).0 > 5.0 * 100.0 / 1.55);
        assert_eq!(visits(true, through).1, 0.0);
    }
}

/// 120/s offered to 100/s: a sixth is refused, whatever counts.
#[test]
fn limits_refuse_what_is_beyond_them() {
    let limiter = |window, scope| Kind::RateLimiter { window, limit: 100.0, seconds: 1.0, scope };
    let units = |rate| {
        Kind::Database(DatabaseNode {
            cores: None,
            max_connections: None,
            read_replicas: 0,
            write_ratio: vec![0.25],
            shards: 1,
            hot_shard_share: None,
            usl: None,
            request_units: Some(RequestUnits { read: rate, write: 1e6 }),
            gb: 0.0,
            gb_growth_per_month: 0.0,
        })
    };
    let clients = LimiterScope::Client { clients: 10, zipf: 0.0 };
    let per_client = Kind::RateLimiter {
        window: LimiterWindow::TokenBucket { burst: 10.0 },
        limit: 10.0,
        seconds: 1.0,
        scope: clients,
    };
    let rows = [
        (limiter(LimiterWindow::TokenBucket { burst: 20.0 }, LimiterScope::All), 1.0 / 6.0),
        (Kind::External { rate_limit: Some(100.0) }, 1.0 / 6.0),
        (units(45.0), 0.75 * 0.5),
        // Ten clients with 12/s each against 10/s each.
        (per_client, 1.0 / 6.0),
    ];
    for (kind, want) in rows {
        let name = format!("{kind:?}");
        let stations = client(vec![call(1)], vec![station("x", kind, Distribution::ZERO)]);
        let summary = run(&system(poisson(120.0), stations), &quick(2000.0));
        near(&name, of_class(&summary, Measure::ErrorRatio), want, 0.06);
    }
    // At most 100 in any window of a second is Erlang's loss system of 100 places held for a second: B(120, 100).
    let stations = client(
        vec![call(1)],
        vec![station("x", limiter(LimiterWindow::Sliding, LimiterScope::All), Distribution::ZERO)],
    );
    let summary = run(&system(poisson(120.0), stations), &quick(2000.0));
    let blocked = (1..=100).fold(1.0, |b, n| 120.0 * b / (f64::from(n) + 120.0 * b));
    near("sliding", of_class(&summary, Measure::ErrorRatio), blocked, 0.03);

    // The same a thousand times slower: the window is twice as long as what is measured, and full when measuring begins; from an
    // empty one nothing would be refused. Whole windows in a row swing about the mean, as all of them began at once.
    let slow =
        Kind::RateLimiter { window: LimiterWindow::Sliding, limit: 100.0, seconds: 1000.0, scope: LimiterScope::All };
    let settings = engine::sim::Settings { warmup: Warmup::Auto, replications: 400, ..quick(500.0) };
    let stations = client(vec![call(1)], vec![station("x", slow, Distribution::ZERO)]);
    let summary = run(&system(poisson(0.12), stations), &settings);
    near("a long window", of_class(&summary, Measure::ErrorRatio), blocked, 0.4);
    assert!(summary.warmup >= 1000.0, "{}", summary.warmup);
}

/// Few requests to a function: an instance waits idle for exp(-rate x timeout) too long.
#[test]
fn functions_start_cold_when_idle_too_long() {
    let kind = Kind::Function { concurrency_limit: None, cold_start: 0.5, idle_timeout: 10.0, memory_gb: 1.0 };
    let summary = run(
        &system(poisson(0.1), vec![station("f", kind, Distribution::Deterministic { mean: 1e-6 })]),
        &quick(200_000.0),
    );
    // Cold when nobody came for the timeout after the last answer, which itself came 0.5 s later when that one was cold.
    near("cold", station_of(&summary, 0, Measure::ColdStarts), 0.367_9, 0.05);
    let limited = Kind::Function { concurrency_limit: Some(10), cold_start: 0.0, idle_timeout: 10.0, memory_gb: 1.0 };
    let summary = run(&system(poisson(10.0), vec![station("f", limited, exponential(1.0))]), &quick(20_000.0));
    near("refused", of_class(&summary, Measure::ErrorRatio), 0.214_582, 0.02);
}

/// Messages: consumers form a queue of their own, failures are delivered again, then go to the dead letters.
#[test]
fn queues_deliver_again_and_give_up() {
    let queue = |attempts, dead_letter, delay, duplicate_ratio, max_length| Kind::Queue {
        partitions: Some(5),
        consumers: Some(3),
        prefetch: None,
        max_length,
        delay,
        max_attempts: attempts,
        dead_letter,
        duplicate_ratio,
    };
    let publish = Call { mode: Mode::Async, ..call(1) };
    // M/M/3 behind the broker (cases.md 5): age 0.4444, backlog 0.8889.
    let mut q = station("q", queue(1, None, 0.0, 0.0, None), Distribution::ZERO);
    q.calls = vec![call(2)];
    let stations = client(vec![publish.clone()], vec![q, service("w", None, exponential(1.0))]);
    let summary = run(&system(poisson(2.0), stations), &settings(40_000.0, 5));
    near("age", station_of(&summary, 1, Measure::Age), 0.444_444, 0.08);
    near("backlog", station_of(&summary, 1, Measure::Backlog), 0.888_889, 0.08);
    near("consumers", station_of(&summary, 1, Measure::Utilization), 2.0 / 3.0, 0.02);
    assert_eq!(of_class(&summary, Measure::Mean), 0.0);

    // Half fail, at most 3 deliveries, a tenth doubled, 5 s delay: 1.1 x 1.75 deliveries, an eighth of the messages dies.
    // What the dead letters go to is visited once for each, whatever it is.
    let letters = [
        station("dead", queue(1, None, 0.0, 0.0, None), Distribution::ZERO),
        station("dead", Kind::External { rate_limit: None }, exponential(0.1)),
        service("dead", Some(9), exponential(0.1)),
    ];
    for letters in letters {
        let mut q = station("q", queue(3, Some(3), 5.0, 0.1, None), Distribution::ZERO);
        q.calls = vec![call(2)];
        let mut worker = service("w", None, Distribution::ZERO);
        worker.failure_ratio = 0.5;
        let kind = letters.kind.name();
        let stations = client(vec![publish.clone()], vec![q, worker, letters]);
        let summary = run(&system(poisson(100.0), stations), &quick(1000.0));
        near("deliveries", station_of(&summary, 2, Measure::Visits), 100.0 * 1.1 * 1.75, 0.02);
        near("dead", station_of(&summary, 1, Measure::DeadLetters), 100.0 * 1.1 / 8.0, 0.04);
        near(kind, station_of(&summary, 3, Measure::Visits), 100.0 * 1.1 / 8.0, 0.04);
        // Only the first of 1.75 deliveries is delayed.
        near("delay", station_of(&summary, 1, Measure::Age), 5.0 / 1.75, 0.02);
    }

    // A full queue refuses its publishers: M/M/3 with 7 places in line, by the birth-death equations.
    let mut q = station("q", queue(1, None, 0.0, 0.0, Some(7)), Distribution::ZERO);
    q.calls = vec![call(2)];
    let stations = client(vec![call(1)], vec![q, service("w", None, exponential(1.0))]);
    let summary = run(&system(poisson(4.0), stations), &quick(20_000.0));
    let mut p = vec![1.0];
    for n in 1..=10 {
        p.push(p[n - 1] * 4.0 / f64::from((n as u32).min(3)));
    }
    near("refused", of_class(&summary, Measure::ErrorRatio), p[10] / p.iter().sum::<f64>(), 0.03);
}

/// A queue that never gives up, consumers that take no time, a quota that refuses at once: time goes on, and the quota is used.
#[test]
fn what_is_refused_in_no_time_is_not_delivered_for_ever_at_one_instant() {
    let mut q = station("q", queue(Some(3)), Distribution::ZERO);
    q.calls = vec![call(2)];
    let quota = station("mail", Kind::External { rate_limit: Some(10.0) }, Distribution::ZERO);
    let stations = client(vec![Call { mode: Mode::Async, ..call(1) }], vec![q, quota]);
    let settings = engine::sim::Settings { max_events: 20_000_000, ..quick(60.0) };
    let summary = run(&system(poisson(20.0), stations), &settings);
    assert_eq!(summary.cut_short, None);
    near("served", station_of(&summary, 2, Measure::Visits), 10.0, 0.05);
}

/// Four replicas of M/M/1 at 0.7 behind each policy: one queue per replica, joined as the policy says.
#[test]
fn balancers_spread_request_by_request() {
    let response = |balance| {
        let mut app = service("app", Some(1), exponential(1.0));
        app.replicas = 4;
        let mut lb = station("lb", Kind::LoadBalancer { balance }, Distribution::ZERO);
        lb.calls = vec![call(1)];
        of_class(&run(&system(poisson(2.8), vec![lb, app]), &settings(40_000.0, 9)), Measure::Mean)
    };
    let random = response(Balance::Random);
    // Splitting a Poisson stream: four times M/M/1 at 0.7.
    near("random", random, 1.0 / 0.3, 0.05);
    near("weighted", response(Balance::Weighted { weights: vec![1.0; 4] }), 1.0 / 0.3, 0.05);
    near("hash", response(Balance::IpHash { skew: 0.25 }), 1.0 / 0.3, 0.05);
    let (round, two, least) =
        (response(Balance::RoundRobin), response(Balance::PowerOfTwo), response(Balance::LeastConnections));
    assert!(round < random && two < round && least < two, "{random} {round} {two} {least}");
    // Joining the shortest can be no better than one pooled line: M/M/4 at 0.7, wait 0.3572.
    assert!(least > 1.357 && least < 1.7, "{least}");
}

/// Reads to the replicas, writes to the primary, the hottest shard first.
#[test]
fn database_nodes_share_the_load_as_told() {
    let node = |read_replicas, shards, hot, write| {
        Kind::Database(DatabaseNode {
            cores: Some(10),
            max_connections: None,
            read_replicas,
            write_ratio: vec![write],
            shards,
            hot_shard_share: hot,
            usl: None,
            request_units: None,
            gb: 0.0,
            gb_growth_per_month: 0.0,
        })
    };
    for (kind, busiest) in [
        (node(0, 1, None, 0.0), 1.0),
        (node(2, 1, None, 0.2), 0.4),
        (node(2, 1, None, 0.6), 0.6),
        (node(0, 4, Some(0.55), 0.5), 0.55),
        (node(0, 5, None, 0.5), 0.2),
    ] {
        let name = format!("{kind:?}");
        let summary = run(&system(poisson(50.0), vec![station("db", kind, exponential(0.1))]), &quick(2000.0));
        near(&name, station_of(&summary, 0, Measure::Utilization), 0.5 * busiest, 0.03);
    }
}

/// Contention (Gunther): the chain of n queries with rate n x speed(n), solved as birth and death.
#[test]
fn contention_slows_queries_down_together() {
    let (contention, coherency, cores) = (0.05, 0.01, 8);
    let kind = Kind::Database(DatabaseNode {
        cores: Some(cores),
        max_connections: Some(40),
        read_replicas: 0,
        write_ratio: vec![0.0],
        shards: 1,
        hot_shard_share: None,
        usl: Some(Usl { contention, coherency }),
        request_units: None,
        gb: 0.0,
        gb_growth_per_month: 0.0,
    });
    let summary = run(&system(poisson(3.5), vec![station("db", kind, exponential(1.0))]), &settings(60_000.0, 3));
    let mut p = vec![1.0];
    for n in 1..=40_u32 {
        let k = f64::from(n.min(cores));
        let rate = k / (1.0 + contention * (k - 1.0) + coherency * k * (k - 1.0));
        p.push(p[n as usize - 1] * 3.5 / rate);
    }
    let total: f64 = p.iter().sum();
    let present: f64 = p.iter().enumerate().map(|(n, p)| n as f64 * p).sum::<f64>() / total;
    let lost = p[40] / total;
    near("response", of_class(&summary, Measure::Mean), present / (3.5 * (1.0 - lost)), 0.04);
}
