//! What happened when: requests per endpoint in at most [`MOST_BINS`] stretches of equal length. The stretches double when the run
//! outgrows them, so memory is bounded whatever the length of the run. A long pause takes no stretch: two runs an hour apart are seen
//! as closely as one.

use super::latency::Latency;

/// Most stretches kept.
pub const MOST_BINS: usize = 360;
/// Endpoints followed over time; the rest count in the sum only.
pub const MOST_ENDPOINTS: usize = 16;
/// Idle stretches, as a multiple of the usual distance of busy ones, from which on they are a pause: by chance so many of a steady
/// load have a probability below a millionth.
const PAUSE: i64 = 20;
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
    /// Start of the stretch of number 0.
    origin_s: Option<f64>,
    width_s: f64,
    per_width: f64,
    /// Number and content of the stretches in which something was, ascending.
    bins: Vec<(i64, Bin)>,
    /// Place of the stretch asked for last, which mostly is the next one too.
    last: usize,
    idle: Bin,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { origin_s: None, width_s: 1.0, per_width: 1.0, bins: Vec::new(), last: 0, idle: Bin::default() }
    }
}

impl Timeline {
    /// Length of a stretch in seconds.
    pub fn width_s(&self) -> f64 {
        self.width_s
    }

    /// The stretches in which something was, in time order.
    pub fn bins(&self) -> impl ExactSizeIterator<Item = &Bin> {
        self.bins.iter().map(|(_, bin)| bin)
    }

    /// Start in the file's seconds and content of all stretches in time order, idle ones too; of a pause only its first and last.
    pub fn stretches(&self) -> Vec<(f64, &Bin)> {
        let (origin, pause) = (self.origin_s.unwrap_or(0.0), self.pause());
        let mut all: Vec<(i64, &Bin)> = Vec::new();
        for (number, bin) in &self.bins {
            if let Some((before, _)) = all.last().copied() {
                let ends = [before + 1, number - 1];
                let idle = if number - before > pause { ends.to_vec() } else { (before + 1..*number).collect() };
                all.extend(idle.into_iter().map(|number| (number, &self.idle)));
            }
            all.push((*number, bin));
        }
        all.into_iter().map(|(number, bin)| (origin + number as f64 * self.width_s, bin)).collect()
    }

    /// Seconds of each pause: when nothing was for much longer than usual.
    pub fn pauses_s(&self) -> Vec<f64> {
        let pause = self.pause();
        let idle = self.distances().filter(|distance| *distance > pause);
        idle.map(|distance| (distance - 1) as f64 * self.width_s).collect()
    }

    /// The stretch that holds `at_s`; nothing for a time that is no number.
    pub fn at(&mut self, at_s: f64) -> Option<&mut Bin> {
        if !at_s.is_finite() || at_s.abs() > 1e12 {
            return None;
        }
        let place = loop {
            let origin = *self.origin_s.get_or_insert(at_s);
            let exact = (at_s - origin) * self.per_width;
            let whole = exact as i64;
            let number = if exact < whole as f64 { whole - 1 } else { whole };
            if self.bins.get(self.last).is_some_and(|(known, _)| *known == number) {
                break self.last;
            }
            match self.bins.binary_search_by_key(&number, |(known, _)| *known) {
                Ok(place) => break place,
                Err(place) if self.bins.len() < MOST_BINS => {
                    self.bins.insert(place, (number, Bin::default()));
                    break place;
                }
                Err(_) => self.widen(),
            }
        };
        self.last = place;
        self.bins.get_mut(place).map(|(_, bin)| bin)
    }

    /// Notes the number of users at a time.
    pub fn users(&mut self, at_s: f64, users: f64) {
        if let Some(bin) = self.at(at_s) {
            bin.users_sum += users;
            bin.users_count += 1;
        }
    }

    /// Widens the stretches until there are at most [`MOST_BINS`] with the idle ones among them; to be called when all is noted.
    pub fn settle(&mut self) {
        loop {
            let pause = self.pause();
            let length: i64 = self.distances().map(|distance| if distance > pause { 3 } else { distance }).sum();
            if length < MOST_BINS as i64 {
                return;
            }
            self.widen();
        }
    }

    /// From each stretch to the next in which something was.
    fn distances(&self) -> impl Iterator<Item = i64> {
        self.bins.windows(2).map(|pair| pair[1].0 - pair[0].0)
    }

    /// The longest distance that is no pause.
    fn pause(&self) -> i64 {
        let mut distances: Vec<i64> = self.distances().collect();
        distances.sort_unstable();
        distances.get(distances.len() / 2).map_or(PAUSE, |usual| usual * PAUSE)
    }

    fn widen(&mut self) {
        let old = std::mem::take(&mut self.bins);
        let first = old.first().map_or(0, |(number, _)| *number);
        self.origin_s = self.origin_s.map(|origin| origin + first as f64 * self.width_s);
        // A power of two, so its inverse is exact.
        self.width_s *= 2.0;
        self.per_width = 1.0 / self.width_s;
        for (number, bin) in old {
            let number = (number - first) / 2;
            match self.bins.last_mut() {
                Some((known, last)) if *known == number => last.merge(&bin),
                _ => self.bins.push((number, bin)),
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
        timeline.settle();
        assert!(timeline.stretches().len() <= MOST_BINS && timeline.pauses_s().len() == 1);
    }

    #[test]
    fn a_pause_takes_no_stretch_and_a_rare_request_is_none() {
        // Seconds of the requests; width, stretches and pauses.
        let row = |from: i64, to: i64, step: usize| (from..to).step_by(step).map(|second| second as f64);
        for (name, seconds, width, stretches, pauses) in [
            ("one run", row(0, 100, 1).collect::<Vec<f64>>(), 1.0, 100, &[][..]),
            ("a day apart", row(0, 60, 1).chain(row(86_400, 86_460, 1)).collect(), 1.0, 122, &[86_340.0][..]),
            ("backwards", row(86_400, 86_460, 1).chain(row(0, 60, 1)).collect(), 1.0, 122, &[86_340.0][..]),
            ("idle for a little", row(0, 60, 1).chain(row(75, 90, 1)).collect(), 1.0, 90, &[][..]),
            ("every two minutes", row(0, 24_000, 120).collect(), 128.0, 187, &[][..]),
        ] {
            let mut timeline = Timeline::default();
            seconds.iter().for_each(|second| timeline.at(*second).unwrap().cell(0).requests += 1);
            timeline.settle();
            let found = timeline.stretches();
            assert!((found.len() as i64 - stretches).abs() <= 1, "{name}: {}", found.len());
            assert_eq!((timeline.width_s(), timeline.pauses_s().as_slice()), (width, pauses), "{name}");
            let requests: u64 = found.iter().filter_map(|(_, bin)| bin.cells.first()).map(|cell| cell.requests).sum();
            assert_eq!(requests, seconds.len() as u64, "{name}");
            assert!(found.windows(2).all(|pair| pair[1].0 > pair[0].0), "{name}");
        }
    }
}
