//! What answers which path.

mod app;
mod health;

use crate::assets::Assets;
use crate::config::Config;
use crate::headers;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;
use std::sync::Arc;
use tower_http::timeout::TimeoutLayer;

/// Everything the server answers, with its headers and time limit.
pub fn router(config: &Config, assets: Option<Assets>) -> Router {
    let mut router = Router::new().route("/healthz", get(health::alive));
    router = match assets {
        Some(assets) => router.fallback_service(get(app::file).with_state(Arc::new(assets))),
        None => router.fallback(app::missing),
    };
    let router = router.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, config.limits.request));
    if config.hsts {
        router.layer(middleware::from_fn(headers::add::<true>))
    } else {
        router.layer(middleware::from_fn(headers::add::<false>))
    }
}
