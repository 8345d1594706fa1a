//! What the lessons of ready scenarios promise of their events and of their limits is what playing and solving them shows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use engine::sim::Verdict;
use scenario::Scenario;
use study::simulate::{SimulateOptions, simulate};

fn ready(id: &str) -> Scenario {
    scenario::gallery::entry(id).unwrap().scenario().unwrap()
}

/// The failed share of a class's requests over the whole run, and what became of the system.
fn played(id: &str, class: &str) -> (f64, Verdict) {
    let scenario = ready(id);
    let events = scenario.events.iter().map(|event| (event.at_s, event.for_s));
    let options = SimulateOptions {
        seconds: scenario::run_seconds(300.0, events),
        replications: 1,
        ..SimulateOptions::default()
    };
    let doc = simulate(&scenario, &options).unwrap();
    assert!(doc.warnings.iter().all(|warning| warning.code != "event-beyond-run"), "{id}: {:?}", doc.warnings);
    (doc.points[0].classes[class].error_ratio, doc.run.verdict.unwrap())
}

#[test]
fn a_storm_stays_and_a_budget_ends_it() {
    let (storm, stays) = played("retry-storm", "calls");
    assert!(storm > 0.3 && matches!(stays, Verdict::Metastable), "{storm} {stays:?}");
    let (budget, back) = played("retry-budget", "calls");
    assert!(budget < storm, "fewer errors in all: {budget} {storm}");
    assert!(matches!(back, Verdict::Recovers { after } if (60.0..200.0).contains(&after)), "{back:?}");
}

#[test]
fn a_flushed_cache_is_warm_again_within_seconds() {
    for id in ["cache-flush", "cache-flush-coalesced"] {
        let (errors, back) = played(id, "pages");
        assert!(
            errors < 0.001 && matches!(back, Verdict::Recovers { after } if after <= 20.0),
            "{id}: {errors} {back:?}"
        );
    }
}

#[test]
fn new_replicas_come_too_late_for_a_spike() {
    let (errors, back) = played("kubernetes-hpa-20", "api");
    assert!(errors > 0.01 && matches!(back, Verdict::Recovers { .. }), "{errors} {back:?}");
}

/// The limits that a lesson speaks of, in their order, are on its own growth axis.
#[test]
fn the_limits_of_a_lesson_are_in_sight() {
    for (id, wanted) in [
        ("kubernetes-hpa-20", &["app", "db"][..]),
        ("kubernetes-hpa-50", &["db"]),
        ("fittrack-split", &["analysis", "workouts-db"]),
        ("growth-stages", &["mail", "app"]),
    ] {
        let doc = study::solve(&ready(id), &[]).unwrap();
        let first = doc.headroom.unwrap().component.into_iter();
        let found: Vec<String> = first.chain(doc.next.into_iter().map(|next| next.component)).collect();
        assert!(found.iter().map(String::as_str).take(wanted.len()).eq(wanted.iter().copied()), "{id}: {found:?}");
    }
}
