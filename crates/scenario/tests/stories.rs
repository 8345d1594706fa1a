//! What each story of the gallery tells must hold when its scenario is solved.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use engine::model::System;
use engine::solve::{Answer, Options, Solver};
use scenario::{gallery, lower};

struct Story {
    system: System,
    solver: Solver,
}

impl Story {
    fn new(id: &str) -> Self {
        let system = lower(&gallery::entry(id).unwrap().scenario().unwrap()).unwrap();
        let solver = Solver::new(&system).unwrap_or_else(|refused| panic!("{id}: {refused:?}"));
        Self { system, solver }
    }

    fn at(&mut self, multiple: f64, percentiles: bool) -> &Answer {
        self.solver.solve(&self.system, multiple, &Options { percentiles, ..Options::default() })
    }

    /// A percentile of a class in milliseconds; `None` where it is unstable.
    fn ms(&mut self, class: &str, percentile: f64, multiple: f64) -> Option<f64> {
        let class = self.system.class(class).unwrap();
        self.at(multiple, true).classes[class].percentile(percentile).map(|seconds| seconds * 1000.0)
    }

    fn utilization(&mut self, station: &str, multiple: f64) -> f64 {
        let station = self.system.station(station).unwrap();
        self.at(multiple, false).stations[station].utilization.unwrap()
    }

    /// The multiple at which something first saturates, within 2 %.
    fn limit(&mut self) -> f64 {
        let mut multiple = 0.5;
        while multiple < 2000.0 {
            let answer = self.at(multiple, false);
            let full = answer.bottleneck.as_ref().is_some_and(|bottleneck| bottleneck.load >= 1.0);
            if full || answer.classes.iter().any(|class| !class.stable) {
                return multiple;
            }
            multiple *= 1.02;
        }
        multiple
    }
}

fn limit(id: &str) -> f64 {
    Story::new(id).limit()
}

#[test]
fn distance_is_what_hurts_and_mongodb_is_next() {
    let (mut far, mut near) = (Story::new("ad-server-far"), Story::new("ad-server-near"));
    assert!(far.ms("ads", 50.0, 1.0) > Some(100.0), "four round trips of 25 ms");
    assert!(near.ms("ads", 95.0, 1.0) < Some(100.0), "the objective holds after the move");
    let (limit, filled) = (near.limit(), near.utilization("mongodb", 3.0));
    assert!((3.0..3.6).contains(&limit) && filled > 0.85, "{limit} {filled}");
}

#[test]
fn slow_work_moves_behind_a_queue() {
    let (mut one, mut split) = (Story::new("fittrack-monolith"), Story::new("fittrack-split"));
    assert!((12.0..13.5).contains(&one.limit()), "0.079 of a core a multiple");
    assert!(one.ms("browse", 95.0, 10.0) > one.ms("browse", 95.0, 1.0).map(|ms| 2.0 * ms), "saves slow browsing down");
    assert!(split.limit() > 20.0 * one.limit());
    assert!(split.ms("save", 95.0, 10.0) < Some(200.0), "a save does not wait for its analysis");
}

#[test]
fn policies_differ_in_the_tail_and_a_hash_fills_one_server() {
    let p95 = |id: &str| Story::new(id).ms("browse", 95.0, 4.5);
    let least = p95("django-least-connections");
    assert!(least.is_some() && least < p95("django-round-robin"));
    assert!(p95("django-ip-hash").is_none_or(|hash| Some(hash) > p95("django-round-robin")));
    assert!(limit("django-ip-hash") < 0.8 * limit("django-least-connections"));
    let (small, big) = (limit("django-least-connections"), limit("django-big-pool"));
    assert!((big / small - 1.0).abs() < 0.1, "a bigger pool carries no more: {small} {big}");
}

#[test]
fn a_higher_maximum_moves_the_limit() {
    let (twenty, fifty) = (limit("kubernetes-hpa-20"), limit("kubernetes-hpa-50"));
    assert!((10.0..12.0).contains(&twenty) && fifty > 1.3 * twenty, "{twenty} {fifty}");
}

#[test]
fn a_spread_key_carries_several_times_the_load() {
    let (hot, cured) = (limit("hot-partition"), limit("hot-partition-cured"));
    assert!((1.3..1.7).contains(&hot) && cured > 2.5 * hot, "{hot} {cured}");
}

#[test]
fn the_report_makes_the_tail() {
    let (mut before, mut after) = (Story::new("report-query"), Story::new("report-query-replica"));
    let (locked, moved) = (before.ms("orders", 99.0, 2.0).unwrap(), after.ms("orders", 99.0, 2.0).unwrap());
    assert!(locked > 5.0 * moved, "{locked} {moved}");
}

#[test]
fn each_layer_protects_the_next() {
    let mut layers = Story::new("three-cache-layers");
    assert!(layers.utilization("db", 1.0) < 0.15);
    assert!(layers.ms("pages", 50.0, 1.0) < layers.ms("signed-in", 50.0, 1.0), "the edge answers for the signed-out");
}

#[test]
fn messages_fail_twice_come_and_wait() {
    let mut queue = Story::new("queue-dead-letters");
    assert!((1.4..1.8).contains(&queue.limit()), "consumers are the limit");
    assert!(queue.ms("order", 95.0, 3.0) < Some(150.0), "the user does not wait for them");
}

#[test]
fn a_limit_refuses_the_greedy_only() {
    let mut limited = Story::new("rate-limit-and-breaker");
    let errors = |story: &mut Story, multiple| story.at(multiple, false).classes[0].error_ratio;
    assert!(errors(&mut limited, 1.0) < 0.05 && errors(&mut limited, 5.0) > 0.1);
}

#[test]
fn a_load_test_shows_the_knee() {
    let mut test = Story::new("load-test");
    assert!(test.ms("shopper", 99.0, 1.0) < Some(200.0) && test.ms("shopper", 99.0, 5.0) > Some(500.0));
}

/// Everything in the gallery can be solved; what the closed form does not model there is left to the simulator by name only.
#[test]
fn every_entry_can_be_solved() {
    for entry in gallery::entries() {
        let mut story = Story::new(entry.id);
        let answer = story.at(1.0, true);
        assert!(answer.convergence.converged && answer.classes.iter().all(|class| class.stable), "{} at 1", entry.id);
    }
}
