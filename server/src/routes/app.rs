//! The app's files.

use crate::assets::{Assets, Encoding};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// `GET /…`: a file of the app in the best encoding the client takes, `304` when it has it, or `404`.
pub(crate) async fn file(State(assets): State<Arc<Assets>>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(asset) = assets.get(uri.path()) else { return missing().await };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let (encoding, form) = asset.best(accepted);

    let mut response = if has(&headers, &form.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = form.bytes.clone().into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, asset.content_type.clone());
        if let Some(name) = encoding.name() {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, form.etag.clone());
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(asset.cache_control));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    out.insert(header::CONTENT_SECURITY_POLICY, assets.policy().clone());
    response
}

/// Whether the client says it already has exactly this form of the file.
fn has(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Some(known) = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/").as_bytes() == etag.as_bytes())
}

/// No such file.
pub(crate) async fn missing() -> Response {
    (
        StatusCode::NOT_FOUND,
        [(header::CACHE_CONTROL, "no-store")],
        "There is nothing at this address. The app is at /\n",
    )
        .into_response()
}

impl Encoding {
    /// Its name in `Content-Encoding`; `None` for the plain form.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}
