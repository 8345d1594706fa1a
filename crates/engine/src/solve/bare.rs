//! Times without any waiting: own times and network, added up over the calls.

use super::{
    Solver,
    state::{CallState, VisitState},
};
use crate::{
    model::Call,
    stats::{Law, Moments},
};

/// Mean (seconds) and variance of a time in which nobody waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bare {
    pub mean: f64,
    pub variance: f64,
}

impl Bare {
    /// An own time.
    pub fn of(own: &Moments) -> Self {
        Self { mean: own.mean, variance: own.variance }
    }

    /// The same work at another speed: on less than a core it lasts longer even where nobody shares it.
    pub fn at_speed(self, speed: f64) -> Self {
        if speed == 1.0 {
            return self;
        }
        Self { mean: self.mean / speed, variance: self.variance / (speed * speed) }
    }

    /// Of a whole visit.
    pub fn visit(visit: &VisitState) -> Self {
        Self { mean: visit.bare, variance: visit.bare_variance }
    }

    /// Of a call with all its attempts and the pauses between them, answered or not; what is refused takes only the network.
    pub fn call(call: &Call, state: &CallState, target: &VisitState) -> Self {
        let mut one = Self::visit(target).calls(1.0, target.admitted);
        one.mean += call.network_time();
        if let Some(timeout) = call.timeout
            && one.mean > 0.0
        {
            let shape = one.variance * one.variance / one.mean;
            let kept =
                Law::fit(&Moments { mean: one.mean, variance: one.variance, third: 2.0 * shape }).beyond(timeout).1;
            let factor = (kept / one.mean).min(1.0);
            one = Self { mean: one.mean * factor, variance: one.variance * factor * factor };
        }
        let all = one.calls(state.attempts, 1.0);
        Self { mean: all.mean + state.pauses, ..all }
    }

    /// One after another.
    pub fn then(self, next: Self) -> Self {
        Self { mean: self.mean + next.mean, variance: self.variance + next.variance }
    }

    /// As many of it, the fraction being the probability of one more; all of them with a probability, else none.
    pub fn calls(self, count: f64, probability: f64) -> Self {
        let more = count - count.floor();
        let all = Self {
            mean: count * self.mean,
            variance: count * self.variance + more * (1.0 - more) * self.mean * self.mean,
        };
        let chance = probability * (1.0 - probability).max(0.0);
        Self { mean: probability * all.mean, variance: probability * all.variance + chance * all.mean * all.mean }
    }

    /// What is left without an independent part.
    pub fn without(self, part: Self) -> Self {
        Self { mean: self.mean - part.mean, variance: (self.variance - part.variance).max(0.0) }
    }

    /// Squared coefficient of variation; 0 for no time.
    pub fn scv(self) -> f64 {
        if self.mean > 0.0 { self.variance / (self.mean * self.mean) } else { 0.0 }
    }
}

/// Of several times, each with its rate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mixed {
    rate: f64,
    first: f64,
    second: f64,
}

impl Mixed {
    pub fn add(&mut self, rate: f64, one: Bare) {
        self.rate += rate;
        self.first += rate * one.mean;
        self.second += rate * (one.variance + one.mean * one.mean);
    }

    /// One of them; no time where there is no rate.
    pub fn bare(self) -> Bare {
        if self.rate <= 0.0 {
            return Bare::default();
        }
        let mean = self.first / self.rate;
        Bare { mean, variance: (self.second / self.rate - mean * mean).max(0.0) }
    }
}

impl Solver {
    /// Own time and calls of a station's served visits, without any waiting.
    pub(super) fn bare(&self, id: usize) -> Bare {
        let classes = self.structure.classes;
        let mut all = Mixed::default();
        for visit in &self.state.visits[id * classes..(id + 1) * classes] {
            all.add(visit.served, Bare::visit(visit));
        }
        all.bare()
    }
}
