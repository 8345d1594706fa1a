//! Guesses at what means what, by name and shape. Everything guessed is shown, and kept in the scenario's map for correction.

use super::mapping::{Mapping, base_name};
use super::report::Note;
use super::units::{self, Reading};
use ingest::Measurements;
use ingest::measurements::Series;
use scenario::Scenario;
use scenario::catalogue::kind_entry;
use scenario::v1::{Arrivals, CallMode, Component, ComponentKind, MapSeries, Traffic};
use std::collections::BTreeMap;

/// Words of a name: lower case, split at anything but letters and digits, plural s removed.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| {
            let lower = w.to_ascii_lowercase();
            if lower.len() > 5 && lower.ends_with("sses") {
                lower[..lower.len() - 2].to_owned()
            } else if lower.len() > 3 && lower.ends_with('s') && !lower.ends_with("ss") {
                lower[..lower.len() - 1].to_owned()
            } else {
                lower
            }
        })
        .collect()
}

fn shared(a: &[String], b: &[String]) -> usize {
    a.iter().filter(|w| b.contains(w)).count()
}

fn label_words(id: &str, label: Option<&String>) -> Vec<String> {
    let mut all = words(id);
    all.extend(label.map(|l| words(l)).unwrap_or_default());
    all
}

/// Endpoints to classes: by shared words, and where as many endpoints as classes are left over, by their order in rate.
pub fn endpoints(scenario: &Scenario, data: &[Measurements], mapping: &mut Mapping) {
    let mut rates: BTreeMap<String, f64> = BTreeMap::new();
    for measurements in data {
        let levels = measurements.levels.iter().filter_map(|l| Some((l.endpoint.clone()?, &l.figures)));
        let named = measurements.endpoints.iter().map(|e| (e.name.clone(), &e.figures));
        for (name, figures) in levels.chain(named) {
            let rate = rates.entry(name).or_insert(0.0);
            *rate = rate.max(figures.rps.unwrap_or(0.0));
        }
    }
    rates.retain(|name, _| !mapping.map.endpoints.contains_key(name));
    if rates.is_empty() {
        return;
    }
    if let [only] = scenario.traffic.as_slice() {
        for name in rates.into_keys() {
            mapping.guesses.push(format!("endpoint {name:?} is traffic {:?}, the only class", only.id));
            mapping.map.endpoints.insert(name, only.id.clone());
        }
        return;
    }
    rates.retain(|name, _| {
        let of_name = words(name);
        let best = scenario.traffic.iter().max_by_key(|t| shared(&of_name, &label_words(&t.id, t.label.as_ref())));
        let Some(class) = best.filter(|t| shared(&of_name, &label_words(&t.id, t.label.as_ref())) > 0) else {
            return true;
        };
        mapping.guesses.push(format!("endpoint {name:?} is traffic {:?}, by name", class.id));
        mapping.map.endpoints.insert(name.clone(), class.id.clone());
        false
    });
    let mut open: Vec<&Traffic> =
        scenario.traffic.iter().filter(|t| !mapping.map.endpoints.values().any(|c| *c == t.id)).collect();
    if open.len() == rates.len() {
        let mut left: Vec<(String, f64)> = rates.into_iter().collect();
        left.sort_by(|a, b| b.1.total_cmp(&a.1));
        open.sort_by(|a, b| load(b).total_cmp(&load(a)));
        for ((name, _), class) in left.into_iter().zip(open) {
            mapping.guesses.push(format!("endpoint {name:?} is traffic {:?}, by its rate", class.id));
            mapping.map.endpoints.insert(name, class.id.clone());
        }
    } else {
        for name in rates.into_keys() {
            let text = "no traffic class has a word of its name; name its class in map.endpoints";
            mapping.unmatched.push(Note::new("endpoint", name, text));
        }
    }
}

fn load(traffic: &Traffic) -> f64 {
    match &traffic.arrivals {
        Arrivals::Open { rate, .. } => rate.value,
        Arrivals::Closed { users, think_time_s } => users.value / think_time_s.value.max(1e-3),
    }
}

/// Series to quantities. A file none of whose series means anything is named, and a series whose unit refuses its name.
pub fn series(scenario: &Scenario, data: &[Measurements], mapping: &mut Mapping) {
    for measurements in data {
        let file = base_name(&measurements.file);
        let mut matched = false;
        let mut refused: Vec<Note> = Vec::new();
        for series in &measurements.series {
            if mapping.entries(file, series).next().is_some() {
                matched = true;
            } else if let Some(entry) = one_series(scenario, measurements, series, mapping) {
                let reading = units::guessed(series, file, &entry.is);
                let share_of_cores = entry.is == "cpu_cores" && units::is_share(series, file);
                if reading == Reading::Cannot || share_of_cores {
                    let note = units::refusal(series, file, &entry.is);
                    if !refused.contains(&note) {
                        refused.push(note);
                    }
                    continue;
                }
                matched = true;
                let (scale, why) = scale(measurements, series, &entry.is, reading);
                let entry = MapSeries { scale, ..entry };
                if !mapping.map.series.contains(&entry) {
                    mapping.guesses.push(format!("{}, scale {}{why}", describe(&entry), scale.unwrap_or(1.0)));
                    mapping.map.series.push(entry);
                }
            }
        }
        let only_series = measurements.endpoints.is_empty()
            && measurements.levels.is_empty()
            && measurements.costs.is_empty()
            && measurements.totals.is_none()
            && measurements.resources.is_empty();
        if only_series && !matched {
            let text = refused.first().map_or_else(
                || "nothing in it matches a component; say in map.series what its series are".to_owned(),
                |refused| refused.text.clone(),
            );
            mapping.unmatched.push(Note::new("file", file, text));
        } else {
            mapping.unmatched.append(&mut refused);
        }
    }
}

/// The scale of a guess, and where it comes from.
fn scale(file: &Measurements, series: &Series, is: &str, reading: Reading) -> (Option<f64>, String) {
    let why = match series.unit.as_ref().filter(|_| units::is_stated(series)) {
        Some(unit) => format!(" (its unit is {unit})"),
        None => " (its name says the unit)".into(),
    };
    match reading {
        Reading::Times(scale) => ((scale != 1.0).then_some(scale), why),
        Reading::Unknown | Reading::Cannot if is.ends_with("_ms") && file.kind.starts_with("prometheus") => {
            (Some(1000.0), " (no unit is said, and Prometheus counts in seconds)".into())
        }
        Reading::Unknown | Reading::Cannot => (None, String::new()),
    }
}

fn describe(entry: &MapSeries) -> String {
    let labels: Vec<String> = entry.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mut text = entry.file.clone().unwrap_or_default();
    for part in [entry.name.clone().unwrap_or_default(), labels.join(",")] {
        if !part.is_empty() {
            text = format!("{text} {part}");
        }
    }
    let place = [entry.component.as_deref(), entry.pool.as_deref(), entry.class.as_deref()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    format!("{text} is {} of {}", entry.is, place.join("/"))
}

/// What a series is, when its words say so.
fn one_series(
    scenario: &Scenario,
    measurements: &Measurements,
    series: &Series,
    mapping: &Mapping,
) -> Option<MapSeries> {
    let file = base_name(&measurements.file);
    let histogram = series.labels.contains_key("le");
    let labels: BTreeMap<String, String> = series
        .labels
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "le" | "instance" | "quantile" | "__name__" | "pod" | "status"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    // A query's answer has no name of its own: then its file's name was chosen for it.
    let named = if series.name.is_empty() { file.rsplit_once('.').map_or(file, |f| f.0) } else { &series.name };
    let mut all = words(named);
    all.extend(labels.values().flat_map(|v| words(v)));
    if !histogram && series.points.len() < 2 && !is_setting(&all) {
        return None;
    }
    let is = of_shares(meaning(&all, histogram)?, units::is_share(series, file));
    // `rate(hits)` is called a hit rate too.
    let is = if is == "hit_ratio" && units::above_one(series, file, &is).is_some() { "hit_rps".into() } else { is };
    // CloudWatch calls every mean so: of what it is one, the rest must say.
    let only_statistic = is == "mean_ms" && !histogram && meaning(&without_statistic(named, &labels), false).is_none();
    if only_statistic && !units::is_time(series, &all) {
        return None;
    }
    let known = same_labels(mapping, &labels);
    let component = known
        .as_ref()
        .and_then(|k| scenario.components.iter().find(|c| Some(&c.id) == k.component.as_ref()))
        .filter(|c| !is.starts_with("pool") || !c.pools.is_empty())
        .or_else(|| component(scenario, &all, &is))?;
    let component = if is.starts_with("pool") && component.pools.is_empty() {
        scenario.components.iter().find(|c| !c.pools.is_empty())?
    } else {
        component
    };
    let pool = if is.starts_with("pool") { Some(component.pools.keys().next()?.clone()) } else { None };
    let class = known.and_then(|k| k.class).or_else(|| class(scenario, mapping, &labels));
    Some(MapSeries {
        file: Some(file.to_owned()),
        name: (!series.name.is_empty()).then(|| series.name.clone()),
        labels,
        component: Some(component.id.clone()),
        pool,
        class,
        is,
        scale: None,
    })
}

/// The words of a series without the statistic that a cloud names beside it.
fn without_statistic(named: &str, labels: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = words(named);
    all.extend(labels.iter().filter(|(key, _)| *key != "statistic").flat_map(|(_, v)| words(v)));
    all
}

/// A number of busy servers, or of hits, that is a share says how busy all of them are, or how often it is a hit.
fn of_shares(is: String, share: bool) -> String {
    match is.as_str() {
        "busy_servers" if share => "utilization".into(),
        "hit_rps" if share => "hit_ratio".into(),
        _ => is,
    }
}

/// Whether a single value can mean something: a size does, a counter at one moment has no rate.
fn is_setting(words: &[String]) -> bool {
    words.iter().any(|w| matches!(w.as_str(), "max" | "size" | "limit" | "replica" | "ratio"))
}

/// An entry of the map with the same labels tells component and class of another series with them.
fn same_labels(mapping: &Mapping, labels: &BTreeMap<String, String>) -> Option<MapSeries> {
    // What a cloud says of every metric tells nothing of one.
    let common = |key: &str| matches!(key, "job" | "instance" | "statistic" | "period_s");
    let telling =
        |e: &&MapSeries| !e.labels.is_empty() && e.labels.iter().all(|(k, v)| !common(k) && labels.get(k) == Some(v));
    mapping.map.series.iter().find(telling).cloned()
}

/// The quantity that the words name, in the contract's terms.
fn meaning(words: &[String], histogram: bool) -> Option<String> {
    let has = |any: &[&str]| any.iter().any(|w| words.iter().any(|have| have == w));
    let generic = ["python", "process", "go", "gc", "node", "promhttp", "scrape", "created"];
    if has(&generic) && !has(&["cpu"]) {
        return None;
    }
    let is = if has(&["pool", "connection"]) && has(&["max", "size", "limit"]) {
        "pool_size"
    } else if has(&["pool"]) && has(&["wait", "acquire"]) {
        "pool_wait_ms"
    } else if has(&["pool"]) && has(&["busy", "usage", "held", "hold"]) {
        "pool_busy"
    } else if has(&["cpu"]) && !has(&["limit", "request", "quota"]) {
        if has(&["utilization", "utilisation", "util"]) { "utilization" } else { "cpu_cores" }
    } else if has(&["hit"]) && has(&["ratio", "rate"]) && !has(&["miss"]) && !has(&["result"]) {
        "hit_ratio"
    } else if has(&["hit"]) {
        "hit_rps"
    } else if has(&["miss"]) {
        "miss_rps"
    } else if has(&["busy"]) {
        "busy_servers"
    } else if has(&["utilization", "utilisation", "util"]) {
        "utilization"
    } else if has(&["p50", "median"]) {
        "p50_ms"
    } else if has(&["p95"]) {
        "p95_ms"
    } else if has(&["p99"]) {
        "p99_ms"
    } else if has(&["mean", "avg", "average"]) || histogram && has(&["duration", "latency", "time", "second"]) {
        "mean_ms"
    } else if has(&["lag"]) {
        "consumer_lag"
    } else if has(&["length", "depth", "backlog"]) || has(&["queue"]) && has(&["message", "ready"]) {
        "queue_length"
    } else if has(&["replica"]) {
        "replicas"
    } else if has(&["flight", "inflight", "concurrent"]) {
        "in_flight"
    } else if has(&["error", "failure", "failed"]) {
        "errors_rps"
    } else if has(&["rate", "rps", "qps"]) {
        "visits_rps"
    } else if has(&["queue"]) {
        "queue_length"
    } else {
        return None;
    };
    Some(is.to_owned())
}

fn is_called(kind: ComponentKind, word: &str) -> bool {
    kind_entry(kind).is_some_and(|entry| entry.called.contains(&word))
}

/// The component with the most words in common: its own names count most, then what its kind is usually called.
fn component<'a>(scenario: &'a Scenario, all: &[String], is: &str) -> Option<&'a Component> {
    let fed_by_queue = |c: &Component| {
        scenario.components.iter().any(|q| q.kind == ComponentKind::Queue && q.calls.iter().any(|call| call.to == c.id))
    };
    let entry = |c: &Component| scenario.traffic.iter().any(|t| t.entry == c.id);
    let score = |c: &Component| {
        let mut score = 4 * shared(&label_words(&c.id, c.label.as_ref()), all);
        score += 2 * usize::from(all.iter().any(|w| is_called(c.kind, w)));
        score += 2 * usize::from(
            fed_by_queue(c) && all.iter().any(|w| matches!(w.as_str(), "job" | "worker" | "consumer" | "task")),
        );
        score += usize::from(entry(c) && all.iter().any(|w| matches!(w.as_str(), "http" | "route" | "api" | "app")));
        // A backlog belongs to a queue, hits to a cache, whatever else the names say.
        score += match (is, c.kind) {
            ("queue_length" | "consumer_lag", ComponentKind::Queue) => 3,
            ("hit_rps" | "miss_rps" | "hit_ratio", ComponentKind::Cache | ComponentKind::Cdn) => 3,
            _ => 0,
        };
        score
    };
    let best = scenario.components.iter().max_by_key(|c| score(c))?;
    let top = score(best);
    let alone = scenario.components.iter().filter(|c| score(c) == top).count() == 1;
    (top > 0 && alone).then_some(best)
}

/// The class whose names, or whose endpoints' names, share a word with the labels; by elimination nothing is guessed.
fn class(scenario: &Scenario, mapping: &Mapping, labels: &BTreeMap<String, String>) -> Option<String> {
    let verbs = ["get", "set", "put", "post", "delete", "patch", "head", "id"];
    let of_labels: Vec<String> =
        labels.values().flat_map(|v| words(v)).filter(|w| !verbs.contains(&w.as_str())).collect();
    let score = |t: &Traffic| {
        let endpoints = mapping.map.endpoints.iter().filter(|(_, c)| **c == t.id).flat_map(|(e, _)| words(e));
        shared(&of_labels, &label_words(&t.id, t.label.as_ref())) + shared(&of_labels, &endpoints.collect::<Vec<_>>())
    };
    let best = scenario.traffic.iter().max_by_key(|t| score(t))?;
    (score(best) > 0).then(|| best.id.clone())
}

/// Whether a component is only reached by messages or asynchronous calls: then no request waits for it.
#[must_use]
pub fn is_asynchronous(scenario: &Scenario, id: &str) -> bool {
    let mut waited: Vec<&str> = scenario.traffic.iter().map(|t| t.entry.as_str()).collect();
    let mut position = 0;
    while position < waited.len() {
        let current = waited[position];
        position += 1;
        let Some(c) = scenario.components.iter().find(|c| c.id == current) else { continue };
        if c.kind == ComponentKind::Queue {
            continue;
        }
        let direct = c.calls.iter().filter(|call| call.mode != Some(CallMode::Async));
        for call in direct.flat_map(|call| std::iter::once(call).chain(call.on_miss.iter())) {
            if call.mode != Some(CallMode::Async) && !waited.contains(&call.to.as_str()) {
                waited.push(&call.to);
            }
        }
    }
    !waited.contains(&id)
}
