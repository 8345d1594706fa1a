//! Lines by priority: which classes pass, how long each waits, and what interruptions add to its own time.
//!
//! Waits of the levels are those of one server as fast as all together ([`crate::queueing::priority`]), times what the same load first come
//! first served waits at the servers that are there over what it would wait at that one server (Bondi & Buzen, "The response times of
//! priority classes under preemptive resume in M/G/m queues", Performance Evaluation Review 12(3), 1984), level by level at the load down to
//! each, so that the loads times the waits add up to those first come first served. Exact for one server and
//! for several with one exponential service time (Davis, Operations Research 14, 1966; Buzen & Bondi, Operations Research 31, 1983), where with preemption
//! the delays of the levels down to each one are those of M/M/c without the rest.
//!
//! Beyond capacity the lowest levels wait without end and pass what is left. Where the callers are limited nobody is lost: then the
//! stable levels wait as ever, and the lower ones share what is left of the whole line, by conservation of work.

use crate::{
    model::Discipline,
    queueing::{
        mgc::Wait,
        priority::{self, Stream},
    },
    stats::Moments,
};

/// How far from the load down to a level to that of all several servers are compared with one: with other than exponential times, those
/// above wait for the first of the servers to be free, those below for all of the line. Fitted to own simulations of 3 to 8 servers with
/// times of scv 0 and 4 at 0.7 to 0.9 (measured by the example `waits`; `docs/model.md` has the errors).
const REACH: f64 = 0.2;
/// What classes of one level find in a line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Level {
    /// What arrives, passing or not.
    pub offered: Stream,
    /// Share that passes.
    pub kept: f64,
    /// Its line has no end: it and those above fill the servers.
    pub grows: bool,
    /// Wait until service begins.
    pub wait: Wait,
    /// What interruptions add per second of service.
    pub each: Moments,
}

impl Level {
    /// Mean seconds beside the service itself.
    fn delay(&self) -> f64 {
        self.wait.mean + self.each.mean * self.offered.service().mean
    }
}

/// Servers with a line.
pub(super) struct Line<'f> {
    /// Its order.
    pub discipline: Discipline,
    /// How many.
    pub servers: f64,
    /// Load over what the service times alone make: above 1 where servers are held over what queues itself.
    pub crowding: f64,
    /// The same with what is overloaded below and thins what passes.
    pub thinning: f64,
    /// Whether they are: then the wait is known for all that arrives only.
    pub held: bool,
    /// The wait first come first served of such arrivals alone; `None` when saturated.
    pub fifo: &'f dyn Fn(&Stream) -> Option<Wait>,
    /// Where the callers are limited: the wait of all first come first served.
    pub cut: Option<Wait>,
}

/// A line as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Whole {
    /// Load over capacity of all that arrives.
    pub offered: f64,
    /// Probability of waiting of those that pass.
    pub probability: f64,
}

impl Line<'_> {
    /// Finds every level's figures.
    pub fn solve(&self, levels: &mut [Level]) -> Whole {
        let (thinning, speed) = (self.thinning / self.servers, self.crowding / self.servers);
        let mut used = 0.0;
        let mut offered = 0.0;
        for level in &mut *levels {
            let load = level.offered.load * thinning;
            level.grows = used + load >= 1.0;
            level.kept = if used + load <= 1.0 { 1.0 } else { ((1.0 - used) / load).max(0.0) };
            used += load * level.kept;
            offered += load;
        }
        let probability = match self.discipline {
            Discipline::Preemptive => self.interrupting(levels, speed),
            _ => self.patient(levels, speed),
        };
        if let Some(cut) = &self.cut {
            shorten(levels, cut, self.fifo, offered);
            levels.iter_mut().for_each(|level| (level.kept, level.grows) = (1.0, false));
        }
        Whole { offered, probability }
    }

    /// Nobody's service is interrupted.
    fn patient(&self, levels: &mut [Level], speed: f64) -> f64 {
        let sum =
            |levels: &[Level]| levels.iter().fold(Stream::default(), |sum, l| sum.with(l.offered.thinned(l.kept)));
        let all = sum(levels);
        let fast = all.stretched(speed);
        let whole = (self.fifo)(&all).filter(|_| fast.load < 1.0);
        let probability = whole.map_or(1.0, |wait| wait.probability);
        let (mut above, mut before) = (Stream::default(), 0.0);
        for at in 0..levels.len() {
            let own = levels[at].offered.thinned(levels[at].kept).stretched(speed);
            let below = sum(&levels[at + 1..]).stretched(speed);
            let alone = priority::non_preemptive(&above, &own, &below).filter(|_| !levels[at].grows);
            let load = above.load + own.load;
            // The levels down to here wait as one that is first come first served, before all that is below.
            let near = load + REACH * (fast.load - load);
            let together = self.against_one(&all, &fast, near) * fast.second / 2.0 / fast.load / (1.0 - load);
            let mean = if own.load > 1.0e-9 * load {
                (load * together - before) / own.load
            } else {
                together / (1.0 - above.load)
            };
            let mean = (probability * mean).max(0.0);
            levels[at].wait = match alone {
                Some(alone) if mean > 0.0 && mean.is_finite() => Wait { probability, mean, scv: alone.scv },
                _ => Wait::NONE,
            };
            before = load * together;
            above = above.with(own);
        }
        probability
    }

    /// How long those who wait first come first served wait at this load, over what they would wait at one server of the whole speed.
    fn against_one(&self, all: &Stream, fast: &Stream, load: f64) -> f64 {
        let share = if self.held { 1.0 } else { load / fast.load };
        let one = fast.thinned(share);
        match (self.fifo)(&all.thinned(share)) {
            Some(wait) if wait.probability > 0.0 && one.load < 1.0 && one.second > 0.0 => {
                wait.conditional_mean() * one.load / one.fifo_wait()
            }
            _ => 1.0,
        }
    }

    /// Levels above take the servers of those below.
    fn interrupting(&self, levels: &mut [Level], speed: f64) -> f64 {
        let (mut above, mut before, mut delays, mut probability) = (Stream::default(), Stream::default(), 0.0, 0.0);
        let mut done = 0.0;
        for level in levels {
            let own = level.offered.thinned(level.kept);
            let (all, fast) = (before.with(own), own.stretched(speed));
            let whole = above.with(fast);
            let stable = priority::preemptive(&above, &fast).filter(|_| !level.grows);
            let fifo = (self.fifo)(&all).filter(|_| whole.load < 1.0);
            probability = fifo.map_or(1.0, |wait| wait.probability);
            if let (Some(alone), Some(fifo)) = (stable, fifo) {
                let service = fast.service().mean;
                let interruptions = priority::interruptions(&above);
                let delay = alone.mean + service * interruptions.mean;
                delays += fast.rate * delay;
                // Delays down to here as several servers make them; those of the levels above are known.
                let ratio = if whole.fifo_wait() > 0.0 { fifo.mean / whole.fifo_wait() } else { 0.0 };
                let here = if fast.rate > 0.0 { (delays * ratio - done) / fast.rate } else { delay * ratio };
                let here = here.max(0.0);
                done = delays * ratio;
                let waiting = if delay > 0.0 { alone.mean / delay } else { 1.0 };
                level.wait = Wait { probability, mean: here * waiting, scv: alone.scv };
                let mean = own.service().mean;
                let more = if mean > 0.0 { here * (1.0 - waiting) / mean } else { 0.0 };
                // Interruptions are as long as those of the fast server, but as many as fit the mean.
                level.each = Moments::ZERO;
                if interruptions.mean > 0.0 {
                    let count = more / interruptions.mean;
                    level.each = Moments {
                        mean: more,
                        variance: interruptions.variance * count,
                        third: interruptions.third * count,
                    };
                }
            } else {
                (level.wait, level.each) = (Wait::NONE, Moments::ZERO);
            }
            (above, before) = (whole, all);
        }
        probability
    }
}

/// A line that limited callers cut: what the cut takes is the lowest levels', and no level waits longer than those from it on do on average.
fn shorten(levels: &mut [Level], cut: &Wait, fifo: &dyn Fn(&Stream) -> Option<Wait>, load: f64) {
    let all = levels.iter().fold(Stream::default(), |sum, level| sum.with(level.offered));
    let uncut = fifo(&all).filter(|_| load < 1.0).map_or(f64::INFINITY, |wait| wait.mean);
    if cut.mean >= uncut * (1.0 - 1.0e-12) {
        return;
    }
    let mut left = if uncut.is_finite() {
        levels.iter().map(|level| level.offered.load * level.delay()).sum::<f64>() * cut.mean / uncut
    } else {
        all.load * cut.mean
    };
    let mut loads = all.load;
    for level in levels {
        let most = if loads > 0.0 { (left / loads).max(0.0) } else { 0.0 };
        let delay = level.delay();
        if level.grows {
            (level.wait, level.each) = (Wait { probability: 1.0, mean: most, scv: cut.scv }, Moments::ZERO);
        } else if delay > most {
            let factor = most / delay;
            level.wait.mean *= factor;
            let each = level.each;
            level.each =
                Moments { mean: each.mean * factor, variance: each.variance * factor, third: each.third * factor };
        }
        left -= level.offered.load * level.delay();
        loads -= level.offered.load;
    }
}
