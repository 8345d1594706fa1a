//! Load-test tools against the true figures of their files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Truth, check, check_measured, measured_bytes, sample};
use ingest::measurements::LoadModel;
use ingest::{Options, Outcome, TimeUnit, import_bytes, import_bytes_with};

const ROWS: &[Truth] = &[
    Truth { file: "k6/out.csv", kind: "k6-csv", requests: Some(188), errors: Some(5), ..NONE },
    Truth {
        file: "locust/report.json",
        kind: "locust-json",
        requests: Some(631),
        errors: Some(0),
        endpoints: Some(3),
        // Written last: it has the 631 requests the server saw; the tables, written before, had 627 of them.
        latency: &[("mean", 26.4433), ("p50", 20.0), ("p95", 61.0), ("max", 302.6334)],
        tolerance: 0.02,
        warnings: &["percentiles-rounded"],
        ..NONE
    },
    Truth {
        file: "jmeter/results_xml.jtl",
        kind: "jmeter-xml",
        requests: Some(180),
        errors: Some(2),
        endpoints: Some(3),
        warnings: &["transactions-dropped"],
        ..NONE
    },
    Truth {
        file: "gatling/simulation_binary_3.12.1.log",
        kind: "gatling-binary",
        requests: Some(105),
        errors: Some(1),
        users: Some(11.0),
        latency: &[("min", 87.0), ("max", 368.0), ("mean", 128.495)],
        ..NONE
    },
    Truth {
        file: "wrk/wrk.txt",
        kind: "wrk",
        requests: Some(4940),
        errors: Some(43),
        endpoints: Some(1),
        rps: Some(493.42),
        duration_s: Some(10.01),
        users: Some(8.0),
        latency: &[("mean", 16.72), ("max", 85.59), ("p50", 15.07), ("p90", 28.08), ("p99", 47.97)],
        ..NONE
    },
    Truth {
        file: "wrk/wrk_nolatency_errors.txt",
        kind: "wrk",
        requests: Some(895),
        errors: Some(21),
        latency: &[("mean", 52.35)],
        ..NONE
    },
    Truth {
        file: "wrk2/wrk2.txt",
        kind: "wrk2",
        requests: Some(802),
        errors: Some(8),
        latency: &[("p50", 16.29), ("p90", 32.83), ("p95", 40.447), ("p99", 52.863)],
        ..NONE
    },
    Truth { file: "wrk2/wrk2_u_latency.txt", kind: "wrk2", requests: Some(804), errors: Some(0), ..NONE },
    Truth {
        file: "hey/hey.txt",
        kind: "hey",
        requests: Some(800),
        errors: Some(25),
        rps: Some(165.9667),
        duration_s: Some(4.8202),
        latency: &[("mean", 43.6), ("min", 6.0), ("max", 275.9), ("p50", 34.2), ("p95", 98.8), ("p99", 201.3)],
        ..NONE
    },
    Truth {
        file: "hey/hey_z_q.txt",
        kind: "hey",
        requests: Some(160),
        errors: Some(0),
        latency: &[("p90", 43.8)],
        ..NONE
    },
    Truth { file: "hey/hey.csv", kind: "hey-csv", requests: Some(800), errors: Some(5), ..NONE },
    Truth {
        file: "vegeta/report_readme.json",
        kind: "vegeta-json",
        requests: Some(100),
        errors: Some(0),
        rps: Some(101.0101),
        latency: &[("mean", 2.371194), ("p50", 2.854306), ("p90", 3.228223), ("p99", 3.53)],
        ..NONE
    },
    Truth {
        file: "vegeta/report_readme.txt",
        kind: "vegeta-text",
        requests: Some(1200),
        errors: Some(535),
        rps: Some(120.0),
        duration_s: Some(10.094966),
        latency: &[("min", 90.438), ("mean", 113.172), ("p50", 108.27), ("p95", 140.18), ("p99", 247.77)],
        warnings: &["errors"],
        ..NONE
    },
    Truth {
        file: "vegeta/hdrplot_readme.txt",
        kind: "hdr-histogram",
        requests: Some(1998),
        latency: &[("p50", 0.513059), ("p95", 0.570617), ("p99", 0.648085), ("max", 2.658916)],
        ..NONE
    },
    Truth {
        file: "oha/oha.json",
        kind: "oha",
        requests: Some(600),
        errors: Some(16),
        rps: Some(138.7832),
        duration_s: Some(4.32329),
        latency: &[("mean", 42.87035), ("p50", 31.8201), ("p95", 163.9836), ("p99", 191.2471), ("max", 251.9592)],
        warnings: &["errors-called-success"],
        ..NONE
    },
    // The server counted 500 requests, every fiftieth answered 500; latencies as oha prints them.
    Truth {
        file: "oha/oha.txt",
        kind: "oha-text",
        requests: Some(500),
        errors: Some(10),
        rps: Some(398.075),
        duration_s: Some(1.2560448),
        latency: &[("mean", 12.374), ("p50", 12.139), ("p95", 20.4883), ("p99", 30.3274), ("max", 41.1628)],
        warnings: &["errors-called-success"],
        ..NONE
    },
    // Counts as the server's own, means as worked out from the microseconds of the rows.
    Truth {
        file: "goose/requests.csv",
        kind: "goose-csv",
        requests: Some(339),
        errors: Some(35),
        endpoints: Some(2),
        latency: &[("mean", 14.062504), ("min", 5.693), ("max", 52.433)],
        ..NONE
    },
    Truth {
        file: "goose/requests.ndjson",
        kind: "goose-ndjson",
        requests: Some(300),
        errors: Some(31),
        endpoints: Some(2),
        latency: &[("mean", 15.909353), ("min", 5.211), ("max", 41.835)],
        ..NONE
    },
    Truth {
        file: "artillery/artillery.json",
        kind: "artillery",
        requests: Some(450),
        errors: Some(4),
        endpoints: Some(3),
        rps: Some(30.075),
        duration_s: Some(14.963),
        latency: &[("mean", 25.5), ("p50", 18.0), ("p95", 57.4), ("p99_9", 202.4)],
        ..NONE
    },
    Truth {
        file: "autocannon/autocannon.json",
        kind: "autocannon",
        requests: Some(1693),
        errors: Some(51),
        users: Some(8.0),
        duration_s: Some(10.1),
        latency: &[("mean", 46.58), ("p50", 35.0), ("p97_5", 187.0), ("p99", 199.0), ("max", 296.0)],
        ..NONE
    },
    Truth {
        file: "autocannon/autocannon_table.txt",
        kind: "autocannon-text",
        requests: Some(1904),
        errors: Some(190),
        users: Some(5.0),
        rps: Some(947.264),
        duration_s: Some(2.01),
        latency: &[("mean", 4.65), ("p50", 4.0), ("p97_5", 10.0), ("p99_9", 19.0), ("max", 24.0)],
        warnings: &["errors-called-success", "percentiles-rounded"],
        ..NONE
    },
    Truth {
        file: "autocannon/autocannon_rate.json",
        kind: "autocannon",
        requests: Some(660),
        errors: Some(5),
        rps: Some(81.4),
        warnings: &["omission-corrected"],
        ..NONE
    },
    Truth {
        file: "ab/ab.txt",
        kind: "ab",
        requests: Some(800),
        errors: Some(32),
        rps: Some(172.51),
        users: Some(8.0),
        duration_s: Some(4.638),
        latency: &[("mean", 46.375), ("min", 7.0), ("max", 238.0), ("p50", 34.0), ("p95", 163.0), ("p99", 198.0)],
        warnings: &["length-not-error"],
        ..NONE
    },
    Truth {
        file: "ab/ab_e.csv",
        kind: "ab-percentiles",
        latency: &[("min", 7.418), ("p50", 34.0)],
        tolerance: 0.05,
        ..NONE
    },
    // ab cuts to whole milliseconds here: the report of the same run has a mean of 46.375.
    Truth { file: "ab/ab_g.tsv", kind: "ab-gnuplot", requests: Some(800), latency: &[("mean", 45.54375)], ..NONE },
    Truth {
        file: "fortio/result_readme.json",
        kind: "fortio",
        requests: Some(40),
        errors: Some(0),
        rps: Some(7.568383),
        users: Some(8.0),
        duration_s: Some(5.285145),
        latency: &[("mean", 277.319), ("p50", 277.288), ("p95", 280.28), ("p99_9", 280.598)],
        warnings: &["percentile-interpolated"],
        ..NONE
    },
    Truth {
        file: "siege/siege.txt",
        kind: "siege",
        requests: Some(4647),
        errors: Some(50),
        users: Some(7.98),
        duration_s: Some(9.34),
        latency: &[("mean", 16.214)],
        ..NONE
    },
    Truth {
        file: "h2load/h2load.txt",
        kind: "h2load",
        requests: Some(800),
        errors: Some(8),
        rps: Some(539.56),
        users: Some(8.0),
        duration_s: Some(1.48),
        latency: &[("mean", 13.67), ("min", 1.89), ("max", 62.24)],
        ..NONE
    },
    Truth {
        file: "h2load/h2load.tsv",
        kind: "h2load-log",
        requests: Some(800),
        errors: Some(8),
        rps: Some(539.56),
        latency: &[("mean", 13.67), ("min", 1.89), ("max", 62.24)],
        ..NONE
    },
    Truth {
        file: "httperf/httperf.txt",
        kind: "httperf",
        requests: Some(800),
        errors: Some(4),
        rps: Some(80.0),
        duration_s: Some(10.0),
        latency: &[("mean", 16.7), ("min", 2.8), ("max", 68.0)],
        ..NONE
    },
    Truth {
        file: "loadtest/loadtest.txt",
        kind: "loadtest",
        requests: Some(800),
        errors: Some(6),
        rps: Some(79.968),
        users: Some(9.0),
        duration_s: Some(10.004),
        latency: &[("mean", 15.3), ("p50", 13.0), ("p95", 29.0), ("p99", 53.0), ("max", 123.0)],
        ..NONE
    },
    Truth {
        file: "drill/drill.txt",
        kind: "drill",
        requests: Some(180),
        errors: Some(2),
        endpoints: Some(3),
        rps: Some(249.61),
        users: Some(6.0),
        latency: &[("mean", 22.0), ("p50", 14.0), ("p99", 196.0), ("max", 203.0)],
        ..NONE
    },
];

const NONE: Truth = Truth {
    file: "",
    kind: "",
    requests: None,
    errors: None,
    endpoints: None,
    rps: None,
    duration_s: None,
    users: None,
    latency: &[],
    warnings: &[],
    tolerance: 0.0,
};

#[test]
fn every_tool_gives_its_true_figures() {
    for truth in ROWS {
        check(truth);
    }
}

#[test]
fn public_samples_where_they_are_present() {
    let rows = [
        Truth {
            file: "gatling/simulation_text_3.1.log",
            kind: "gatling-text",
            requests: Some(116),
            errors: Some(0),
            users: Some(3.0),
            latency: &[("min", 39.0), ("max", 10552.0), ("mean", 911.0)],
            ..NONE
        },
        Truth {
            file: "gatling/stats.json",
            kind: "gatling-stats",
            requests: Some(116),
            errors: Some(0),
            latency: &[("mean", 911.0), ("p50", 437.0), ("p99", 10552.0)],
            ..NONE
        },
        Truth {
            file: "gatling/global_stats.json",
            kind: "gatling-stats",
            requests: Some(116),
            rps: Some(6.105263),
            ..NONE
        },
        Truth {
            file: "jmeter/statistics_5x_public.json",
            kind: "jmeter-statistics",
            requests: Some(8999),
            errors: Some(8595),
            endpoints: Some(1),
            latency: &[("mean", 9166.612), ("p50", 9780.0), ("p90", 12617.0), ("p99", 12951.0)],
            ..NONE
        },
    ];
    for truth in rows {
        if let Some(bytes) = sample(truth.file) {
            check_measured(&truth, &measured_bytes(truth.file, &bytes));
        }
    }
}

/// Kind, file name, content, requests, failures, latencies.
type Documented = (&'static str, &'static str, String, Option<u64>, Option<u64>, &'static [(&'static str, f64)]);

#[test]
fn formats_without_a_sample_by_their_documentation() {
    let rows: Vec<Documented> = vec![
        (
            "k6-machine-summary", "new.json",
            r#"{"version":"1.0.0","config":{"duration":10.0,"execution":"local"},"metadata":{"k6Version":"2.0.0"},"results":{"metrics":[
            {"name":"http_reqs","type":"counter","values":{"count":500}},{"name":"http_req_failed","type":"rate","values":{"rate":0.02,"matches":10,"total":500}},
            {"name":"http_req_duration","type":"trend","values":{"avg":12.5,"med":10,"p(90)":20,"p(95)":30}}]}}"#.to_owned(),
            Some(500), Some(10), &[("mean", 12.5), ("p95", 30.0)],
        ),
        (
            "bombardier", "b.json",
            r#"{"spec":{"numberOfConnections":125,"url":"http://x/api","method":"GET"},"result":{"bytesRead":1,"timeTakenSeconds":2.0,"req1xx":0,
            "req2xx":900,"req3xx":0,"req4xx":50,"req5xx":40,"others":10,"latency":{"mean":1250.0,"stddev":1,"max":9000,"percentiles":{"50":1000,"95":3000," 99":5000}}}}"#.to_owned(),
            Some(1000), Some(100), &[("mean", 1.25), ("p50", 1.0), ("p99", 5.0)],
        ),
        (
            "siege-json", "s.json",
            r#"{ "transactions": 900, "availability": 90.00, "elapsed_time": 10.0, "response_time": 0.02, "transaction_rate": 90.0, "concurrency": 1.8,
            "successful_transactions": 900, "failed_transactions": 100, "longest_transaction": 0.09, "shortest_transaction": 0.00 }"#.to_owned(),
            Some(1000), Some(100), &[("mean", 20.0)],
        ),
        (
            "vegeta-csv", "v.csv",
            "1700000000000000000,200,5000000,0,20,,Zm9v,,0,GET,http://h/items/1,\n1700000001000000000,500,15000000,0,20,500 Internal Server Error,,,1,GET,http://h/items/2,\n\
             1700000002000000000,0,25000000,0,0,connection refused,,,2,GET,http://h/items/3,\n".to_owned(),
            Some(3), Some(2), &[("mean", 15.0)],
        ),
        (
            "vegeta-ndjson", "v.json",
            "{\"attack\":\"\",\"seq\":0,\"code\":200,\"timestamp\":\"2026-01-01T00:00:00Z\",\"latency\":5000000,\"bytes_out\":0,\"bytes_in\":2,\"error\":\"\",\"body\":null,\"method\":\"GET\",\"url\":\"http://h/a\",\"headers\":null}\n\
             {\"attack\":\"\",\"seq\":1,\"code\":503,\"timestamp\":\"2026-01-01T00:00:01Z\",\"latency\":7000000,\"bytes_out\":0,\"bytes_in\":2,\"error\":\"503\",\"body\":null,\"method\":\"GET\",\"url\":\"http://h/a\",\"headers\":null}\n".to_owned(),
            Some(2), Some(1), &[("mean", 6.0)],
        ),
        (
            "goose-csv", "g.csv",
            "elapsed,raw,name,final_url,redirected,response_time,status_code,success,update,user,error,coordinated_omission_elapsed,user_cadence\n\
             10,\"{\"\"method\"\":\"\"Get\"\"}\",GET /,http://h/,false,12,200,true,false,0,,0,0\n30,x,GET /,http://h/,false,18,500,false,false,0,bad,0,0\n\
             31,x,GET /,http://h/,false,18,500,true,true,0,bad,0,0\n".to_owned(),
            Some(2), Some(1), &[("mean", 15.0)],
        ),
        (
            "goose-ndjson", "g.log",
            "{\"elapsed\":10,\"raw\":{\"method\":\"Get\",\"url\":\"http://h/\"},\"name\":\"GET /\",\"final_url\":\"\",\"redirected\":false,\"response_time\":12,\"status_code\":200,\"success\":true,\"update\":false,\"user\":0,\"error\":\"\",\"coordinated_omission_elapsed\":0,\"user_cadence\":0}\n\
             {\"elapsed\":90,\"raw\":{\"method\":\"Get\",\"url\":\"http://h/\"},\"name\":\"GET /\",\"final_url\":\"\",\"redirected\":false,\"response_time\":18,\"status_code\":0,\"success\":false,\"update\":false,\"user\":0,\"error\":\"refused\",\"coordinated_omission_elapsed\":0,\"user_cadence\":0}\n".to_owned(),
            Some(2), Some(1), &[("mean", 15.0)],
        ),
        (
            "access-log", "access.log",
            "10.0.0.1 - - [21/Nov/2026:20:00:00 +0000] \"GET /items/1 HTTP/1.1\" 200 512 \"-\" \"agent (x)\" 0.010\n\
             10.0.0.1 - - [21/Nov/2026:20:00:01 +0000] \"GET /items/2?x=1 HTTP/1.1\" 502 0 \"-\" \"agent\" 0.030\n".to_owned(),
            Some(2), Some(1), &[("mean", 20.0)],
        ),
        (
            "json-lines", "caddy.log",
            "{\"level\":\"info\",\"ts\":1700000000.5,\"logger\":\"http.log.access\",\"request\":{\"method\":\"GET\",\"uri\":\"/items/1\"},\"duration\":0.010,\"status\":200}\n\
             {\"level\":\"info\",\"ts\":1700000001.5,\"logger\":\"http.log.access\",\"request\":{\"method\":\"GET\",\"uri\":\"/items/2\"},\"duration\":0.030,\"status\":500}\n".to_owned(),
            Some(2), Some(1), &[("mean", 20.0)],
        ),
        (
            "json-lines", "app.log",
            "{\"time\":\"2026-01-01T00:00:00Z\",\"path\":\"/a\",\"duration_ms\":10,\"status\":200}\n{\"time\":\"2026-01-01T00:00:01Z\",\"path\":\"/a\",\"duration_ms\":20,\"status\":404}\n".to_owned(),
            Some(2), Some(1), &[("mean", 15.0)],
        ),
        (
            "artillery", "v1.json",
            r#"{"aggregate":{"scenariosCreated":10,"requestsCompleted":100,"latency":{"min":1,"max":90,"median":10,"p95":40,"p99":80},"rps":{"count":100,"mean":9.5},"codes":{"200":95,"500":5},"errors":{"ETIMEDOUT":2}},"intermediate":[]}"#.to_owned(),
            Some(100), Some(7), &[("p95", 40.0)],
        ),
    ];
    for (kind, file, text, requests, errors, latency) in rows {
        let found = measured_bytes(file, text.as_bytes());
        let totals = found.totals.clone().unwrap();
        assert_eq!((found.kind.as_str(), totals.requests, totals.errors), (kind, requests, errors), "{file}");
        for (name, expected) in latency {
            assert!((totals.latency_ms[*name] - expected).abs() < 1e-4, "{file}: {name} {:?}", totals.latency_ms);
        }
    }
}

/// `for c in 2 4 8; do wrk -c$c …; done > runs.txt`: the first report is not the whole file.
#[test]
fn several_reports_in_one_file_are_refused() {
    for (name, reports) in [
        ("wrk/wrk.txt", 2),
        ("wrk/wrk_nolatency_errors.txt", 3),
        ("wrk2/wrk2.txt", 2),
        ("wrk2/wrk2_u_latency.txt", 2),
        ("ab/ab.txt", 4),
        ("hey/hey.txt", 2),
        ("oha/oha.txt", 2),
        ("siege/siege.txt", 2),
        ("h2load/h2load.txt", 2),
        ("httperf/httperf.txt", 2),
        ("loadtest/loadtest.txt", 2),
        ("drill/drill.txt", 2),
        ("vegeta/report_readme.txt", 2),
        ("autocannon/autocannon_table.txt", 2),
    ] {
        let text = String::from_utf8(common::fixture(name)).unwrap();
        let text = if text.ends_with('\n') { text } else { text + "\n" };
        let Outcome::Nothing(refusal) = import_bytes(name, text.repeat(reports).as_bytes()) else {
            panic!("{name} was read")
        };
        let found = format!("{reports} reports in one file");
        assert!(refusal.found == found && refusal.remedy.contains("one file each"), "{refusal}");
        let lines = text.lines().count() as u32;
        assert!(refusal.line.is_some_and(|line| line > lines && line <= 2 * lines), "{refusal}");
    }
}

/// Runs whose clock begins anew, or that are the same, lie one over the other: twice the rate that was.
#[test]
fn several_runs_in_one_file_are_refused() {
    for name in ["hey/hey.csv", "ab/ab_g.tsv", "h2load/h2load.tsv", "goose/requests.csv"] {
        let text = String::from_utf8(common::fixture(name)).unwrap();
        let text = format!("{}\n{text}", text.trim_end());
        let Outcome::Nothing(refusal) = import_bytes(name, text.as_bytes()) else { panic!("{name} was read") };
        assert!(refusal.found == "2 runs in one file" && refusal.remedy.contains("one file each"), "{refusal}");
    }
}

#[test]
fn what_the_file_does_not_say_is_asked_or_absent() {
    let hgrm = "       Value   Percentile   TotalCount 1/(1-Percentile)\n\n 2.5 0.0 1 1.0\n 8.0 0.5 50 2.0\n 9.0 1.0 100 inf\n";
    let Outcome::Question(question) = import_bytes("x.hgrm", hgrm.as_bytes()) else { panic!("no question") };
    let seconds = question.candidates.iter().find(|candidate| candidate.label == "seconds").unwrap();
    let Outcome::Measured(found) = import_bytes_with("x.hgrm", hgrm.as_bytes(), seconds.options.clone()) else {
        panic!()
    };
    assert_eq!(found.totals.unwrap().latency_ms["p50"], 8000.0);

    let log = "h - - [21/Nov/2026:20:00:00 +0000] \"GET /a HTTP/1.1\" 200 512 1234\n";
    let Outcome::Question(_) = import_bytes("a.log", log.as_bytes()) else { panic!() };
    let options = Options { unit: Some(TimeUnit::Microseconds), ..Options::default() };
    let Outcome::Measured(found) = import_bytes_with("a.log", log.as_bytes(), options) else { panic!() };
    assert_eq!(found.totals.unwrap().latency_ms["mean"], 1.234);

    // A point is nginx's seconds, whatever is said of all files.
    for (duration, mean) in [("0.250", 250.0), ("250", 0.25)] {
        let line =
            format!("h - - [21/Nov/2026:20:00:00 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"curl\" {duration}\n");
        let options = Options { unit: Some(TimeUnit::Microseconds), ..Options::default() };
        let Outcome::Measured(found) = import_bytes_with("a.log", line.as_bytes(), options) else { panic!() };
        assert_eq!(found.totals.unwrap().latency_ms["mean"], mean, "{duration}");
    }

    let found = measured_bytes("plain.log", b"h - - [21/Nov/2026:20:00:00 +0000] \"GET /a HTTP/1.1\" 200 512\n");
    assert!(found.totals.unwrap().latency_ms.is_empty());
    let found = common::measured("ab/ab_g.tsv");
    assert_eq!(found.totals.unwrap().errors, None);
    assert_eq!(common::measured("vegeta/report_readme.json").model, Some(LoadModel::Open));
}

/// Locust with `--reset-stats`: 10/s for two minutes, whose counts begin anew after one.
#[test]
fn counts_that_begin_anew_are_of_the_time_since() {
    let mut text = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size\n".to_owned();
    for second in 1..=120_u32 {
        let count = 10 * if second <= 60 { second } else { second - 60 };
        text += &format!(
            "{},5,GET,/a,10,0,20,30,{count},0,20,20,10,30,100\n{},5,,Aggregated,10,0,20,30,{count},0,20,20,10,30,100\n",
            1_795_000_000 + second,
            1_795_000_000 + second
        );
    }
    let found = common::measured_bytes("run_stats_history.csv", text.as_bytes());
    let rps = found.totals.unwrap().rps.unwrap();
    assert!((rps / 10.0 - 1.0).abs() < 0.03, "{rps}");
    assert!(found.warnings.iter().any(|warning| warning.code == "counters-reset"), "{:?}", found.warnings);
}
