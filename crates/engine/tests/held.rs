//! Slots and connections held over calls that are made rarely, often or of uneven length: the closed form against the simulator,
//! and against M/G/1 where one slot makes the whole of it one server.
#![allow(clippy::unwrap_used)]

mod sim_support;

use engine::{model::*, sim::Measure, sim::Settings, solve};
use sim_support::*;

/// Slots of a service, its own time (ms, cv), calls for each request.
struct Row {
    name: &'static str,
    slots: u32,
    own: (f64, f64),
    calls: f64,
    /// Places of a pool of connections.
    pool: Option<u32>,
    /// Servers called, and the time of a visit (ms, cv).
    servers: u32,
    time: (f64, f64),
    /// Of what slots, pool and servers can carry at most.
    load: f64,
    /// How busy others keep the servers.
    others: f64,
    /// Time of a visit of theirs (ms, cv), where it is another.
    theirs: Option<(f64, f64)>,
    /// Relative error of the mean and of the 95th percentile.
    within: (f64, f64),
}

const PLAIN: Row = Row {
    name: "",
    slots: 4,
    own: (0.1, 0.0),
    calls: 1.0,
    pool: None,
    servers: 1,
    time: (35.0, 1.0),
    load: 0.8,
    others: 0.0,
    theirs: None,
    within: (0.05, 0.08),
};

impl Row {
    fn rate(&self) -> f64 {
        let at_servers = self.calls * self.time.0;
        let hold = (self.own.0 + at_servers) / f64::from(self.slots);
        let held = self.pool.map_or(0.0, |pool| at_servers / f64::from(pool));
        1000.0 * self.load / hold.max(held).max(at_servers / f64::from(self.servers))
    }

    fn system(&self) -> System {
        let time = |(mean, cv): (f64, f64)| Distribution::from_mean_cv(mean / 1000.0, cv);
        let mut front = service("front", Some(self.slots), time(self.own));
        front.calls = vec![Call { per_request: self.calls, pool: self.pool.map(|_| 0), ..call(1) }];
        front.pools.extend(self.pool.map(|size| Pool { id: "p".into(), size: Some(size) }));
        let mut all = system(poisson(self.rate()), vec![front, service("back", Some(self.servers), time(self.time))]);
        if self.others > 0.0 {
            let theirs = self.theirs.unwrap_or(self.time);
            let rate = self.others * f64::from(self.servers) * 1000.0 / theirs.0;
            all.classes.push(Class { entry: 1, ..class("others", poisson(rate)) });
            all.stations.iter_mut().for_each(|station| station.service.push(time(theirs)));
        }
        all
    }
}

fn solved(system: &System) -> (f64, f64) {
    let answer = solve::Solver::new(system).unwrap().solve(system, 1.0, &solve::Options::default()).clone();
    let p95 = answer.classes[0].percentiles.iter().find(|(at, _)| (at - 95.0).abs() < 1e-9).unwrap().1;
    (answer.classes[0].mean.unwrap(), p95)
}

#[test]
fn the_simulator_agrees() {
    let rare = Row { calls: 0.3, time: (35.12, 1.0), ..PLAIN };
    let with_own = Row { own: (10.0, 1.0), time: (35.0, 1.0), ..rare };
    let rows = [
        Row { name: "a call of three in ten, one server a slot", slots: 2, servers: 2, load: 0.6, ..rare },
        Row { name: "a call of three in ten, half as many servers", servers: 2, ..rare },
        Row { name: "a call of three in ten, more servers than slots", servers: 8, ..rare },
        Row { name: "many slots over two servers", slots: 8, servers: 2, load: 0.85, ..rare },
        Row { name: "uneven visits", time: (35.0, 2.0), load: 0.7, within: (0.05, 0.16), ..PLAIN },
        Row { name: "even visits", time: (35.0, 0.3), load: 0.7, ..PLAIN },
        Row { name: "three visits", calls: 3.0, time: (10.0, 1.0), ..PLAIN },
        Row { name: "two visits, two slots", slots: 2, calls: 2.0, time: (10.0, 1.0), ..PLAIN },
        Row { name: "two visits, eight slots", slots: 8, calls: 2.0, time: (10.0, 1.0), within: (0.05, 0.16), ..PLAIN },
        Row { name: "own time and servers alike", servers: 2, within: (0.07, 0.08), ..with_own },
        Row { name: "own time, eight slots", slots: 8, servers: 2, within: (0.08, 0.08), ..with_own },
        Row { name: "rare and uneven", slots: 8, servers: 2, time: (35.0, 2.0), within: (0.05, 0.08), ..with_own },
        Row {
            name: "rare calls of what others fill",
            own: (300.0, 1.0),
            calls: 0.01,
            time: (10.0, 1.0),
            load: 0.5,
            others: 0.3,
            ..PLAIN
        },
        Row {
            name: "hardly any calls of what others fill",
            slots: 32,
            own: (60.0, 1.0),
            calls: 0.001,
            servers: 2,
            time: (20.0, 1.0),
            load: 0.85,
            others: 0.5,
            ..PLAIN
        },
        Row {
            name: "a quarter is others'",
            calls: 0.5,
            own: (5.0, 1.0),
            servers: 2,
            load: 0.6,
            others: 0.2,
            within: (0.13, 0.1),
            ..PLAIN
        },
        Row {
            name: "long visits of others, rarely",
            slots: 30,
            own: (6.0, 1.0),
            calls: 3.0,
            time: (7.0, 1.0),
            servers: 4,
            load: 0.37,
            others: 0.02,
            theirs: Some((2000.0, 0.3)),
            ..PLAIN
        },
        Row {
            name: "very long visits of others, very rarely",
            slots: 30,
            own: (6.0, 1.0),
            calls: 3.0,
            time: (7.0, 1.0),
            servers: 4,
            load: 0.37,
            others: 0.011,
            theirs: Some((40_000.0, 0.3)),
            ..PLAIN
        },
        Row {
            name: "a fifth is others' long visits",
            slots: 8,
            servers: 2,
            load: 0.6,
            others: 0.2,
            theirs: Some((350.0, 1.0)),
            within: (0.05, 0.22),
            ..PLAIN
        },
        Row {
            name: "others' visits, some longer",
            slots: 12,
            own: (10.0, 1.0),
            servers: 4,
            load: 0.5,
            others: 0.3,
            theirs: Some((140.0, 1.0)),
            ..PLAIN
        },
        Row { name: "no calls at all", calls: 0.0, own: (60.0, 1.0), others: 0.5, ..PLAIN },
        Row { name: "an uneven part of no weight", own: (300.0, 1.0), time: (1.0, 5.0), load: 0.6, ..PLAIN },
        Row { name: "an even part of little weight", own: (100.0, 1.0), time: (5.0, 0.0), ..PLAIN },
        Row { name: "twenty slots over a pool of three", slots: 20, pool: Some(3), servers: 2, load: 0.7, ..with_own },
    ];
    let mut wrong = Vec::new();
    for row in rows {
        let system = row.system();
        let (mean, p95) = solved(&system);
        let played = run(&system, &Settings { replications: 4, ..settings(1_000_000.0 / row.rate(), 7) });
        let (mean_played, p95_played) = (of_class(&played, Measure::Mean), of_class(&played, Measure::P95));
        let off = |got: f64, want: f64| got / want - 1.0;
        let (by_mean, by_p95) = (off(mean, mean_played), off(p95, p95_played));
        println!("{}: mean {mean:.4} {:+.1} %, p95 {p95:.4} {:+.1} %", row.name, 100.0 * by_mean, 100.0 * by_p95);
        if by_mean.abs() > row.within.0 || by_p95.abs() > row.within.1 {
            wrong.push(row.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn one_slot_is_one_server() {
    for (calls, cv, load) in [(0.3, 1.0, 0.6), (0.05, 1.0, 0.8), (0.3, 2.0, 0.2), (1.0, 0.0, 0.9), (2.0, 1.0, 0.7)] {
        for servers in [1, 4] {
            let row = Row { slots: 1, own: (4.0, 0.5), calls, servers, time: (35.0, cv), load, ..PLAIN };
            let (own, visit) = (4.0, 35.0);
            let part = calls - f64::floor(calls);
            let variance = 0.25 * own * own + calls * cv * cv * visit * visit + part * (1.0 - part) * visit * visit;
            let hold = own + calls * visit;
            // Pollaczek and Khinchine.
            let wait = load * (hold * hold + variance) / hold / (2.0 * (1.0 - load));
            near(&format!("{calls} calls, {servers} servers"), solved(&row.system()).0, (hold + wait) / 1000.0, 1e-3);
        }
    }
}
