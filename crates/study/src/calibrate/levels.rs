//! The steady levels of the load tests, per traffic class, with their place in time where the file knows it.

use super::mapping::Mapping;
use super::report::Note;
use crate::result::Named;
use crate::text::short;
use crate::time::epoch_seconds;
use ingest::Measurements;
use ingest::measurements::{Figures, LatencyOf, LoadModel};
use std::collections::BTreeMap;

/// One steady level of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct SteadyLevel {
    /// Import it was read from.
    pub import: String,
    /// Seconds: since the epoch where the file has absolute time, else from the start of the run.
    pub from: f64,
    /// Its end in the same count.
    pub to: f64,
    /// Whether the times are absolute.
    pub absolute: bool,
    /// Users of the load generator, of all classes together, where they waited for answers.
    pub users: Option<f64>,
    /// Figures per traffic class.
    pub classes: BTreeMap<String, ClassLevel>,
}

/// One class at one level.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassLevel {
    /// Requests per second.
    pub rate: f64,
    /// Users of the load generator, where it was closed and this is its only class.
    pub users: Option<f64>,
    /// Requests behind it.
    pub requests: f64,
    /// Seconds it lasted.
    pub seconds: f64,
    /// Failed share.
    pub error_ratio: f64,
    /// Latency by name (`mean`, `p95`, …).
    pub latency_ms: Named,
    /// Whether the latency covers successful requests only.
    pub latency_of_successes: bool,
}

/// Collects the levels of all load tests, ascending by total rate. Whole-run totals are a level of their own only when no
/// stepped file covers the same endpoints: a run of three levels has no percentile of "the" load.
///
/// `looped`: the connections of a whole run are the users of the model's own loop.
///
/// The second list holds percentiles of such whole runs, for classes whose mean hardly moved between levels: then the mixture
/// of levels has the shape of each.
pub fn collect(
    data: &[Measurements],
    ids: &[String],
    mapping: &Mapping,
    looped: bool,
    notes: &mut Vec<Note>,
) -> (Vec<SteadyLevel>, Vec<SteadyLevel>) {
    let (mut levels, mut shapes) = (Vec::new(), Vec::new());
    for (measurements, id) in data.iter().zip(ids) {
        levels.extend(stepped(measurements, id, mapping));
        untold(measurements, mapping, notes);
    }
    let covered: Vec<String> = levels.iter().flat_map(|l| l.classes.keys().cloned()).collect();
    for (measurements, id) in data.iter().zip(ids) {
        if !measurements.levels.iter().any(|l| l.steady) {
            let users = super::closed::connections(measurements).filter(|_| looped);
            let Some(level) = whole_run(measurements, id, mapping, users) else { continue };
            if !level.classes.keys().any(|c| covered.contains(c)) {
                levels.push(level);
                continue;
            }
            let text = "its figures cover a whole run whose levels another file holds; the levels are used instead";
            notes.push(Note::new("whole-run", &measurements.file, text));
            shapes.extend(shape_only(level, &levels));
        }
    }
    levels.sort_by(|a, b| total_rate(a).total_cmp(&total_rate(b)));
    (levels, shapes)
}

/// Largest relative spread of a class's means over levels at which a whole run still has the shape of one level.
const SAME_SHAPE: f64 = 0.15;

/// The percentiles of a whole run for the classes that hardly changed between levels; `None` when none is left.
fn shape_only(mut level: SteadyLevel, levels: &[SteadyLevel]) -> Option<SteadyLevel> {
    level.classes.retain(|id, class| {
        let means = levels.iter().filter_map(|l| l.classes.get(id)?.latency_ms.get("mean").copied());
        let (low, high) = means.fold((f64::INFINITY, 0.0_f64), |(low, high), m| (low.min(m), high.max(m)));
        class.latency_ms.retain(|name, _| super::at_level::probability(name).is_some());
        high > 0.0 && high <= (1.0 + SAME_SHAPE) * low && !class.latency_ms.is_empty()
    });
    (!level.classes.is_empty()).then_some(level)
}

/// Share of failures above which the latency of all requests says little of the work.
const TOO_MANY_ERRORS: f64 = 0.2;

/// Takes the latency of levels where many requests failed out of the fit: failures are fast. Says so, once a class.
pub fn without_failed(levels: &mut [SteadyLevel], missing: &mut Vec<Note>) {
    for level in levels {
        for (id, class) in &mut level.classes {
            if class.error_ratio > TOO_MANY_ERRORS && !class.latency_of_successes && !class.latency_ms.is_empty() {
                class.latency_ms.clear();
                let text = format!(
                    "{:.0} % of its requests failed at {}/s: that level's latency is of failures and is not used; find what failed, and repeat it",
                    100.0 * class.error_ratio,
                    short(class.rate)
                );
                missing.push(Note::new("failed-level", format!("traffic.{id}"), text));
            }
        }
    }
}

/// Requests per second of all classes.
#[must_use]
pub fn total_rate(level: &SteadyLevel) -> f64 {
    level.classes.values().map(|c| c.rate).sum()
}

/// Share of a level's requests that its endpoints may lack before it is said.
const UNTOLD: f64 = 0.02;

/// Levels whose endpoints, of which a file tells few apart level by level, do not make up all of their requests.
fn untold(measurements: &Measurements, mapping: &Mapping, notes: &mut Vec<Note>) {
    if mapping.only_class().is_some() {
        return;
    }
    let steady = || measurements.levels.iter().filter(|level| level.steady);
    let named = |from: f64| -> f64 {
        let here = steady().filter(|level| level.endpoint.is_some() && (level.from_s - from).abs() < 1e-6);
        here.filter_map(|level| level.figures.rps).sum()
    };
    let short_by = |level: &ingest::measurements::Level| {
        let (all, named) = (level.figures.rps?, named(level.from_s));
        (named > 0.0 && named < (1.0 - UNTOLD) * all).then_some((all, named))
    };
    let found = steady().filter(|level| level.endpoint.is_none()).find_map(short_by);
    if let Some((all, named)) = found {
        let text = format!(
            "a level of {}/s counts with {}/s: only some endpoints are told apart level by level, and the others' requests are in none of them; name fewer (group them in the load test), or fit one class",
            short(all),
            short(named)
        );
        notes.push(Note::new("endpoints-beyond", &measurements.file, text));
    }
}

fn stepped(measurements: &Measurements, id: &str, mapping: &Mapping) -> Vec<SteadyLevel> {
    let start = measurements.started.as_deref().and_then(epoch_seconds);
    let mut levels: Vec<SteadyLevel> = Vec::new();
    // Few endpoints are told apart level by level: where there is one class, all are of it, and the figures of all requests are exact.
    let all_of_one =
        mapping.only_class().is_some() && measurements.levels.iter().any(|l| l.steady && l.endpoint.is_none());
    let by_endpoint = !all_of_one && measurements.levels.iter().any(|l| l.endpoint.is_some());
    for level in measurements.levels.iter().filter(|l| l.steady && l.endpoint.is_some() == by_endpoint) {
        let class = match &level.endpoint {
            Some(endpoint) => mapping.class_of(endpoint),
            None => mapping.only_class(),
        };
        let seconds = level.to_s - level.from_s;
        let (Some(class), true) = (class, seconds > 0.0) else { continue };
        let from = start.unwrap_or(0.0) + level.from_s;
        let position = levels.iter().position(|l| (l.from - from).abs() < 1e-6).unwrap_or_else(|| {
            levels.push(SteadyLevel {
                import: id.to_owned(),
                from,
                to: from + seconds,
                absolute: start.is_some(),
                users: users(measurements, level.from_s),
                classes: BTreeMap::new(),
            });
            levels.len() - 1
        });
        if let Some(figures) = class_level(&level.figures, seconds) {
            add(levels[position].classes.entry(class.to_owned()).or_default(), figures);
        }
    }
    levels.retain(|l| !l.classes.is_empty());
    for level in levels.iter_mut().filter(|l| l.classes.len() == 1) {
        let users = level.users;
        level.classes.values_mut().for_each(|class| class.users = users);
    }
    levels
}

/// Users of a closed generator over the level that starts there: of all endpoints, or of the one that says them.
fn users(measurements: &Measurements, from_s: f64) -> Option<f64> {
    let closed = measurements.model != Some(LoadModel::Open);
    let here = measurements.levels.iter().filter(|l| l.steady && (l.from_s - from_s).abs() < 1e-6);
    here.filter(|_| closed)
        .filter_map(|l| Some((l.endpoint.is_some(), l.figures.users?)))
        .min_by_key(|u| u.0)
        .map(|u| u.1)
}

fn whole_run(measurements: &Measurements, id: &str, mapping: &Mapping, users: Option<f64>) -> Option<SteadyLevel> {
    let start = measurements.started.as_deref().and_then(epoch_seconds);
    let mut level = SteadyLevel {
        import: id.to_owned(),
        from: start.unwrap_or(0.0),
        to: start.unwrap_or(0.0),
        absolute: start.is_some(),
        users,
        classes: BTreeMap::new(),
    };
    let named = measurements.endpoints.iter().filter_map(|e| Some((mapping.class_of(&e.name)?, &e.figures)));
    let total = measurements.totals.iter().filter_map(|t| Some((mapping.only_class()?, t)));
    let figures: Vec<(&str, &Figures)> =
        if measurements.endpoints.is_empty() { total.collect() } else { named.collect() };
    for (class, figures) in figures {
        let seconds = measurements.duration_s.or_else(|| Some(figures.requests? as f64 / figures.rps?)).unwrap_or(0.0);
        if seconds <= 0.0 {
            continue;
        }
        level.to = level.to.max(level.from + seconds);
        if let Some(figures) = class_level(figures, seconds) {
            add(level.classes.entry(class.to_owned()).or_default(), figures);
        }
    }
    if level.classes.len() == 1 {
        level.classes.values_mut().for_each(|class| class.users = users);
    }
    (!level.classes.is_empty()).then_some(level)
}

/// Figures of one endpoint; `None` without requests or rate.
fn class_level(figures: &Figures, seconds: f64) -> Option<ClassLevel> {
    let requests = figures.requests.map(|r| r as f64).or_else(|| Some(figures.rps? * seconds))?;
    let rate = figures.rps.unwrap_or(requests / seconds);
    if requests.is_nan() || requests <= 0.0 || rate <= 0.0 {
        return None;
    }
    let errors = figures.errors.map_or(0.0, |e| e as f64);
    Some(ClassLevel {
        rate,
        users: None,
        requests,
        seconds,
        error_ratio: (errors / requests).clamp(0.0, 1.0),
        latency_of_successes: figures.latency_of == Some(LatencyOf::Ok),
        latency_ms: figures.latency_ms.iter().filter(|(_, v)| v.is_finite()).map(|(k, v)| (k.clone(), *v)).collect(),
    })
}

/// Several endpoints in one class: rates add, means weigh by requests. Percentiles of a mixture are not the mixture of
/// percentiles, so only a class of one endpoint keeps them.
fn add(class: &mut ClassLevel, other: ClassLevel) {
    if class.requests <= 0.0 {
        *class = other;
        return;
    }
    let requests = class.requests + other.requests;
    let weigh = |a: f64, b: f64| (a * class.requests + b * other.requests) / requests;
    let mean = class.latency_ms.get("mean").zip(other.latency_ms.get("mean")).map(|(a, b)| weigh(*a, *b));
    class.error_ratio = weigh(class.error_ratio, other.error_ratio);
    class.latency_ms = mean.map(|m| ("mean".to_owned(), m)).into_iter().collect();
    class.requests = requests;
    class.rate += other.rate;
    class.seconds = class.seconds.max(other.seconds);
    class.latency_of_successes &= other.latency_of_successes;
}
