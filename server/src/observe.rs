//! What an operator sees: a line in the log and a count for every request.
//!
//! Routes are named by their pattern, never by their address: identifiers of shares stay out of the log and the metrics. Bodies
//! and headers are never written anywhere.

use crate::context::Context;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Upper ends of the latency histogram, seconds.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// Counts of one server.
#[derive(Debug, Clone)]
pub(crate) struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    connections: Gauge,
    shares: Gauge,
    bytes: Gauge,
    started: u128,
    number: AtomicU64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: String,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("headroom");
        let requests = Family::default();
        let seconds: Family<Labels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let (connections, shares, bytes) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "Seconds from a request's head to its answer", seconds.clone());
        registry.register("connections", "Connections open", connections.clone());
        registry.register("shares", "Shares stored, measured once a minute", shares.clone());
        registry.register("share_bytes", "Bytes of ciphertext stored, measured once a minute", bytes.clone());
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let number = AtomicU64::new(0);
        Self(Arc::new(Inner { registry, requests, seconds, connections, shares, bytes, started, number }))
    }
}

impl Metrics {
    /// Counts a connection as open until the answer is dropped.
    pub(crate) fn connection(&self) -> OpenConnection {
        self.0.connections.inc();
        OpenConnection(self.0.connections.clone())
    }

    /// A name for a request that is unique among servers for all practical purposes; it is no secret.
    fn request_id(&self) -> String {
        format!("{:x}-{:x}", self.0.started, self.0.number.fetch_add(1, Ordering::Relaxed))
    }
}

/// One open connection.
#[derive(Debug)]
pub(crate) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Middleware: names, counts and logs a request.
pub(crate) async fn request(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = metrics.request_id();
    let method = known(request.method().as_str());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;

    let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
    // Files are the bulk and the least interesting.
    let is_file = route.is_none() && status < 500;
    let route = route.unwrap_or_else(|| "file".to_owned());
    if is_file {
        tracing::debug!(%id, method, %route, status, seconds);
    } else {
        tracing::info!(%id, method, %route, status, seconds);
    }
    let labels = Labels { method, route, status };
    metrics.0.requests.get_or_create(&labels).inc();
    metrics.0.seconds.get_or_create(&labels).observe(seconds);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A client can invent methods without end; a metric must not grow by that.
fn known(method: &str) -> &'static str {
    let all = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST", "OPTIONS"];
    all.into_iter().find(|one| *one == method).unwrap_or("OTHER")
}

/// `GET /metrics`: the counts in the exposition format of Prometheus.
pub(crate) async fn page(State((metrics, shares)): State<(Metrics, Option<Context>)>) -> Response {
    if let Some(context) = shares {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        metrics.0.shares.set(number(context.count.load(Ordering::Relaxed)));
        metrics.0.bytes.set(number(context.ledger.used()));
    }
    let mut text = String::new();
    if encode(&mut text, &metrics.0.registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
