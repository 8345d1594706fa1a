//! The way to metrics servers: what is asked arrives, and nothing else does.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, post};
use common::Running;
use serde_json::{Value, json};
use server::{Config, Credentials, LogFormat, PerMinute, ProxyRules, Target};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

type Seen = Arc<Mutex<Vec<(BTreeMap<String, String>, HeaderMap)>>>;

/// Answers as Prometheus does, or as something worse, and remembers what it was asked.
async fn metrics_server() -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let ask = |State(seen): State<Seen>, headers: HeaderMap, Form(form): Form<BTreeMap<String, String>>| async move {
        let query = form["query"].clone();
        seen.lock().expect("no panic").push((form, headers));
        misbehave(&query).await
    };
    let trap = |State(seen): State<Seen>, headers: HeaderMap| async move {
        seen.lock().expect("no panic").push((BTreeMap::from([("trap".to_owned(), String::new())]), headers));
        "caught"
    };
    let router = Router::new()
        .route("/base/api/v1/query", post(ask))
        .route("/base/api/v1/query_range", post(ask))
        .route("/trap", any(trap))
        .with_state(Arc::clone(&seen));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

async fn misbehave(query: &str) -> Response {
    match query {
        "redirect" => Redirect::temporary("/trap").into_response(),
        "slow" => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            "late".into_response()
        }
        "large" => format!("{{\"status\": \"{}\"}}", "x".repeat(20_000)).into_response(),
        "page" => "<html>Log in</html>".into_response(),
        "other" => "{\"secret\": \"of another service\"}".into_response(),
        "refused" => (StatusCode::UNAUTHORIZED, "who are you?").into_response(),
        "error" => (StatusCode::INTERNAL_SERVER_ERROR, "stack trace").into_response(),
        "bad(" => (StatusCode::BAD_REQUEST, "{\"status\":\"error\",\"error\":\"parse error\"}").into_response(),
        _ => ([("set-cookie", "a=b"), ("x-inside", "host-7")], "{\"status\":\"success\",\"data\":{}}").into_response(),
    }
}

struct Bench {
    server: Running,
    seen: Seen,
}

impl Bench {
    async fn new(rules: ProxyRules) -> Self {
        let (address, seen) = metrics_server().await;
        let target = |name: &str, url: String, credentials| Target::new(name, &url, credentials).expect("a target");
        let targets = vec![
            target("prod", format!("http://{address}/base"), Credentials::Bearer("hush".to_owned())),
            target("by-name", format!("http://localhost:{}/base/", address.port()), Credentials::None),
            target("closed", "http://127.0.0.1:1".to_owned(), Credentials::None),
        ];
        let config = Config { targets, proxy: rules, log: LogFormat::Off, ..Config::default() };
        Self { server: Running::start(config).await, seen }
    }

    async fn get(&self, path: &str) -> (u16, reqwest::header::HeaderMap, Value) {
        let response = reqwest::get(self.server.url(path)).await.expect("answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.json().await.unwrap_or_default())
    }
}

fn rules() -> ProxyRules {
    ProxyRules { answer_bytes: 10_000, patience: 1, per_minute: PerMinute(None), ..ProxyRules::default() }
}

#[tokio::test]
async fn queries_arrive_with_the_operators_credentials() {
    let bench = Bench::new(rules()).await;
    let (_, _, abilities) = bench.get("/api/v1").await;
    assert_eq!(abilities, json!({"prometheus": ["by-name", "closed", "prod"]}));
    let window = "query=rate(x%5B1m%5D)&start=1800000000&end=1800003600&step=15";
    for (path, asked) in [
        ("/api/v1/prometheus/prod/query?query=up", json!({"query": "up"})),
        ("/api/v1/prometheus/by-name/query?query=up&time=1800000000.5", json!({"query": "up", "time": "1800000000.5"})),
        (
            &format!("/api/v1/prometheus/prod/query_range?{window}"),
            json!({"query": "rate(x[1m])", "start": "1800000000", "end": "1800003600", "step": "15"}),
        ),
    ] {
        let (status, headers, body) = bench.get(path).await;
        assert_eq!((status, &body["status"]), (200, &json!("success")), "{path}");
        assert_eq!(headers["content-type"], "application/json");
        assert!(!headers.contains_key("set-cookie") && !headers.contains_key("x-inside"), "{headers:?}");
        let (form, sent) = bench.seen.lock().expect("no panic").pop().expect("it arrived");
        assert_eq!(json!(form), asked, "{path}");
        let authorization = sent.get("authorization").map(|value| value.to_str().expect("ascii"));
        assert_eq!(authorization, path.contains("/prod/").then_some("Bearer hush"), "{path}");
        assert!(!sent.contains_key("cookie") && !sent.contains_key("x-forwarded-for"));
    }
}

#[tokio::test]
async fn what_is_not_allowed_or_odd_is_refused() {
    let bench = Bench::new(rules()).await;
    let at = |target: &str, rest: &str| format!("/api/v1/prometheus/{target}/{rest}");
    let rows = [
        (at("other", "query?query=up"), 404, "no-target"),
        (at("prod%2F..%2F..", "query?query=up"), 404, "no-target"),
        (at("127.0.0.1", "query?query=up"), 404, "no-target"),
        (at("http:%2F%2F169.254.169.254", "query?query=up"), 404, "no-target"),
        (at("prod@169.254.169.254", "query?query=up"), 404, "no-target"),
        (at("prod", "query"), 400, "bad-query"),
        (at("prod", "query?query="), 400, "bad-query"),
        (at("prod", &format!("query?query={}", "a".repeat(5000))), 400, "bad-query"),
        (at("prod", "query?query=up&time=NaN"), 400, "bad-query"),
        (at("prod", "query?query=up&url=http://169.254.169.254/"), 400, "bad-query"),
        (at("prod", "query_range?query=up&start=0&end=100000000&step=1"), 400, "bad-query"),
        (at("prod", "query_range?query=up&start=0&end=2000000&step=1"), 400, "bad-query"),
        (at("prod", "query_range?query=up&start=100&end=0&step=1"), 400, "bad-query"),
        (at("prod", "query_range?query=up&start=0&end=100&step=0"), 400, "bad-query"),
        (at("prod", "query_range?query=up&start=0&end=inf&step=1"), 400, "bad-query"),
        (at("prod", "query?query=redirect"), 502, "bad-target"),
        (at("prod", "query?query=page"), 502, "bad-target"),
        (at("prod", "query?query=other"), 502, "bad-target"),
        (at("prod", "query?query=refused"), 502, "bad-target"),
        (at("prod", "query?query=error"), 502, "bad-target"),
        (at("prod", "query?query=large"), 502, "answer-too-large"),
        (at("prod", "query?query=slow"), 504, "target-timeout"),
        (at("closed", "query?query=up"), 502, "target-away"),
    ];
    for (path, status, code) in rows {
        let (answered, headers, body) = bench.get(&path).await;
        assert_eq!((answered, &body["code"]), (status, &json!(code)), "{path}: {body}");
        assert_eq!(headers["content-type"], "application/problem+json", "{path}");
        for secret in ["hush", "127.0.0.1", "host-7", "secret", "stack trace"] {
            assert!(!body.to_string().contains(secret), "{path}: {body}");
        }
    }
    // What Prometheus itself says of a query is the visitor's to read.
    let (status, _, body) = bench.get(&at("prod", "query?query=bad(")).await;
    assert_eq!((status, &body["error"]), (400, &json!("parse error")));
    // Other addresses of the target cannot be named, and other methods do nothing.
    for path in [at("prod", "series"), at("prod", "query/../../admin/tsdb/delete_series"), at("prod", "admin")] {
        assert_eq!(bench.get(&path).await.0, 404, "{path}");
    }
    let client = reqwest::Client::new();
    let posted = client.post(bench.server.url(&at("prod", "query?query=up"))).send().await.expect("answer");
    assert_eq!(posted.status(), 405);
    let seen = bench.seen.lock().expect("no panic");
    assert!(seen.iter().all(|(form, _)| !form.contains_key("trap")), "a redirect was followed");
}

#[tokio::test]
async fn an_address_may_ask_only_so_often() {
    let bench = Bench::new(ProxyRules { per_minute: PerMinute(NonZeroU32::new(2)), ..rules() }).await;
    let path = "/api/v1/prometheus/prod/query?query=up";
    for status in [200, 200, 429] {
        assert_eq!(bench.get(path).await.0, status);
    }
}

#[tokio::test]
async fn only_so_many_queries_are_under_way() {
    let bench = Arc::new(Bench::new(ProxyRules { at_once: 2, ..rules() }).await);
    let ask = |query: &'static str| {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.get(&format!("/api/v1/prometheus/prod/query?query={query}")).await.0 })
    };
    let slow = [ask("slow"), ask("slow")];
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ask("up").await.expect("no panic"), 503);
    for one in slow {
        assert_eq!(one.await.expect("no panic"), 504);
    }
    assert_eq!(ask("up").await.expect("no panic"), 200);
}
