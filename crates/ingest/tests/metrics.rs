//! Metrics of brokers, stores and exporters against the figures in their files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{finite, measured, measured_bytes};
use ingest::Measurements;

/// (file, kind, resource, figures that it must have).
type Row = (&'static str, &'static str, &'static str, &'static [(&'static str, f64)]);

const ROWS: &[Row] = &[
    (
        "rabbitmq/queues.json",
        "rabbitmq",
        "orders",
        &[
            ("queue_length", 65.0),
            ("messages_ready", 60.0),
            ("consumers", 1.0),
            ("publish_rps", 34.0),
            ("ack_rps", 29.2),
            // One consumer with messages waiting: 1 / 29.2 s each.
            ("consumer_ms", 1000.0 / 29.2),
            ("consumer_capacity", 0.003_166_084_931_081_763_8),
        ],
    ),
    (
        "rabbitmq/queues.json",
        "rabbitmq",
        "emails",
        &[("queue_length", 334.0), ("consumers", 0.0), ("growth_per_s", 33.2)],
    ),
    (
        "rabbitmq/overview.json",
        "rabbitmq",
        "rabbitmq",
        &[("queue_length", 399.0), ("publish_rps", 67.8), ("consumers", 1.0)],
    ),
    (
        "postgres/pg_stat_statements_samples.csv",
        "pg-stat-statements",
        "UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2",
        &[("calls", 691.0), ("own_ms", 0.625_971_876_989_869_3), ("hit_ratio", 1.0), ("rows_per_call", 1.0)],
    ),
    (
        "postgres/pg_stat_statements_samples.csv",
        "pg-stat-statements",
        "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2",
        &[("hit_ratio", 7558.0 / 7959.0)],
    ),
    (
        "postgres/pg_stat_database_samples.csv",
        "pg-stat-database",
        "shop",
        &[("hit_ratio", 40084.0 / 46387.0), ("transactions", 753.0), ("connections", 1.0), ("rollback_ratio", 0.0)],
    ),
    (
        "metrics/kafka_groups.txt",
        "kafka-consumer-groups",
        "orders",
        &[("consumer_lag", 1150.0), ("partitions", 1.0), ("consumers", 0.0)],
    ),
    ("metrics/cloudwatch_data.json", "cloudwatch", "orders", &[("messages_ready", 37.0)]),
    // 1500, 3000 and 4500 units per five minutes: 10 a second on average.
    ("metrics/cloudwatch_statistics.json", "cloudwatch", "database", &[("read_units_per_s", 10.0)]),
    (
        "metrics/mongodb.json",
        "mongodb-server-status",
        "mongodb",
        &[
            // 100 inserts, 5000 queries, 900 commands in 100 s.
            ("ops_per_s", 60.0),
            ("read_ms", 2.0),
            ("write_ms", 4.0),
            ("hit_ratio", 0.98),
            ("max_connections", 838_872.0),
        ],
    ),
    (
        "metrics/mongodb_shell.txt",
        "mongodb-server-status-shell",
        "mongodb",
        &[("ops_per_s", 2.0), ("read_ms", 5.0), ("max_connections", 100.0)],
    ),
    ("metrics/exporters.prom", "prometheus-text", "orders", &[("consumer_lag", 190.0), ("partitions", 2.0)]),
    ("metrics/exporters.prom", "prometheus-text", "mail", &[("waiting", 7.0), ("active", 3.0)]),
    // 40 s over 200 tasks of two workers.
    ("metrics/exporters.prom", "prometheus-text", "tasks.resize", &[("own_ms", 200.0), ("visits", 200.0)]),
    ("metrics/exporters.prom", "prometheus-text", "api", &[("replicas", 4.0)]),
];

#[test]
fn figures_of_resources() {
    for (file, kind, name, figures) in ROWS {
        let found = measured(file);
        assert_eq!(found.kind, *kind, "{file}");
        let resource = found.resources.iter().find(|resource| resource.name == *name);
        let resource = resource.unwrap_or_else(|| panic!("{file}: no {name} in {:?}", found.resources));
        for (figure, expected) in *figures {
            let value =
                resource.figures.get(*figure).copied().unwrap_or_else(|| panic!("{file}: no {figure} in {resource:?}"));
            assert!(
                (value - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{file}: {name}.{figure} is {value}, expected {expected}"
            );
        }
        finite(file, &serde_json::to_value(&found).unwrap());
    }
}

#[test]
fn kafkas_unknown_offsets_are_not_zero() {
    let found = measured("metrics/kafka_groups.txt");
    let billing = found.resources.iter().find(|resource| resource.labels["group"] == "billing").unwrap();
    let figures = ["consumer_lag", "busiest_partition_lag", "partitions", "consumers", "log_end_offset"];
    assert_eq!(figures.map(|name| billing.figures[name]), [190.0, 140.0, 3.0, 2.0, 2600.0]);
    assert_eq!(found.warnings[0].evidence["groups"], serde_json::json!(["audit"]));
}

#[test]
fn two_samples_of_postgresql_give_rates() {
    let text = "sampled_at,datname,numbackends,xact_commit,xact_rollback,blks_read,blks_hit,active_time
2026-11-21 10:00:00+00,shop,5,1000,10,500,9500,20000
2026-11-21 10:01:00+00,shop,7,3400,10,1500,108500,140000
";
    let aligned = " datname | xact_commit | blks_read | blks_hit \n---------+-------------+-----------+----------\n shop    |         100 |        25 |       75\n(1 row)\n";
    let json = r#"[{"datname": "shop", "xact_commit": 100, "blks_read": 25, "blks_hit": 75}]"#;
    let figures = |text: &str| measured_bytes("pg", text.as_bytes()).resources[0].figures.clone();
    let rates = figures(text);
    for (name, expected) in
        [("transactions_per_s", 40.0), ("hit_ratio", 0.99), ("busy_servers", 2.0), ("connections", 7.0)]
    {
        assert!((rates[name] - expected).abs() < 1e-9, "{name}: {}", rates[name]);
    }
    for text in [aligned, json] {
        assert!((figures(text)["hit_ratio"] - 0.75).abs() < 1e-12, "{text}");
    }
    let old = "query | calls | total_time | mean_time\nselect 1 | 10 | 5 | 0.5\n";
    assert_eq!(figures(old)["total_ms"], 5.0);
}

#[test]
fn redis_benchmark() {
    for (file, rates, p99) in [
        ("redis/redis_benchmark.csv", [("SET", 4550.63), ("GET", 5398.11)], 26.511),
        ("metrics/redis_benchmark.txt", [("SET", 117_370.89), ("GET", 125_000.0)], 0.519),
        ("redis/redis_benchmark.txt", [("SET", 90_909.09), ("GET", 102_040.82)], 0.167),
    ] {
        let found = measured(file);
        for (endpoint, (name, rps)) in found.endpoints.iter().zip(rates) {
            assert_eq!((endpoint.name.as_str(), endpoint.figures.rps), (name, Some(rps)), "{file}");
        }
        assert_eq!(found.endpoints[0].figures.latency_ms["p99"], p99, "{file}");
        assert!(found.totals.is_none(), "commands run one after another");
    }
    let quiet = measured("redis/redis_benchmark_q.txt");
    let rows: Vec<(&str, Option<f64>)> = quiet.endpoints.iter().map(|e| (e.name.as_str(), e.figures.rps)).collect();
    assert_eq!(rows, [("SET", Some(100_000.0)), ("GET", Some(100_000.0))]);
    assert_eq!(quiet.endpoints[0].figures.latency_ms["p50"], 0.063);
    let old = measured_bytes("old.csv", b"\"SET\",\"71428.57\"\n\"GET\",\"80000.00\"\n");
    assert_eq!((old.endpoints.len(), old.endpoints[1].figures.rps), (2, Some(80_000.0)));
}

#[test]
fn grafana() {
    let series =
        |found: &Measurements, index: usize| (found.series[index].name.clone(), found.series[index].unit.clone());
    let frames = measured("metrics/grafana_frames.json");
    assert_eq!(series(&frames, 0), ("up_time".to_owned(), Some("ratio".to_owned())));
    assert_eq!(frames.series[0].points, [(1_795_294_440.0, 0.5), (1_795_294_560.0, 0.75)]);
    assert_eq!(frames.series[0].labels["instance"], "a:80");
    let table = measured("metrics/grafana.csv");
    assert_eq!(table.kind, "grafana-csv");
    assert_eq!(series(&table, 1), ("p95".to_owned(), Some("ms".to_owned())));
    let values: Vec<f64> = table.series[1].points.iter().map(|point| point.1).collect();
    assert_eq!(values, [12.5, 1200.0, 0.8]);
    assert!(table.warnings.iter().any(|warning| warning.code == "zone-assumed"));
    let old = measured_bytes(
        "old.csv",
        b"sep=;\nSeries;Time;Value\nrate;2026-11-21T10:00:00+01:00;12,5\nrate;2026-11-21T10:01:00+01:00;13\n",
    );
    assert_eq!((old.series[0].name.as_str(), old.series[0].points[0]), ("rate", (1_795_251_600.0, 12.5)));
    // One frame as Grafana's own library writes it: as JSON, as plain CSV and as shown in a panel.
    let written = measured("metrics/grafana_data.json");
    assert_eq!(series(&written, 0), ("http_p95".to_owned(), Some("ms".to_owned())));
    assert_eq!(written.series[0].points, [(1_795_300_000.0, 12.5), (1_795_300_015.0, 13.25)]);
    assert_eq!(series(&written, 1), ("errors".to_owned(), Some("ratio".to_owned())));
    for file in ["metrics/grafana_data_plain.csv", "metrics/grafana_data_shown.csv"] {
        let table = measured(file);
        assert_eq!(table.kind, "grafana-csv");
        let web = table.series.iter().find(|series| series.name == "web").unwrap();
        let times: Vec<f64> = web.points.iter().map(|point| point.0).collect();
        let values: Vec<f64> = web.points.iter().map(|point| point.1).collect();
        assert_eq!((times, values[0]), (vec![1_795_300_000.0, 1_795_300_015.0], 12.5), "{file}");
    }
    let cloudwatch = measured("metrics/cloudwatch_data.json");
    let times: Vec<f64> = cloudwatch.series[0].points.iter().map(|point| point.0).collect();
    assert!(times.is_sorted() && times.len() == 3, "newest first in the file");
}

/// Native histograms become classic ones: cumulative, with count and sum; the last one of a range stands for the distribution.
#[test]
fn native_histograms() {
    let histogram = |at: u32, low: u32, high: u32| {
        let buckets = format!(r#"[[0,"0.2","0.4","{high}"],[3,"-0.001","0.001","0"],[0,"0.1","0.2","{low}"]]"#);
        let count = low + high;
        format!(r#"[{at},{{"count":"{count}","sum":"2.5","buckets":{buckets}}}]"#)
    };
    let metric = r#"{"__name__":"http_request_duration_seconds","job":"app"}"#;
    let answer = |kind: &str, points: &str| {
        format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{{"metric":{metric},{points}}}]}}}}"#)
    };
    let rows = [
        answer("vector", &format!(r#""histogram":{}"#, histogram(1_700_000_030, 4, 6))),
        answer(
            "matrix",
            &format!(r#""histograms":[{},{}]"#, histogram(1_700_000_000, 1, 1), histogram(1_700_000_030, 4, 6)),
        ),
    ];
    for (row, points) in rows.iter().zip([1, 2]) {
        let found = measured_bytes("native.json", row.as_bytes());
        assert_eq!(found.kind, "prometheus-query");
        let figures: Vec<(&str, Option<&str>, f64)> = found
            .series
            .iter()
            .map(|series| {
                (series.name.as_str(), series.labels.get("le").map(String::as_str), series.points.last().unwrap().1)
            })
            .collect();
        let name = |suffix: &str| format!("http_request_duration_seconds{suffix}");
        let (count, sum, bucket) = (name("_count"), name("_sum"), name("_bucket"));
        let wanted = [
            (count.as_str(), None, 10.0),
            (sum.as_str(), None, 2.5),
            (bucket.as_str(), Some("0.001"), 0.0),
            (bucket.as_str(), Some("0.2"), 4.0),
            (bucket.as_str(), Some("0.4"), 10.0),
            (bucket.as_str(), Some("+Inf"), 10.0),
        ];
        assert_eq!(figures, wanted);
        assert_eq!(found.series[0].points.len(), points);
        assert!(found.warnings.is_empty() && found.series.iter().all(|series| series.labels["job"] == "app"));
    }
}

/// More queues than are told apart: said, and soon.
#[test]
fn many_queues_of_cloudwatch() {
    let one = |queue: usize| {
        format!(
            r#"{{"Id":"m{queue}","Label":"q{queue} ApproximateNumberOfMessagesVisible","Timestamps":["2026-11-21T10:00:00Z"],"Values":[{queue}]}}"#
        )
    };
    let items: Vec<String> = (0..15_000).map(one).collect();
    let found = measured_bytes("queues.json", format!("{{\"MetricDataResults\":[{}]}}", items.join(",")).as_bytes());
    assert_eq!((found.resources.len(), found.series.len()), (2_000, 15_000));
    assert_eq!(found.resources[1_999].figures["messages_ready"], 1_999.0);
    let warning = found.warnings.iter().find(|warning| warning.code == "resources-left-out").unwrap();
    assert_eq!(warning.evidence["metrics"], 13_000);
}

/// Pages that a loop writes one behind the other are later moments of the same series, not more of them.
#[test]
fn appended_pages_do_not_add_up() {
    let page = |ready: u32| {
        format!(
            "# TYPE rabbitmq_queue_messages_ready gauge\nrabbitmq_queue_messages_ready{{queue=\"orders\"}} {ready}\n"
        )
    };
    let found = measured_bytes("m.prom", [page(40), page(50), page(60)].concat().as_bytes());
    assert_eq!(found.series.len(), 1, "{:?}", found.series);
    assert_eq!(found.series[0].points, [(0.0, 60.0)]);
    assert!(found.warnings.iter().any(|warning| warning.code == "several-pages"), "{:?}", found.warnings);
    assert!(
        found.resources.iter().all(|resource| resource.figures.values().all(|value| *value <= 60.0)),
        "{:?}",
        found.resources
    );
}
