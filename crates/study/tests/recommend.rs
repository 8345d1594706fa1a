//! For every kind of change a scenario that needs exactly it: it is in the step, alone, and what is said of it is what solving the
//! changed scenario says.
#![allow(clippy::unwrap_used)]

use scenario::Scenario;
use serde_json::{Value, json};
use study::ResultDoc;
use study::plan::{Plan, apply, plan};

/// What a step must be made of.
enum Needs {
    /// One number, by the end of its address, and what it must become.
    Number(&'static str, u32),
    /// One change of the design, by its words.
    Design(&'static str),
    /// Two of them; neither is enough.
    Both([&'static str; 2]),
    /// Nothing in the step: a design that makes the same work cheaper.
    Saving(&'static str),
}

use Needs::{Both, Design, Number, Saving};

struct Row {
    name: &'static str,
    /// Requests a second at multiple 1.
    rate: u32,
    components: Value,
    slos: Value,
    /// Cores and price of an hour of the machines there are; none: taken in proportion.
    machines: &'static [(u32, f64)],
    /// The multiple of the step.
    at: f64,
    needs: Needs,
}

impl Row {
    fn scenario(&self) -> Scenario {
        let value = json!({
            "format": "headroom/1", "name": self.name,
            "traffic": [{"id": "a", "entry": "api", "arrivals": {"open": {"rate": self.rate}}}],
            "components": self.components, "slos": self.slos, "growth": {"multiples": [1, self.at.max(2.0)]},
            "price_book": self.machines.iter().map(machine).collect::<Vec<_>>()
        });
        scenario::parse_value(value).unwrap().scenario
    }
}

fn machine((cores, hour): &(u32, f64)) -> Value {
    json!({"provider": "aws", "region": "eu", "type": format!("{cores} cores"), "vcpu": cores, "mem_gib": 4 * cores,
           "usd_per_hour": hour, "as_of": "2026-11-01", "source": "list"})
}

fn p95(ms: u32) -> Value {
    json!([{"traffic": "a", "percentile": 95, "latency_ms": ms}])
}

/// A service without limits that calls one thing.
fn api(call: &Value) -> Value {
    json!({"id": "api", "kind": "service", "service": {"mean_ms": 2}, "calls": [call]})
}

fn hour(price: f64) -> Value {
    json!({"per_replica_hour": price})
}

/// Whole numbers of servers whose least stable count is known from the load.
fn numbers() -> Vec<Row> {
    let app = |more: Value| {
        let mut app = json!({"id": "api", "kind": "service", "service": {"mean_ms": 20}, "price": hour(0.1)});
        app.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app
    };
    let work = json!({"id": "worker", "kind": "service", "service": {"mean_ms": 50}});
    let sent = json!({"to": "jobs", "mode": "async"});
    let aged = json!([{"component": "jobs", "max_backlog_age_s": 5}]);
    vec![
        // 80 a second of 20 ms are 1.6 servers' work.
        Row {
            name: "replicas",
            rate: 40,
            components: json!([app(json!({"concurrency": 1}))]),
            slos: p95(250),
            machines: &[],
            at: 2.0,
            needs: Number("api.replicas", 2),
        },
        // 300 a second of 20 ms are 6 cores' work, at 70 % nine replicas (8.57).
        Row {
            name: "an autoscaler's most",
            rate: 100,
            components: json!([app(
                json!({"concurrency": 64, "cpu_cores": 1, "autoscale": {"min": 1, "max": 4, "target": 0.7}})
            )]),
            slos: json!([{"component": "api", "max_utilization": 0.7}]),
            machines: &[],
            at: 3.0,
            needs: Number("api.autoscale.max", 9),
        },
        // 160 a second that hold a connection for 20 ms are 3.2 connections' work.
        Row {
            name: "a pool",
            rate: 80,
            components: json!([
                {"id": "api", "kind": "service", "service": {"mean_ms": 2}, "pools": {"pg": 2}, "calls": [{"to": "db", "pool": "pg"}]},
                {"id": "db", "kind": "database", "max_connections": 20, "service": {"mean_ms": 20}}]),
            slos: json!([]),
            machines: &[],
            at: 2.0,
            needs: Number("api.pools.pg", 4),
        },
        // Each request holds a thread for 2 ms of the processor and 80 ms of somebody else's.
        Row {
            name: "threads",
            rate: 40,
            components: json!([
                app(json!({"concurrency": 4, "cpu_cores": 4, "service": {"mean_ms": 2}, "calls": [{"to": "far"}]})),
                {"id": "far", "kind": "external", "service": {"mean_ms": 80}}]),
            slos: json!([]),
            machines: &[],
            at: 2.0,
            needs: Number("api.concurrency", 7),
        },
        // 100 messages a second of 50 ms keep five consumers busy all the time: a sixth lets the rest drain.
        Row {
            name: "consumers",
            rate: 50,
            components: json!([api(&sent), {"id": "jobs", "kind": "queue", "consumers": 3, "calls": [{"to": "worker"}]}, work]),
            slos: aged.clone(),
            machines: &[],
            at: 2.0,
            needs: Number("jobs.consumers", 6),
        },
        // Twelve consumers, of which three have something to read.
        Row {
            name: "partitions",
            rate: 50,
            components: json!([api(&sent), {"id": "jobs", "kind": "queue", "consumers": 12, "partitions": 3, "calls": [{"to": "worker"}]}, work]),
            slos: aged,
            machines: &[],
            at: 2.0,
            needs: Number("jobs.partitions", 6),
        },
        // 400 a second of 4 ms are 1.6 nodes' work.
        Row {
            name: "nodes of a cache",
            rate: 200,
            components: json!([api(&json!({"to": "redis"})),
                {"id": "redis", "kind": "cache", "concurrency": 1, "hit_ratio": 1, "service": {"mean_ms": 4}, "price": hour(0.1)}]),
            slos: json!([]),
            machines: &[],
            at: 2.0,
            needs: Number("redis.nodes", 2),
        },
        // 200 of 100 ms at once are 20 slots; beyond a limit a function refuses (Erlang's loss formula: 30 for 1 % at 20).
        Row {
            name: "a function's limit",
            rate: 100,
            components: json!([{"id": "api", "kind": "function", "concurrency_limit": 20, "service": {"mean_ms": 100}}]),
            slos: json!([{"traffic": "a", "max_error_ratio": 0.01}]),
            machines: &[],
            at: 2.0,
            needs: Number("api.concurrency_limit", 30),
        },
        Row {
            name: "request units",
            rate: 80,
            components: json!([api(&json!({"to": "table", "when": "read"})),
                {"id": "table", "kind": "database", "service": {"mean_ms": 4}, "request_units": {"read": 100, "write": 100},
                 "price": {"per_request_unit_hour": 0.001}}]),
            slos: json!([{"traffic": "a", "max_error_ratio": 0.001}]),
            machines: &[],
            at: 1.5,
            needs: Number("table.request_units.read", 125),
        },
    ]
}

fn stores() -> Vec<Row> {
    let db = |more: Value| {
        let mut db =
            json!({"id": "db", "kind": "database", "cores": 2, "service": {"mean_ms": 10}, "price": hour(0.5)});
        db.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        db
    };
    let keys = json!({"keys": 100_000, "zipf": 0.9, "capacity_items": 1000});
    vec![
        // A few gigabytes are cheaper than another node of the database.
        Row {
            name: "a larger cache",
            rate: 200,
            components: json!([
                api(&json!({"to": "redis", "on_miss": [{"to": "db"}]})),
                {"id": "redis", "kind": "cache", "hit_ratio": keys, "service": {"mean_ms": 1}, "price": hour(0.02)}, db(json!({}))]),
            slos: json!([]),
            machines: &[],
            at: 2.0,
            needs: Number("redis.hit_ratio.capacity_items", 8000),
        },
        // Three servers' work, of which 60 % is reads: a second node for the reads.
        Row {
            name: "a read replica",
            rate: 150,
            components: json!([api(&json!({"to": "db"})), db(json!({"write_ratio": 0.4}))]),
            slos: json!([]),
            machines: &[(2, 0.5)],
            at: 2.0,
            needs: Number("db.read_replicas", 1),
        },
        // The largest machine there is, and nothing but writes: a read replica takes none of them.
        Row {
            name: "shards",
            rate: 150,
            components: json!([api(&json!({"to": "db"})), db(json!({"write_ratio": 1}))]),
            slos: json!([]),
            machines: &[(2, 0.5)],
            at: 2.0,
            needs: Number("db.shards", 2),
        },
        // A machine of twice the cores for less than twice the price.
        Row {
            name: "a larger machine",
            rate: 150,
            components: json!([api(&json!({"to": "db"})), db(json!({"write_ratio": 1}))]),
            slos: json!([]),
            machines: &[(2, 0.5), (4, 0.9)],
            at: 2.0,
            needs: Number("db.cores", 4),
        },
    ]
}

fn designs() -> Vec<Row> {
    let stored = json!({"id": "db", "kind": "database", "service": {"mean_ms": 80}});
    let cached = |hits: Value| {
        json!([
            {"id": "api", "kind": "cache", "hit_ratio": hits, "service": {"mean_ms": 1}, "calls": [{"to": "db", "when": "miss"}]}, stored])
    };
    let scaled = |scale: Value| json!([{"id": "api", "kind": "service", "concurrency": 64, "cpu_cores": 1, "service": {"mean_ms": 20}, "autoscale": scale, "price": hour(0.1)}]);
    vec![
        // Each of 1000 keys is asked for twice in ten seconds: a third of all are the first; in forty seconds a ninth.
        Row {
            name: "a longer life",
            rate: 200,
            components: cached(json!({"keys": 1000, "capacity_items": 1000, "ttl_s": 10})),
            slos: json!([{"traffic": "a", "percentile": 80, "latency_ms": 20}]),
            machines: &[],
            at: 1.0,
            needs: Design("api keeps entries for 40 s instead of 10 s"),
        },
        // Ten keys, each asked for twenty times a second and kept for 50 ms: half of all misses them, 100 a second. While one of
        // them fetches for 300 ms the others wait with it: one fetch of a key in 0.3 + 0.05 + 1/20 s, 25 a second of 30 allowed.
        Row {
            name: "one fetch for all who miss together",
            rate: 200,
            components: json!([
                {"id": "api", "kind": "cache", "hit_ratio": {"keys": 10, "zipf": 0, "capacity_items": 10, "ttl_s": 0.05}, "service": {"mean_ms": 1},
                 "calls": [{"to": "rates", "when": "miss"}]},
                {"id": "rates", "kind": "external", "service": {"mean_ms": 300, "cv": 0.2}, "rate_limit": 30}]),
            slos: json!([{"traffic": "a", "max_error_ratio": 0.05}]),
            machines: &[],
            at: 1.0,
            needs: Design("api fetches once for all who miss together"),
        },
        Row {
            name: "a queue in front of slow work",
            rate: 10,
            components: json!([
                api(&json!({"to": "pdf"})), {"id": "pdf", "kind": "service", "concurrency": 8, "service": {"mean_ms": 400}}]),
            slos: p95(100),
            machines: &[],
            at: 1.0,
            needs: Design("a queue between api and pdf"),
        },
        // A few take far longer than the mean: five times it is enough for nearly all.
        Row {
            name: "patience",
            rate: 10,
            components: json!([api(&json!({"to": "geo"})), {"id": "geo", "kind": "external", "service": {"mean_ms": 15, "cv": 4}}]),
            slos: p95(28),
            machines: &[],
            at: 1.0,
            needs: Design("api to geo is waited for 75 ms at most"),
        },
        // Four of ten fail and are tried thrice: 156 calls for a hundred; a tenth more is 110.
        Row {
            name: "a budget of retries",
            rate: 60,
            components: json!([
                api(&json!({"to": "geo", "retry": {"max": 2}})),
                {"id": "geo", "kind": "external", "rate_limit": 80, "failure_ratio": 0.4, "service": {"mean_ms": 5}}]),
            slos: json!([{"component": "geo", "max_utilization": 0.9}]),
            machines: &[],
            at: 1.0,
            needs: Design("retries of api to geo at most 10 % of the calls"),
        },
        Row {
            name: "the emptiest replica",
            rate: 85,
            components: json!([
                {"id": "api", "kind": "load_balancer", "policy": "ip_hash", "skew": 0.7, "calls": [{"to": "web"}]},
                {"id": "web", "kind": "service", "replicas": 2, "concurrency": 1, "service": {"mean_ms": 15}, "price": hour(0.1)}]),
            slos: p95(120),
            machines: &[],
            at: 1.0,
            needs: Design("api sends to the replica with the fewest requests"),
        },
        Row {
            name: "an autoscaler's target",
            rate: 90,
            components: scaled(json!({"min": 1, "max": 4, "target": 0.7})),
            slos: json!([{"component": "api", "max_utilization": 0.5}]),
            machines: &[],
            at: 1.0,
            needs: Design("api scales at 50 % instead of 70 %"),
        },
        Row {
            name: "an autoscaler's least",
            rate: 10,
            components: scaled(json!({"min": 6, "max": 12, "target": 0.7})),
            slos: p95(200),
            machines: &[],
            at: 1.0,
            needs: Saving("api may scale down to 1 replica instead of 6"),
        },
        // The 25 ms of another cloud against 2 within one.
        Row {
            name: "one zone and cloud",
            rate: 10,
            components: json!([
                api(&json!({"to": "redis", "per_request": 4, "network_ms": 25})),
                {"id": "redis", "kind": "cache", "hit_ratio": 1, "service": {"mean_ms": 1}}]),
            slos: p95(50),
            machines: &[],
            at: 1.0,
            needs: Design("redis in the same zone and cloud as api: 2 ms on the way instead of 25 ms"),
        },
        // Neither the far cache nor the slow document alone may be waited for.
        Row {
            name: "a queue and one zone",
            rate: 10,
            components: json!([
                {"id": "api", "kind": "service", "service": {"mean_ms": 2},
                 "calls": [{"to": "redis", "per_request": 4, "network_ms": 25}, {"to": "pdf"}]},
                {"id": "redis", "kind": "cache", "hit_ratio": 1, "service": {"mean_ms": 1}},
                {"id": "pdf", "kind": "service", "concurrency": 8, "service": {"mean_ms": 400}}]),
            slos: p95(50),
            machines: &[],
            at: 1.0,
            needs: Both([
                "redis in the same zone and cloud as api: 2 ms on the way instead of 25 ms",
                "a queue between api and pdf",
            ]),
        },
        Row {
            name: "a CDN",
            rate: 60,
            components: json!([api(&json!({"to": "images"})), {"id": "images", "kind": "external", "rate_limit": 100, "service": {"mean_ms": 5}}]),
            slos: json!([{"traffic": "a", "max_error_ratio": 0.001}]),
            machines: &[],
            at: 2.0,
            needs: Design("a CDN before a that answers 50 % of it"),
        },
        // 60 % of two workers' hours at 60 % less.
        Row {
            name: "spot",
            rate: 10,
            components: json!([
                api(&json!({"to": "jobs", "mode": "async"})), {"id": "jobs", "kind": "queue", "calls": [{"to": "worker"}]},
                {"id": "worker", "kind": "service", "replicas": 2, "concurrency": 1, "service": {"mean_ms": 50}, "price": hour(0.1)}]),
            slos: json!([]),
            machines: &[],
            at: 1.0,
            needs: Saving("60 % of the hours of worker on spot"),
        },
    ]
}

/// The step is made of what is needed and nothing else, and applied to the document it holds at the price that was said.
fn step_is(row: &Row, scenario: &Scenario, planned: &Plan) {
    let (step, name) = (&planned.steps[0], row.name);
    let changed: Vec<(&str, u32)> = step.changes.iter().map(|c| (c.path.as_str(), c.to as u32)).collect();
    match row.needs {
        Number(path, to) => {
            let wanted = format!("components.{path}");
            assert_eq!(
                (changed, step.designs.len()),
                (vec![(wanted.as_str(), to)], 0),
                "{name}: {}",
                planned.text(scenario)
            );
        }
        Design(what) => {
            assert_eq!(
                (changed, &step.designs[..]),
                (vec![], &[what.to_owned()][..]),
                "{name}: {}",
                planned.text(scenario)
            )
        }
        Both(what) => {
            assert_eq!(
                (changed, &step.designs[..]),
                (vec![], &what.map(str::to_owned)[..]),
                "{name}: {}",
                planned.text(scenario)
            );
        }
        Saving(_) => assert!(step.feasible && changed.is_empty(), "{name}: {}", planned.text(scenario)),
    }
    let changed =
        step.edit.as_ref().map_or_else(|| scenario.clone(), |e| apply(scenario, std::slice::from_ref(e)).unwrap());
    let doc = study::solve(&changed, &[row.at]).unwrap();
    assert!(doc.points[0].feasible, "{name}: {}", planned.text(scenario));
    assert!((doc.points[0].cost.monthly - step.monthly).abs() < 1e-6, "{name}: {}", planned.text(scenario));
}

/// What is said of the change alone: the headroom and the money that solving the changed document gives, and one of them is better.
fn effect_is_solved(row: &Row, scenario: &Scenario, planned: &Plan) {
    let name = row.name;
    let (edit, headroom, added) = match row.needs {
        Number(path, _) => {
            let path = format!("components.{path}");
            let alone = planned.options.iter().find(|o| o.change.path == path && o.after.is_empty());
            let alone = alone.unwrap_or_else(|| panic!("{name}: {}", planned.text(scenario)));
            (alone.change.edit.clone().unwrap(), alone.headroom, alone.added_monthly)
        }
        Design(what) | Saving(what) | Both([what, _]) => {
            let found = planned.designs.iter().find(|d| d.what == what);
            let found = found.unwrap_or_else(|| panic!("{name}: {}", planned.text(scenario)));
            assert!(!found.caution.is_empty(), "{name}");
            (found.edit.clone().unwrap(), found.headroom, found.added_monthly)
        }
    };
    let before = study::solve(scenario, &[1.0]).unwrap();
    let after = study::solve(&apply(scenario, &[edit]).unwrap(), &[1.0]).unwrap();
    let (was, now) = (before.headroom.as_ref().unwrap().multiple, after.headroom.as_ref().unwrap().multiple);
    let same = |a: Option<f64>, b: Option<f64>| a.zip(b).map_or(a == b, |(a, b)| (a / b - 1.0).abs() < 0.01);
    assert!(same(now, headroom), "{name}: {now:?} is not {headroom:?}");
    let money = after.points[0].cost.monthly - before.points[0].cost.monthly;
    assert!((money - added).abs() < 1e-6, "{name}: {money} is not {added}");
    let faster = p95_is_solved(row, planned, &before, &after);
    let further = now.unwrap_or(f64::INFINITY) > 1.01 * was.unwrap_or(f64::INFINITY);
    assert!(
        if matches!(row.needs, Saving(_)) { money < 0.0 } else { further || faster },
        "{name}: {was:?} to {now:?}, {money}"
    );
}

/// What a design is said to do to the latency is what the solved documents say; whether that is less.
fn p95_is_solved(row: &Row, planned: &Plan, before: &ResultDoc, after: &ResultDoc) -> bool {
    let (Design(what) | Saving(what) | Both([what, _])) = row.needs else { return false };
    let said = planned.designs.iter().find(|d| d.what == what).and_then(|d| d.p95_ms.get("a").copied());
    let p95 = |doc: &ResultDoc| doc.points[0].classes["a"].latency_ms.as_ref().map(|named| named["p95"]);
    let (Some([was, now]), Some(before), Some(after)) = (said, p95(before), p95(after)) else { return false };
    assert!((was / before - 1.0).abs() < 1e-6 && (now / after - 1.0).abs() < 1e-6, "{}: {said:?}", row.name);
    now < 0.95 * was
}

#[test]
fn every_kind_of_change_where_it_is_needed() {
    for row in numbers().into_iter().chain(stores()).chain(designs()) {
        let scenario = row.scenario();
        let planned = plan(&scenario, &[row.at]).unwrap();
        step_is(&row, &scenario, &planned);
        effect_is_solved(&row, &scenario, &planned);
    }
}

/// What somebody would try, does not help, and why: the components, and what is not proposed with its reason.
#[test]
fn what_does_not_help_says_why() {
    let pooled = |size: u32, db: Value| json!([{"id": "api", "kind": "service", "service": {"mean_ms": 2}, "pools": {"pg": size}, "calls": [{"to": "db", "pool": "pg"}]}, db]);
    let sync = json!([api(&json!({"to": "worker"})),
        {"id": "jobs", "kind": "queue", "calls": [{"to": "worker"}]},
        {"id": "worker", "kind": "service", "replicas": 9, "concurrency": 1, "service": {"mean_ms": 50}, "price": hour(0.1)}]);
    let rows = [
        // Two cores of 10 ms carry 200 a second whatever the pool.
        (
            "a pool before the real limit",
            pooled(4, json!({"id": "db", "kind": "database", "cores": 2, "service": {"mean_ms": 10}})),
            "api.pools.pg 5 instead of 4",
            "headroom 2× stays as it is: db cores is what limits, and a larger pool only moves the queue there",
        ),
        (
            "a pool of all there are",
            pooled(2, json!({"id": "db", "kind": "database", "max_connections": 2, "service": {"mean_ms": 15}})),
            "api.pools.pg 3 instead of 2",
            "all pools together could ask db for 3 connections, and it takes 2",
        ),
        (
            "replicas for writes",
            json!([api(&json!({"to": "db"})),
                {"id": "db", "kind": "database", "cores": 2, "write_ratio": 1, "service": {"mean_ms": 10}}]),
            "db.read_replicas 1 instead of 0",
            "headroom 2× stays as it is: it takes reads only",
        ),
        (
            "someone else's quota",
            json!([api(&json!({"to": "geo"})), {"id": "geo", "kind": "external", "rate_limit": 150, "service": {"mean_ms": 5}}]),
            "more of geo",
            "its quota of 150 calls/s is someone else's",
        ),
        ("spot where somebody waits", sync, "60 % of the hours of worker on spot", "somebody waits for it"),
        (
            "a CDN for what writes",
            json!([api(&json!({"to": "db", "when": "write"})), {"id": "db", "kind": "database", "service": {"mean_ms": 5}}]),
            "a CDN before a that answers 50 % of it",
            "its answers cannot be kept",
        ),
    ];
    for (name, components, what, why) in rows {
        let row = Row { name, rate: 100, components, slos: json!([]), machines: &[], at: 3.0, needs: Saving("") };
        let planned = plan(&row.scenario(), &[1.0, row.at]).unwrap();
        let found: Vec<_> = planned.rejected.iter().filter(|r| r.what == what).collect();
        assert!(found.len() == 1 && found[0].why.contains(why), "{name}: {}", planned.text(&row.scenario()));
        assert!(!planned.options.iter().any(|o| o.after.is_empty() && o.change.words() == what), "{name}");
    }
}
