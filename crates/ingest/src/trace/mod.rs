//! Traces: who calls whom, how often per request, at once or one after another, and how long each takes by itself.
//!
//! Readers (`jaeger`, `otlp`, `zipkin`, `logs`) turn files into [`span::Span`]s; `tree` puts the spans of one trace into visits,
//! `calls` finds what a visit waited for, [`graph`] adds all traces up. `service_graph` reads graphs that others added up.

pub mod calls;
pub mod graph;
pub mod jaeger;
pub mod logs;
pub mod otlp;
pub mod otlp_proto;
pub mod service_graph;
pub mod span;
pub mod spans;
pub mod tree;
pub mod zipkin;
