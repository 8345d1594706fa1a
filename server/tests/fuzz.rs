//! Every documented operation with values nobody would send: each answer is one that the document names, in the documented form,
//! and never a fault of the server.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{Running, id_of, put};
use reqwest::{Client, Method};
use serde_json::Value;
use server::{Config, Credentials, LogFormat, PerMinute, ShareRules, StoreAt, Target};

/// Requests in all.
const ROUNDS: u64 = 6000;

/// A sequence that is the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    /// Text that has gone wrong somewhere before.
    fn text(&mut self) -> String {
        const ODD: [&str; 22] = [
            "",
            "0",
            "1",
            "-1",
            "99999999999999999999",
            "1e400",
            "NaN",
            "null",
            "true",
            "[]",
            "{}",
            "\"",
            "'; DROP TABLE share; --",
            "<script>alert(1)</script>",
            "../../etc/passwd",
            "%00",
            "%2e%2e%2f",
            "\u{202e}\u{0}",
            "a\tb",
            "\"1\"",
            "*",
            "W/\"1\"",
        ];
        match self.roll(4) {
            0 => self.pick(&ODD).repeat(1 + self.roll(40)),
            1 => (0..self.roll(200)).map(|_| char::from(33 + u8::try_from(self.roll(94)).expect("small"))).collect(),
            _ => self.pick(&ODD).to_owned(),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = [0, 1, 100, 100, 100, 5000][self.roll(6)];
        (0..length).map(|_| u8::try_from(self.roll(256)).expect("small")).collect()
    }
}

/// A value for a parameter: sometimes a good one, so that what lies behind the first check is reached too.
fn value(name: &str, dice: &mut Dice) -> String {
    if dice.roll(9) == 0 {
        return dice.text();
    }
    match name {
        "id" => id_of(u8::try_from(dice.roll(24)).expect("small")),
        "number" => dice.pick(&["1", "2", "0", "1000"]).to_owned(),
        "target" => dice.pick(&["prod", "other"]).to_owned(),
        "authorization" => dice
            .pick(&[
                "Bearer owner-token-0123456789",
                "Bearer owner-token-0123456789",
                "Bearer owner-token-0123456789",
                "Bearer other-token-0123456789",
                "Basic x",
            ])
            .to_owned(),
        "if-match" => dice.pick(&["\"1\"", "\"1\"", "\"2\"", "\"7\""]).to_owned(),
        "if-none-match" => "*".to_owned(),
        "headroom-edit-token" => "edit-token-0123456789xyz".to_owned(),
        "headroom-expires" => dice.pick(&["1900000000", "1900000000", "1900000000", "1", "9999999999999"]).to_owned(),
        "headroom-parent" => format!("{}/1", id_of(1)),
        _ => dice.pick(&["1800000000", "1800000600", "15", "up"]).to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[tokio::test]
async fn no_request_is_a_fault_of_the_server() {
    let folder = tempfile::tempdir().expect("folder");
    let unlimited = PerMinute(None);
    let config = Config {
        store: StoreAt::File(folder.path().join("shares.db")),
        shares: ShareRules { reads: unlimited, writes: unlimited, share_bytes: 4000, ..ShareRules::default() },
        targets: vec![Target::new("prod", "http://127.0.0.1:1", Credentials::None).expect("a target")],
        proxy: server::ProxyRules { per_minute: unlimited, ..server::ProxyRules::default() },
        log: LogFormat::Off,
        ..Config::default()
    };
    let server = Running::start(config).await;
    let client = Client::new();
    let document = client.get(server.url("/api/v1/openapi.json")).send().await.expect("answer");
    let document: Value = document.json().await.expect("json");
    let mut dice = Dice(1);
    let mut reached = std::collections::BTreeSet::new();
    let paths = document["paths"].as_object().expect("paths").iter();
    let operations: Vec<(&String, &String, &Value)> = paths
        .flat_map(|(path, methods)| methods.as_object().expect("methods").iter().map(move |(m, o)| (path, m, o)))
        .collect();
    for _ in 0..ROUNDS {
        let (path, method, operation) = operations[dice.roll(operations.len())];
        let request = request(&client, &server, path, method, operation, &mut dice);
        let Ok(built) = request.build() else { continue };
        let shown = format!("{built:?}");
        let response = client.execute(built).await.expect("an answer");
        let status = response.status().as_u16();
        reached.insert((format!("{method} {path}"), status));
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("").to_owned();
        let body = response.bytes().await.expect("a body");
        // An empty or two-part id is another address, which answers `no-route`.
        let known = operation["responses"].get(status.to_string()).is_some() || matches!(status, 404 | 405);
        assert!(known && status != 500, "{status} to {shown}: {}", String::from_utf8_lossy(&body));
        if status >= 400 {
            assert_eq!(kind, "application/problem+json", "{shown}");
            let problem: Value = serde_json::from_slice(&body).expect("JSON");
            assert!(problem["code"].is_string() && problem["status"] == status, "{shown}: {problem}");
        }
    }
    // The fuzzer is worth something only if it gets behind the first check.
    for (operation, status) in [
        ("put /api/v1/shares/{id}", 201),
        ("put /api/v1/shares/{id}", 200),
        ("put /api/v1/shares/{id}", 412),
        ("put /api/v1/shares/{id}", 413),
        ("get /api/v1/shares/{id}", 200),
        ("delete /api/v1/shares/{id}", 204),
        ("get /api/v1/shares/{id}/history", 200),
        ("get /api/v1/prometheus/{target}/query_range", 502),
    ] {
        assert!(reached.contains(&(operation.to_owned(), status)), "{operation} never answered {status}: {reached:?}");
    }
    let kept = put(&client, &server, &id_of(200), b"still here", "owner-token-0123456789").header("if-none-match", "*");
    assert_eq!(kept.send().await.expect("answer").status(), 201);
}

fn request(
    client: &Client,
    server: &Running,
    path: &str,
    method: &str,
    operation: &Value,
    dice: &mut Dice,
) -> reqwest::RequestBuilder {
    let mut address = path.to_owned();
    let (mut query, mut headers) = (Vec::new(), Vec::new());
    // Both at once are refused at the first check.
    let unused = dice.pick(&["if-match", "if-none-match", ""]);
    for parameter in operation["parameters"].as_array().map_or(&[][..], Vec::as_slice) {
        let name = parameter["name"].as_str().expect("a name");
        let is_left_out = parameter["required"] != true && dice.roll(3) == 0 || dice.roll(30) == 0;
        if is_left_out || name == unused {
            continue;
        }
        let value = value(name, dice);
        match parameter["in"].as_str().expect("a place") {
            "path" => address = address.replace(&format!("{{{name}}}"), &escaped(&value)),
            "query" => query.push(format!("{name}={}", escaped(&value))),
            _ => headers.push((name.to_owned(), value)),
        }
    }
    if !query.is_empty() {
        address = format!("{address}?{}", query.join("&"));
    }
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    let mut request = client.request(method.clone(), server.url(&address));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    match method.as_str() {
        "PUT" => {
            let kind = if dice.roll(5) == 0 { "text/plain" } else { "application/octet-stream" };
            request.header("content-type", kind).body(dice.bytes())
        }
        "PATCH" => {
            let good =
                dice.pick(&["{\"expires\": 1900000000}", "{\"expires\": -1}", "{\"expires\": 1e99}", "[[[[[[[["]);
            request.body(if dice.roll(3) == 0 { dice.text() } else { good.to_owned() })
        }
        _ => request,
    }
}
