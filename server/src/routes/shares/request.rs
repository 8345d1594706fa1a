//! What a request says, checked.

use crate::context::Context;
use crate::listen::Peer;
use crate::quota;
use crate::refusal::Refusal;
use crate::room::Reservation;
use crate::share::{Seconds, ShareId, TokenHash};
use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// A read within the address's quota.
pub(crate) struct Reader;

/// A write within the address's quota.
pub(crate) struct Writer;

impl<S: Send + Sync> FromRequestParts<S> for Reader
where
    Context: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let context = Context::from_ref(state);
        context.reads.take(address(parts, &context)).map(|()| Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Writer
where
    Context: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let context = Context::from_ref(state);
        context.writes.take(address(parts, &context)).map(|()| Self)
    }
}

fn address(parts: &Parts, context: &Context) -> std::net::IpAddr {
    let peer = parts.extensions.get::<Peer>().map_or_else(|| ([0, 0, 0, 0], 0).into(), |peer| peer.0);
    quota::client(peer, &parts.headers, context.proxies)
}

/// The share's identifier from its place in the address.
pub(super) fn share_id(text: &str) -> Result<ShareId, Refusal> {
    ShareId::parse(text).ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "This is no share's identifier; check that the link is complete.",
        )
    })
}

/// The token of `Authorization: Bearer TOKEN`, hashed.
pub(super) fn bearer(headers: &HeaderMap) -> Result<TokenHash, Refusal> {
    let missing = || {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "no-token",
            "This needs a token; send it as Authorization: Bearer TOKEN.",
        )
    };
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?.to_str().map_err(|_| missing())?;
    let (scheme, text) = value.split_once(' ').ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { token(text.trim()) } else { Err(missing()) }
}

/// The token of another header, hashed, if it is there.
pub(super) fn token_in(headers: &HeaderMap, name: &str) -> Result<Option<TokenHash>, Refusal> {
    headers.get(name).map(|value| token(value.to_str().unwrap_or_default())).transpose()
}

/// A token must be long enough to be random: 128 bits are 22 characters.
fn token(text: &str) -> Result<TokenHash, Refusal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_plain && (22..=128).contains(&text.len()) {
        return Ok(TokenHash::of(text));
    }
    Err(Refusal::bad("bad-token", "A token has 22 to 128 letters, digits, - or _."))
}

/// When a share is to end: `text` as seconds since 1970, within the longest time from now.
pub(super) fn end(context: &Context, wanted: Option<Seconds>) -> Result<Seconds, Refusal> {
    let now = context.now();
    let rules = &context.rules;
    let Some(wanted) = wanted else { return Ok(now + rules.default_seconds()) };
    if wanted > now && wanted <= now + rules.longest_seconds() {
        return Ok(wanted);
    }
    let days = rules.longest_days;
    Err(Refusal::bad("bad-expiry", format!("A share ends between now and {days} days from now (seconds since 1970).")))
}

/// A number in a header, if it is there.
pub(super) fn number(headers: &HeaderMap, name: &'static str) -> Result<Option<Seconds>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(|text| text.parse().ok());
    parsed.map(Some).ok_or_else(|| Refusal::bad("bad-header", format!("{name} must be a whole number.")))
}

/// The share and version a new one was forked from: `ID/NUMBER`.
pub(super) fn parent(headers: &HeaderMap) -> Result<Option<(ShareId, u32)>, Refusal> {
    let Some(value) = headers.get("headroom-parent") else { return Ok(None) };
    let parse = |text: &str| {
        let (id, number) = text.split_once('/')?;
        Some((ShareId::parse(id)?, number.parse().ok()?))
    };
    let parsed = value.to_str().ok().and_then(parse);
    parsed.map(Some).ok_or_else(|| Refusal::bad("bad-header", "headroom-parent must be IDENTIFIER/VERSION."))
}

/// The ciphertext in a request's body and its place in the store, to be settled once it is known what became of it.
pub(super) async fn ciphertext(
    context: &Context,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Bytes, Reservation), Refusal> {
    let is_bytes = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/octet-stream");
    if !is_bytes || headers.contains_key(header::CONTENT_ENCODING) {
        let detail = "A version is sent as application/octet-stream without Content-Encoding.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-type", detail));
    }
    let limit = context.rules.share_bytes;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let bytes = arrive(context, body, limit).await?;
    if bytes.is_empty() {
        return Err(Refusal::bad("empty", "The body is empty; it must be the sealed version."));
    }
    let place = context.ledger.reserve(bytes.len() as u64).ok_or_else(|| {
        let detail = "The server keeps as much as it may; delete shares or try again later.";
        Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "full", detail).later(3600)
    })?;
    Ok((bytes, place))
}

/// The whole body, of at most so many bytes.
async fn arrive(context: &Context, body: Body, limit: u64) -> Result<Bytes, Refusal> {
    let mut body = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX));
    let mut arriving = context.bodies.begin();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| match cause.is::<LengthLimitError>() {
            true => too_large(limit),
            false => Refusal::bad("cut-off", "The body was cut off; send it again."),
        })?;
        if let Some(data) = frame.data_ref() {
            arriving.add(data).await?;
        }
    }
    Ok(arriving.whole())
}

fn too_large(limit: u64) -> Refusal {
    let detail = format!("A version has at most {limit} bytes; leave out imported figures or history.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
}
