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
