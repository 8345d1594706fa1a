//! Warnings that save a decision: each stands where its evidence is, and nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{finite, fixture, measured_bytes};

/// A stretch of a JTL: users, requests a second, milliseconds, seconds.
type Stretch = (u32, u32, u32, u32);

fn jtl(stretches: &[Stretch]) -> Vec<u8> {
    let mut text = "timeStamp,elapsed,label,responseCode,success,allThreads\n".to_owned();
    let mut start = 1_700_000_000_000_u64;
    for (users, rate, latency, seconds) in stretches {
        for index in 0..rate * seconds {
            let at = start + u64::from(index) * 1000 / u64::from(*rate);
            text.push_str(&format!("{at},{},GET /a,200,true,{users}\n", latency + index % 3));
        }
        start += u64::from(*seconds) * 1000;
    }
    text.into_bytes()
}

fn table(rows: u32) -> Vec<u8> {
    let row = |index: u32| format!("{},{},200\n", 1_700_000_000 + index / 10, 10 + index % 50);
    format!("time,duration_ms,status\n{}", (0..rows).map(row).collect::<String>()).into_bytes()
}

fn log(duration: &str) -> Vec<u8> {
    let line = |second: u32| {
        format!(
            "10.0.0.1 - - [21/Nov/2026:20:00:{second:02} +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"curl\" {duration}\n"
        )
    };
    (0..50).map(line).collect::<String>().into_bytes()
}

fn urls(hosts: &[&str]) -> Vec<u8> {
    let row = |index: usize| format!("{},12,200,https://{}/cart\n", 1_700_000_000 + index, hosts[index % hosts.len()]);
    format!("time,duration_ms,status,url\n{}", (0..20).map(row).collect::<String>()).into_bytes()
}

/// A summary of k6: 100 requests of 30 ms, so many of them with a name and 60 ms.
fn k6_summary(named: u32) -> Vec<u8> {
    let mean = (f64::from(named) * 60.0 + f64::from(100 - named) * 20.0) / 100.0;
    format!(
        "{{\"metrics\":{{\"http_req_duration\":{{\"values\":{{\"avg\":{mean},\"count\":100}}}},\"http_req_duration{{name:checkout}}\":{{\"values\":\
         {{\"avg\":60,\"count\":{named}}}}},\"http_reqs\":{{\"values\":{{\"count\":100,\"rate\":10}}}}}},\"state\":{{\"testRunDurationMs\":10000}}}}"
    )
    .into_bytes()
}

/// `statistics.json` with labels, their requests, rate and mean, and the rate of all.
fn jmeter_statistics(labels: &[(&str, u64, f64, f64)], rate: f64) -> Vec<u8> {
    let entry = |name: &str, requests: u64, rate: f64, mean: f64| {
        format!(
            "\"{name}\":{{\"transaction\":\"{name}\",\"sampleCount\":{requests},\"errorCount\":0,\"meanResTime\":{mean},\"throughput\":{rate}}}"
        )
    };
    let requests = labels.iter().map(|label| label.1).sum();
    let all: Vec<String> =
        labels.iter().map(|(name, requests, rate, mean)| entry(name, *requests, *rate, *mean)).collect();
    format!("{{{},{}}}", all.join(","), entry("Total", requests, rate, labels[0].3)).into_bytes()
}

/// File, warning, whether it must stand there, and a figure of its evidence.
struct Row {
    name: &'static str,
    bytes: Vec<u8>,
    code: &'static str,
    evidence: Option<(&'static str, f64)>,
}

fn row(name: &'static str, bytes: Vec<u8>, code: &'static str, evidence: Option<(&'static str, f64)>) -> Row {
    Row { name, bytes, code, evidence }
}

/// Runs in one file are seen as closely as each by itself, and a pause is no level.
#[test]
fn levels_of_runs_with_pauses() {
    for (name, pause, rates) in [
        ("an hour", 3600, &[30, 60, 90][..]),
        ("a day", 86_400, &[39, 39]),
        ("a minute", 60, &[30, 60]),
        ("a stall", 6, &[40, 40]),
    ] {
        let mut stretches: Vec<Stretch> = Vec::new();
        for rate in rates {
            stretches.extend([(10, *rate, 20, 120), (10, 0, 0, pause)]);
        }
        let found = measured_bytes(name, &jtl(&stretches));
        let steady = found.levels.iter().filter(|level| level.steady && level.endpoint.is_none());
        let found: Vec<f64> = steady.map(|level| level.figures.rps.unwrap()).collect();
        assert_eq!(found.len(), rates.len(), "{name}: {found:?}");
        for (found, rate) in found.iter().zip(rates) {
            assert!((found / f64::from(*rate) - 1.0).abs() < 0.01, "{name}: {found} for {rate}");
        }
    }
}

#[test]
fn warnings_stand_where_their_evidence_is() {
    let truth: &[Row] = &[
        // Twice the users, a tenth more requests, nearly twice the wait: the generator waits with the system.
        row(
            "saturated system",
            jtl(&[(10, 100, 20, 40), (20, 110, 38, 40)]),
            "coordinated-omission",
            Some(("users", 20.0)),
        ),
        row("healthy system", jtl(&[(10, 100, 20, 40), (20, 200, 21, 40)]), "coordinated-omission", None),
        // Twice the users, no more requests, the same wait: the generator is at its end.
        row(
            "saturated generator",
            jtl(&[(10, 100, 20, 40), (20, 102, 20, 40)]),
            "generator-saturated",
            Some(("users_after", 20.0)),
        ),
        row("healthy generator", jtl(&[(10, 100, 20, 40), (20, 200, 20, 40)]), "generator-saturated", None),
        row(
            "hey with 25 answers of status 500",
            fixture("hey/hey.txt"),
            "errors-called-success",
            Some(("errors", 25.0)),
        ),
        row("wrk with 43", fixture("wrk/wrk.txt"), "errors-called-success", Some(("errors", 43.0))),
        row("ab with 32", fixture("ab/ab.txt"), "errors-called-success", Some(("errors", 32.0))),
        row(
            "autocannon with 51",
            fixture("autocannon/autocannon.json"),
            "errors-called-success",
            Some(("errors", 51.0)),
        ),
        row("oha with 16", fixture("oha/oha.json"), "errors-called-success", Some(("errors", 16.0))),
        // A timeout and a refused connection are no answers.
        row("wrk with timeouts", [fixture("wrk/wrk.txt"), b"  Socket errors: connect 1, read 0, write 0, timeout 7\n".to_vec()].concat(), "errors-called-success", Some(("errors", 43.0))),
        row("oha without a server", br#"{"summary":{"successRate":0.0,"total":1.0,"requestsPerSec":9.0},"latencyPercentiles":{"p50":null},"statusCodeDistribution":{},"errorDistribution":{"Connection refused":9}}"#.to_vec(), "errors-called-success", None),
        row("Locust calls them failures", fixture("locust/shop_stats.csv"), "errors-called-success", None),
        row(
            "Locust rounds to two digits",
            fixture("locust/shop_stats.csv"),
            "percentiles-rounded",
            Some(("largest_ms", 99.0)),
        ),
        row(
            "whole milliseconds beside a median of 4",
            jtl(&[(5, 50, 3, 30)]),
            "percentiles-rounded",
            Some(("step_ms", 1.0)),
        ),
        row("whole milliseconds beside a median of 300", jtl(&[(5, 50, 300, 30)]), "percentiles-rounded", None),
        row("200 requests", table(200), "few-samples", Some(("all", 200.0))),
        row("2000 requests", table(2000), "few-samples", None),
        // The first 15 s at most are the warm-up: here they take four times as long.
        row("cold start", jtl(&[(5, 50, 80, 12), (5, 50, 20, 60)]), "warm-up-included", Some(("mean_ms_after", 21.0))),
        // Left out: the mean stays 20 to 22 ms.
        row("a clock set back", [jtl(&[(5, 50, 20, 40)]), b"1700000000000,-7,GET /a,200,true,5\n1700000000000,-9,GET /a,200,true,5\n".to_vec()].concat(), "negative-latency", Some(("count", 2.0))),
        row("a negative level", b"rps,mean_ms,p95_ms\n10,5,9\n20,-6,11\n".to_vec(), "negative-latency", Some(("count", 1.0))),
        row("a negative mean of a summary", br#"{"metrics":{"http_req_duration":{"values":{"avg":-3,"p(95)":9}},"http_reqs":{"values":{"count":5,"rate":1}}},"state":{"testRunDurationMs":5000}}"#.to_vec(), "negative-latency", Some(("count", 1.0))),
        row("no clock set back", jtl(&[(5, 50, 20, 40)]), "negative-latency", None),
        row("three of four requests without a name", k6_summary(25), "unnamed-requests", Some(("requests", 75.0))),
        row("all named", k6_summary(100), "unnamed-requests", None),
        row("a month with hardly anything in it", jmeter_statistics(&[("a", 9000, 0.0037, 9000.0)], 0.0037), "runs-appended", Some(("duration_s", 2_432_432.4))),
        row("two runs of other labels", jmeter_statistics(&[("a", 1000, 10.0, 50.0), ("b", 1000, 10.0, 50.0)], 0.4), "runs-appended", Some(("duration_s", 5000.0))),
        row("one iteration of labels one after another", jmeter_statistics(&[("a", 50, 10.0, 50.0), ("b", 50, 10.0, 50.0)], 10.0), "runs-appended", Some(("duration_s", 10.0))),
        row("one run", jmeter_statistics(&[("a", 1000, 10.0, 50.0), ("b", 1000, 10.1, 50.0)], 20.0), "runs-appended", None),
        row("two runs an hour apart", jtl(&[(5, 50, 20, 60), (5, 0, 0, 3600), (5, 50, 20, 60)]), "pauses", Some(("longest_s", 3600.0))),
        row("a stall in a run", jtl(&[(5, 50, 20, 60), (5, 0, 0, 5), (5, 50, 20, 60)]), "pauses", None),
        row("warm start", jtl(&[(5, 50, 20, 72)]), "warm-up-included", None),
        row("two hosts", urls(&["shop.example", "staging.example"]), "mixed-environments", Some(("hosts", 2.0))),
        row("one host", urls(&["shop.example"]), "mixed-environments", None),
        row("nginx's seconds", log("0.012"), "units-guessed", Some(("unit", 0.0))),
        row(
            "a month of which days are missing",
            b"date,service,cost\n2026-10-01,db,1\n2026-10-02,db,1\n".to_vec(),
            "partial-month",
            Some(("periods", 1.0)),
        ),
        row("a whole month", b"month,service,cost\n2026-10,db,1\n".to_vec(), "partial-month", None),
        row(
            "local times",
            b"time,duration_ms\n2026-11-21 10:00:00,5\n2026-11-21 10:00:01,6\n".to_vec(),
            "zone-guessed",
            Some(("example", 0.0)),
        ),
    ];
    for row in truth {
        let found = measured_bytes(row.name, &row.bytes);
        finite(row.name, &serde_json::to_value(&found).unwrap());
        let warning = found.warnings.iter().find(|warning| warning.code == row.code);
        let codes: Vec<&str> = found.warnings.iter().map(|warning| warning.code.as_str()).collect();
        let levels: Vec<_> = found
            .levels
            .iter()
            .map(|l| (l.from_s, l.to_s, l.steady, l.figures.rps, l.figures.latency_ms.get("mean")))
            .collect();
        assert_eq!(warning.is_some(), row.evidence.is_some(), "{}: {}: {codes:?} {levels:?}", row.name, row.code);
        let (Some(warning), Some((key, value))) = (warning, row.evidence) else { continue };
        assert!(warning.text.len() > 40, "{}", warning.text);
        // A plain run may look like this too.
        let either = [" one after another, or ", ", or hardly anything "];
        assert!(
            row.code != "runs-appended" || either.iter().any(|either| warning.text.contains(either)),
            "{}",
            warning.text
        );
        match &warning.evidence[key] {
            serde_json::Value::Number(number) => {
                assert!((number.as_f64().unwrap() - value).abs() < 0.3, "{}: {number}", row.name);
            }
            serde_json::Value::Array(items) => assert_eq!(items.len() as f64, value, "{}", row.name),
            serde_json::Value::String(text) => assert!(!text.is_empty(), "{}", row.name),
            other => panic!("{}: {other}", row.name),
        }
    }
}
