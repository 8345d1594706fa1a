//! Access logs as the named servers wrote them, against what an own reading of the same lines gives (awk).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Truth, check, fixture};
use ingest::{Options, Outcome, TimeUnit, import_bytes, import_bytes_with};

const LOG: Truth = Truth {
    file: "",
    kind: "access-log",
    requests: Some(120),
    errors: Some(5),
    endpoints: Some(3),
    rps: None,
    duration_s: None,
    users: None,
    latency: &[("mean", 8.15), ("max", 30.0)],
    warnings: &[],
    tolerance: 0.0,
};

#[test]
fn logs_of_real_servers() {
    let rows = [
        Truth { file: "logs/nginx_timed.log", warnings: &["units-guessed"], ..LOG },
        Truth { file: "logs/nginx_ups.log", ..LOG },
        Truth { file: "logs/nginx_json.log", kind: "json-lines", ..LOG },
        Truth { file: "logs/apache_vhost.log", errors: Some(4), latency: &[], warnings: &["no-latency"], ..LOG },
        Truth {
            file: "logs/caddy.log",
            kind: "json-lines",
            requests: Some(60),
            errors: Some(3),
            latency: &[("mean", 48.2351)],
            ..LOG
        },
        Truth {
            file: "logs/haproxy.log",
            kind: "haproxy-log",
            errors: Some(4),
            latency: &[("mean", 52.3917), ("max", 75.0)],
            warnings: &["zone-guessed"],
            ..LOG
        },
    ];
    for row in rows {
        let found = check(&row);
        let names: Vec<&str> = found.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
        for name in ["GET /products", "GET /cart/:id", "POST /checkout"] {
            assert!(names.contains(&name), "{}: {names:?}", row.file);
        }
    }
}

/// Apache writes microseconds, which the log does not say: asked.
#[test]
fn the_unit_of_apache_is_asked() {
    let bytes = fixture("logs/apache_timed.log");
    let Outcome::Question(_) = import_bytes("access.log", &bytes) else { panic!("no question") };
    let options = Options { unit: Some(TimeUnit::Microseconds), ..Options::default() };
    let Outcome::Measured(found) = import_bytes_with("access.log", &bytes, options) else { panic!("not read") };
    let totals = found.totals.unwrap();
    assert_eq!((totals.requests, totals.errors), (Some(120), Some(4)));
    assert!((totals.latency_ms["mean"] / 50.4552 - 1.0).abs() < 0.005 && totals.latency_ms["max"] == 63.964);
}

/// Names of OpenTelemetry and of the Elastic Common Schema, nested and flat; and a log in brackets, which is no JSON.
#[test]
fn names_of_conventions() {
    for line in [
        r#"{"@timestamp":"2026-11-21T10:00:00.000Z","http.method":"GET","http.target":"/a/5","http.status_code":500,"duration":"12ms"}"#,
        r#"{"@timestamp":"2026-11-21T10:00:00.000Z","event":{"duration":12000000},"http":{"request":{"method":"GET"},"response":{"status_code":500}},"url":{"path":"/a/5"}}"#,
        r#"{"@timestamp":"2026-11-21T10:00:00.000Z","event.duration":12000000,"http.request.method":"GET","http.response.status_code":500,"url.path":"/a/5"}"#,
    ] {
        let found = common::measured_bytes(line, format!("{line}\n{line}\n").as_bytes());
        let totals = found.totals.unwrap();
        assert_eq!((totals.requests, totals.errors, totals.latency_ms["mean"]), (Some(2), Some(2), 12.0), "{line}");
        assert_eq!(found.endpoints[0].name, "GET /a/:id", "{line}");
    }
    let log = "[GIN] 2026/11/21 - 10:00:00 | 200 |      12.5ms |       127.0.0.1 | GET      \"/a\"\n".repeat(3);
    if let ingest::Outcome::Nothing(refusal) = ingest::import_bytes("gin.log", log.as_bytes()) {
        assert!(!refusal.expected.contains("JSON document"), "{refusal}");
    }
}

/// nginx's own form of the time, and a local time whose zone somebody knows.
#[test]
fn times_of_json_lines() {
    for (time, zone_minutes, started, guessed) in [
        ("21/Nov/2026:10:00:00 +0000", None, "2026-11-21T10:00:00.000Z", false),
        ("21/Nov/2026:12:00:00 +0200", None, "2026-11-21T10:00:00.000Z", false),
        ("2026-11-21 10:00:00", None, "2026-11-21T10:00:00.000Z", true),
        ("2026-11-21 12:00:00", Some(120), "2026-11-21T10:00:00.000Z", false),
    ] {
        let line = format!(r#"{{"time_local":"{time}","request_time":0.000,"status":200,"request_uri":"/a"}}"#);
        let options = Options { zone_minutes, ..Options::default() };
        let Outcome::Measured(found) = import_bytes_with("a.log", format!("{line}\n{line}\n").as_bytes(), options)
        else {
            panic!("not read: {line}")
        };
        assert_eq!(found.started.as_deref(), Some(started), "{line}");
        assert_eq!(found.warnings.iter().any(|warning| warning.code == "zone-guessed"), guessed, "{line}");
    }
}
