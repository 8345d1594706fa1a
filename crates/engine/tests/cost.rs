//! Every price key by hand, and a month that follows its days.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use engine::{cost, model::*, solve::*};

/// Seconds of a month of 730 hours, in millions.
const MILLIONS: f64 = 2.628;

fn month(system: &System, multiple: f64) -> cost::Bill {
    let mut solver = Solver::new(system).unwrap();
    let answer = solver.solve(system, multiple, &Options { percentiles: false, ..Options::default() }).clone();
    cost::over_time(&mut solver, system, &answer)
}

/// Ten requests a second at a front that calls one priced station with 100 kB each.
fn priced(mut station: Station, price: Price) -> System {
    station.price = Price { given: true, ..price };
    let mut front = common::station("front", service(None), vec![exponential(0.001)]);
    front.calls = vec![Call { kb: 100.0, ..call(1) }];
    system(vec![open("a", 0, 10.0)], vec![front, station])
}

fn node() -> DatabaseNode {
    match database(Some(8), 1) {
        Kind::Database(node) => node,
        _ => unreachable!("a database"),
    }
}

#[test]
fn every_price_key_by_hand() {
    let plain = || station("priced", service(Some(50)), vec![exponential(0.1)]);
    let three = || Station { replicas: 3, ..plain() };
    let db = |node: DatabaseNode| station("priced", Kind::Database(node), vec![exponential(0.01)]);
    let units = || db(DatabaseNode { request_units: Some(RequestUnits { read: 100.0, write: 50.0 }), ..node() });
    let function = Kind::Function { concurrency_limit: None, cold_start: 0.0, idle_timeout: 600.0, memory_gb: 0.5 };
    let function = || station("priced", function.clone(), vec![exponential(0.1)]);
    let part = |share, discount| Purchase { share, discount, label: None, interruptions_per_hour: 0.0 };
    let tier = |up_to, price| Tier { up_to, price };
    let price = Price::default;
    let rows: Vec<(&str, System, f64)> = vec![
        ("three replicas", priced(three(), Price { per_replica_hour: 0.1, ..price() }), 3.0 * 730.0 * 0.1),
        (
            "shards and replicas",
            priced(
                db(DatabaseNode { shards: 2, read_replicas: 1, ..node() }),
                Price { per_replica_hour: 0.5, ..price() },
            ),
            4.0 * 730.0 * 0.5,
        ),
        ("visits", priced(plain(), Price { per_million_requests: 2.0, ..price() }), 10.0 * MILLIONS * 2.0),
        ("stored by the price", priced(plain(), Price { per_gb_month: 0.1, gb: Some(50.0), ..price() }), 5.0),
        (
            "stored by the database",
            priced(db(DatabaseNode { gb: 80.0, ..node() }), Price { per_gb_month: 0.1, ..price() }),
            8.0,
        ),
        // 10 calls of 0.1 MB: 1 MB a second.
        ("moved", priced(plain(), Price { per_gb_transfer: 0.02, ..price() }), 1000.0 * MILLIONS * 0.02),
        ("out", priced(plain(), Price { egress_per_gb: 0.09, ..price() }), 1000.0 * MILLIONS * 0.09),
        ("units", priced(units(), Price { per_request_unit_hour: 0.0001, ..price() }), 150.0 * 730.0 * 0.0001),
        // One instance's worth of 0.1 s x 10: half a GB all the time.
        ("memory", priced(function(), Price { per_gb_second: 1e-5, ..price() }), 0.5 * MILLIONS * 10.0),
        ("fixed", priced(plain(), Price { fixed_monthly: 7.0, ..price() }), 7.0),
        // A million free, then a unit per million up to eleven, then half.
        (
            "tiers",
            priced(
                plain(),
                Price { tiers: vec![tier(Some(1e6), 0.0), tier(Some(11e6), 1e-6), tier(None, 0.5e-6)], ..price() },
            ),
            10.0 + 0.5 * (26.28 - 11.0),
        ),
        (
            "mix",
            priced(
                three(),
                Price {
                    per_replica_hour: 0.1,
                    purchase: vec![part(0.2, 0.0), part(0.5, 0.4), part(0.3, 0.65)],
                    ..price()
                },
            ),
            219.0 * (0.2 + 0.5 * 0.6 + 0.3 * 0.35),
        ),
    ];
    for (name, system, want) in rows {
        let bill = month(&system, 1.0);
        assert!((bill.monthly() / want - 1.0).abs() < 1e-9, "{name}: {} is not {want}", bill.monthly());
        let parts: f64 = bill.stations.iter().map(cost::StationBill::monthly).sum();
        assert!((parts - bill.monthly()).abs() < 1e-9, "{name}: components add up");
    }
}

#[test]
fn what_is_stored_grows_with_time() {
    let db = DatabaseNode { gb: 50.0, gb_growth_per_month: 5.0, ..node() };
    let mut system = priced(
        station("priced", Kind::Database(db), vec![exponential(0.01)]),
        Price { per_gb_month: 0.1, ..Price::default() },
    );
    assert!((month(&system, 2.0).monthly() - 5.0).abs() < 1e-9, "without a growth there is no time");
    system.growth_per_month = Some(0.08);
    // Twice the load after ln 2 / ln 1.08 = 9.0065 months.
    let months = 2.0_f64.ln() / 1.08_f64.ln();
    assert!((month(&system, 2.0).monthly() - 0.1 * (50.0 + 5.0 * months)).abs() < 1e-9);
    assert!((month(&system, 1.0).monthly() - 5.0).abs() < 1e-9);
    assert!((month(&system, 0.5).monthly() - 5.0).abs() < 1e-9, "before the start");
    // Half the load after ln 0.5 / ln 0.92 = 8.3130 months of shrinking; twice the load never.
    system.growth_per_month = Some(-0.08);
    let months = 0.5_f64.ln() / 0.92_f64.ln();
    assert!((month(&system, 0.5).monthly() - 0.1 * (50.0 + 5.0 * months)).abs() < 1e-9);
    assert!((month(&system, 2.0).monthly() - 5.0).abs() < 1e-9);
}

#[test]
fn costs_of_no_component_follow_what_they_say() {
    let mut system = priced(station("priced", service(None), vec![exponential(0.1)]), Price::default());
    let cost = |id: &str, monthly, follows_traffic| FixedCost { id: id.into(), monthly, follows_traffic };
    system.fixed_costs = vec![cost("support", 300.0, false), cost("mail", 20.0, true), cost("credit", -50.0, false)];
    let bill = month(&system, 3.0);
    assert_eq!(bill.others, [300.0, 60.0, -50.0]);
    assert!((bill.monthly() - 310.0).abs() < 1e-9 && (bill.fixed - 250.0).abs() < 1e-9, "{bill:?}");
}

/// Half the day at the peak and half at half of it, through an autoscaler: the bill follows the day, and the boots.
#[test]
fn a_month_follows_its_days() {
    let mut app = station(
        "app",
        Kind::Service { concurrency: Some(100), cpu_cores: Some(1.0), queue_limit: None },
        vec![exponential(0.02)],
    );
    app.price = Price { per_replica_hour: 0.1, per_million_requests: 1.0, given: true, ..Price::default() };
    app.autoscale = Some(Autoscale {
        min: 1,
        max: 20,
        metric: AutoscaleMetric::Cpu,
        target: 0.5,
        tolerance: 0.1,
        interval: 15.0,
        metric_delay: 30.0,
        startup: 36.0,
        stabilization_down: 360.0,
    });
    let mut system = system(vec![open("a", 0, 100.0)], vec![app]);
    // 100 a second of 20 ms at half of a core each: four replicas.
    assert!((month(&system, 1.0).monthly() - (4.0 * 73.0 + 100.0 * MILLIONS)).abs() < 1e-6);
    let factors: Vec<f64> = (0..24).map(|hour| if hour < 12 { 1.0 } else { 0.5 }).collect();
    system.classes[0].profile = Some(Profile::Periodic { step: 3600.0, factors });
    let bill = month(&system, 1.0);
    // Two replicas less for half the time; two boots of 36 s and two stays of 360 s each day.
    let days = 730.0 / 24.0;
    let hours = 730.0 * 3.0 + days * (2.0 * 36.0 + 2.0 * 360.0) / 3600.0;
    assert!((bill.stepped - 0.1 * hours).abs() < 1e-6, "{bill:?} {}", 0.1 * hours);
    assert!((bill.usage - 75.0 * MILLIONS).abs() < 1e-6 && (bill.requests - 75e6 * MILLIONS).abs() < 1.0, "{bill:?}");
    // A week whose second class rests on weekends, recorded as a series: two days of seven.
    let record = Profile::Recorded(vec![(0.0, 1.0), (5.0 * 86_400.0, 0.0), (7.0 * 86_400.0, 0.0)]);
    system.classes[0].profile = Some(record);
    system.stations[0].autoscale = None;
    system.stations[0].replicas = 4;
    let bill = month(&system, 1.0);
    assert!((bill.usage - 100.0 * MILLIONS * 5.0 / 7.0).abs() < 1e-6, "{bill:?}");
    assert!((bill.stepped - 4.0 * 73.0).abs() < 1e-9, "without an autoscaler the replicas stay: {bill:?}");
}

/// Requests are billed by the mean of each class's own profile, whatever moves beside it and however finely.
#[test]
fn every_profile_keeps_its_own_mean() {
    let hours = |factors: &[f64]| Profile::Periodic { step: 3600.0, factors: factors.to_vec() };
    let night = || hours(&[[1.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]].concat());
    let record = |points: usize, step: f64, factor: &dyn Fn(usize) -> f64| {
        Profile::Recorded((0..points).map(|place| (place as f64 * step, factor(place))).collect())
    };
    // Low but for one point of the week: rounded to a step of the peak the rest is nothing.
    let low = || record(2017, 300.0, &|place| if place == 1000 { 1.0 } else { 0.0045 + 1e-6 * (place % 3000) as f64 });
    let wave = |length: usize, period: f64| record(length, 300.0, &|place| 0.5 + 0.5 * (place as f64 / period).sin());
    let step = |until: f64| Profile::Recorded(vec![(0.0, 1.0), (0.3 * until, 0.5), (until, 0.5)]);
    let rows: Vec<(&str, Vec<Profile>)> = vec![
        ("a low base", vec![low()]),
        ("a day beside 30 hours", vec![night(), step(108_000.0)]),
        ("a day beside a little more than one", vec![night(), step(86_700.0)]),
        ("a day beside what never falls in with it", vec![night(), step(131_071.0)]),
        ("a day beside days without the length of the last point", vec![night(), wave(2016, 60.0)]),
        ("waves of several lengths", vec![wave(900, 11.0), wave(1301, 7.0), wave(2017, 31.0), night()]),
        ("one record of many classes", (0..12).map(|_| low()).collect()),
    ];
    for (name, profiles) in rows {
        let mut all = system(vec![], vec![]);
        let service = vec![exponential(0.01); profiles.len()];
        for (place, profile) in profiles.into_iter().enumerate() {
            let mut part = station("part", Kind::External { rate_limit: None }, service.clone());
            part.price = Price { per_million_requests: 1.0, given: true, ..Price::default() };
            all.stations.push(part);
            all.classes.push(Class { profile: Some(profile), ..open("a", place, 1000.0) });
        }
        let bill = month(&all, 1.0);
        for (class, part) in all.classes.iter().zip(&bill.stations) {
            let want = 1000.0 * MILLIONS * mean(class.profile.as_ref().unwrap());
            let off = part.usage / want - 1.0;
            assert!(off.abs() < 1e-5, "{name}: {} is not {want}", part.usage);
        }
    }
}

/// A profile's mean over its own cycle.
fn mean(profile: &Profile) -> f64 {
    match profile {
        Profile::Periodic { factors, .. } => factors.iter().sum::<f64>() / factors.len() as f64,
        Profile::Recorded(points) => {
            let held: f64 = points.windows(2).map(|pair| pair[0].1 * (pair[1].0 - pair[0].0)).sum();
            held / points[points.len() - 1].0
        }
        Profile::Spike { .. } => 1.0,
    }
}

/// More load never costs less at a fixed design, until something refuses it.
#[test]
fn cost_is_monotone_in_load() {
    let shop = shop();
    let mut last = 0.0;
    for tenth in 5..50 {
        let now = month(&shop, f64::from(tenth) / 10.0).monthly();
        assert!(now >= last, "{tenth}: {now} after {last}");
        last = now;
    }
}
