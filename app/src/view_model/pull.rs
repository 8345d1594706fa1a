//! What is asked of a metrics server.

use serde_json::Value;

/// Points of a window: enough to see steady levels, few enough to be quick.
const POINTS: f64 = 720.0;

/// A window of time, seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its start.
    pub start: f64,
    /// Its end.
    pub end: f64,
    /// Seconds between two points.
    pub step: f64,
}

impl Window {
    /// So many hours before a moment, in whole steps.
    pub fn before(now: f64, hours: f64) -> Self {
        let step = (hours * 3600.0 / POINTS).ceil().max(1.0);
        let end = (now / step).floor() * step;
        Self { start: end - hours * 3600.0, end, step }
    }
}

/// Names of the metrics servers in what `/api/v1` says.
pub fn targets(body: &[u8]) -> Vec<String> {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let list = value.get("prometheus").and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Where a window of an expression is asked for.
pub fn address(target: &str, query: &str, window: Window) -> String {
    let Window { start, end, step } = window;
    let (target, query) = (escaped(target), escaped(query));
    format!("/api/v1/prometheus/{target}/query_range?query={query}&start={start}&end={end}&step={step}")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What the answer is called among the imported files.
pub fn file_name(target: &str, query: &str) -> String {
    let query: String = query.chars().filter(|sign| !sign.is_control() && *sign != '/').take(60).collect();
    format!("{target} {query}.json")
}

/// The metrics server's own words about a query.
pub fn own_words(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(value.get("error")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_on_a_step() {
        let rows = [
            (1_800_000_007.3, 1.0, 5.0, 1_800_000_005.0),
            (1_800_000_007.3, 24.0, 120.0, 1_800_000_000.0),
            (1_800_000_007.3, 0.1, 1.0, 1_800_000_007.0),
        ];
        for (now, hours, step, end) in rows {
            let window = Window::before(now, hours);
            assert_eq!((window.step, window.end, window.end - window.start), (step, end, hours * 3600.0));
        }
    }

    #[test]
    fn an_expression_is_one_parameter() {
        let window = Window { start: 1.0, end: 2.5, step: 0.5 };
        let asked = address("prod", "rate(x{a=\"b&c\"}[1m])", window);
        let expected = "/api/v1/prometheus/prod/query_range?query=rate%28x%7Ba%3D%22b%26c%22%7D%5B1m%5D%29&start=1&end=2.5&step=0.5";
        assert_eq!(asked, expected);
        assert_eq!(file_name("prod", "a/b"), "prod ab.json");
        assert_eq!(targets(br#"{"prometheus": ["a", 7, "b"]}"#), ["a", "b"]);
        assert_eq!(own_words(br#"{"status": "error", "error": "parse error"}"#).as_deref(), Some("parse error"));
        assert_eq!((targets(b"{}").len(), own_words(b"{}")), (0, None));
    }
}
