//! The background half of the app: what the page and its workers say to each other, and the state machines that answer.
//!
//! [`protocol`] holds plain data only, so that the page links none of the science. [`session`] holds the state machines; they know
//! no browser, so they are tested natively. The page is built without them (feature `session`).

pub mod protocol;
#[cfg(feature = "session")]
pub mod session;
