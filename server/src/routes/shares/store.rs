//! Storing a share and adding versions to it.

use super::answer;
use super::request::{Writer, bearer, ciphertext, end, number, parent, share_id, token_in};
use crate::context::Context;
use crate::refusal::Refusal;
use crate::share::{NewShare, Share, ShareId};
use crate::store::Follows;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

/// Stores a new share (`If-None-Match: *`) or a new version after the one named (`If-Match: "3"`).
#[utoipa::path(
    put, path = "/api/v1/shares/{id}", tag = "shares",
    params(("id" = String, Path, description = "Identifier: 128 random bits as 22 characters of URL-safe base64, chosen by the client"),
           ("authorization" = String, Header, description = "Bearer TOKEN: the owner's; for a new version the editor's too"),
           ("if-none-match" = Option<String>, Header, description = "* for a new share"),
           ("if-match" = Option<String>, Header, description = "The version that a new one follows, such as \"3\""),
           ("headroom-edit-token" = Option<String>, Header, description = "New share: token that allows adding versions"),
           ("headroom-expires" = Option<i64>, Header, description = "When it ends, seconds since 1970. New share: default one year. New version: the end it was sealed for, which must be the share's"),
           ("headroom-parent" = Option<String>, Header, description = "New share: IDENTIFIER/VERSION it was forked from")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Ciphertext"),
    responses(
        (status = 200, description = "Version added", body = super::ShareSummary),
        (status = 201, description = "Share stored", body = super::ShareSummary),
        (status = 400, description = "Malformed", body = Refusal, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Refusal, content_type = "application/problem+json"),
        (status = 403, description = "Wrong token", body = Refusal, content_type = "application/problem+json"),
        (status = 404, description = "No such share", body = Refusal, content_type = "application/problem+json"),
        (status = 409, description = "Identifier taken, or too many versions", body = Refusal, content_type = "application/problem+json"),
        (status = 410, description = "Expired or deleted", body = Refusal, content_type = "application/problem+json"),
        (status = 412, description = "Another version was added first, or the end was moved", body = Refusal, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Refusal, content_type = "application/problem+json"),
        (status = 415, description = "Not application/octet-stream", body = Refusal, content_type = "application/problem+json"),
        (status = 428, description = "Neither If-Match nor If-None-Match", body = Refusal, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Refusal, content_type = "application/problem+json"),
        (status = 503, description = "Store unavailable, or too much comes in at once", body = Refusal, content_type = "application/problem+json"),
        (status = 507, description = "No room left", body = Refusal, content_type = "application/problem+json")))]
pub(crate) async fn put(
    State(context): State<Context>,
    _: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let id = share_id(&id)?;
    let (status, share) = match precondition(&headers)? {
        Precondition::New => (StatusCode::CREATED, create(&context, id, &headers, body).await?),
        Precondition::After(expected) => (StatusCode::OK, append(&context, id, expected, &headers, body).await?),
    };
    Ok(answer::summary(status, &share, Vec::new()))
}

async fn create(context: &Context, id: ShareId, headers: &HeaderMap, body: Body) -> Result<Share, Refusal> {
    let owner = bearer(headers)?;
    let editor = token_in(headers, "headroom-edit-token")?;
    let expires = end(context, number(headers, "headroom-expires")?)?;
    let parent = parent(headers)?;
    let (content, place) = ciphertext(context, headers, body).await?;
    let share = NewShare { id, owner, editor, expires, parent, content };
    Ok(place.settle(context.store.create(share, context.now()).await)?)
}

async fn append(
    context: &Context,
    id: ShareId,
    expected: u32,
    headers: &HeaderMap,
    body: Body,
) -> Result<Share, Refusal> {
    let token = bearer(headers)?;
    let after = Follows { version: expected, expires: number(headers, "headroom-expires")? };
    let (content, place) = ciphertext(context, headers, body).await?;
    Ok(place.settle(context.store.append(id, token, after, content, context.now()).await)?)
}

enum Precondition {
    New,
    After(u32),
}

/// Every write says what it expects to find: without that, of two editors one would lose their work in silence.
fn precondition(headers: &HeaderMap) -> Result<Precondition, Refusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    let missing = || {
        let detail = "Send If-None-Match: * for a new share, or If-Match: \"VERSION\" for a version after that one.";
        Refusal::new(StatusCode::PRECONDITION_REQUIRED, "no-precondition", detail)
    };
    match (text(header::IF_NONE_MATCH), text(header::IF_MATCH)) {
        (Some("*"), None) => Ok(Precondition::New),
        (None, Some(tag)) => {
            let number =
                tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|number| number.parse().ok());
            number.map(Precondition::After).ok_or_else(missing)
        }
        _ => Err(missing()),
    }
}
