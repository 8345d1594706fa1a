//! Whole scenario files against exact values that are found here by other means: the stationary distribution of the Markov chain the
//! scenario stands for, or a formula of a textbook. No queueing code of the engine is used.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::needless_pass_by_value)]

mod common;

use common::chains::{birth_death, mean, renewal, stationary, two_classes};
use serde_json::{Value, json};

fn open(rate: f64, cv: f64) -> Value {
    json!({"id": "u", "entry": "s", "arrivals": {"open": {"rate": rate, "cv": cv}}})
}

fn users(id: &str, users: u32, think: f64) -> Value {
    json!({"id": id, "entry": "s", "arrivals": {"closed": {"users": users, "think_time_s": think}}})
}

fn scenario(traffic: Value, components: Value) -> Value {
    json!({"format": "headroom/1", "name": "exact", "traffic": traffic, "components": components, "growth": {"multiples": [1.0]}})
}

/// A component of one station, called `s`; its keys beside `id`.
fn one(traffic: Value, mut component: Value) -> Value {
    component["id"] = json!("s");
    scenario(json!([traffic]), json!([component]))
}

/// One expected figure of a scenario's only point; seconds are given as milliseconds.
struct Row {
    name: &'static str,
    scenario: Value,
    at: &'static str,
    exact: f64,
    /// Relative.
    tolerance: f64,
}

fn row(name: &'static str, scenario: Value, at: &'static str, exact: f64, tolerance: f64) -> Row {
    Row { name, scenario, at, exact, tolerance }
}

const MEAN: &str = "/classes/u/latency_ms/mean";
const P99: &str = "/classes/u/latency_ms/p99";
const FLOW: &str = "/classes/u/throughput_rps";

fn check(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let parsed =
            scenario::parse(&row.scenario.to_string()).unwrap_or_else(|p| panic!("{}: {p:?}", row.name)).scenario;
        let doc = study::solve::solve(&parsed, &[]).unwrap_or_else(|p| panic!("{}: {p:?}", row.name));
        let doc = serde_json::to_value(&doc).unwrap();
        let got = doc["points"][0].pointer(row.at).and_then(Value::as_f64).unwrap_or(f64::NAN);
        let error = got / row.exact - 1.0;
        println!("{:40} {:30} {got:14.6} exact {:14.6} {:8.4} %", row.name, row.at, row.exact, 100.0 * error);
        if error.is_nan() || error.abs() > row.tolerance {
            wrong.push(format!("{} {}: {got} is not {}", row.name, row.at, row.exact));
        }
        assert!(!doc["warnings"].to_string().contains("not-converged"), "{}", row.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn closed_users_on_loads_that_slow_each_other() {
    let law = |n: f64| n / (1.0 + 0.05 * (n - 1.0) + 0.002 * n * (n - 1.0));
    let mut rows = Vec::new();
    for (name, cores, users_of) in [
        ("usl, 8 cores, 20 users", Some(8), 20),
        ("usl, 8 cores, 60 users", Some(8), 60),
        ("usl, 8 cores, 5000 users", Some(8), 5000),
        ("usl, no cores", None, 40),
        ("usl, no cores, 5000 users", None, 5000),
    ] {
        let most = cores.map_or(f64::INFINITY, f64::from);
        let chain = birth_death(users_of, |n| (f64::from(users_of) - n) / 0.5, |n| law(n.min(most)) / 0.1);
        let present = mean(&chain, |&n| f64::from(n));
        let rate = (f64::from(users_of) - present) / 0.5;
        let mut node =
            json!({"kind": "database", "service": {"mean_ms": 100}, "usl": {"contention": 0.05, "coherency": 0.002}});
        if let Some(cores) = cores {
            node["cores"] = json!(cores);
        }
        let file = one(users("u", users_of, 0.5), node);
        rows.push(row(name, file.clone(), FLOW, rate, 1e-6));
        rows.push(row(name, file, MEAN, 1000.0 * present / rate, 1e-6));
    }
    // The same users as two classes: mean values of Linearizer's kind.
    for (name, cores, half, tolerance) in
        [("usl, two classes", Some(8), 60, 0.06), ("usl, two classes, no cores", None, 60, 0.06)]
    {
        let most = cores.map_or(f64::INFINITY, f64::from);
        let chain = birth_death(2 * half, |n| (f64::from(2 * half) - n) / 2.5, |n| law(n.min(most)) / 0.1);
        let present = mean(&chain, |&n| f64::from(n));
        let rate = (f64::from(2 * half) - present) / 2.5;
        let mut node = json!({"id": "s", "kind": "database", "service": {"mean_ms": 100}, "usl": {"contention": 0.05, "coherency": 0.002}});
        if let Some(cores) = cores {
            node["cores"] = json!(cores);
        }
        let file = scenario(json!([users("u", half, 2.5), users("v", half, 2.5)]), json!([node]));
        rows.push(row(name, file.clone(), FLOW, rate / 2.0, tolerance));
        rows.push(row(name, file, MEAN, 1000.0 * present / rate, tolerance));
    }
    // Open: the same law, Poisson arrivals.
    let chain = birth_death(3000, |_| 35.0, |n| law(n.min(8.0)) / 0.1);
    let node = json!({"kind": "database", "cores": 8, "service": {"mean_ms": 100}, "usl": {"contention": 0.05, "coherency": 0.002}});
    rows.push(row(
        "usl, open",
        one(open(35.0, 1.0), node),
        MEAN,
        1000.0 * mean(&chain, |&n| f64::from(n)) / 35.0,
        1e-6,
    ));
    check(rows);
}

#[test]
fn a_hot_shard() {
    let shards =
        json!({"kind": "database", "cores": 1, "shards": 2, "hot_shard_share": 0.7, "service": {"mean_ms": 50}});
    // Ten users: a chain of the numbers at both shards.
    let chain = stationary((0_u32, 0_u32), |&(a, b)| {
        let arrive = f64::from(10 - a - b) / 0.2;
        let mut to = vec![((a + 1, b), 0.7 * arrive), ((a, b + 1), 0.3 * arrive)];
        if a > 0 {
            to.push(((a - 1, b), 20.0));
        }
        if b > 0 {
            to.push(((a, b - 1), 20.0));
        }
        to
    });
    let present = mean(&chain, |&(a, b)| f64::from(a + b));
    let rate = (10.0 - present) / 0.2;
    let closed = one(users("u", 10, 0.2), shards.clone());
    let mut four = shards;
    (four["shards"], four["hot_shard_share"]) = (json!(4), json!(0.4));
    // Open: an M/M/1 queue each, at 16 and 8 of 20 a second.
    let open_mean = 0.4 * 50.0 / (1.0 - 0.8) + 0.6 * 50.0 / (1.0 - 0.4);
    check(vec![
        row("hot shard, closed", closed.clone(), FLOW, rate, 1e-6),
        row("hot shard, closed", closed.clone(), MEAN, 1000.0 * present / rate, 1e-6),
        row("hot shard, closed", closed, "/components/s/utilization", 0.7 * rate * 0.05, 1e-6),
        row("hot shard, open", one(open(40.0, 1.0), four.clone()), MEAN, open_mean, 1e-6),
        row("hot shard, open", one(open(40.0, 1.0), four), "/components/s/utilization", 0.8, 1e-9),
    ]);
}

#[test]
fn several_classes_on_several_servers() {
    let mut rows = Vec::new();
    let traffic = |a: (u32, f64, f64), b: (u32, f64, f64)| json!([users("u", a.0, a.1), users("v", b.0, b.1)]);
    for (name, kind, a, b) in [
        ("sharing, own times differ", "cpu_cores", (5, 0.1, 0.04), (8, 0.3, 0.15)),
        ("first come, same times", "concurrency", (6, 0.1, 0.05), (9, 0.4, 0.05)),
    ] {
        let [first, second] = two_classes([a, b]);
        let mut station = json!({"id": "s", "kind": "service", "service": {"u": {"mean_ms": a.2 * 1000.0}, "v": {"mean_ms": b.2 * 1000.0}}});
        station[kind] = json!(2);
        let file = scenario(traffic(a, b), json!([station]));
        rows.push(row(name, file.clone(), MEAN, first, 1e-6));
        rows.push(row(name, file, "/classes/v/latency_ms/mean", second, 1e-6));
    }
    // On 150 servers, below the knee, at it and beyond: one class is exact, two of the same kind are Linearizer's.
    for (name, count, classes, tolerance) in [
        ("1400 users, 150 servers", 1400, 1, 1e-6),
        ("1600 users, 150 servers", 1600, 1, 1e-6),
        ("20000 users, 150 servers", 20_000, 1, 1e-6),
        ("1600 users in two classes", 1600, 2, 0.06),
        ("2000 users in two classes", 2000, 2, 0.02),
    ] {
        let chain = birth_death(count, |n| (f64::from(count) - n) / 10.0, |n| n.min(150.0));
        let present = mean(&chain, |&n| f64::from(n));
        let rate = (f64::from(count) - present) / 10.0;
        let traffic: Vec<Value> =
            ["u", "v"][..classes].iter().map(|id| users(id, count / classes as u32, 10.0)).collect();
        let station = json!({"id": "s", "kind": "service", "concurrency": 150, "service": {"mean_ms": 1000}});
        let file = scenario(json!(traffic), json!([station]));
        rows.push(row(name, file.clone(), FLOW, rate / classes as f64, f64::min(tolerance, 0.005)));
        rows.push(row(name, file, MEAN, 1000.0 * present / rate, tolerance));
    }
    check(rows);
}

#[test]
fn open_and_closed_together() {
    // Six users and 8 a second on one shared core: open number up to 200.
    let chain = stationary((0_u32, 0_u32), |&(o, c)| {
        let all = f64::from(o + c);
        let mut to = vec![((o, c + 1), f64::from(6 - c) / 0.3)];
        if o < 200 {
            to.push(((o + 1, c), 8.0));
        }
        if o > 0 {
            to.push(((o - 1, c), f64::from(o) / all / 0.05));
        }
        if c > 0 {
            to.push(((o, c - 1), f64::from(c) / all / 0.03));
        }
        to
    });
    let (opened, closed) = (mean(&chain, |s| f64::from(s.0)), mean(&chain, |s| f64::from(s.1)));
    let rate = (6.0 - closed) / 0.3;
    let station =
        json!({"id": "s", "kind": "service", "cpu_cores": 1, "service": {"u": {"mean_ms": 50}, "v": {"mean_ms": 30}}});
    let file = scenario(json!([open(8.0, 1.0), users("v", 6, 0.3)]), json!([station]));
    check(vec![
        row("mixed", file.clone(), MEAN, 1000.0 * opened / 8.0, 1e-6),
        row("mixed", file, "/classes/v/latency_ms/mean", 1000.0 * closed / rate, 1e-6),
    ]);
}

/// Users think 0.4 s, take one of `places` for an own time (at `shared` cores, infinite for a delay), then one of `servers` for 30 ms;
/// who has no place waits. Throughput and mean time in milliseconds.
fn held(all: u32, places: u32, own: f64, shared: f64, servers: f64) -> (f64, f64) {
    let chain = stationary((0_u32, 0_u32, 0_u32), move |&(line, working, below)| {
        let inside = working + below;
        let mut to = Vec::new();
        let think = f64::from(all - line - inside) / 0.4;
        to.push(if inside < places {
            ((line, working + 1, below), think)
        } else {
            ((line + 1, working, below), think)
        });
        if working > 0 {
            to.push(((line, working - 1, below + 1), f64::from(working).min(shared) / own));
        }
        if below > 0 {
            let next = if line > 0 { (line - 1, working + 1, below - 1) } else { (0, working, below - 1) };
            to.push((next, f64::from(below).min(servers) / 0.03));
        }
        to
    });
    let present = mean(&chain, |&(a, b, c)| f64::from(a + b + c));
    let rate = (f64::from(all) - present) / 0.4;
    (rate, 1000.0 * present / rate)
}

#[test]
fn users_behind_slots_and_pools_over_a_queue() {
    let mut rows = Vec::new();
    for (name, places, shared, servers) in [
        ("4 slots over 1 core", 4, None, 1),
        ("3 slots over 2 cores", 3, None, 2),
        ("6 slots over 2 cores", 6, None, 2),
        ("5 slots sharing a core over 2 cores", 5, Some(1), 2),
    ] {
        let (rate, time) = held(15, places, 0.02, shared.map_or(f64::INFINITY, f64::from), f64::from(servers));
        let mut app = json!({"id": "s", "kind": "service", "concurrency": places, "service": {"mean_ms": 20}, "calls": [{"to": "db"}]});
        if let Some(shared) = shared {
            app["cpu_cores"] = json!(shared);
        }
        let db = json!({"id": "db", "kind": "database", "cores": servers, "service": {"mean_ms": 30}});
        let file = scenario(json!([users("u", 15, 0.4)]), json!([app, db.clone()]));
        // Approximate: what is inside the slots is taken as settled whenever their number changes.
        rows.push(row(name, file.clone(), FLOW, rate, 0.003));
        rows.push(row(name, file.clone(), MEAN, time, 0.02));
        rows.push(row(name, file, "/components/db/utilization", rate * 0.03 / f64::from(servers), 0.003));
        if shared.is_none() {
            // A pool instead: the own time is before it, so only the call is held.
            let pool =
                json!({"id": "s", "kind": "service", "pools": {"p": places}, "calls": [{"to": "x", "pool": "p"}]});
            let held = json!({"id": "x", "kind": "service", "service": {"mean_ms": 20}, "calls": [{"to": "db"}]});
            let file = scenario(json!([users("u", 15, 0.4)]), json!([pool, held, db]));
            rows.push(row("as a pool", file, MEAN, time, 0.02));
        }
    }
    // Half a core: own times double, and are no wait.
    let chain = birth_death(5, |n| (5.0 - n) / 0.4, |_| 0.5 / 0.1);
    let present = mean(&chain, |&n| f64::from(n));
    let half = one(users("u", 5, 0.4), json!({"kind": "service", "cpu_cores": 0.5, "service": {"mean_ms": 100}}));
    rows.push(row("half a core", half, MEAN, 1000.0 * 0.4 * present / (5.0 - present), 1e-6));
    check(rows);
}

#[test]
fn users_behind_slots_over_slots() {
    // 12 users, six slots held over three held over one core: (line, working) at each level, and at the database.
    type State = ([u32; 2], [u32; 2], u32);
    let chain = stationary(([0; 2], [0; 2], 0), |&(outer, inner, below): &State| {
        let (in_inner, mut to) = (inner[1] + below, Vec::new());
        let in_outer = outer[1] + inner[0] + in_inner;
        let think = f64::from(12 - outer[0] - in_outer) / 0.3;
        let place = usize::from(in_outer < 6);
        let mut next = outer;
        next[place] += 1;
        to.push(((next, inner, below), think));
        if outer[1] > 0 {
            let mut entered = inner;
            entered[usize::from(in_inner < 3)] += 1;
            to.push((([outer[0], outer[1] - 1], entered, below), f64::from(outer[1]) / 0.02));
        }
        if inner[1] > 0 {
            to.push(((outer, [inner[0], inner[1] - 1], below + 1), f64::from(inner[1]) / 0.01));
        }
        if below > 0 {
            let freed = if inner[0] > 0 { [inner[0] - 1, inner[1] + 1] } else { inner };
            let outer = if outer[0] > 0 { [outer[0] - 1, outer[1] + 1] } else { outer };
            to.push(((outer, freed, below - 1), 1.0 / 0.03));
        }
        to
    });
    let present = mean(&chain, |&(a, b, c)| f64::from(a[0] + a[1] + b[0] + b[1] + c));
    let rate = (12.0 - present) / 0.3;
    let file = scenario(
        json!([users("u", 12, 0.3)]),
        json!([
            {"id": "s", "kind": "service", "concurrency": 6, "service": {"mean_ms": 20}, "calls": [{"to": "t"}]},
            {"id": "t", "kind": "service", "concurrency": 3, "service": {"mean_ms": 10}, "calls": [{"to": "db"}]},
            {"id": "db", "kind": "database", "cores": 1, "service": {"mean_ms": 30}}]),
    );
    let waits = |of: &dyn Fn(&State) -> u32| 1000.0 * mean(&chain, |s| f64::from(of(s))) / rate;
    check(vec![
        row("slots over slots", file.clone(), FLOW, rate, 0.012),
        row("slots over slots", file.clone(), MEAN, 1000.0 * present / rate, 0.012),
        row("slots over slots", file.clone(), "/components/s/wait_ms", waits(&|s| s.0[0]), 0.012),
        row("slots over slots", file.clone(), "/components/t/wait_ms", waits(&|s| s.1[0]), 0.012),
        row(
            "slots over slots",
            file,
            "/components/s/slot_utilization",
            mean(&chain, |s| f64::from((s.0[1] + s.1[0] + s.1[1] + s.2).min(6))) / 6.0,
            0.012,
        ),
    ]);
}

#[test]
fn users_of_two_pools_over_one_queue() {
    // Two services with three connections each over one core: one pool of six to the closed form. (lines, below) of both.
    let chain = stationary([0_u32; 4], |&n: &[u32; 4]| {
        let thinking = 16 - n.iter().sum::<u32>();
        let below = f64::from(n[2] + n[3]);
        let mut to = Vec::new();
        for side in 0..2 {
            let (mut more, mut fewer) = (n, n);
            more[if n[2 + side] < 3 { 2 + side } else { side }] += 1;
            to.push((more, f64::from(thinking) / 0.4 / 2.0));
            if n[2 + side] > 0 {
                if n[side] > 0 {
                    fewer[side] -= 1
                } else {
                    fewer[2 + side] -= 1
                }
                to.push((fewer, f64::from(n[2 + side]) / below / 0.03));
            }
        }
        to
    });
    let present = mean(&chain, |n| f64::from(n.iter().sum::<u32>()));
    let rate = (16.0 - present) / 0.4;
    let side = |id: &str| json!({"id": id, "kind": "service", "pools": {"p": 3}, "calls": [{"to": "db", "pool": "p"}]});
    let file = scenario(
        json!([users("u", 16, 0.4)]),
        json!([{"id": "s", "kind": "service", "calls": [{"to": "a", "per_request": 0.5}, {"to": "b", "per_request": 0.5}]},
            side("a"), side("b"), {"id": "db", "kind": "database", "cores": 1, "service": {"mean_ms": 30}}]),
    );
    check(vec![
        row("two pools", file.clone(), FLOW, rate, 0.003),
        row("two pools", file, MEAN, 1000.0 * present / rate, 0.01),
    ]);
}

#[test]
fn rooms_that_refuse() {
    let mut rows = Vec::new();
    for (name, rate, servers, room) in
        [("M/M/2/5 at 0.8", 16.0, 2.0_f64, 5), ("M/M/3/3 overloaded", 60.0, 3.0, 3), ("M/M/1/8 at 1", 10.0, 1.0, 8)]
    {
        let chain = birth_death(room, |_| rate, |n| n.min(servers) / 0.1);
        let loss = chain.last().unwrap().1;
        let time = 1000.0 * mean(&chain, |&n| f64::from(n)) / (rate * (1.0 - loss));
        let limit = f64::from(room) - servers;
        let file = one(
            open(rate, 1.0),
            json!({"kind": "service", "concurrency": servers, "queue_limit": limit, "service": {"mean_ms": 100}}),
        );
        rows.push(row(name, file.clone(), "/classes/u/error_ratio", loss, 1e-6));
        rows.push(row(name, file, MEAN, time, 1e-6));
    }
    check(rows);
}

#[test]
fn arrivals_that_are_not_poisson() {
    let mut rows = Vec::new();
    let station = |servers: u32| json!({"kind": "service", "concurrency": servers, "service": {"mean_ms": 1000}});
    for (name, servers, load) in [("cv 0.5, 1 server", 1, 0.7), ("cv 0.5, 3 servers", 3, 0.85)] {
        // An scv of 1/4 is four Erlang stages.
        let rate = load * f64::from(servers);
        let exact = renewal(4, 1.0, [4.0 * rate, 0.0], servers);
        rows.push(row(name, one(open(rate, 0.5), station(servers)), MEAN, 1000.0 * exact, 1e-4));
    }
    for (name, servers, load) in [("cv 2, 1 server", 1, 0.6), ("cv 2, 2 servers", 2, 0.8)] {
        let rate = load * f64::from(servers);
        let share = (1.0 + (3.0_f64 / 5.0).sqrt()) / 2.0;
        let exact = renewal(0, share, [2.0 * share * rate, 2.0 * (1.0 - share) * rate], servers);
        rows.push(row(name, one(open(rate, 2.0), station(servers)), MEAN, 1000.0 * exact, 1e-4));
    }
    // D/M/1: the root of w = exp(-(1 - w) / load).
    let mut w = 0.5_f64;
    for _ in 0..500 {
        w = (-(1.0 - w) / 0.8).exp();
    }
    rows.push(row("fixed gaps", one(open(0.8, 0.0), station(1)), MEAN, 1000.0 / (1.0 - w), 1e-6));
    rows.push(row("fixed gaps", one(open(0.8, 0.0), station(1)), P99, 1000.0 * 100.0_f64.ln() / (1.0 - w), 1e-4));
    check(rows);
}

#[test]
fn service_that_varies_little() {
    // Gamma of scv 1/2 is two stages: a chain of (waiting, in the first stage, in the second).
    let mut rows = Vec::new();
    for (name, servers, load) in [("M/E2/2 at 0.2", 2_u32, 0.2), ("M/E2/2 at 0.8", 2, 0.8), ("M/E2/4 at 0.6", 4, 0.6)] {
        let rate = load * f64::from(servers);
        let chain = stationary((0_u32, 0_u32, 0_u32), |&(line, first, second)| {
            let mut to = Vec::new();
            if first + second < servers {
                to.push(((line, first + 1, second), rate));
            } else if line < 150 {
                to.push(((line + 1, first, second), rate));
            }
            if first > 0 {
                to.push(((line, first - 1, second + 1), 2.0 * f64::from(first)));
            }
            if second > 0 {
                let next = if line > 0 { (line - 1, first + 1, second - 1) } else { (0, first, second - 1) };
                to.push((next, 2.0 * f64::from(second)));
            }
            to
        });
        let wait = mean(&chain, |s| f64::from(s.0)) / rate;
        let service = json!({"mean_ms": 1000, "cv": 0.5_f64.sqrt()});
        let file = one(open(rate, 1.0), json!({"kind": "service", "concurrency": servers, "service": service}));
        rows.push(row(name, file, "/components/s/wait_ms", 1000.0 * wait, 0.02));
    }
    check(rows);
}

#[test]
fn calls_that_join() {
    // The later of two exponential times of 1 s, and of three: harmonic sums; tails (1 - e^-t)^n.
    let mut rows = Vec::new();
    for (name, count, exact) in [("two at once", 2_i32, 1500.0), ("three at once", 3, 11000.0 / 6.0)] {
        let call = json!({"to": "x", "mode": "parallel", "per_request": count});
        let file = scenario(
            json!([open(1.0, 1.0)]),
            json!([{"id": "s", "kind": "service", "calls": [call]}, {"id": "x", "kind": "external", "service": {"mean_ms": 1000}}]),
        );
        let p99 = -1000.0 * (1.0 - 0.99_f64.powf(1.0 / f64::from(count))).ln();
        rows.push(row(name, file.clone(), MEAN, exact, 2e-3));
        rows.push(row(name, file, P99, p99, 0.02));
    }
    check(rows);
}

#[test]
fn replicas_an_autoscaler_settles_at() {
    // 100 a second of 50 ms are 5 busy cores: at most 0.7 of each needs 8 replicas of one core, 4 of two; 3 are the most elsewhere.
    let scaled = |cores: u32, most: u32| {
        let scale = json!({"min": 1, "max": most, "metric": "cpu", "target": 0.7});
        one(
            open(100.0, 1.0),
            json!({"kind": "service", "cpu_cores": cores, "service": {"mean_ms": 50}, "autoscale": scale}),
        )
    };
    let at = "/components/s/replicas";
    check(vec![
        row("one core each", scaled(1, 20), at, 8.0, 0.0),
        row("two cores each", scaled(2, 20), at, 4.0, 0.0),
        row("two cores each", scaled(2, 20), "/components/s/utilization", 5.0 / 8.0, 1e-9),
        row("the most is reached", scaled(1, 6), at, 6.0, 0.0),
    ]);
}

#[test]
fn hit_ratios_from_keys() {
    let (keys, capacity, zipf, rate) = (400_u32, 60_u32, 0.8, 30.0);
    let weights: Vec<f64> = (1..=keys).map(|n| f64::from(n).powf(-zipf)).collect();
    let all: f64 = weights.iter().sum();
    let p: Vec<f64> = weights.iter().map(|w| w / all).collect();
    let lfu: f64 = p[..capacity as usize].iter().sum();
    // Che: the time T in which as many keys are asked for as fit; FIFO with the geometric law of its renewals.
    let solve = |kept: &dyn Fn(f64, f64) -> f64| {
        let (mut low, mut high) = (0.0_f64, 1.0e9_f64);
        for _ in 0..300 {
            let middle = 0.5 * (low + high);
            if p.iter().map(|&p| kept(p, middle)).sum::<f64>() < f64::from(capacity) {
                low = middle
            } else {
                high = middle
            }
        }
        p.iter().map(|&p| p * kept(p, low)).sum::<f64>()
    };
    let lru = solve(&|p, t| 1.0 - (-p * t).exp());
    let fifo = solve(&|p, t| p * t / (1.0 + p * t));
    // A life of 20 s from the fetch, room for all: one miss, then every request within the life hits.
    let ttl: f64 = p.iter().map(|&p| p * (rate * p * 20.0) / (1.0 + rate * p * 20.0)).sum();
    let cache = |eviction: &str, capacity: u32, life: Option<f64>| {
        let mut hits = json!({"keys": keys, "zipf": zipf, "capacity_items": capacity, "eviction": eviction});
        if let Some(life) = life {
            hits["ttl_s"] = json!(life);
        }
        one(open(rate, 1.0), json!({"kind": "cache", "service": {"mean_ms": 1}, "hit_ratio": hits}))
    };
    let at = "/components/s/hit_ratio";
    check(vec![
        row("lfu", cache("lfu", capacity, None), at, lfu, 1e-5),
        row("lru, Che", cache("lru", capacity, None), at, lru, 1e-4),
        row("fifo", cache("fifo", capacity, None), at, fifo, 0.01),
        row("ttl", cache("lru", keys, Some(20.0)), at, ttl, 1e-4),
    ]);
}
