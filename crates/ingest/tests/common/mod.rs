//! Shared by the tests: reading fixtures and comparing figures.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ingest::{Measurements, Outcome, import_bytes};
use std::path::PathBuf;

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A fixture of this crate, or of the whole repository when the name starts with `shop-stack`.
pub fn fixture(name: &str) -> Vec<u8> {
    let folder = if name.starts_with("shop-stack") {
        root().join("tests/fixtures")
    } else {
        root().join("crates/ingest/tests/fixtures")
    };
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A sample that may not be committed: only where the samples lie beside the repository.
pub fn sample(name: &str) -> Option<Vec<u8>> {
    let beside = [root().join("../shared/samples"), root().join("../../shared/samples")];
    beside.iter().find_map(|folder| std::fs::read(folder.join(name)).ok())
}

/// The measurements of a fixture.
pub fn measured(name: &str) -> Measurements {
    measured_bytes(name, &fixture(name))
}

/// The measurements of bytes.
pub fn measured_bytes(name: &str, bytes: &[u8]) -> Measurements {
    match import_bytes(name, bytes) {
        Outcome::Measured(found) => *found,
        other => panic!("{name}: {other:?}"),
    }
}

/// One row of truth: what must be found in a file. Means and percentiles are compared with a relative tolerance.
#[derive(Default, Clone)]
pub struct Truth {
    pub file: &'static str,
    pub kind: &'static str,
    pub requests: Option<u64>,
    pub errors: Option<u64>,
    pub endpoints: Option<usize>,
    pub rps: Option<f64>,
    pub duration_s: Option<f64>,
    pub users: Option<f64>,
    pub latency: &'static [(&'static str, f64)],
    pub warnings: &'static [&'static str],
    /// Relative tolerance of latencies, rate and duration; 0.005 when 0.
    pub tolerance: f64,
}

/// Checks a file against its truth.
pub fn check(truth: &Truth) -> Measurements {
    let found = measured(truth.file);
    check_measured(truth, &found);
    found
}

/// Checks measurements against their truth.
pub fn check_measured(truth: &Truth, found: &Measurements) {
    let file = truth.file;
    let tolerance = if truth.tolerance == 0.0 { 0.005 } else { truth.tolerance };
    let close = |what: &str, found: Option<f64>, expected: Option<f64>| {
        let Some(expected) = expected else { return };
        let found = found.unwrap_or_else(|| panic!("{file}: no {what}"));
        let off = (found - expected).abs() / expected.abs().max(1e-9);
        assert!(off <= tolerance, "{file}: {what} is {found}, expected {expected}");
    };
    assert_eq!(found.kind, truth.kind, "{file}");
    assert_eq!(found.format, ingest::measurements::FORMAT, "{file}");
    let totals = found.totals.clone().unwrap_or_default();
    if truth.requests.is_some() {
        assert_eq!(totals.requests, truth.requests, "{file}: requests");
    }
    if truth.errors.is_some() {
        assert_eq!(totals.errors, truth.errors, "{file}: errors");
    }
    if let Some(endpoints) = truth.endpoints {
        let names: Vec<&str> = found.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
        assert_eq!(found.endpoints.len(), endpoints, "{file}: {names:?}");
    }
    close("rps", totals.rps, truth.rps);
    close("duration", found.duration_s, truth.duration_s);
    close("users", totals.users, truth.users);
    for (name, expected) in truth.latency {
        close(name, totals.latency_ms.get(*name).copied(), Some(*expected));
    }
    for code in truth.warnings {
        let codes: Vec<&str> = found.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert!(codes.contains(code), "{file}: no warning {code} in {codes:?}");
    }
    finite(file, &serde_json::to_value(found).unwrap());
}

/// No NaN, infinity or null reaches a reader of the JSON.
pub fn finite(file: &str, value: &serde_json::Value) {
    match value {
        serde_json::Value::Null => panic!("{file}: a figure is null (not finite, or unknown written out)"),
        serde_json::Value::Array(items) => items.iter().for_each(|item| finite(file, item)),
        serde_json::Value::Object(members) => members.values().for_each(|item| finite(file, item)),
        _ => {}
    }
}
