//! Sense made of raw figures: distributions, endpoint names, steady levels of a run, warnings.

pub mod ends;
pub mod fingerprints;
pub mod habits;
pub mod latency;
pub mod levels;
pub mod merge;
pub mod names;
pub mod negative;
pub mod recorder;
pub mod tidy;
pub mod timeline;
pub mod warn;
