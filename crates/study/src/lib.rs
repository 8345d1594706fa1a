//! The use cases as plain functions: what the app's worker, the command and the tests call.

pub mod address;
pub mod backtest;
pub mod calibrate;
mod document;
mod flags;
pub mod headline;
mod noise;
pub mod project;
pub mod result;
mod sampling;
pub mod simulate;
pub mod solve;
pub mod text;
pub mod time;
