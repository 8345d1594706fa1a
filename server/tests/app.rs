//! The app's files over a real connection: types, encodings, caching, headers, and what must not be reachable.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{Running, write_files};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};
use server::{AppFiles, Config, Limits, LogFormat};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PAGE: &[u8] = b"<!doctype html><script type=\"module\">import init from './app-0123456789abcdef.js';</script>";

fn app() -> TempDir {
    let outer = tempfile::tempdir().expect("folder");
    let script = "export default 1;\n".repeat(100);
    write_files(
        outer.path(),
        &[
            ("secret.txt", b"outside the app"),
            ("app/index.html", PAGE),
            ("app/app-0123456789abcdef.js", script.as_bytes()),
            ("app/app-0123456789abcdef_bg.wasm", b"\0asm\x01\0\0\0"),
            ("app/app-0123456789abcdef_bg.wasm.br", b"brotli bytes"),
            ("app/worker_loader.js", b"import './worker.js'"),
            ("app/icons/app.svg", b"<svg/>"),
            ("app/.env", b"hidden"),
        ],
    );
    outer
}

fn config(outer: &TempDir) -> Config {
    Config { app: Some(AppFiles::Folder(outer.path().join("app"))), log: LogFormat::Off, ..Config::default() }
}

async fn get(url: &str, headers: &[(&'static str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, HeaderValue::from_str(value).expect("header"));
    }
    let response = reqwest::Client::new().get(url).headers(map).send().await.expect("answer");
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, response.bytes().await.expect("body").to_vec())
}

#[tokio::test]
async fn files_with_type_encoding_and_caching() {
    let outer = app();
    let server = Running::start(config(&outer)).await;
    let forever = "public, max-age=31536000, immutable";
    // path, Accept-Encoding, media type, Content-Encoding, Cache-Control
    let rows = [
        ("/", "gzip, br", "text/html; charset=utf-8", None, "no-cache"),
        ("/index.html", "", "text/html; charset=utf-8", None, "no-cache"),
        ("/app-0123456789abcdef.js", "gzip", "text/javascript; charset=utf-8", Some("gzip"), forever),
        ("/app-0123456789abcdef.js", "", "text/javascript; charset=utf-8", None, forever),
        ("/app-0123456789abcdef_bg.wasm", "gzip, br", "application/wasm", Some("br"), forever),
        ("/app-0123456789abcdef_bg.wasm", "identity", "application/wasm", None, forever),
        ("/worker_loader.js", "gzip, br", "text/javascript; charset=utf-8", None, "no-cache"),
        ("/icons/app.svg", "", "image/svg+xml", None, "no-cache"),
    ];
    for (path, accepted, media, encoding, cache) in rows {
        let (status, headers, body) = get(&server.url(path), &[("accept-encoding", accepted)]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers["content-type"], media, "{path}");
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().expect("ascii")), encoding, "{path}");
        assert_eq!(headers["cache-control"], cache, "{path}");
        assert_eq!(headers["vary"], "Accept-Encoding", "{path}");
        assert_eq!(headers["content-length"], body.len().to_string().as_str(), "{path}");
        // The same client asking again gets no body.
        let tag = headers["etag"].to_str().expect("ascii").to_owned();
        let again = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
        let (status, headers, body) = get(&server.url(path), &again).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(headers["etag"], tag.as_str(), "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let outer = app();
    let server = Running::start(Config { hsts: true, ..config(&outer) }).await;
    for path in ["/", "/worker_loader.js", "/healthz", "/nothing-here"] {
        let (_, headers, _) = get(&server.url(path), &[]).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ] {
            assert_eq!(headers[name], value, "{path} {name}");
        }
        let policy = headers["content-security-policy"].to_str().expect("ascii");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
    }
    let (_, headers, _) = get(&server.url("/"), &[]).await;
    let policy = headers["content-security-policy"].to_str().expect("ascii");
    assert!(policy.contains("'wasm-unsafe-eval' 'sha256-"), "{policy}");
}

#[tokio::test]
async fn nothing_outside_the_app_is_reachable() {
    let outer = app();
    let server = Running::start(config(&outer)).await;
    let paths = [
        "/nothing",
        "/.env",
        "/icons",
        "/icons/",
        "//index.html",
        "/../secret.txt",
        "/icons/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/icons/..%5c..%5csecret.txt",
        "/index.html%00",
        "/app-0123456789abcdef_bg.wasm.br",
        "/secret.txt",
    ];
    for path in paths {
        // Written by hand: a client library would tidy the path first.
        let answer = raw(&server, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("outside the app"), "{path}");
    }
    for (request, status) in [
        ("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "405"),
        ("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200"),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = raw(&server, request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
    }
}

async fn raw(server: &Running, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("connect");
    stream.write_all(request.as_bytes()).await.expect("write");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let outer = app();
    let limits = Limits { head: Duration::from_millis(300), ..Limits::default() };
    let server = Running::start(Config { limits, ..config(&outer) }).await;
    let started = Instant::now();
    let mut stream = TcpStream::connect(server.address).await.expect("connect");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ").await.expect("write");
    let mut answer = Vec::new();
    let _ =
        tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.expect("closed in time");
    assert!(started.elapsed() >= Duration::from_millis(250), "{:?}", started.elapsed());
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_the_port() {
    let outer = app();
    let server = Running::start(config(&outer)).await;
    let address = server.address;
    let mut idle = TcpStream::connect(address).await.expect("connect");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("write");
    let mut buffer = [0; 64];
    assert!(idle.read(&mut buffer).await.expect("answer") > 0);
    let stopped = server.stop();
    tokio::time::timeout(Duration::from_secs(5), stopped).await.expect("stops in time").expect("no panic");
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn a_folder_that_is_no_app_is_refused() {
    let empty = tempfile::tempdir().expect("folder");
    for (path, says) in
        [(empty.path().to_owned(), "holds no index.html"), (empty.path().join("absent"), "cannot be read")]
    {
        let config = Config { app: Some(AppFiles::Folder(path)), ..Config::default() };
        let error = server::Server::bind(config).await.expect_err("refused").to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// One address cannot take all connections; behind a proxy all come from one, so there that is no limit.
#[tokio::test]
async fn one_address_has_only_so_many_connections() {
    let outer = app();
    let ask = async |server: &Running| {
        let mut stream = TcpStream::connect(server.address).await.expect("connect");
        let mut buffer = [0; 16];
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let served = stream.read(&mut buffer).await.is_ok_and(|read| read > 0);
        (stream, served)
    };
    for (proxies, allowed) in [(0, 3), (1, 5)] {
        let limits = Limits { per_address: std::num::NonZeroU32::new(3), ..Limits::default() };
        let server = Running::start(Config { limits, proxies, ..config(&outer) }).await;
        let mut open = Vec::new();
        for number in 0..5 {
            let (stream, served) = ask(&server).await;
            assert_eq!(served, number < allowed, "{proxies} proxies, connection {number}");
            open.push(stream);
        }
        drop(open);
        let started = Instant::now();
        while !ask(&server).await.1 {
            assert!(started.elapsed() < Duration::from_secs(5), "a closed connection keeps its place");
        }
    }
}

/// Clients that send or read next to nothing: each is cut off, and others are served meanwhile.
#[tokio::test]
async fn slow_clients_are_cut_off_and_disturb_nobody() {
    let outer = app();
    let limits = Limits {
        head: Duration::from_millis(400),
        request: Duration::from_millis(400),
        write: Duration::from_millis(400),
        ..Limits::default()
    };
    let config = Config { limits, store: server::StoreAt::Memory, ..config(&outer) };
    let server = Running::start(config).await;
    let id = common::id_of(1);
    let put = format!(
        "PUT /api/v1/shares/{id} HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n\
         Authorization: Bearer owner-token-0123456789\r\nIf-None-Match: *\r\nContent-Length: 1000000\r\n\r\n"
    );
    // What is sent at once; then a byte every 100 ms.
    let rows = ["GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ".to_owned(), "G".to_owned(), put];
    let slow = (0..60).map(|number| {
        let (address, first) = (server.address, rows[number % rows.len()].clone());
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("connect");
            stream.write_all(first.as_bytes()).await.expect("write");
            let started = Instant::now();
            while started.elapsed() < Duration::from_secs(10) {
                if stream.write_all(b"x").await.is_err() {
                    return true;
                }
                let mut byte = [0; 256];
                let wait = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut byte)).await;
                if matches!(wait, Ok(Ok(0) | Err(_))) {
                    return true;
                }
            }
            false
        })
    });
    let slow: Vec<_> = slow.collect();
    for _ in 0..20 {
        let started = Instant::now();
        assert_eq!(get(&server.url("/healthz"), &[]).await.0, StatusCode::OK);
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }
    for one in slow {
        assert!(one.await.expect("no panic"), "a slow client was still served after ten seconds");
    }
}
