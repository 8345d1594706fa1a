//! Objectives against what was simulated, those about losses and money included.

use super::full::{saturated, stays_away};
use super::survive::{self, Lost};
use crate::result::{LossDoc, SloPoint};
use engine::model::{Goal, Objective, System};
use engine::sim::histogram::Histogram;
use engine::sim::{Estimates, Measure, ReplicationReport, Summary, summarize};

/// What objectives are judged by.
pub(super) struct Evidence<'a> {
    pub system: &'a System,
    pub summary: &'a Summary,
    /// Response times of all replications, by class.
    pub histograms: &'a [Histogram],
    /// A month at the pace of the run.
    pub monthly: f64,
    /// Replicas by component before a loss, as [`survive::running`] says.
    pub running: &'a [Option<u32>],
    /// What was played with something lost so far, each with its place in [`survive::losses`].
    pub losses: &'a [LossDoc],
}

/// Response times of all replications, by class.
pub(super) fn histograms(system: &System, reports: &[ReplicationReport]) -> Vec<Histogram> {
    let all = |class: usize| {
        let mut all = Histogram::default();
        reports.iter().for_each(|r| all.add_occupied(&r.histograms[class]));
        all
    };
    (0..system.classes.len()).map(all).collect()
}

/// Every objective of the scenario, in its order; without those about losses that are not decided by what was played so far.
pub(super) fn objectives(evidence: &Evidence) -> Vec<SloPoint> {
    let judge = |objective: &Objective| {
        let system = evidence.system;
        let survived = match objective.goal {
            Goal::SurviveReplica | Goal::SurviveZone if survive::is_fatal(system, objective.goal, evidence.running) => {
                Some(false)
            }
            Goal::SurviveReplica => survives(evidence, |lost| matches!(lost, Lost::Replica(_))),
            Goal::SurviveZone => survives(evidence, |lost| matches!(lost, Lost::Zone(_))),
            _ => return Some(plain(evidence, objective)),
        };
        survived.map(|met| SloPoint { index: objective.index, met, margin: None, probability: None })
    };
    evidence.system.objectives.iter().filter_map(judge).collect()
}

/// Whether every request of a class fails that anybody asks for: nothing need be full of it.
pub(super) fn unanswered(summary: &Summary) -> bool {
    let of = |class: &Estimates, measure| class.get(&measure).map_or(0.0, |e| e.mean);
    summary.classes.iter().any(|class| of(class, Measure::Offered) > 0.0 && of(class, Measure::ErrorRatio) >= 1.0)
}

/// Whether a class gets more than can pass, as far as a run of some length can tell: a part is busy all the time, and requests of
/// the class stay away.
fn is_overloaded(system: &System, summary: &Summary, class: usize) -> bool {
    stays_away(summary, class) && saturated(system, summary)
}

/// Whether all other objectives hold with any one of these lost: one that is not survived decides it, and they are survived
/// once all were played.
fn survives(evidence: &Evidence, of: impl Fn(Lost) -> bool) -> Option<bool> {
    let losses = survive::losses(evidence.system);
    let asked = losses.into_iter().enumerate().filter(|(_, lost)| of(*lost));
    let mut all_played = true;
    for (index, _) in asked {
        match evidence.losses.iter().find(|loss| loss.index as usize == index) {
            Some(loss) if !all_else_holds(evidence, &loss.report) => return Some(false),
            Some(_) => {}
            None => all_played = false,
        }
    }
    all_played.then_some(true)
}

/// Whether all objectives that are not about losses or the budget hold in what was played with something lost.
fn all_else_holds(evidence: &Evidence, report: &ReplicationReport) -> bool {
    let system = evidence.system;
    let report = std::slice::from_ref(report);
    let (summary, histograms) = (summarize(report), histograms(system, report));
    let left = Evidence { summary: &summary, histograms: &histograms, losses: &[], ..*evidence };
    let apart = |goal: &Goal| survive::is_about_losses(goal) || matches!(goal, Goal::MonthlyCost { .. });
    let mut others = system.objectives.iter().filter(|o| !apart(&o.goal));
    summary.cut_short.is_none()
        && !saturated(system, &summary)
        && !unanswered(&summary)
        && others.all(|o| plain(&left, o).met)
}

/// An objective that nothing is against.
const fn held(index: usize) -> SloPoint {
    SloPoint { index, met: true, margin: None, probability: None }
}

/// An objective about figures.
fn plain(evidence: &Evidence, objective: &Objective) -> SloPoint {
    let Evidence { summary, histograms, .. } = evidence;
    let figure = |of: &Estimates, measure| of.get(&measure).map(|e| e.mean);
    let (value, limit) = match objective.goal {
        Goal::Latency { class, percentile, at_most } => {
            let ended = figure(&summary.classes[class], Measure::Throughput).unwrap_or(0.0);
            // Nobody answered in time, or at all: no percentile is met. Nobody asked: nothing is missed.
            let none = if ended > 0.0 { None } else { Some(0.0) };
            (histograms[class].percentile(percentile / 100.0).or(none), at_most)
        }
        Goal::ErrorRatio { class, at_most } => {
            // Of what gets more than can pass the failed share of those that ended says nothing.
            let failed = figure(&summary.classes[class], Measure::ErrorRatio).unwrap_or(0.0);
            (Some(failed).filter(|_| !is_overloaded(evidence.system, summary, class)), at_most)
        }
        Goal::Utilization { station, at_most } => {
            let of = &summary.stations[station];
            let busy = [Measure::Utilization, Measure::SlotUtilization, Measure::UnitUtilization];
            let busy = busy.into_iter().find_map(|measure| figure(of, measure));
            // What has no limit is never full, and how far it is from it cannot be told.
            let Some(busy) = busy else { return held(objective.index) };
            (Some(busy), at_most)
        }
        Goal::BacklogAge { station, at_most } => {
            (Some(figure(&summary.stations[station], Measure::Oldest).unwrap_or(0.0)), at_most)
        }
        Goal::MonthlyCost { at_most } => (Some(evidence.monthly), at_most),
        Goal::SurviveReplica | Goal::SurviveZone => (Some(0.0), 0.0),
    };
    let margin = value.and_then(|v| (limit > 0.0).then(|| 1.0 - v / limit));
    SloPoint { index: objective.index, met: value.is_some_and(|v| v <= limit), margin, probability: None }
}

#[cfg(test)]
mod tests {
    use crate::simulate::{SimulateOptions, simulate};
    use scenario::Scenario;

    /// The busiest share that an objective allows of read units at 91 %, and whether both engines say that it is met.
    #[test]
    fn both_engines_judge_the_use_of_units() {
        for (most, met) in [(0.5, false), (0.97, true)] {
            let text = format!(
                r#"{{"format":"headroom/1","traffic":[{{"id":"web","entry":"db","arrivals":{{"open":{{"rate":100}}}}}}],
                "components":[{{"id":"db","kind":"database","service":{{"mean_ms":5}},"request_units":{{"read":110,"write":10}}}}],
                "slos":[{{"component":"db","max_utilization":{most}}}]}}"#
            );
            let scenario: Scenario = serde_json::from_str(&text).unwrap();
            let options = SimulateOptions { seconds: 60.0, replications: 2, ..SimulateOptions::default() };
            let played = simulate(&scenario, &options).unwrap();
            let solved = crate::solve(&scenario, &[1.0]).unwrap();
            let verdicts =
                [&played, &solved].map(|doc| (doc.points[0].slos[0].met, doc.points[0].slos[0].margin.is_some()));
            assert_eq!(verdicts, [(met, true); 2], "{most}");
        }
    }

    /// Arrivals a second at one slot of 10 ms with an objective on errors, and whether both engines say that it is met.
    #[test]
    fn both_engines_miss_an_objective_on_errors_where_more_arrives_than_can_pass() {
        // A slot alone, and one that is held for as long over a call.
        let alone = r#""service":{"mean_ms":10}}"#;
        let held =
            r#""service":{"mean_ms":1},"calls":[{"to":"ext"}]},{"id":"ext","kind":"external","service":{"mean_ms":9}}"#;
        let rows = [(60, alone, true), (130, alone, false), (300, alone, false), (60, held, true), (130, held, false)];
        for (rate, own, met) in rows {
            let text = format!(
                r#"{{"format":"headroom/1","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":{rate}}}}}}}],
                "components":[{{"id":"api","kind":"service","concurrency":1,{own}],
                "slos":[{{"traffic":"web","max_error_ratio":0.01}}]}}"#
            );
            let scenario: Scenario = serde_json::from_str(&text).unwrap();
            let options = SimulateOptions { seconds: 60.0, replications: 2, ..SimulateOptions::default() };
            let played = simulate(&scenario, &options).unwrap();
            let solved = crate::solve(&scenario, &[1.0]).unwrap();
            let verdicts = [&played, &solved].map(|doc| doc.points[0].slos[0].met);
            assert_eq!(verdicts, [met; 2], "{rate}: {:?}", played.points[0].classes);
        }
    }
}
