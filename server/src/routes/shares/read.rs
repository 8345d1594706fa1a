//! Reading shares.

use super::answer;
use super::request::{Reader, share_id};
use crate::context::Context;
use crate::refusal::Refusal;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// The newest version's ciphertext.
#[utoipa::path(
    get, path = "/api/v1/shares/{id}", tag = "shares",
    params(("id" = String, Path, description = "Identifier: 22 characters of URL-safe base64"),
           ("if-none-match" = Option<String>, Header, description = "Version the client has, such as \"3\"")),
    responses(
        (status = 200, description = "Ciphertext; what is known of it in headroom-* headers", content_type = "application/octet-stream"),
        (status = 304, description = "The client has it"),
        (status = 404, description = "No such share", body = Refusal, content_type = "application/problem+json"),
        (status = 410, description = "Expired or deleted", body = Refusal, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 500, description = "Damaged", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Store unavailable", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn latest(
    State(context): State<Context>,
    _: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let version = context.store.read(share_id(&id)?, None, context.now()).await?;
    Ok(answer::content(version, &headers))
}

/// One version's ciphertext.
#[utoipa::path(
    get, path = "/api/v1/shares/{id}/versions/{number}", tag = "shares",
    params(("id" = String, Path, description = "Identifier"), ("number" = u32, Path, description = "Version; the first is 1"),
           ("if-none-match" = Option<String>, Header, description = "Version the client has, such as \"3\"")),
    responses(
        (status = 200, description = "Ciphertext; what is known of it in headroom-* headers", content_type = "application/octet-stream"),
        (status = 304, description = "The client has it"),
        (status = 404, description = "No such share or version", body = Refusal, content_type = "application/problem+json"),
        (status = 410, description = "Expired or deleted", body = Refusal, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 500, description = "Damaged", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Store unavailable", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn version(
    State(context): State<Context>,
    _: Reader,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let no_version = || Refusal::new(StatusCode::NOT_FOUND, "no-version", "Versions have numbers; the first is 1.");
    let number = number.parse().map_err(|_| no_version())?;
    let version = context.store.read(share_id(&id)?, Some(number), context.now()).await?;
    Ok(answer::content(version, &headers))
}

/// What is known of a share and its versions.
#[utoipa::path(
    get, path = "/api/v1/shares/{id}/history", tag = "shares",
    params(("id" = String, Path, description = "Identifier")),
    responses(
        (status = 200, description = "The share and its versions, oldest first", body = super::ShareSummary),
        (status = 404, description = "No such share", body = Refusal, content_type = "application/problem+json"),
        (status = 410, description = "Expired or deleted", body = Refusal, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Store unavailable", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn history(
    State(context): State<Context>,
    _: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (share, versions) = context.store.history(share_id(&id)?, context.now()).await?;
    Ok(answer::summary(StatusCode::OK, &share, versions))
}
