//! Formula families of queueing theory, one per file; each says what it computes, its assumptions, units and source.

pub mod erlang;
pub mod mgc;
pub mod mmc;
