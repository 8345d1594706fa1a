//! Whole screens.

mod bottlenecks;
mod compare;
mod data;
mod plan;
mod projection;
mod report;
mod root;
mod sensitivity;
mod simulation;
mod spend;
mod start;
mod timeline;
mod workbench;

pub use root::Root;
