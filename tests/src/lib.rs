//! Whole user journeys in a real Chromium against the real server.
//!
//! [`journey()`] starts both, runs one journey and holds it to what every journey must keep: no error or warning in the
//! browser's console. [`Page`] is the only place that knows the page's hooks (`data-testid`).
//!
//! `cargo xtask e2e` builds what is needed and sets [`environment`]; screenshots go to `target/e2e`.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "a failed step of a journey is its failure")]

pub mod browser;
pub mod environment;
mod gateway;
mod journey;
mod long_tasks;
pub mod page;
mod server;

pub use browser::{Look, Window};
pub use fantoccini::key::Key;
pub use journey::{Ground, journey, journey_at};
pub use page::Page;
