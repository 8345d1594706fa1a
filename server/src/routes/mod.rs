//! What answers which path.

mod api;
mod app;
mod health;
mod prometheus;
mod shares;

use crate::assets::Assets;
use crate::config::Config;
use crate::context::Context;
use crate::headers;
use crate::observe::{self, Metrics};
use crate::prometheus::Proxy;
use crate::refusal::Refusal;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, middleware};
use std::sync::Arc;
use tower_http::timeout::TimeoutLayer;

/// Everything the server answers, with its headers and time limit.
pub(crate) fn router(
    config: &Config,
    assets: Option<Assets>,
    shares: Option<Context>,
    proxy: Option<Proxy>,
    metrics: Metrics,
) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(health::alive))
        .route("/metrics", get(observe::page).with_state((metrics.clone(), shares.clone())))
        .route("/readyz", get(health::ready).with_state(shares.clone()))
        .merge(api::router(shares.clone(), proxy.clone()));
    if let Some(proxy) = proxy {
        router = router.merge(prometheus::router(proxy, config.proxies));
    }
    if let Some(context) = shares {
        router = router.merge(shares::router(context));
    }
    router = match assets {
        Some(assets) => router.fallback_service(get(app::file).with_state(Arc::new(assets))),
        None => router.fallback(app::missing),
    };
    let router = router
        .layer(DefaultBodyLimit::max(4096))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, config.limits.request))
        .layer(middleware::from_fn_with_state(metrics, observe::request));
    if config.hsts {
        router.layer(middleware::from_fn(headers::add::<true>))
    } else {
        router.layer(middleware::from_fn(headers::add::<false>))
    }
}

async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This address does not take this method.")
}
