//! The background half of the app: what the page and its worker say to each other, and the state machine that answers.
//!
//! [`protocol`] holds plain data only, so that the page links none of the science. [`session`] is the state machine; it knows
//! no browser, so it is tested natively.

pub mod protocol;
pub mod session;
