//! One server whose line is ordered by priority: the wait of one level among those above and those below it.
//!
//! Poisson arrivals, any service time by its first three moments, first come first served among equals. Seconds and per second.
//!
//! Non-preemptive: whoever is served stays. With the load of the levels above σ and with one's own σ', the mean wait is
//! W0 / ((1 - σ)(1 - σ')), where W0 = sum of rate x mean square of the service time / 2 over **all** levels (Cobham, Operations
//! Research 2, 1954; Kleinrock, vol. 2, §3.3). Everybody waits who finds the server busy. The wait is the busy period of the levels above,
//! started by the work found in front: that of M/G/1 with one's own level and those above, whose idle time is interrupted by what is
//! below; hence its second moment (Takács, Operations Research 12, 1964; Kella & Yechiali, Naval Research Logistics 35, 1988). For M/M/c
//! with one service rate the wait of those who wait has the law of M/M/1 c times as fast (Davis, Operations Research 14, 1966).
//!
//! Preemptive resume: levels below do not exist for those above, so the wait for the first second of service is the same without them;
//! then every second of service lasts 1 / (1 - σ) seconds (Miller, Annals of Mathematical Statistics 31, 1960; Kleinrock, vol. 2, §3.4).
//! Levels below what saturates get nothing; the level at the edge what is left.

use super::mgc::Wait;
use crate::stats::Moments;

/// Arrivals with the sums of their service times' powers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stream {
    /// Per second.
    pub rate: f64,
    /// Rate x mean service time.
    pub load: f64,
    /// Rate x second moment.
    pub second: f64,
    /// Rate x third moment.
    pub third: f64,
}

impl Stream {
    /// Adds arrivals of so many a second with this service time.
    pub fn add(&mut self, rate: f64, service: &Moments) {
        self.rate += rate;
        self.load += rate * service.mean;
        self.second += rate * service.raw_second();
        self.third += rate * service.raw_third();
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            rate: self.rate + other.rate,
            load: self.load + other.load,
            second: self.second + other.second,
            third: self.third + other.third,
        }
    }

    /// This share of the arrivals.
    #[must_use]
    pub fn thinned(self, share: f64) -> Self {
        Self {
            rate: self.rate * share,
            load: self.load * share,
            second: self.second * share,
            third: self.third * share,
        }
    }

    /// Every service time multiplied by a factor.
    #[must_use]
    pub fn stretched(self, factor: f64) -> Self {
        let square = factor * factor;
        Self {
            rate: self.rate,
            load: self.load * factor,
            second: self.second * square,
            third: self.third * square * factor,
        }
    }

    /// The service time of one arrival.
    #[must_use]
    pub fn service(&self) -> Moments {
        if self.rate <= 0.0 {
            return Moments::ZERO;
        }
        Moments::from_raw(self.load / self.rate, self.second / self.rate, self.third / self.rate)
    }

    /// Mean wait first come first served, M/G/1; infinite when saturated.
    #[must_use]
    pub fn fifo_wait(&self) -> f64 {
        if self.load < 1.0 { self.second / 2.0 / (1.0 - self.load) } else { f64::INFINITY }
    }
}

/// The wait of a level whose service cannot be interrupted; `None` where its line grows. What is below counts as far as it passes: with it
/// the load is at most 1.
#[must_use]
pub fn non_preemptive(above: &Stream, own: &Stream, below: &Stream) -> Option<Wait> {
    let (first, all) = (above.with(*own), above.with(*own).with(*below));
    let free = 1.0 - first.load;
    if free <= 0.0 {
        return None;
    }
    // What stands in front of the server when it is not served by those below, and what it finds of one of these.
    let (mean_front, mean_below) = (first.second / 2.0 / free, below.second / 2.0 / free);
    let second_front = 2.0 * mean_front * mean_front + first.third / 3.0 / free;
    let front = mean_front + mean_below;
    let front_square = below.third / 3.0 / free + 2.0 * mean_below * mean_front + second_front;
    Some(busy_period(above, front, front_square, all.load.min(1.0)))
}

/// The wait of a level until its service begins, where it may be interrupted and interrupts; `None` where its line grows.
#[must_use]
pub fn preemptive(above: &Stream, own: &Stream) -> Option<Wait> {
    non_preemptive(above, own, &Stream::default())
}

/// What the levels above add to every second of service that they interrupt: seconds, seconds² of variance, seconds³ of the third cumulant.
#[must_use]
pub fn interruptions(above: &Stream) -> Moments {
    let free = 1.0 - above.load;
    if free <= 0.0 {
        return Moments::ZERO;
    }
    let cube = free * free * free;
    Moments {
        mean: above.load / free,
        variance: above.second / cube,
        third: above.third / (cube * free) + 3.0 * above.second * above.second / (cube * free * free),
    }
}

/// A service time with its interruptions; `each` per second of it. The cumulants of a sum over the service time.
#[must_use]
pub fn interrupted(service: &Moments, each: &Moments) -> Moments {
    let length = 1.0 + each.mean;
    Moments {
        mean: service.mean * length,
        variance: service.variance * length * length + service.mean * each.variance,
        third: service.third * length * length * length
            + 3.0 * length * each.variance * service.variance
            + service.mean * each.third,
    }
}

/// The time until work of this mean and square, met with a probability, and all that arrives meanwhile from above is done.
fn busy_period(above: &Stream, mean: f64, square: f64, probability: f64) -> Wait {
    let free = 1.0 - above.load;
    let (wait, second) = (mean / free, square / (free * free) + mean * above.second / (free * free * free));
    if probability <= 0.0 || wait <= 0.0 {
        return Wait::NONE;
    }
    Wait { probability, mean: wait, scv: (second * probability / (wait * wait) - 1.0).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Distribution;

    fn stream(rate: f64, service: Distribution) -> Stream {
        let mut stream = Stream::default();
        stream.add(rate, &Moments::of(&service));
        stream
    }

    fn exponential(mean: f64) -> Distribution {
        Distribution::Exponential { mean }
    }

    #[test]
    fn mean_waits_are_cobhams() {
        // W0 = sum of rate x second moment / 2; W = W0 / ((1 - above)(1 - above - own)).
        let fixed = Distribution::Deterministic { mean: 1.0 };
        let hyper = Distribution::Hyperexponential { mean: 1.0, scv: 4.0 };
        let rows = [
            // Two classes M/M/1, rates 0.3 and 0.4, one second each: W0 = 0.7, so 0.7 / 0.7 and 0.7 / (0.7 x 0.3).
            ("M/M/1", [stream(0.3, exponential(1.0)), stream(0.4, exponential(1.0))], 1.0, 0.7 / 0.21),
            // M/D/1: W0 = 0.35.
            ("M/D/1", [stream(0.3, fixed.clone()), stream(0.4, fixed.clone())], 0.5, 0.35 / 0.21),
            // Second moments 5 and 1: W0 = (1.5 + 0.4) / 2.
            ("M/H2+D/1", [stream(0.3, hyper), stream(0.4, fixed)], 0.95 / 0.7, 0.95 / 0.21),
            // Different means: rates 2 and 0.25 of 0.2 and 1.6 s: W0 = 0.08 + 0.64.
            ("two means", [stream(2.0, exponential(0.2)), stream(0.25, exponential(1.6))], 1.2, 0.72 / 0.12),
        ];
        for (name, [high, low], first, second) in rows {
            let none = Stream::default();
            let (a, b) = (non_preemptive(&none, &high, &low).unwrap(), non_preemptive(&high, &low, &none).unwrap());
            assert!((a.mean - first).abs() < 1e-12 && (b.mean - second).abs() < 1e-12, "{name}: {a:?} {b:?}");
            assert!((a.probability - (high.load + low.load)).abs() < 1e-12);
            // Kleinrock's conservation law: the loads times their waits add up to the load times the wait first come first served.
            let all = high.with(low);
            let sum = high.load * a.mean + low.load * b.mean;
            assert!((sum / (all.load * all.fifo_wait()) - 1.0).abs() < 1e-12, "{name}: {sum}");
        }
    }

    #[test]
    fn interrupted_responses_are_the_exact_ones() {
        // Preemptive resume M/M/1: the level above sees M/M/1 alone; below 1 / mu / ((1 - above)(1 - all)) for one service rate
        // (Kleinrock, vol. 2, eq. 3.39).
        let (high, low) = (stream(0.3, exponential(1.0)), stream(0.4, exponential(1.0)));
        let response = |above: &Stream, own: &Stream| {
            let wait = preemptive(above, own).unwrap();
            wait.mean + interrupted(&own.service(), &interruptions(above)).mean
        };
        assert!((response(&Stream::default(), &high) - 1.0 / 0.7).abs() < 1e-12);
        assert!((response(&high, &low) - 1.0 / (0.7 * 0.3)).abs() < 1e-12);
        // With different service times: S / (1 - above) + R / ((1 - above)(1 - all)), R = sum of rate x second moment / 2.
        let (high, low) = (stream(2.0, Distribution::Deterministic { mean: 0.2 }), stream(0.25, exponential(1.6)));
        let residual = 0.04 + 0.64;
        assert!((response(&high, &low) - (1.6 / 0.6 + residual / (0.6 * 0.2))).abs() < 1e-12);
    }

    #[test]
    fn second_moments_follow_the_busy_period() {
        // Nobody above or below: M/G/1, E[W²] = 2 W² + rate E[S³] / (3 (1 - load)).
        let none = Stream::default();
        let one = stream(0.8, Distribution::Hyperexponential { mean: 1.0, scv: 4.0 });
        let wait = non_preemptive(&none, &one, &none).unwrap();
        let second = 2.0 * wait.mean * wait.mean + one.third / 3.0 / 0.2;
        assert!((wait.moments().raw_second() / second - 1.0).abs() < 1e-12);
        // The first of two M/M/1 levels of one rate: who waits, waits a residual service and then M/M/1 of the own level:
        // a sum of exponentials with mean 1 and 1 / (1 - own) counted geometrically, together exponential of mean 1 / (1 - own).
        let (high, low) = (stream(0.3, exponential(1.0)), stream(0.4, exponential(1.0)));
        let wait = non_preemptive(&none, &high, &low).unwrap();
        assert!((wait.conditional_mean() - 1.0 / 0.7).abs() < 1e-12 && (wait.scv - 1.0).abs() < 1e-12, "{wait:?}");
        // The second: a busy period of the first started by an exponential of mean 1 / (1 - all): of mean 1 / (0.7 x 0.3), with
        // square 2 / (0.3² 0.7²) + 0.3 x 2 / (0.3 x 0.7³).
        let wait = non_preemptive(&high, &low, &none).unwrap();
        let square = 2.0 / (0.09 * 0.49) + 2.0 / (0.7_f64 * 0.7 * 0.7);
        let got = (1.0 + wait.scv) * wait.conditional_mean() * wait.conditional_mean();
        assert!((got / square - 1.0).abs() < 1e-12, "{got} {square}");
    }

    #[test]
    fn a_busy_period_is_an_interrupted_second_long() {
        // The busy period of M/M/1 at load 0.5 that one service starts: mean 2, variance (1 + 0.5) / 0.5³ = 12 (Kleinrock, vol. 1, §5.8).
        let above = stream(0.5, exponential(1.0));
        let busy = interrupted(&Moments::exponential(1.0), &interruptions(&above));
        assert!((busy.mean - 2.0).abs() < 1e-12 && (busy.variance - 12.0).abs() < 1e-12, "{busy:?}");
    }

    #[test]
    fn what_is_above_stays_stable_when_what_is_below_grows() {
        let (high, low) = (stream(0.5, exponential(1.0)), stream(2.0, exponential(1.0)));
        let passing = low.thinned(0.25);
        assert!(non_preemptive(&high, &passing, &Stream::default()).is_none());
        let wait = non_preemptive(&Stream::default(), &high, &passing).unwrap();
        // The server is always busy: a residual second, then M/M/1's own line: 1 / (1 - 0.5).
        assert!((wait.mean - 2.0).abs() < 1e-12 && wait.probability == 1.0);
        assert!((preemptive(&Stream::default(), &high).unwrap().mean - 1.0).abs() < 1e-12);
    }
}
