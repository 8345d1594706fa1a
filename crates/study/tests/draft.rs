//! A scenario drafted from traces, manifests, a broker, a balancer and a load test: each file's figures where they belong, and the
//! model of it giving back what the traces measured.
#![allow(clippy::unwrap_used, clippy::panic)]

use ingest::measurements::{Endpoint, Figures, Level, Series};
use ingest::{Measurements, Outcome, import_bytes};
use scenario::Scenario;
use scenario::v1::{ComponentKind, Map};
use serde_json::Value;
use std::collections::BTreeMap;
use study::calibrate::{CalibrateInput, calibrate};
use study::draft::draft;

fn imported(name: &str, bytes: &[u8]) -> Measurements {
    match import_bytes(name, bytes) {
        Outcome::Measured(found) => *found,
        other => panic!("{name}: {other:?}"),
    }
}

/// The traced shop; its figures are in `crates/ingest/tests/fixtures/README.md`.
fn traces() -> Measurements {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ingest/tests/fixtures/trace/otlp.ndjson");
    imported("traces.ndjson", &std::fs::read(path).unwrap())
}

const MANIFESTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog}
spec:
  replicas: 4
  template:
    spec:
      containers:
      - name: catalog
        image: shop/catalog
        env: [{name: DB_POOL_SIZE, value: "5"}]
        resources: {requests: {cpu: 500m}, limits: {cpu: "1"}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: catalog}
spec:
  scaleTargetRef: {kind: Deployment, name: catalog}
  minReplicas: 2
  maxReplicas: 9
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: mailer}
spec: {template: {spec: {containers: [{name: m, image: shop/mailer}]}}}
"#;

const BROKER: &str = r#"[{"name": "orders", "vhost": "/", "messages": 3, "messages_ready": 3, "messages_unacknowledged": 0, "consumers": 6}]"#;

const BALANCER: &str = "backend gateway\n  balance leastconn\n  server a 10.0.0.1:80\n  server b 10.0.0.2:80\n";

fn load() -> Measurements {
    let level = |endpoint: &str, rps: f64, mean: f64| Level {
        from_s: 0.0,
        to_s: 60.0,
        endpoint: Some(endpoint.into()),
        steady: true,
        figures: Figures {
            requests: Some((60.0 * rps) as u64),
            errors: Some(0),
            rps: Some(rps),
            latency_ms: BTreeMap::from([("mean".into(), mean)]),
            ..Figures::default()
        },
    };
    Measurements {
        kind: "k6-ndjson".into(),
        file: "load.json".into(),
        levels: vec![level("GET /items/:id", 75.0, 7.9), level("POST /checkout", 25.0, 42.5)],
        endpoints: vec![Endpoint { name: "GET /items/:id".into(), figures: Figures::default() }],
        ..Measurements::default()
    }
}

fn all() -> Vec<Measurements> {
    vec![
        load(),
        traces(),
        imported("deploy.yaml", MANIFESTS.as_bytes()),
        imported("queues.json", BROKER.as_bytes()),
        imported("haproxy.cfg", BALANCER.as_bytes()),
    ]
}

fn component<'a>(document: &'a Value, id: &str) -> &'a Value {
    let components = document["components"].as_array().unwrap();
    components.iter().find(|component| component["id"] == id).unwrap_or_else(|| panic!("{id} in {components:#?}"))
}

/// Path in a component, what must stand there, and where it is from.
const ROWS: &[(&str, &str, f64, &str)] = &[
    ("gateway", "/service/get-items-id/mean_ms", 3.0, "traces"),
    ("gateway", "/service/post-checkout/mean_ms", 4.9, "traces"),
    ("gateway", "/replicas", 2.0, "haproxy"),
    ("catalog", "/service/mean_ms", 2.0, "traces"),
    ("catalog", "/replicas", 4.0, "deploy"),
    ("catalog", "/cpu_cores", 1.0, "deploy"),
    ("catalog", "/autoscale/min", 2.0, "deploy"),
    ("catalog", "/autoscale/max", 9.0, "deploy"),
    // 70 % of the 0.5 cores requested, of the 1 core it may use.
    ("catalog", "/autoscale/target", 0.35, "deploy"),
    ("catalog", "/pools/postgresql-shop", 5.0, "deploy"),
    // Every third look-up went on to the database.
    ("redis", "/hit_ratio", 0.6667, "traces"),
    ("redis", "/service/mean_ms", 0.5, "traces"),
    ("orders", "/consumers", 6.0, "queues"),
    ("orders", "/service/mean_ms", 1.0, "traces"),
    ("pay-example", "/failure_ratio", 0.1, "traces"),
    ("worker", "/service/mean_ms", 6.0, "traces"),
    ("worker", "/calls/0/per_request", 2.0, "traces"),
];

#[test]
fn each_files_figures_stand_where_they_belong() {
    let drafted = draft(&all(), None).unwrap().unwrap();
    let document = serde_json::to_value(&drafted.scenario).unwrap();
    for (id, path, expected, from) in ROWS {
        let found = component(&document, id)
            .pointer(path)
            .unwrap_or_else(|| panic!("{id}{path}: {:#}", component(&document, id)));
        let value = found["value"].as_f64().unwrap();
        assert!((value - expected).abs() < 1e-3 * expected, "{id}{path}: {value}, expected {expected}");
        assert_eq!(found["from"], *from, "{id}{path}");
    }
    let gateway = component(&document, "gateway")["calls"].as_array().unwrap();
    let calls: Vec<(&str, &str, &str)> = gateway
        .iter()
        .map(|call| {
            (
                call["to"].as_str().unwrap(),
                call["mode"].as_str().unwrap_or("sync"),
                call["classes"][0].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        calls,
        [
            ("catalog", "sync", "get-items-id"),
            ("inventory", "parallel", "post-checkout"),
            ("pricing", "parallel", "post-checkout"),
            ("pay-example", "sync", "post-checkout"),
            ("orders", "sync", "post-checkout"),
        ]
    );
    let miss = &component(&document, "catalog")["calls"][0]["on_miss"][0];
    assert_eq!((miss["to"].as_str(), miss["pool"].as_str()), (Some("postgresql-shop"), Some("postgresql-shop")));
    let balancer = component(&document, "gateway-lb");
    assert_eq!(
        (balancer["policy"].as_str(), balancer["calls"][0]["to"].as_str()),
        (Some("least_connections"), Some("gateway"))
    );
    let traffic = document["traffic"].as_array().unwrap();
    let rates: Vec<(&str, &str, f64)> = traffic
        .iter()
        .map(|class| {
            (
                class["id"].as_str().unwrap(),
                class["entry"].as_str().unwrap(),
                class["arrivals"]["open"]["rate"].as_f64().unwrap(),
            )
        })
        .collect();
    assert_eq!(rates, [("get-items-id", "gateway-lb", 75.0), ("post-checkout", "gateway-lb", 25.0)]);
    let codes: Vec<&str> = drafted.notes.iter().map(|note| note.code.as_str()).collect();
    for code in ["cache-aside", "pool-assumed", "cpu-bound-assumed", "not-traced", "replicas-assumed"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
}

#[test]
fn the_model_gives_back_what_the_traces_measured() {
    let drafted = draft(&[traces()], None).unwrap().unwrap();
    assert!(drafted.notes.iter().any(|note| note.code == "rate-assumed"), "no file has rates");
    let solved = study::solve(&drafted.scenario, &[1.0]).unwrap();
    let document = serde_json::to_value(&solved).unwrap();
    for (class, expected) in [("get-items-id", 235.0 / 30.0), ("post-checkout", 42.0)] {
        let mean = document["points"][0]["classes"][class]["latency_ms"]["mean"].as_f64().unwrap();
        assert!((mean / expected - 1.0).abs() < 0.02, "{class}: {mean} ms, in the traces {expected} ms");
    }
}

#[test]
fn calibrating_without_a_scenario_drafts_one() {
    let data = all();
    let made = calibrate(&CalibrateInput { scenario: None, data: &data, map: None, only_up_to_rps: None }).unwrap();
    let ids: Vec<&str> = made.scenario.components.iter().map(|component| component.id.as_str()).collect();
    assert!(ids.contains(&"postgresql-shop") && ids.contains(&"gateway-lb"), "{ids:?}");
    assert!(made.report.notes.iter().any(|note| note.code == "cache-aside"));
    let row = |path: &str| made.report.fitted.iter().find(|row| row.path == path);
    let own = row("components.catalog.service.mean_ms").unwrap_or_else(|| panic!("{:#?}", made.report.fitted));
    assert_eq!((own.value, own.source.as_str()), (2.0, "measured"));
    assert_eq!(made.report.levels.len(), 2, "both endpoints of the load test have their class");

    // A scenario that its owner drew takes the traced times by name.
    let drawn: Scenario = scenario::parse(
        r#"{"format": "headroom/1", "name": "mine", "traffic": [{"id": "all", "entry": "catalog", "arrivals": {"open": {"rate": 100}}}],
            "components": [{"id": "catalog", "kind": "service", "service": {"mean_ms": 9}, "calls": [{"to": "store"}]},
                           {"id": "store", "label": "PostgreSQL shop", "kind": "database", "service": {"mean_ms": 9}}]}"#,
    )
    .unwrap()
    .scenario;
    let data = [traces()];
    let made =
        calibrate(&CalibrateInput { scenario: Some(&drawn), data: &data, map: None, only_up_to_rps: None }).unwrap();
    let value = |path: &str| made.report.fitted.iter().find(|row| row.path == path).map(|row| row.value);
    assert_eq!(value("components.catalog.service.mean_ms"), Some(2.0));
    let store = value("components.store.service.mean_ms").unwrap();
    assert!((store - 94.0 / 28.0).abs() < 1e-9, "{store}");
}

/// The traced wire goes to every call that is waited for, those on a miss too, with its origin and draws; not to a message, which
/// nobody waits for, nor beside a pool whose own series hold it already. The wire of every edge in the file is 1 ms.
#[test]
fn the_wire_of_the_traces_goes_to_the_calls_of_a_drawing() {
    let drawn: Scenario = scenario::parse(
        r#"{"format": "headroom/1", "name": "mine", "traffic": [{"id": "all", "entry": "gateway", "arrivals": {"open": {"rate": 10}}}],
            "components": [{"id": "gateway", "kind": "service", "service": {"mean_ms": 9}, "pools": {"http": 20}, "calls": [
                               {"to": "catalog", "network_ms": 9, "on_miss": [{"to": "inventory"}]},
                               {"to": "inventory", "mode": "async", "network_ms": 4},
                               {"to": "pricing", "pool": "http"}]},
                           {"id": "catalog", "kind": "cache", "hit_ratio": 0.5, "service": {"mean_ms": 9}},
                           {"id": "inventory", "kind": "service", "service": {"mean_ms": 9}},
                           {"id": "pricing", "kind": "service", "service": {"mean_ms": 9}}]}"#,
    )
    .unwrap()
    .scenario;
    let series = |is: &str, value: f64| {
        // Each at its own beat, a hundredth about its mean.
        let beat = is.len() as i32;
        let at = |k: i32| (5.0 * f64::from(k), value * if k % beat < beat / 2 { 0.99 } else { 1.01 });
        Measurements {
            kind: "prometheus-query".into(),
            file: format!("{is}.json"),
            series: vec![Series { points: (0..12).map(at).collect(), ..Series::default() }],
            ..Measurements::default()
        }
    };
    // Ten calls a second hold 0.18 connections, of which pricing itself is 0.15: 3 ms beyond it.
    let data = [traces(), series("held", 0.18), series("visits", 10.0), series("busy", 0.15), load()];
    let map: Map = serde_json::from_str(
        r#"{"endpoints": {"GET /items/:id": "all", "POST /checkout": "all"},
            "series": [{"file": "held.json", "component": "gateway", "pool": "http", "is": "pool_busy"},
                       {"file": "visits.json", "component": "pricing", "is": "visits_rps"},
                       {"file": "busy.json", "component": "pricing", "is": "busy_servers"}]}"#,
    )
    .unwrap();
    let input = CalibrateInput { scenario: Some(&drawn), data: &data, map: Some(&map), only_up_to_rps: None };
    let made = calibrate(&input).unwrap();
    for (path, value, from) in [
        ("components.gateway.calls[0].network_ms", Some(1.0), "traces"),
        ("components.gateway.calls[0].on_miss[0].network_ms", Some(1.0), "traces"),
        ("components.gateway.calls[1].network_ms", None, ""),
        ("components.gateway.calls[2].network_ms", Some(3.0), "held"),
    ] {
        let row = made.report.fitted.iter().find(|row| row.path == path);
        assert_eq!(row.is_some(), value.is_some(), "{path}: {:#?}", made.report.fitted);
        let (Some(row), Some(value)) = (row, value) else { continue };
        assert!(
            (row.value / value - 1.0).abs() < 0.02 && row.low < row.value && row.high > row.value,
            "{path}: {row:?}"
        );
        assert_eq!((row.source.as_str(), row.from.as_str()), ("measured", from), "{path}");
        let stands = study::address::read(&made.scenario, path).unwrap();
        assert_eq!((stands.value, stands.from.as_deref()), (row.value, Some(from)), "{path}");
        assert!(made.scenario.fit.as_ref().unwrap().paths.iter().any(|p| p == path), "{path} is not drawn");
    }
    let message = study::address::read(&made.scenario, "components.gateway.calls[1].network_ms").unwrap();
    assert_eq!((message.value, message.from), (4.0, None));
}

#[test]
fn without_a_call_graph_there_is_no_draft() {
    assert!(draft(&[load()], None).unwrap().is_none());
    // Loops and unknown parts do no harm.
    let dependencies = br#"[{"parent": "a", "child": "b", "callCount": 10}, {"parent": "b", "child": "a", "callCount": 5}, {"parent": "b", "child": "b", "callCount": 5}]"#;
    let found = draft(&[imported("deps.json", dependencies)], None).unwrap().unwrap();
    assert_eq!(found.scenario.components.len(), 2);
    assert!(found.notes.iter().any(|note| note.code == "loop"));
}

/// A compose file alone: parts, limits and replicas as written, calls where a service depends on another, and the doubt said. A
/// load test then gives the times, as far as three short levels outweigh what was assumed.
#[test]
fn a_compose_file_alone_is_a_first_drawing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ingest/tests/fixtures/topology/compose.yaml");
    let compose = imported("compose.yaml", &std::fs::read(path).unwrap());
    let made = draft(std::slice::from_ref(&compose), None).unwrap().unwrap();
    let part = |id: &str| made.scenario.components.iter().find(|component| component.id == id).unwrap();
    let calls = |id: &str| part(id).calls.iter().map(|call| call.to.as_str()).collect::<Vec<_>>();
    assert_eq!(calls("api"), ["cache", "db"]);
    assert_eq!(
        (part("api").replicas.as_ref().unwrap().value, part("api").cpu_cores.as_ref().unwrap().value),
        (4.0, 0.5)
    );
    assert_eq!((part("db").kind, part("cache").kind), (ComponentKind::Database, ComponentKind::Cache));
    assert_eq!(made.scenario.traffic[0].entry, "api");
    for code in ["calls-assumed", "rate-assumed"] {
        assert!(made.notes.iter().any(|note| note.code == code), "{code}: {:?}", made.notes);
    }
    let load = imported("levels.csv", b"rps,mean_ms,p95_ms\n10,20,50\n20,20.5,51\n30,21,53\n");
    let data = [compose, load];
    let fitted = calibrate(&CalibrateInput { scenario: None, data: &data, map: None, only_up_to_rps: None }).unwrap();
    let doc = study::solve(&fitted.scenario, &[1.0]).unwrap();
    let class = doc.points[0].classes.values().next().unwrap();
    assert!((class.latency_ms.as_ref().unwrap()["mean"] / 20.0 - 1.0).abs() < 0.15, "{class:?}");
}

/// Manifests of a cluster, its autoscaler in a file of its own: parts by name, Service and setting, the worker fed by its queue, what
/// stands outside as such; a load test's endpoints come in where the Ingress points.
#[test]
fn manifests_are_a_first_drawing() {
    let workload = |name: &str, image: &str, env: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicas: 2, template: {{metadata: {{labels: {{app: {name}}}}}, \
             spec: {{containers: [{{name: c, image: {image}, env: [{env}], resources: {{limits: {{cpu: '1'}}, requests: {{cpu: 500m}}}}}}]}}}}}}\n---\n"
        )
    };
    let text = [
        workload("mail-worker", "shop/mail", "{name: AMQP_URL, value: 'amqp://jobs'}, {name: SMTP, value: x}"),
        workload("admin", "shop/admin", "{name: DB_HOST, value: db}"),
        workload(
            "web",
            "shop/web",
            "{name: DATABASE_URL, value: 'postgres://u:p@db/x'}, {name: DB_POOL_SIZE, value: '7'}, {name: QUEUE_URL, value: 'amqp://jobs'}, \
             {name: PAY_URL, value: 'https://api.pay.example/v1'}, {name: CATALOG_URL, value: 'http://items:80'}",
        ),
        workload("catalog", "shop/catalog", "{name: REDIS_HOST, value: sessions.abc.cache.example}"),
        workload("db", "postgres:16", ""),
        workload("jobs", "rabbitmq:3", ""),
        "{apiVersion: v1, kind: Service, metadata: {name: front}, spec: {selector: {app: web}}}\n---\n".to_owned(),
        "{apiVersion: v1, kind: Service, metadata: {name: items}, spec: {selector: {app: catalog}}}\n---\n".to_owned(),
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: {defaultBackend: {service: {name: front}}}}\n".to_owned(),
    ];
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: {scaleTargetRef: {name: web}, \
                  minReplicas: 2, maxReplicas: 8, metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}}]}\n";
    let manifests = [imported("shop.yaml", text.concat().as_bytes()), imported("hpa.yaml", scaler.as_bytes())];
    let mut data = manifests.to_vec();
    data.push(load());
    let made = draft(&data, None).unwrap().unwrap();
    let part = |id: &str| {
        made.scenario.components.iter().find(|component| component.id == id).unwrap_or_else(|| panic!("{id}"))
    };
    let calls = |id: &str| part(id).calls.iter().map(|call| call.to.as_str()).collect::<Vec<_>>();
    for (id, kind, to) in [
        ("web", ComponentKind::Service, &["catalog", "db", "api-pay-example", "jobs"][..]),
        ("catalog", ComponentKind::Service, &["sessions"]),
        ("jobs", ComponentKind::Queue, &["mail-worker"]),
        ("admin", ComponentKind::Service, &["db"]),
        ("db", ComponentKind::Database, &[]),
        ("sessions", ComponentKind::Cache, &[]),
        ("api-pay-example", ComponentKind::External, &[]),
    ] {
        let mut found = calls(id);
        found.sort_unstable();
        let mut wanted = to.to_vec();
        wanted.sort_unstable();
        assert_eq!((part(id).kind, found), (kind, wanted), "{id}");
    }
    // A database works on as many queries as it has cores; a broker has none here.
    let cores = |id: &str| part(id).cores.as_ref().map(|cores| (cores.value, cores.from.clone()));
    assert_eq!((cores("db"), cores("jobs")), (Some((1.0, Some("shop".to_owned()))), None));
    let web = part("web");
    assert_eq!(web.pools["db"].value, 7.0);
    let scale = web.autoscale.as_ref().unwrap();
    assert_eq!((scale.min.value, scale.max.value, scale.target.as_ref().unwrap().value), (2.0, 8.0, 0.3));
    let entries: Vec<(&str, &str)> =
        made.scenario.traffic.iter().map(|t| (t.label.as_deref().unwrap(), t.entry.as_str())).collect();
    assert_eq!(entries, [("GET /items/:id", "web"), ("POST /checkout", "web")]);
    assert!(
        made.notes.iter().any(|note| note.code == "entry-assumed" && note.text.contains("admin")),
        "{:?}",
        made.notes
    );

    // Programs that name nobody cannot be drawn, and that is said.
    let apart = [workload("a", "x/a", ""), workload("b", "x/b", "")].concat();
    let data = [imported("apart.yaml", apart.as_bytes()), load()];
    let fitted = calibrate(&CalibrateInput { scenario: None, data: &data, map: None, only_up_to_rps: None }).unwrap();
    assert!(fitted.report.notes.iter().any(|note| note.code == "manifest-not-drawn" && note.text.contains("a, b")));
}

/// A StatefulSet's limit is the cores of its database, in whole queries.
#[test]
fn a_limit_is_the_cores_of_a_database() {
    for (limit, cores) in
        [("'2'", Some(2.0)), ("1500m", Some(1.0)), ("500m", Some(1.0)), ("'8'", Some(8.0)), ("", None)]
    {
        let resources =
            if limit.is_empty() { String::new() } else { format!("resources: {{limits: {{cpu: {limit}}}}}, ") };
        let set = format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: pg}}\nspec: {{replicas: 1, template: {{spec: {{containers: \
             [{{name: c, {resources}image: 'postgres:16'}}]}}}}}}\n---\n"
        );
        let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: c, image: x/web, \
                   env: [{name: DATABASE_URL, value: 'postgres://pg/x'}]}]}}}\n";
        let made = draft(&[imported("k8s.yaml", format!("{set}{web}").as_bytes())], None).unwrap().unwrap();
        let database = made.scenario.components.iter().find(|component| component.id == "pg").unwrap();
        assert_eq!(database.kind, ComponentKind::Database);
        assert_eq!(database.cores.as_ref().map(|cores| cores.value), cores, "{limit}");
        assert_eq!(made.notes.iter().any(|note| note.code == "cores-by-limit"), cores.is_some(), "{limit}");
    }
}

/// A bill alone projects nothing; the way on is named.
#[test]
fn a_bill_alone_says_what_to_add() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/shop-stack/cost_explorer.json");
    let bill = imported("bill.json", &std::fs::read(path).unwrap());
    let refused =
        calibrate(&CalibrateInput { scenario: None, data: &[bill], map: None, only_up_to_rps: None }).unwrap_err();
    assert!(refused[0].text.contains("bill alone") && refused[0].remedy.contains("ready scenario"), "{refused:?}");
}

type Parts<'a> = &'a [(&'a str, ComponentKind, &'a [&'a str])];

/// What names and addresses say of roles, and where they say nothing: parts with whom they call, where requests enter, a word of a note.
#[test]
fn manifests_are_drawn_by_what_they_say() {
    use ComponentKind::{Cache, Database, External, Queue, Service};
    let deployment = |name: &str, space: &str, replicas: u32, env: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {space}}}\nspec: {{replicas: {replicas}, template: \
             {{spec: {{containers: [{{name: c, image: x/{name}, env: [{env}], resources: {{limits: {{cpu: '1'}}, requests: {{cpu: 500m}}}}}}]}}}}}}\n"
        )
    };
    let env = |name: &str, value: &str| format!("{{name: {name}, value: '{value}'}}");
    let scaler = |space: &str| {
        format!(
            "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: {space}}}\nspec: {{scaleTargetRef: \
             {{name: web}}, minReplicas: 1, maxReplicas: 8, metrics: [{{type: Resource, resource: {{name: cpu, target: {{averageUtilization: 50}}}}}}]}}\n"
        )
    };
    let rows: [(&str, String, &str, Parts, &str); 9] = [
        (
            "an exposed processor is no worker, and no store is where requests enter",
            "services:\n  payment-processor: {image: x/p, ports: ['80:80'], environment: {KAFKA_BROKERS: 'kafka:9092', DB_HOST: db}}\n  kafka: \
             {image: kafka}\n  db: {image: postgres}\n"
                .into(),
            "payment-processor",
            &[("payment-processor", Service, &["kafka", "db"]), ("kafka", Queue, &[]), ("db", Database, &[])],
            "calls are drawn",
        ),
        (
            "a worker that nobody feeds sends",
            "services:\n  mail-worker: {image: x/w, depends_on: [rabbit]}\n  rabbit: {image: rabbitmq}\n".into(),
            "mail-worker",
            &[("mail-worker", Service, &["rabbit"]), ("rabbit", Queue, &[])],
            "calls are drawn",
        ),
        (
            "Redis behind Celery is a queue",
            "services:\n  web: {image: x/w, environment: {BROKER_HOST: redis}}\n  celery-worker: {image: x/w, environment: \
             {BROKER_HOST: redis}}\n  redis: {image: redis}\n"
                .into(),
            "web",
            &[("web", Service, &["redis"]), ("redis", Queue, &["celery-worker"]), ("celery-worker", Service, &[])],
            "celery-worker is taken to work off redis",
        ),
        (
            "a host of the world is no part of the same first word",
            deployment("web", "p", 2, &env("PAYMENT_URL", "https://api.stripe.com/v1")) + &deployment("api", "p", 1, &env("A_URL", "https://api.stripe.com")),
            "web",
            &[("web", Service, &["api-stripe-com"]), ("api", Service, &["api-stripe-com"]), ("api-stripe-com", External, &[])],
            "nobody calls api either",
        ),
        (
            "one pod, a Service's name and the cluster's ending are the same set",
            deployment("web", "p", 2, &[env("A_BROKERS", "kafka:9092"), env("REDIS_HOST", "redis.p.svc.cluster.local")].join(", "))
                + &deployment("email-worker", "p", 1, &env("KAFKA_BROKERS", "kafka-0.kafka:9092"))
                + &deployment("kafka", "p", 3, "").replace("x/kafka", "kafka")
                + &deployment("redis", "p", 1, "").replace("x/redis", "redis"),
            "web",
            &[("web", Service, &["kafka", "redis"]), ("kafka", Queue, &["email-worker"]), ("email-worker", Service, &[]), ("redis", Cache, &[])],
            "email-worker is taken to work off kafka",
        ),
        (
            "the autoscaler of another namespace scales nothing here",
            deployment("web", "prod", 2, &env("DB_HOST", "db")) + &scaler("staging"),
            "web",
            &[("web", Service, &["db"]), ("db", Database, &[])],
            "calls are drawn",
        ),
        (
            "of two of one name the first is taken",
            deployment("web", "prod", 4, &env("DB_HOST", "db")) + &deployment("web", "staging", 1, &env("DB_HOST", "db")),
            "web",
            &[("web", Service, &["db"]), ("db", Database, &[])],
            "another web of staging is passed over",
        ),
        (
            "who names nobody is left out and no place to enter",
            "services:\n  web: {image: x/w, depends_on: [db, db, web]}\n  db: {image: postgres}\n  reports: {image: x/r}\n".into(),
            "web",
            &[("web", Service, &["db"]), ("db", Database, &[])],
            "reports in shop names nobody",
        ),
        (
            "a circle starts somewhere",
            "services:\n  a: {image: x/a, environment: {B_URL: 'http://b'}}\n  web: {image: x/b, environment: {A_URL: 'http://a'}}\n  b: {image: \
             x/b, environment: {W_URL: 'http://web'}}\n"
                .into(),
            "web",
            &[("web", Service, &["a"]), ("a", Service, &["b"]), ("b", Service, &[])],
            "no loops",
        ),
    ];
    for (what, text, entry, parts, note) in rows {
        let made = draft(&[imported("shop.yaml", text.as_bytes())], None).unwrap().unwrap();
        assert_eq!(made.scenario.components.len(), parts.len(), "{what}: {:?}", made.scenario.components);
        for (id, kind, to) in parts {
            let part = made.scenario.components.iter().find(|component| component.id == *id);
            let part = part.unwrap_or_else(|| panic!("{what}: {id} in {:?}", made.scenario.components));
            let mut calls: Vec<&str> = part.calls.iter().map(|call| call.to.as_str()).collect();
            let mut wanted = to.to_vec();
            calls.sort_unstable();
            wanted.sort_unstable();
            assert_eq!((part.kind, calls), (*kind, wanted), "{what}: {id}");
        }
        assert_eq!(made.scenario.traffic[0].entry, entry, "{what}");
        assert!(made.notes.iter().any(|said| said.text.contains(note)), "{what}: {:?}", made.notes);
        let web = made.scenario.components.iter().find(|component| component.id == "web");
        assert!(web.is_none_or(|web| web.autoscale.is_none()), "{what}");
    }
}
