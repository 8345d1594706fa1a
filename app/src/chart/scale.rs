//! From figures to pixels and back, and ticks that people count in.

/// A scale along one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Figure at the axis' start.
    pub low: f64,
    /// Figure at its end; always above `low`.
    pub high: f64,
    /// Logarithmic; then `low` is positive.
    pub log: bool,
}

impl Scale {
    /// A linear scale; an empty or disordered range is widened, because a chart must never get stuck on one.
    pub fn linear(low: f64, high: f64) -> Self {
        let low = if low.is_finite() { low } else { 0.0 };
        let high = if high.is_finite() && high > low { high } else { low + 1.0 };
        Self { low, high, log: false }
    }

    /// A logarithmic scale over at least one decade.
    pub fn logarithmic(low: f64, high: f64) -> Self {
        let low = if low.is_finite() && low > 0.0 { low } else { 0.1 };
        let high = if high.is_finite() && high > low { high } else { low * 10.0 };
        Self { low, high, log: true }
    }

    /// Share of the way from start to end, 0 to 1 inside the range.
    pub fn share(&self, value: f64) -> f64 {
        if self.log {
            (value.max(self.low * 1e-3) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The figure at a share of the way.
    pub fn at(&self, share: f64) -> f64 {
        if self.log { self.low * (self.high / self.low).powf(share) } else { self.low + share * (self.high - self.low) }
    }

    /// Round figures along the axis, about `wanted` of them.
    pub fn ticks(&self, wanted: usize) -> Vec<f64> {
        if self.log { self.log_ticks() } else { self.linear_ticks(wanted) }
    }

    fn linear_ticks(&self, wanted: usize) -> Vec<f64> {
        let step = nice((self.high - self.low) / wanted.max(1) as f64);
        let first = (self.low / step - 1e-9).ceil();
        let last = (self.high / step + 1e-9).floor();
        let count = ((last - first) as usize).min(100);
        (0..=count).map(|index| (first + index as f64) * step).collect()
    }

    fn log_ticks(&self) -> Vec<f64> {
        let decades = (self.high / self.low).log10();
        let factors: &[f64] = if decades > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        (first..=last)
            .flat_map(|power| factors.iter().map(move |factor| factor * 10f64.powi(power)))
            .filter(|tick| *tick >= self.low * 0.999 && *tick <= self.high * 1.001)
            .collect()
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
pub fn nice(step: f64) -> f64 {
    if !(step.is_finite() && step > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(step.log10().floor());
    let rest = step / power;
    let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|factor| rest <= *factor + 1e-9).unwrap_or(10.0);
    factor * power
}

/// The end of an axis from zero that leaves room over the highest figure and ends on a tick.
pub fn roomy(highest: f64, wanted: usize) -> f64 {
    let step = nice(highest.max(1e-9) * 1.05 / wanted.max(1) as f64);
    (highest * 1.05 / step).ceil().max(1.0) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for scale in [Scale::linear(1.0, 10.0), Scale::logarithmic(1.0, 1000.0)] {
            for value in [1.0, 2.5, 7.0, 10.0] {
                assert!((scale.at(scale.share(value)) - value).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn ticks_are_round() {
        let rows = [
            (Scale::linear(0.0, 400.0), 4, vec![0.0, 100.0, 200.0, 300.0, 400.0]),
            (Scale::linear(1.0, 10.0), 9, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]),
            (Scale::linear(0.0, 0.9), 3, vec![0.0, 0.5]),
            (Scale::logarithmic(1.0, 100.0), 4, vec![1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]),
        ];
        for (scale, wanted, ticks) in rows {
            let got = scale.ticks(wanted);
            assert_eq!(got.len(), ticks.len(), "{got:?}");
            assert!(got.iter().zip(&ticks).all(|(a, b)| (a - b).abs() < 1e-9), "{got:?}");
        }
    }

    #[test]
    fn bad_ranges_are_mended() {
        for scale in [Scale::linear(f64::NAN, f64::INFINITY), Scale::linear(5.0, 5.0), Scale::logarithmic(0.0, -1.0)] {
            assert!(scale.high > scale.low && scale.high.is_finite());
            assert!(scale.ticks(5).len() < 120);
        }
    }

    #[test]
    fn room_over_the_highest() {
        for (highest, wanted) in [(373.0, 400.0), (1.0, 1.5), (0.0, 0.0)] {
            let end = roomy(highest, 4);
            assert!(end > highest && (wanted == 0.0 || (end - wanted).abs() < 1e-9), "{highest} {end}");
        }
    }
}
