//! `simulate`: the scenario event by event, at one or several growth multiples, with 95 % intervals.
//!
//! A [`SimulationJob`] plays a bounded number of events per call, so that a worker can report and be cancelled. Replications
//! count in the order of their numbers, whoever plays them: one run, any number of workers, or shards that are merged later
//! give the same document byte for byte.

mod document;
mod figures;
mod full;
mod judge;
mod losses;
mod merge;
mod money;
mod parts;
mod slow;
mod survive;

pub use losses::{Loss, LossTable, Losses};
pub use merge::merge;
pub use parts::Found;

use crate::result::{LossDoc, ResultDoc, ShardDoc};
use engine::model::System;
use engine::sim::{ReplicationReport, Settings, Simulation, Status, refusals};
pub use engine::sim::{Verdict, Warmup};
use scenario::Problem;
use scenario::v1::Scenario;

/// How to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulateOptions {
    /// Growth multiples, one point each.
    pub multiples: Vec<f64>,
    /// Simulated seconds measured, after the warm-up.
    pub seconds: f64,
    /// The warm-up.
    pub warmup: Warmup,
    /// Replications; the most of them with a half-width.
    pub replications: u32,
    /// Relative 95 % half-width of means and 95th percentiles at which to stop.
    pub half_width: Option<f64>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Part of the replications to play: (index from 0, of how many).
    pub shard: Option<(u32, u32)>,
    /// Events per replication at most.
    pub max_events: u64,
    /// Requests alive at once at most.
    pub max_in_flight: usize,
    /// Points of the time series.
    pub timeline_points: u32,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        let s = Settings::default();
        Self {
            multiples: vec![1.0],
            seconds: s.seconds,
            warmup: s.warmup,
            replications: s.replications,
            half_width: None,
            seed: s.seed,
            shard: None,
            max_events: s.max_events,
            max_in_flight: s.max_in_flight,
            timeline_points: s.timeline_points,
        }
    }
}

impl SimulateOptions {
    /// All that is wrong with the options.
    fn problems(&self) -> Vec<Problem> {
        let mut all = Vec::new();
        let mut need = |ok: bool, key: &str, value: String, allowed: &str| {
            if !ok {
                all.push(Problem::new(key, format!("{value} is not possible"), format!("give {allowed}")));
            }
        };
        let positive = |x: f64| x.is_finite() && x > 0.0;
        need(!self.multiples.is_empty(), "growth", "no multiple".into(), "at least one");
        for &m in &self.multiples {
            need(positive(m) && m <= 1e6, "growth", m.to_string(), "multiples above 0, at most 1000000");
        }
        let ok = positive(self.seconds) && self.seconds <= 1e9;
        need(ok, "seconds", self.seconds.to_string(), "seconds above 0, at most 1000000000");
        if let Warmup::Seconds(w) = self.warmup {
            need(
                w.is_finite() && (0.0..=1e9).contains(&w),
                "warmup",
                w.to_string(),
                "auto, or seconds from 0 to 1000000000",
            );
        }
        let ok = (1..=100_000).contains(&self.replications);
        need(ok, "replications", self.replications.to_string(), "a number from 1 to 100000");
        if let Some(h) = self.half_width {
            need(positive(h) && h < 1.0, "half_width", h.to_string(), "a ratio between 0 and 1");
        }
        if let Some((index, of)) = self.shard {
            let value = format!("{}/{of}", index.saturating_add(1));
            need(of > 0 && index < of && of <= 100_000, "shard", value, "I/N with I from 1 to N");
        }
        all
    }

    fn settings(&self, multiple: f64, replication: u32) -> Settings {
        Settings {
            slow_requests: replication == 0,
            multiple,
            seconds: self.seconds,
            warmup: self.warmup,
            replications: self.replications,
            half_width: self.half_width,
            seed: self.seed,
            max_events: self.max_events,
            max_in_flight: self.max_in_flight,
            timeline_points: self.timeline_points,
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Whether it is over.
    pub done: bool,
    /// Share of the replications played, 0..1; a half-width may end it earlier.
    pub share: f64,
    /// Events so far.
    pub events: u64,
}

/// A simulation that is played in slices.
#[derive(Debug)]
pub struct SimulationJob {
    scenario: Scenario,
    system: System,
    options: SimulateOptions,
    /// By point: replications played, ascending.
    reports: Vec<Vec<ReplicationReport>>,
    /// By point: the losses played, ascending.
    losses: Vec<Vec<LossDoc>>,
    /// Losses that an objective speaks of.
    to_lose: Vec<survive::Lost>,
    /// Places of those that are played after the last point's replications.
    asked: Vec<u32>,
    running: Option<Simulation>,
    /// Which loss is running; a replication when none is.
    losing: Option<u32>,
    events: u64,
    done: bool,
}

impl SimulationJob {
    /// Prepares a job.
    ///
    /// # Errors
    /// All problems of the scenario and of the options.
    pub fn new(scenario: &Scenario, options: &SimulateOptions) -> Result<Self, Vec<Problem>> {
        let mut problems = options.problems();
        let system = match scenario::lower(scenario) {
            Ok(system) => {
                problems.extend(scenario::refused(&refusals(&system)));
                Some(system)
            }
            Err(more) => {
                problems.extend(more);
                None
            }
        };
        match system {
            Some(system) if problems.is_empty() => Ok(Self {
                scenario: scenario.clone(),
                to_lose: survive::losses(&system),
                asked: options.multiples.first().map_or_else(Vec::new, |&m| survive::played(&system, m)),
                system,
                options: options.clone(),
                reports: vec![Vec::new()],
                losses: vec![Vec::new()],
                running: None,
                losing: None,
                events: 0,
                done: false,
            }),
            _ => Err(problems),
        }
    }

    /// Plays at most this many events.
    pub fn step(&mut self, max_events: u64) -> Progress {
        let mut left = max_events;
        while left > 0 && !self.done {
            let Some(simulation) = &mut self.running else {
                self.next();
                continue;
            };
            let before = simulation.events();
            let status = simulation.step(left);
            let played = simulation.events() - before;
            self.events += played;
            left = left.saturating_sub(played.max(1));
            if status == Status::Done {
                let report = simulation.report();
                self.running = None;
                match (self.losing.take(), self.reports.last_mut(), self.losses.last_mut()) {
                    (Some(index), _, Some(losses)) => losses.push(LossDoc { index, report }),
                    (None, Some(point), _) => point.push(report),
                    _ => {}
                }
            }
        }
        self.progress()
    }

    /// Starts the next replication, or the next point, or ends.
    fn next(&mut self) {
        let point = self.reports.len() - 1;
        let played = self.reports[point].len() as u32;
        let (index, of) = self.options.shard.unwrap_or((0, 1));
        let replication = index + played * of;
        // A shard cannot know what the others found: it plays all of its part, and `merge` decides how many count.
        let multiple = self.options.multiples[point];
        let started = if replication < self.options.replications && !self.reached() {
            Simulation::new(&self.system, &self.options.settings(multiple, replication), replication)
        } else {
            let lost = index + self.losses[point].len() as u32 * of;
            let asked = self.asked.get(lost as usize).copied();
            let Some((place, what)) = asked.and_then(|place| Some((place, *self.to_lose.get(place as usize)?))) else {
                return self.next_point();
            };
            self.losing = Some(place);
            let settings = Settings { slow_requests: false, ..self.options.settings(multiple, 0) };
            let running = survive::running(&self.system, multiple);
            Simulation::new(&survive::without(&self.system, what, &running), &settings, 0)
        };
        match started {
            Ok(simulation) => self.running = Some(simulation),
            // Refusals were asked for in `new`; nothing else can fail.
            Err(_) => self.done = true,
        }
    }

    /// The next point begins, or the job is done.
    fn next_point(&mut self) {
        if self.reports.len() < self.options.multiples.len() {
            self.asked = survive::played(&self.system, self.options.multiples[self.reports.len()]);
            self.reports.push(Vec::new());
            self.losses.push(Vec::new());
        } else {
            self.done = true;
        }
    }

    /// Whether the last point's half-width is reached by what was played.
    fn reached(&self) -> bool {
        let (Some(wanted), None) = (self.options.half_width, self.options.shard) else { return false };
        let Some(reports) = self.reports.last() else { return false };
        reports.len() >= engine::sim::LEAST_REPLICATIONS
            && engine::sim::relative_half_width(&engine::sim::summarize(reports)).is_some_and(|w| w <= wanted)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let of = self.options.shard.map_or(1, |s| s.1);
        let losses = (self.asked.len() as u32).div_ceil(of);
        let each = f64::from(self.options.replications.div_ceil(of).max(1) + losses);
        let points = self.options.multiples.len() as f64;
        let played = self.reports.last().map_or(0, Vec::len) + self.losses.last().map_or(0, Vec::len);
        let last = played as f64 + self.running.as_ref().map_or(0.0, Simulation::progress);
        let share = ((self.reports.len() as f64 - 1.0) + (last / each).min(1.0)) / points;
        Progress { done: self.done, share: if self.done { 1.0 } else { share.min(1.0) }, events: self.events }
    }

    /// What is known so far: complete replications, and the running one where there is no complete one yet.
    #[must_use]
    pub fn document(&self) -> ResultDoc {
        if let Some((index, of)) = self.options.shard {
            return ResultDoc {
                format: crate::result::FORMAT.into(),
                engine: "simulation".into(),
                seed: self.options.seed,
                points: self
                    .options
                    .multiples
                    .iter()
                    .map(|&m| crate::result::Point { multiple: m, ..Default::default() })
                    .collect(),
                shard: Some(ShardDoc {
                    index,
                    of,
                    replications: self.options.replications,
                    half_width: self.options.half_width,
                    seconds: Some(self.options.seconds),
                    warmup: match self.options.warmup {
                        Warmup::Seconds(seconds) => Some(seconds),
                        Warmup::Auto => None,
                    },
                    scenario: serde_json::to_value(&self.scenario).unwrap_or_default(),
                    reports: self.reports.clone(),
                    losses: if self.to_lose.is_empty() { Vec::new() } else { self.losses.clone() },
                }),
                ..ResultDoc::default()
            };
        }
        self.so_far()
    }
}

/// Simulates to the end.
///
/// # Errors
/// All problems of the scenario and of the options.
pub fn simulate(scenario: &Scenario, options: &SimulateOptions) -> Result<ResultDoc, Vec<Problem>> {
    let mut job = SimulationJob::new(scenario, options)?;
    while !job.step(1_000_000).done {}
    Ok(job.document())
}
