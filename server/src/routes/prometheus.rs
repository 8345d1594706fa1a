//! Queries to the metrics servers that the operator lists.

use crate::listen::Peer;
use crate::prometheus::{Asked, Proxy, Window};
use crate::quota;
use crate::refusal::Refusal;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

/// The proxy, and how many proxies in front are trusted.
pub(crate) type Ways = (Proxy, usize);

/// The routes.
pub(crate) fn router(proxy: Proxy, proxies: usize) -> Router {
    Router::new()
        .route("/api/v1/prometheus/{target}/query", get(query))
        .route("/api/v1/prometheus/{target}/query_range", get(query_range))
        .method_not_allowed_fallback(super::wrong_method)
        .with_state((proxy, proxies))
}

/// An instant query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Instant {
    query: String,
    time: Option<f64>,
}

/// A range query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    query: String,
    start: f64,
    end: f64,
    step: f64,
}

/// The value of an expression at one time.
#[utoipa::path(
    get, path = "/api/v1/prometheus/{target}/query", tag = "prometheus",
    params(("target" = String, Path, description = "Name of a listed metrics server"),
           ("query" = String, Query, description = "Expression"),
           ("time" = Option<f64>, Query, description = "Seconds since 1970; now without it")),
    responses(
        (status = 200, description = "Prometheus' answer", content_type = "application/json"),
        (status = 400, description = "Malformed, or Prometheus' own refusal", body = Refusal, content_type = "application/problem+json"),
        (status = 404, description = "Not listed", body = Refusal, content_type = "application/problem+json"),
        (status = 422, description = "Prometheus' own refusal", content_type = "application/json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 502, description = "It does not answer as it should", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Too many queries at once", body = Refusal, content_type = "application/problem+json"),
        (status = 504, description = "It does not answer in time", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn query(
    State(ways): State<Ways>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Path(target): Path<String>,
    parameters: Result<Query<Instant>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(Instant { query, time }) = parameters.map_err(|rejection| malformed(&rejection))?;
    ask(&ways, peer, &headers, &target, &Asked { query, time, window: None }).await
}

/// The values of an expression over a window.
#[utoipa::path(
    get, path = "/api/v1/prometheus/{target}/query_range", tag = "prometheus",
    params(("target" = String, Path, description = "Name of a listed metrics server"),
           ("query" = String, Query, description = "Expression"),
           ("start" = f64, Query, description = "Seconds since 1970"), ("end" = f64, Query, description = "Seconds since 1970"),
           ("step" = f64, Query, description = "Seconds between two points")),
    responses(
        (status = 200, description = "Prometheus' answer", content_type = "application/json"),
        (status = 400, description = "Malformed, or Prometheus' own refusal", body = Refusal, content_type = "application/problem+json"),
        (status = 404, description = "Not listed", body = Refusal, content_type = "application/problem+json"),
        (status = 422, description = "Prometheus' own refusal", content_type = "application/json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 502, description = "It does not answer as it should", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Too many queries at once", body = Refusal, content_type = "application/problem+json"),
        (status = 504, description = "It does not answer in time", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn query_range(
    State(ways): State<Ways>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Path(target): Path<String>,
    parameters: Result<Query<Range>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(Range { query, start, end, step }) = parameters.map_err(|rejection| malformed(&rejection))?;
    ask(&ways, peer, &headers, &target, &Asked { query, time: None, window: Some(Window { start, end, step }) }).await
}

async fn ask(
    (proxy, proxies): &Ways,
    peer: Option<Extension<Peer>>,
    headers: &HeaderMap,
    target: &str,
    asked: &Asked,
) -> Result<Response, Refusal> {
    let peer = peer.map_or_else(|| ([0, 0, 0, 0], 0).into(), |Extension(peer)| peer.0);
    proxy.quotas().take(quota::client(peer, headers, *proxies))?;
    let (status, body) = proxy.ask(target, asked).await?;
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, kind, body).into_response())
}

fn malformed(rejection: &QueryRejection) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad-query", rejection.body_text())
}
