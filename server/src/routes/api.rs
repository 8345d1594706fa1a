//! What the API as a whole says of itself.

use super::{prometheus, shares};
use crate::context::Context;
use crate::prometheus::Proxy;
use crate::refusal::Refusal;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::{Json, Router};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

/// The API as a document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headroom",
        description = "Shares of scenarios, encrypted by the client. The server sees ciphertext and sizes only."
    ),
    paths(
        abilities,
        shares::read::latest,
        shares::read::version,
        shares::read::history,
        shares::store::put,
        shares::change::extend,
        shares::change::delete,
        prometheus::query,
        prometheus::query_range
    ),
    components(schemas(Refusal))
)]
struct Document;

/// What this server can do, for the app to know what to offer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Abilities {
    /// Rules for short links; absent when this server keeps no shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<ShareAbilities>,
    /// Names of metrics servers that can be queried; absent when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prometheus: Vec<String>,
}

/// Rules for short links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareAbilities {
    /// Largest version in bytes.
    most_bytes: u64,
    /// Days a share lives when nothing else is wished.
    default_days: u32,
    /// Most days a share may live.
    longest_days: u32,
}

/// The API's own routes.
pub(crate) fn router(context: Option<Context>, proxy: Option<Proxy>) -> Router {
    Router::new()
        .route("/api/v1", get(abilities))
        .route("/api/v1/openapi.json", get(document))
        .route("/api/{*rest}", any(nothing_here))
        .with_state((context, proxy))
}

/// What this server can do.
#[utoipa::path(get, path = "/api/v1", tag = "server",
    responses((status = 200, description = "What this server can do", body = Abilities)))]
pub(crate) async fn abilities(State((context, proxy)): State<(Option<Context>, Option<Proxy>)>) -> impl IntoResponse {
    let shares = context.map(|context| ShareAbilities {
        most_bytes: context.rules.share_bytes,
        default_days: context.rules.default_days,
        longest_days: context.rules.longest_days,
    });
    let prometheus = proxy.map(|proxy| proxy.names()).unwrap_or_default();
    ([(header::CACHE_CONTROL, "no-store")], Json(Abilities { shares, prometheus }))
}

async fn document() -> impl IntoResponse {
    Json(Document::openapi())
}

async fn nothing_here() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no-route", "The API has nothing at this address; see /api/v1/openapi.json.")
}
