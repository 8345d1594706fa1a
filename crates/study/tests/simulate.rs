//! `study::simulate`: figures of a known system, the same bytes however the work is cut, and all problems at once.

use engine::sim::{Verdict, Warmup};
use scenario::v1::Scenario;
use study::result::ResultDoc;
use study::simulate::{LossTable, Losses, SimulateOptions, SimulationJob, merge, simulate};

fn scenario(text: &str) -> Scenario {
    scenario::parse(text).unwrap_or_else(|problems| panic!("{problems:?}")).scenario
}

/// An app of 16 slots past a cache: the database on a miss, over a pool.
fn shop() -> Scenario {
    scenario(
        r#"{"format": "headroom/1", "name": "shop", "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 200, "cv": 1}}}],
        "components": [
          {"id": "app", "kind": "service", "concurrency": 16, "service": {"mean_ms": 10, "cv": 1}, "pools": {"pg": 8},
           "calls": [{"to": "cache", "on_miss": [{"to": "db", "pool": "pg"}]}]},
          {"id": "cache", "kind": "cache", "hit_ratio": 0.8, "concurrency": 4, "service": {"mean_ms": 0.5, "cv": 1}},
          {"id": "db", "kind": "database", "cores": 4, "service": {"mean_ms": 5, "cv": 1}}],
        "slos": [{"traffic": "web", "percentile": 95, "latency_ms": 100}, {"component": "db", "max_utilization": 0.01}]}"#,
    )
}

fn options() -> SimulateOptions {
    SimulateOptions {
        seconds: 20.0,
        replications: 6,
        warmup: Warmup::Seconds(2.0),
        multiples: vec![1.0, 2.0],
        ..SimulateOptions::default()
    }
}

fn bytes(doc: &ResultDoc) -> String {
    serde_json::to_string(doc).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn figures_follow_from_the_scenario() {
    let doc = simulate(&shop(), &SimulateOptions { seconds: 100.0, ..options() }).expect("simulated");
    assert_eq!((doc.format.as_str(), doc.engine.as_str(), doc.points.len()), ("headroom-result/1", "simulation", 2));
    for point in &doc.points {
        let rate = 200.0 * point.multiple;
        let near = |name: &str, got: f64, want: f64, tolerance: f64| {
            assert!((got / want - 1.0).abs() < tolerance, "{name} at {}: {got}, not {want}", point.multiple);
        };
        near("throughput", point.classes["web"].throughput_rps, rate, 0.02);
        near("misses", point.components["db"].visits_rps, 0.2 * rate, 0.05);
        near("hits", point.components["cache"].hit_ratio.unwrap(), 0.8, 0.01);
        near("database", point.components["db"].utilization.unwrap(), 0.2 * rate * 0.005 / 4.0, 0.05);
        near("own work", point.components["app"].utilization.unwrap(), rate * 0.01 / 16.0, 0.02);
        let pool = &point.components["app"].pools["pg"];
        near("pool", pool.utilization.unwrap(), 0.2 * rate * 0.005 / 8.0, 0.06);
        let interval = point.classes["web"].ci95.as_ref().unwrap()["p95"];
        let p95 = point.classes["web"].latency_ms.as_ref().unwrap()["p95"];
        assert!(interval[0] < p95 && p95 < interval[1]);
        assert_eq!(point.slos.iter().map(|s| s.met).collect::<Vec<_>>(), [true, false]);
        assert!(!point.feasible);
        assert_eq!(point.run.stopped_by.as_deref(), Some("replications"));
    }
}

#[test]
fn slices_shards_and_one_run_give_the_same_bytes() {
    for half_width in [None, Some(0.2), Some(1e-6)] {
        let all = SimulateOptions { half_width, ..options() };
        let whole = bytes(&simulate(&shop(), &all).unwrap());
        let mut job = SimulationJob::new(&shop(), &all).unwrap();
        while !job.step(777).done {}
        assert_eq!(bytes(&job.document()), whole, "slices");
        for of in [1, 2, 4, 9] {
            let parts: Vec<ResultDoc> = (0..of)
                .rev()
                .map(|index| {
                    let part = SimulateOptions { shard: Some((index, of)), ..all.clone() };
                    serde_json::from_str(&bytes(&simulate(&shop(), &part).unwrap())).unwrap()
                })
                .collect();
            assert_eq!(bytes(&merge(&parts).unwrap()), whole, "{of} shards");
        }
    }
}

#[test]
fn a_part_that_is_ahead_is_kept() {
    let part = |index| SimulationJob::new(&shop(), &SimulateOptions { shard: Some((index, 2)), ..options() }).unwrap();
    let (mut behind, mut ahead) = (part(0), part(1));
    behind.step(1000);
    while !ahead.step(1_000_000).done {}
    let doc = behind.complete(vec![ahead.found()]);
    assert_eq!(doc.points.iter().map(|point| point.multiple).collect::<Vec<_>>(), [1.0, 2.0]);
    while !behind.step(1_000_000).done {}
    let whole = simulate(&shop(), &options()).unwrap();
    assert_eq!(bytes(&behind.complete(vec![ahead.found()])), bytes(&whole));
}

#[test]
fn parts_that_do_not_fit_are_all_named() {
    let shard =
        |index, of, seed| simulate(&shop(), &SimulateOptions { shard: Some((index, of)), seed, ..options() }).unwrap();
    let text =
        |parts: &[ResultDoc]| merge(parts).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(text(&[]).contains("nothing to merge"));
    for other in [
        SimulateOptions { seconds: 1.5, ..options() },
        SimulateOptions { warmup: Warmup::Seconds(0.5), ..options() },
        SimulateOptions { warmup: Warmup::Auto, ..options() },
    ] {
        let longer = simulate(&shop(), &SimulateOptions { shard: Some((1, 2)), ..other }).unwrap();
        assert!(text(&[shard(0, 2, 1), longer]).contains("[1]: a shard of another study"));
    }
    let whole = simulate(&shop(), &options()).unwrap();
    let all = text(&[shard(0, 3, 1), shard(0, 3, 1), shard(1, 3, 2), whole]);
    for part in [
        "[3]: not a shard",
        "[2]: a shard of another study",
        "shard 1 of 3 is there 2 times",
        "shard 3 of 3 is there 0 times",
    ] {
        assert!(all.contains(part), "{part} in {all}");
    }
}

#[test]
fn an_explosion_ends_by_its_budget_with_partial_results() {
    let endless = scenario(
        r#"{"format": "headroom/1", "name": "x", "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 1000}}}],
        "components": [{"id": "app", "kind": "service", "concurrency": 1, "service": {"mean_ms": 10, "cv": 1}}]}"#,
    );
    let limit = SimulateOptions {
        max_in_flight: 2000,
        seconds: 1e6,
        warmup: Warmup::Seconds(0.0),
        replications: 2,
        ..SimulateOptions::default()
    };
    let doc = simulate(&endless, &limit).unwrap();
    assert_eq!(doc.run.stopped_by.as_deref(), Some("in_flight"));
    assert!(!doc.points[0].feasible && doc.warnings[0].code == "simulation-cut-short");
    assert!((doc.points[0].classes["web"].throughput_rps / 100.0 - 1.0).abs() < 0.3);
    let doc = simulate(&endless, &SimulateOptions { max_events: 5000, max_in_flight: 1_000_000, ..limit }).unwrap();
    assert_eq!((doc.run.stopped_by.as_deref(), doc.run.events), (Some("events"), Some(10_000)));
}

/// Three read replicas at half their capacity: two of them still hold, one that is left alone with its zone gone does not.
/// The losses are: a replica of the app, one of the database, zone a, zone b. A part of two plays every other of them, and
/// says only what follows from those.
#[test]
fn a_part_judges_only_the_losses_it_played() {
    let zones = scenario(
        r#"{"format": "headroom/1", "name": "zones", "zones": ["a", "b"],
        "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 300, "cv": 1}}}],
        "components": [
          {"id": "app", "kind": "service", "replicas": 3, "concurrency": 64, "service": {"mean_ms": 1, "cv": 1},
           "calls": [{"to": "db", "when": "read"}]},
          {"id": "db", "kind": "database", "cores": 1, "read_replicas": 3, "zone": "a", "service": {"mean_ms": 5, "cv": 1}}],
        "slos": [{"traffic": "web", "percentile": 95, "latency_ms": 500}, {"survive": "replica"}, {"survive": "zone"}]}"#,
    );
    let options = SimulateOptions { multiples: vec![1.0], replications: 2, ..options() };
    let play = |shard| {
        let mut job = SimulationJob::new(&zones, &SimulateOptions { shard, ..options.clone() }).expect("prepared");
        while !job.step(1_000_000).done {}
        job
    };
    let said = |doc: &ResultDoc| doc.points[0].slos.iter().map(|slo| (slo.index, slo.met)).collect::<Vec<_>>();
    let whole = play(None).document();
    let (first, second) = (play(Some((0, 2))), play(Some((1, 2))));
    for (name, doc, want) in [
        ("all", &whole, &[(0, true), (1, true), (2, false)][..]),
        ("the first half", &first.so_far(), &[(0, true), (2, false)]),
        ("the second half", &second.so_far(), &[(0, true)]),
    ] {
        assert_eq!(said(doc), want, "{name}");
        assert!(!doc.points[0].feasible, "{name}");
    }
    assert_eq!(bytes(&first.complete(vec![second.found()])), bytes(&whole));
}

#[test]
fn all_problems_of_the_options_come_at_once() {
    let bad = SimulateOptions {
        multiples: vec![-1.0, f64::NAN],
        seconds: 0.0,
        replications: 0,
        half_width: Some(2.0),
        shard: Some((3, 3)),
        ..SimulateOptions::default()
    };
    let problems = SimulationJob::new(&shop(), &bad).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["growth", "growth", "seconds", "replications", "half_width", "shard"]);
}

/// Multiples, and how many of them are refused.
#[test]
fn multiples_of_the_loss_table_are_checked() {
    for (multiples, refused) in [(vec![1.0, 2.0], 0), (vec![f64::NAN, 2.0], 1), (vec![-3.0, 0.0], 2)] {
        let found = LossTable::new(&shop(), &Losses { multiples, ..Losses::default() });
        let problems = found.err().unwrap_or_default();
        assert_eq!(problems.iter().filter(|p| p.path == "growth").count(), refused, "{problems:?}");
    }
}

#[test]
fn the_loss_table_says_what_each_component_means() {
    let options = Losses { multiples: vec![1.0, 3.0], before: 20.0, during: 20.0, after: 40.0, ..Losses::default() };
    let mut table = LossTable::new(&shop(), &options).unwrap();
    while !table.step(50_000) {}
    assert_eq!((table.cells.len(), table.size()), (6, 6));
    for cell in &table.cells {
        // Each component is a single one: without it everything that needs it fails.
        let lost = if cell.component == "db" { 0.2 } else { 1.0 };
        assert!((cell.error_ratio[1] - lost).abs() < 0.05, "{cell:?}");
        assert!(cell.error_ratio[0] == 0.0 && cell.error_ratio[2] < 0.01, "{cell:?}");
        assert!(matches!(cell.verdict, Some(Verdict::Recovers { .. })), "{cell:?}");
    }
}

/// What is said of events at ends of the run, and of those that are in it: path and part of the text, and the seconds told.
#[test]
fn events_that_a_run_does_not_reach_are_told() {
    let event = |at: f64, length: &str| {
        let events = format!(
            r#""events": [{{"at_s": 1, "for_s": 2, "kind": "traffic_spike", "amount": 1}},
            {{"at_s": {at}{length}, "kind": "traffic_spike", "amount": 1}}], "components""#
        );
        let text = bytes_of(&shop()).replacen(r#""components""#, &events, 1);
        let options = SimulateOptions { multiples: vec![1.0], replications: 2, ..options() };
        simulate(&scenario(&text), &options).expect("simulated").warnings
    };
    let rows = [
        (5.0, r#", "for_s": 5"#, None),
        (5.0, "", None),
        (5.0, r#", "for_s": 15"#, None),
        (15.0, r#", "for_s": 10"#, Some(("What comes of the event at 15 s", "simulate 50 s"))),
        (20.0, r#", "for_s": 1"#, Some(("Nothing is seen of the event at 20 s", "simulate 42 s"))),
        (30.0, "", Some(("the run ends at 20 s", "simulate 60 s"))),
    ];
    for (at, length, wanted) in rows {
        let said = event(at, length);
        let found = said.iter().map(|w| (w.code.as_str(), w.path.as_str())).collect::<Vec<_>>();
        let code = wanted.map(|_| ("event-beyond-run", "events[1]"));
        assert_eq!(found, Vec::from_iter(code), "{at}{length}: {said:?}");
        for part in wanted.into_iter().flat_map(|(how, remedy)| [how, remedy]) {
            assert!(said[0].text.contains(part), "{part} in {said:?}");
        }
    }
}

fn bytes_of(scenario: &Scenario) -> String {
    serde_json::to_string(scenario).unwrap_or_else(|error| panic!("{error}"))
}

/// From when to when a system is disturbed: a flush without a length is over at once, all else goes on.
#[test]
fn a_flush_ends_where_it_starts() {
    let rows = [
        (r#"{"at_s": 30, "kind": "flush_cache", "component": "cache"}"#, Some((30.0, 30.0))),
        (r#"{"at_s": 30, "for_s": 5, "kind": "flush_cache", "component": "cache"}"#, Some((30.0, 35.0))),
        (r#"{"at_s": 30, "kind": "slow_down", "component": "cache", "amount": 2}"#, None),
    ];
    for (event, wanted) in rows {
        let text = bytes_of(&shop()).replacen(r#""components""#, &format!(r#""events": [{event}], "components""#), 1);
        let system = scenario::lower(&scenario(&text)).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(engine::sim::trigger(&system), wanted, "{event}");
    }
}
