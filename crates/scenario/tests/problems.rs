//! Every way in which a document can be wrong, row by row: a change to a good scenario, and what must be said about it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::{Problem, open, parse, parse_value};
use serde_json::{Value, json};

/// A scenario that touches every part of the format and is free of problems and notes.
fn good() -> Value {
    json!({
        "format": "headroom/1", "name": "t", "currency": "USD", "as_of": "2026-11-03", "zones": ["a", "b"],
        "traffic": [
            {"id": "browse", "entry": "edge", "arrivals": {"open": {"rate": 100, "cv": 1}}},
            {"id": "staff", "entry": "api", "arrivals": {"closed": {"users": 20, "think_time_s": 5}}}
        ],
        "components": [
            {"id": "edge", "kind": "cdn", "hit_ratio": 0.5, "calls": [{"to": "lb", "when": "miss"}]},
            {"id": "lb", "kind": "load_balancer", "policy": "ip_hash", "skew": 0.6, "calls": [{"to": "api"}]},
            {"id": "api", "kind": "service", "replicas": 2, "concurrency": 8, "zone": "a", "pools": {"pg": 4},
             "service": {"browse": {"mean_ms": 2}, "*": {"p50_ms": 2, "p95_ms": 9}},
             "calls": [
                {"to": "cache", "on_miss": [{"to": "db", "pool": "pg", "when": "read"}]},
                {"to": "db", "pool": "pg", "classes": ["staff"], "retry": {"max": 2, "backoff_ms": 50}},
                {"to": "jobs", "mode": "async"}]},
            {"id": "cache", "kind": "cache", "hit_ratio": {"keys": 100, "capacity_items": 10}},
            {"id": "db", "kind": "database", "cores": 4, "shards": 2, "hot_shard_share": 0.7,
             "service": {"mean_ms": {"value": 5, "low": 4, "high": 6, "source": "fitted", "from": "k6"}, "cv": 1.2}},
            {"id": "jobs", "kind": "queue", "consumers": 2, "max_attempts": 3, "dead_letter": "dead",
             "calls": [{"to": "worker"}]},
            {"id": "worker", "kind": "service", "service": {"mean_ms": 5},
             "autoscale": {"min": 1, "max": 4}, "price": {"per_replica_hour": 0.1}},
            {"id": "dead", "kind": "storage"}
        ],
        "slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 200}, {"survive": "zone"}],
        "events": [{"at_s": 10, "for_s": 5, "kind": "lose_zone", "component": "a"}],
        "imports": [{"id": "k6", "kind": "k6-summary"}],
        "map": {"endpoints": {"GET /": "browse"}, "series": [{"component": "api", "pool": "pg", "is": "pool_busy"}],
                "costs": {"AmazonRDS": "db", "AmazonEC2": ["api", "worker"]}},
        "fit": {"paths": ["components.db.service.mean_ms"], "draws": [[5.1], [4.9]]}
    })
}

/// Sets a place, given as a JSON pointer, to a value; `null` removes the key.
fn change(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(map) if value.is_null() => drop(map.remove(key)),
        Value::Object(map) => drop(map.insert(key.to_owned(), value)),
        Value::Array(list) if key == "-" => list.push(value),
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer}: {other}"),
    }
}

fn problems_of(changes: &[(&str, Value)]) -> Vec<Problem> {
    let mut document = good();
    changes.iter().for_each(|(pointer, value)| change(&mut document, pointer, value.clone()));
    parse_value(document).err().unwrap_or_default()
}

fn check(pointer: &str, value: Value, path: &str, text: &str, remedy: &str) {
    let problems = problems_of(&[(pointer, value.clone())]);
    let fits = |p: &Problem| p.path == path && p.text.contains(text) && p.remedy.contains(remedy);
    assert!(problems.iter().any(fits), "{pointer} = {value}: wanted {path:?} {text:?} {remedy:?}, got {problems:#?}");
    assert_eq!(problems.len(), 1, "{pointer} = {value}: one fault is one problem: {problems:#?}");
}

#[test]
fn the_good_one_is_good() {
    let parsed = parse_value(good()).unwrap();
    assert_eq!(parsed.notes, [], "and nothing about it is odd");
    assert!(scenario::lower(&parsed.scenario).is_ok());
}

#[test]
fn keys() {
    let rows = [
        ("/componentss", json!([]), "componentss", "not known", "did you mean components?"),
        ("/components/2/conurrency", json!(4), "components[2].conurrency", "not known", "did you mean concurrency?"),
        (
            "/components/2/calls/1/retry/maximum",
            json!(4),
            "components[2].calls[1].retry.maximum",
            "not known",
            "known here: max,",
        ),
        (
            "/components/2/service/browse/mean",
            json!(4),
            "components[2].service.browse.mean",
            "not known",
            "did you mean mean_ms?",
        ),
        ("/components/4/service/sigma", json!(4), "components[4].service.sigma", "not known", "known here"),
        (
            "/components/4/service/mean_ms/hi",
            json!(4),
            "components[4].service.mean_ms.hi",
            "not known",
            "did you mean high?",
        ),
        ("/components/2/cores", json!(4), "components[2].cores", "does not belong to a service", "belongs to database"),
        (
            "/components/4/replicas",
            json!(4),
            "components[4].replicas",
            "does not belong to a database",
            "shards x (1 + read_replicas)",
        ),
        ("/components/0/ttl", json!(4), "components[0].ttl", "not known", "did you mean ttl_s?"),
        ("/format", Value::Null, "format", "missing", "headroom/1"),
        ("/traffic/0/entry", Value::Null, "traffic[0].entry", "missing", "name"),
        ("/traffic/0/arrivals", Value::Null, "traffic[0].arrivals", "missing", "one of open, closed"),
        ("/traffic/0/arrivals", json!({}), "traffic[0].arrivals", "none of them", "exactly one of open, closed"),
        (
            "/traffic/0/arrivals/open/rate",
            Value::Null,
            "traffic[0].arrivals.open.rate",
            "missing",
            "a number, 0 or more",
        ),
        (
            "/components/2/kind",
            json!("servce"),
            "components[2].kind",
            "\"servce\" is not known",
            "did you mean service?",
        ),
        (
            "/components/0/calls/0/mode",
            json!("blocking"),
            "components[0].calls[0].mode",
            "not known",
            "one of sync, parallel, async",
        ),
    ];
    for (pointer, value, path, text, remedy) in rows {
        check(pointer, value, path, text, remedy);
    }
    let problems = problems_of(&[("/traffic/0/arrivals/closed", json!({"users": 3, "think_time_s": 1}))]);
    assert_eq!(problems[0].path, "traffic[0].arrivals");
    assert!(problems[0].text.contains("several"), "{problems:?}");
}

#[test]
fn types() {
    let rows = [
        ("/name", json!(4), "name", "4 is not what belongs here", "a text"),
        ("/name", json!("x".repeat(300)), "name", "is too long", "at most 200"),
        ("/components/2/replicas", json!("2"), "components[2].replicas", "\"2\" is not", "without quotes"),
        ("/components/2/concurrency", json!([1, 2]), "components[2].concurrency", "a list of 2 is not", "whole number"),
        ("/components/2/replicas", json!(2.5), "components[2].replicas", "2.5 is out of range", "whole number"),
        ("/components/5/replicas", json!(0), "components[5].replicas", "0 is out of range", "from 1 to 100000"),
        ("/components/2/pools/pg", json!(0), "components[2].pools.pg", "0 is out of range", "from 1"),
        ("/components/2/position", json!([1, 2, 3]), "components[2].position", "a list of 3", "a list of exactly 2"),
        ("/components/3/coalesce", json!("yes"), "components[3].coalesce", "\"yes\" is not", "true or false"),
        ("/components/0/hit_ratio", json!(1.2), "components[0].hit_ratio", "1.2 is out of range", "from 0 to 1"),
        (
            "/components/0/hit_ratio",
            json!({"browse": 1.2}),
            "components[0].hit_ratio.browse",
            "1.2 is out of range",
            "from 0 to 1",
        ),
        (
            "/components/0/hit_ratio",
            json!({"brows": 0.2}),
            "components[0].hit_ratio.brows",
            "no traffic class",
            "did you mean browse?",
        ),
        (
            "/components/3/hit_ratio",
            json!({"keys": 0, "capacity_items": 3}),
            "components[3].hit_ratio.keys",
            "0 is out of range",
            "from 1",
        ),
        (
            "/traffic/0/arrivals/open/rate",
            json!(-3),
            "traffic[0].arrivals.open.rate",
            "-3 is out of range",
            "0 or more",
        ),
        (
            "/traffic/0/arrivals/open/rate",
            json!(1e300),
            "traffic[0].arrivals.open.rate",
            "1e+300 is out of range",
            "at most 1e15",
        ),
        (
            "/components/4/service/mean_ms/low",
            json!(5.5),
            "components[4].service.mean_ms.low",
            "low is 5.5, value is 5",
            "low <= value",
        ),
        (
            "/components/4/service/mean_ms/high",
            json!(1),
            "components[4].service.mean_ms.high",
            "high is 1",
            "low <= value",
        ),
        (
            "/components/4/service/mean_ms/source",
            json!("guess"),
            "components[4].service.mean_ms.source",
            "not known",
            "measured, fitted",
        ),
        (
            "/components/4/service/mean_ms/value",
            Value::Null,
            "components[4].service.mean_ms.value",
            "missing",
            "finite number",
        ),
        (
            "/components/4/service/mean_ms/value",
            json!("x"),
            "components[4].service.mean_ms.value",
            "\"x\" is not",
            "finite number",
        ),
        ("/currency", json!("usd"), "currency", "no currency code", "USD"),
        ("/as_of", json!("2026-02-30"), "as_of", "no date", "2026-11-03"),
        ("/slos/0/percentile", json!(100), "slos[0].percentile", "100 is out of range", "less than 100"),
        ("/slos/0/percentile", json!(0.95), "slos[0].percentile", "0.95 is out of range", "give 95 if that is meant"),
        (
            "/slos/0/percentile",
            json!(0.001),
            "slos[0].percentile",
            "0.001 is out of range",
            "give from 1, less than 100",
        ),
        ("/fit/draws", json!([[1], ["x"]]), "fit.draws[1][0]", "\"x\" is not", "finite number"),
    ];
    for (pointer, value, path, text, remedy) in rows {
        check(pointer, value, path, text, remedy);
    }
}

/// Whole numbers are floats once they were mended, or when another program wrote them.
#[test]
fn whole_numbers() {
    let rows = [
        ("1000", "", 1000),
        ("1000.0", "", 1000),
        ("1e3", "", 1000),
        ("-1", "-1 is out of range", 0),
        ("1.5", "1.5 is out of range", 2),
        ("1e20", "1e+20 is out of range", 1_000_000_000_000_000),
        ("\"120\"", "\"120\" is not", 120),
        ("\"007.\"", "without quotes", 7),
    ];
    for (requests, said, read) in rows {
        let mut document = good();
        change(&mut document, "/imports/0/requests", serde_json::from_str(requests).unwrap());
        let opened = open(&document.to_string()).unwrap();
        let told: Vec<(&str, bool)> = opened
            .problems
            .iter()
            .map(|p| (p.path.as_str(), p.text.contains(said) || p.remedy.contains(said)))
            .collect();
        let wanted = [("imports[0].requests", true)];
        assert_eq!(told, if said.is_empty() { &wanted[..0] } else { &wanted[..] }, "{requests}: {:?}", opened.problems);
        assert_eq!(opened.scenario.imports[0].requests, Some(read), "{requests}");
    }
}

#[test]
fn a_part_that_cannot_be_read_is_missing_where_it_is_named() {
    let paths = |pointer, value| problems_of(&[(pointer, value)]).into_iter().map(|p| p.path).collect::<Vec<_>>();
    assert_eq!(paths("/components/7", json!(7)), ["components[7]", "components[5].dead_letter"]);
    assert_eq!(paths("/components/7/id", json!("Dead 1")), ["components[7].id", "components[5].dead_letter"]);
    let both = problems_of(&[("/components/7/id", json!("Dead 1")), ("/components/5/dead_letter", json!("Dead 1"))]);
    assert_eq!((both.len(), both[0].text.as_str()), (1, "\"Dead 1\" is no id"), "{both:?}");
}

#[test]
fn names() {
    let rows = [
        ("/traffic/0/entry", json!("edeg"), "traffic[0].entry", "no component \"edeg\"", "did you mean edge?"),
        ("/components/1/calls/0/to", json!("nobody"), "components[1].calls[0].to", "no component", "name a component"),
        (
            "/components/2/calls/0/on_miss/0/pool",
            json!("pgg"),
            "components[2].calls[0].on_miss[0].pool",
            "no pool \"pgg\"",
            "did you mean pg?",
        ),
        (
            "/components/2/calls/1/classes",
            json!(["staf"]),
            "components[2].calls[1].classes[0]",
            "no traffic class",
            "did you mean staff?",
        ),
        ("/components/2/zone", json!("c"), "components[2].zone", "no zone \"c\"", "did you mean"),
        ("/components/5/dead_letter", json!("jobs"), "components[5].dead_letter", "back to the queue", "another"),
        ("/components/5/dead_letter", json!("ded"), "components[5].dead_letter", "no component", "did you mean dead?"),
        ("/slos/0/traffic", json!("brow"), "slos[0].traffic", "no traffic class", "did you mean browse?"),
        ("/events/0/component", json!("api"), "events[0].component", "no zone", "name a zone"),
        ("/map/endpoints/GET", json!("x"), "map.endpoints.GET", "no traffic class", ""),
        ("/map/series/0/pool", json!("x"), "map.series[0].pool", "no pool", "name a pool"),
        ("/map/costs/AmazonEC2/1", json!("x"), "map.costs.AmazonEC2[1]", "no component", ""),
        ("/fit/paths/0", json!("components.db.service.cv2"), "fit.paths[0]", "no quantity", "calibrate again"),
        (
            "/fit",
            json!({"paths": ["components.db.service.mean_ms", "components[4].service.mean_ms"], "draws": []}),
            "fit.paths[1]",
            "drawn twice",
            "calibrate again",
        ),
        ("/fit/draws/1", json!([1, 2]), "fit.draws[1]", "2 values for 1 paths", "one value per path"),
        (
            "/fit/draws/1/0",
            json!(-4.9),
            "fit.draws[1][0]",
            "out of range for components.db.service.mean_ms",
            "0 or more",
        ),
        ("/imports/-", json!({"id": "k6", "kind": "x"}), "imports[1].id", "already imports[0]", "another id"),
        ("/zones/-", json!("a"), "zones[2]", "already zones[0]", "another"),
    ];
    for (pointer, value, path, text, remedy) in rows {
        check(pointer, value, path, text, remedy);
    }
    let problems = problems_of(&[("/components/7/id", json!("db")), ("/components/5/dead_letter", json!("db"))]);
    assert_eq!((problems.len(), problems[0].path.as_str()), (1, "components[7].id"), "{problems:?}");
    assert!(problems[0].text.contains("already components[4]"));
    let reserved =
        problems_of(&[("/traffic/-", json!({"id": "value", "entry": "api", "arrivals": {"open": {"rate": 1}}}))]);
    assert!(
        reserved.iter().any(|p| p.path == "traffic[2].id" && p.text.contains("word of the format")),
        "{reserved:?}"
    );
}

#[test]
fn what_belongs_together() {
    let rows = [
        ("/components/0/hit_ratio", Value::Null, "components[0].hit_ratio", "no hit ratio", "0 to 1"),
        (
            "/components/0/hit_ratio",
            json!({"keys": 5, "capacity_items": 3}),
            "components[0].hit_ratio",
            "belong to a cache",
            "0 to 1",
        ),
        ("/components/1/skew", Value::Null, "components[1].skew", "ip_hash has no skew", "share of the largest"),
        (
            "/components/1/skew",
            json!(0.4),
            "components[1].skew",
            "less than an even share of the 2 replicas",
            "at least 0.5",
        ),
        ("/components/1/policy", json!("random"), "components[1].skew", "belongs to ip_hash", "remove it"),
        ("/components/2/service", json!({}), "components[2].service", "not stated", "mean_ms"),
        (
            "/components/2/service",
            json!({"mean_ms": 1, "p50_ms": 1, "p95_ms": 2}),
            "components[2].service",
            "more than one way",
            "keep one",
        ),
        ("/components/2/service", json!({"p95_ms": 2}), "components[2].service.p95_ms", "alone", "two of"),
        (
            "/components/2/service",
            json!({"p50_ms": 3, "p95_ms": 2}),
            "components[2].service.p95_ms",
            "less than p50_ms",
            "ascending",
        ),
        (
            "/components/2/service",
            json!({"p50_ms": 3, "p95_ms": 4, "cv": 2}),
            "components[2].service.cv",
            "percentiles already",
            "remove",
        ),
        (
            "/components/2/service",
            json!({"dist": "exponential", "mean_ms": 3, "cv": 2}),
            "components[2].service.cv",
            "cv 1; 2",
            "mend",
        ),
        (
            "/components/2/service",
            json!({"dist": "hyperexponential", "mean_ms": 3}),
            "components[2].service.cv",
            "needs its cv",
            "mend",
        ),
        (
            "/components/2/service",
            json!({"dist": "empirical", "mean_ms": 3}),
            "components[2].service.dist",
            "belong together",
            "both",
        ),
        (
            "/components/2/service",
            json!({"points": [[1, 0], [2, 0.5]]}),
            "components[2].service.points[1]",
            "last probability is 0.5",
            "end at",
        ),
        (
            "/components/2/service",
            json!({"points": [[1, 0.5], [2, 0.4], [3, 1]]}),
            "components[2].service.points[1]",
            "does not follow",
            "ascending",
        ),
        (
            "/components/2/service",
            json!({"browse": {"mean_ms": 2}}),
            "components[2].service",
            "no own time for staff",
            "or * for the rest",
        ),
        ("/components/3/nodes", json!(2), "", "", ""),
        (
            "/components/4/hot_shard_share",
            json!(0.4),
            "components[4].hot_shard_share",
            "less than an even share",
            "0.5 to 1",
        ),
        (
            "/components/6/autoscale/min",
            json!(9),
            "components[6].autoscale.min",
            "min 9 is more than max 4",
            "min <= max",
        ),
        ("/components/6/autoscale/target", json!(70), "components[6].autoscale.target", "never be reached", "0.7"),
        (
            "/components/6/price/purchase",
            json!([{"share": 0.5}]),
            "components[6].price.purchase",
            "add up to 0.5",
            "add up to 1",
        ),
        (
            "/components/6/price/tiers",
            json!([{"up_to": 5, "price": 1}]),
            "components[6].price.tiers[0].up_to",
            "no price",
            "leave up_to out",
        ),
        (
            "/components/6/price/tiers",
            json!([{"price": 1}, {"price": 2}]),
            "components[6].price.tiers[0].up_to",
            "only the last",
            "upper end",
        ),
        ("/components/1/calls/0/when", json!("hit"), "components[1].calls[0].when", "only in a cache's", "on_miss"),
        ("/components/1/calls/0/when", json!("read"), "components[1].calls[0].when", "no database", "leave when out"),
        (
            "/components/1/calls/0/on_miss",
            json!([{"to": "db"}]),
            "components[1].calls[0].on_miss",
            "no cache",
            "call a cache",
        ),
        (
            "/components/3/calls",
            json!([{"to": "db", "when": "miss"}]),
            "components[2].calls[0].on_miss",
            "already calls on a miss",
            "keep one",
        ),
        ("/components/1/calls/0/share", json!(1), "components[1].calls[0].share", "weighted load balancer", "remove"),
        ("/components/2/calls/2/timeout_ms", json!(5), "components[2].calls[2].timeout_ms", "nobody waits", "sync"),
        ("/traffic/0/profile", json!([1, 0.5]), "traffic[0].profile", "2 factors", "24 or 168"),
        (
            "/traffic/0/profile",
            json!({"recorded": [[0, 1], [0, 0.5]]}),
            "traffic[0].profile.recorded[1]",
            "does not come after",
            "order",
        ),
        ("/traffic/0/profile", json!({"recorded": []}), "traffic[0].profile.recorded", "empty", "ascending"),
        ("/slos/0/max_error_ratio", json!(0.1), "slos[0]", "none of the known shapes", "give exactly"),
        ("/slos/-", json!({}), "slos[2]", "none of the known shapes", "give exactly"),
        (
            "/slos/-",
            json!({"component": "api", "max_backlog_age_s": 3}),
            "slos[2].component",
            "only a queue",
            "name a queue",
        ),
        (
            "/events/-",
            json!({"at_s": 1, "kind": "flush_cache", "component": "db"}),
            "events[1].component",
            "only a cache",
            "name one",
        ),
        (
            "/events/-",
            json!({"at_s": 1, "kind": "slow_down", "component": "db"}),
            "events[1].amount",
            "how much",
            "factor",
        ),
        (
            "/events/-",
            json!({"at_s": 1, "kind": "slow_down", "component": "db", "amount": 0}),
            "events[1].amount",
            "cannot be times 0",
            "such as 3",
        ),
        (
            "/events/-",
            json!({"at_s": 1, "kind": "lose_replicas", "component": "api", "amount": 0.5}),
            "events[1].amount",
            "cannot be lost",
            "whole",
        ),
        (
            "/events/-",
            json!({"at_s": 1, "kind": "deploy"}),
            "events[1].component",
            "where it happens",
            "name a component",
        ),
    ];
    for (pointer, value, path, text, remedy) in rows {
        if path.is_empty() {
            assert_eq!(problems_of(&[(pointer, value)]), []);
            continue;
        }
        check(pointer, value, path, text, remedy);
    }
    let limiter = json!({"id": "rl", "kind": "rate_limiter", "algorithm": "sliding", "burst": 5, "per": "client"});
    let paths: Vec<String> = problems_of(&[("/components/-", limiter)]).into_iter().map(|p| p.path).collect();
    assert_eq!(paths, ["components[8].limit", "components[8].burst", "components[8].clients"]);
}

#[test]
fn weighted_balancers() {
    let lb = |rest: Value| {
        let mut lb = json!({"id": "lb", "kind": "load_balancer", "policy": "weighted", "calls": [{"to": "api"}, {"to": "worker"}]});
        rest.as_object().unwrap().iter().for_each(|(key, value)| change(&mut lb, key, value.clone()));
        problems_of(&[("/components/1", lb)]).into_iter().map(|p| (p.path, p.text)).collect::<Vec<_>>()
    };
    assert_eq!(lb(json!({"/calls/0/share": 0.75, "/calls/1/share": 0.25})), []);
    assert!(lb(json!({}))[0].1.contains("neither weights nor shares"));
    assert!(lb(json!({"/calls/0/share": 0.75, "/calls/1/share": 0.5}))[0].1.contains("add up to 1.25"));
    assert!(lb(json!({"/weights": [3, 1]})).is_empty(), "2 replicas of api; worker's are scaled");
    assert!(lb(json!({"/weights": [3, 2, 1]}))[0].1.contains("3 weights do not fit the 2 replicas of api"));
}

#[test]
fn loops_are_named() {
    let problems = problems_of(&[("/components/4/calls", json!([{"to": "lb"}]))]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].path, "components[4].calls[0].to");
    assert!(
        problems[0].text.contains("lb -> api -> cache") || problems[0].text.contains("lb -> api -> db -> lb"),
        "{problems:?}"
    );
    let itself = problems_of(&[("/components/7/calls", json!([{"to": "dead", "mode": "parallel"}]))]);
    assert!(itself[0].text.ends_with("dead -> dead"), "{itself:?}");
    let later = [("/components/6/calls", json!([{"to": "jobs", "per_request": 0.1}]))];
    assert_eq!(problems_of(&later), [], "a message that makes another message waits for nobody");
    let not_waited_for = [("/components/4/calls", json!([{"to": "api", "mode": "async", "per_request": 0.5}]))];
    assert_eq!(problems_of(&not_waited_for), []);
}

/// A request that brings another one each time never ends; one that is made less often, refused, or of another class does.
#[test]
fn loops_without_end_are_named() {
    let service = |id: &str, calls: serde_json::Value| json!({"id": id, "kind": "service", "calls": calls});
    let queue = |id: &str, to: &str| json!({"id": id, "kind": "queue", "calls": [{"to": to}]});
    let left = |to: &str, more: serde_json::Value| {
        let mut call = json!({"to": to, "mode": "async"});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([call])
    };
    let a = |more| service("a", left("b", more));
    let rows = [
        (a(json!({})), service("b", left("a", json!({}))), Some("components[1].calls[0].to")),
        // Reading and writing are what a call does, not how often it is made.
        (
            a(json!({"when": "write"})),
            json!({"id": "b", "kind": "database", "calls": left("a", json!({}))}),
            Some("components[1].calls[0].to"),
        ),
        (a(json!({"per_request": 0.9})), service("b", left("a", json!({}))), None),
        (a(json!({"classes": ["web"]})), service("b", left("a", json!({"classes": ["app"]}))), None),
        (
            a(json!({"classes": ["app"]})),
            service("b", left("a", json!({"classes": ["app"]}))),
            Some("components[1].calls[0].to"),
        ),
        (a(json!({})), json!({"id": "b", "kind": "rate_limiter", "limit": 10, "calls": left("a", json!({}))}), None),
        (service("a", json!([{"to": "b"}])), queue("b", "a"), Some("components[1].calls[0].to")),
        (service("a", json!([{"to": "b"}])), queue("b", "b"), Some("components[1].calls[0].to")),
    ];
    for (first, second, path) in rows {
        let class = |id: &str| json!({"id": id, "entry": "a", "arrivals": {"open": {"rate": 1}}});
        let document =
            json!({"format": "headroom/1", "traffic": [class("web"), class("app")], "components": [first, second]});
        let problems = parse_value(document.clone()).err().unwrap_or_default();
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, Vec::from_iter(path), "{document}: {problems:?}");
        assert!(
            problems.iter().all(|problem| problem.text.starts_with("every visit brings another one")),
            "{problems:?}"
        );
    }
}

#[test]
fn notes_keep_nothing_from_being_used() {
    let rows = [
        (
            "/components/-",
            json!({"id": "island", "kind": "external"}),
            "components[8]",
            "no request reaches \"island\"",
        ),
        ("/components/5/calls", json!([]), "components[5].calls", "nobody handles"),
        (
            "/components/4/service/mean_ms/from",
            json!("gone"),
            "imports",
            "components[4].service.mean_ms comes from \"gone\"",
        ),
        (
            "/components/4/service/cv",
            json!({"value": 5, "high": 6}),
            "components[4].service.cv",
            "high stands without low: 5 is taken as certain",
        ),
        (
            "/components/2/pools/pg",
            json!({"value": 9, "low": 6, "high": 12}),
            "components[2].pools.pg",
            "what is counted has no interval: 9 is taken as certain",
        ),
        ("/traffic/0/arrivals/open/rate", json!(0), "traffic[0].arrivals", "no load"),
        ("/traffic/0/profile", json!(vec![0.5; 24]), "traffic[0].profile", "largest factor is 0.5"),
        ("/components/6/replicas", json!(9), "components[6].replicas", "outside of the autoscaler's 1 to 4"),
    ];
    for (pointer, value, path, text) in rows {
        let mut document = good();
        change(&mut document, pointer, value);
        let notes = parse_value(document).unwrap().notes;
        assert!(notes.iter().any(|note| note.path == path && note.text.contains(text)), "{pointer}: {notes:?}");
    }
}

#[test]
fn all_problems_at_once() {
    let problems = problems_of(&[
        ("/components/2/replicas", json!(0)),
        ("/components/2/tyop", json!(0)),
        ("/components/1/calls/0/to", json!("nobody")),
        ("/traffic/0/arrivals/open/rate", json!("fast")),
        ("/slos/0/latency_ms", json!(-1)),
        ("/components/4/calls", json!([{"to": "db"}])),
    ]);
    let mut paths: Vec<&str> = problems.iter().map(|p| p.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "components[1].calls[0].to",
            "components[2].replicas",
            "components[2].tyop",
            "components[4].calls[0].to",
            "slos[0].latency_ms",
            "traffic[0].arrivals.open.rate",
        ]
    );
}

#[test]
fn versions() {
    let rows = [
        ("headroom/1.0", None),
        ("headroom/0", None),
        ("headroom/2", Some("newer than this version reads")),
        ("headroom-result/1", Some("no format of a scenario")),
        ("headroom/one", Some("no format of a scenario")),
    ];
    for (format, expected) in rows {
        let problems = problems_of(&[("/format", json!(format))]);
        match expected {
            None => assert_eq!(problems, [], "{format}"),
            Some(text) => {
                assert_eq!((problems.len(), problems[0].path.as_str()), (1, "format"));
                assert!(problems[0].text.contains(text), "{problems:?}");
            }
        }
    }
    for text in ["[]", "3", "\"x\"", "{}", r#"{"metrics": {"http_reqs": {}}}"#] {
        let problems = parse(text).unwrap_err();
        assert!(problems.len() == 1 && problems[0].text.contains("no scenario"), "{text}: {problems:?}");
    }
}

#[test]
fn a_newer_minor_version_opens_and_lists_what_was_not_understood() {
    let mut document = good();
    change(&mut document, "/format", json!("headroom/1.3"));
    change(&mut document, "/components/2/quantum_cores", json!(4));
    change(&mut document, "/components/4/service/tail", json!({"alpha": 1.5}));
    change(&mut document, "/weather", json!("fine"));
    let parsed = parse_value(document).unwrap();
    let paths: Vec<&str> = parsed.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(paths, ["components[2].quantum_cores", "components[4].service.tail", "weather"]);
    assert_eq!(parsed.scenario.format, "headroom/1", "what is saved is what was understood");
}

#[test]
fn what_can_be_read_of_a_broken_document_opens() {
    let mut document = good();
    change(&mut document, "/components/2/replicas", json!("many"));
    change(&mut document, "/components/4", json!("database"));
    change(&mut document, "/name", json!(7));
    let opened = open(&document.to_string()).unwrap();
    assert_eq!((opened.scenario.components.len(), opened.scenario.components[5].id.as_str()), (8, "jobs"));
    assert!(opened.problems.iter().any(|p| p.path == "components[4]"));
    assert_eq!(opened.scenario.traffic.len(), 2);
}

#[test]
fn ten_thousand_components_and_as_many_mistakes_are_fast() {
    let chain = |i: usize| json!({"id": format!("c{i}"), "kind": "service", "calls": [{"to": format!("c{}", i + 1)}]});
    let mut components: Vec<Value> = (0..9_999).map(chain).collect();
    components.push(json!({"id": "c9999", "kind": "service"}));
    let document = json!({"format": "headroom/1", "name": "t", "components": components,
        "traffic": [{"id": "c", "entry": "c0", "arrivals": {"open": {"rate": 1}}}]});
    let started = std::time::Instant::now();
    let parsed = parse(&document.to_string()).unwrap();
    assert_eq!(scenario::lower(&parsed.scenario).unwrap().stations.len(), 10_000);
    assert!(started.elapsed().as_secs_f64() < 5.0, "{:?}", started.elapsed());

    let mut broken = document;
    for component in broken["components"].as_array_mut().unwrap() {
        component["calls"] = json!([{"to": "nobody", "perrequest": 1}]);
    }
    let started = std::time::Instant::now();
    let problems = parse_value(broken).unwrap_err();
    assert!(problems.last().unwrap().text.contains("more problems"));
    assert!(started.elapsed().as_secs_f64() < 5.0, "{:?}", started.elapsed());
}

/// A drawn value is held to the range of the field that it is drawn for, wherever that stands.
#[test]
fn draws_out_of_range() {
    let rows = [
        ("components.worker.autoscale.max", 2.0, 1e9, "from 1"),
        ("components.worker.autoscale.min", 1.0, 0.0, "from 1"),
        ("components.api.service.browse.mean_ms", 3.0, -1.0, "0 or more"),
        ("components.edge.hit_ratio", 0.6, 1.5, "from 0 to 1"),
        ("components.cache.hit_ratio.keys", 50.0, 0.0, "from 1"),
        ("components.api.pools.pg", 3.0, 0.0, "from 1"),
        ("components.api.calls[1].retry.max", 3.0, -1.0, "from 0"),
        ("traffic.browse.arrivals.open.rate", 0.0, -1.0, "0 or more"),
        ("traffic[1].arrivals.closed.users", 5.0, -1.0, "from 0"),
    ];
    for (path, good, bad, remedy) in rows {
        let of = |value: f64| problems_of(&[("/fit", json!({"paths": [path], "draws": [[good], [value]]}))]);
        assert_eq!(of(good), [], "{path}");
        let problems = of(bad);
        assert_eq!(problems.len(), 1, "{path}: {problems:?}");
        assert!(problems[0].path == "fit.draws[1][0]" && problems[0].text.contains(path), "{problems:?}");
        assert!(problems[0].remedy.contains(remedy), "{problems:?}");
    }
}
