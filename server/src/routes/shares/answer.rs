//! What the share API answers with.

use crate::share::{Seconds, Share, ShareId, Version, VersionInfo};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What is known of a share besides its content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareSummary {
    /// Its identifier.
    id: String,
    /// Number of its newest version.
    latest: u32,
    /// When it was stored, seconds since 1970.
    created: Seconds,
    /// When it ends, seconds since 1970.
    expires: Seconds,
    /// `IDENTIFIER/VERSION` it was forked from.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// All versions, oldest first, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<HistoryEntry>,
}

/// What is known of one version besides its content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryEntry {
    /// Its number; the first is 1.
    number: u32,
    /// When it was stored, seconds since 1970.
    created: Seconds,
    /// When the share ended at the time this version was sealed: part of what was authenticated.
    sealed_expires: Seconds,
    /// Size of the ciphertext in bytes.
    size: u64,
}

/// A share without its content.
pub(super) fn summary(status: StatusCode, share: &Share, versions: Vec<VersionInfo>) -> Response {
    let entry = |info: VersionInfo| HistoryEntry {
        number: info.number,
        created: info.created,
        sealed_expires: info.sealed_expires,
        size: info.size,
    };
    let body = ShareSummary {
        id: share.id.to_string(),
        latest: share.latest,
        created: share.created,
        expires: share.expires,
        parent: share.parent.map(written),
        versions: versions.into_iter().map(entry).collect(),
    };
    let mut response = (status, axum::Json(body)).into_response();
    response.headers_mut().insert(header::ETAG, tag(share.latest));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A version's ciphertext with what is known of it in headers, or `304` for a client that has it.
pub(super) fn content(version: Version, request: &HeaderMap) -> Response {
    let Version { share, info, content } = version;
    let etag = tag(info.number);
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/").as_bytes() == etag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/octet-stream")], content).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    // Asked again each time: a share can be deleted, and then its content must not come out of a cache.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let numbers = [
        ("headroom-version", i64::from(info.number)),
        ("headroom-latest", i64::from(share.latest)),
        ("headroom-created", info.created),
        ("headroom-expires", share.expires),
        ("headroom-sealed-expires", info.sealed_expires),
    ];
    for (name, number) in numbers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }
    if let Some(parent) = share.parent.and_then(|parent| HeaderValue::from_str(&written(parent)).ok()) {
        headers.insert(HeaderName::from_static("headroom-parent"), parent);
    }
    response
}

/// The entity tag of a version: its number, because a version never changes.
fn tag(number: u32) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{number}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

fn written((id, number): (ShareId, u32)) -> String {
    format!("{id}/{number}")
}
