//! One replication: steps through events until its time, its budget or its memory limit ends it.

use super::calendar::Event;
use super::flow::*;
use super::measure::Measuring;
use super::prepare::prepare;
use super::queue::PAUSE;
use super::refusal::refusals;
use super::report::{ReplicationReport, StoppedBy};
use super::warmup::{filled, mser5};
use super::{Settings, Status, Warmup};
use crate::model::{Refusal, System};

/// Observations of the pilot that looks for the end of the warm-up.
const PILOT_OBSERVATIONS: usize = 320;
/// Length of the pilot as a share of the measured time.
const PILOT_SHARE: f64 = 0.1;
/// Longest wait for the windows of limiters, in measured times: a quota of a day is not played for ten minutes of traffic, and what
/// cannot be filled is not waited for.
const LONGEST_FILLING: f64 = 10.0;

/// What the replication is doing.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// Looking for the end of the transient: length of an observation, observations so far.
    Searching(f64, Vec<f64>),
    /// Dropping a given time.
    Dropping,
    /// Measuring.
    Measuring,
    /// Over.
    Done,
}

/// One replication of a system under its load at one growth multiple.
#[derive(Debug)]
pub struct Simulation {
    core: Core,
    settings: Settings,
    replication: u32,
    phase: Phase,
    /// The next instant at which the runner itself has something to do.
    mark: f64,
    marks: u32,
    /// Seconds that a warm-up to be found takes at least.
    filled: f64,
    /// Start of the measured part on the simulation's clock.
    origin: f64,
    events: u64,
    present_before: f64,
    stopped_by: StoppedBy,
    measuring: Measuring,
}

impl Simulation {
    /// Prepares a replication.
    ///
    /// # Errors
    /// What of the system the simulator does not model, all of it.
    pub fn new(system: &System, settings: &Settings, replication: u32) -> Result<Self, Vec<Refusal>> {
        let refused = refusals(system);
        if !refused.is_empty() {
            return Err(refused);
        }
        let core = prepare(system, settings, replication);
        let measuring = Measuring::new(system);
        let (phase, mark) = match settings.warmup {
            Warmup::Seconds(s) if s > 0.0 => (Phase::Dropping, s),
            Warmup::Seconds(_) => (Phase::Dropping, 0.0),
            Warmup::Auto => {
                let slice = settings.seconds * PILOT_SHARE / PILOT_OBSERVATIONS as f64;
                (Phase::Searching(slice, Vec::with_capacity(PILOT_OBSERVATIONS)), slice)
            }
        };
        let mut this = Self {
            core,
            settings: settings.clone(),
            replication,
            phase,
            mark,
            marks: 0,
            filled: Some(filled(system)).filter(|wait| *wait <= LONGEST_FILLING * settings.seconds).unwrap_or(0.0),
            origin: f64::INFINITY,
            events: 0,
            present_before: 0.0,
            stopped_by: StoppedBy::Running,
            measuring,
        };
        if this.core.crowded {
            this.stop(StoppedBy::InFlight);
        } else if this.mark == 0.0 {
            this.at_mark();
        }
        Ok(this)
    }

    /// Plays at most this many events.
    pub fn step(&mut self, max_events: u64) -> Status {
        let budget = self.settings.max_events.saturating_sub(self.events);
        let mut left = max_events.min(budget);
        while left > 0 && self.phase != Phase::Done {
            let played = self.play(left);
            left -= played;
            self.events += played;
            if self.core.is_overfull() {
                self.stop(StoppedBy::InFlight);
            } else if self.core.stuck {
                self.stop(StoppedBy::Events);
            } else if left > 0 {
                self.at_mark();
            }
        }
        if self.phase != Phase::Done && self.events >= self.settings.max_events {
            self.stop(StoppedBy::Events);
        }
        if self.phase == Phase::Done { Status::Done } else { Status::Running }
    }

    /// Plays events up to the mark, at most `most`; gives how many.
    fn play(&mut self, most: u64) -> u64 {
        let core = &mut self.core;
        let mark = self.mark;
        let mut left = most;
        let (mut class, mut arrival) = core.next_arrival();
        while left > 0 {
            if core.unfinished {
                left = left.saturating_sub(core.go_on());
                if core.is_overfull() || core.stuck {
                    break;
                }
                continue;
            }
            let next = core.calendar.next_time();
            if arrival <= next {
                if arrival >= mark {
                    break;
                }
                core.now = arrival;
                core.sources[class].schedule(arrival, &core.ziggurat, &core.program.points);
                let step = core.request(class, false);
                core.run(step);
                (class, arrival) = core.next_arrival();
                if core.is_overfull() {
                    left -= 1;
                    break;
                }
            } else {
                if next >= mark {
                    break;
                }
                let event = core.calendar.pop();
                core.now = event.time;
                if event.kind & 0xFF == GUEST_SERVED {
                    let step = core.guest_served(event.subject, event.kind >> 8);
                    core.run(step);
                } else if event.kind == SERVED {
                    let step = core.served(event.subject);
                    core.run(step);
                } else {
                    core.play_rarer(event);
                    (class, arrival) = core.next_arrival();
                    if core.crowded {
                        left -= 1;
                        break;
                    }
                }
            }
            left -= 1;
        }
        most - left
    }

    /// The clock reached the mark.
    fn at_mark(&mut self) {
        let core = &mut self.core;
        core.now = self.mark;
        match &mut self.phase {
            Phase::Searching(slice, observations) => {
                let present: f64 = core.groups.iter().map(|g| g.areas(core.now).present).sum();
                observations.push(present - self.present_before);
                self.present_before = present;
                self.marks += 1;
                self.mark = *slice * f64::from(self.marks + 1);
                let n = observations.len();
                if n % PILOT_OBSERVATIONS == 0 {
                    let most = (PILOT_OBSERVATIONS as f64 / PILOT_SHARE) as usize;
                    let is_filled = core.now >= self.filled;
                    if is_filled && (mser5(observations).1 || n >= most) {
                        self.begin_measuring();
                    }
                }
            }
            Phase::Dropping => self.begin_measuring(),
            Phase::Measuring => {
                self.marks += 1;
                self.measuring.sample(core, core.now - self.origin);
                if self.marks >= self.settings.timeline_points.max(1) {
                    self.stop(StoppedBy::Time);
                } else {
                    self.mark = self.origin + self.measured_until(self.marks + 1);
                }
            }
            Phase::Done => {}
        }
    }

    fn measured_until(&self, point: u32) -> f64 {
        let points = self.settings.timeline_points.max(1);
        if point == points {
            self.settings.seconds
        } else {
            self.settings.seconds * f64::from(point) / f64::from(points)
        }
    }

    /// The warm-up is over: counters start anew, profiles and events begin.
    fn begin_measuring(&mut self) {
        self.phase = Phase::Measuring;
        self.origin = self.core.now;
        self.marks = 0;
        self.core.start_clock(self.origin);
        self.measuring.start(&mut self.core);
        self.mark = self.origin + self.measured_until(1);
    }

    fn stop(&mut self, by: StoppedBy) {
        if self.phase != Phase::Measuring {
            // Nothing measured: what there is counts from the start.
            self.origin = 0.0;
        }
        self.phase = Phase::Done;
        self.stopped_by = by;
    }

    /// Share of the replication that is done, 0..1, by simulated time, the warm-up included as far as its length is known.
    #[must_use]
    pub fn progress(&self) -> f64 {
        let now = self.core.now;
        let before = match self.phase {
            Phase::Done => return 1.0,
            Phase::Measuring => self.origin,
            Phase::Dropping => self.mark,
            Phase::Searching(..) => now.max(self.filled),
        };
        (now / (before + self.settings.seconds)).clamp(0.0, 1.0)
    }

    /// The slow requests by class; nothing where none were followed.
    fn slow(&self) -> Vec<Vec<super::SlowRequest>> {
        let origin = if self.origin.is_finite() { self.origin } else { 0.0 };
        let of = |traces: &super::trace::Traces| (0..self.core.classes.len()).map(|c| traces.slow(c, origin)).collect();
        self.core.traces.as_ref().map_or_else(Vec::new, of)
    }

    /// Events played so far.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What was found up to now; complete once [`Simulation::step`] said so.
    #[must_use]
    pub fn report(&self) -> ReplicationReport {
        let warmup = if self.origin.is_finite() { self.origin } else { self.core.now };
        let (classes, histograms, stations) = self.measuring.figures(&self.core);
        ReplicationReport {
            replication: self.replication,
            warmup,
            seconds: self.core.now - warmup,
            events: self.events,
            most_in_flight: self.core.visits.peak().max(self.core.calls.peak()) as u64,
            stopped_by: self.stopped_by,
            classes,
            histograms,
            stations,
            timeline: self.measuring.timeline.clone(),
            slow: self.slow(),
        }
    }
}

impl Core {
    /// Whether there is more at a time than may be. An asynchronous call that waits for a connection or between attempts has no
    /// visit of its own; all others stand beside the visit that waits for them.
    #[inline(always)]
    fn is_overfull(&self) -> bool {
        self.visits.peak() > self.most || self.calls.peak() > self.most || self.crowded
    }

    /// Users of all closed classes.
    pub(crate) fn users(&self) -> u64 {
        self.sources.iter().map(|source| u64::from(source.active)).sum()
    }

    /// The earliest arrival of an open class.
    #[inline(always)]
    fn next_arrival(&self) -> (usize, f64) {
        let mut best = (0, f64::INFINITY);
        for (class, source) in self.sources.iter().enumerate() {
            if source.next < best.1 {
                best = (class, source.next);
            }
        }
        best
    }

    /// Plays an event that is not the end of an own time.
    #[inline(never)]
    fn play_rarer(&mut self, event: Event) {
        let next = match event.kind & 0xFF {
            ARRIVES => self.enter(event.subject),
            WORKED => self.worked(event.subject),
            SHARED_DONE => self.shared_done(event.subject, event.kind >> 8),
            RETRIES => self.retry(event.subject),
            TIMES_OUT => self.times_out(event.subject as usize),
            THOUGHT if self.sources[event.subject as usize].leaves() => Next::Idle,
            THOUGHT => self.request(event.subject as usize, true),
            MATURES => {
                self.matures(event.subject);
                Next::Idle
            }
            DISTURBS => {
                self.disturb(event.subject as usize, event.kind >> 8);
                Next::Idle
            }
            SCALES => {
                self.scale(event.subject as usize);
                Next::Idle
            }
            BOOTED => {
                self.booted(event.subject as usize);
                Next::Idle
            }
            INTERRUPTS => {
                self.interrupt(event.subject as usize);
                Next::Idle
            }
            REPLACED => {
                self.regain(event.subject as usize, 1);
                Next::Idle
            }
            POPULATES => {
                self.repopulate(event.subject as usize);
                Next::Idle
            }
            _ => Next::Idle,
        };
        self.run(next);
    }

    /// A user of a closed class thinks.
    pub(crate) fn think(&mut self, class: usize) {
        self.think_again(class, f64::NEG_INFINITY);
    }

    /// A user whose request failed thinks; after a pause where neither the request nor the thought takes any time, which would
    /// fail for ever at this instant.
    pub(crate) fn think_again(&mut self, class: usize, asked: f64) {
        let source = &mut self.sources[class];
        if source.leaving > 0 {
            return source.leave();
        }
        let mut time = self.now + source.think(&self.ziggurat, &self.program.points);
        if time <= asked {
            time += PAUSE;
        }
        self.calendar.push(Event { time, subject: class as u32, kind: THOUGHT });
    }

    /// Profiles and events begin at this instant.
    pub(crate) fn start_clock(&mut self, origin: f64) {
        self.schedule_disturbances(origin);
        for source in &mut self.sources {
            let was = source.next;
            let gap = if was.is_finite() { source.intensity.area(origin, was) } else { f64::NAN };
            source.intensity.start(origin);
            if !source.closed && !source.intensity.is_constant() {
                let gap = if gap.is_nan() {
                    source.gap.sample(&mut source.rng, &self.ziggurat, &self.program.points)
                } else {
                    gap
                };
                source.next = source.intensity.after(origin, gap);
            }
        }
        for class in 0..self.sources.len() {
            if self.sources[class].closed && !self.sources[class].intensity.is_constant() {
                self.repopulate(class);
            }
        }
    }
}
