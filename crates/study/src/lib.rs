//! The use cases as plain functions: what the app's worker, the command and the tests call.

pub mod address;
pub mod calibrate;
pub mod result;
pub mod simulate;
pub mod time;
