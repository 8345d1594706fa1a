//! The journeys: one file each.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a failed step of a journey is its failure")]

mod bad_files;
mod board;
mod brought;
mod cannot;
mod charts;
mod data;
mod first_view;
mod hostile;
mod kept;
mod keyboard;
mod large;
mod looks;
mod pull;
mod selections;
mod share;
mod shop;
mod steady;
mod studies;
mod tabs;
mod update;
mod workers;

use e2e::environment::fixture;
use std::path::PathBuf;

/// Everything a team would drop: the topology as they draw it, what means what, and what they measured. Not `levels.json`,
/// the truth that a projection is compared with.
fn shop_files() -> Vec<PathBuf> {
    let folder = fixture("shop-stack");
    let names = std::fs::read_dir(&folder).expect("the fixture").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "levels.json" && name != "README.md");
    names.sort();
    names.iter().map(|name| folder.join(name)).collect()
}
