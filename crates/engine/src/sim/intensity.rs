//! A load factor over time: piecewise linear, optionally repeating, times a factor that events set.

use crate::model::Profile;

/// Periods that are walked one by one; of more the whole ones are skipped by their area.
const MANY: f64 = 1000.0;

/// One stretch of time with a factor that moves linearly.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: f64,
    to: f64,
    first: f64,
    last: f64,
}

/// The factor on a class's peak load over time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Intensity {
    /// Pieces over [0, period), ascending; empty is the factor 1 forever.
    pieces: Vec<Piece>,
    /// Length after which it repeats; infinite when it does not.
    period: f64,
    /// Factor by events.
    boost: f64,
    /// Instant of the profile's zero on the simulation's clock.
    origin: f64,
}

impl Intensity {
    /// The factor of a profile whose time zero is `origin` on the clock; before it the profile's first value holds.
    pub(crate) fn new(profile: Option<&Profile>, origin: f64, varies: bool) -> Self {
        let mut this = Self { pieces: Vec::new(), period: f64::INFINITY, boost: 1.0, origin };
        let step = |from, to, f| Piece { from, to, first: f, last: f };
        match profile {
            None if varies => this.pieces.push(step(0.0, f64::INFINITY, 1.0)),
            None => {}
            Some(Profile::Periodic { step: length, factors }) => {
                this.period = length * factors.len() as f64;
                this.pieces.extend(
                    factors.iter().enumerate().map(|(i, &f)| step(length * i as f64, length * (i + 1) as f64, f)),
                );
            }
            Some(Profile::Spike { at, ramp, hold, factor }) => {
                let ends = [0.0, *at, at + ramp, at + ramp + hold, at + ramp + hold + ramp, f64::INFINITY];
                let levels = [(1.0, 1.0), (1.0, *factor), (*factor, *factor), (*factor, 1.0), (1.0, 1.0)];
                for (i, &(first, last)) in levels.iter().enumerate() {
                    if ends[i + 1] > ends[i] {
                        this.pieces.push(Piece { from: ends[i], to: ends[i + 1], first, last });
                    }
                }
            }
            Some(Profile::Recorded(points)) => {
                for (i, &(from, factor)) in points.iter().enumerate() {
                    let to = points.get(i + 1).map_or(f64::INFINITY, |p| p.0);
                    let from = if i == 0 { 0.0 } else { from };
                    if to > from {
                        this.pieces.push(step(from, to, factor));
                    }
                }
            }
        }
        this
    }

    /// The profile begins at this instant.
    pub(crate) fn start(&mut self, origin: f64) {
        self.origin = origin;
    }

    /// Whether the factor is 1 forever.
    #[inline(always)]
    pub(crate) fn is_constant(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Events make the load this many times what the profile says.
    pub(crate) fn set_boost(&mut self, factor: f64) {
        self.boost = factor;
    }

    /// How often a population must follow the profile: a hundredth of its shortest piece.
    pub(crate) fn step(&self) -> Option<f64> {
        let shortest =
            self.pieces.iter().map(|p| p.to - p.from).filter(|l| l.is_finite()).fold(f64::INFINITY, f64::min);
        shortest.is_finite().then_some((shortest / 100.0).max(1e-3))
    }

    /// The factor at an instant.
    pub(crate) fn at(&self, time: f64) -> f64 {
        if self.pieces.is_empty() {
            return 1.0;
        }
        let (_, local) = self.local(time);
        let piece = &self.pieces[self.piece(local)];
        self.boost * piece.value(local)
    }

    /// Start of the period that an instant lies in, and the time inside it.
    fn local(&self, time: f64) -> (f64, f64) {
        let since = (time - self.origin).max(0.0);
        if self.period.is_finite() {
            let base = (since / self.period).floor() * self.period;
            (base, (since - base).clamp(0.0, self.period))
        } else {
            (0.0, since)
        }
    }

    /// The piece at a local time.
    fn piece(&self, local: f64) -> usize {
        self.pieces.partition_point(|p| p.to <= local).min(self.pieces.len() - 1)
    }

    /// The area under the factor over one period.
    fn whole(&self) -> f64 {
        self.boost * self.pieces.iter().map(|p| 0.5 * (p.first + p.last) * (p.to - p.from)).sum::<f64>()
    }

    /// The instant at which the area under the factor from `now` on reaches `area`; infinite when it never does.
    pub(crate) fn after(&self, now: f64, area: f64) -> f64 {
        if self.pieces.is_empty() {
            return now + area;
        }
        let mut left = area;
        let mut time = now;
        if time < self.origin {
            let factor = self.boost * self.pieces[0].value(0.0);
            let room = if factor > 0.0 { factor * (self.origin - time) } else { 0.0 };
            if room >= left {
                return time + left / factor;
            }
            if self.origin == f64::INFINITY {
                return f64::INFINITY;
            }
            left -= room;
            time = self.origin;
        }
        let (mut base, local) = self.local(time);
        let mut at = self.piece(local);
        let mut from = local;
        let mut idle = 0.0;
        loop {
            let piece = &self.pieces[at];
            let (first, last) = (self.boost * piece.value(from), self.boost * piece.last);
            let length = piece.to - from;
            let room = if length.is_finite() {
                0.5 * (first + last) * length
            } else if first > 0.0 {
                f64::INFINITY
            } else {
                0.0
            };
            if room >= left {
                return self.origin + base + from + inside(first, last, length, left);
            }
            left -= room;
            idle = if room > 0.0 { 0.0 } else { idle + length };
            if piece.to == f64::INFINITY || idle > 2.0 * self.period {
                return f64::INFINITY;
            }
            at += 1;
            from = piece.to;
            if at == self.pieces.len() {
                (at, from) = (0, 0.0);
                base += self.period;
                let whole = self.whole();
                if whole > 0.0 && left > MANY * whole {
                    let skipped = (left / whole).floor() - 1.0;
                    left -= skipped * whole;
                    base += skipped * self.period;
                    if !base.is_finite() || !left.is_finite() {
                        return f64::INFINITY;
                    }
                }
            }
        }
    }

    /// The area under the factor between two instants.
    pub(crate) fn area(&self, from: f64, to: f64) -> f64 {
        if self.pieces.is_empty() {
            return to - from;
        }
        // Used when an event changes the boost while one gap is pending: a bisection-free walk over the few pieces between.
        let (mut time, mut sum) = (from, 0.0);
        if time < self.origin {
            let end = to.min(self.origin);
            sum += self.boost * self.pieces[0].value(0.0) * (end - time);
            time = end;
        }
        while time < to {
            let (base, local) = self.local(time);
            if to - time > MANY * self.period {
                let skipped = ((to - time) / self.period).floor() - 1.0;
                sum += skipped * self.whole();
                time += skipped * self.period;
                continue;
            }
            let piece = &self.pieces[self.piece(local)];
            let end = (self.origin + base + piece.to).min(to);
            if end <= time {
                break;
            }
            let last = piece.value(end - self.origin - base);
            sum += self.boost * 0.5 * (piece.value(local) + last) * (end - time);
            time = end;
        }
        sum
    }
}

impl Piece {
    /// Factor at a time inside the piece.
    fn value(&self, time: f64) -> f64 {
        if self.first == self.last || !self.to.is_finite() {
            return self.first;
        }
        let share = ((time - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        self.first + (self.last - self.first) * share
    }
}

/// Time at which the area under a line from `first` to `last` over `length` reaches `area`.
fn inside(first: f64, last: f64, length: f64, area: f64) -> f64 {
    if first == last || !length.is_finite() {
        return area / first;
    }
    let slope = (last - first) / length;
    // first x + slope x²/2 = area, in the form that does not cancel.
    2.0 * area / (first + (first * first + 2.0 * slope * area).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_up_to_the_instant_found_is_the_area_asked_for() {
        let day = Profile::Periodic { step: 10.0, factors: vec![0.2, 1.0, 0.0, 0.5] };
        let spike = Profile::Spike { at: 5.0, ramp: 2.0, hold: 10.0, factor: 4.0 };
        let recorded = Profile::Recorded(vec![(0.0, 0.5), (3.0, 2.0), (7.0, 1.0)]);
        for profile in [day, spike, recorded] {
            let intensity = Intensity::new(Some(&profile), 2.0, true);
            for now in [0.0, 1.5, 2.0, 6.0, 8.5, 21.0, 55.0] {
                for area in [0.01, 1.0, 7.0, 40.0, 12_345.6, 5e9] {
                    let end = intensity.after(now, area);
                    let got = intensity.area(now, end);
                    assert!((got - area).abs() < 1e-9 * (1.0 + area), "{profile:?} from {now}: {got} for {area}");
                }
            }
        }
    }

    #[test]
    fn a_gap_of_many_periods_is_not_walked() {
        // An arrival in 30 million years, by the hour: its periods would take hours to walk.
        let hours = Profile::Periodic { step: 3600.0, factors: vec![1.0; 24] };
        for (area, want) in [(1e15, 1e15), (1e30, 1e30), (1e305, 1e305), (f64::INFINITY, f64::INFINITY)] {
            let after = Intensity::new(Some(&hours), 0.0, true).after(0.0, area);
            assert!(after == want || (after / want - 1.0).abs() < 1e-9, "{after} for {area}");
        }
    }

    #[test]
    fn no_load_has_no_next_arrival() {
        let none = Profile::Periodic { step: 1.0, factors: vec![0.0, 0.0] };
        assert_eq!(Intensity::new(Some(&none), 0.0, true).after(0.3, 1.0), f64::INFINITY);
        let ended = Profile::Recorded(vec![(0.0, 1.0), (1.0, 0.0)]);
        assert_eq!(Intensity::new(Some(&ended), 0.0, true).after(0.9, 1.0), f64::INFINITY);
    }
}
