//! Load tests: one module per tool or file.

pub mod jmeter_csv;
pub mod k6_points;
pub mod k6_summary;
pub mod locust_failures;
pub mod locust_history;
pub mod locust_stats;
pub mod table;
