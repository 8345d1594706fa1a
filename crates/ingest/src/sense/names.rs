//! Endpoint names: identifiers in paths collapsed, so that `/items/81` and `/items/82` are one endpoint.

use std::collections::BTreeMap;

/// The endpoint of requests whose name is empty: an empty name is none, and no key of a map.
const UNNAMED: &str = "(unnamed)";

/// The label by method and raw path, URL or name, as [`endpoint`] gives it, or as the tool gave it where names are to be kept.
pub fn label(keep: bool, method: &str, raw: &str) -> String {
    if keep && !raw.trim().is_empty() { raw.to_owned() } else { endpoint(method, raw) }
}

/// The label by method and raw path, URL or name: `GET /items/:id`. A name that is no path stays as the tool gave it.
pub fn endpoint(method: &str, raw: &str) -> String {
    let raw = raw.trim();
    if raw.is_empty() {
        return UNNAMED.to_owned();
    }
    let (written_method, rest) = split_method(raw);
    // A request line: `GET /items HTTP/1.1`.
    let rest = rest.rsplit_once(' ').filter(|(_, protocol)| protocol.starts_with("HTTP/")).map_or(rest, |pair| pair.0);
    let Some(path) = path_of(rest) else { return raw.to_owned() };
    let method = written_method.unwrap_or(method).trim();
    let path = collapse(path);
    if method.is_empty() { path } else { format!("{method} {path}") }
}

/// The method a name starts with, and the rest.
fn split_method(raw: &str) -> (Option<&str>, &str) {
    match raw.split_once(' ') {
        Some((method, rest)) if is_method(method) => (Some(method), rest.trim_start()),
        _ => (None, raw),
    }
}

/// Whether this is an HTTP method.
pub fn is_method(word: &str) -> bool {
    matches!(word, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "TRACE" | "CONNECT")
}

/// The host of a URL.
pub fn host(raw: &str) -> Option<&str> {
    let (_, rest) = split_method(raw.trim()).1.split_once("://")?;
    rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())
}

/// The path of a path or URL, without query and fragment.
fn path_of(raw: &str) -> Option<&str> {
    let path = if raw.starts_with('/') {
        raw
    } else {
        let (scheme, rest) = raw.split_once("://")?;
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        rest.find('/').map_or("/", |start| &rest[start..])
    };
    path.split(['?', '#']).next()
}

/// The path with each segment that is an identifier replaced by `:id`.
pub fn collapse(path: &str) -> String {
    if !path.split('/').any(is_identifier) {
        return path.to_owned();
    }
    let segments: Vec<&str> =
        path.split('/').map(|segment| if is_identifier(segment) { ":id" } else { segment }).collect();
    segments.join("/")
}

/// Whether a path segment is an identifier: a number, a UUID, a long hexadecimal word, or a long mix of letters and digits.
pub fn is_identifier(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return false;
    }
    let all = |test: fn(&u8) -> bool| bytes.iter().all(test);
    let number = digits == bytes.len();
    let hexadecimal = bytes.len() >= 8 && all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let token = bytes.len() >= 16
        && digits >= 3
        && all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && bytes.iter().any(u8::is_ascii_alphabetic);
    number || hexadecimal || token
}

/// The name of a percentile in the measurements: `99.9` becomes `p99_9`; nothing for what is no percentile.
pub fn percentile(percent: &str) -> Option<String> {
    let percent = percent.trim().trim_end_matches('%');
    let value: f64 = percent.parse().ok()?;
    if !(value > 0.0 && value < 100.0) {
        return None;
    }
    Some(format!("p{value}").replace('.', "_"))
}

/// Which raw names became one endpoint.
#[derive(Debug, Clone, Default)]
pub struct Collapsed {
    rules: BTreeMap<String, (u64, String)>,
}

impl Collapsed {
    /// Notes that `raw` became `name`.
    pub fn note(&mut self, raw: &str, name: &str) {
        if !name.contains(":id") || raw.contains(":id") {
            return;
        }
        if let Some((names, _)) = self.rules.get_mut(name) {
            *names += 1;
        } else if self.rules.len() < 100 {
            self.rules.insert(name.to_owned(), (1, raw.to_owned()));
        }
    }

    /// The rules as evidence: endpoint, how many raw names it stands for, one of them.
    pub fn evidence(&self) -> BTreeMap<String, serde_json::Value> {
        let rule = |(name, (names, example)): (&String, &(u64, String))| {
            (name.clone(), serde_json::json!({ "names": names, "example": example }))
        };
        self.rules.iter().map(rule).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (method, raw, expected) in [
            ("GET", "/items/81", "GET /items/:id"),
            ("GET", "GET /items/:id", "GET /items/:id"),
            ("POST", "https://shop.example:8443/cart/81/lines?x=1#top", "POST /cart/:id/lines"),
            ("GET", "http://shop.example", "GET /"),
            ("", "/users/3f2b8c1e-1d2a-4b6f-9c3d-5e6f7a8b9c0d", "/users/:id"),
            ("GET", "/o/507f1f77bcf86cd799439011", "GET /o/:id"),
            ("GET", "/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", "GET /t/:id"),
            ("GET", "/api/v1/products", "GET /api/v1/products"),
            ("GET", "/s3/oauth2/feedface", "GET /s3/oauth2/feedface"),
            ("GET", "products", "products"),
            ("", "POST checkout, \"final\"", "POST checkout, \"final\""),
            ("", "Buy flow 17", "Buy flow 17"),
            ("", "GET /items/81 HTTP/1.1", "GET /items/:id"),
            ("", "GET /items?x=1 HTTP/2.0", "GET /items"),
            ("", "about HTTP/2", "about HTTP/2"),
            ("", "", "(unnamed)"),
            ("GET", " ", "(unnamed)"),
        ] {
            assert_eq!(endpoint(method, raw), expected, "{raw}");
        }
        assert_eq!(
            [label(true, "", "/a/17"), label(true, "", " "), label(false, "", "/a/17")],
            ["/a/17", "(unnamed)", "/a/:id"]
        );
    }
}
