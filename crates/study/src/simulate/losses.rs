//! "Lose each component once": every component loses a replica for a while, at several multiples; what happens meanwhile and
//! does the system come back?

use engine::model::{Event, EventKind, System};
use engine::sim::{
    Measure, Settings, Simulation, Status, StoppedBy, Verdict, Warmup, filled, refusals, rises, verdict,
};
use scenario::Problem;
use scenario::v1::Scenario;
use serde::{Deserialize, Serialize};

/// How the table is played. Every cell is one replication: quiet, loss, quiet.
#[derive(Debug, Clone, PartialEq)]
pub struct Losses {
    /// Growth multiples, one column each.
    pub multiples: Vec<f64>,
    /// Seconds before the loss.
    pub before: f64,
    /// Seconds that the loss lasts.
    pub during: f64,
    /// Seconds after it.
    pub after: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// Events per cell at most.
    pub max_events: u64,
}

impl Default for Losses {
    fn default() -> Self {
        let multiples = vec![1.0, 2.0, 5.0, 10.0];
        Self { multiples, before: 60.0, during: 60.0, after: 180.0, seed: 1, max_events: 20_000_000 }
    }
}

/// One cell of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// The component that loses a replica (or node, or all it has when it is one).
    pub component: String,
    /// Growth multiple.
    pub multiple: f64,
    /// Failed share of all requests before, during and after the loss.
    pub error_ratio: [f64; 3],
    /// Mean response of successful requests in milliseconds before, during and after the loss.
    pub mean_ms: [f64; 3],
    /// What became of it; absent when the budget ended it first or nothing can be said.
    pub verdict: Option<Verdict>,
    /// Why there is no verdict: `events` or `in_flight` ended the simulation, a rate limit counts over more than the hour that is
    /// played before (`window`), or the profile asks for more after the loss than before it (`load`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<String>,
}

/// The table as it is played, cell by cell.
#[derive(Debug)]
pub struct LossTable {
    system: System,
    options: Losses,
    /// Cells played, component by component, multiple by multiple.
    pub cells: Vec<Loss>,
    running: Option<Simulation>,
}

/// Longest wait for the windows of limiters before a cell, in seconds.
const LONGEST_FILLING: f64 = 3600.0;
/// Points of the series in each cell.
const POINTS: u32 = 100;

impl LossTable {
    /// Prepares the table. Events of the scenario itself are left out.
    ///
    /// # Errors
    /// All problems of the scenario, or of the multiples.
    pub fn new(scenario: &Scenario, options: &Losses) -> Result<Self, Vec<Problem>> {
        crate::solve::checked(&options.multiples)?;
        let mut system = scenario::lower(scenario)?;
        system.events.clear();
        let refused = refusals(&system);
        if refused.is_empty() {
            Ok(Self { system, options: options.clone(), cells: Vec::new(), running: None })
        } else {
            Err(scenario::refused(&refused))
        }
    }

    /// Cells of the whole table.
    #[must_use]
    pub fn size(&self) -> usize {
        self.system.stations.len() * self.options.multiples.len()
    }

    /// Plays at most this many events; true when the table is complete.
    pub fn step(&mut self, max_events: u64) -> bool {
        let mut left = max_events;
        while left > 0 && self.cells.len() < self.size() {
            let at = self.cells.len();
            let (station, column) = (at / self.options.multiples.len(), at % self.options.multiples.len());
            let multiple = self.options.multiples[column];
            let Some(mut simulation) = self.running.take().or_else(|| self.start(station, multiple)) else {
                return true;
            };
            let before = simulation.events();
            let status = simulation.step(left);
            left = left.saturating_sub((simulation.events() - before).max(1));
            if status == Status::Done {
                let cell = self.cell(station, multiple, &simulation);
                self.cells.push(cell);
            } else {
                self.running = Some(simulation);
            }
        }
        self.cells.len() >= self.size()
    }

    /// The simulation of one cell.
    fn start(&self, station: usize, multiple: f64) -> Option<Simulation> {
        let o = &self.options;
        let mut system = self.system.clone();
        let ours = system.stations[station].kind.has_own_replicas();
        let kind = if ours { EventKind::LoseReplicas } else { EventKind::Partition };
        system.events =
            vec![Event { at: o.before, duration: o.during, kind, station: Some(station), zone: None, amount: 1.0 }];
        let seconds = o.before + o.during + o.after;
        let warmup = o.before.max(filled(&self.system).min(LONGEST_FILLING));
        // A longer warm-up is not to eat up what the cell itself may take.
        let more = (warmup + seconds) / (o.before + seconds);
        let settings = Settings {
            multiple,
            seconds,
            warmup: Warmup::Seconds(warmup),
            replications: 1,
            seed: o.seed,
            max_events: (o.max_events as f64 * more) as u64,
            timeline_points: POINTS,
            ..Settings::default()
        };
        Simulation::new(&system, &settings, 0).ok()
    }

    /// What a finished simulation says.
    fn cell(&self, station: usize, multiple: f64, simulation: &Simulation) -> Loss {
        let report = simulation.report();
        let ends = [self.options.before, self.options.before + self.options.during, f64::INFINITY];
        let (mut done, mut failed, mut time) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        for (at, &until) in report.timeline.times.iter().enumerate() {
            let part = ends.iter().position(|&end| until <= end + 1e-9).unwrap_or(2);
            for class in &report.timeline.classes {
                let value = |m| class.get(&m).and_then(|s| s.get(at)).copied().unwrap_or(0.0);
                let (ended, errors) = (value(Measure::Throughput), value(Measure::ErrorRatio));
                let good = ended * (1.0 - errors);
                done[part] += good;
                failed[part] += ended * errors;
                time[part] += good * value(Measure::Mean);
            }
        }
        let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
        let trigger = (ends[0], ends[1]);
        let found = verdict(&self.system, &report, trigger);
        let stopped_by = match report.stopped_by {
            StoppedBy::Events => Some("events".to_owned()),
            StoppedBy::InFlight => Some("in_flight".to_owned()),
            // What is refused later may be no more than a window that fills for the first time.
            _ if filled(&self.system) > LONGEST_FILLING => Some("window".to_owned()),
            _ if found.is_none() && rises(&self.system, &report, trigger).is_some() => Some("load".to_owned()),
            StoppedBy::Time | StoppedBy::Running => None,
        };
        Loss {
            component: self.system.stations[station].id.clone(),
            multiple,
            error_ratio: [0, 1, 2].map(|i| ratio(failed[i], failed[i] + done[i])),
            mean_ms: [0, 1, 2].map(|i| 1e3 * ratio(time[i], done[i])),
            verdict: found.filter(|_| stopped_by.is_none()),
            stopped_by,
        }
    }
}
