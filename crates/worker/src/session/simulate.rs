//! A simulation on its way, played a bounded number of events at a time.

use super::troubles;
use crate::protocol::{Response, SimulatedCost, SimulatedFigure, Simulation, SlowView, VerdictView, decode, encode};
use scenario::Problem;
use std::collections::BTreeMap;
use study::result::{Band, ResultDoc};
use study::simulate::{Found, SimulateOptions, SimulationJob};

/// Events per slice: a few milliseconds.
const SLICE: u64 = 20_000;
/// Milliseconds until the page is told again: what it draws of a run it draws this often.
pub(super) const TELL_EVERY: f64 = 250.0;

/// What is asked for.
pub(super) struct Wanted {
    pub run: u64,
    pub part: (u32, u32),
    pub multiple: f64,
    pub seconds: f64,
    pub replications: u32,
    pub seed: u64,
}

/// A simulation, or a part of one, in progress.
pub(super) struct Simulating {
    job: SimulationJob,
    wanted: Wanted,
    tell_at: f64,
    played: bool,
    /// What the other parts found; there are none to wait for where all is played here.
    others: Option<Vec<Found>>,
    done: bool,
}

impl Simulating {
    /// Prepares it.
    pub fn new(document: &str, wanted: Wanted) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(document)?.scenario;
        let Wanted { part, multiple, seconds, replications, seed, .. } = wanted;
        let shard = (part.1 > 1).then_some(part);
        let multiples = vec![multiple];
        let options = SimulateOptions { multiples, seconds, replications, seed, shard, ..SimulateOptions::default() };
        let others = shard.is_none().then(Vec::new);
        let job = SimulationJob::new(&scenario, &options)?;
        Ok(Self { job, wanted, tell_at: 0.0, played: false, others, done: false })
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Whether there is something to do now: the first part waits for the others once it has played its own.
    pub fn has_work(&self) -> bool {
        !self.done && (!self.played || self.others.is_some())
    }

    /// The others' findings.
    ///
    /// # Errors
    /// When one cannot be read, or one is missing: fewer replications than asked for are no answer.
    pub fn put_together(&mut self, run: u64, found: &[Vec<u8>]) -> Result<(), String> {
        if run != self.wanted.run {
            return Ok(());
        }
        if found.len() + 1 != self.wanted.part.1 as usize {
            return Err(format!("{} of {} parts of a simulation", found.len() + 1, self.wanted.part.1));
        }
        self.others = Some(found.iter().map(|bytes| decode(bytes)).collect::<Result<_, _>>()?);
        Ok(())
    }

    /// One slice, and what there is to say after it; `now` in milliseconds.
    pub fn step(&mut self, now: f64) -> Option<Response> {
        let progress = self.job.step(SLICE);
        self.played = progress.done;
        if self.played && self.wanted.part.0 > 0 {
            self.done = true;
            let part = encode(&self.job.found()).map(|found| Response::SimulationPart { run: self.wanted.run, found });
            return Some(part.unwrap_or_else(|error| unplayed(self.wanted.run, error, "simulate a shorter time")));
        }
        let others = if self.played { self.others.take() } else { None };
        let document = match others {
            Some(others) => {
                self.done = true;
                self.job.complete(others)
            }
            None if now < self.tell_at || self.wanted.part.0 > 0 => return None,
            None => self.job.so_far(),
        };
        self.tell_at = now + TELL_EVERY;
        let view = view(&document, self.wanted.multiple, progress.share, self.done);
        Some(Response::Simulation(Box::new(Simulation { run: self.wanted.run, ..view })))
    }
}

/// Problems of a simulation that cannot start.
pub(super) fn refused(run: u64, problems: &[Problem]) -> Response {
    Response::NotSimulated { run, problems: troubles("", problems) }
}

/// A simulation that came to nothing on its way.
pub(super) fn unplayed(run: u64, why: String, remedy: &str) -> Response {
    refused(run, &[Problem::new("", why, remedy)])
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
    if done {
        // What cut it short is told by `stopped_by`.
        let told = document.warnings.iter().filter(|warning| warning.code != "simulation-cut-short");
        simulation.warnings = told.map(|warning| warning.text.clone()).collect();
    }
    if let Some(timeline) = &run.timeline {
        simulation.times.clone_from(&timeline.t_s);
        simulation.series = timeline.series.iter().map(|(name, values)| (name.clone(), values.clone())).collect();
    }
    let Some(point) = document.points.first() else { return simulation };
    let cost = &point.cost;
    simulation.cost = document.is_priced().then_some(SimulatedCost {
        monthly: cost.monthly,
        run: cost.run,
        per_million_requests: cost.per_million_requests,
    });
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
pub(super) fn verdict(found: &impl serde::Serialize) -> Option<VerdictView> {
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
