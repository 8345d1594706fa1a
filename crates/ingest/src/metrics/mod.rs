//! Metrics of the running system: one module per source.

pub mod cloudwatch;
pub mod exporters;
pub mod exposition;
pub mod grafana;
pub mod kafka_groups;
mod kept;
pub mod mongodb;
pub mod native_histogram;
pub mod pg_stat;
pub mod prometheus;
pub mod rabbitmq;
pub mod redis_benchmark;
pub mod redis_info;
mod rows;
