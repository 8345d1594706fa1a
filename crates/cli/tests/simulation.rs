//! `headroom simulate` as text: what killed the slow requests, money, verdicts, and the table of losses.

mod common;

use common::headroom_with;

/// One slot of 10 ms that is slow for a while, priced.
const SLOW: &str = r#"{"format": "headroom/1", "name": "x", "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 50, "cv": 1}}}],
  "components": [{"id": "app", "kind": "service", "service": {"mean_ms": 1, "cv": 0}, "calls": [{"to": "db"}]},
    {"id": "db", "kind": "service", "concurrency": 1, "service": {"mean_ms": 10, "cv": 1}, "price": {"per_replica_hour": 1}}],
  "events": [{"at_s": 40, "for_s": 5, "kind": "slow_down", "component": "db", "amount": 3}]}"#;

#[test]
fn a_simulation_tells_what_killed_its_slow_requests() {
    let run = headroom_with(&["simulate", "-", "--seconds", "100", "--replications", "2"], SLOW.as_bytes());
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in
        ["spent their time on", "db         queue", "  the slowest, ", "$730 a month at this pace", "comes back"]
    {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
}

#[test]
fn there_is_no_shortcut_to_leave_out() {
    let play = |more: &[&str]| {
        let run = headroom_with(&[&["simulate", "-", "--seconds", "50", "--json"], more].concat(), SLOW.as_bytes());
        assert_eq!(run.code, Some(0), "{run:?}");
        run.stdout
    };
    assert_eq!(play(&[]), play(&["--no-fast-path"]));
}

#[test]
fn each_component_is_lost_once() {
    let run = headroom_with(&["simulate", "-", "--lose-each", "--growth", "1,3"], SLOW.as_bytes());
    assert_eq!(run.code, Some(0), "{run:?}");
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let row = |lost: &str, growth: &str| {
        let found = rows.iter().find(|row| row.first() == Some(&lost) && row.get(1) == Some(&growth));
        found.map_or_else(String::new, |row| row.join(" "))
    };
    for lost in ["app", "db"] {
        // Before, during and after: all is lost with the only replica, and nothing after it.
        assert!(row(lost, "×1").contains("0 % 100 % 0 %") && row(lost, "×1").contains("comes back"), "{}", run.stdout);
        // At three times the load one slot is not enough with or without a loss: it never was well.
        assert!(!row(lost, "×3").is_empty(), "{}", run.stdout);
    }
    let run = headroom_with(&["simulate", "-", "--lose-each", "--shard", "1/2"], SLOW.as_bytes());
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn a_run_takes_as_long_as_its_events_ask_for() {
    // What is given, when the event is, whether it is told that the run ends before it does, how long the run takes.
    let rows = [
        (&["--json"][..], "40", false, 600.0),
        (&["--json"], "400", false, 810.0),
        (&["--json", "--seconds", "50"], "400", true, 50.0),
        (&["--json", "--seconds", "42"], "40", true, 42.0),
    ];
    for (more, at, told, seconds) in rows {
        let scenario = SLOW.replace(r#""at_s": 40"#, &format!(r#""at_s": {at}"#));
        let run = headroom_with(&[&["simulate", "-", "--replications", "1"], more].concat(), scenario.as_bytes());
        assert_eq!(run.code, Some(0), "{run:?}");
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        let last = document["run"]["timeline"]["t_s"].as_array().and_then(|times| times.last()?.as_f64());
        let last = last.or_else(|| document["points"][0]["timeline"]["t_s"].as_array()?.last()?.as_f64());
        assert_eq!((last, run.stdout.contains("event-beyond-run")), (Some(seconds), told), "{more:?} {at}");
    }
}

#[test]
fn settings_that_nothing_meets_are_an_answer_not_bad_input() {
    let objective = |ms: u32| {
        let slos = format!(r#""slos": [{{"traffic": "web", "percentile": 95, "latency_ms": {ms}}}], "components""#);
        SLOW.replacen(r#""components""#, &slos, 1)
    };
    for (scenario, code) in [(objective(500), 0), (objective(1), 1), (objective(1).replace("mean_ms", "mean"), 2)] {
        let run = headroom_with(&["export", "--to", "json", "-"], scenario.as_bytes());
        assert_eq!(run.code, Some(code), "{run:?}");
        assert_eq!(run.stderr.contains("nothing found that meets the objectives"), code == 1, "{run:?}");
    }
}
