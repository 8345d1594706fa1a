//! Requests to the server the page came from.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestInit, Response};

/// Milliseconds until an answer is not waited for any more.
const PATIENCE: u32 = 30_000;

/// What the server answered, whatever it was.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    headers: Headers,
}

impl Reply {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// A header's number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.header(name)?.parse().ok()
    }

    /// Whether it is what was asked for.
    pub fn is_fine(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Asks the page's own server; `None` when it cannot be reached.
pub async fn send(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Option<Reply> {
    let list = Headers::new().ok()?;
    for (name, value) in headers {
        list.set(name, value).ok()?;
    }
    let options = RequestInit::new();
    options.set_method(method);
    options.set_headers(&list);
    options.set_cache(RequestCache::NoStore);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    if let Some(body) = body {
        options.set_body(&JsValue::from(Uint8Array::from(body)));
    }
    let answered = JsFuture::from(web_sys::window()?.fetch_with_str_and_init(path, &options)).await.ok()?;
    let response: Response = answered.dyn_into().ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    let body = Uint8Array::new(&buffer).to_vec();
    Some(Reply { status: response.status(), body, headers: response.headers() })
}
