//! Memory stays bounded whatever the size of a file. Files are made while they are read. Large ones:
//! `HEADROOM_MEMORY_MB=2048 cargo test --release -p ingest --test memory -- --nocapture`.
//!
//! Measured as the system sees it: the most that was resident while a file was read, less what was before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ingest::{Import, Measurements, Options, Outcome};

/// The bound of issue 5.
const BOUND_MB: f64 = 64.0;

/// Files of this size where nothing else is said.
const MEGABYTES: usize = 32;

/// What is resident is told of the whole process: nothing else may run beside a measurement.
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn status(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

/// What a file gave and the most memory that took, in megabytes; no memory where the system does not say it.
fn read(name: &str, block: &dyn Fn(usize) -> String, end: &str, megabytes: usize) -> (Outcome, Option<f64>) {
    // Writing 5 there sets the mark of the most memory back.
    let marked = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = status("VmRSS:");
    let mut import = Import::new(name, Options::default());
    let (mut done, mut index, mut refused) = (0, 0, false);
    while done < megabytes * 1_000_000 && !refused {
        let text = block(index);
        refused = text.as_bytes().chunks(256 * 1024).any(|chunk| import.push(chunk).is_err());
        (done, index) = (done + text.len(), index + 1);
    }
    if !refused {
        let _ = import.push(end.as_bytes());
    }
    let outcome = import.finish();
    (outcome, before.filter(|_| marked).zip(status("VmHWM:")).map(|(before, most)| most - before))
}

fn matrix(index: usize) -> String {
    let points: Vec<String> =
        (0..11_000).map(|at| format!("[{},\"0.{index}{at}\"]", 1_795_293_900 + 15 * at)).collect();
    let start =
        if index == 0 { "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" } else { "," };
    format!("{start}{{\"metric\":{{\"pod\":\"p{index}\"}},\"values\":[{}]}}", points.join(","))
}

fn bill(index: usize) -> String {
    let row = |row: usize| {
        format!(
            "{{\"service\":{{\"description\":\"Service {}\"}},\"usage_start_time\":\"2026-10-{:02}T00:00:00Z\",\"usage_end_time\":\"2026-10-{:02}T01:00:00Z\",\"cost\":0.01,\"currency\":\"USD\",\"credits\":[],\"invoice\":{{\"month\":\"202610\"}}}}",
            row % 90,
            1 + row % 31,
            1 + row % 31
        )
    };
    let rows: Vec<String> = (index * 1000..(index + 1) * 1000).map(row).collect();
    format!("{}{}", if index == 0 { "[" } else { "," }, rows.join(",\n"))
}

fn cur(index: usize) -> String {
    let text = include_str!("fixtures/money/aws_cur1.csv");
    if index == 0 { text.to_owned() } else { text.split_once('\n').unwrap().1.to_owned() }
}

/// A table in which no two services are the same.
fn many_services(index: usize) -> String {
    let header = if index == 0 { "date,service,cost\n" } else { "" };
    let rows = (index * 1000..(index + 1) * 1000)
        .map(|row| format!("2026-10-{:02},service number {row},0.01\n", 1 + row % 31));
    format!("{header}{}", rows.collect::<String>())
}

fn jtl(index: usize) -> String {
    let header = if index == 0 { "timeStamp,elapsed,label,responseCode,success,allThreads\n" } else { "" };
    let rows = (index * 1000..(index + 1) * 1000)
        .map(|row| format!("{},{},GET /items/{row}/x{row},200,true,20\n", 1_700_000_000_000 + row, 5 + row % 90));
    format!("{header}{}", rows.collect::<String>())
}

fn log_lines(index: usize) -> String {
    let rows = (index * 1000..(index + 1) * 1000).map(|row| {
        format!(
            "{{\"time\":{},\"path\":\"/a/{row}\",\"status\":200,\"duration_ms\":{}}}\n",
            1_700_000_000 + row / 500,
            row % 90
        )
    });
    rows.collect()
}

/// A document of a kind that is held whole.
fn frames(index: usize) -> String {
    let start = if index == 0 { "{\"results\":{\"A\":{\"frames\":[" } else { "," };
    format!("{start}{{\"schema\":{{\"name\":\"{index}\"}},\"data\":[{}]}}", "{\"x\":1},".repeat(20_000) + "{}")
}

/// A list in parts, with what opens it before the first.
fn listed(index: usize, opening: &str, item: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (index * 300..(index + 1) * 300).map(item).collect();
    format!("{}{}", if index == 0 { opening } else { "," }, items.join(","))
}

/// Traces of three spans: a gateway that calls a service that asks a database.
const SPANS: [(&str, &str, u64, u64); 3] =
    [("gateway", "server", 0, 9000), ("gateway", "client", 1000, 7000), ("shop", "server", 1500, 6000)];

fn jaeger(index: usize) -> String {
    listed(index, "{\"data\":[", |trace| {
        let spans = SPANS.iter().enumerate().map(|(number, (service, kind, start, length))| {
            let cause = if number == 0 { String::new() } else { format!("{{\"refType\":\"CHILD_OF\",\"traceID\":\"t{trace}\",\"spanID\":\"{}\"}}", number) };
            let tags = (0..6).map(|tag| format!(",{{\"key\":\"some.tag.{tag}\",\"type\":\"string\",\"value\":\"a value of some length\"}}")).collect::<String>();
            format!("{{\"traceID\":\"t{trace}\",\"spanID\":\"{}\",\"operationName\":\"GET /items\",\"references\":[{cause}],\"startTime\":{},\"duration\":{length},\"tags\":[{{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"{kind}\"}}{tags}],\"processID\":\"{service}\"}}", number + 1, 1_795_300_000_000_000 + trace as u64 * 10_000 + start)
        });
        let spans: Vec<String> = spans.collect();
        format!(
            "{{\"traceID\":\"t{trace}\",\"spans\":[{}],\"processes\":{{\"gateway\":{{\"serviceName\":\"gateway\"}},\"shop\":{{\"serviceName\":\"shop\"}}}}}}",
            spans.join(",")
        )
    })
}

fn otlp(index: usize) -> String {
    listed(index, "{\n\"resourceSpans\":[", |trace| {
        let batches: Vec<String> = ["gateway", "shop"].iter().map(|wanted| {
            let spans: Vec<String> = SPANS.iter().enumerate().filter(|(_, span)| span.0 == *wanted).map(|(number, (_, kind, start, length))| {
                let start = 1_795_300_000_000_000_000 + (trace as u64 * 10_000 + start) * 1000;
                let kind = if *kind == "server" { 2 } else { 3 };
                let tags = (0..6).map(|tag| format!("{}{{\"key\":\"some.tag.{tag}\",\"value\":{{\"stringValue\":\"a value of some length\"}}}}", if tag == 0 { "" } else { "," })).collect::<String>();
                format!("{{\"traceId\":\"t{trace}\",\"spanId\":\"{}\",\"parentSpanId\":\"{number}\",\"name\":\"GET /items\",\"kind\":{kind},\"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{}\",\"attributes\":[{tags}]}}", number + 1, start + length * 1000)
            }).collect();
            format!("{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"{wanted}\"}}}}]}},\"scopeSpans\":[{{\"spans\":[{}]}}]}}", spans.join(","))
        }).collect();
        batches.join(",")
    })
}

fn zipkin(index: usize) -> String {
    listed(index, "[", |trace| {
        let spans: Vec<String> = SPANS.iter().enumerate().map(|(number, (service, kind, start, length))| {
            let cause = if number == 0 { String::new() } else { format!("\"parentId\":\"{number}\",") };
            format!("{{\"traceId\":\"t{trace}\",\"id\":\"{}\",{cause}\"name\":\"get /items\",\"kind\":\"{}\",\"timestamp\":{},\"duration\":{length},\"localEndpoint\":{{\"serviceName\":\"{service}\"}},\"tags\":{{\"some.tag\":\"a value of some length\"}}}}", number + 1, kind.to_uppercase(), 1_795_300_000_000_000 + trace as u64 * 10_000 + start)
        }).collect();
        format!("[{}]", spans.join(","))
    })
}

/// The gateway's own time and the call graph are those of every trace.
fn call_graph(found: &Measurements) -> bool {
    let own = |name: &str| found.resources.iter().find(|resource| resource.name == name).unwrap().figures["own_ms"];
    let call = &found.calls[0];
    (own("gateway") - 2.0).abs() < 1e-9
        && (own("shop") - 6.0).abs() < 1e-9
        && (call.from.as_str(), call.to.as_str(), call.per_request, call.network_ms)
            == ("gateway", "shop", Some(1.0), Some(1.0))
}

fn locust(index: usize) -> String {
    listed(index, "[", |entry| {
        let times: Vec<String> = (1..60).map(|ms| format!("\"{}\":10", ms * 10)).collect();
        format!(
            "{{\"name\":\"/page/x{entry}\",\"method\":\"GET\",\"num_requests\":590,\"num_failures\":0,\"start_time\":1795300000.5,\"last_request_timestamp\":1795300100.5,\"total_response_time\":177000,\"min_response_time\":10,\"max_response_time\":590,\"response_times\":{{{}}},\"num_reqs_per_sec\":{{\"1795300000\":590}}}}",
            times.join(",")
        )
    })
}

fn artillery(index: usize) -> String {
    listed(
        index,
        "{\"aggregate\":{\"counters\":{\"http.requests\":100},\"firstMetricAt\":1795300000000,\"lastMetricAt\":1795300010000,\"summaries\":{\"http.response_time\":{\"mean\":5}}},\"intermediate\":[",
        |period| {
            let first = 1_795_300_000_000 + period as u64 * 10_000;
            let counters: Vec<String> =
                (0..40).map(|code| format!(",\"plugins.metrics-by-endpoint./page/{code}.codes.200\":100")).collect();
            format!(
                "{{\"counters\":{{\"http.requests\":100{}}},\"firstMetricAt\":{first},\"lastMetricAt\":{}}}",
                counters.concat(),
                first + 10_000
            )
        },
    )
}

fn allocations(index: usize) -> String {
    listed(index, "{\"code\":200,\"data\":[", |step| {
        let items: Vec<String> = (0..20).map(|name| format!("\"shop{name}\":{{\"name\":\"shop{name}\",\"properties\":{{\"namespace\":\"shop\"}},\"window\":{{\"start\":\"2026-10-{:02}T00:00:00Z\",\"end\":\"2026-10-{:02}T00:00:00Z\"}},\"minutes\":1440,\"cpuCoreUsageAverage\":0.5,\"totalCost\":0.25}}", 1 + step % 30, 2 + step % 30)).collect();
        format!("{{{}}}", items.join(","))
    })
}

fn cloudwatch(index: usize) -> String {
    listed(index, "{\"MetricDataResults\":[", |metric| {
        let times: Vec<String> = (0..60).map(|minute| format!("\"2026-11-21T10:{minute:02}:00+00:00\"")).collect();
        let values: Vec<String> = (0..60).map(|value| format!("{value}.5")).collect();
        format!(
            "{{\"Id\":\"m{metric}\",\"Label\":\"CPUUtilization i-{metric}\",\"Timestamps\":[{}],\"Values\":[{}],\"StatusCode\":\"Complete\"}}",
            times.join(","),
            values.join(",")
        )
    })
}

/// What `jq -s` makes of k6's lines.
fn k6_list(index: usize) -> String {
    listed(index, "[", |point| {
        format!(
            "{{\"metric\":\"http_req_duration\",\"type\":\"Point\",\n\"data\":{{\"time\":\"2026-11-21T10:{:02}:{:02}.5Z\",\"value\":{}.25,\"tags\":{{\"name\":\"GET /items\",\"method\":\"GET\",\"status\":\"200\",\"expected_response\":\"true\"}}}}}}",
            point / 60_000 % 60,
            point / 1000 % 60,
            5 + point % 90
        )
    })
}

/// `kubectl get all,hpa,cm,ingress -A -o json`: ten Deployments and what stands around them, pods with all their fields.
fn kubectl(index: usize) -> String {
    let start = "{\n\"apiVersion\": \"v1\",\n\"items\": [";
    let meta = |name: &str| {
        format!(
            "\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"shop\",\"annotations\":{{\"note\":\"{}\"}},\"managedFields\":[{{\"fieldsV1\":{{{}\"f:z\":{{}}}}}}]}}",
            "x".repeat(900),
            "\"f:a\":{},".repeat(60)
        )
    };
    let pod = |pod: usize| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",{},\"spec\":{{\"containers\":[{{\"image\":\"shop:1\",\"volumeMounts\":[{}{{}}]}}]}}}}",
            meta(&format!("pod-{pod}")),
            "{\"name\":\"v\"},".repeat(40)
        )
    };
    let ten: Vec<String> = (index * 10..index * 10 + 10).map(|one| {
        let name = format!("app-{one}");
        let deployment = format!("{{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",{},\"spec\":{{\"replicas\":3,\"template\":{{\"metadata\":{{\"labels\":{{\"app\":\"{name}\"}}}},\"spec\":{{\"containers\":[{{\"image\":\"shop:1\",\"command\":[\"{}\"],\"resources\":{{\"limits\":{{\"cpu\":\"500m\"}}}}}}]}}}}}}}}", meta(&name), "y".repeat(2000));
        let service = format!("{{\"apiVersion\":\"v1\",\"kind\":\"Service\",{},\"spec\":{{\"selector\":{{\"app\":\"{name}\"}}}}}}", meta(&name));
        let pods: Vec<String> = (0..5).map(pod).collect();
        format!("{deployment},\n{service},\n{}", pods.join(",\n"))
    }).collect();
    format!("{}{}", if index == 0 { start } else { ",\n" }, ten.join(",\n"))
}

fn queues(index: usize) -> String {
    listed(index, "[", |queue| {
        format!(
            "{{\"name\":\"q{queue}\",\"vhost\":\"/\",\"messages\":{queue},\"messages_ready\":{queue},\"consumers\":1,\"arguments\":{{}},\"message_stats\":{{\"ack_details\":{{\"rate\":1.5}},{}\"get\":0}}}}",
            "\"publish_details\":{\"rate\":1.5},".repeat(40)
        )
    })
}

fn requests(found: &Measurements) -> u64 {
    found.totals.as_ref().unwrap().requests.unwrap()
}

fn measured(name: &str, outcome: Outcome) -> Measurements {
    match outcome {
        Outcome::Measured(found) => *found,
        other => panic!("{name}: {other:?}"),
    }
}

/// Two series of 8 MB.
fn long_series(index: usize) -> String {
    let points: Vec<String> =
        (0..260_000).map(|at| format!("[{}.781,\"0.123{index}{at:06}\"]", 1_795_293_900 + at)).collect();
    let start =
        if index == 0 { "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" } else { "," };
    format!("{start}{{\"metric\":{{\"pod\":\"p{index}\"}},\"values\":[{}]}}", points.join(","))
}

/// Spans `from..to` that one span of their trace caused, in two traces of 15000.
fn long_trace(index: usize) -> String {
    let spans: Vec<String> = (0..15_000).map(|span| format!("{{\"traceID\":\"t{index}\",\"spanID\":\"{span}\",\"operationName\":\"GET /items\",\"references\":[{{\"refType\":\"CHILD_OF\",\"traceID\":\"t{index}\",\"spanID\":\"0\"}}],\"startTime\":{},\"duration\":7,\"tags\":[{},{{\"key\":\"a\",\"value\":1}}],\"processID\":\"p1\"}}", 1_795_300_000_000_000_u64 + span * 10, "{\"key\":\"some.tag\",\"type\":\"string\",\"value\":\"some text\"},".repeat(5).trim_end_matches(','))).collect();
    format!(
        "{}{{\"traceID\":\"t{index}\",\"spans\":[{}],\"processes\":{{\"p1\":{{\"serviceName\":\"shop\"}}}}}}",
        if index == 0 { "{\"data\":[" } else { "," },
        spans.join(",")
    )
}

fn long_zipkin(index: usize) -> String {
    let spans: Vec<String> = (0..25_000).map(|span| format!("{{\"traceId\":\"t{index}\",\"id\":\"{span}x\",\"name\":\"get /items\",\"kind\":\"SERVER\",\"timestamp\":{},\"duration\":7,\"localEndpoint\":{{\"serviceName\":\"shop\"}},\"tags\":{{\"some.tag\":\"some text\",\"x\":\"y\"}}}}", 1_795_300_000_000_000_u64 + span * 10)).collect();
    format!("{}[{}]", if index == 0 { "[" } else { "," }, spans.join(","))
}

/// A batch of 15000 spans, of one resource.
fn batch(index: usize) -> String {
    let spans: Vec<String> = (0..15_000).map(|span| format!("{{\"traceId\":\"t{index}\",\"spanId\":\"{span}\",\"parentSpanId\":\"0\",\"name\":\"GET /items\",\"kind\":2,\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"1795300001000000000\",\"attributes\":[{}]}}", 1_795_300_000_000_000_000_u64 + span, "{\"key\":\"some.tag\",\"value\":{\"stringValue\":\"some text\"}},".repeat(5).trim_end_matches(','))).collect();
    format!(
        "{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"shop\"}}}}]}},\"scopeSpans\":[{{\"spans\":[{}]}}]}}",
        spans.join(",")
    )
}

fn long_batch(index: usize) -> String {
    format!("{}{}", if index == 0 { "{\n\"resourceSpans\":[" } else { "," }, batch(index))
}

/// Lines of one batch, the first of them short.
fn long_line(index: usize) -> String {
    let short = if index == 0 { "{\"resourceSpans\":[{\"scopeSpans\":[]}]}\n" } else { "" };
    format!("{short}{{\"resourceSpans\":[{}]}}\n", batch(index))
}

/// Lines of a request, and one of many small objects.
fn long_nest(index: usize) -> String {
    let line = "{\"time\":1700000000,\"path\":\"/a\",\"status\":200,\"duration_ms\":5}\n";
    let nest = format!("{{\"x\":[{}0]}}\n", "{\"a\":1},".repeat(900_000));
    if index == 0 { format!("{line}{line}{nest}") } else { format!("{nest}{line}") }
}

/// All spans of two items or more are there.
fn spans_of(found: &Measurements, name: &str, item: u64) -> bool {
    let resource = found.resources.iter().find(|resource| resource.name == name).unwrap();
    let visits = resource.figures["visits"] as u64;
    visits >= 2 * item && visits.is_multiple_of(item)
}

/// Kind, what makes a file of it block by block, what ends the file, whether what was found is sound.
type Row = (&'static str, fn(usize) -> String, &'static str, fn(&Measurements) -> bool);

fn bounded((kind, block, end, sound): Row, megabytes: usize) {
    let (outcome, most) = read(kind, &block, end, megabytes);
    let found = measured(kind, outcome);
    println!("{kind}: {megabytes} MB, {} MB more resident", most.map_or("?".to_owned(), |most| format!("{most:.1}")));
    assert_eq!(found.kind, kind);
    assert!(sound(&found), "{kind}: {:?} {:?}", found.warnings, found.resources);
    assert!(most.is_none_or(|most| most < BOUND_MB), "{kind}: {most:?} MB");
}

#[test]
fn memory_is_bounded() {
    let _alone = ALONE.lock();
    let megabytes: usize =
        std::env::var("HEADROOM_MEMORY_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(MEGABYTES);
    let rows: [Row; 17] = [
        ("gcp-billing-json", bill, "]", |found| {
            let total: f64 = found.costs.iter().map(|line| line.amount).sum();
            // A hundred rows of a cent each are one; every row counts.
            ((total * 100.0).round() % 1000.0).abs() < 1e-9 && found.costs.len() == 90
        }),
        ("aws-cur", cur, "", |found| !found.costs.is_empty()),
        ("bill", many_services, "", |found| found.warnings.iter().any(|warning| warning.code == "services-capped")),
        ("jmeter-csv", jtl, "", |found| found.totals.as_ref().unwrap().requests.unwrap() > 100_000),
        ("json-lines", log_lines, "", |found| found.totals.as_ref().unwrap().requests.unwrap() > 100_000),
        ("zipkin", zipkin, "]", call_graph),
        ("locust-json", locust, "]", |found| requests(found).is_multiple_of(177_000) && found.endpoints.len() <= 2_001),
        ("artillery", artillery, "]}", |found| requests(found) == 100 && found.series[0].points.len() > 10_000),
        ("opencost", allocations, "]}", |found| found.costs.len() == 20 && found.costs[0].amount % 75.0 == 0.0),
        ("cloudwatch", cloudwatch, "]}", |found| found.series.len() > 10_000 && found.series[9].points.len() <= 60),
        ("k6-ndjson", k6_list, "]", |found| requests(found) > 100_000),
        ("jaeger", jaeger, "]}", call_graph),
        ("otlp-json", otlp, "]}", call_graph),
        ("kubernetes-json", kubectl, "],\n\"kind\": \"List\"}", |found| {
            let one = &found.resources[7];
            let says = one.labels["services"] == "app-7" && one.figures["cpu_limit_cores"] == 0.5;
            says && found.resources.len() > 1000
                && found.warnings.iter().any(|warning| warning.code == "objects-passed-over")
        }),
        ("rabbitmq", queues, "]", |found| {
            found.resources.len() > 10_000 && found.resources[5].figures["queue_length"] == 5.0
        }),
        // The same in one line.
        ("otlp-ndjson", |index| otlp(index).replacen("{\n", "{", 1), "]}", call_graph),
        // Last: memory given back to the allocator would hide what the others take.
        ("prometheus-query", matrix, "]}}", |found| {
            let points: usize = found.series.iter().map(|series| series.points.len()).sum();
            found.series.len() > 100 && (100_000..=1_000_000).contains(&points)
        }),
    ];
    for row in rows {
        bounded(row, megabytes);
    }
    // Items of nearly 8 MB each.
    let rows: [Row; 6] = [
        ("prometheus-query", long_series, "]}}", |found| {
            found.series.len() == 2 && found.series.iter().all(|series| series.points.len() == 260_000)
        }),
        ("jaeger", long_trace, "]}", |found| spans_of(found, "shop", 15_000)),
        ("zipkin", long_zipkin, "]", |found| spans_of(found, "shop", 25_000)),
        ("otlp-json", long_batch, "]}", |found| spans_of(found, "shop", 15_000)),
        ("otlp-ndjson", long_line, "", |found| spans_of(found, "shop", 15_000)),
        // Eighty times its text as values: left out and said so.
        ("json-lines", long_nest, "", |found| {
            requests(found) >= 3 && found.warnings.iter().any(|warning| warning.code == "rows-skipped")
        }),
    ];
    for row in rows {
        bounded(row, 15);
    }
    let (outcome, most) = read("frames.json", &frames, "]}}}", megabytes.max(60));
    let Outcome::Nothing(refusal) = outcome else { panic!("{outcome:?}") };
    println!("a document held whole: refused, {} MB more resident", most.unwrap_or(0.0));
    assert!(refusal.found.contains("48 MB") && refusal.remedy.contains("fewer series"), "{refusal}");
    assert!(most.is_none_or(|most| most < BOUND_MB), "{most:?} MB");
}

/// Read in parts or whole, the figures are the same.
#[test]
fn a_long_answer_gives_what_a_short_one_gives() {
    let _alone = ALONE.lock();
    let text: String = (0..18).map(matrix).collect::<String>() + "]}}";
    assert!(text.len() > 4 * 1024 * 1024);
    let found = measured("long", ingest::import_bytes("long", text.as_bytes()));
    assert_eq!((found.kind.as_str(), found.series.len()), ("prometheus-query", 18));
    assert!(found.series.iter().all(|series| series.points.len() == 11_000) && found.warnings.is_empty());
    assert_eq!(found.series[17].labels["pod"], "p17");
    assert_eq!(found.series[3].points[10], (1_795_294_050.0, 0.310));
    let cut = measured("cut", ingest::import_bytes("cut", &text.as_bytes()[..text.len() - 1000]));
    // The eighteenth is there as far as it goes.
    assert_eq!(cut.series.len(), 18);
    assert!((10_000..11_000).contains(&cut.series[17].points.len()));
    assert!(cut.warnings.iter().any(|warning| warning.code == "truncated"), "{:?}", cut.warnings);
}
