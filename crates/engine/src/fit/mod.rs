//! Calibration: from measured figures to parameters with standard errors.
//!
//! One method, one file. Every estimate says how sure it is ([`Estimate`]); a method that the data cannot support answers with
//! a [`TooLittle`] that names what is missing, never with a confident number. Only this part of the engine uses `statrs`.

pub mod demand;
pub mod distribution;
pub mod estimate;
pub mod least_squares;
pub mod linear;
pub mod nonnegative;
pub mod selection;
pub mod usl;

pub use estimate::{Estimate, TooLittle};
