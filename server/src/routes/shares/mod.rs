//! The share API under `/api/v1/shares`.
//!
//! A share is read by whoever knows its identifier; changes need a token, of which the server keeps a hash. Bodies are
//! ciphertext as it is. A version never changes, so its number is its entity tag, and adding one names the version it
//! follows (`If-Match`): of two editors exactly one wins, and the other hears which version to merge.

mod answer;
pub(crate) mod change;
pub(crate) mod read;
mod request;
pub(crate) mod store;

pub(crate) use answer::ShareSummary;

use crate::context::Context;
use axum::Router;
use axum::routing::get;

/// The routes of the share API.
pub(crate) fn router(context: Context) -> Router {
    Router::new()
        .route("/api/v1/shares/{id}", get(read::latest).put(store::put).patch(change::extend).delete(change::delete))
        .route("/api/v1/shares/{id}/versions/{number}", get(read::version))
        .route("/api/v1/shares/{id}/history", get(read::history))
        .method_not_allowed_fallback(super::wrong_method)
        .with_state(context)
}
