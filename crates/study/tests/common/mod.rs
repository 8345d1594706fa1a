//! The shop, measured: real files through the real importers.
#![allow(dead_code, clippy::unwrap_used)]

pub mod chains;

use ingest::{Measurements, Outcome};
use scenario::Scenario;
use scenario::v1::Map;
use std::path::PathBuf;

/// The folder of the shop's files.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/shop-stack")
}

pub fn read(file: &str) -> Vec<u8> {
    std::fs::read(folder().join(file)).unwrap()
}

/// The scenario as its owner drew it.
pub fn drawn() -> Scenario {
    serde_json::from_slice(&read("scenario.json")).unwrap()
}

pub fn map() -> Map {
    serde_json::from_slice(&read("map.json")).unwrap()
}

/// The levels that were measured but never given to the calibration.
pub fn truth() -> serde_json::Value {
    serde_json::from_slice(&read("levels.json")).unwrap()
}

/// All files of the command line that hold measurements.
pub fn data() -> Vec<Measurements> {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .filter(|f| {
            f.starts_with("shop_")
                || f.starts_with("prom_")
                || matches!(f.as_str(), "redis_info.txt" | "app_metrics.txt" | "cost_explorer.json")
        })
        .collect();
    files.sort();
    let imported = files.iter().map(|f| ingest::import_bytes(f, &read(f)));
    imported.filter_map(|o| if let Outcome::Measured(m) = o { Some(*m) } else { None }).collect()
}
