//! The use cases as plain functions: what the app's worker, the command and the tests call.

pub mod address;
pub mod backtest;
pub mod calibrate;
pub mod check;
pub mod compare;
mod document;
pub mod draft;
pub mod export;
mod flags;
mod generator;
pub mod headline;
mod noise;
pub mod plan;
pub mod project;
mod rates;
pub mod report;
pub mod result;
mod sampling;
pub mod sensitivity;
pub mod simulate;
pub mod solve;
pub mod spend;
pub mod text;
pub mod time;

pub use backtest::{Backtest, backtest};
pub use calibrate::{CalibrateInput, Calibration, FitReport, calibrate};
pub use check::{Check, CheckOptions, check};
pub use compare::{Comparison, compare};
pub use engine::order;
pub use export::export;
pub use headline::{Headline, headline};
pub use plan::{Plan, plan};
pub use project::{ProjectJob, ProjectOptions, project};
pub use result::ResultDoc;
pub use sensitivity::{Sensitivity, sensitivity};
pub use solve::solve;
