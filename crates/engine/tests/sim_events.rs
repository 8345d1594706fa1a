//! Events, profiles and autoscaling of the simulator against what follows from their definition.

mod sim_support;
use engine::model::*;
use engine::sim::{Measure, ReplicationReport, Settings, Verdict, Warmup, rises, trigger, verdict};
use sim_support::*;

fn event(at: f64, duration: f64, kind: EventKind, station: Option<usize>, amount: f64) -> Event {
    Event { at, duration, kind, station, zone: None, amount }
}

/// One replication in ten intervals of 100 s.
fn intervals(system: &System) -> ReplicationReport {
    let settings =
        Settings { seconds: 1000.0, warmup: Warmup::Seconds(100.0), timeline_points: 10, ..Settings::default() };
    replicate(system, &settings, 0)
}

/// Busy share and error ratio of 100/s on 4 replicas of one slot at 10 ms, while something lasts from 300 s to 600 s.
#[test]
fn disturbances_last_as_long_as_they_are_told() {
    let rows = [
        (EventKind::LoseReplicas, 2.0, 0.5, 0.0),
        (EventKind::Deploy, 1.0, 1.0 / 3.0, 0.0),
        (EventKind::SlowDown, 2.0, 0.5, 0.0),
        (EventKind::TrafficSpike, 3.0, 0.75, 0.0),
        (EventKind::Partition, 1.0, 0.0, 1.0),
        (EventKind::LoseReplicas, 4.0, f64::NAN, 1.0),
    ];
    for (kind, amount, busy, errors) in rows {
        let mut app = service("app", Some(1), exponential(0.01));
        app.replicas = 4;
        let mut system = system(poisson(100.0), vec![app]);
        let station = (kind != EventKind::TrafficSpike).then_some(0);
        system.events = vec![event(300.0, 300.0, kind, station, amount)];
        let report = intervals(&system);
        let failed = &report.timeline.classes[0][&Measure::ErrorRatio];
        assert_eq!(failed.len(), 10);
        for (at, &ratio) in failed.iter().enumerate() {
            let want = if (3..6).contains(&at) { errors } else { 0.0 };
            assert!((ratio - want).abs() < 1e-3, "{kind:?} errors at {at}: {ratio}");
        }
        if busy.is_finite() {
            let used = &report.timeline.stations[0][&Measure::Utilization];
            for (at, &u) in used.iter().enumerate() {
                let want = if (3..6).contains(&at) { busy } else { 0.25 };
                assert!((u - want).abs() < 0.03, "{kind:?} busy at {at}: {u}, not {want}");
            }
        }
    }
}

/// Factors that overlap are multiplied, and one that ends leaves the others as they are, also after 0: the busy share of 100/s on 4
/// slots at 10 ms in ten intervals.
#[test]
fn overlapping_factors_leave_nothing_behind() {
    let (spike, slow) = (EventKind::TrafficSpike, EventKind::SlowDown);
    let rows = [
        (spike, vec![(300.0, 300.0, 0.0)], [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]),
        (spike, vec![(200.0, 300.0, 3.0), (300.0, 300.0, 0.0)], [1.0, 1.0, 3.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]),
        (spike, vec![(200.0, 500.0, 3.0), (300.0, 100.0, 0.0)], [1.0, 1.0, 3.0, 0.0, 3.0, 3.0, 3.0, 1.0, 1.0, 1.0]),
        (slow, vec![(200.0, 300.0, 3.0), (300.0, 300.0, 0.5)], [1.0, 1.0, 3.0, 1.5, 1.5, 0.5, 1.0, 1.0, 1.0, 1.0]),
    ];
    for (kind, factors, want) in rows {
        for arrivals in [poisson(100.0), Arrivals::Closed { users: 100.0, think_time: 0.99 }] {
            if kind == slow && matches!(arrivals, Arrivals::Closed { .. }) {
                continue;
            }
            let mut app = service("app", Some(4), exponential(0.01));
            app.replicas = 1;
            let mut system = system(arrivals, vec![app]);
            let station = (kind == slow).then_some(0);
            system.events = factors.iter().map(|&(at, long, by)| event(at, long, kind, station, by)).collect();
            let report = intervals(&system);
            let used = &report.timeline.stations[0][&Measure::Utilization];
            for (at, (&u, want)) in used.iter().zip(want).enumerate() {
                assert!((u - 0.25 * want).abs() < 0.04, "{kind:?} {factors:?} busy at {at}: {u}, not {}", 0.25 * want);
            }
        }
    }
}

/// A locked database serves one query at a time: 50/s at 30 ms back up during the lock and drain after it.
#[test]
fn an_exclusive_lock_backs_work_up() {
    let mut system = system(poisson(50.0), vec![service("db", Some(8), Distribution::Deterministic { mean: 0.03 })]);
    system.events = vec![event(400.0, 100.0, EventKind::ExclusiveLock, Some(0), 1.0)];
    let report = intervals(&system);
    let present = &report.timeline.stations[0][&Measure::InSystem];
    // 50/s come, 33.3/s go: 1667 wait in the end, about half of that on average.
    assert!(present[3] < 3.0 && (present[4] - 833.0).abs() < 120.0 && present[6] < 3.0, "{present:?}");
}

/// The rate follows the profile; before time zero its first value holds.
#[test]
fn arrivals_follow_their_profile() {
    let day = Profile::Periodic { step: 250.0, factors: vec![0.2, 1.0, 0.0, 0.6] };
    let spike = Profile::Spike { at: 300.0, ramp: 100.0, hold: 200.0, factor: 4.0 };
    let recorded = Profile::Recorded(vec![(0.0, 0.5), (500.0, 2.0)]);
    let rows = [
        (day, [0.2, 0.2, 0.6, 1.0, 1.0, 0.0, 0.0, 0.3, 0.6, 0.6]),
        (spike, [1.0, 1.0, 1.0, 2.5, 4.0, 4.0, 2.5, 1.0, 1.0, 1.0]),
        (recorded, [0.5, 0.5, 0.5, 0.5, 0.5, 2.0, 2.0, 2.0, 2.0, 2.0]),
    ];
    for (profile, want) in rows {
        let mut open = system(poisson(200.0), vec![service("s", None, exponential(0.01))]);
        open.classes[0].profile = Some(profile.clone());
        let mut closed =
            system(Arrivals::Closed { users: 200.0, think_time: 1.0 }, vec![service("s", None, exponential(1e-4))]);
        closed.classes[0].profile = Some(profile.clone());
        for (name, system) in [("open", open), ("closed", closed)] {
            let report = intervals(&system);
            for (at, (&rate, want)) in report.timeline.classes[0][&Measure::Offered].iter().zip(want).enumerate() {
                assert!((rate / 200.0 - want).abs() < 0.04, "{name} {profile:?} at {at}: {rate}");
            }
        }
    }
}

/// 9 erlang on replicas of 10 slots with a target of 0.5: two replicas; 16.2 erlang need four, after the metric's delay, the
/// decision's interval and the start-up (100 s at most); the way down waits for the window of 200 s.
#[test]
fn the_autoscaler_follows_with_its_delays() {
    let mut app = service("app", Some(10), exponential(0.1));
    app.replicas = 2;
    app.autoscale = Some(Autoscale {
        min: 1,
        max: 10,
        metric: AutoscaleMetric::Slots,
        target: 0.5,
        tolerance: 0.1,
        interval: 15.0,
        metric_delay: 30.0,
        startup: 40.0,
        stabilization_down: 200.0,
    });
    let mut system = system(poisson(90.0), vec![app]);
    system.events = vec![event(300.0, 300.0, EventKind::TrafficSpike, None, 1.8)];
    let report = intervals(&system);
    let replicas = &report.timeline.stations[0][&Measure::Replicas];
    assert!((replicas[1] - 2.0).abs() < 0.3, "before: {replicas:?}");
    assert!(replicas[3] < 3.5 && replicas[4] > 3.0 && (3.9..4.6).contains(&replicas[5]), "up: {replicas:?}");
    assert!(replicas[6] > 3.9 && replicas[7] > 3.5 && replicas[9] < 2.3, "down: {replicas:?}");
    let billed = report.stations[0].figures[&Measure::Billed];
    assert!(billed > report.stations[0].figures[&Measure::Replicas] + 0.05, "booting replicas are billed");
}

/// A whole zone goes: what stands in it fails, the rest goes on.
#[test]
fn a_zone_takes_its_stations_with_it() {
    let mut stations = vec![
        service("client", None, Distribution::ZERO),
        service("a", None, exponential(0.01)),
        service("b", None, exponential(0.01)),
    ];
    stations[0].calls = vec![Call { mode: Mode::Async, ..call(1) }, call(2)];
    (stations[1].zone, stations[2].zone) = (Some(0), Some(1));
    let mut system = system(poisson(100.0), stations);
    system.zones = vec!["east".into(), "west".into()];
    system.events = vec![Event { zone: Some(0), ..event(0.0, f64::MAX, EventKind::LoseZone, None, 1.0) }];
    let report = intervals(&system);
    near("lost", report.stations[1].figures[&Measure::Refused], 100.0, 0.02);
    assert_eq!(report.classes[0][&Measure::ErrorRatio], 0.0);
    near("alive", report.stations[2].figures[&Measure::Visits], 100.0, 0.02);
}

/// A retry storm that feeds itself stays down after its trigger; with a retry budget the same system comes back, and a
/// backlog drains at the pace of the spare capacity.
#[test]
fn verdicts_tell_recovery_from_metastable_failure() {
    let storm = |budget_ratio| {
        let mut client = service("client", None, Distribution::ZERO);
        let retry = Some(Retry { max: 5, backoff: 0.05, jitter: 0.5, budget_ratio });
        client.calls = vec![Call { timeout: Some(0.5), retry, ..call(1) }];
        let mut system = system(poisson(70.0), vec![client, service("s", Some(1), exponential(0.01))]);
        system.events = vec![event(100.0, 30.0, EventKind::SlowDown, Some(1), 3.0)];
        let settings =
            Settings { seconds: 500.0, warmup: Warmup::Seconds(50.0), timeline_points: 50, ..Settings::default() };
        let report = replicate(&system, &settings, 0);
        verdict(&system, &report, trigger(&system).unwrap())
    };
    assert_eq!(storm(None), Some(Verdict::Metastable));
    assert!(matches!(storm(Some(0.1)), Some(Verdict::Recovers { after }) if after < 200.0), "{:?}", storm(Some(0.1)));

    let drain = |seconds| {
        let mut system =
            system(poisson(50.0), vec![service("s", Some(1), Distribution::Deterministic { mean: 0.016 })]);
        system.events = vec![event(100.0, 50.0, EventKind::SlowDown, Some(0), 5.0)];
        let settings = Settings { seconds, warmup: Warmup::Seconds(50.0), timeline_points: 100, ..Settings::default() };
        verdict(&system, &replicate(&system, &settings, 0), trigger(&system).unwrap())
    };
    // 50/s come, 12.5/s go for 50 s: 1875 wait; afterwards 62.5/s go: 150 s.
    assert!(
        matches!(drain(500.0), Some(Verdict::Recovers { after }) if (135.0..170.0).contains(&after)),
        "{:?}",
        drain(500.0)
    );
    assert!(
        matches!(drain(200.0), Some(Verdict::Draining { left }) if (80.0..130.0).contains(&left)),
        "{:?}",
        drain(200.0)
    );
    assert_eq!(drain(120.0), None);

    // A profile that asks for more after the trigger than before it: judged by what is asked for as before, else not at all.
    let growing = |profile: Vec<(f64, f64)>| {
        let mut system =
            system(poisson(100.0), vec![service("s", Some(16), Distribution::Deterministic { mean: 0.04 })]);
        system.classes[0].profile = Some(Profile::Recorded(profile));
        system.events = vec![event(100.0, 30.0, EventKind::SlowDown, Some(0), 1.5)];
        let settings =
            Settings { seconds: 900.0, warmup: Warmup::Seconds(50.0), timeline_points: 90, ..Settings::default() };
        let report = replicate(&system, &settings, 0);
        let trigger = trigger(&system).unwrap();
        (verdict(&system, &report, trigger), rises(&system, &report, trigger))
    };
    let at_once = Some(Verdict::Recovers { after: 0.0 });
    let rows = [
        (vec![(0.0, 1.0)], at_once, None),
        (vec![(0.0, 0.3), (300.0, 0.5), (500.0, 1.0)], at_once, Some(0)),
        (vec![(0.0, 0.3), (110.0, 1.0), (700.0, 0.3)], Some(Verdict::Recovers { after: 570.0 }), Some(0)),
        (vec![(0.0, 0.3), (110.0, 1.0)], None, Some(0)),
        (vec![(0.0, 1.0), (110.0, 0.3)], at_once, None),
    ];
    for (profile, wanted, rising) in rows {
        assert_eq!(growing(profile.clone()), (wanted, rising), "{profile:?}");
    }
}

/// Busy shares are of what there was: 10/s of 200 ms on a queue's consumers, a pool's connections and a node's cores whose number
/// changes while the simulation goes on, and is another one at its end.
#[test]
fn busy_shares_are_of_what_there_was_over_time() {
    let slow = || exponential(0.2);
    let mut q = station("q", queue(None), Distribution::ZERO);
    q.calls = vec![call(1)];
    let mut workers = service("w", Some(4), slow());
    workers.replicas = 5;
    let mut ahead = q.clone();
    if let Kind::Queue { prefetch, .. } = &mut ahead.kind {
        *prefetch = Some(2);
    }
    let mut caller = service("api", None, Distribution::ZERO);
    (caller.replicas, caller.pools) = (5, vec![Pool { id: "pg".into(), size: Some(4) }]);
    caller.calls = vec![Call { pool: Some(0), ..call(1) }];
    let database = station("db", database(8), slow());
    let lost = |station| event(500.0, 1e9, EventKind::LoseReplicas, Some(station), 4.0);
    let lock = event(990.0, 10.0, EventKind::ExclusiveLock, Some(0), 1.0);
    // Two at work on average: of 20 up to 500 s, then of 4; of 8, then of 1 for the last ten seconds.
    let halves = 2.0 * 1000.0 / (20.0 * 500.0 + 4.0 * 500.0);
    let rows = [
        ("consumers", vec![q, workers.clone()], lost(1), halves),
        ("consumers ahead", vec![ahead, workers], lost(1), halves),
        ("pool", vec![caller, service("s", None, slow())], lost(0), halves),
        ("cores", vec![database], lock, (2.0 * 990.0 + 10.0) / (8.0 * 990.0 + 10.0)),
    ];
    for (name, stations, event, wanted) in rows {
        let mut system = system(poisson(10.0), stations);
        system.events = vec![event];
        let station = &intervals(&system).stations[0];
        let busy = match name {
            "pool" => station.pools[0][&Measure::Utilization],
            _ => station.figures[&Measure::Utilization],
        };
        assert!((busy / wanted - 1.0).abs() < 0.06, "{name}: {busy}, not {wanted}");
    }
}

/// Users follow their profile from the start, and leave while they think: 1000 who think for a minute, ten intervals of 100 s.
#[test]
fn users_who_think_for_long_come_and_go_with_their_profile() {
    let rows = [
        (vec![(0.0, 0.1), (1e5, 1.0)], [0.1; 10]),
        (vec![(0.0, 1.0), (200.0, 0.1)], [1.0, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
    ];
    for (profile, wanted) in rows {
        let crowd = Arrivals::Closed { users: 1000.0, think_time: 60.0 };
        let mut system = system(crowd, vec![service("s", None, exponential(1e-4))]);
        system.classes[0].profile = Some(Profile::Recorded(profile.clone()));
        let report = intervals(&system);
        for (at, (&rate, want)) in report.timeline.classes[0][&Measure::Offered].iter().zip(wanted).enumerate() {
            assert!((rate / (1000.0 / 60.0) - want).abs() < 0.1, "{profile:?} at {at}: {rate}");
        }
    }
}
