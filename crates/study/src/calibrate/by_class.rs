//! Own times per class of a component whose busy time is only known of all classes together: busy servers are the sum of rates
//! times demands, told apart by levels with different mixes (non-negative least squares).

use super::apply;
use super::finding::{Finding, Target};
use super::levels::SteadyLevel;
use super::observe::Observations;
use super::report::Note;
use super::structure::visits_per_request;
use engine::fit::demand;
use engine::fit::estimate::Estimate;
use scenario::Scenario;

/// Standard errors by which two classes must differ to get times of their own.
const DIFFERENT: f64 = 3.0;

/// Replaces a time of all classes by one per class where the mixes of the levels tell them apart and they differ; says where
/// the scenario holds times per class but all levels had one mix.
pub fn split(
    scenario: &Scenario,
    observations: &Observations,
    levels: &[SteadyLevel],
    found: &mut Vec<Finding>,
    notes: &mut Vec<Note>,
) {
    // Visits behind a cache follow the hit ratio that was measured, not the one that was drawn.
    let mut measured = scenario.clone();
    for finding in found.iter().filter(|f| matches!(f.target, Target::HitRatio(..))) {
        apply::write(&mut measured, finding);
    }
    let mut all = Vec::with_capacity(found.len());
    for finding in found.drain(..) {
        let of_all = match &finding.target {
            Target::ServiceMean(id, None) => Some(id.clone()),
            _ => None,
        };
        match of_all.map(|id| (per_class(&measured, observations, levels, &id, &finding), id)) {
            Some((Ok(several), _)) if !several.is_empty() => all.extend(several),
            Some((Err(why), id)) => {
                notes.push(Note::new("one-mix", format!("components.{id}"), why));
                all.push(finding);
            }
            _ => all.push(finding),
        }
    }
    *found = all;
}

/// Findings per class; empty where there is nothing to tell apart. The error says why the scenario's own classes cannot be told.
fn per_class(
    scenario: &Scenario,
    observations: &Observations,
    levels: &[SteadyLevel],
    id: &str,
    of_all: &Finding,
) -> Result<Vec<Finding>, String> {
    let visits = visits_per_request(scenario, id);
    let Some(busy) = observations.samples(id, None, None, "busy_servers").filter(|_| visits.len() > 1) else {
        return Ok(Vec::new());
    };
    let (mut rates, mut amounts) = (Vec::new(), Vec::new());
    for (level, points) in levels.iter().zip(busy.by_level(levels).0) {
        let row: Option<Vec<f64>> = visits.iter().map(|(c, per)| Some(level.classes.get(c)?.rate * per)).collect();
        let Some(row) = row else { continue };
        for chunk in points.chunks(3) {
            rates.push(row.clone());
            amounts.push(chunk.iter().map(|p| p.1).sum::<f64>() / chunk.len() as f64);
        }
    }
    let estimates = match demand::by_class(&rates, &amounts) {
        Ok(estimates) => estimates,
        Err(why) if by_class_drawn(scenario, id) => return Err(format!("its time is one for all classes: {why}")),
        Err(_) => return Ok(Vec::new()),
    };
    let differ = |a: &Estimate, b: &Estimate| {
        let error = (a.standard_error * a.standard_error + b.standard_error * b.standard_error).sqrt();
        (a.value - b.value).abs() > DIFFERENT * error
    };
    let different = estimates.iter().any(|a| estimates.iter().any(|b| differ(a, b)));
    if !different || estimates.iter().any(|e| e.value <= 0.0) {
        return Ok(Vec::new());
    }
    let all: f64 = rates.iter().flatten().sum();
    let share = |class: usize| rates.iter().map(|row| row[class]).sum::<f64>() / all;
    let one = |(place, ((class, _), e)): (usize, (&(String, f64), &Estimate))| Finding {
        counted: of_all.counted * share(place),
        target: Target::ServiceMean(id.to_owned(), Some(class.clone())),
        estimate: Estimate { value: 1000.0 * e.value, standard_error: 1000.0 * e.standard_error, ..*e },
        measured: false,
        how: "busy time over the rates of all classes, told apart by the mixes of the levels".into(),
        ..of_all.clone()
    };
    Ok(visits.iter().zip(&estimates).enumerate().map(one).collect())
}

fn by_class_drawn(scenario: &Scenario, id: &str) -> bool {
    use scenario::v1::Service;
    let service = scenario.components.iter().find(|c| c.id == id).and_then(|c| c.service.as_ref());
    matches!(service, Some(Service::By(map)) if map.keys().filter(|k| *k != "*").count() > 1)
}
