//! How many requests come in, as load tests tell it.

use ingest::Measurements;
use std::collections::BTreeMap;

/// A name, none for all requests together, and its rate in requests per second.
type Told = (Option<String>, f64);

/// Whether a file's rates are a load of the system: a server's benchmark tells the most that it gave to one command alone.
pub(crate) fn is_load(file: &Measurements) -> bool {
    !file.kind.starts_with("redis-benchmark")
}

/// The lowest rate of each endpoint and, by `None`, of all requests, per second. A whole run, its ramp and its pauses included,
/// counts only where no file tells a steady level.
pub(crate) fn lowest_rates<'a>(files: impl Iterator<Item = &'a Measurements> + Clone) -> BTreeMap<Option<String>, f64> {
    let mut all = lowest(files.clone().flat_map(over_the_run));
    all.extend(lowest(files.flat_map(at_levels)));
    all
}

fn at_levels(file: &Measurements) -> Vec<Told> {
    let steady = file.levels.iter().filter(|level| level.steady);
    steady.filter_map(|level| Some((level.endpoint.clone(), level.figures.rps?))).collect()
}

fn over_the_run(file: &Measurements) -> Vec<Told> {
    let endpoints = file.endpoints.iter().filter_map(|endpoint| {
        let figures = &endpoint.figures;
        let rate = figures.rps.or_else(|| Some(figures.requests? as f64 / file.duration_s?))?;
        Some((Some(endpoint.name.clone()), rate))
    });
    endpoints.chain(file.totals.iter().filter_map(|totals| Some((None, totals.rps?)))).collect()
}

fn lowest(told: impl Iterator<Item = Told>) -> BTreeMap<Option<String>, f64> {
    let mut found = BTreeMap::new();
    for (name, rate) in told.filter(|(_, rate)| *rate > 0.0) {
        let lowest = found.entry(name).or_insert(rate);
        *lowest = lowest.min(rate);
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    fn file(levels: &Value, totals: &Value) -> Measurements {
        let given = json!({"format": "headroom-measurements/1", "kind": "k6-ndjson", "file": "run", "levels": levels, "totals": totals,
            "endpoints": [{"name": "/a", "requests": 600, "rps": 6.0}]});
        serde_json::from_value(given).unwrap()
    }

    #[test]
    fn what_a_run_stands_for() {
        let level = |endpoint: Value, rps: f64, steady: bool| json!({"from_s": 0, "to_s": 9, "steady": steady, "endpoint": endpoint, "rps": rps});
        let totals = json!({"requests": 600, "rps": 6.0});
        let rows = [
            ("no level: the whole run", json!([]), Some(6.0), Some(6.0)),
            (
                "the ramp counts for nothing",
                json!([level(json!("/a"), 9.0, true), level(Value::Null, 9.5, true)]),
                Some(9.0),
                Some(9.5),
            ),
            (
                "the lowest of several",
                json!([level(json!("/a"), 9.0, true), level(json!("/a"), 4.0, true)]),
                Some(4.0),
                Some(6.0),
            ),
            ("what is not steady is no level", json!([level(json!("/a"), 9.0, false)]), Some(6.0), Some(6.0)),
        ];
        for (row, levels, endpoint, whole) in rows {
            let found = lowest_rates([file(&levels, &totals)].iter());
            assert_eq!((found.get(&Some("/a".into())).copied(), found.get(&None).copied()), (endpoint, whole), "{row}");
        }
        let other = file(&json!([level(json!("/a"), 5.0, true)]), &totals);
        let found = lowest_rates([file(&json!([]), &totals), other].iter());
        assert_eq!(found[&Some("/a".into())], 5.0, "a level of another file counts before a whole run");
    }
}
