//! The share API over real connections: what is stored and read back, who may do what, and how it says no.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{Running, bytes_of, id_of, put};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::{Config, Credentials, LogFormat, PerMinute, ShareRules, StoreAt, Target};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const OWNER: &str = "owner-token-0123456789";
const EDITOR: &str = "editor-token-0123456789";
const STRANGER: &str = "stranger-token-0123456789";
const START: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

struct Bench {
    server: Running,
    client: Client,
    now: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Bench {
    async fn new(rules: ShareRules) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let now = Arc::new(AtomicI64::new(START));
        let time = Arc::clone(&now);
        let config = Config {
            store: StoreAt::File(folder.path().join("shares.db")),
            shares: rules,
            targets: vec![Target::new("prod", "http://127.0.0.1:1", Credentials::None).expect("a target")],
            log: LogFormat::Off,
            clock: Arc::new(move || time.load(Ordering::Relaxed)),
            ..Config::default()
        };
        Self { server: Running::start(config).await, client: Client::new(), now, _folder: folder }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.server.url(path))
    }

    fn create(&self, number: u8, content: &[u8]) -> RequestBuilder {
        put(&self.client, &self.server, &id_of(number), content, OWNER)
            .header("if-none-match", "*")
            .header("headroom-edit-token", EDITOR)
    }

    fn append(&self, number: u8, after: &str, token: &str, content: &[u8]) -> RequestBuilder {
        put(&self.client, &self.server, &id_of(number), content, token).header("if-match", after)
    }

    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("answer")
    }
}

fn share(number: u8) -> String {
    format!("/api/v1/shares/{}", id_of(number))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().expect("ascii"))
}

/// Checks a refusal's form and gives its code.
async fn refusal(response: Response, status: StatusCode, code: &str) -> Value {
    assert_eq!(header(response.headers(), "content-type"), "application/problem+json", "{code}");
    let answered = response.status();
    let body: Value = response.json().await.expect("json");
    assert_eq!((answered, &body["code"], &body["status"]), (status, &json!(code), &json!(status.as_u16())), "{body}");
    assert_eq!(body["type"], format!("urn:headroom:problem:{code}"));
    assert!(body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{body}");
    body
}

#[tokio::test]
async fn a_share_from_its_first_version_to_its_end() {
    let bench = Bench::new(ShareRules::default()).await;
    let created = bench.create(1, b"first").send().await.expect("answer");
    assert_eq!(created.status(), StatusCode::CREATED);
    assert_eq!(header(created.headers(), "etag"), "\"1\"");
    let summary: Value = created.json().await.expect("json");
    let expected = json!({"id": id_of(1), "latest": 1, "created": START, "expires": START + 365 * DAY});
    assert_eq!(summary, expected);

    bench.now.store(START + 10, Ordering::Relaxed);
    let appended = bench.append(1, "\"1\"", EDITOR, b"the second").send().await.expect("answer");
    assert_eq!((appended.status(), header(appended.headers(), "etag")), (StatusCode::OK, "\"2\""));

    for (path, version, created, content) in [
        (share(1), "2", START + 10, &b"the second"[..]),
        (format!("{}/versions/2", share(1)), "2", START + 10, b"the second"),
        (format!("{}/versions/1", share(1)), "1", START, b"first"),
    ] {
        let response = bench.get(&path).await;
        let headers = response.headers().clone();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        for (name, value) in [
            ("content-type", "application/octet-stream"),
            ("cache-control", "private, no-cache"),
            ("headroom-version", version),
            ("headroom-latest", "2"),
            ("headroom-created", &created.to_string()),
            ("headroom-sealed-expires", &(START + 365 * DAY).to_string()),
            ("etag", &format!("\"{version}\"")),
        ] {
            assert_eq!(header(&headers, name), value, "{path} {name}");
        }
        assert_eq!(bytes_of(response).await, content, "{path}");
        let again = bench.request(Method::GET, &path).header("if-none-match", format!("\"{version}\""));
        assert_eq!(again.send().await.expect("answer").status(), StatusCode::NOT_MODIFIED, "{path}");
    }

    let history: Value = bench.get(&format!("{}/history", share(1))).await.json().await.expect("json");
    assert_eq!(history["versions"][1]["size"], 10);
    assert_eq!(history["versions"][1]["created"], START + 10);

    // A fork names where it came from.
    let fork =
        bench.create(2, b"fork").header("headroom-parent", format!("{}/2", id_of(1))).send().await.expect("answer");
    assert_eq!(fork.json::<Value>().await.expect("json")["parent"], format!("{}/2", id_of(1)));

    // The owner moves the end; the version keeps the one that was sealed into it.
    let body = json!({"expires": START + 700 * DAY}).to_string();
    let moved = bench.request(Method::PATCH, &share(1)).bearer_auth(OWNER).body(body).send().await.expect("answer");
    assert_eq!(moved.status(), StatusCode::OK);
    let headers = bench.get(&share(1)).await.headers().clone();
    assert_eq!(header(&headers, "headroom-expires"), (START + 700 * DAY).to_string());
    assert_eq!(header(&headers, "headroom-sealed-expires"), (START + 365 * DAY).to_string());

    bench.now.store(START + 700 * DAY, Ordering::Relaxed);
    refusal(bench.get(&share(1)).await, StatusCode::GONE, "expired").await;
    let deleted = bench.request(Method::DELETE, &share(1)).bearer_auth(OWNER).send().await.expect("answer");
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    refusal(bench.get(&share(1)).await, StatusCode::GONE, "deleted").await;
    refusal(bench.get(&format!("{}/history", share(1))).await, StatusCode::GONE, "deleted").await;
}

#[tokio::test]
async fn of_two_editors_one_wins_and_the_other_hears_of_it() {
    let bench = Bench::new(ShareRules::default()).await;
    bench.create(1, b"start").send().await.expect("answer");
    let (one, two) =
        tokio::join!(bench.append(1, "\"1\"", EDITOR, b"one").send(), bench.append(1, "\"1\"", OWNER, b"two").send());
    let (one, two) = (one.expect("answer"), two.expect("answer"));
    let (winner, loser) = if one.status() == StatusCode::OK { (&b"one"[..], two) } else { (&b"two"[..], one) };
    let body = refusal(loser, StatusCode::PRECONDITION_FAILED, "conflict").await;
    assert_eq!(body["latest"], 2);
    assert_eq!(bytes_of(bench.get(&share(1)).await).await, winner);
}

#[tokio::test]
async fn refusals() {
    let bench = Bench::new(ShareRules { share_bytes: 1000, ..ShareRules::default() }).await;
    bench.create(1, b"kept").send().await.expect("answer");
    let new = |number| bench.create(number, b"x");
    let delete = |token: &str| bench.request(Method::DELETE, &share(1)).bearer_auth(token);
    let extend = |body: String| bench.request(Method::PATCH, &share(1)).bearer_auth(OWNER).body(body);
    let bare = |content: Vec<u8>| {
        let request = bench.request(Method::PUT, &share(3)).header("content-type", "application/octet-stream");
        request.header("if-none-match", "*").body(content)
    };
    let too_long = (START + 6 * 365 * DAY).to_string();
    let rows: Vec<(RequestBuilder, u16, &str)> = vec![
        (bench.request(Method::GET, &share(9)), 404, "not-found"),
        (bench.request(Method::GET, "/api/v1/shares/short"), 404, "not-found"),
        (bench.request(Method::GET, "/api/v1/shares/..%2f..%2fetc%2fpasswd"), 404, "not-found"),
        (bench.request(Method::GET, &format!("{}/versions/2", share(1))), 404, "no-version"),
        (bench.request(Method::GET, &format!("{}/versions/-1", share(1))), 404, "no-version"),
        (bench.request(Method::GET, &format!("{}/versions/99999999999", share(1))), 404, "no-version"),
        (bench.request(Method::GET, "/api/v1/nothing"), 404, "no-route"),
        (bench.request(Method::POST, &share(1)), 405, "method-not-allowed"),
        (new(1), 409, "taken"),
        (bare(b"x".to_vec()), 401, "no-token"),
        (bare(b"x".to_vec()).header("authorization", "Basic abc"), 401, "no-token"),
        (bare(b"x".to_vec()).bearer_auth("short"), 400, "bad-token"),
        (bare(b"x".to_vec()).bearer_auth("a".repeat(129)), 400, "bad-token"),
        (bare(b"x".to_vec()).bearer_auth("spaces in the middle of it"), 400, "bad-token"),
        (bare(b"x".to_vec()).bearer_auth(OWNER).header("headroom-edit-token", "short"), 400, "bad-token"),
        (bare(Vec::new()).bearer_auth(OWNER), 400, "empty"),
        (bare(vec![0; 1001]).bearer_auth(OWNER), 413, "too-large"),
        (bare(b"x".to_vec()).bearer_auth(OWNER).header("content-encoding", "gzip"), 415, "wrong-type"),
        (bare(b"x".to_vec()).bearer_auth(OWNER).header("headroom-expires", START.to_string()), 400, "bad-expiry"),
        (bare(b"x".to_vec()).bearer_auth(OWNER).header("headroom-expires", too_long), 400, "bad-expiry"),
        (bare(b"x".to_vec()).bearer_auth(OWNER).header("headroom-expires", "soon"), 400, "bad-header"),
        (bare(b"x".to_vec()).bearer_auth(OWNER).header("headroom-parent", "x/y"), 400, "bad-header"),
        (bench.append(1, "1", OWNER, b"x"), 428, "no-precondition"),
        (bench.append(1, "W/\"1\"", OWNER, b"x"), 428, "no-precondition"),
        (bench.append(1, "\"1\"", OWNER, b"x").header("if-none-match", "*"), 428, "no-precondition"),
        (bench.append(1, "\"2\"", OWNER, b"x"), 412, "conflict"),
        (bench.append(1, "\"1\"", OWNER, b"x").header("headroom-expires", START.to_string()), 412, "moved"),
        (bench.append(1, "\"1\"", STRANGER, b"x"), 403, "wrong-token"),
        (bench.append(9, "\"1\"", OWNER, b"x"), 404, "not-found"),
        (delete(EDITOR), 403, "wrong-token"),
        (bench.request(Method::DELETE, &share(1)), 401, "no-token"),
        (extend("{}".to_owned()), 400, "bad-body"),
        (extend("{\"expires\": 1}".to_owned()), 400, "bad-expiry"),
        (extend(format!("{{\"expires\": {}, \"owner\": 1}}", START + DAY)), 400, "bad-body"),
        (extend("x".repeat(5000)), 413, "bad-body"),
    ];
    for (request, status, code) in rows {
        let response = request.send().await.expect("answer");
        refusal(response, StatusCode::from_u16(status).expect("status"), code).await;
    }
    assert_eq!(bytes_of(bench.get(&share(1)).await).await, b"kept", "nothing of it touched the share");
}

#[tokio::test]
async fn quotas() {
    let few = PerMinute(NonZeroU32::new(3));
    let bench = Bench::new(ShareRules { writes: few, reads: few, total_bytes: 100, ..ShareRules::default() }).await;
    assert_eq!(bench.create(1, &[7; 60]).send().await.expect("answer").status(), StatusCode::CREATED);
    refusal(bench.create(2, &[7; 60]).send().await.expect("answer"), StatusCode::INSUFFICIENT_STORAGE, "full").await;
    assert_eq!(bench.create(3, &[7; 40]).send().await.expect("answer").status(), StatusCode::CREATED);
    let response = bench.create(4, b"x").send().await.expect("answer");
    let wait: u64 = header(response.headers(), "retry-after").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "one of three a minute comes every 20 s, not in {wait} s");
    let body = refusal(response, StatusCode::TOO_MANY_REQUESTS, "too-many-requests").await;
    assert_eq!(body["retry_after"], wait);
    for _ in 0..3 {
        assert_eq!(bench.get(&share(1)).await.status(), StatusCode::OK);
    }
    refusal(bench.get(&share(1)).await, StatusCode::TOO_MANY_REQUESTS, "too-many-requests").await;
}

/// What is refused takes no room from others, however often it is tried.
#[tokio::test]
async fn refused_writes_leave_the_quota_as_it_was() {
    let unlimited = PerMinute(None);
    let bench = Bench::new(ShareRules { writes: unlimited, total_bytes: 100, ..ShareRules::default() }).await;
    assert_eq!(bench.create(1, &[7; 60]).send().await.expect("answer").status(), StatusCode::CREATED);
    for _ in 0..3 {
        for (request, status, code) in [
            (bench.append(1, "\"1\"", STRANGER, &[8; 40]), StatusCode::FORBIDDEN, "wrong-token"),
            (bench.append(1, "\"5\"", OWNER, &[8; 40]), StatusCode::PRECONDITION_FAILED, "conflict"),
            (bench.append(9, "\"1\"", OWNER, &[8; 40]), StatusCode::NOT_FOUND, "not-found"),
            (bench.create(1, &[8; 40]), StatusCode::CONFLICT, "taken"),
        ] {
            refusal(request.send().await.expect("answer"), status, code).await;
        }
    }
    let stored = bench.append(1, "\"1\"", EDITOR, &[8; 40]).send().await.expect("answer");
    assert_eq!(stored.status(), StatusCode::OK);
    let more = bench.append(1, "\"2\"", EDITOR, b"x").send().await.expect("answer");
    refusal(more, StatusCode::INSUFFICIENT_STORAGE, "full").await;
}

/// A body takes memory when it arrives, not when it is announced, and until it is written.
#[tokio::test]
async fn announced_and_stored_bodies_leave_room_for_others() {
    let rules = ShareRules { writes: PerMinute(None), ..ShareRules::default() };
    let config = Config { store: StoreAt::Memory, shares: rules.clone(), log: LogFormat::Off, ..Config::default() };
    let (bench, memory) = (Bench::new(rules).await, Running::start(config).await);
    let mut idle = Vec::new();
    for number in 0..100 {
        let mut stream = TcpStream::connect(bench.server.address).await.expect("connect");
        let head = format!(
            "PUT {} HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nAuthorization: Bearer {OWNER}\r\n\
             If-None-Match: *\r\nContent-Length: {}\r\n\r\nx",
            share(number + 100),
            2 << 20
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        idle.push(stream);
    }
    let content = vec![7; 2 << 20];
    let started = Instant::now();
    for number in 0..70 {
        let request = put(&bench.client, &memory, &id_of(number), &content, OWNER).header("if-none-match", "*");
        assert_eq!(request.send().await.expect("answer").status(), StatusCode::CREATED, "{number}");
    }
    assert_eq!(bench.create(1, &content).send().await.expect("answer").status(), StatusCode::CREATED);
    assert!(started.elapsed() < Duration::from_secs(19), "the idle ones were cut off first");
    drop(idle);
}

#[tokio::test]
async fn the_server_says_what_it_can_do() {
    let bench = Bench::new(ShareRules::default()).await;
    let abilities: Value = bench.get("/api/v1").await.json().await.expect("json");
    let expected =
        json!({"shares": {"most_bytes": 2 << 20, "default_days": 365, "longest_days": 1825}, "prometheus": ["prod"]});
    assert_eq!(abilities, expected);
    assert_eq!(bench.get("/readyz").await.status(), StatusCode::OK);

    let without = Running::start(Config { log: LogFormat::Off, ..Config::default() }).await;
    let abilities: Value =
        bench.client.get(without.url("/api/v1")).send().await.expect("answer").json().await.expect("json");
    assert_eq!(abilities, json!({}));
    let response = bench.client.get(without.url(&share(1))).send().await.expect("answer");
    refusal(response, StatusCode::NOT_FOUND, "no-route").await;
}

/// Each documented operation exists, and each path of the router is documented: an address that is not answers `no-route`.
#[tokio::test]
async fn the_document_describes_the_api() {
    let bench = Bench::new(ShareRules::default()).await;
    let document: Value = bench.get("/api/v1/openapi.json").await.json().await.expect("json");
    assert!(document["openapi"].as_str().expect("a version").starts_with("3."));
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let address = path.replace("{id}", &id_of(1)).replace("{number}", "1").replace("{target}", "prod");
        for (method, operation) in methods.as_object().expect("methods") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("method");
            let response = bench.request(method.clone(), &address).send().await.expect("answer");
            let status = response.status().as_u16().to_string();
            assert!(operation["responses"].get(&status).is_some(), "{method} {path} answered {status}");
            operations += 1;
        }
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::POST] {
            if methods.get(method.as_str().to_lowercase()).is_none() {
                let response = bench.request(method.clone(), &address).send().await.expect("answer");
                assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path} is not documented");
            }
        }
    }
    assert_eq!(operations, 9);
}

/// What an operator sees names routes by their pattern: no identifier, token or address leaks into it.
#[tokio::test]
async fn metrics_count_and_name_nobody() {
    let bench = Bench::new(ShareRules::default()).await;
    bench.create(1, b"content").send().await.expect("answer");
    for _ in 0..3 {
        let response = bench.get(&share(1)).await;
        assert!(header(response.headers(), "x-request-id").contains('-'));
    }
    bench.get(&share(2)).await;
    let odd = Method::from_bytes(b"INVENTED").expect("method");
    bench.request(odd, "/api/v1").send().await.expect("answer");
    let text = bench.get("/metrics").await.text().await.expect("text");
    for line in [
        "headroom_requests_total{method=\"PUT\",route=\"/api/v1/shares/{id}\",status=\"201\"} 1",
        "headroom_requests_total{method=\"GET\",route=\"/api/v1/shares/{id}\",status=\"200\"} 3",
        "headroom_requests_total{method=\"GET\",route=\"/api/v1/shares/{id}\",status=\"404\"} 1",
        "headroom_requests_total{method=\"OTHER\",route=\"/api/v1\",status=\"405\"} 1",
        "headroom_request_seconds_count{method=\"GET\",route=\"/api/v1/shares/{id}\",status=\"200\"} 3",
        "headroom_share_bytes 7",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    for secret in [&id_of(1), &id_of(2), OWNER, EDITOR, "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
