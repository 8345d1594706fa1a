//! The first formats against the true figures of their files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Truth, check, fixture, measured, measured_bytes};
use ingest::{Outcome, import_bytes};

#[test]
fn k6() {
    let summary = Truth {
        file: "k6/handle_summary.json",
        kind: "k6-summary",
        requests: Some(844),
        errors: Some(0),
        endpoints: Some(2),
        rps: Some(70.1768),
        duration_s: Some(12.0268),
        users: Some(1.0),
        latency: &[("mean", 15.43925), ("p50", 10.27413), ("p95", 37.73901), ("p99", 80.12128), ("max", 222.691326)],
        ..Truth::default()
    };
    let found = check(&summary);
    assert_eq!(found.endpoints[0].name, "checkout");
    assert_eq!(found.endpoints[0].figures.requests, Some(122));
    // What no threshold names is what the rest of the 844 requests took: (844 x 15.439 - 122 x 41.063) / 722.
    let (name, rest) = (&found.endpoints[1].name, &found.endpoints[1].figures);
    assert_eq!((name.as_str(), rest.requests), ("(without a name)", Some(722)));
    assert!((rest.latency_ms["mean"] - 11.10948).abs() < 1e-4, "{rest:?}");
    check(&Truth { file: "k6/summary_export.json", kind: "k6-summary-export", ..summary });

    let points = check(&Truth {
        file: "k6/out.ndjson",
        kind: "k6-ndjson",
        requests: Some(95),
        errors: Some(2),
        ..Truth::default()
    });
    assert_eq!(points.totals.unwrap().errors_by["500"], 2);
}

/// Endpoints by name and by URL: both where they can be of different requests, by name where some are the same.
#[test]
fn k6_names_and_urls() {
    let metric = |tags: &str, count: Option<u32>| {
        let count = count.map(|count| format!(",\"count\":{count}")).unwrap_or_default();
        format!("\"http_req_duration{{{tags}}}\":{{\"values\":{{\"avg\":20{count}}}}}")
    };
    for (named, by_url, names) in [
        (Some(60), Some(40), &["/cart", "checkout"][..]),
        (Some(60), Some(41), &["checkout"]),
        (Some(60), None, &["/cart", "checkout"]),
        (None, Some(100), &["/cart", "checkout"]),
    ] {
        let text = format!(
            "{{\"metrics\":{{\"http_req_duration\":{{\"values\":{{\"avg\":20}}}},{},{},\"http_reqs\":{{\"values\":{{\"count\":100,\"rate\":10}}}}}},\
             \"state\":{{\"testRunDurationMs\":10000}}}}",
            metric("name:checkout", named),
            metric("url:/cart", by_url)
        );
        let found = measured_bytes("summary.json", text.as_bytes());
        let mut endpoints: Vec<&str> = found.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
        endpoints.retain(|name| *name != "(without a name)");
        endpoints.sort_unstable();
        assert_eq!(endpoints, names, "{named:?} {by_url:?}");
    }
}

#[test]
fn locust() {
    let found = check(&Truth {
        file: "locust/shop_stats.csv",
        kind: "locust-stats",
        requests: Some(627),
        errors: Some(0),
        endpoints: Some(3),
        rps: Some(52.22038),
        latency: &[
            ("mean", 25.653407),
            ("p50", 20.0),
            ("p95", 61.0),
            ("p99", 99.0),
            ("p99_9", 300.0),
            ("max", 302.6334),
        ],
        warnings: &["percentiles-rounded", "few-samples"],
        ..Truth::default()
    });
    let cart = found.endpoints.iter().find(|endpoint| endpoint.name == "GET /api/cart").unwrap();
    assert_eq!((cart.figures.requests, cart.figures.latency_ms["p95"]), (Some(199), 61.0));
    check(&Truth {
        file: "locust/shop_stats_history.csv",
        kind: "locust-history",
        requests: Some(627),
        errors: Some(0),
        endpoints: Some(3),
        users: Some(10.0),
        latency: &[("mean", 25.653407), ("max", 302.6334)],
        ..Truth::default()
    });
    assert_eq!(measured("locust/shop_failures.csv").totals.unwrap().errors, Some(0));
    assert!(measured("locust/shop_exceptions.csv").warnings.is_empty());
    let failures = b"Method,Name,Error,Occurrences\nGET,/items/7,\"HTTPError('500, x')\",3\nGET,/items/8,timeout,2\n";
    let found = measured_bytes("f.csv", failures);
    assert_eq!(found.endpoints[0].name, "GET /items/:id");
    assert_eq!(found.totals.unwrap().errors, Some(5));
}

#[test]
fn jmeter() {
    let base =
        Truth { kind: "jmeter-csv", endpoints: Some(3), warnings: &["transactions-dropped"], ..Truth::default() };
    for (file, requests, errors) in [
        ("jmeter/results.jtl", 600, 6),
        ("jmeter/results_semicolon_datefmt.jtl", 180, 4),
        ("jmeter/results_noheader.jtl", 180, 8),
    ] {
        let found = check(&Truth { file, requests: Some(requests), errors: Some(errors), ..base.clone() });
        let transactions = found.warnings.iter().find(|warning| warning.code == "transactions-dropped").unwrap();
        assert_eq!(transactions.evidence["rows"], requests / 3, "{file}");
        assert!(found.started.unwrap().starts_with("2026-11-21T20:5"), "{file}");
    }
    // The mean by an independent sum over the file (awk over the elapsed column without transaction rows).
    let text = String::from_utf8(fixture("jmeter/results.jtl")).unwrap();
    let elapsed: Vec<f64> = text
        .lines()
        .skip(1)
        .filter(|line| !line.contains("Number of samples in transaction"))
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    let mean = elapsed.iter().sum::<f64>() / elapsed.len() as f64;
    assert!((measured("jmeter/results.jtl").totals.unwrap().latency_ms["mean"] - mean).abs() < 1e-9);
    let sub = "timeStamp,elapsed,label,responseCode,success\n1700000000000,30,home,200,true\n1700000000001,10,home-0,302,true\n\
               1700000000011,20,home-1,200,true\n1700000000100,5,Non-HTTP 3,Non HTTP response code: java.net.ConnectException,false\n";
    let found = measured_bytes("sub.jtl", sub.as_bytes());
    assert_eq!(found.totals.as_ref().unwrap().requests, Some(2));
    assert_eq!(found.totals.unwrap().errors_by["Non HTTP response code: java.net.ConnectException"], 1);
}

#[test]
fn the_shop() {
    check(&Truth {
        file: "shop-stack/shop_stats.csv",
        kind: "locust-stats",
        requests: Some(11034),
        errors: Some(0),
        endpoints: Some(2),
        rps: Some(61.1469),
        latency: &[("mean", 23.03227), ("p95", 91.0)],
        ..Truth::default()
    });
    let history = check(&Truth {
        file: "shop-stack/shop_stats_history.csv",
        kind: "locust-history",
        requests: Some(11034),
        endpoints: Some(2),
        users: Some(94.0),
        latency: &[("mean", 23.03227)],
        ..Truth::default()
    });
    let levels: serde_json::Value = serde_json::from_slice(&fixture("shop-stack/levels.json")).unwrap();
    let all: Vec<_> = history.levels.iter().filter(|level| level.steady && level.endpoint.is_none()).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    for (level, truth) in all.iter().zip(levels.as_array().unwrap()) {
        near(&level.figures, &truth["all"], 0.03);
        for name in ["GET /items/:id", "POST /checkout"] {
            let endpoint = history
                .levels
                .iter()
                .find(|other| other.endpoint.as_deref() == Some(name) && other.from_s == level.from_s)
                .unwrap();
            near(&endpoint.figures, &truth[name], 0.06);
            // From the mixture of the tool's windows: they leave out the level's edges and are rounded.
            let (got, truth) = (endpoint.figures.latency_ms["p95"], truth[name]["p95"].as_f64().unwrap());
            assert!((got / truth - 1.0).abs() < 0.05, "{name} at {} s: p95 {got} ms, truth {truth} ms", level.from_s);
        }
    }

    let cache = measured("shop-stack/prom_cache.json");
    assert_eq!((cache.kind.as_str(), cache.series.len()), ("prometheus-query", 2));
    assert_eq!(cache.series[0].labels["result"], "hit");
    assert!((cache.series[0].points[0].1 - 277.119_706_666_666_7).abs() < 1e-9);
    assert_eq!(measured("shop-stack/prom_pay_mean.json").warnings[0].code, "points-dropped");
    let redis = measured("shop-stack/redis_info.txt");
    assert!((0.6..0.8).contains(&redis.resources[0].figures["hit_ratio"]), "{:?}", redis.resources[0]);
    let page = measured("shop-stack/app_metrics.txt");
    let count = page.series.iter().find(|series| {
        series.name == "http_request_duration_seconds_count"
            && series.labels.get("route").is_some_and(|route| route == "/items")
    });
    assert_eq!(count.unwrap().points[0].1, 14816.0);
    let bill = measured("shop-stack/cost_explorer.json");
    assert_eq!((bill.kind.as_str(), bill.costs.len()), ("aws-cost-explorer", 18));
    let database = &bill.costs[1];
    assert_eq!((database.service.as_str(), database.amount), ("Amazon Relational Database Service", 221.428_533_176_8));
    assert!((database.monthly.unwrap() - 221.428_533_176_8 * 730.0 / 744.0).abs() < 1e-9);
}

fn near(found: &ingest::measurements::Figures, truth: &serde_json::Value, tolerance: f64) {
    for (what, value, expected) in
        [("rps", found.rps.unwrap(), &truth["rps"]), ("mean", found.latency_ms["mean"], &truth["mean"])]
    {
        let expected = expected.as_f64().unwrap();
        assert!((value / expected - 1.0).abs() < tolerance, "{what}: {value}, in truth {expected}");
    }
}

#[test]
fn other_metrics() {
    let page = measured("prometheus/s_openmetrics.txt");
    assert!(page.series.iter().all(|series| !series.name.ends_with("_created")));
    assert_eq!(measured("prometheus/node_exporter_excerpt.prom").series[0].points[0].1, 460.99);
    assert_eq!(
        measured("prometheus/scalar.json").series[0].points,
        [(1_795_294_440.0, "154.61008109170152".parse().unwrap())]
    );
    assert_eq!(measured("prometheus/instant_range_vector.json").series[0].points[0], (1_795_294_411.603, 347.0));
    let info = measured("redis/info.txt");
    assert_eq!((info.kind.as_str(), info.tool_version.as_deref()), ("redis-info", Some("7.0.15")));
}

#[test]
fn tables_with_named_columns() {
    let rows: String = (0..200)
        .map(|index| {
            format!(
                "{},{},{},/items/{index}\n",
                1_700_000_000 + index / 10,
                20 + index % 7,
                if index == 5 { 503 } else { 200 }
            )
        })
        .collect();
    let found = measured_bytes("log.csv", format!("time,duration_ms,status,path\n{rows}").as_bytes());
    let totals = found.totals.unwrap();
    assert_eq!((totals.requests, totals.errors, found.endpoints.len()), (Some(200), Some(1), 1));
    assert_eq!(found.endpoints[0].name, "/items/:id");

    let levels = measured_bytes("levels.csv", b"users;rps;mean (ms);p95 (ms)\n10;100,5;12,5;30\n20;190;14;41\n");
    assert_eq!(levels.levels.len(), 2);
    assert_eq!(levels.levels[0].figures.latency_ms["mean"], 12.5);
    assert_eq!(levels.levels[0].figures.rps, Some(100.5));
    assert_eq!(levels.model, Some(ingest::measurements::LoadModel::Closed));

    // The unit of one column is that of its neighbours; where none says it, it is asked, and one word answers.
    let levels = measured_bytes("levels.csv", b"rps,mean_s,p95\n10,0.012,0.03\n20,0.014,0.04\n");
    assert_eq!((levels.levels[0].figures.latency_ms["p95"], levels.model), (30.0, None));
    let levels = measured_bytes("levels.csv", b"users,rps,duration_s,mean_ms,p95\n10,100,60,12,30\n20,190,60,14,41\n");
    assert_eq!(levels.levels[0].figures.latency_ms["p95"], 30.0);
    let bare = b"users,rps,mean,p95\n10,100,12,30\n20,190,14,41\n";
    let Outcome::Question(question) = import_bytes("levels.csv", bare) else { panic!() };
    assert!(question.text.contains("`mean`") && question.file == "levels.csv", "{question:?}");
    let unit = |unit| ingest::Options { unit: Some(unit), ..ingest::Options::default() };
    for (file, bytes, mean) in [
        ("levels.csv", &bare[..], 12_000.0),
        ("rows.csv", b"time,duration,status\n1,0.25,200\n2,0.5,200\n", 375.0),
        // What the file says itself goes before.
        ("rows.csv", b"time,duration_ms,status\n1,25,200\n2,50,200\n", 37.5),
        ("levels.csv", b"users,rps,mean_ms\n10,100,12\n", 12.0),
        // How long a level lasted says nothing of its latencies.
        ("levels.csv", b"users,rps,duration_ms,mean,p95\n10,100,60000,12,30\n", 12_000.0),
        ("caddy.log", b"{\"logger\":\"http\",\"request\":{\"uri\":\"/\"},\"duration\":0.5}\n{\"logger\":\"http\",\"request\":{\"uri\":\"/\"},\"duration\":0.5}\n", 500.0),
    ] {
        let found = ingest::import_bytes_with(file, bytes, unit(ingest::TimeUnit::Seconds));
        let Outcome::Measured(found) = found else { panic!("{file}: {found:?}") };
        let level = found.levels.first().map(|level| level.figures.clone());
        let figures = level.filter(|figures| figures.users.is_some()).or(found.totals).unwrap();
        assert_eq!(figures.latency_ms["mean"], mean, "{file}");
    }

    let Outcome::Question(question) = import_bytes("x.csv", b"time,duration,status\n1,0.25,200\n2,0.5,200\n") else {
        panic!()
    };
    assert!(question.text.contains("unit") && question.candidates.len() == 4);
    let seconds = question.candidates[1].options.clone();
    let Outcome::Measured(found) =
        ingest::import_bytes_with("x.csv", b"time,duration,status\n1,0.25,200\n2,0.5,200\n", seconds)
    else {
        panic!()
    };
    assert_eq!(found.totals.unwrap().latency_ms["mean"], 375.0);
    let Outcome::Question(question) = import_bytes("x.csv", b"a,b\n1,2\n3,4\n") else { panic!() };
    assert_eq!(question.columns, ["a", "b"]);
}

/// Levels as spreadsheets write them: no number is lost without a word.
#[test]
fn levels_in_any_notation() {
    for (name, text, mean, last_rps, warning) in [
        ("german", "rps;mean_ms;p95_ms\n10;12,5;20,1\n20;13,5;22,0\n40;1.234,5;2.000,9\n", Some(1234.5), 40.0, None),
        (
            "american",
            "rps,mean_ms,p95_ms\n10,12,20\n20,13,22\n\"1,200\",\"1,234.5\",2000\n",
            Some(1234.5),
            1200.0,
            None,
        ),
        ("units", "rps,mean_ms\n10,12\n20,13\n40 req/s,1.5 s\n", Some(1500.0), 40.0, None),
        (
            "no unit",
            "rps,mean_ms\n10,12\n40,15 apples\n",
            None,
            40.0,
            Some(("values-skipped", "A value could not be read, first line 3 (`15 apples`)")),
        ),
        (
            "n/a",
            "rps,mean_ms\n10,12\n20,n/a\n40,n/a\n",
            None,
            40.0,
            Some(("values-skipped", "2 values could not be read, first line 3 (`n/a`)")),
        ),
        ("users", "users,rps,mean_ms\n10,12,5\nmany,40,6\n", Some(6.0), 40.0, Some(("values-skipped", "(`many`)"))),
        ("nothing", "rps,mean_ms\n10,12\n40,\n", None, 40.0, None),
        // Whether a point parts thousands is told by the rows beside it, before or behind.
        (
            "points of thousands",
            "rps;mean_ms\n10;12,5\n1.100;1.234\n",
            Some(1234.0),
            1.1,
            Some(("notation-by-column", "`mean_ms` have a decimal comma")),
        ),
        (
            "the other way",
            "rps;mean_ms\n10;1.234\n40;12,5\n",
            Some(12.5),
            40.0,
            Some(("notation-by-column", "`mean_ms`")),
        ),
        ("points alone", "rps;mean_ms\n10;2.345\n40;1.234\n", Some(1.234), 40.0, None),
    ] {
        let found = measured_bytes("levels.csv", text.as_bytes());
        let last = &found.levels.last().unwrap().figures;
        assert_eq!((last.latency_ms.get("mean").copied(), last.rps), (mean, Some(last_rps)), "{name}");
        let said = found
            .warnings
            .iter()
            .find(|warning| warning.code.ends_with("-skipped") || warning.code.starts_with("notation"));
        match (warning, said) {
            (Some((code, words)), Some(said)) => {
                assert!(said.code == code && said.text.contains(words), "{name}: {said:?}")
            }
            (None, None) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
    let rows = "time;duration_ms;status\n1;1.234;200\n2;12,5;200\n3;2 s;200\n";
    let found = measured_bytes("rows.csv", rows.as_bytes()).totals.unwrap();
    assert_eq!((found.requests, found.latency_ms["max"], found.latency_ms["min"]), (Some(3), 2000.0, 12.5));
}

#[test]
fn what_is_nothing_is_said_with_a_remedy() {
    for (bytes, word) in [
        (&b""[..], "empty"),
        (b"  \n ", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"{\"a\": 1}", "keys a"),
        (b"{\"a\": 1,, }", "JSON"),
        (b"just a sentence\n", "just a sentence"),
        (b"{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}", "parse error"),
    ] {
        let Outcome::Nothing(refusal) = import_bytes("file", bytes) else { panic!("{bytes:?}") };
        let text = refusal.to_string();
        assert!(text.starts_with("file: ") && text.contains(word) && !refusal.remedy.is_empty(), "{text}");
    }
}
