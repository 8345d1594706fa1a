//! The analytic answer at each multiple, with headroom and what breaks next.

use crate::document;
use crate::result::{FORMAT, ObjectiveBreak, ResultDoc, Warning};
use crate::time::month_after;
use engine::model::{AutoscaleMetric, Station, System};
use engine::order;
use engine::plan::{self, Headroom, Search, headroom_with};
use engine::solve::{Answer, Options, Solver, StationAnswer};
use engine::{cost, math};
use scenario::{Problem, Scenario};

/// Solves a scenario at the given multiples (empty: the scenario's own).
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn solve(scenario: &Scenario, multiples: &[f64]) -> Result<ResultDoc, Vec<Problem>> {
    let mut system = scenario::lower(scenario)?;
    if !multiples.is_empty() {
        system.multiples = checked(multiples)?;
    }
    let mut solver = compiled(&system)?;
    let mut doc = ResultDoc { format: FORMAT.into(), engine: "analytic".into(), ..ResultDoc::default() };
    let mut range: Option<(f64, f64)> = None;
    for &multiple in &system.multiples {
        let answer = solver.solve(&system, multiple, &Options::default()).clone();
        let bounds: Vec<_> = (0..system.classes.len()).map(|class| solver.class_bounds(&system, class)).collect();
        let verdicts = plan::objectives(&mut solver, &system, &answer);
        let bill = cost::over_time(&mut solver, &system, &answer);
        let mut point = document::point(&system, &answer, &verdicts, &bill);
        for (class, found) in system.classes.iter().zip(&bounds) {
            if let Some(at) = point.classes.get_mut(&class.id) {
                at.bounds = Some(document::bounds(found));
            }
        }
        doc.points.push(point);
        for warning in hunting(&system, &answer) {
            let known = doc.warnings.iter().any(|known| known.code == warning.code && known.path == warning.path);
            doc.warnings.extend((!known).then_some(warning));
        }
        if !answer.convergence.converged {
            doc.warnings.push(Warning {
                code: "not-converged".into(),
                path: String::new(),
                text: format!(
                    "the figures at ×{multiple} are approximate: the solver did not settle; simulate to check"
                ),
            });
        }
        if answer.metastable && !range.is_some_and(|(low, high)| (low..=high).contains(&multiple)) {
            range = solver.metastable_range(&system, multiple);
            let (low, high) = range.unwrap_or((multiple, multiple));
            doc.warnings.push(Warning {
                code: "metastable".into(),
                path: String::new(),
                text: format!(
                    "at ×{multiple} retries can hold the system in collapse after a disturbance: both states are stable from \
                     ×{low:.3} to ×{high:.3}"
                ),
            });
        }
    }
    let search = search(scenario, &system);
    let mut found = plan::headroom_with(&mut solver, &system, &search);
    doc.objectives = objectives(scenario, &system, &mut solver, &search);
    if let Some(to) = earlier(&doc, found.multiple) {
        let nearer = plan::headroom_with(&mut solver, &system, &Search { to, ..search });
        if nearer.multiple.is_some() {
            found = Headroom { at_least: found.at_least, ..nearer };
        }
    }
    let mut headroom = document::headroom(&system, &found);
    headroom.date = date(scenario, headroom.multiple);
    // The search answers with its first point only where that is missed too.
    headroom.at_most = found.multiple.filter(|&multiple| multiple <= search.from);
    // The headroom is found on a finer scan than the rows of the objectives.
    for row in doc.objectives.iter_mut().filter(|row| headroom.objective == Some(row.index)) {
        let exact = headroom.multiple.filter(|at| row.multiple.is_none_or(|row| row > *at));
        if exact.is_some() {
            (row.multiple, row.date) = (exact, headroom.date.clone());
        }
    }
    doc.headroom = Some(headroom);
    doc.spend = crate::spend::spend(scenario, &system, &mut solver, &doc.points);
    doc.warnings.extend(billed_at_peak(&system, &doc));
    let chain = plan::next_bottlenecks(&system, &search).map_err(|r| scenario::refused(&r))?;
    doc.next = document::next(&system, &chain);
    Ok(doc)
}

/// Relative distance of two multiples that are the same: as fine as the objectives' rows are found.
const SAME: f64 = 2.0e-3;

/// A multiple at which something is known to break before the headroom found: a point that was asked for, or an objective's own. A
/// scan may step over what breaks between two of its points only.
fn earlier(doc: &ResultDoc, found: Option<f64>) -> Option<f64> {
    // Below today's load only what is missed today counts, as in the search.
    let counts = |multiple: f64| multiple >= 1.0 || found.is_some_and(|found| found <= 1.0);
    let points = doc.points.iter().filter(|point| !point.feasible && !point.unsettled).map(|point| point.multiple);
    let rows = doc.objectives.iter().filter_map(|row| row.multiple);
    let first = points.filter(|&multiple| counts(multiple)).chain(rows).fold(f64::INFINITY, f64::min);
    (first < found.map_or(f64::INFINITY, |found| found * (1.0 - SAME))).then_some(first)
}

/// Where each objective breaks, and when.
fn objectives(scenario: &Scenario, system: &System, solver: &mut Solver, search: &Search) -> Vec<ObjectiveBreak> {
    let coarse = Search { points: 32, accuracy: 1e-3, ..*search };
    let breaks = plan::breaks(solver, system, &coarse);
    let row = |(objective, multiple): (&engine::model::Objective, Option<f64>)| ObjectiveBreak {
        index: objective.index,
        multiple,
        at_least: coarse.to,
        date: date(scenario, multiple),
    };
    system.objectives.iter().zip(breaks).map(row).collect()
}

/// An autoscaler by queue length that has to run more than its least settles at no number: with enough replicas the line is gone, which
/// says nothing of how many are needed, so it takes them away until the line is back.
fn hunting(system: &System, answer: &Answer) -> Vec<Warning> {
    let scaled = system.stations.iter().zip(&answer.stations).filter(|(station, at)| {
        station.autoscale.is_some_and(|scale| {
            scale.metric == AutoscaleMetric::QueueLengthPerReplica && at.replicas > scale.min && scale.max > scale.min
        })
    });
    let warning = |(station, _): (&Station, &StationAnswer)| Warning {
        code: "autoscaler-hunts".into(),
        path: format!("components.{}.autoscale.metric", station.id),
        text: format!(
            "from ×{} on {} needs more than its least replicas, and an autoscaler by queue length swings around what is needed, between \
             too many once there is a line and too few once it is gone: waits and spend are higher than shown; simulate before relying \
             on them, or scale by slots",
            answer.multiple, station.id
        ),
    };
    scaled.map(warning).collect()
}

/// A month without a profile bills the peak for all its hours.
fn billed_at_peak(system: &System, doc: &ResultDoc) -> Option<Warning> {
    let moves = |point: &crate::result::Point| point.cost.usage > 0.0;
    let scales = system.stations.iter().any(|s| s.autoscale.is_some() && s.price.given);
    let follows = doc.points.iter().any(moves) || scales;
    (follows && !cost::moves(system)).then(|| Warning {
        code: "billed-at-peak".into(),
        path: "traffic".into(),
        text: "no class has a profile, so the month bills the peak for 730 hours: give 24 or 168 factors of the peak"
            .into(),
    })
}

/// The multiples of a scenario: those it writes, else the usual ones.
pub(crate) fn own_multiples(scenario: &Scenario) -> &[f64] {
    let written = scenario.growth.as_ref().map_or(&[][..], |growth| &growth.multiples);
    if written.is_empty() { &scenario::DEFAULT_MULTIPLES } else { written }
}

/// The scenarios with the ends of each other's multiples: how far each is looked at must not be what they differ in.
pub(crate) fn over_one_range(scenarios: &[&Scenario]) -> Vec<Scenario> {
    let all = || scenarios.iter().copied().flat_map(own_multiples).copied();
    let ends = [all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max)];
    let mut widened: Vec<Scenario> = scenarios.iter().copied().cloned().collect();
    for scenario in &mut widened {
        scenario.growth.get_or_insert_default().multiples = ends.to_vec();
    }
    widened
}

/// Where the headroom is looked for: among all multiples asked for and those of the scenario, so that it is the same whatever is asked.
pub(crate) fn search(scenario: &Scenario, system: &System) -> Search {
    let own = || own_multiples(scenario).iter().copied().filter(|multiple| *multiple > 0.0);
    let search = Search::of(system);
    Search { from: own().fold(search.from, f64::min), to: own().fold(search.to, f64::max), ..search }
}

/// The headroom, looked for where it is expected, and everywhere where it does not lie there: at the edge of the near search the
/// answer is outside of it.
pub(crate) fn headroom_near(solver: &mut Solver, system: &System, near: &Search, wide: &Search) -> Headroom {
    let found = headroom_with(solver, system, near);
    let outside = found.multiple.is_none_or(|multiple| multiple <= near.from * 1.001);
    if outside { headroom_with(solver, system, wide) } else { found }
}

/// Multiples in ascending order.
///
/// # Errors
/// One problem per multiple that is not above zero and finite.
pub(crate) fn checked(multiples: &[f64]) -> Result<Vec<f64>, Vec<Problem>> {
    let bad: Vec<Problem> = multiples
        .iter()
        .filter(|m| !m.is_finite() || **m <= 0.0 || **m > 1e6)
        .map(|m| Problem::new("growth", format!("{m} is no growth multiple"), "give numbers above 0, such as 1,2,5,10"))
        .collect();
    if !bad.is_empty() {
        return Err(bad);
    }
    let mut sorted = multiples.to_vec();
    order::numbers(&mut sorted);
    sorted.dedup();
    Ok(sorted)
}

/// A solver for the system.
///
/// # Errors
/// What the closed form does not model, with paths in the scenario.
pub(crate) fn compiled(system: &System) -> Result<Solver, Vec<Problem>> {
    Solver::new(system).map_err(|refusals| scenario::refused(&refusals))
}

/// The month in which compound growth from `as_of` reaches a multiple; `None` without dates, growth, or for a multiple below 1.
#[must_use]
pub fn date(scenario: &Scenario, multiple: Option<f64>) -> Option<String> {
    let as_of = scenario.as_of.as_deref()?;
    let per_month = scenario.growth.as_ref()?.per_month.as_ref()?.value;
    month_after(as_of, months(multiple?, per_month)?)
}

/// Months of compound growth up to a multiple; `None` when growth never gets there.
#[must_use]
pub fn months(multiple: f64, per_month: f64) -> Option<f64> {
    (multiple >= 1.0 && per_month > 0.0).then(|| math::ln(multiple) / math::ln_1p(per_month)).filter(|m| m.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 messages of 30 ms a second are 1.5 of a replica's two slots: two replicas, where the simulated autoscaler runs one to ten.
    #[test]
    fn an_autoscaler_by_queue_length_is_not_trusted_above_its_least() {
        for (metric, least, rate, multiples, want) in [
            ("queue_length_per_replica", 1, 100, "1, 2", Some("×1 on v1 needs")),
            ("queue_length_per_replica", 1, 20, "1, 10", Some("×10 on v1 needs")),
            ("queue_length_per_replica", 4, 100, "1, 2", None),
            ("slots", 1, 100, "1, 2", None),
        ] {
            let target = if metric == "slots" { "0.7" } else { "2" };
            let scenario = format!(
                r#"{{"format":"headroom/1","growth":{{"multiples":[{multiples}]}},"slos":[{{"component":"q","max_backlog_age_s":5}}],
                "traffic":[{{"id":"a","entry":"q","arrivals":{{"open":{{"rate":{rate}}}}}}}],
                "components":[{{"id":"q","kind":"queue","calls":[{{"to":"v1"}}]}},
                {{"id":"v1","kind":"service","concurrency":2,"service":{{"mean_ms":30}},"price":{{"per_replica_hour":1}},
                "autoscale":{{"min":{least},"max":10,"metric":"{metric}","target":{target}}}}}]}}"#
            );
            let scenario: Scenario = serde_json::from_str(&scenario).unwrap();
            let doc = solve(&scenario, &[]).unwrap();
            let found: Vec<_> = doc.warnings.iter().filter(|warning| warning.code == "autoscaler-hunts").collect();
            assert_eq!(found.len(), usize::from(want.is_some()), "{metric} {least} {rate}: {:?}", doc.warnings);
            assert!(want.is_none_or(|want| found[0].text.contains(want)), "{found:?}");
            if want.is_some() {
                let checked =
                    crate::check(&scenario, None, &crate::CheckOptions { growth: 10.0, ..Default::default() });
                assert!(checked.unwrap().result.warnings.iter().any(|w| w.code == "autoscaler-hunts"), "{scenario:?}");
            }
        }
    }
}
