//! Whether the process lives and can do its work.

use crate::context::Context;
use crate::refusal::Refusal;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

/// `GET /healthz`: `ok` as long as the process answers at all; it asks nothing of any store.
pub(crate) async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}

/// `GET /readyz`: `ok` when the store can be read and written too.
pub(crate) async fn ready(State(context): State<Option<Context>>) -> Result<impl IntoResponse, Refusal> {
    if let Some(context) = context {
        context.store.ready().await?;
    }
    Ok(alive().await)
}
