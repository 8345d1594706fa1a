//! A simulation on its way, played a bounded number of events at a time.

use super::troubles;
use crate::protocol::{Response, SimulatedFigure, Simulation, SlowView, VerdictView};
use scenario::Problem;
use std::collections::BTreeMap;
use study::result::{Band, ResultDoc};
use study::simulate::{SimulateOptions, SimulationJob};

/// Events per slice: a few milliseconds.
const SLICE: u64 = 20_000;
/// Share of progress after which the page is told again.
const TELL_EVERY: f64 = 0.04;

/// A simulation in progress.
pub(super) struct Simulating {
    job: SimulationJob,
    multiple: f64,
    told: f64,
    done: bool,
}

impl Simulating {
    /// Prepares it.
    pub fn new(
        document: &str,
        multiple: f64,
        seconds: f64,
        replications: u32,
        seed: u64,
    ) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(document)?.scenario;
        let multiples = vec![multiple];
        let options = SimulateOptions { multiples, seconds, replications, seed, ..SimulateOptions::default() };
        Ok(Self { job: SimulationJob::new(&scenario, &options)?, multiple, told: 0.0, done: false })
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// One slice, and what there is to say after it.
    pub fn step(&mut self) -> Option<Response> {
        let progress = self.job.step(SLICE);
        self.done = progress.done;
        if !progress.done && progress.share < self.told + TELL_EVERY {
            return None;
        }
        self.told = progress.share;
        let document = self.job.document();
        Some(Response::Simulation(Box::new(view(&document, self.multiple, progress.share, progress.done))))
    }
}

/// Problems of a simulation that cannot start.
pub(super) fn refused(problems: &[Problem]) -> Response {
    Response::Failed { problems: troubles("", problems) }
}

fn view(document: &ResultDoc, multiple: f64, share: f64, done: bool) -> Simulation {
    let run = &document.run;
    let mut simulation = Simulation {
        share,
        done,
        multiple,
        warmup_s: run.warmup_s,
        replications: run.replications.unwrap_or(0),
        events: run.events.unwrap_or(0),
        stopped_by: run.stopped_by.clone().unwrap_or_default(),
        verdict: run.verdict.as_ref().and_then(verdict),
        ..Simulation::default()
    };
    if let Some(timeline) = &run.timeline {
        simulation.times.clone_from(&timeline.t_s);
        simulation.series = timeline.series.iter().map(|(name, values)| (name.clone(), values.clone())).collect();
    }
    let Some(point) = document.points.first() else { return simulation };
    for (id, class) in &point.classes {
        let rates = [("throughput_rps", class.throughput_rps), ("error_ratio", class.error_ratio)];
        let latencies = class.latency_ms.iter().flatten().map(|(name, value)| (name.as_str(), *value));
        if let Some(slow) = &class.slow {
            simulation.slow.push(SlowView {
                class: id.clone(),
                requests: slow.requests,
                from_ms: slow.from_ms,
                hops: slow.waterfall.iter().map(|hop| (hop.component.clone(), hop.what.clone(), hop.ms)).collect(),
            });
        }
        add(&mut simulation, id, true, latencies.chain(rates), class.ci95.as_ref());
    }
    for (id, component) in &point.components {
        let known = [
            ("utilization", component.utilization),
            ("slot_utilization", component.slot_utilization),
            ("wait_ms", component.wait_ms),
        ];
        let figures = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
        add(&mut simulation, id, false, figures, component.ci95.as_ref());
    }
    simulation
}

/// In the result's own words, so that this crate needs no engine.
fn verdict(found: &impl serde::Serialize) -> Option<VerdictView> {
    let value = serde_json::to_value(found).ok()?;
    let seconds = |key: &str| value.get(key).and_then(serde_json::Value::as_f64);
    match value.get("is")?.as_str()? {
        "recovers" => seconds("after").map(VerdictView::Recovers),
        "draining" => seconds("left").map(VerdictView::Draining),
        "metastable" => Some(VerdictView::Metastable),
        _ => None,
    }
}

fn add<'f>(
    simulation: &mut Simulation,
    id: &str,
    class: bool,
    figures: impl Iterator<Item = (&'f str, f64)>,
    intervals: Option<&BTreeMap<String, Band>>,
) {
    for (name, value) in figures {
        let interval = intervals.and_then(|all| all.get(name)).map(|band| (band[0], band[1]));
        simulation.figures.push(SimulatedFigure { of: id.to_owned(), class, name: name.to_owned(), value, interval });
    }
}
