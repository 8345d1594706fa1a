//! What happened when: requests per endpoint in at most [`MOST_BINS`] stretches of equal length. The stretches double when the run
//! outgrows them, so memory is bounded whatever the length of the run.

use super::latency::Latency;
use std::collections::VecDeque;

/// Most stretches kept.
pub const MOST_BINS: usize = 360;
/// Endpoints followed over time; the rest count in the sum only.
pub const MOST_ENDPOINTS: usize = 16;
/// Latencies kept exactly per stretch and endpoint.
const KEEP: usize = 32;

/// Requests of one endpoint in one stretch.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Finished requests.
    pub requests: u64,
    /// Failed ones among them.
    pub errors: u64,
    /// Sum of latencies in milliseconds, over all of them.
    pub total_ms: f64,
    /// Their distribution, where the file has single requests.
    pub latency: Latency,
}

impl Default for Cell {
    fn default() -> Self {
        Self { requests: 0, errors: 0, total_ms: 0.0, latency: Latency::new(KEEP) }
    }
}

impl Cell {
    /// Adds all of another cell.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.total_ms += other.total_ms;
        self.latency.merge(&other.latency);
    }
}

/// One stretch of time.
#[derive(Debug, Clone, Default)]
pub struct Bin {
    /// By endpoint number.
    pub cells: Vec<Cell>,
    /// Endpoints beyond [`MOST_ENDPOINTS`], together.
    pub rest: Cell,
    users_sum: f64,
    users_count: u32,
}

impl Bin {
    /// Mean users over the stretch.
    pub fn users(&self) -> Option<f64> {
        (self.users_count > 0).then(|| self.users_sum / f64::from(self.users_count))
    }

    /// The cell of an endpoint.
    pub fn cell(&mut self, endpoint: usize) -> &mut Cell {
        if endpoint >= MOST_ENDPOINTS {
            return &mut self.rest;
        }
        if self.cells.len() <= endpoint {
            self.cells.resize_with(endpoint + 1, Cell::default);
        }
        &mut self.cells[endpoint]
    }

    fn merge(&mut self, other: &Self) {
        for (endpoint, cell) in other.cells.iter().enumerate() {
            self.cell(endpoint).merge(cell);
        }
        self.rest.merge(&other.rest);
        self.users_sum += other.users_sum;
        self.users_count += other.users_count;
    }
}

/// Requests over time.
#[derive(Debug, Clone)]
pub struct Timeline {
    origin_s: Option<f64>,
    width_s: f64,
    per_width: f64,
    bins: VecDeque<Bin>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { origin_s: None, width_s: 1.0, per_width: 1.0, bins: VecDeque::new() }
    }
}

impl Timeline {
    /// Start of the first stretch, in the file's seconds.
    pub fn origin_s(&self) -> Option<f64> {
        self.origin_s
    }

    /// Length of a stretch in seconds.
    pub fn width_s(&self) -> f64 {
        self.width_s
    }

    /// The stretches in time order.
    pub fn bins(&self) -> impl ExactSizeIterator<Item = &Bin> {
        self.bins.iter()
    }

    /// The stretch that holds `at_s`; nothing for a time that is no number.
    pub fn at(&mut self, at_s: f64) -> Option<&mut Bin> {
        // Nearly always the stretch is there already.
        if let Some(origin) = self.origin_s {
            let place = (at_s - origin) * self.per_width;
            if place >= 0.0 && place < self.bins.len() as f64 {
                return self.bins.get_mut(place as usize);
            }
        }
        if !at_s.is_finite() || at_s.abs() > 1e12 {
            return None;
        }
        let mut origin = *self.origin_s.get_or_insert(at_s);
        while (at_s - origin).abs() / self.width_s >= MOST_BINS as f64 || self.needed(at_s, origin) > MOST_BINS as f64 {
            self.widen();
            origin = self.origin_s.unwrap_or(at_s);
        }
        while at_s < origin {
            self.bins.push_front(Bin::default());
            origin -= self.width_s;
            self.origin_s = Some(origin);
        }
        let place = ((at_s - origin) / self.width_s) as usize;
        while self.bins.len() <= place {
            self.bins.push_back(Bin::default());
        }
        self.bins.get_mut(place)
    }

    /// Notes the number of users at a time.
    pub fn users(&mut self, at_s: f64, users: f64) {
        if let Some(bin) = self.at(at_s) {
            bin.users_sum += users;
            bin.users_count += 1;
        }
    }

    /// Stretches needed with `at_s` among them.
    fn needed(&self, at_s: f64, origin: f64) -> f64 {
        let before = ((origin - at_s) / self.width_s).ceil().max(0.0);
        let after = ((at_s - origin) / self.width_s).floor() + 1.0;
        before + after.max(self.bins.len() as f64)
    }

    fn widen(&mut self) {
        let old = std::mem::take(&mut self.bins);
        // A power of two, so its inverse is exact.
        self.width_s *= 2.0;
        self.per_width = 1.0 / self.width_s;
        for (index, bin) in old.into_iter().enumerate() {
            match self.bins.back_mut() {
                Some(last) if index % 2 == 1 => last.merge(&bin),
                _ => self.bins.push_back(bin),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_widens_and_loses_nothing() {
        let mut timeline = Timeline::default();
        for second in 0..10_000 {
            let bin = timeline.at(1e9 + f64::from(second)).unwrap();
            bin.cell(0).requests += 2;
            bin.cell(MOST_ENDPOINTS + 3).requests += 1;
        }
        timeline.at(1e9 - 50.0).unwrap().cell(0).requests += 1;
        assert!(timeline.bins().len() <= MOST_BINS && timeline.width_s() >= 16.0);
        assert_eq!(timeline.bins().flat_map(|bin| bin.cells.first()).map(|cell| cell.requests).sum::<u64>(), 20_001);
        assert_eq!(timeline.bins().map(|bin| bin.rest.requests).sum::<u64>(), 10_000);
        assert!(timeline.at(f64::NAN).is_none());
        timeline.at(0.0).unwrap();
        assert!(timeline.bins().len() <= MOST_BINS);
    }
}
