//! Headers on every answer.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::middleware::Next;

/// What every answer carries, whatever its content: no sniffing, no referrer (a share link's key lives in the address),
/// no sharing of the browsing context, no use of any device.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// For answers that are no page: nothing may be loaded from them.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Middleware: adds the headers that every answer carries.
pub(crate) async fn add<const HSTS: bool>(request: Request, next: Next) -> axum::response::Response {
    let mut response = next.run(request).await;
    put(&mut response, HSTS);
    response
}

fn put<B>(response: &mut Response<B>, hsts: bool) {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING));
    }
    if hsts {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
}
