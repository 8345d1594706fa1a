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
