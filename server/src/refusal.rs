//! How the API says no: `application/problem+json` (RFC 9457) with a stable `code`.

use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// `urn:headroom:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// Stable name of what is wrong, for programs.
    code: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong and what to do, for people.
    detail: String,
    /// Number of the newest version, where another editor was faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<u32>,
    /// When the share ends, seconds since 1970, where that was moved meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    /// Seconds until it is worth trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with a stable code.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:headroom:problem:{code}"),
            code,
            status: status.as_u16(),
            detail: detail.into(),
            latest: None,
            expires: None,
            retry_after: None,
        }
    }

    /// Something about the request is not as it must be.
    pub(crate) fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// The same, to be tried again after some seconds.
    pub(crate) fn later(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..self }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        use crate::share::Gone;
        let new = Self::new;
        match error {
            StoreError::NotFound => new(StatusCode::NOT_FOUND, "not-found", "There is no such share; check the link."),
            StoreError::NoVersion => new(StatusCode::NOT_FOUND, "no-version", "The share has no such version."),
            StoreError::Gone(Gone::Expired) => new(
                StatusCode::GONE,
                "expired",
                "The share has expired. Its owner can bring it back for a week, or share it again.",
            ),
            StoreError::Gone(Gone::Deleted) => new(StatusCode::GONE, "deleted", "The share was deleted by its owner."),
            StoreError::Taken => {
                new(StatusCode::CONFLICT, "taken", "The identifier is taken; choose a new random one.")
            }
            StoreError::Forbidden => new(StatusCode::FORBIDDEN, "wrong-token", "This token does not allow it."),
            StoreError::Conflict { latest } => Self {
                latest: Some(latest),
                ..new(
                    StatusCode::PRECONDITION_FAILED,
                    "conflict",
                    "Another version was added first; read it, merge, and add yours after it.",
                )
            },
            StoreError::Moved { expires } => Self {
                expires: Some(expires),
                ..new(
                    StatusCode::PRECONDITION_FAILED,
                    "moved",
                    "The share's end was moved meanwhile; seal the version for the new one and send it again.",
                )
            },
            StoreError::TooManyVersions => {
                new(StatusCode::CONFLICT, "too-many-versions", "The share has 1000 versions; fork it into a new one.")
            }
            StoreError::Corrupted => {
                tracing::error!("a stored share is damaged");
                let detail =
                    "This share is damaged on the server; other shares are not. Ask its owner to share it again.";
                new(StatusCode::INTERNAL_SERVER_ERROR, "corrupted", detail)
            }
            StoreError::Full => {
                new(StatusCode::INSUFFICIENT_STORAGE, "full", "The server has no room left.").later(3600)
            }
            StoreError::Unavailable(cause) => {
                tracing::error!(%cause, "the store is unavailable");
                new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The share store does not answer; try again.")
                    .later(5)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
