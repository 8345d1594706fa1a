//! The same figures in the variants that tools, versions, spreadsheets and countries make of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Truth, check_measured, fixture, measured_bytes};
use ingest::measurements::LoadModel;

fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

fn wide(text: &str, big: bool) -> Vec<u8> {
    let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

fn packed(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_jtl_in_any_dress() {
    let jtl = text("jmeter/results.jtl");
    let (first, second) = jtl.split_at(jtl.len() / 2);
    let truth = Truth {
        kind: "jmeter-csv",
        requests: Some(600),
        errors: Some(6),
        endpoints: Some(3),
        latency: &[("mean", 41.83), ("max", 358.0)],
        warnings: &["transactions-dropped"],
        ..Truth::default()
    };
    for (file, bytes) in [
        ("crlf", jtl.replace('\n', "\r\n").into_bytes()),
        ("utf-16 le", wide(&jtl, false)),
        ("utf-16 be", wide(&jtl, true)),
        ("byte order mark", format!("\u{feff}{jtl}").into_bytes()),
        ("spreadsheet", format!("sep=,\n{jtl}").into_bytes()),
        ("spreadsheet crlf", format!("sep=,\r\n{}", jtl.replace('\n', "\r\n")).into_bytes()),
        ("tabs", jtl.replace(',', "\t").into_bytes()),
        ("pipes", jtl.replace(',', "|").into_bytes()),
        ("gzip", packed(&jtl)),
        ("gzip of two parts", [packed(first), packed(second)].concat()),
        ("empty lines before", format!("\n\r\n{jtl}").into_bytes()),
    ] {
        check_measured(&Truth { file, ..truth.clone() }, &measured_bytes(file, &bytes));
    }
}

const K6_CONSOLE: &str = "     checks.........................: 100.00% ✓ 845      ✗ 0   
     http_req_duration..............: avg=15.43ms min=3.02ms med=10.27ms max=1m2.5s p(90)=28.5ms p(95)=37.73ms
       { expected_response:true }...: avg=15.4ms  min=3.02ms med=10.2ms max=222.69ms p(90)=28.5ms p(95)=37.7ms
       { name:checkout }............: avg=40ms  min=3.02ms med=10.2ms max=222.69ms p(90)=28.5ms p(95)=833.94µs
     http_req_failed................: 1.00%  ✓ 8        ✗ 836
     http_reqs......................: 844     70.176824/s
     vus............................: 1       min=0      max=12
";

const BOMBARDIER: &str = "Bombarding http://127.0.0.1:8080/a for 10s using 125 connection(s)
Statistics        Avg      Stdev        Max
  Reqs/sec     24026.30    3220.22   31009.43
  Latency        5.20ms   301.50us   203.20ms
  Latency Distribution
     50%   830.00us
     95%     8.58ms
     99%      1.20s
  HTTP codes:
    1xx - 0, 2xx - 240251, 3xx - 0, 4xx - 0, 5xx - 12
    others - 0
  Throughput:    27.11MB/s
";

const OHA: &str = "Summary:
  Success rate:\t100.00%
  Total:\t4.0000 sec
  Slowest:\t0.1000 sec
  Fastest:\t0.0010 sec
  Average:\t10.0000 ms
  Requests/sec:\t150.0000

Response time histogram:
  0.001 sec [1]  |

Response time distribution:
  50.00% in 9.0000 ms
  95.00% in 0.0300 sec

Status code distribution:
  [200] 580 responses
  [500] 20 responses

Error distribution:
  [6] aborted due to deadline
";

/// The example of wrk's README with a second block of other units.
const WRK: &str = "Running 1m test @ http://127.0.0.1:8080/
  12 threads and 400 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.20s   635.91us   2.00m    93.69%
    Req/Sec    56.20k     8.07k   62.00k    86.54%
  Latency Distribution
     50%  250.00us
     90%    1.10ms
     99%    5.80s 
  22464657 requests in 1.00m, 17.76GB read
Requests/sec: 748868.53
";

const FORTIO: &str = r#"{"RunType":"HTTP","StartTime":"2018-04-03T16:32:58-07:00","RequestedQPS":"max","ActualQPS":7.57,"ActualDuration":5279293143,
"NumThreads":4,"DurationHistogram":{"Count":40,"Min":0.001,"Max":0.28,"Sum":2.0,"Avg":0.05,"Data":[{"Start":0.001,"End":0.05,"Percent":50,"Count":20},
{"Start":0.05,"End":0.28,"Percent":100,"Count":20}],"Percentiles":[{"Percentile":50,"Value":0.05},{"Percentile":99.9,"Value":0.28}]},
"ErrorsDurationHistogram":{"Count":10,"Data":[]},"RetCodes":{"200":30,"503":8,"-1":2},"URL":"http://x/"}"#;

#[test]
fn reports_of_other_versions() {
    let stats = "Type;Name;Request Count;Failure Count;Median Response Time;Average Response Time;Min Response Time;Max Response Time;Requests/s;50%;95%\n\
                 GET;/;100;2;10;12,5;3;90;10,5;10;30\n;Aggregated;100;2;10;12,5;3;90;10,5;10;30\n";
    let old = "\"Method\",\"Name\",\"# requests\",\"# failures\",\"Median response time\",\"Average response time\",\"Min response time\",\
               \"Max response time\",\"Average Content Size\",\"Requests/s\"\n\"GET\",\"/\",100,2,10,12.5,3,90,100,10.5\n\
               \"None\",\"Total\",100,2,10,12.5,3,90,100,10.5\n";
    let siege = "{\t\"transactions\":\t4597,\n\"availability\":\t98.92,\n\"elapsed_time\":\t9.50,\n\"response_time\":\t0.02,\n\
                 \"transaction_rate\":\t483.89,\n\"concurrency\":\t9.93,\n\"successful_transactions\":\t4597,\n\"failed_transactions\":\t50,\n\
                 \"longest_transaction\":\t0.30,\n\"shortest_transaction\":\t0.00\n}";
    let nested = "<?xml version=\"1.0\"?>\n<testResults version=\"1.2\">\n<httpSample t=\"30\" ts=\"1700000000000\" s=\"true\" lb=\"home\" rc=\"200\">\n\
                  <httpSample t=\"10\" ts=\"1700000000000\" s=\"true\" lb=\"home-0\" rc=\"302\"/>\n<httpSample t=\"20\" ts=\"1700000000010\" s=\"true\" \
                  lb=\"home-1\" rc=\"200\"/>\n</httpSample>\n<sample t=\"55\" ts=\"1700000001000\" s=\"false\" lb=\"jdbc\" rc=\"1\" rm=\"&lt;x&gt;\"/>\n</testResults>";
    let base = Truth::default();
    for (truth, bytes) in [
        (
            Truth {
                file: "k6 console",
                kind: "k6-console",
                requests: Some(844),
                errors: Some(8),
                endpoints: Some(1),
                rps: Some(70.176824),
                duration_s: Some(12.0268),
                users: Some(12.0),
                latency: &[("mean", 15.43), ("p50", 10.27), ("p95", 37.73), ("max", 62_500.0)],
                ..base.clone()
            },
            K6_CONSOLE,
        ),
        (
            Truth { file: "k6 console 1.x", kind: "k6-console", requests: Some(844), errors: Some(8), ..base.clone() },
            "HTTP\n    http_req_duration.......................................................: avg=15.43ms min=3.02ms med=10.27ms max=222.69ms p(90)=28.5ms p(95)=37.73ms\n    http_req_failed.........................................................: 0.94%  8 out of 844\n    http_reqs...............................................................: 844    70.176824/s\n",
        ),
        (
            Truth {
                file: "bombardier",
                kind: "bombardier-text",
                requests: Some(240_263),
                errors: Some(12),
                rps: Some(24_026.3),
                duration_s: Some(10.0),
                users: Some(125.0),
                latency: &[("mean", 5.2), ("max", 203.2), ("p50", 0.83), ("p99", 1200.0)],
                warnings: &["errors-called-success"],
                ..base.clone()
            },
            BOMBARDIER,
        ),
        (
            Truth {
                file: "oha",
                kind: "oha-text",
                requests: Some(600),
                errors: Some(20),
                rps: Some(150.0),
                duration_s: Some(4.0),
                latency: &[("mean", 10.0), ("max", 100.0), ("p50", 9.0), ("p95", 30.0)],
                ..base.clone()
            },
            OHA,
        ),
        (
            Truth {
                file: "wrk",
                kind: "wrk",
                requests: Some(22_464_657),
                rps: Some(748_868.53),
                duration_s: Some(60.0),
                users: Some(400.0),
                latency: &[("mean", 1200.0), ("max", 120_000.0), ("p50", 0.25), ("p90", 1.1), ("p99", 5800.0)],
                ..base.clone()
            },
            WRK,
        ),
        (
            Truth {
                file: "fortio",
                kind: "fortio",
                requests: Some(40),
                errors: Some(10),
                latency: &[("mean", 50.0), ("p50", 50.0), ("p99_9", 280.0)],
                ..base.clone()
            },
            FORTIO,
        ),
        (
            Truth {
                file: "locust with semicolons",
                kind: "locust-stats",
                requests: Some(100),
                errors: Some(2),
                rps: Some(10.5),
                latency: &[("mean", 12.5), ("p95", 30.0)],
                ..base.clone()
            },
            stats,
        ),
        (
            Truth {
                file: "locust 0.x",
                kind: "locust-stats",
                requests: Some(100),
                errors: Some(2),
                endpoints: Some(1),
                ..base.clone()
            },
            old,
        ),
        (
            Truth { file: "siege 4.1", kind: "siege-json", requests: Some(4647), errors: Some(50), ..base.clone() },
            siege,
        ),
        (
            Truth {
                file: "nested samples",
                kind: "jmeter-xml",
                requests: Some(2),
                errors: Some(1),
                latency: &[("mean", 42.5)],
                ..base.clone()
            },
            nested,
        ),
    ] {
        check_measured(&truth, &measured_bytes(truth.file, bytes.as_bytes()));
    }
}

/// Reports of options and versions beyond the fixtures, as the tools print them (k6 1.1.0, autocannon 9.0.0 and ab 2.3 by own runs).
#[test]
fn reports_of_other_options() {
    let seconds = "    http_req_duration....: avg=0.00s min=0.00s med=0.00s max=0.01s p(90)=0.01s p(95)=0.01s count=685
      { name:a b }.......: avg=0.00s min=0.00s med=0.00s max=0.01s p(90)=0.00s p(95)=0.00s count=121
    http_req_failed......: 20.58%  141 out of 685
    http_reqs............: 685     223.844426/s\n";
    let legacy = "     http_req_duration..............: avg=3.64ms  min=0.00ms med=4.42ms  max=9.05ms  p(90)=4.94ms  p(95)=5.21ms  count=685
       { expected_response:true }...: avg=4.59ms  min=3.40ms med=4.50ms  max=9.05ms  p(90)=5.04ms  p(95)=5.34ms  count=544
     ✓ { name:a b }.................: avg=4.55ms  min=3.40ms med=4.45ms  max=8.38ms  p(90)=4.95ms  p(95)=7.43ms  count=121
     ✗ { name:c }...................: avg=4.55ms  min=3.40ms med=4.45ms  max=8.38ms  p(90)=4.95ms  p(95)=7.43ms  count=121
   ✗ http_req_failed................: 20.58% ✓ 141        ✗ 544
     http_reqs......................: 685     224.399608/s\n";
    let table = text("autocannon/autocannon_table.txt");
    let good = table.split("1714 2xx").next().unwrap().to_owned() + "1904 requests in 2.01s, 286 kB read\n";
    let art = r#"{"aggregate":{"scenariosCreated":30,"requestsCompleted":60,"latency":{"min":10.5,"max":200.1,"median":20.2,"p95":90.3,"p99":150.4},
        "rps":{"count":60,"mean":2.01},"errors":{"ETIMEDOUT":3},"codes":{"200":55,"500":2},"counters":{"my_counter":4},"phases":[]},"intermediate":[]}"#;
    let fortio = r#"{"RunType":"HTTP","ActualQPS":99.5,"ActualDuration":10000000000,"NumThreads":4,"DurationHistogram":{"Count":995,"Min":0.001,"Max":0.01,
        "Sum":1.99,"Avg":0.002,"Data":[{"Start":0.001,"End":0.01,"Percent":100,"Count":995}],"Percentiles":[{"Percentile":90,"Value":0.003},
        {"Percentile":99,"Value":0.009}]},"RetCodes":{"200":995}}"#;
    let siege = "Transactions:                  1000    hits\nAvailability:                 95.24 %\nElapsed time:                 10.05 secs\n\
        Response time:                50.00 ms\nTransaction rate:             99.50 trans/sec\nConcurrency:                   4.98\n\
        Failed transactions:              50\nLongest transaction:         300.00 ms\nShortest transaction:         10.00 ms\n";
    let hist = "Bucket           #     %       Histogram\n[0s,     10ms]   6007  33.65%  #########################\n\
        [10ms,   20ms]   3000  16.80%  ############\n[20ms,   +Inf]   8847  49.55%  #####\n";
    let gatling = "RUN\tMySimulation\trun1\t1406822067250\tabout\t2.0\n\
        REQUEST\tscenario\t1\t\tTest Request\t1406822067250\t1406822067260\t1406822067290\t1406822067300\tOK\tfine\n\
        REQUEST\tscenario\t1\ta,b\tTest Request\t1406822068250\t1406822068350\tKO\tbad\n";
    let ab = "This is ApacheBench\nConcurrency Level:      5\nTime taken for tests:   2.005 seconds\nComplete requests:      2066\n\
        Failed requests:        2024\n   (Connect: 0, Receive: 0, Length: 2024, Exceptions: 0)\nNon-2xx responses:      2070\nTotal transferred:      5 bytes\n";
    let locust = "\"Type\",\"Name\",\"# requests\",\"# failures\",\"Median response time\",\"Average response time\",\"Min response time\",\"Max response time\",\
        \"Average Content Size\",\"Requests/s\",\"Requests Failed/s\",\"50%\",\"66%\"\n\"GET\",\"/a\",10,1,5,6.5,1,20,100,1.5,0.1,5,7\n\
        \"None\",\"Aggregated\",10,1,5,6.5,1,20,100,1.5,0.1,5,7\n";
    let slashed = "timeStamp,elapsed,label,responseCode,success\n11/21/26 10:00:00,100,a,200,true\n11/21/2026 10:00:03,200,b,500,false\n";
    let h2load = "finished in 2.00s, 1105.00 req/s, 100KB/s\nrequests: 2210 total, 2215 started, 2210 done, 1989 succeeded, 221 failed, 0 errored, 0 timeout\n\
        status codes: 1989 2xx, 0 3xx, 0 4xx, 221 5xx\n                     min         max      median         p95         p99        mean         sd        +/- sd\n\
        time for request:     3.23ms     10.52ms      4.50ms      6.00ms      9.00ms      4.52ms       800us    80.00%\n";
    let script = "var stats = {\n    type: \"GROUP\",\nname: \"All Requests\",\nstats: {\n    \"name\": \"All Requests\",\n    \"numberOfRequests\": {\n        \"total\": \"116\",\n\
        \"ok\": \"110\",\n \"ko\": \"6\"\n },\n \"minResponseTime\": {\"total\": \"39\",\"ok\": \"39\",\"ko\": \"-\"},\"meanResponseTime\": {\"total\": \"911\"},\"percentiles3\": {\"total\": \"1800\"},\n\
        \"meanNumberOfRequestsPerSecond\": {\"total\": \"6.1\",\"ok\": \"6.1\",\"ko\": \"-\"}},\ncontents: {\n\"req_a\": {type: \"REQUEST\", name: \"a: {\\\"b\\\", c}\", path: \"a\", stats: {\"name\": \"a\",\n\
        \"numberOfRequests\": {\"total\": \"116\",\"ok\": \"110\",\"ko\": \"6\"}}}\n}\n}\n\nfunction fillStats(stat){\n    if (stat) { x: 1 }\n}\n";
    let base = Truth::default();
    for (truth, bytes) in [
        (
            Truth {
                file: "stats.js",
                kind: "gatling-stats-js",
                requests: Some(116),
                errors: Some(6),
                endpoints: Some(1),
                rps: Some(6.1),
                latency: &[("mean", 911.0), ("p95", 1800.0)],
                warnings: &["percentiles-assumed"],
                ..base.clone()
            },
            script,
        ),
        (
            Truth {
                file: "h2load",
                kind: "h2load",
                requests: Some(2210),
                errors: Some(221),
                latency: &[("mean", 4.52), ("max", 10.52), ("p50", 4.5), ("p99", 9.0)],
                ..base.clone()
            },
            h2load,
        ),
        (
            Truth {
                file: "locust 0.14",
                kind: "locust-stats",
                requests: Some(10),
                errors: Some(1),
                endpoints: Some(1),
                rps: Some(1.5),
                latency: &[("mean", 6.5), ("p66", 7.0)],
                ..base.clone()
            },
            locust,
        ),
        (
            Truth {
                file: "JTL of old",
                kind: "jmeter-csv",
                requests: Some(2),
                errors: Some(1),
                duration_s: Some(3.2),
                latency: &[("mean", 150.0)],
                warnings: &["zone-guessed"],
                ..base.clone()
            },
            slashed,
        ),
        (
            Truth {
                file: "k6 in seconds",
                kind: "k6-console",
                requests: Some(685),
                errors: Some(141),
                endpoints: Some(1),
                latency: &[("p95", 10.0)],
                warnings: &["percentiles-rounded"],
                ..base.clone()
            },
            seconds,
        ),
        (
            Truth {
                file: "k6 thresholds",
                kind: "k6-console",
                requests: Some(685),
                errors: Some(141),
                endpoints: Some(2),
                latency: &[("p95", 5.21), ("mean", 3.64)],
                ..base.clone()
            },
            legacy,
        ),
        (
            Truth {
                file: "autocannon",
                kind: "autocannon-text",
                requests: Some(1904),
                errors: Some(0),
                users: Some(5.0),
                latency: &[("mean", 4.65)],
                warnings: &["requests-rounded"],
                ..base.clone()
            },
            good.as_str(),
        ),
        (
            Truth {
                file: "artillery 1",
                kind: "artillery",
                requests: Some(60),
                errors: Some(5),
                rps: Some(2.01),
                duration_s: Some(29.85),
                latency: &[("p50", 20.2), ("p99", 150.4)],
                ..base.clone()
            },
            art,
        ),
        (
            Truth {
                file: "fortio",
                kind: "fortio",
                requests: Some(995),
                errors: Some(0),
                latency: &[("p90", 3.0), ("p95", 9.0), ("p99", 9.0)],
                ..base.clone()
            },
            fortio,
        ),
        (
            Truth {
                file: "siege 4.1.7",
                kind: "siege",
                requests: Some(1050),
                errors: Some(50),
                latency: &[("min", 10.0), ("max", 300.0)],
                ..base.clone()
            },
            siege,
        ),
        (
            Truth {
                file: "vegeta hist",
                kind: "vegeta-hist",
                requests: Some(17_854),
                warnings: &["histogram-open"],
                ..base.clone()
            },
            hist,
        ),
        (
            Truth {
                file: "gatling 2",
                kind: "gatling-text",
                requests: Some(2),
                errors: Some(1),
                endpoints: Some(1),
                latency: &[("mean", 75.0), ("max", 100.0)],
                ..base.clone()
            },
            gatling,
        ),
        (Truth { file: "ab -t", kind: "ab", requests: Some(2066), errors: Some(2066), ..base.clone() }, ab),
    ] {
        check_measured(&truth, &measured_bytes(truth.file, bytes.as_bytes()));
    }
    // A rate that is asked for is an open load; as fast as the threads can is a closed one.
    for (asked, model) in [
        ("\"max\"", LoadModel::Closed),
        ("\"8\"", LoadModel::Open),
        ("99.5", LoadModel::Open),
        ("0", LoadModel::Closed),
        ("\"-1\"", LoadModel::Closed),
        ("null", LoadModel::Closed),
    ] {
        let report = FORTIO.replace("\"max\"", asked);
        assert_eq!(measured_bytes("fortio", report.as_bytes()).model, Some(model), "{asked}");
    }
    assert_eq!(measured_bytes("fortio", fortio.as_bytes()).model, Some(LoadModel::Closed));
    // What is printed as nothing is no latency of zero.
    let found = measured_bytes("k6", seconds.as_bytes());
    assert!(!found.totals.unwrap().latency_ms.contains_key("mean"));
    let endpoint = &found.endpoints[0].figures;
    assert_eq!((endpoint.requests, endpoint.latency_ms.len()), (Some(121), 1));
    // Starts that are all the same second tell no length of the run, so no rate.
    let rows: String =
        (0..300).map(|row| format!("Sun Nov 22 17:47:53 2026\t1795369673\t0\t{0}\t{0}\t4\n", 4 + row % 3)).collect();
    let found = measured_bytes("ab -g", format!("starttime\tseconds\tctime\tdtime\tttime\twait\n{rows}").as_bytes());
    let totals = found.totals.unwrap();
    assert_eq!(
        (totals.requests, totals.rps, found.duration_s, totals.latency_ms["mean"]),
        (Some(300), None, None, 5.0)
    );
}

#[test]
fn tables_of_spreadsheets() {
    let log: String = (0..30)
        .map(|second| {
            format!("10.0.0.1 - - [21/Nov/2026:20:00:{second:02} +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"curl\" rt=0.012 uct=\"0.000\"\n")
        })
        .collect();
    for (name, text, requests, mean) in [
        ("sep line", "sep=;\ntime;duration_ms;status\n1700000000;12,5;200\n1700000001;13,5;500\n".to_owned(), 2, 13.0),
        (
            "points",
            "time,duration_ms,status\n21.11.2026 10:00:00,12.5,200\n21.11.2026 10:00:01,13.5,500\n".to_owned(),
            2,
            13.0,
        ),
        ("named duration", log, 30, 12.0),
    ] {
        let found = measured_bytes(name, text.as_bytes());
        let totals = found.totals.unwrap();
        assert_eq!(totals.requests, Some(requests), "{name}");
        assert!((totals.latency_ms["mean"] - mean).abs() < 1e-6, "{name}: {:?}", totals.latency_ms);
    }
}

/// A label may be empty; what it is called is said.
#[test]
fn a_label_of_nothing() {
    let jtl = "timeStamp,elapsed,label,responseCode,success\n1700000000000,5,,200,true\n1700000001000,7, ,200,true\n1700000002000,9,home,200,true\n";
    for keep_names in [false, true] {
        let options = ingest::Options { keep_names, ..ingest::Options::default() };
        let ingest::Outcome::Measured(found) = ingest::import_bytes_with("x.jtl", jtl.as_bytes(), options) else {
            panic!("not read")
        };
        let names: Vec<(&str, Option<u64>)> =
            found.endpoints.iter().map(|one| (one.name.as_str(), one.figures.requests)).collect();
        assert_eq!(names, [("(unnamed)", Some(2)), ("home", Some(1))]);
    }
}

/// An item of a list that is too long to be held is left out, and said so.
#[test]
fn a_long_item_of_a_list_of_lines() {
    let point = |tags: &str| {
        format!(
            r#"{{"metric":"http_req_duration","type":"Point","data":{{"time":"2026-11-21T10:00:00Z","value":5,"tags":{{"name":"GET /items","status":"200"{tags}}}}}}}"#
        )
    };
    let long = point(&format!(r#","x":"{}""#, "x".repeat(9_000_000)));
    let text = format!("[{},{long},{}]", point(""), point(""));
    let found = measured_bytes("list.json", text.as_bytes());
    assert_eq!((found.kind.as_str(), found.totals.unwrap().requests), ("k6-ndjson", Some(2)));
    let warning = found.warnings.iter().find(|warning| warning.code == "lines-too-long").unwrap();
    assert_eq!(warning.evidence["lines"], 1);
}

/// Saved by JMeter 5 (the second as published by its users); shares of failures exact and rounded.
#[test]
fn reports_of_jmeters_listeners() {
    let aggregate = "Label,# Samples,Average,Median,90% Line,95% Line,99% Line,Min,Max,Error %,Throughput,Received KB/sec,Sent KB/sec
HTTP Request,1000,328,300,450,500,900,12,1328,2.500%,3.04878,1.71,0.66
/items/1,300,100,90,150,180,300,10,300,0.000%,1.5,1.71,0.66
/items/2,100,200,90,150,180,300,20,400,1.000%,0.5,1.71,0.66
TOTAL,1400,265,200,400,450,800,10,1328,1.857%,5.0,3.4,1.3
";
    let summary = "Label,# Samples,Average,Min,Max,Std. Dev.,Error %,Throughput,Received KB/sec,Sent KB/sec,Avg. Bytes
post-uti,2000000,10,0,400,4.61,0.000%,16424.40667,2197.42,4410.85,137.0
TOTAL,2000000,10,0,400,4.61,0.000%,16424.40667,2197.42,4410.85,137.0
";
    let cases = [
        (
            "aggregate",
            aggregate.to_owned(),
            Some(1400),
            Some(26),
            2,
            Some(5.0),
            &[("mean", 265.0), ("p99", 800.0)][..],
            &[][..],
        ),
        (
            "summary",
            summary.to_owned(),
            Some(2_000_000),
            Some(0),
            1,
            Some(16_424.406_67),
            &[("max", 400.0)],
            &["errors-rounded"],
        ),
        (
            "without sign",
            aggregate.replace('%', "").replace(" Line", "% Line").replace("Error ,", "Error %,"),
            Some(1400),
            None,
            2,
            Some(5.0),
            &[("p90", 400.0)],
            &[],
        ),
        ("per minute", aggregate.replace(",5.0,", ",300.0/min,"), Some(1400), Some(26), 2, Some(5.0), &[], &[]),
        (
            "semicolons",
            aggregate.replace(',', ";").replace("1.857%", "1,857%"),
            Some(1400),
            Some(26),
            2,
            Some(5.0),
            &[],
            &[],
        ),
        (
            "no total",
            aggregate.split("TOTAL").next().unwrap().to_owned(),
            Some(1400),
            Some(26),
            2,
            Some(5.048_78),
            &[("mean", 270.0)],
            &[],
        ),
    ];
    // Headers of the user interface in other languages, with the decimal comma of Java's locale where it has one.
    let translated = |header: &str, total: &str, comma: bool| {
        let rows = aggregate.split_once('\n').unwrap().1.replace("TOTAL", total);
        let quoted = |field: &str| {
            if comma && field.contains('.') { format!("\"{}\"", field.replace('.', ",")) } else { field.to_owned() }
        };
        let rows: Vec<String> =
            rows.lines().map(|row| row.split(',').map(quoted).collect::<Vec<_>>().join(",")).collect();
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let languages = [
        (
            "german",
            "Label,Anz. der Proben,Durchschnitt,Mittel,90% Line,95% Line,99% Line,Min,Max,% Fehler,Durchsatz,KB/sek,Sent KB/sec",
            "Gesamt",
            true,
        ),
        (
            "french",
            "Libellé,# Echantillons,Moyenne,Médiane,90% centile,95% centile,99% centile,Min,Max,% Erreur,Débit,Ko/sec reçus,Ko/sec émis",
            "TOTAL",
            true,
        ),
        (
            "spanish",
            "Etiqueta,# Muestras,Media,Mediana,90% Line,95% Line,99% Line,Mín,Máx,% Error,Rendimiento,Kb/sec,Sent KB/sec",
            "Total",
            true,
        ),
        (
            "portuguese",
            "Rótulo,# Amostras,Média,Mediana,90% Line,95% Line,99% Line,Mín.,Máx.,% de Erro,Vazão,KB/s,Sent KB/sec",
            "TOTAL",
            true,
        ),
        (
            "chinese",
            "Label,# 样本,平均值,中位数,90% 百分位,95% 百分位,99% 百分位,最小值,最大值,异常 %,吞吐量,接收 KB/sec,发送 KB/sec",
            "总体",
            false,
        ),
        (
            "taiwan",
            "標籤,取樣數,平均值,中間值,90% Line,95% Line,99% Line,最小值,最大值,錯誤率,處理量,每秒仟位元組,Sent KB/sec",
            "總計",
            false,
        ),
        ("japanese", aggregate.lines().next().unwrap(), "合計", false),
    ];
    let mut cases = cases.to_vec();
    for (language, header, total, comma) in languages {
        let latency =
            &[("mean", 265.0), ("p50", 200.0), ("p90", 400.0), ("p99", 800.0), ("min", 10.0), ("max", 1328.0)];
        let text = translated(header, total, comma);
        cases.push((language, text, Some(1400), Some(26), 2, Some(5.0), latency, &[]));
    }
    // A label that is a word for the sum, and more labels than are told apart without one.
    let named = aggregate.replace("HTTP Request", "Total");
    cases.push(("a label", named, Some(1400), Some(26), 2, Some(5.0), &[("mean", 265.0)], &[]));
    let header = aggregate.lines().next().unwrap();
    let rows: String =
        (0..10_300).map(|row| format!("label {row}x,2,{},5,5,5,5,1,9,50.000%,0.5,1,1\n", row % 2 * 10)).collect();
    let many = format!("{header}\n{rows}");
    let beyond = &["endpoints-left-out"][..];
    cases.push((
        "many labels",
        many,
        Some(20_600),
        Some(10_300),
        10_000,
        Some(5150.0),
        &[("mean", 5.0), ("max", 9.0)],
        beyond,
    ));
    for (file, text, requests, errors, endpoints, rps, latency, warnings) in cases {
        let found = measured_bytes(file, text.as_bytes());
        let truth = Truth {
            file,
            kind: "jmeter-aggregate",
            requests,
            errors,
            endpoints: Some(endpoints),
            rps,
            latency,
            warnings,
            ..Truth::default()
        };
        check_measured(&truth, &found);
        assert_eq!(found.totals.unwrap().errors, errors, "{file}");
    }
}

/// Reports in which nothing was answered: no latency is made of it.
#[test]
fn nothing_but_failures() {
    let wrk = "Running 10s test @ http://127.0.0.1:8080/\n  2 threads and 10 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.00us    0.00us   0.00us    -nan%\n    Req/Sec     0.00      0.00     0.00      -nan%\n  0 requests in 10.00s, 0.00B read
  Socket errors: connect 10, read 0, write 0, timeout 0\nRequests/sec:      0.00\nTransfer/sec:       0.00B\n";
    let hey = "\nSummary:\n  Total:\t0.0100 secs\n  Slowest:\t0.0000 secs\n  Fastest:\t0.0000 secs\n  Average:\t NaN secs\n  Requests/sec:\t20000.0\n\n
Response time histogram:\n\n\nLatency distribution:\n\nStatus code distribution:\n\nError distribution:\n  [200]\tGet \"http://127.0.0.1:9\": connection refused\n";
    let h2load = "starting benchmark...\nspawning thread #0: 1 total client(s). 100 total requests\n\nfinished in 1.00s, 0.00 req/s, 0B/s
requests: 100 total, 0 started, 0 done, 0 succeeded, 100 failed, 100 errored, 0 timeout
status codes: 0 2xx, 0 3xx, 0 4xx, 0 5xx\ntraffic: 0B (0) total\n                     min         max         mean         sd        +/- sd
time for request:        0us         0us         0us         0us     0.00%\n";
    let k6 = r#"{"metrics":{"http_reqs":{"count":10,"rate":1.0},"http_req_failed":{"passes":10,"fails":0,"value":1},"http_req_duration":{"avg":0,"min":0,"med":0,"max":0,"p(90)":0,"p(95)":0}},"root_group":{"name":"","path":"","id":"d4","groups":{},"checks":{}}}"#;
    for (kind, text, requests, errors) in
        [("wrk", wrk, 0, 10), ("hey", hey, 200, 200), ("h2load", h2load, 100, 100), ("k6-summary-export", k6, 10, 10)]
    {
        let found = measured_bytes(kind, text.as_bytes());
        let totals = found.totals.unwrap();
        assert_eq!((found.kind.as_str(), totals.requests, totals.errors), (kind, Some(requests), Some(errors)));
        assert!(totals.latency_ms.is_empty(), "{kind}: {:?}", totals.latency_ms);
    }
}

/// Reports for people say what to export instead; one section of Redis is enough.
#[test]
fn what_else_tools_print() {
    for (text, word) in [
        ("Fortio 1.60.3 running at 8 queries per second, 4->4 procs, for 5s: http://x\nAll done 40 calls\n", "-json"),
        (
            "Starting standalone test @ Sun Nov 22\nsummary +    100 in 00:00:10 =   10.0/s Avg:    50 Min:     1 Max:   300 Err:     0 (0.00%)\n",
            "results.jtl",
        ),
        ("-[ RECORD 1 ]---+---------\nquery           | SELECT 1\ncalls           | 100\n", "--csv"),
        (
            "http 2018-07-02T22:23:00.186641Z app/lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 \"GET http://a:80/ HTTP/1.1\" \"curl\" - - arn:aws:elasticloadbalancing:us-east-2:1:x \"Root=1-58\"\n",
            "CloudWatch",
        ),
    ] {
        let ingest::Outcome::Nothing(refusal) = ingest::import_bytes("x", text.as_bytes()) else { panic!("{text}") };
        assert!(refusal.remedy.contains(word), "{refusal}");
    }
    let found = measured_bytes("stats", b"# Stats\r\ntotal_connections_received:5\r\ntotal_commands_processed:1000\r\nkeyspace_hits:80\r\nkeyspace_misses:20\r\n");
    assert_eq!((found.kind.as_str(), found.resources[0].figures["hit_ratio"]), ("redis-info", 0.8));
}

/// Where it may be something else, it is asked; prose is no table.
#[test]
fn no_wrong_guess() {
    for (text, asked) in [
        ("id,name,price\n1,apple,2.5\n2,pear,3.5\n", true),
        ("item;total\napple;3\npear;4\n", true),
        ("Produkt;Betrag\nApfel;3\nBirne;4\n", true),
        ("name,date,usd\nBob,2026-10-01,5\nEve,2026-10-02,6\n", true),
        ("Dear team, the latency was bad today.\nBest, Bob\n", false),
        ("{\"a\": 1, \"b\": 2}\n{\"a\": 3, \"b\": 4}\n", false),
    ] {
        match ingest::import_bytes("x", text.as_bytes()) {
            ingest::Outcome::Question(question) => {
                assert!(asked, "{text}: {}", question.text);
                let options = question.candidates[0].options.clone();
                let ingest::Outcome::Measured(found) = ingest::import_bytes_with("x", text.as_bytes(), options) else {
                    panic!("the answer to the question is not taken: {text}")
                };
                assert_eq!(found.kind, "bill");
            }
            ingest::Outcome::Nothing(refusal) => assert!(!asked && !refusal.remedy.is_empty(), "{text}: {refusal}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in [
        "service,cost\ndb,5\napi,6\n",
        "name,price,currency\ndb,5,EUR\napi,6,EUR\n",
        "date,item,amount\n2026-10-01,db,5\n",
    ] {
        assert_eq!(measured_bytes("bill", text.as_bytes()).kind, "bill", "{text}");
    }
    // k6's lines as other programs write them.
    let spaced = r#"{"metric": "http_req_duration", "type": "Point", "data": {"time": "2026-11-21T10:00:00.5+01:00", "value": 10, "tags": {"name": "a", "status": "200"}}}"#;
    let found = measured_bytes("k6", format!("{spaced}\n{spaced}\n").as_bytes());
    assert_eq!((found.kind.as_str(), found.totals.unwrap().requests), ("k6-ndjson", Some(2)));
}

/// Counts and times that are easily taken for others, by reading the same lines.
#[test]
fn nothing_is_taken_for_another() {
    let table = text("autocannon/autocannon_table.txt");
    let plain = measured_bytes("plain", table.as_bytes()).totals.unwrap();
    for (line, errors, rounded) in [
        ("512 errors (0 timeouts)", Some(512), false),
        ("9k errors (9k timeouts)", Some(9000), true),
        ("1.2M errors (1M timeouts)", Some(1_200_000), true),
        ("many errors (9k timeouts)", None, false),
    ] {
        let found = measured_bytes("errors", format!("{table}\n{line}\n").as_bytes());
        let expected = errors.map(|errors: u64| errors + plain.errors.unwrap());
        assert_eq!(found.totals.as_ref().unwrap().errors, expected, "{line}");
        let warned = found.warnings.iter().any(|warning| warning.code == "errors-rounded");
        assert_eq!(warned, rounded, "{line}");
    }
    // Stamps of one whole second tell no rate, at the start or at the end.
    let line = "{\"time\":\"2026-11-21T10:00:00Z\",\"path\":\"/a\",\"status\":200,\"duration_ms\":12}\n";
    let found = measured_bytes("second", line.repeat(100).as_bytes());
    assert_eq!((found.duration_s, found.totals.unwrap().rps), (None, None));
    // The order of day and month is that of the file.
    let header = "timeStamp,elapsed,label,responseCode,success\n";
    for (rows, duration_s, started, guessed) in [
        (&["12/11/26 23:59:58", "13/11/26 00:00:01"][..], 3.1, "2026-11-12", false),
        (&["11/12/26 23:59:58", "11/13/26 00:00:01"], 3.1, "2026-11-12", false),
        (&["01/11/26 23:59:58", "02/11/26 00:00:01"], 3.1, "2026-11-01", false),
        (&["12/11/26 10:00:00", "12/11/26 10:00:03"], 3.1, "2026-12-11", true),
    ] {
        let lines: String = rows.iter().map(|at| format!("{at},100,a,200,true\n")).collect();
        let found = measured_bytes("order", format!("{header}{lines}").as_bytes());
        assert!((found.duration_s.unwrap() - duration_s).abs() < 1e-3, "{rows:?}: {:?}", found.duration_s);
        assert!(found.started.as_ref().unwrap().starts_with(started), "{rows:?}: {:?}", found.started);
        assert_eq!(found.warnings.iter().any(|warning| warning.code == "date-order-guessed"), guessed, "{rows:?}");
    }
    // Keys of the log and of other things are no endpoint and no status.
    for (line, endpoint, errors) in [
        (
            r#"{"@timestamp":"2026-11-21T10:00:00.5Z","log":{"file":{"path":"/var/log/app.json"}},"route":"/cart","status":200,"duration_ms":5}"#,
            "/cart",
            0,
        ),
        (
            r#"{"time":"2026-11-21T10:00:00.5Z","health":{"db":{"status":"up"}},"path":"/a","status_code":500,"duration_ms":5}"#,
            "/a",
            2,
        ),
        (
            r#"{"@timestamp":"2026-11-21T10:00:00.5Z","http":{"request":{"method":"GET"},"response":{"status_code":503}},"url":{"path":"/b"},"event":{"duration":5000000}}"#,
            "GET /b",
            2,
        ),
    ] {
        let found = measured_bytes("lines", format!("{line}\n{line}\n").as_bytes());
        let totals = found.totals.as_ref().unwrap();
        assert_eq!((found.endpoints[0].name.as_str(), totals.errors), (endpoint, Some(errors)), "{line}");
        assert_eq!(totals.latency_ms["mean"], 5.0, "{line}");
    }
}
