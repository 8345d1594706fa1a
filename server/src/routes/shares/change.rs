//! What only a share's owner may do.

use super::answer;
use super::request::{Writer, bearer, end, share_id};
use crate::context::Context;
use crate::refusal::Refusal;
use crate::share::Seconds;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

/// What the owner can change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extension {
    /// When the share ends, seconds since 1970.
    expires: Seconds,
}

/// Moves the end of a share; within a week it also brings an expired one back.
#[utoipa::path(
    patch, path = "/api/v1/shares/{id}", tag = "shares",
    params(("id" = String, Path, description = "Identifier"),
           ("authorization" = String, Header, description = "Bearer TOKEN: the owner's")),
    request_body = Extension,
    responses(
        (status = 200, description = "Moved", body = super::ShareSummary),
        (status = 400, description = "Malformed", body = Refusal, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Refusal, content_type = "application/problem+json"),
        (status = 403, description = "Wrong token", body = Refusal, content_type = "application/problem+json"),
        (status = 404, description = "No such share", body = Refusal, content_type = "application/problem+json"),
        (status = 410, description = "Deleted", body = Refusal, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Refusal, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Store unavailable", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn extend(
    State(context): State<Context>,
    _: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (id, owner) = (share_id(&id)?, bearer(&headers)?);
    let body = body.map_err(|rejection| Refusal::new(rejection.status(), "bad-body", rejection.body_text()))?;
    let wanted: Extension = serde_json::from_slice(&body)
        .map_err(|cause| Refusal::bad("bad-body", format!("The body must be {{\"expires\": SECONDS}}: {cause}.")))?;
    let expires = end(&context, Some(wanted.expires))?;
    let share = context.store.extend(id, owner, expires, context.now()).await?;
    Ok(answer::summary(StatusCode::OK, &share, Vec::new()))
}

/// Deletes a share with all its versions, at once and for good.
#[utoipa::path(
    delete, path = "/api/v1/shares/{id}", tag = "shares",
    params(("id" = String, Path, description = "Identifier"),
           ("authorization" = String, Header, description = "Bearer TOKEN: the owner's")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, description = "Malformed", body = Refusal, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Refusal, content_type = "application/problem+json"),
        (status = 403, description = "Wrong token", body = Refusal, content_type = "application/problem+json"),
        (status = 404, description = "No such share", body = Refusal, content_type = "application/problem+json"),
        (status = 410, description = "Deleted before", body = Refusal, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Store unavailable", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn delete(
    State(context): State<Context>,
    _: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (id, owner) = (share_id(&id)?, bearer(&headers)?);
    context.store.delete(id, owner, context.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
