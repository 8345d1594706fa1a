//! Whether the process lives.

use axum::http::header;
use axum::response::IntoResponse;

/// `GET /healthz`: `ok` as long as the process answers at all; it asks nothing of any store.
pub(crate) async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}
