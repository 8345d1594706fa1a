//! Which losses the simulator has to play for "survives the loss of one replica, of one zone"; what a loss is, both engines have
//! from [`engine::plan::loss`]. Where a component is lost altogether there is no need to play anything.

use engine::model::{Goal, System};
use engine::plan::loss;
pub(super) use engine::plan::loss::{Lost, is_fatal, without};
use engine::solve::{Options, Solver};

/// Whether an objective is about losses.
pub(super) fn is_about_losses(goal: &Goal) -> bool {
    matches!(goal, Goal::SurviveReplica | Goal::SurviveZone)
}

/// The losses that may have to be played, the same at every multiple: those that are not fatal at every load.
pub(super) fn losses(system: &System) -> Vec<Lost> {
    let most = |s: &engine::model::Station| loss::replicas(s).map(|own| s.autoscale.map_or(own, |a| a.max.max(own)));
    let most: Vec<Option<u32>> = system.stations.iter().map(most).collect();
    let played = |goal: Goal| system.objectives.iter().any(|o| o.goal == goal) && !is_fatal(system, goal, &most);
    let goals = [Goal::SurviveReplica, Goal::SurviveZone].into_iter().filter(|goal| played(*goal));
    goals.flat_map(|goal| loss::losses(system, goal)).collect()
}

/// Which of [`losses`] must be played at a multiple, by their place: none of an objective that a component decides there by being
/// lost altogether.
pub(super) fn played(system: &System, multiple: f64) -> Vec<u32> {
    let running = running(system, multiple);
    let goal = |lost: &Lost| match lost {
        Lost::Replica(_) => Goal::SurviveReplica,
        Lost::Zone(_) => Goal::SurviveZone,
    };
    let is_open = |lost: &Lost| !is_fatal(system, goal(lost), &running);
    (0..).zip(losses(system)).filter(|(_, lost)| is_open(lost)).map(|(place, _)| place).collect()
}

/// Replicas by component before a loss: of an autoscaled one those the closed form has at that load, so that both engines lose the
/// same; as stated where it does not model the system.
pub(super) fn running(system: &System, multiple: f64) -> Vec<Option<u32>> {
    let scales = system.stations.iter().any(|s| s.autoscale.is_some());
    match Solver::new(system) {
        Ok(mut solver) if scales => {
            let options = Options { percentiles: false, ..Options::default() };
            loss::running(system, solver.solve(system, multiple, &options))
        }
        _ => system.stations.iter().map(loss::replicas).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(zone: &str, replicas: u32, survive: &str) -> System {
        let text = format!(
            r#"{{"format": "headroom/1", "name": "zones", "zones": ["a", "b"], "slos": [{{"survive": "{survive}"}}],
              "traffic": [{{"id": "web", "entry": "app", "arrivals": {{"open": {{"rate": 10}}}}}}],
              "components": [
                {{"id": "app", "kind": "service", "service": {{"mean_ms": 5, "cv": 1}}, "concurrency": 4, "replicas": 2 {zone},
                  "calls": [{{"to": "db", "mode": "sync"}}]}},
                {{"id": "db", "kind": "database", "service": {{"mean_ms": 5, "cv": 1}}, "cores": 2, "read_replicas": {replicas}, "zone": "b"}}]}}"#
        );
        let scenario = scenario::parse(&text).map(|parsed| parsed.scenario);
        scenario.and_then(|scenario| scenario::lower(&scenario)).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn what_a_lost_zone_takes_along() {
        // A service stands in its zone with all its replicas; a database's read replicas stand elsewhere.
        for (zone, replicas, fatal) in [(r#", "zone": "a""#, 1, true), ("", 0, true), ("", 1, false)] {
            let system = system(zone, replicas, "zone");
            assert_eq!(is_fatal(&system, Goal::SurviveZone, &running(&system, 1.0)), fatal, "{zone} {replicas}");
            let played = if fatal { Vec::new() } else { vec![Lost::Zone(0), Lost::Zone(1)] };
            assert_eq!(losses(&system), played);
        }
        let system = system("", 2, "zone");
        let nodes = |system: &System| engine::plan::loss::replicas(&system.stations[1]);
        assert_eq!([0, 1].map(|zone| nodes(&without(&system, Lost::Zone(zone), &[]))), [Some(3), Some(1)]);
    }

    /// Requests a second at an autoscaled service, and which of the two losses are played: alone it is lost altogether.
    #[test]
    fn a_loss_that_is_fatal_at_a_multiple_is_not_played_there() {
        let mut system = system("", 1, "replica");
        system.stations[0].autoscale = Some(engine::model::Autoscale {
            min: 1,
            max: 8,
            metric: engine::model::AutoscaleMetric::Slots,
            target: 0.5,
            tolerance: 0.1,
            interval: 15.0,
            metric_delay: 0.0,
            startup: 60.0,
            stabilization_down: 300.0,
        });
        assert_eq!(losses(&system), [Lost::Replica(0), Lost::Replica(1)]);
        for (multiple, wanted) in [(1.0, &[][..]), (40.0, &[0, 1])] {
            assert_eq!(played(&system, multiple), wanted, "{multiple}: {:?}", running(&system, multiple));
        }
    }

    #[test]
    fn only_what_is_asked_is_played() {
        assert_eq!(losses(&system("", 1, "replica")), [Lost::Replica(0), Lost::Replica(1)]);
        assert!(losses(&system("", 0, "replica")).is_empty(), "a database without replicas is lost altogether");
    }
}
