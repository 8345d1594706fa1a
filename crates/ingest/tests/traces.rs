//! Traces and call graphs against what was sent: the figures of `fixtures/trace/*` follow from the constants of the program that
//! made them (see `fixtures/trace/README.md`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{finite, measured, measured_bytes};
use ingest::Measurements;
use ingest::measurements::{CallEdge, Resource};

fn edge<'a>(found: &'a Measurements, from: &str, to: &str) -> &'a CallEdge {
    let edge = found.calls.iter().find(|edge| edge.from == from && edge.to == to);
    edge.unwrap_or_else(|| panic!("{from} -> {to} in {:?}", found.calls))
}

fn node<'a>(found: &'a Measurements, name: &str) -> &'a Resource {
    let node = found.resources.iter().find(|resource| resource.name == name);
    node.unwrap_or_else(|| panic!("{name} in {:?}", found.resources))
}

fn near(what: &str, found: Option<f64>, expected: f64) {
    let found = found.unwrap_or_else(|| panic!("no {what}"));
    assert!((found - expected).abs() < 1e-3, "{what}: {found}, expected {expected}");
}

/// (from, to, calls per visit of the caller, mode, own time of the callee, time on the wire).
type EdgeRow = (&'static str, &'static str, f64, &'static str, f64, Option<f64>);

fn check(found: &Measurements, edges: &[EdgeRow], nodes: &[(&str, &str, f64)]) {
    assert_eq!(found.calls.len(), edges.len(), "{}: {:?}", found.file, found.calls);
    for (from, to, per_request, mode, own_ms, network_ms) in edges {
        let call = edge(found, from, to);
        near(&format!("{from} -> {to}"), call.per_request, *per_request);
        assert_eq!(call.mode.as_deref(), Some(*mode), "{from} -> {to}");
        near(&format!("own time of {from} -> {to}"), call.own_ms, *own_ms);
        match network_ms {
            Some(expected) => near(&format!("wire of {from} -> {to}"), call.network_ms, *expected),
            None => assert_eq!(call.network_ms, None, "{from} -> {to}"),
        }
    }
    assert_eq!(found.resources.len(), nodes.len(), "{:?}", found.resources);
    for (name, kind, own_ms) in nodes {
        let resource = node(found, name);
        assert_eq!(resource.kind.as_deref(), Some(*kind), "{name}");
        near(name, resource.figures.get("own_ms").copied(), *own_ms);
    }
    finite(&found.file, &serde_json::to_value(found).unwrap());
}

const SHOP_EDGES: [EdgeRow; 9] = [
    ("gateway", "catalog", 0.75, "sync", 2.0, Some(1.0)),
    ("gateway", "inventory", 0.25, "parallel", 10.0, Some(1.0)),
    ("gateway", "pricing", 0.25, "parallel", 15.0, Some(1.0)),
    ("gateway", "pay.example", 0.25, "sync", 20.0, None),
    ("gateway", "orders", 0.225, "async", 1.0, None),
    ("catalog", "redis", 1.0, "sync", 0.5, None),
    ("catalog", "postgresql shop", 1.0 / 3.0, "sync", 4.0, None),
    ("orders", "worker", 1.0, "sync", 6.0, None),
    ("worker", "postgresql shop", 2.0, "sync", 3.0, None),
];

const SHOP_NODES: [(&str, &str, f64); 9] = [
    // 30 times 3 ms and 10 times 4.9 ms: the parallel calls are subtracted once.
    ("gateway", "service", 3.475),
    ("catalog", "service", 2.0),
    ("inventory", "service", 10.0),
    ("pricing", "service", 15.0),
    ("worker", "service", 6.0),
    ("orders", "queue", 1.0),
    ("pay.example", "external", 20.0),
    ("redis", "cache", 0.5),
    ("postgresql shop", "database", (10.0 * 4.0 + 18.0 * 3.0) / 28.0),
];

#[test]
fn opentelemetry_and_zipkin_give_the_call_graph() {
    for (file, kind) in [("trace/otlp.ndjson", "otlp-ndjson"), ("trace/zipkin.json", "zipkin")] {
        let found = measured(file);
        assert_eq!(found.kind, kind);
        check(&found, &SHOP_EDGES, &SHOP_NODES);
        let totals = found.totals.clone().unwrap();
        assert_eq!((totals.requests, totals.errors, totals.rps), (Some(40), Some(1), None), "rates of a sample");
        assert_eq!(found.endpoints.len(), 2);
        near("GET", found.endpoints[0].figures.latency_ms.get("mean").copied(), 235.0 / 30.0);
        near("POST", found.endpoints[1].figures.latency_ms.get("mean").copied(), 41.9);
        near("published", edge(&found, "gateway", "orders").by_endpoint.get("POST /checkout").copied(), 0.9);
        near("GET's own", node(&found, "gateway").own_ms_by_endpoint.get("GET /items/:id").copied(), 3.0);
        near("POST's own", node(&found, "gateway").own_ms_by_endpoint.get("POST /checkout").copied(), 4.9);
        near("failures", edge(&found, "gateway", "pay.example").error_ratio, 0.1);
        // In order of the calls: the parallel ones are neighbours.
        let order: Vec<&str> = found.calls[..5].iter().map(|call| call.to.as_str()).collect();
        assert_eq!(order, ["catalog", "inventory", "pricing", "pay.example", "orders"]);
        assert!(found.warnings.iter().any(|warning| warning.code == "sampled-traces"));
    }
}

#[test]
fn a_document_of_otlp_says_what_its_lines_say() {
    let text = String::from_utf8(common::fixture("trace/otlp.ndjson")).unwrap();
    let batches: Vec<serde_json::Value> = text
        .lines()
        .flat_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["resourceSpans"].as_array().unwrap().clone()
        })
        .collect();
    for (key, document) in [
        ("resourceSpans", serde_json::json!({ "resourceSpans": batches })),
        ("Tempo's batches", serde_json::json!({ "batches": batches })),
        ("Tempo's second version", serde_json::json!({ "trace": { "resourceSpans": batches } })),
    ] {
        let found = measured_bytes(key, &serde_json::to_vec_pretty(&document).unwrap());
        assert_eq!(found.kind, "otlp-json", "{key}");
        check(&found, &SHOP_EDGES, &SHOP_NODES);
    }
}

#[test]
fn jaegers_page_and_api() {
    // The UI's own sample: OrderVehicle 1181.596 ms, of which its one call took 968.334 ms; the answering span 967.066 ms.
    let found = measured("trace/jaeger_ui.json");
    check(
        &found,
        &[("load-generator", "ride-sharing-app", 1.0, "sync", 967.066, Some(1.268))],
        &[("load-generator", "client", 213.262), ("ride-sharing-app", "service", 967.066)],
    );

    // The API's shape. Clocks: `db` is a minute ahead, so its span is put in the middle of the caller's; the audit follows from the
    // request and is not waited for; the store that HotROD traces as a service of its own is the store.
    let span = |id: &str,
                process: &str,
                parent: &str,
                kind: &str,
                start: u64,
                duration: u64,
                tags: serde_json::Value| {
        let mut all = vec![serde_json::json!({"key": "span.kind", "type": "string", "value": kind})];
        all.extend(tags.as_array().unwrap().iter().cloned());
        let reference = if parent == "audit" { "FOLLOWS_FROM" } else { "CHILD_OF" };
        let cause = if parent == "audit" { "a" } else { parent };
        let references = match parent {
            "" => serde_json::json!([]),
            _ => serde_json::json!([{"refType": reference, "traceID": "00t1", "spanID": cause}]),
        };
        serde_json::json!({"traceID": "00t1", "spanID": id, "operationName": "op", "references": references, "startTime": start,
            "duration": duration, "tags": all, "logs": [], "processID": process})
    };
    let none = || serde_json::json!([]);
    let route = serde_json::json!([{"key": "http.method", "value": "GET"}, {"key": "http.target", "value": "/orders/17"},
        {"key": "http.status_code", "type": "int64", "value": 500}]);
    let store = serde_json::json!([{"key": "db.system", "value": "redis"}]);
    let answer = serde_json::json!({"data": [{"traceID": "00t1", "spans": [
        span("a", "p1", "", "server", 1_000_000, 100_000, route),
        span("b", "p2", "a", "server", 61_000_000, 40_000, none()),
        span("c", "p3", "audit", "server", 1_050_000, 90_000, none()),
        span("d", "p4", "b", "client", 61_010_000, 5_000, store),
        span("e", "p1", "a", "client", 1_090_000, 4_000, none()),
    ], "processes": {"p1": {"serviceName": "api"}, "p2": {"serviceName": "db"}, "p3": {"serviceName": "audit"},
        "p4": {"serviceName": "sessions"}}}], "total": 0, "limit": 0, "errors": null});
    let found = measured_bytes("api.json", answer.to_string().as_bytes());
    check(
        &found,
        &[
            ("api", "db", 1.0, "sync", 35.0, None),
            ("api", "audit", 1.0, "async", 90.0, None),
            ("db", "sessions", 1.0, "sync", 5.0, None),
        ],
        &[("api", "service", 60.0), ("db", "service", 35.0), ("audit", "service", 90.0), ("sessions", "cache", 5.0)],
    );
    assert_eq!((found.endpoints[0].name.as_str(), found.endpoints[0].figures.errors), ("GET /orders/:id", Some(1)));
    let unnamed = found.warnings.iter().find(|warning| warning.code == "unnamed-callee").unwrap();
    assert_eq!(unnamed.evidence["calls"], 1);
}

#[test]
fn zipkin_with_shared_identifiers_and_version_1() {
    let shared = r#"[[
        {"traceId":"1","id":"2","parentId":"1","kind":"CLIENT","name":"get","timestamp":2000,"duration":8000,"localEndpoint":{"serviceName":"web"}},
        {"traceId":"1","id":"2","parentId":"1","shared":true,"kind":"SERVER","name":"get /users/{id}","timestamp":3000,"duration":6000,"localEndpoint":{"serviceName":"users"}},
        {"traceId":"1","id":"3","parentId":"2","kind":"CLIENT","name":"select","timestamp":4000,"duration":3000,"localEndpoint":{"serviceName":"users"},"remoteEndpoint":{"serviceName":"mysql"},"tags":{"sql.query":"select 1"}},
        {"traceId":"1","id":"1","kind":"SERVER","name":"get /","timestamp":1000,"duration":10000,"localEndpoint":{"serviceName":"web"}}]]"#;
    let note = |value: &str, at: u64, service: &str| {
        format!(r#"{{"timestamp":{at},"value":"{value}","endpoint":{{"serviceName":"{service}"}}}}"#)
    };
    let first = format!(
        r#"[{{"traceId":"1","id":"1","name":"get /","annotations":[{},{}],"binaryAnnotations":[]}},
            {{"traceId":"1","id":"2","parentId":"1","name":"get","annotations":[{},{},{},{}]}},
            {{"traceId":"1","id":"3","parentId":"2","name":"select","annotations":[{},{}],"binaryAnnotations":[
              {{"key":"sa","value":true,"endpoint":{{"serviceName":"mysql"}}}},{{"key":"sql.query","value":"select 1"}}]}}]"#,
        note("sr", 1000, "web"),
        note("ss", 11000, "web"),
        note("cs", 2000, "web"),
        note("sr", 3000, "users"),
        note("ss", 9000, "users"),
        note("cr", 10000, "web"),
        note("cs", 4000, "users"),
        note("cr", 7000, "users"),
    );
    for text in [shared, first.as_str()] {
        check(
            &measured_bytes("zipkin", text.as_bytes()),
            &[("web", "users", 1.0, "sync", 3.0, Some(2.0)), ("users", "mysql", 1.0, "sync", 3.0, None)],
            &[("web", "service", 2.0), ("users", "service", 3.0), ("mysql", "database", 3.0)],
        );
    }
}

#[test]
fn logs_with_a_correlation_identifier() {
    let mut text = String::new();
    for request in 0..20 {
        let second = request % 60;
        // Logged when done: the gateway's 50 ms hold the two calls of 20 ms and 10 ms.
        text += &format!(
            "{{\"time\":\"2026-11-21T10:00:{second:02}.035Z\",\"service\":\"cart\",\"correlation_id\":\"r{request}\",\"duration_ms\":20,\"path\":\"/cart\"}}\n\
             {{\"time\":\"2026-11-21T10:00:{second:02}.047Z\",\"service\":\"pay\",\"correlation_id\":\"r{request}\",\"duration_ms\":10,\"path\":\"/pay\"}}\n\
             {{\"time\":\"2026-11-21T10:00:{second:02}.050Z\",\"level\":\"info\",\"service\":\"gateway\",\"correlation_id\":\"r{request}\",\"msg\":\"done\"}}\n\
             {{\"time\":\"2026-11-21T10:00:{second:02}.050Z\",\"service\":\"gateway\",\"correlation_id\":\"r{request}\",\"duration_ms\":50,\"method\":\"POST\",\"path\":\"/orders/{request}\",\"status\":{}}}\n",
            if request == 7 { 503 } else { 200 }
        );
    }
    let found = measured_bytes("app.log", text.as_bytes());
    assert_eq!(found.kind, "json-log-traces");
    check(
        &found,
        &[("gateway", "cart", 1.0, "sync", 20.0, None), ("gateway", "pay", 1.0, "sync", 10.0, None)],
        &[("gateway", "service", 20.0), ("cart", "service", 20.0), ("pay", "service", 10.0)],
    );
    let endpoint = &found.endpoints[0];
    assert_eq!(
        (endpoint.name.as_str(), endpoint.figures.requests, endpoint.figures.errors),
        ("POST /orders/:id", Some(20), Some(1))
    );
    for code in ["nesting-inferred", "lines-passed-over"] {
        assert!(found.warnings.iter().any(|warning| warning.code == code), "{code}");
    }
}

#[test]
fn graphs_that_others_added_up() {
    let page = "# TYPE traces_service_graph_request_total counter
traces_service_graph_request_total{client=\"user\",server=\"api\",connection_type=\"virtual_node\"} 1000
traces_service_graph_request_total{client=\"api\",server=\"db\",connection_type=\"database\"} 2300
traces_service_graph_request_total{client=\"api\",server=\"mail\",connection_type=\"messaging_system\"} 100
traces_service_graph_request_failed_total{client=\"user\",server=\"api\",connection_type=\"virtual_node\"} 10
traces_service_graph_request_server_seconds_sum{client=\"user\",server=\"api\",connection_type=\"virtual_node\"} 30
traces_service_graph_request_server_seconds_count{client=\"user\",server=\"api\",connection_type=\"virtual_node\"} 1000
traces_service_graph_request_client_seconds_sum{client=\"api\",server=\"db\",connection_type=\"database\"} 11.5
traces_service_graph_request_client_seconds_count{client=\"api\",server=\"db\",connection_type=\"database\"} 2300
";
    let found = measured_bytes("metrics.prom", page.as_bytes());
    let database = edge(&found, "api", "db");
    near("calls per request", database.per_request, 2.3);
    near("the store's own time", database.own_ms, 5.0);
    // 30 ms, of which 2.3 calls of 5 ms.
    near("own time", node(&found, "api").figures.get("own_ms").copied(), 18.5);
    assert_eq!(edge(&found, "api", "mail").mode.as_deref(), Some("async"));
    assert_eq!(edge(&found, "user", "api").error_ratio, Some(0.01));
    assert_eq!(node(&found, "db").kind.as_deref(), Some("database"));
    assert_eq!(node(&found, "user").kind.as_deref(), Some("client"));

    // A range, with a restart of the counter in it: 60 + 5 calls in two minutes.
    let range = r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"traces_service_graph_request_total","client":"a","server":"b"},"values":[[0,"40"],[60,"100"],[120,"5"]]},
        {"metric":{"__name__":"traces_service_graph_request_total","client":"b","server":"c"},"values":[[0,"0"],[60,"120"],[120,"130"]]}]}}"#;
    let found = measured_bytes("range.json", range.as_bytes());
    near("calls", edge(&found, "b", "c").per_request, 2.0);
    near("rate", node(&found, "b").figures.get("visits_rps").copied(), 65.0 / 120.0);

    let istio = "istio_requests_total{reporter=\"source\",source_workload=\"web\",destination_workload=\"api\",response_code=\"200\"} 90
istio_requests_total{reporter=\"destination\",source_workload=\"web\",destination_workload=\"api\",response_code=\"200\"} 90
istio_requests_total{reporter=\"destination\",source_workload=\"web\",destination_workload=\"api\",response_code=\"503\"} 10
";
    let found = measured_bytes("istio.prom", istio.as_bytes());
    assert_eq!((edge(&found, "web", "api").calls, edge(&found, "web", "api").error_ratio), (Some(100), Some(0.1)));

    let dependencies = br#"{"data":[{"parent":"web","child":"api","callCount":50},{"parent":"api","child":"db","callCount":125}],"total":0}"#;
    let found = measured_bytes("dependencies.json", dependencies);
    near("calls", edge(&found, "api", "db").per_request, 2.5);
}

#[test]
fn hostile_traces_end_soon() {
    // A chain of 3000 spans, a loop, and ten thousand calls at once.
    let span = |id: usize, parent: String, start: usize, length: usize| {
        format!(
            r#"{{"traceID":"t","spanID":"s{id}","operationName":"o","references":[{parent}],"startTime":{start},"duration":{length},"tags":[],"processID":"p{}"}}"#,
            id % 7
        )
    };
    let cause = |id: usize| format!(r#"{{"refType":"CHILD_OF","traceID":"t","spanID":"s{id}"}}"#);
    let chain = (0..3000).map(|id| span(id, if id == 0 { String::new() } else { cause(id - 1) }, id, 9000 - id));
    let ring = (0..100).map(|id| span(id, cause((id + 1) % 100), 1, 5));
    let fan = (0..10_000)
        .map(|id| span(id, if id == 0 { String::new() } else { cause(0) }, 5, if id == 0 { 100 } else { 50 }));
    let wild = [span(1, String::new(), usize::MAX, usize::MAX), span(2, cause(1), 0, usize::MAX)].into_iter();
    for spans in [chain.collect::<Vec<_>>(), ring.collect(), fan.collect(), wild.collect()] {
        let text = format!(r#"{{"data":[{{"spans":[{}],"processes":{{}}}}]}}"#, spans.join(","));
        let found = measured_bytes("wild.json", text.as_bytes());
        finite("wild", &serde_json::to_value(&found).unwrap());
    }
}

/// The same spans as protobuf, by the same exporter: one request, requests behind their lengths, and these packed one by one.
#[test]
fn protobuf_says_what_json_says() {
    let mut json = measured("trace/otlp.ndjson");
    for name in ["trace/otlp.bin", "trace/otlp_framed.bin", "trace/otlp_framed_zstd.bin"] {
        let found = measured(name);
        assert_eq!(found.kind, "otlp-protobuf");
        check(&found, &SHOP_EDGES, &SHOP_NODES);
        (json.kind, json.file) = (found.kind.clone(), found.file.clone());
        assert_eq!(found, json, "{name}");
    }
    let framed = common::fixture("trace/otlp_framed.bin");
    let cut = measured_bytes("cut.bin", &framed[..framed.len() - 100]);
    assert!(cut.warnings.iter().any(|warning| warning.code == "truncated"), "{:?}", cut.warnings);
    assert!(cut.totals.unwrap().requests.is_some());
}

/// A request without spans says what to export.
#[test]
fn protobuf_without_spans_is_refused_with_its_remedy() {
    let bytes =
        b"\x0a\x2f\x0a\x15\x0a\x13\x0a\x0cservice.name\x12\x03\x0a\x01a\x12\x16\x12\x14\x0a\x04\x00\x00\x00\x01";
    let ingest::Outcome::Nothing(refusal) = ingest::import_bytes("traces.bin", bytes) else { panic!("not refused") };
    assert!(refusal.found.contains("protobuf") && refusal.remedy.contains("traces"), "{refusal}");
    // The first byte is a line break too.
    let texts =
        ["\nservice.name,foo\nshop,1\n", "\n\x1b[32mINFO\x1b[0m starting, service.name is shop\n", "\nservice.name"];
    for text in texts {
        if let ingest::Outcome::Nothing(refusal) = ingest::import_bytes("notes.txt", text.as_bytes()) {
            assert!(!refusal.found.contains("protobuf"), "{text:?}: {refusal}");
        }
    }
}

fn batch(service: &str, trace: &str, name: &str, padding: usize) -> String {
    format!(
        r#"{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{service}"}}}},{{"key":"pad","value":{{"stringValue":"{}"}}}}]}},"scopeSpans":[{{"spans":[{{"traceId":"{trace}","spanId":"b1","name":"{name}","kind":2,"startTimeUnixNano":"1795300000000000000","endTimeUnixNano":"1795300000005000000"}}]}}]}}"#,
        "x".repeat(padding)
    )
}

/// Lines of any length, one of which the Collector did not finish: those after it are read.
#[test]
fn a_cut_line_of_otlp_swallows_no_other() {
    for padding in [10, 100_000] {
        let line = |trace: &str| format!("{{\"resourceSpans\":[{}]}}\n", batch("shop", trace, "GET /items", padding));
        let whole: Vec<String> = (1..6).map(|trace| line(&trace.to_string())).collect();
        for keep in [20, padding / 2 + 150, whole[2].len() - 8] {
            let text = [&whole[0], &whole[1], &format!("{}\n", &whole[2][..keep]), &whole[3], &whole[4]]
                .map(String::as_str)
                .concat();
            let found = measured_bytes("cut.ndjson", text.as_bytes());
            assert_eq!(found.kind, "otlp-ndjson");
            let spans = found.totals.as_ref().unwrap().requests;
            assert!(spans == Some(4) || (spans == Some(5) && keep > padding), "{padding} {keep}: {spans:?}");
            let warning = found.warnings.iter().find(|warning| warning.code == "rows-skipped").unwrap();
            assert_eq!((&warning.evidence["rows"], &warning.evidence["first_line"]), (&1.into(), &3.into()));
        }
    }
}

/// The covers in which Tempo and others answer with a trace, by the names of both notations.
#[test]
fn otlp_in_any_cover() {
    for padding in [10, 1_200_000] {
        for cover in ["@", r#"{"trace":@}"#, r#"{"result":@}"#] {
            for key in ["resourceSpans", "batches", "resource_spans"] {
                let batches =
                    format!("{},{}", batch("shop", "1", "GET /items", padding), batch("shop", "2", "GET /items", 1));
                let text = cover.replace('@', &format!("{{\n\"{key}\":[{batches}]}}"));
                let found = measured_bytes("tempo.json", text.as_bytes());
                let requests = found.totals.as_ref().unwrap().requests;
                assert_eq!((found.kind.as_str(), requests), ("otlp-json", Some(2)), "{cover} {key} {padding}");
            }
        }
    }
}

/// Protobuf that says little with many parts, packed requests of nothing, and other files called protobuf: refused or passed over,
/// soon.
#[test]
fn hostile_protobuf_ends_soon() {
    let framed = |request: &[u8]| [&(request.len() as u32).to_be_bytes()[..], request].concat();
    let packed = |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    let mut good = common::fixture("trace/otlp_framed.bin");
    let before = measured_bytes("good.bin", &good);
    // Empty batches, empty scopes, attributes without key.
    for part in [&b"\x0a\x00"[..], b"\x0a\x02\x12\x00", b"\x0a\x08\x12\x06\x12\x04\x4a\x02\x0a\x00"] {
        good.extend(framed(&packed(&part.repeat(8_000_000 / part.len()))));
    }
    let found = measured_bytes("bomb.bin", &good);
    assert_eq!((&found.totals, &found.calls), (&before.totals, &before.calls));
    // Broken packed requests say nothing about a bomb: they are left out.
    let broken = framed(b"\x28\xb5\x2f\xfd\x00\x48\x05\x00\x00\xff\xff\xff\xff\xff");
    let found = measured_bytes("broken.bin", &[common::fixture("trace/otlp_framed.bin"), broken.repeat(100)].concat());
    assert_eq!(found.calls, before.calls);
    let skipped = found.warnings.iter().find(|warning| warning.code == "lines-skipped").unwrap();
    assert_eq!(skipped.evidence["requests"], 100);
    let bomb = framed(&packed(&[0x0a, 0x00].repeat(4_000_000)));
    let options = || ingest::Options { kind: Some("otlp-protobuf".to_owned()), ..ingest::Options::default() };
    let begin = std::time::Instant::now();
    let ingest::Outcome::Nothing(refusal) = ingest::import_bytes_with("many.bin", &bomb.repeat(20_000), options())
    else {
        panic!("not refused")
    };
    assert!(refusal.found.contains("bomb"), "{refusal}");
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    for text in ["a,b\n1,2\n".repeat(100_000), "\0".repeat(1_000_000), "{\"a\": 1}".to_owned()] {
        let mut import = ingest::Import::new("other.csv", options());
        let refused = text.as_bytes().chunks(65_536).take_while(|chunk| import.push(chunk).is_ok()).count();
        assert!(refused <= 1, "{refused} chunks of another file were held");
        let ingest::Outcome::Nothing(refusal) = import.finish() else { panic!("not refused") };
        assert!(!refusal.remedy.is_empty(), "{refusal}");
    }
}
