//! The science of Headroom: queueing, simulation, calibration, projection and cost.
//!
//! Pure: no files, no clock, no threads, no browser, no JSON. What goes in is a [`model::System`] with every number checked;
//! what comes out holds no NaN and no infinity. The same input gives the same bits natively and in WebAssembly,
//! which is why every transcendental function goes through [`math`].

pub mod cost;
pub mod fit;
pub mod golden;
pub mod math;
pub mod model;
pub mod order;
pub mod plan;
pub mod queueing;
pub mod sim;
pub mod solve;
pub mod stats;
pub mod units;

// What unit tests share with the others names the crate as its users do.
#[cfg(test)]
extern crate self as engine;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
#[cfg(test)]
#[path = "../tests/common/random.rs"]
mod random;
