//! Whole screens.

mod bottlenecks;
mod data;
mod projection;
mod root;
mod simulation;
mod spend;
mod start;
mod workbench;

pub use root::Root;
