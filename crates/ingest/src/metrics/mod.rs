//! Metrics of the running system: one module per source.

pub mod exposition;
pub mod prometheus;
pub mod redis_info;
