//! The projection: the answer at each multiple with bands, predictions, probabilities and the interval of the headroom.
//!
//! Progressive: a [`ProjectJob`] is stepped, and can be asked for what it knows at any time.

use crate::document::{band, ms};
use crate::flags;
use crate::generator::Generator;
use crate::noise;
use crate::plan::Planner;
use crate::result::{Band, ResultDoc, Warning};
use crate::sampling::Sampler;
use crate::solve::{checked, compiled, headroom_near, months, search, solve};
use crate::spend::is_priced;
use crate::time::month_after;
use engine::cost;
use engine::fit::estimate::normal;
use engine::math;
use engine::model::System;
use engine::order;
use engine::plan::{self, Search};
use engine::solve::{Answer, ClassAnswer, Options, Solver};
use scenario::{Problem, Scenario};
use std::collections::BTreeMap;

/// What to project.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectOptions {
    /// Growth multiples; empty: the scenario's own.
    pub multiples: Vec<f64>,
    /// Draws of the uncertain quantities.
    pub samples: usize,
    /// Seed of quantities that are drawn alone.
    pub seed: u64,
    /// Length of the run that `prediction` speaks of; `None`: as long as the measured levels.
    pub run_seconds: Option<f64>,
}

impl Default for ProjectOptions {
    fn default() -> Self {
        Self { multiples: Vec::new(), samples: 1000, seed: 1, run_seconds: None }
    }
}

/// Draws for which the headroom itself is searched: its band needs no more.
const HEADROOM_DRAWS: usize = 200;
/// Share of the draws that must break for it to be said where nothing breaks as the scenario stands: the lower end of the band.
const TOLD: f64 = 0.05;
/// Steps of the scan around the headroom of the scenario as it stands.
const NEAR_POINTS: u32 = 7;
/// Months until what never comes: no calendar has them.
const NEVER: f64 = 1e9;
/// Share of draws that may be unstable before a figure's upper end is unbounded.
pub const UNBOUNDED: f64 = 0.05;
/// Share of draws below the lower end of a band.
const LOWER: f64 = 0.05;

/// Figures of one class at one multiple over all draws so far.
#[derive(Debug, Clone, Default)]
struct ClassSample {
    /// The mean, then the percentiles.
    names: Vec<String>,
    /// By figure.
    long_run: Vec<Vec<f64>>,
    /// By figure.
    one_run: Vec<Vec<f64>>,
    unstable: usize,
}

impl ClassSample {
    /// Makes room for the figures of a class; those of a stable one are always the same.
    fn ready(&mut self, of: &ClassAnswer) {
        if self.names.is_empty() {
            self.names.push("mean".to_owned());
            self.names.extend(of.percentiles.iter().map(|p| plan::percentile_name(p.0)));
            self.long_run = vec![Vec::new(); self.names.len()];
            self.one_run = self.long_run.clone();
        }
    }
}

/// Mean and percentiles in milliseconds; `None` when the class is unstable.
fn figures(of: &ClassAnswer) -> Option<impl Iterator<Item = f64>> {
    let mean = of.mean.filter(|_| of.stable)?;
    Some(std::iter::once(mean).chain(of.percentiles.iter().map(|p| p.1)).map(ms))
}

/// One multiple over all draws so far.
#[derive(Debug, Clone, Default)]
struct PointSample {
    classes: Vec<ClassSample>,
    costs: Vec<f64>,
    met: Vec<usize>,
    /// Draws in which nothing saturates, by figures that settled.
    steady: usize,
}

/// A projection in progress.
#[derive(Debug, Clone)]
pub struct ProjectJob {
    scenario: Scenario,
    system: System,
    solver: Solver,
    sampler: Sampler,
    doc: ResultDoc,
    /// The answer as the scenario stands, by point: the draws' percentiles lie near.
    stated: Vec<Answer>,
    points: Vec<PointSample>,
    search: Search,
    headrooms: Vec<f64>,
    beyond: usize,
    dates: Vec<f64>,
    run_seconds: Option<f64>,
    generator: Option<Generator>,
    done: usize,
    /// Month that follows the profile over month at the peak, by point.
    follows: Vec<f64>,
    planner: Planner,
    /// Whether anything has a price.
    priced: bool,
    /// Points whose plan is known.
    planned: usize,
}

/// Projects a scenario: everything at once.
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn project(scenario: &Scenario, options: &ProjectOptions) -> Result<ResultDoc, Vec<Problem>> {
    let mut job = ProjectJob::new(scenario, options)?;
    while job.step(usize::MAX)? {}
    Ok(job.result())
}

impl ProjectJob {
    /// Solves the scenario as it stands and prepares the draws.
    ///
    /// # Errors
    /// All problems of the scenario, or what the closed form does not model, with paths.
    pub fn new(scenario: &Scenario, options: &ProjectOptions) -> Result<Self, Vec<Problem>> {
        let mut system = scenario::lower(scenario)?;
        if !options.multiples.is_empty() {
            system.multiples = checked(&options.multiples)?;
        }
        let mut doc = solve(scenario, &system.multiples)?;
        doc.seed = options.seed;
        let priced = is_priced(scenario);
        for point in doc.points.iter_mut().filter(|point| priced && point.feasible) {
            point.cost.planned_monthly = Some(point.cost.monthly);
        }
        doc.warnings.extend(flags::extrapolation(scenario, &doc));
        let measured = scenario.imports.iter().flat_map(|i| i.points.iter().filter_map(|p| p.seconds));
        let longest = measured.fold(None, |a: Option<f64>, b| Some(a.map_or(b, |a| a.max(b))));
        let mut solver = compiled(&system)?;
        let follows = follows(&mut solver, &system, &doc);
        let stated = system.multiples.iter().map(|&m| solver.solve(&system, m, &Options::default()).clone()).collect();
        Ok(Self {
            stated,
            planner: Planner::new(scenario, &system.multiples)?,
            priced,
            planned: 0,
            follows,
            solver,
            sampler: Sampler::new(scenario, options.samples, options.seed),
            points: vec![
                PointSample {
                    classes: vec![ClassSample::default(); system.classes.len()],
                    met: vec![0; system.objectives.len()],
                    ..PointSample::default()
                };
                system.multiples.len()
            ],
            search: search(scenario, &system),
            generator: Generator::of(scenario, &system),
            scenario: scenario.clone(),
            system,
            doc,
            headrooms: Vec::new(),
            beyond: 0,
            dates: Vec::new(),
            run_seconds: options.run_seconds.or(longest),
            done: 0,
        })
    }

    /// Draws still to do.
    #[must_use]
    pub fn remaining(&self) -> usize {
        if self.sampler.is_certain() && self.run_seconds.is_none() { 0 } else { self.sampler.distinct() - self.done }
    }

    /// Share done, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        let all = self.done + self.remaining();
        if all == 0 { 1.0 } else { self.done as f64 / all as f64 }
    }

    /// Does up to this many draws; false when all are done.
    ///
    /// # Errors
    /// Problems of a drawn value.
    pub fn step(&mut self, draws: usize) -> Result<bool, Vec<Problem>> {
        for _ in 0..draws.min(self.remaining()) {
            self.one()?;
        }
        if self.remaining() == 0 {
            self.plan_one();
        }
        Ok(!self.is_done())
    }

    /// Whether every draw is done and every point planned.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.remaining() == 0 && !(self.planned..self.doc.points.len()).any(|point| self.unplanned(point))
    }

    /// Whether a point is priced and beyond what holds as it stands.
    fn unplanned(&self, point: usize) -> bool {
        let point = &self.doc.points[point];
        self.priced && !point.feasible && point.cost.planned_monthly.is_none()
    }

    /// The cheapest plan at the next point that does not hold as it stands.
    fn plan_one(&mut self) {
        let next = (self.planned..self.doc.points.len()).find(|&point| self.unplanned(point));
        let Some(next) = next else { return };
        let point = &mut self.doc.points[next];
        point.cost.planned_monthly = self.planner.monthly(point.multiple);
        self.planned = next + 1;
    }

    fn one(&mut self) -> Result<(), Vec<Problem>> {
        let (mut system, growth) = self.sampler.system(self.done)?;
        system.multiples.clone_from(&self.system.multiples);
        let mut holds = true;
        for index in 0..system.multiples.len() {
            let multiple = system.multiples[index];
            let near = &self.stated[index];
            let answer = self.solver.solve_near(&system, multiple, &Options::default(), near).clone();
            for (class, at) in answer.classes.iter().enumerate() {
                self.long_run(index, class, at);
            }
            if let Some(seconds) = self.run_seconds {
                self.one_run(index, &system, &answer, seconds);
            }
            // Draw by draw the peak month, carried to the profile by what that does to the stated scenario.
            let month = cost::month(&system, &answer).monthly() * self.follows[index];
            self.points[index].costs.push(month);
            let verdicts = plan::objectives(&mut self.solver, &system, &answer);
            self.points[index].steady += usize::from(plan::feasible(&answer, &[]));
            holds &= plan::feasible(&answer, &verdicts);
            for (met, verdict) in self.points[index].met.iter_mut().zip(&verdicts) {
                *met += usize::from(verdict.met);
            }
        }
        if self.done < HEADROOM_DRAWS && !self.sampler.is_certain() {
            if holds && self.searched(&system.multiples) {
                self.beyond += 1;
            } else {
                self.headroom(&system, growth);
            }
        }
        self.done += 1;
        Ok(())
    }

    /// Whether points that all hold leave nothing to search for: they are as many as the search looks at, up to its end, and from below
    /// where the scenario as it stands breaks. What gets better with load may fail between a few, or before the first.
    fn searched(&self, multiples: &[f64]) -> bool {
        let (Some(first), Some(last)) = (multiples.first(), multiples.last()) else { return false };
        let breaks = self.doc.headroom.as_ref().and_then(|h| h.multiple);
        multiples.len() >= NEAR_POINTS as usize && *last >= self.search.to && breaks.is_none_or(|at| *first < at)
    }

    /// One class's long-run figures in this draw.
    fn long_run(&mut self, index: usize, class: usize, at: &ClassAnswer) {
        let sample = &mut self.points[index].classes[class];
        let Some(figures) = figures(at) else {
            sample.unstable += 1;
            return;
        };
        sample.ready(at);
        let (shape, waits) = if self.scenario.fit.is_some() { noise::of_shape(at) } else { (0.0, 0.0) };
        // Steps of the golden ratio and of the plastic number spread over any number of draws, and over the square of both.
        let doubt = |error: f64, step: f64| {
            let place = (self.done as f64 + 0.5) * step % 1.0;
            if error > 0.0 { math::exp(error * normal(place)) } else { 1.0 }
        };
        let (of_all, of_percentiles) = (doubt(waits, 0.754_877_666_246_692_7), doubt(shape, 0.618_033_988_749_894_9));
        for (position, value) in figures.enumerate() {
            // Without waits a mean hangs on no shape.
            sample.long_run[position].push(value * of_all * if position == 0 { 1.0 } else { of_percentiles });
        }
    }

    /// What one run of the measured kind and length would show: its generator's answer, with the noise of its length.
    fn one_run(&mut self, index: usize, system: &System, open: &Answer, seconds: f64) {
        let multiple = open.multiple;
        let like = self.generator.as_ref().map_or(multiple, |g| g.equivalent(system, open, multiple));
        let closed;
        let answer = if (like / multiple - 1.0).abs() < 1e-3 {
            open
        } else {
            closed = self.solver.solve_near(system, like, &Options::default(), &self.stated[index]).clone();
            &closed
        };
        let draws = if self.sampler.distinct() < 100 { 40 } else { 5 };
        for class in 0..answer.classes.len() {
            let at = &answer.classes[class];
            let (Some(figures), true) = (figures(at), open.classes[class].stable) else { continue };
            let Some(noise) = noise::of_run(system, answer, class, seconds) else { continue };
            let into = &mut self.points[index].classes[class];
            into.ready(at);
            let errors = std::iter::once(noise.mean).chain(noise.percentiles.iter().map(|p| p.1));
            for ((value, error), run) in figures.zip(errors).zip(&mut into.one_run) {
                for k in 0..draws {
                    // Golden-ratio steps spread the noise evenly over any number of draws.
                    let place = (self.done * draws + k) as f64 * 0.618_033_988_749_894_9;
                    run.push(value * math::exp(error * normal((place + 0.5) % 1.0)));
                }
            }
        }
    }

    /// The headroom of one draw, searched around the one of the scenario as it stands.
    fn headroom(&mut self, system: &System, growth: Option<f64>) {
        let wide = Search { points: 32, accuracy: 2e-3, ..self.search };
        let found = match self.doc.headroom.as_ref().and_then(|h| h.multiple) {
            Some(center) => {
                let (from, to) = ((0.7 * center).max(self.search.from), (1.4 * center).min(self.search.to));
                let near = Search { from, to, points: NEAR_POINTS, ..wide };
                headroom_near(&mut self.solver, system, &near, &wide)
            }
            None => plan::headroom_with(&mut self.solver, system, &wide),
        };
        match found.multiple {
            Some(multiple) => self.headrooms.push(multiple),
            None => self.beyond += 1,
        }
        let rate = growth.or_else(|| Some(self.scenario.growth.as_ref()?.per_month.as_ref()?.value));
        // A draw in which nothing breaks is one of the latest; today is reached at once, and by shrinking never.
        let multiple = found.multiple.unwrap_or(self.search.to);
        let ahead = |rate| if multiple <= 1.0 { 0.0 } else { months(multiple, rate).unwrap_or(NEVER) };
        self.dates.extend(rate.map(ahead));
    }

    /// Whether nothing saturates at a point as the scenario stands, and the share of the draws so far in which nothing does: by
    /// figures that settled, others promise nothing. `None` without doubt.
    #[must_use]
    pub fn steady(&self, point: usize) -> (bool, Option<f64>) {
        let stated = self.stated.get(point).is_some_and(|answer| plan::feasible(answer, &[]));
        let drawn = self.points.get(point).filter(|_| self.done > 0 && !self.sampler.is_certain());
        (stated, drawn.map(|sample| sample.steady as f64 / self.done as f64))
    }

    /// What is known so far.
    #[must_use]
    pub fn result(&self) -> ResultDoc {
        let mut doc = self.doc.clone();
        if self.done == 0 {
            return doc;
        }
        let certain = self.sampler.is_certain();
        for (point, sample) in doc.points.iter_mut().zip(&self.points) {
            for (class, sample) in self.system.classes.iter().zip(&sample.classes) {
                let Some(into) = point.classes.get_mut(&class.id) else { continue };
                let overloaded = sample.unstable as f64 / self.done as f64;
                into.overloaded_draws = (!certain && sample.unstable > 0).then_some(overloaded);
                // An unstable class has no figure, and so no band.
                if into.latency_ms.is_none() {
                    continue;
                }
                if overloaded > UNBOUNDED {
                    let closed = bands(&sample.names, &sample.long_run, sample.unstable, 1);
                    // Below this many of the draws even the lower end is that of an overloaded one.
                    if !certain && overloaded < 1.0 - LOWER {
                        into.open_bands = order::map(closed.into_iter().map(|(name, [low, _])| (name, low)));
                    }
                    doc.warnings.push(Warning {
                        code: "unbounded".into(),
                        path: String::new(),
                        text: format!(
                            "{} at ×{}: {:.0} % of the draws are saturated, so its latency has no upper end",
                            class.id,
                            point.multiple,
                            100.0 * overloaded
                        ),
                    });
                    continue;
                }
                if !certain {
                    into.bands = bands(&sample.names, &sample.long_run, sample.unstable, 1);
                }
                let per_draw = sample.one_run.first().map_or(1, |v| v.len() / (self.done - sample.unstable).max(1));
                into.prediction = bands(&sample.names, &sample.one_run, sample.unstable, per_draw);
            }
            if !certain {
                point.cost.band = band(&mut sample.costs.clone());
                for (slo, met) in point.slos.iter_mut().zip(&sample.met) {
                    slo.probability = Some(*met as f64 / self.done as f64);
                }
            }
        }
        self.headroom_band(&mut doc);
        doc.warnings.extend(flags::near_saturation(&doc));
        doc
    }

    fn headroom_band(&self, doc: &mut ResultDoc) {
        let Some(headroom) = &mut doc.headroom else { return };
        if self.headrooms.is_empty() {
            return;
        }
        if headroom.multiple.is_none() {
            let share = self.headrooms.len() as f64 / (self.headrooms.len() + self.beyond) as f64;
            headroom.breaks_in = (share >= TOLD).then_some(share);
            if headroom.breaks_in.is_none() {
                return;
            }
        }
        let mut sample = self.headrooms.clone();
        // Draws in which nothing breaks lie above the largest multiple looked at.
        sample.extend(std::iter::repeat_n(self.search.to, self.beyond));
        headroom.band = band(&mut sample);
        if headroom.multiple.is_none() {
            return;
        }
        if let (Some(as_of), Some(band)) = (&self.scenario.as_of, band(&mut self.dates.clone())) {
            headroom.date_band = month_after(as_of, band[0]).zip(month_after(as_of, band[1])).map(|(a, b)| [a, b]);
        }
    }
}

/// What following the profile makes of a month at the peak, at each point.
fn follows(solver: &mut Solver, system: &System, doc: &ResultDoc) -> Vec<f64> {
    let ratio = |point: &crate::result::Point| {
        if !cost::moves(system) {
            return 1.0;
        }
        let options = Options { percentiles: false, ..Options::default() };
        let peak = cost::month(system, solver.solve(system, point.multiple, &options)).monthly();
        if peak > 0.0 { point.cost.monthly / peak } else { 1.0 }
    };
    doc.points.iter().map(ratio).collect()
}

/// Bands of figures; draws without one lie above all others.
fn bands(names: &[String], figures: &[Vec<f64>], unstable: usize, per_draw: usize) -> BTreeMap<String, Band> {
    order::map(names.iter().zip(figures).filter_map(|(name, values)| {
        let mut values = values.clone();
        order::numbers(&mut values);
        let largest = *values.last()?;
        values.extend(std::iter::repeat_n(largest, unstable * per_draw));
        Some((name.clone(), band(&mut values)?))
    }))
}
