//! JSON lines with a duration: access logs of proxies and applications, one object per request.
//!
//! Known writers (Caddy, Traefik, nginx, Envoy, Google Cloud) have known units; for others the unit is taken from the key
//! (`duration_ms`) or asked.

use super::raw::{self, LineFormat, State};
use super::status::failure;
use super::table::{DURATIONS, ENDPOINTS, METHODS, STATUSES, TIMES, split_unit};
use crate::read::text::{self, TimeUnit};
use crate::read::{Reader, json, time};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;
use crate::sense::warn;
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "json-lines",
    title: "JSON lines with a duration (access logs of applications and proxies)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "Caddy 2.6.2, nginx 1.22.1 (log_format in JSON); Traefik, Envoy, Google Cloud by their documentation",
        used: "every request: time, method, path, status, duration",
        traps: "the unit is that of the known writer or of the key's name, else it is asked",
        evidence: "own run",
    },
};

/// Where the figures of a line are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    pub(crate) time: Option<Vec<String>>,
    pub(crate) duration: Vec<String>,
    pub(crate) unit: Option<TimeUnit>,
    pub(crate) method: Option<Vec<String>>,
    pub(crate) path: Option<Vec<String>>,
    pub(crate) status: Option<Vec<String>>,
    /// The time is when the request was done.
    pub(crate) at_end: bool,
}

fn first_value(head: &Head<'_>) -> Option<Value> {
    let first = head.first_line();
    if !first.starts_with('{') || !(head.is_json_lines() || head.text().trim_end().lines().count() == 1) {
        return None;
    }
    serde_json::from_str(first).ok()
}

fn fits(head: &Head<'_>) -> Fit {
    match first_value(head).and_then(|value| keys(&value)) {
        // A single object may also be a document of another kind.
        Some(_) if head.is_json_lines() => Fit::Maybe,
        _ => Fit::No,
    }
}

/// Whether the lines have a duration whose unit is unknown.
pub fn lacks_unit(head: &Head<'_>) -> bool {
    first_value(head).and_then(|value| keys(&value)).is_some_and(|keys| keys.unit.is_none())
}

/// A value at a path of keys.
pub(crate) fn at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |inner, key| inner.get(key))
}

/// The keys of the first three levels, the upper ones first.
pub(crate) fn paths(value: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    below(value, &[], &mut paths);
    paths.sort_by_key(Vec::len);
    paths
}

fn below(value: &Value, above: &[String], paths: &mut Vec<Vec<String>>) {
    for (key, inner) in json::members(value, &[]) {
        let path = [above, &[key.to_owned()]].concat();
        if inner.is_object() && path.len() < 3 {
            below(inner, &path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// What the keys of a line mean.
pub(crate) fn keys(value: &Value) -> Option<Keys> {
    let paths = paths(value);
    // What is further down is of something else more often than not: the level goes before the name, and on the third only
    // names with their whole path count.
    let find = |names: &[&str]| {
        let at_depth = |depth: usize| {
            let own = |path: &&Vec<String>| path.len() == depth && !is_of_the_log(path);
            names.iter().find_map(|name| paths.iter().filter(own).find(|path| is_named(path, name)))
        };
        (1..=3).find_map(at_depth).cloned()
    };
    let named = |wanted: &[&str]| {
        let base = |key: &String| wanted.contains(&split_unit(key).0.as_str());
        let at_depth = |depth: usize| {
            let level = || paths.iter().filter(move |path| path.len() == depth);
            let first = wanted
                .iter()
                .find_map(|name| level().find(|path| path.last().is_some_and(|key| key.eq_ignore_ascii_case(name))));
            first.or_else(|| level().find(|path| path.last().is_some_and(base)))
        };
        (1..=3).find_map(at_depth).cloned()
    };
    let mut durations = vec!["event.duration"];
    durations.extend(DURATIONS);
    let duration = named(&durations).filter(|path| at(value, path).is_some_and(is_duration))?;
    let key = duration.last().map_or("", String::as_str);
    let written = at(value, &duration).and_then(Value::as_str).is_some_and(|text| text::duration_ms(text).is_some());
    let traefik = value.get("OriginStatus").is_some() || value.get("DownstreamStatus").is_some();
    let envoy = value.get("response_code").is_some() && value.get("response_flags").is_some();
    let caddy = value.get("logger").is_some() && value.get("request").is_some_and(Value::is_object);
    // Elastic Common Schema.
    let event = duration.join(".") == "event.duration";
    let unit = match split_unit(key).1 {
        Some(unit) => Some(unit),
        None if event => Some(TimeUnit::Nanoseconds),
        None if traefik => Some(TimeUnit::Nanoseconds),
        None if envoy || written => Some(TimeUnit::Milliseconds),
        None if caddy || key == "request_time" => Some(TimeUnit::Seconds),
        None => None,
    };
    let endpoints = [
        "requestpath",
        "request_uri",
        "requesturl",
        "uri",
        "url",
        "path",
        "route",
        "http.target",
        "http.route",
        "url.path",
    ];
    let mut statuses = vec!["downstreamstatus", "originstatus"];
    // `code`, `success` and `ok` may be of anything.
    statuses.extend(STATUSES.iter().filter(|name| !matches!(**name, "code" | "success" | "ok")));
    statuses.extend(["http.status_code", "http.response.status_code"]);
    let mut methods = vec!["requestmethod"];
    methods.extend(METHODS);
    methods.extend(["http.method", "http.request.method"]);
    let mut times = vec!["startutc", "start_time", "time_iso8601", "time_local"];
    times.extend(TIMES);
    let time = named(&times);
    let started =
        time.as_ref().and_then(|path| path.last()).is_some_and(|key| key.to_ascii_lowercase().contains("start"));
    Some(Keys {
        time,
        duration,
        unit,
        method: find(&methods),
        path: find(&endpoints).or_else(|| find(&ENDPOINTS)),
        status: find(&statuses).or_else(|| find(&STATUSES)),
        at_end: !started,
    })
}

/// Whether a path of keys is that of the log itself, as shippers add it (`log.file.path`).
fn is_of_the_log(path: &[String]) -> bool {
    let first = path.first().map_or("", |key| key.split('.').next().unwrap_or(""));
    first == "file" || first == "log"
}

/// Whether a path of keys ends with that name; on the third level only with one that is a path itself.
fn is_named(path: &[String], name: &str) -> bool {
    if path.len() < 3 && path.last().is_some_and(|key| key.eq_ignore_ascii_case(name)) {
        return true;
    }
    let whole = path.join(".");
    name.contains('.') && whole.strip_suffix(name).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

fn is_duration(value: &Value) -> bool {
    json::as_number(value).is_some() || value.as_str().is_some_and(|text| text::duration_ms(text).is_some())
}

/// Seconds since the epoch, and whether a zone was written: any usual form, and that of access logs (`time_local`).
pub(crate) fn moment(text: &str) -> Option<(f64, bool)> {
    time::any(text).or_else(|| super::access_log::clf_time(text).map(|at_s| (at_s, text.contains(['+', '-']))))
}

/// How the lines are read.
#[derive(Clone, Copy)]
struct Reading {
    /// Unit of the duration, where somebody chose one.
    unit: Option<TimeUnit>,
    /// Minutes of the zone of times that say none, where somebody chose it.
    zone_minutes: Option<i32>,
}

fn open(context: &Context) -> Box<dyn Reader> {
    let reading = Reading { unit: context.options.unit, zone_minutes: context.options.zone_minutes };
    let mut known: Option<Keys> = None;
    let line = move |line: &[u8], state: &mut State| {
        let Some(value) = json::value(line) else { return false };
        if known.is_none() {
            known = keys(&value);
        }
        match &known {
            Some(keys) => request(&value, keys, reading, state),
            None => false,
        }
    };
    let format = LineFormat {
        model: None,
        line: Box::new(line),
        close: |found, tallies| {
            if tallies.contains_key(ZONE_GUESSED) {
                warn::zone_guessed(found, "the time of the lines");
            }
        },
    };
    raw::lines(context, format)
}

/// Tally of lines whose time says no zone, and nobody chose one.
const ZONE_GUESSED: &str = "zone guessed";

fn request(value: &Value, keys: &Keys, reading: Reading, state: &mut State) -> bool {
    let Some(duration) = at(value, &keys.duration) else { return false };
    let unit = keys.unit.or(reading.unit).unwrap_or(TimeUnit::Milliseconds);
    let number = json::as_number(duration).map(|number| number * unit.in_ms());
    let Some(latency_ms) = number.or_else(|| duration.as_str().and_then(text::duration_ms)) else { return false };
    let field = |path: &Option<Vec<String>>| match path.as_ref().and_then(|path| at(value, path)) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    };
    let (method, path, status) = (field(&keys.method), field(&keys.path), field(&keys.status));
    let at = moment(&field(&keys.time));
    if at.is_some_and(|(_, zoned)| !zoned) && reading.zone_minutes.is_none() {
        state.tally(ZONE_GUESSED, 1.0);
    }
    let zone_s = f64::from(reading.zone_minutes.unwrap_or(0)) * 60.0;
    let at_s = at.map(|(seconds, zoned)| if zoned { seconds } else { seconds - zone_s });
    if keys.status.is_none() {
        state.recorder.without_errors();
    }
    state.recorder.request(&Request {
        start_s: at_s.map(|seconds| if keys.at_end { seconds - latency_ms / 1e3 } else { seconds }),
        method: &method,
        name: &path,
        latency_ms,
        failure: failure(&status),
    });
    true
}
