//! What answers which path.

mod api;
mod app;
mod health;
mod shares;

use crate::assets::Assets;
use crate::config::Config;
use crate::context::Context;
use crate::headers;
use crate::observe::{self, Metrics};
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, middleware};
use std::sync::Arc;
use tower_http::timeout::TimeoutLayer;

/// Everything the server answers, with its headers and time limit.
pub(crate) fn router(config: &Config, assets: Option<Assets>, shares: Option<Context>, metrics: Metrics) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(health::alive))
        .route("/metrics", get(observe::page).with_state((metrics.clone(), shares.clone())))
        .route("/readyz", get(health::ready).with_state(shares.clone()))
        .merge(api::router(shares.clone()));
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
