//! Headroom and what follows it, on systems whose limits are known.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use engine::{
    model::*,
    plan::{self, Search},
    solve::*,
};

fn with_goals(mut system: System, goals: &[Goal]) -> System {
    system.objectives = goals.iter().enumerate().map(|(index, &goal)| Objective { index, goal }).collect();
    system
}

#[test]
fn the_shop_breaks_at_its_receipts_then_at_its_pool() {
    let shop = shop();
    let search = Search { to: 20.0, ..Search::of(&shop) };
    let found = plan::headroom(&shop, &search).unwrap();
    // 6 messages a second of 60 ms over 2 consumers: full at 5.5556.
    assert!((found.multiple.unwrap() / (2.0 / 0.36) - 1.0).abs() < 1e-5, "{found:?}");
    let cause = found.cause.unwrap();
    assert_eq!((cause.station, cause.resource, cause.objective), (Some(4), Some(Resource::Consumers), None));
    assert!(cause.why.contains("receipts"), "{}", cause.why);
    let chain = plan::next_bottlenecks(&shop, &search).unwrap();
    assert_eq!((chain[0].station, chain[0].resource), (0, Resource::Pool(0)));
    let full = 4.0 / (7.2 * 0.031 + 6.0 * 0.021);
    assert!((chain[0].multiple / full - 1.0).abs() < 1e-3, "{chain:?} {full}");
}

/// An autoscaled service behind its cores, and behind a queue's consumers: what breaks next has its most replicas, not the one it
/// starts with.
#[test]
fn what_breaks_next_has_the_replicas_an_autoscaler_may_run() {
    let scaled = |id: &str, concurrency, max| {
        let kind = Kind::Service { concurrency, cpu_cores: Some(1.0), queue_limit: None };
        let mut station = station(id, kind, vec![exponential(0.1)]);
        let metric = AutoscaleMetric::Cpu;
        let (interval, metric_delay, startup, stabilization_down) = (15.0, 30.0, 40.0, 300.0);
        let (min, target, tolerance) = (1, 0.7, 0.1);
        let scale =
            Autoscale { min, max, metric, target, tolerance, interval, metric_delay, startup, stabilization_down };
        station.autoscale = Some(scale);
        station
    };
    let mut called = scaled("s", Some(4), 10);
    called.calls = vec![call(1)];
    let below = station("db", database(Some(8), 1), vec![exponential(0.01)]);
    let alone = system(vec![open("a", 0, 50.0)], vec![called, below]);
    let mut jobs = station("jobs", queue(), vec![Distribution::Deterministic { mean: 0.0 }]);
    let Kind::Queue { consumers, .. } = &mut jobs.kind else { unreachable!() };
    *consumers = Some(2);
    jobs.calls = vec![call(1)];
    let mut behind = system(vec![open("a", 0, 10.0)], vec![jobs, scaled("worker", None, 4)]);
    behind.stations[0].calls[0].mode = Mode::Sync;
    let rows = [
        // 10 x 4 slots held for 0.1 s and the call, which waits for next to nothing; 4 x 1 cores for 1 second of work a second.
        (alone, (0, Resource::Cores), (0, Resource::Slots), 40.0 / (50.0 * 0.11), 0.05),
        (behind, (0, Resource::Consumers), (1, Resource::Cores), 4.0, 1e-3),
    ];
    for (system, fixed, next, multiple, within) in rows {
        let search = Search { to: 20.0, ..Search::of(&system) };
        let chain = plan::next_bottlenecks(&system, &search).unwrap();
        assert_eq!((chain[0].fixed, (chain[0].station, chain[0].resource)), (fixed, next), "{chain:?}");
        assert!((chain[0].multiple / multiple - 1.0).abs() < within, "{chain:?} {multiple}");
    }
}

#[test]
fn a_latency_objective_breaks_where_the_tail_says() {
    // M/M/1: p95 = service ln 20 / (1 - utilization); 10 services are passed at utilization 1 - ln 20 / 10.
    let one = system(vec![open("a", 0, 0.1)], vec![station("s", service(Some(1)), vec![exponential(1.0)])]);
    let one = with_goals(one, &[Goal::Latency { class: 0, percentile: 95.0, at_most: 10.0 }]);
    let found = plan::headroom(&one, &Search::of(&one)).unwrap();
    let exact = (1.0 - 20.0_f64.ln() / 10.0) / 0.1;
    assert!((found.multiple.unwrap() / exact - 1.0).abs() < 1e-4, "{found:?} {exact}");
    let cause = found.cause.unwrap();
    assert_eq!((cause.station, cause.resource, cause.objective), (Some(0), Some(Resource::Slots), Some(0)));
}

#[test]
fn nothing_breaks_where_nothing_is_limited() {
    let one = system(vec![open("a", 0, 0.1)], vec![station("s", service(None), vec![exponential(1.0)])]);
    let found = plan::headroom(&one, &Search::of(&one)).unwrap();
    assert_eq!((found.multiple, found.at_least), (None, 10.0));
}

#[test]
fn a_pool_in_front_of_a_small_database_is_not_blamed_for_it() {
    // Two cores of 10 ms carry 200 a second, a pool of 4 in front of them does not change that.
    let mut app = station("app", service(None), vec![Distribution::ZERO]);
    app.pools.push(Pool { id: "pg".into(), size: Some(4) });
    app.calls = vec![Call { pool: Some(0), ..call(1) }];
    let one = system(vec![open("a", 0, 50.0)], vec![app, station("db", database(Some(2), 1), vec![exponential(0.01)])]);
    let found = plan::headroom(&one, &Search::of(&one)).unwrap();
    assert!((found.multiple.unwrap() - 4.0).abs() < 1e-4, "{found:?}");
    assert_eq!(found.cause.unwrap().station, Some(1));
    let mut solver = Solver::new(&one).unwrap();
    let answer = solver.solve(&one, 6.0, &Options::default());
    assert!(answer.convergence.converged, "{:?}", answer.convergence);
    assert!((answer.classes[0].throughput - 200.0).abs() < 1e-6, "{}", answer.classes[0].throughput);
    assert_eq!(answer.bottleneck.unwrap().station, 1);
    // At 80 % the whole wait, in the pool and in the database, is that of M/M/2.
    let answer = solver.solve(&one, 3.2, &Options::default());
    let exact = engine::queueing::mmc::solve(160.0, 0.01, 2).unwrap();
    let mean = answer.classes[0].mean.unwrap();
    assert!((mean / exact.response_time - 1.0).abs() < 0.05, "{mean} is not {}", exact.response_time);
}

#[test]
fn slots_held_over_calls_limit_what_passes() {
    // 10 slots held 10 ms of own work and 90 ms of an external call: 100 a second.
    let mut app = station("app", service(Some(10)), vec![exponential(0.01)]);
    app.calls = vec![call(1)];
    let payment = station("payment", Kind::External { rate_limit: None }, vec![exponential(0.09)]);
    let one = system(vec![open("a", 0, 20.0)], vec![app, payment]);
    let found = plan::headroom(&one, &Search::of(&one)).unwrap();
    assert!((found.multiple.unwrap() - 5.0).abs() < 1e-4, "{found:?}");
    let mut solver = Solver::new(&one).unwrap();
    let answer = solver.solve(&one, 4.0, &Options::default());
    assert!((answer.stations[0].utilization.unwrap() - 0.08).abs() < 1e-12);
    assert!((answer.stations[0].slot_utilization.unwrap() - 0.8).abs() < 1e-12);
    let answer = solver.solve(&one, 8.0, &Options::default());
    assert!((answer.classes[0].throughput - 100.0).abs() < 1e-9);
    assert!((answer.stations[1].visits - 100.0).abs() < 1e-9, "downstream sees only what passes");
}

#[test]
fn what_breaks_only_with_less_load_is_no_end_of_growth() {
    // Instances that go away after 30 s: with 2 requests/s many wait for a new one, with 20 and more hardly any. Behind it one core
    // of 10 ms carries 100 a second: five times today's. At a limit of 50 ms (a thirtieth of a start) today's load is too much too.
    let kind = Kind::Function { concurrency_limit: None, cold_start: 1.5, idle_timeout: 30.0, memory_gb: 0.0 };
    for (at_most, rate, multiple) in [(0.3, 20.0, Some(5.0)), (0.3, 2.0, Some(50.0)), (0.05, 20.0, Some(0.1))] {
        let mut front = station("front", kind.clone(), vec![exponential(0.06)]);
        front.calls = vec![Call { mode: Mode::Async, ..call(1) }];
        let one =
            system(vec![open("a", 0, rate)], vec![front, station("log", service(Some(1)), vec![exponential(0.01)])]);
        let one = with_goals(one, &[Goal::Latency { class: 0, percentile: 95.0, at_most }]);
        let found = plan::headroom(&one, &Search { to: 60.0, ..Search::of(&one) }).unwrap();
        println!("{at_most} {rate} {found:?}");
        match (found.multiple, multiple) {
            (Some(found), Some(wanted)) => assert!((found / wanted - 1.0).abs() < 1e-4, "{found} is not {wanted}"),
            (found, wanted) => assert_eq!(found, wanted),
        }
    }
}

/// What a loss takes along: a queue or a function has no replicas to lose, a component is lost with its only one.
#[test]
fn a_loss_is_survived_where_nothing_is_lost_altogether() {
    let replicated = |replicas| match database(None, 1) {
        Kind::Database(node) => Kind::Database(DatabaseNode { read_replicas: replicas, ..node }),
        other => other,
    };
    let rows = [
        ("a queue", queue(), 1, true, true),
        ("an external service", Kind::External { rate_limit: None }, 1, true, true),
        ("a service with replicas", service(None), 2, true, false),
        ("a single service", service(None), 1, false, false),
        ("a single database", replicated(0), 1, false, false),
        ("a database with a read replica", replicated(1), 1, true, true),
    ];
    for (what, kind, replicas, replica, zone) in rows {
        let mut inside = station("s", kind, vec![exponential(0.01)]);
        (inside.zone, inside.replicas) = (Some(0), replicas);
        let mut front = station("front", service(None), vec![exponential(0.01)]);
        (front.replicas, front.calls) = (3, vec![call(1)]);
        let mut one = system(vec![open("a", 0, 1.0)], vec![front, inside]);
        one.zones = vec!["z".into(), "empty".into()];
        let one = with_goals(one, &[Goal::SurviveReplica, Goal::SurviveZone]);
        let mut solver = Solver::new(&one).unwrap();
        let answer = solver.solve(&one, 1.0, &Options::default()).clone();
        let met: Vec<bool> = plan::objectives(&mut solver, &one, &answer).iter().map(|v| v.met).collect();
        assert_eq!(met, [replica, zone], "{what}");
    }
}

fn scaled(min: u32, max: u32) -> Autoscale {
    Autoscale {
        min,
        max,
        metric: AutoscaleMetric::Slots,
        target: 0.6,
        tolerance: 0.1,
        interval: 15.0,
        metric_delay: 0.0,
        startup: 0.0,
        stabilization_down: 0.0,
    }
}

/// Verdicts at today's load, in the order of the goals.
fn met(system: &System) -> Vec<bool> {
    let mut solver = Solver::new(system).unwrap();
    let answer = solver.solve(system, 1.0, &Options::default()).clone();
    plan::objectives(&mut solver, system, &answer).iter().map(|v| v.met).collect()
}

/// Three replicas of 0.01 an hour and 1 for a million requests, 50/s for an hour of the day and a tenth of it else: 39.97 a month, and
/// 153 if it were the peak all day. A loss is not to blame for the bill.
#[test]
fn a_loss_is_judged_without_the_budget() {
    for (budget, kept) in [(60.0, true), (30.0, false)] {
        let mut api = station("api", service(Some(4)), vec![exponential(0.01)]);
        api.replicas = 3;
        api.price = Price { per_million_requests: 1.0, per_replica_hour: 0.01, given: true, ..Price::default() };
        let mut class = open("web", 0, 50.0);
        let factors = (0..24).map(|hour| if hour == 0 { 1.0 } else { 0.1 }).collect();
        class.profile = Some(Profile::Periodic { step: 3600.0, factors });
        let goals = [
            Goal::Latency { class: 0, percentile: 95.0, at_most: 0.2 },
            Goal::SurviveReplica,
            Goal::MonthlyCost { at_most: budget },
        ];
        let one = with_goals(system(vec![class], vec![api]), &goals);
        assert_eq!(met(&one), [true, true, kept], "a budget of {budget}");
    }
}

/// Two slots a replica, 40 ms: the autoscaler runs so many that 60 % are busy, and the rest has to do after a loss.
#[test]
fn an_autoscaled_replica_is_lost_until_another_has_started() {
    for (min, stated, rate, survived) in [
        // Two run; one is left for two requests at once.
        (2, 2, 50.0, false),
        (3, 3, 50.0, true),
        // Five run, though one is stated: four are left, three quarters busy.
        (1, 1, 150.0, true),
        // One runs, though four are stated.
        (1, 4, 10.0, false),
    ] {
        let mut api = station("api", service(Some(2)), vec![exponential(0.04)]);
        (api.replicas, api.autoscale) = (stated, Some(scaled(min, 6)));
        let goals = [Goal::Latency { class: 0, percentile: 95.0, at_most: 0.2 }, Goal::SurviveReplica];
        let one = with_goals(system(vec![open("web", 0, rate)], vec![api]), &goals);
        assert_eq!(met(&one), [true, survived], "{min} at least, {rate}/s");
        // What runs at least is what a plan may raise for it.
        let levers = plan::levers(&one, 1.0);
        let sized = plan::size(&mut Solver::new(&one).unwrap(), &one, &levers, 1.0, plan::Effort::default());
        let levels = sized.found.levels.as_ref();
        assert_eq!(levels.is_some_and(|levels| levels.iter().all(|&level| level == 0)), survived, "{sized:?}");
        assert!(sized.verdicts.iter().all(|verdict| verdict.met), "{min} at least, {rate}/s: {sized:?}");
    }
}

/// Beside a class most of which is refused by design, one core of 10 ms carries 100/s: it is what fills up, and it is the cause.
#[test]
fn what_refuses_by_design_is_not_blamed_for_what_piles_up() {
    let refusing = [
        Kind::RateLimiter { window: LimiterWindow::Sliding, limit: 40.0, seconds: 1.0, scope: LimiterScope::All },
        Kind::External { rate_limit: Some(40.0) },
        Kind::Service { concurrency: Some(1), cpu_cores: None, queue_limit: Some(0) },
        Kind::Function { concurrency_limit: Some(1), cold_start: 0.0, idle_timeout: 600.0, memory_gb: 0.0 },
    ];
    for kind in refusing {
        let full = station("full", kind.clone(), vec![exponential(0.025); 2]);
        let core = station("core", service(Some(1)), vec![exponential(0.01); 2]);
        let one = system(vec![open("a", 0, 4000.0), open("b", 1, 20.0)], vec![full, core]);
        let found = plan::headroom(&one, &Search::of(&one)).unwrap();
        assert!((found.multiple.unwrap() - 5.0).abs() < 1e-3, "{kind:?}: {found:?}");
        assert_eq!(found.cause.unwrap().station, Some(1), "{kind:?}");
    }
}

/// Slots are held over calls: 250/s of 4 ms and a call of 150 ms keep 38.5 busy. What is only waited for would not be there with
/// fewer, and own work on cores may need more than the slots do.
#[test]
fn replicas_are_staffed_for_what_their_slots_hold() {
    let on = |cores| Kind::Service { concurrency: Some(50), cpu_cores: cores, queue_limit: None };
    let external = Kind::External { rate_limit: None };
    let rows = [
        ("a call", service(Some(8)), 0.004, external.clone(), 0.15, 250.0, 38.5, 8.0, true),
        ("a database at 95 %", service(Some(40)), 0.005, database(Some(1), 1), 0.01, 95.0, 1.425, 40.0, true),
        ("two cores", on(Some(2.0)), 0.01, external, 0.09, 300.0, 3.0, 2.0, false),
    ];
    for (what, kind, own, called, time, rate, busy, each, over_calls) in rows {
        let mut app = station("app", kind, vec![exponential(own)]);
        (app.replicas, app.calls) = (6, vec![call(1)]);
        let one = system(vec![open("a", 0, rate)], vec![app, station("called", called, vec![exponential(time)])]);
        let lever = plan::Lever { station: 0, what: plan::What::Replicas, now: 6, levels: 1 };
        let found = plan::staffing(&one, &plan::unhindered(&one, 1.0).unwrap(), &lever, 0).unwrap();
        assert!((found.offered_load * each / busy - 1.0).abs() < 1e-3, "{what}: {found:?}");
        assert!((found.square_root * each / (busy + busy.sqrt()) - 1.0).abs() < 1e-3, "{what}: {found:?}");
        assert_eq!(found.over_calls, over_calls, "{what}");
    }
}

/// Who waits asks for less: the busy slots of users in a loop are no lower bound of anything.
#[test]
fn users_in_a_loop_have_no_least_number() {
    let open = open("a", 0, 20.0);
    let mut users = open.clone();
    users.arrivals = Arrivals::Closed { users: 30.0, think_time: 0.5 };
    let mut elsewhere = users.clone();
    elsewhere.entry = 1;
    for (what, classes, told) in [
        ("open", vec![open.clone()], true),
        ("users", vec![users.clone()], false),
        ("both", vec![open.clone(), users], false),
        ("users of another part", vec![open, elsewhere], true),
    ] {
        let times = vec![exponential(0.1); classes.len()];
        let stations = vec![station("app", service(Some(4)), times.clone()), station("other", service(Some(4)), times)];
        let one = system(classes, stations);
        let lever = plan::Lever { station: 0, what: plan::What::Replicas, now: 1, levels: 1 };
        let found = plan::staffing(&one, &plan::unhindered(&one, 1.0).unwrap(), &lever, 0);
        assert_eq!(found.is_some(), told, "{what}: {found:?}");
    }
}

/// Ranges reach what the load needs, however far today's numbers are from it, and no further where more of them is no help.
#[test]
fn ranges_reach_what_the_load_needs() {
    let app = |kind: Kind, time: f64| station("app", kind, vec![exponential(time)]);
    let function = Kind::Function { concurrency_limit: Some(2), cold_start: 0.0, idle_timeout: 600.0, memory_gb: 0.0 };
    let mut pooled = app(service(Some(500)), 0.001);
    pooled.pools.push(Pool { id: "pg".into(), size: Some(2) });
    pooled.calls = vec![Call { pool: Some(0), ..call(1) }];
    let db = || station("db", database(Some(500), 1), vec![exponential(0.1)]);
    let quota = || station("quota", Kind::External { rate_limit: Some(10.0) }, vec![exponential(0.01)]);
    let mut limited = app(service(Some(500)), 0.001);
    limited.calls = vec![call(1)];
    // 300/s of 100 ms are 30 busy; 5 times that 150.
    let rows = [
        ("fits", vec![app(service(Some(4)), 0.01)], 1.0, plan::What::Replicas, 0, 6),
        ("slots", vec![app(service(Some(4)), 0.1)], 1.0, plan::What::Replicas, 15, 30),
        ("slots at five times", vec![app(service(Some(4)), 0.1)], 5.0, plan::What::Replicas, 75, 150),
        ("a function", vec![app(function, 0.1)], 1.0, plan::What::FunctionLimit, 45, 120),
        ("a pool", vec![pooled, db()], 1.0, plan::What::Pool(0), 60, 120),
        ("a quota of others", vec![limited, quota()], 1.0, plan::What::Replicas, 0, 6),
    ];
    for (what, stations, top, lever, least, most) in rows {
        let one = system(vec![open("a", 0, 300.0)], stations);
        let mut levers = plan::levers(&one, top);
        plan::widen(&mut Solver::new(&one).unwrap(), &one, &mut levers, top);
        let found = levers.iter().find(|l| l.what == lever).unwrap();
        let value = found.value(found.levels);
        assert!((least..=most).contains(&value), "{what}: {value}");
    }
}

/// A draw may turn the limits of an autoscaler round: the least wins, nothing panics.
#[test]
fn an_autoscaler_whose_least_is_above_its_most() {
    let mut app = station("app", service(Some(1)), vec![exponential(0.01)]);
    app.autoscale = Some(scaled(50, 4));
    let one = system(vec![open("a", 0, 100.0)], vec![app]);
    let mut solver = Solver::new(&one).unwrap();
    let answer = solver.solve(&one, 1.0, &Options::default());
    assert!((answer.stations[0].slot_utilization.unwrap() - 1.0 / 50.0).abs() < 1e-9, "{:?}", answer.stations[0]);
}
