//! From single requests to measurements: formats that hold every request hand them here one by one.

use super::fingerprints::Fingerprints;
use super::latency::{Latency, plausible_ms};
use super::levels::{Point, Span, steady_levels};
use super::names::{self, Collapsed};
use super::negative::Negative;
use super::timeline::{Bin, Cell, Timeline};
use crate::measurements::{Endpoint, Figures, LatencyOf, Level, Measurements, Series, Warning};
use crate::read::time;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Latencies kept exactly per endpoint.
const KEEP: usize = 8192;
/// Endpoints told apart; later ones count as [`OTHERS`].
const MOST_ENDPOINTS: usize = 500;
/// Raw names remembered.
const MOST_NAMES: usize = 20_000;
/// Names looked at before the table of all.
const MOST_RECENT: usize = 8;
/// Causes of failure told apart per endpoint.
const MOST_CAUSES: usize = 40;
/// The endpoint of names beyond [`MOST_ENDPOINTS`].
const OTHERS: &str = "(other endpoints)";

/// One finished request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// When it started: seconds since the Unix epoch, or from the start of the run. Absent when the file does not say.
    pub start_s: Option<f64>,
    /// HTTP method, empty when unknown.
    pub method: &'a str,
    /// Path, URL or label as in the file.
    pub name: &'a str,
    /// Response time in milliseconds.
    pub latency_ms: f64,
    /// Why it failed (status or error); absent when it did not.
    pub failure: Option<&'a str>,
}

#[derive(Debug, Clone)]
struct Seen {
    name: String,
    latency: Latency,
    errors: u64,
    causes: BTreeMap<String, u64>,
    dropped: bool,
}

/// Whether a time is a whole second, but for what adding and taking off a latency leaves.
fn whole(at_s: f64) -> bool {
    (at_s - at_s.round()).abs() < 1e-5
}

/// Collects requests.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    keep_names: bool,
    ids: HashMap<String, usize>,
    key: String,
    /// The names seen last, which are most of them in most files.
    recent: Vec<(String, String, usize)>,
    next_recent: usize,
    endpoints: Vec<Seen>,
    by_name: HashMap<String, usize>,
    collapsed: Collapsed,
    hosts: BTreeSet<String>,
    timeline: Timeline,
    fingerprints: Fingerprints,
    from_s: Option<f64>,
    to_s: Option<f64>,
    /// Of some request neither start nor end is a whole second.
    fine: bool,
    unnamed: bool,
    no_errors: bool,
    no_latency: bool,
    line: u64,
    negative: Negative,
}

impl Recorder {
    /// An empty one; `keep_names` leaves identifiers in endpoint names.
    pub fn new(keep_names: bool) -> Self {
        Self { keep_names, ..Self::default() }
    }

    /// Says that the file does not tell which requests failed: no number of errors is given.
    pub fn without_errors(&mut self) {
        self.no_errors = true;
    }

    /// Says that the file does not tell how long requests took: no latency is given.
    pub fn without_latency(&mut self) {
        self.no_latency = true;
    }

    /// Says in which line of the file the next requests stand, for the place of one that cannot be.
    pub fn at_line(&mut self, line: u64) {
        self.line = line;
    }

    /// What could not be a request, in words; nothing where all were.
    pub fn impossible(&self) -> Option<String> {
        self.negative.first().map(|first| format!("a time of {first}"))
    }

    /// Number of requests so far.
    pub fn requests(&self) -> u64 {
        self.endpoints.iter().map(|seen| seen.latency.count()).sum()
    }

    /// Seconds from the first start to the last end so far.
    pub fn length_s(&self) -> f64 {
        self.from_s.zip(self.to_s).map_or(0.0, |(from, to)| to - from)
    }

    /// Adds a request; one that took less than no time is counted apart and in no figure.
    pub fn request(&mut self, request: &Request<'_>) {
        if request.latency_ms < 0.0 {
            return self.negative.note(request.latency_ms, self.line);
        }
        let endpoint = self.endpoint(request.method, request.name);
        let seen = &mut self.endpoints[endpoint];
        seen.latency.add(request.latency_ms);
        if let Some(cause) = request.failure {
            seen.errors += 1;
            count_cause(&mut seen.causes, cause);
        }
        let Some(start_s) = request.start_s else { return };
        // Some logs are stamped at the end: either time may be the one that is written.
        let coarse = whole(start_s) || whole(start_s + request.latency_ms / 1e3);
        self.fine = self.fine || !coarse;
        let latency_ms = plausible_ms(request.latency_ms);
        self.span(start_s, start_s + latency_ms / 1e3);
        self.fingerprints.note(start_s, latency_ms);
        if let Some(bin) = self.timeline.at(start_s) {
            let cell = bin.cell(endpoint);
            cell.requests += 1;
            cell.errors += u64::from(request.failure.is_some());
            cell.total_ms += latency_ms;
            cell.latency.add(latency_ms);
        }
    }

    /// Notes the number of users at a time.
    pub fn users(&mut self, at_s: f64, users: f64) {
        self.timeline.users(at_s, users);
    }

    /// Notes that the run lasted at least over this stretch.
    pub fn span(&mut self, from_s: f64, to_s: f64) {
        if from_s.abs() < 1e12 && to_s.abs() < 1e12 {
            self.from_s = Some(self.from_s.map_or(from_s, |start| start.min(from_s)));
            self.to_s = Some(self.to_s.map_or(to_s, |end| end.max(to_s)));
        }
    }

    /// Names of the endpoints so far.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(|seen| seen.name.as_str())
    }

    /// Leaves an endpoint out of everything; the number of its requests.
    pub fn drop_endpoint(&mut self, name: &str) -> u64 {
        let Some(&index) = self.by_name.get(name) else { return 0 };
        self.endpoints[index].dropped = true;
        self.endpoints[index].latency.count()
    }

    /// The figures of all requests.
    pub fn finish(mut self) -> Measurements {
        self.timeline.settle();
        let mut found = Measurements::default();
        found.warnings.extend(self.negative.warning());
        let kept: Vec<(usize, &Seen)> = self.endpoints.iter().enumerate().filter(|(_, seen)| !seen.dropped).collect();
        let mut all = Seen::new(String::new());
        for (_, seen) in &kept {
            all.latency.merge(&seen.latency);
            all.errors += seen.errors;
            for (cause, count) in &seen.causes {
                *all.causes.entry(cause.clone()).or_default() += count;
            }
        }
        let absolute = self.from_s.is_some_and(|start| start > 1e8);
        found.started = self.from_s.filter(|_| absolute).and_then(time::rfc3339);
        // Of starts that are all the same whole second nothing tells how long the run was.
        let span =
            self.from_s.zip(self.to_s).filter(|(from, to)| self.fine || all.latency.count() < 2 || to - from >= 1.0);
        found.duration_s = span.map(|(from, to)| to - from).filter(|length| *length > 0.0);
        let mut totals = self.figures(&all, found.duration_s);
        totals.users = self.most_users();
        found.totals = Some(totals);
        if kept.len() > 1 || !self.unnamed {
            found.endpoints = kept
                .iter()
                .map(|(_, seen)| Endpoint { name: seen.name.clone(), figures: self.figures(seen, found.duration_s) })
                .collect();
        }
        let ids: Vec<usize> = kept.iter().map(|(index, _)| *index).collect();
        let view = View { timeline: &self.timeline, start_s: self.from_s.unwrap_or(0.0), absolute, endpoints: &ids };
        found.levels = view.levels(|index| self.endpoints[index].name.clone());
        found.series = view.series();
        found.fingerprints = std::mem::take(&mut self.fingerprints).finish();
        if self.no_latency {
            found.levels.iter_mut().for_each(|level| level.figures.latency_ms.clear());
            found.series.retain(|series| !series.name.ends_with("_ms"));
        }
        if self.no_errors {
            found.levels.iter_mut().for_each(|level| level.figures.errors = None);
        }
        super::warn::paused(&mut found, &self.timeline.pauses_s());
        if self.hosts.len() > 1 {
            let text = "Requests went to several hosts; equal paths on them are counted as one endpoint. If these are different \
                        environments, import them apart.";
            let hosts: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
            found.warnings.push(Warning::new("mixed-environments", text).with("hosts", hosts));
        }
        let evidence = self.collapsed.evidence();
        if !evidence.is_empty() {
            let text = "Paths that differ in an identifier only are counted as one endpoint, with `:id` in its place.";
            found.warnings.push(Warning { code: "identifiers-collapsed".to_owned(), text: text.to_owned(), evidence });
        }
        found
    }

    fn figures(&self, seen: &Seen, duration_s: Option<f64>) -> Figures {
        let mut figures = seen.figures(duration_s);
        if self.no_errors {
            figures.errors = None;
        }
        if self.no_latency {
            (figures.latency_ms, figures.histogram, figures.latency_of) = (BTreeMap::new(), Vec::new(), None);
        }
        figures
    }

    fn most_users(&self) -> Option<f64> {
        self.timeline.bins().filter_map(Bin::users).max_by(f64::total_cmp)
    }

    /// The number of the endpoint of that raw name.
    fn endpoint(&mut self, method: &str, raw: &str) -> usize {
        let known = |known: &&(String, String, usize)| same(&known.1, raw) && same(&known.0, method);
        if let Some((_, _, index)) = self.recent.iter().find(known) {
            return *index;
        }
        self.key.clear();
        self.key.push_str(method);
        self.key.push(' ');
        self.key.push_str(raw);
        let index = match self.ids.get(&self.key) {
            Some(index) => *index,
            None => self.new_name(method, raw),
        };
        if self.recent.len() < MOST_RECENT {
            self.recent.push((method.to_owned(), raw.to_owned(), index));
        } else if self.ids.len() <= 2 * MOST_RECENT {
            self.next_recent = (self.next_recent + 1) % MOST_RECENT;
            self.recent[self.next_recent] = (method.to_owned(), raw.to_owned(), index);
        }
        index
    }

    fn new_name(&mut self, method: &str, raw: &str) -> usize {
        let name = names::label(self.keep_names, method, raw);
        if !self.keep_names {
            self.collapsed.note(raw, &name);
        }
        self.unnamed |= raw.trim().is_empty();
        if let Some(host) = names::host(raw).filter(|_| self.hosts.len() < 20) {
            self.hosts.insert(host.to_owned());
        }
        let index = match self.by_name.get(&name) {
            Some(index) => *index,
            None if self.endpoints.len() < MOST_ENDPOINTS => self.add(name),
            None => self.by_name.get(OTHERS).copied().unwrap_or_else(|| self.add(OTHERS.to_owned())),
        };
        if self.ids.len() < MOST_NAMES {
            self.ids.insert(self.key.clone(), index);
        }
        index
    }

    fn add(&mut self, name: String) -> usize {
        self.by_name.insert(name.clone(), self.endpoints.len());
        self.endpoints.push(Seen::new(name));
        self.endpoints.len() - 1
    }
}

/// Whether two short texts are the same: eight bytes at a time, without a call of memcmp for each of the few names it is asked
/// about with every request.
fn same(a: &str, b: &str) -> bool {
    let ((eights, rest), (other_eights, other_rest)) = (a.as_bytes().as_chunks::<8>(), b.as_bytes().as_chunks::<8>());
    let alike = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    a.len() == b.len() && eights.iter().zip(other_eights).all(alike) && rest.iter().zip(other_rest).all(|(a, b)| a == b)
}

fn count_cause(causes: &mut BTreeMap<String, u64>, cause: &str) {
    if let Some(count) = causes.get_mut(cause) {
        *count += 1;
    } else if causes.len() < MOST_CAUSES {
        causes.insert(cause.chars().take(120).collect(), 1);
    } else {
        *causes.entry("other".to_owned()).or_default() += 1;
    }
}

impl Seen {
    fn new(name: String) -> Self {
        Self { name, latency: Latency::new(KEEP), errors: 0, causes: BTreeMap::new(), dropped: false }
    }

    fn figures(&self, duration_s: Option<f64>) -> Figures {
        Figures {
            requests: Some(self.latency.count()),
            errors: Some(self.errors),
            errors_by: self.causes.clone(),
            rps: duration_s.map(|length| self.latency.count() as f64 / length),
            users: None,
            latency_ms: self.latency.summary(),
            latency_of: Some(LatencyOf::All),
            histogram: self.latency.histogram(),
        }
    }
}

/// A timeline as the measurements show it. Formats with counts per interval fill a [`Timeline`] themselves and use this.
pub struct View<'a> {
    /// What happened when.
    pub timeline: &'a Timeline,
    /// Start of the run, in the timeline's seconds.
    pub start_s: f64,
    /// Whether the timeline's seconds are since the Unix epoch.
    pub absolute: bool,
    /// Numbers of the endpoints that count.
    pub endpoints: &'a [usize],
}

impl View<'_> {
    /// Levels over all requests, each followed by those of its endpoints.
    pub fn levels(&self, name: impl Fn(usize) -> String) -> Vec<Level> {
        let mut levels = Vec::new();
        for span in steady_levels(&self.points()) {
            levels.push(self.level(span, None, None));
            let followed = self.endpoints.iter().filter(|index| **index < super::timeline::MOST_ENDPOINTS);
            let named = followed.map(|index| (*index, name(*index))).filter(|(_, name)| !name.is_empty());
            levels.extend(named.map(|(index, name)| self.level(span, Some(index), Some(name))));
        }
        levels.retain(|level| level.figures.requests.is_some_and(|requests| requests > 0));
        levels
    }

    /// Users, rate, failures and mean latency over time.
    pub fn series(&self) -> Vec<Series> {
        let (width, zero) = (self.timeline.width_s(), if self.absolute { 0.0 } else { self.start_s });
        let stretches = self.timeline.stretches();
        let at = |index: usize| stretches[index].0 - zero + 0.5 * width;
        let cells: Vec<Cell> = stretches.iter().map(|(_, bin)| self.sum(bin)).collect();
        if cells.len() < 3 {
            return Vec::new();
        }
        let series = |name: &str, unit: &str, value: &dyn Fn(usize, &Cell) -> Option<f64>| Series {
            name: name.to_owned(),
            unit: Some(unit.to_owned()),
            points: cells
                .iter()
                .enumerate()
                .filter_map(|(index, cell)| Some((at(index), value(index, cell)?)))
                .collect(),
            ..Series::default()
        };
        let users: Vec<Option<f64>> = stretches.iter().map(|(_, bin)| bin.users()).collect();
        let mut all = vec![
            series("rps", "1/s", &|_, cell| Some(cell.requests as f64 / width)),
            series("users", "1", &|index, _| users[index]),
            series("errors_rps", "1/s", &|_, cell| Some(cell.errors as f64 / width)),
            series("mean_ms", "ms", &|_, cell| (cell.requests > 0).then(|| cell.total_ms / cell.requests as f64)),
            series("p95_ms", "ms", &|_, cell| {
                (cell.latency.count() >= 20).then(|| cell.latency.quantile_ms(0.95)).flatten()
            }),
        ];
        all.retain(|series| series.points.iter().any(|(_, value)| *value != 0.0));
        all
    }

    fn points(&self) -> Vec<Point> {
        let width = self.timeline.width_s();
        let point = |(from_s, bin): (f64, &Bin)| {
            let sum = self.sum(bin);
            Point {
                from_s: from_s - self.start_s,
                to_s: from_s - self.start_s + width,
                requests: sum.requests as f64,
                mean_ms: (sum.requests > 0).then(|| sum.total_ms / sum.requests as f64),
                users: bin.users(),
            }
        };
        carried(self.timeline.stretches().into_iter().map(point).collect())
    }

    fn sum(&self, bin: &Bin) -> Cell {
        let mut sum = Cell::default();
        self.endpoints.iter().filter_map(|index| bin.cells.get(*index)).for_each(|cell| sum.merge(cell));
        sum.merge(&bin.rest);
        sum
    }

    fn level(&self, span: Span, endpoint: Option<usize>, name: Option<String>) -> Level {
        let width = self.timeline.width_s();
        let mut sum = Cell::default();
        let mut users = (0.0, 0.0);
        for (from_s, bin) in self.timeline.stretches() {
            let middle = from_s - self.start_s + 0.5 * width;
            if middle < span.from_s || middle >= span.to_s {
                continue;
            }
            match endpoint {
                None => sum.merge(&self.sum(bin)),
                Some(endpoint) => bin.cells.get(endpoint).into_iter().for_each(|cell| sum.merge(cell)),
            }
            users = bin.users().map_or(users, |value| (users.0 + value, users.1 + 1.0));
        }
        let mut latency_ms = if sum.latency.count() == sum.requests { sum.latency.summary() } else { BTreeMap::new() };
        if sum.requests > 0 {
            latency_ms.insert("mean".to_owned(), sum.total_ms / sum.requests as f64);
        }
        let figures = Figures {
            requests: Some(sum.requests),
            errors: Some(sum.errors),
            rps: Some(sum.requests as f64 / (span.to_s - span.from_s)),
            users: (users.1 > 0.0 && endpoint.is_none()).then(|| users.0 / users.1),
            latency_ms,
            latency_of: Some(LatencyOf::All),
            ..Figures::default()
        };
        Level { from_s: span.from_s.max(0.0), to_s: span.to_s, endpoint: name, steady: span.steady, figures }
    }
}

/// Users carried over stretches in which none were noted, so that a gap is not taken for a change.
fn carried(mut points: Vec<Point>) -> Vec<Point> {
    let mut last = points.iter().find_map(|point| point.users);
    for point in &mut points {
        last = point.users.or(last);
        point.users = last;
    }
    points
}
