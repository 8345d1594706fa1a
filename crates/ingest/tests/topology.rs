//! Deployments and balancers: what the files say, worked out by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{finite, measured, measured_bytes};
use ingest::measurements::Resource;
use ingest::{Measurements, Outcome, import_bytes};

fn node<'a>(found: &'a Measurements, name: &str) -> &'a Resource {
    let node = found.resources.iter().find(|resource| resource.name == name);
    node.unwrap_or_else(|| panic!("{name} in {:?}", found.resources))
}

type Row = (&'static str, &'static str, &'static [(&'static str, f64)], &'static [(&'static str, &'static str)]);

fn check(found: &Measurements, kind: &str, rows: &[Row]) {
    assert_eq!(found.kind, kind);
    assert_eq!(found.resources.len(), rows.len(), "{:?}", found.resources);
    for (name, what, figures, labels) in rows {
        let resource = node(found, name);
        assert_eq!(resource.kind.as_deref(), Some(*what), "{name}");
        let found: Vec<(&str, f64)> =
            resource.figures.iter().map(|(figure, value)| (figure.as_str(), *value)).collect();
        assert_eq!(found, *figures, "{name}");
        for (label, value) in *labels {
            assert_eq!(resource.labels.get(*label).map(String::as_str), Some(*value), "{name}: {label}");
        }
    }
    finite(&found.file, &serde_json::to_value(found).unwrap());
}

const MIB: f64 = 1_048_576.0;

const SHOP: &[Row] = &[
    ("web", "service", &[("containers", 1.0), ("replicas", 3.0)], &[("workload", "Deployment")]),
    (
        "api",
        "service",
        &[
            ("autoscale_max", 12.0),
            ("autoscale_min", 3.0),
            ("autoscale_target", 0.7),
            ("autoscale_target.requests_in_flight_value", 250.0),
            ("containers", 2.0),
            // The one that migrates ends before; the mesh stays.
            ("cpu_limit_cores", 1.2),
            ("cpu_request_cores", 0.6),
            ("env.DB_POOL_SIZE", 10.0),
            ("memory_limit_bytes", 640.0 * MIB),
            ("memory_request_bytes", 320.0 * MIB),
            ("stabilization_down_s", 120.0),
        ],
        &[("autoscale_metric", "cpu"), ("namespace", "shop")],
    ),
    (
        "orders-db",
        "database",
        &[
            ("containers", 1.0),
            ("cpu_limit_cores", 2.0),
            ("cpu_request_cores", 2.0),
            ("memory_limit_bytes", 4096.0 * MIB),
            ("memory_request_bytes", 4096.0 * MIB),
            ("replicas", 2.0),
        ],
        &[("workload", "StatefulSet")],
    ),
    (
        "worker",
        "autoscaler",
        &[("autoscale_max", 5.0), ("autoscale_min", 1.0), ("autoscale_target", 0.6)],
        &[("autoscale_metric", "cpu")],
    ),
];

#[test]
fn kubernetes() {
    let found = measured("topology/manifests.yaml");
    check(&found, "kubernetes", SHOP);
    let other =
        format!("{}\n---\nkind: CronJob\n", std::str::from_utf8(&common::fixture("topology/manifests.yaml")).unwrap());
    let warned = measured_bytes("other.yaml", other.as_bytes());
    let warning = warned.warnings.iter().find(|warning| warning.code == "objects-passed-over").unwrap();
    assert_eq!(warning.evidence["kinds"], serde_json::json!({"CronJob": 1}));

    // The same objects as a list, the way `kubectl get -o json` gives them.
    let text = String::from_utf8(common::fixture("topology/manifests.yaml")).unwrap();
    let items = ingest::read::yaml::documents(&text).values;
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
    check(&measured_bytes("list.json", list.to_string().as_bytes()), "kubernetes-json", SHOP);

    // As the API server gives it (`kubectl get --raw`): only the list says the kind. Its keys may stand behind the items.
    let items = list["items"].as_array().unwrap();
    let mut deployments: Vec<_> = items.iter().filter(|item| item["kind"] == "Deployment").cloned().collect();
    for item in &mut deployments {
        item.as_object_mut().unwrap().retain(|key, _| key != "kind" && key != "apiVersion");
    }
    let items = serde_json::json!(deployments).to_string();
    for text in [
        format!("{{\"kind\":\"DeploymentList\",\"apiVersion\":\"apps/v1\",\"metadata\":{{}},\"items\":{items}}}"),
        format!(
            "{{\"apiVersion\":\"apps/v1\",\"kind\":\"DeploymentList\",\"items\":[{{\"spec\":{{}},\"note\":\"{}\"}},{}]}}",
            "x".repeat(1_200_000),
            &items[1..items.len() - 1]
        ),
    ] {
        let raw = measured_bytes("raw.json", text.as_bytes());
        for deployment in SHOP.iter().filter(|row| row.3.contains(&("workload", "Deployment"))) {
            let found = raw.resources.iter().find(|one| one.name == deployment.0).unwrap();
            assert_eq!(
                found.figures["containers"],
                deployment.2.iter().find(|(name, _)| *name == "containers").unwrap().1
            );
        }
    }

    // kubectl create deployment, kubectl set resources and kubectl set env.
    const FIGURES: [(&str, f64); 7] = [
        ("containers", 1.0),
        ("cpu_limit_cores", 1.0),
        ("cpu_request_cores", 0.25),
        ("env.DB_POOL_SIZE", 10.0),
        ("memory_limit_bytes", 256.0 * MIB),
        ("memory_request_bytes", 128.0 * MIB),
        ("replicas", 3.0),
    ];
    check(&measured("topology/kubectl.json"), "kubernetes-json", &[("shop", "service", &FIGURES, &[])]);

    // Cut in the middle of the third document: what came before is kept.
    let place = text.find("orders-db").unwrap();
    let cut = measured_bytes("cut.yaml", format!("{}{{", &text[..place - 8]).as_bytes());
    assert!(cut.resources.iter().any(|resource| resource.name == "api"));
    assert!(cut.warnings.iter().any(|warning| warning.code == "truncated"));

    for (text, word) in [
        ("apiVersion: v1\nkind: Deployment\nspec: {replicas: {{ .Values.n }}}\n", "helm template"),
        ("apiVersion: v1\nkind: Job\n", "only Job"),
        ("apiVersion: apps/v1\nkind: Deployment\n\tspec: 1\n - x: [\n", "Deployment"),
    ] {
        match import_bytes("x.yaml", text.as_bytes()) {
            Outcome::Nothing(refusal) => assert!(refusal.to_string().contains(word), "{refusal}"),
            Outcome::Measured(found) => {
                assert!(found.warnings.iter().any(|warning| warning.code == "truncated"), "{text}")
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Whom a workload talks to and who may reach it: by its settings, those of a ConfigMap, its Services and an Ingress. No secret of
/// an address is kept.
#[test]
fn a_cluster_says_who_talks_to_whom() {
    let text = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers:
      - name: web
        image: shop/web
        envFrom: [{configMapRef: {name: shared}}]
        env:
        - {name: DATABASE_URL, value: "postgres://shop:hunter2@orders-db:5432/shop"}
        - {name: CATALOG_URL, valueFrom: {configMapKeyRef: {name: shared, key: catalog}}}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: s, key: t}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shared}
data: {REDIS_HOST: sessions, catalog: "http://catalog-svc/v1"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog}
spec: {template: {metadata: {labels: {app: catalog}}, spec: {containers: [{name: c, image: shop/catalog}]}}}
---
{apiVersion: v1, kind: Service, metadata: {name: front}, spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: catalog-svc}, spec: {selector: {app: catalog}}}
---
{apiVersion: v1, kind: Service, metadata: {name: nobody}, spec: {selector: {app: nobody}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: front, port: {number: 80}}}}]}}]}
"#;
    let found = measured_bytes("shop.yaml", text.as_bytes());
    let label = |name: &str, label: &str| node(&found, name).labels.get(label).cloned().unwrap_or_default();
    assert_eq!(label("web", "connects_to"), "cache:sessions, service:catalog-svc, database:orders-db");
    assert_eq!((label("web", "services").as_str(), label("web", "exposed").as_str()), ("front", "outside"));
    assert_eq!((label("catalog", "services").as_str(), label("catalog", "exposed").as_str()), ("catalog-svc", ""));
    assert!(!serde_json::to_string(&found).unwrap().contains("hunter2"));
}

/// Objects of other namespaces are others, even of the same name; what says no namespace fits every one.
#[test]
fn namespaces_are_kept_apart() {
    const NONE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: none}\n---\n";
    let workload = |space: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: api{space}}}, spec: {{template: {{metadata: {{labels: {{app: api}}}}, \
             spec: {{containers: [{{name: c, image: x, envFrom: [{{configMapRef: {{name: s}}}}]}}]}}}}}}}}\n---\n"
        )
    };
    let at = |space: &str| format!(", namespace: {space}");
    let service = |space: &str, kind: &str| {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: front{space}}}, spec: {{{kind}selector: {{app: api}}}}}}\n---\n"
        )
    };
    let old = "spec: {backend: {serviceName: front}}";
    let route = "spec: {rules: [{backendRefs: [{name: front, namespace: a}]}]}";
    let opening = |kind: &str, space: &str, spec: &str| {
        format!("{{apiVersion: networking.k8s.io/v1, kind: {kind}, metadata: {{name: i{space}}}, {spec}}}\n---\n")
    };
    let (a, b) = (at("a"), at("b"));
    for (what, text, services, exposed) in [
        (
            "Ingress of the same",
            [workload(&a), service(&a, ""), opening("Ingress", &a, old)].concat(),
            "front",
            "outside",
        ),
        ("Ingress of another", [workload(&a), service(&a, ""), opening("Ingress", &b, old)].concat(), "front", ""),
        ("Ingress of none", [workload(&a), service(&a, ""), opening("Ingress", "", old)].concat(), "front", "outside"),
        (
            "route into another",
            [workload(&a), service(&a, ""), opening("HTTPRoute", &b, route)].concat(),
            "front",
            "outside",
        ),
        (
            "OpenShift's route",
            [workload(""), service("", ""), opening("Route", "", "spec: {to: {kind: Service, name: front}}")].concat(),
            "front",
            "outside",
        ),
        ("Service of another", [workload(&a), service(&b, "type: NodePort, ")].concat(), "", ""),
        ("Service of both", [workload(&a), service(&b, "type: NodePort, "), service(&a, "")].concat(), "front", ""),
        ("workload of none", [workload(""), service(&b, "type: LoadBalancer, ")].concat(), "front", "outside"),
        (
            "no selector",
            [workload(""), "{apiVersion: v1, kind: Service, metadata: {name: front}, spec: {}}".into()].concat(),
            "",
            "",
        ),
    ] {
        let found = measured_bytes("x.yaml", format!("{NONE}{text}").as_bytes());
        let label = |label: &str| node(&found, "api").labels.get(label).cloned().unwrap_or_default();
        assert_eq!((label("services").as_str(), label("exposed").as_str()), (services, exposed), "{what}");
        assert!(found.warnings.is_empty(), "{what}: {:?}", found.warnings);
    }
    // The ConfigMap and the autoscaler of the same name in each namespace.
    let map = |space: &str, size: u32| {
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: s{space}}}, data: {{POOL: '{size}'}}}}\n---\n")
    };
    let scaler = |space: &str, most: u32| {
        format!(
            "{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: h{space}}}, spec: {{maxReplicas: {most}, scaleTargetRef: {{name: api}}}}}}\n---\n"
        )
    };
    let all = [map(&b, 7), scaler(&b, 70), workload(&a), workload(&b), map(&a, 5), scaler(&a, 50)].concat();
    let found = measured_bytes("x.yaml", format!("{NONE}{all}").as_bytes());
    let figures: Vec<_> = found
        .resources
        .iter()
        .map(|one| (one.labels["namespace"].as_str(), one.figures["env.POOL"], one.figures["autoscale_max"]))
        .collect();
    assert_eq!(figures, [("a", 5.0, 50.0), ("b", 7.0, 70.0)]);
}

/// An autoscaler is that of the kind it names.
#[test]
fn workloads_of_one_name() {
    let text = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h}
spec: {maxReplicas: 9, scaleTargetRef: {kind: KIND, name: web}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {replicas: 5}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3}}
";
    for (kind, scaled) in
        [("StatefulSet", [Some(5.0), None]), ("Deployment", [None, Some(3.0)]), ("Rollout", [None, None])]
    {
        let found = measured_bytes("web.yaml", text.replace("KIND", kind).as_bytes());
        let most = |one: &Resource| one.figures.get("autoscale_max").and(one.figures.get("replicas")).copied();
        assert_eq!([most(&found.resources[0]), most(&found.resources[1])], scaled, "{kind}");
        assert_eq!(found.resources.len(), if kind == "Rollout" { 3 } else { 2 }, "{kind}");
    }
}

/// Objects are looked up, not searched: each of these pairs looked at would take minutes.
#[test]
fn many_objects_end_soon() {
    let one = |index: usize| {
        serde_json::json!([
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": format!("api{index}"), "namespace": "a"}, "spec": {"template": {"metadata": {"labels": {"part-of": "shop", "app": format!("api{index}")}}}}},
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": format!("front{index}"), "namespace": "a"}, "spec": {"selector": {"app": format!("api{index}"), "part-of": "shop"}}},
            {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": format!("h{index}"), "namespace": "a"}, "spec": {"maxReplicas": 5, "scaleTargetRef": {"name": format!("api{index}")}}},
        ])
    };
    let items: Vec<_> = (0..10_000).flat_map(|index| one(index).as_array().unwrap().clone()).collect();
    let text = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let begin = std::time::Instant::now();
    let found = measured_bytes("many.json", text.as_bytes());
    assert_eq!((found.resources.len(), found.resources[9999].labels["services"].as_str()), (10_000, "front9999"));
    assert!(found.resources.iter().all(|one| one.figures["autoscale_max"] == 5.0));
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

#[test]
fn docker_compose() {
    let found = measured("topology/compose.yaml");
    check(
        &found,
        "docker-compose",
        &[
            (
                "api",
                "service",
                &[
                    ("cpu_limit_cores", 0.5),
                    ("cpu_request_cores", 0.25),
                    ("env.DB_POOL_SIZE", 20.0),
                    ("memory_limit_bytes", 50.0 * MIB),
                    ("memory_request_bytes", 20.0 * MIB),
                    ("replicas", 4.0),
                ],
                &[("depends_on", "cache, db"), ("images", "ghcr.io/shop/api:v3")],
            ),
            (
                "worker",
                "service",
                &[
                    ("cpu_limit_cores", 1.5),
                    ("env.CELERY_WORKER_CONCURRENCY", 8.0),
                    ("memory_limit_bytes", 1024.0 * MIB),
                    ("replicas", 2.0),
                ],
                &[("depends_on", "db")],
            ),
            ("db", "database", &[("replicas", 1.0)], &[]),
            ("cache", "cache", &[("replicas", 1.0)], &[]),
        ],
    );
    // What docker-compose config makes of a file with anchors and lists.
    const WEB: [(&str, f64); 7] = [
        ("cpu_limit_cores", 0.5),
        ("cpu_request_cores", 0.25),
        ("env.DB_POOL_SIZE", 20.0),
        ("env.WORKERS", 4.0),
        ("memory_limit_bytes", 256.0 * MIB),
        ("memory_request_bytes", 128.0 * MIB),
        ("replicas", 3.0),
    ];
    check(
        &measured("topology/compose_config.yaml"),
        "docker-compose",
        &[
            ("cache", "cache", &[("replicas", 1.0)], &[]),
            ("db", "database", &[("replicas", 1.0)], &[]),
            ("web", "service", &WEB, &[("depends_on", "cache, db")]),
        ],
    );
    let warning = found.warnings.iter().find(|warning| warning.code == "variables").unwrap();
    assert_eq!(warning.evidence["names"], serde_json::json!(["API_REPLICAS", "DB_CPUS", "TAG"]));
    let exposed = measured_bytes(
        "ports.yaml",
        b"services:\n  a: {image: x, ports: []}\n  b: {image: x, ports: ['80:80']}\n  c: {image: x}\n",
    );
    for (name, expected) in [("a", None), ("b", Some("ports")), ("c", None)] {
        assert_eq!(node(&exposed, name).labels.get("exposed").map(String::as_str), expected, "{name}");
    }
    let json = br#"{"name": "shop", "services": {"api": {"image": "x/api", "deploy": {"replicas": 3}, "mem_limit": "2147483648"}}}"#;
    check(
        &measured_bytes("config.json", json),
        "docker-compose-json",
        &[("api", "service", &[("memory_limit_bytes", 2048.0 * MIB), ("replicas", 3.0)], &[])],
    );
}

#[test]
fn balancers() {
    let found = measured("topology/haproxy.cfg");
    let policies: Vec<(&str, &str, f64)> = found
        .resources
        .iter()
        .filter(|resource| resource.kind.as_deref() == Some("load_balancer"))
        .map(|one| (one.name.as_str(), one.labels.get("policy").map_or("", String::as_str), one.figures["servers"]))
        .collect();
    assert_eq!(
        policies,
        [
            ("api", "weighted", 2.0),
            ("static", "least_connections", 3.0),
            ("sessions", "ip_hash", 2.0),
            ("shards", "", 1.0)
        ]
    );
    assert_eq!(node(&found, "api").figures["backup_servers"], 1.0);
    assert_eq!(node(&found, "api").figures["max_connections"], 150.0);
    assert_eq!(node(&found, "api").labels["used_by"], "web");
    assert_eq!((node(&found, "api1").figures["weight"], node(&found, "api2").figures["max_connections"]), (3.0, 50.0));
    assert_eq!(node(&found, "s3").labels["upstream"], "static");
    assert!(found.resources.iter().all(|resource| resource.name != "old" && resource.name != "spare"));
    assert!(found.warnings.iter().any(|warning| warning.code == "uneven-balance"));

    let found = measured("topology/nginx.conf");
    assert_eq!(found.kind, "nginx-config");
    for (name, policy, servers) in
        [("api", "least_connections", 2.0), ("pages", "weighted", 2.0), ("any", "power_of_two", 2.0)]
    {
        let upstream = node(&found, name);
        assert_eq!((upstream.labels["policy"].as_str(), upstream.figures["servers"]), (policy, servers), "{name}");
    }
    assert_eq!(node(&found, "10.0.0.1:8080").figures["weight"], 5.0);
    assert_eq!(node(&found, "10.0.0.5:81").figures["max_connections"], 40.0);
    assert_eq!(node(&found, "api").labels["used_by"], "/api/");
}

#[test]
fn hostile_yaml_ends_soon() {
    let mut bomb = "apiVersion: v1\nkind: List\na: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, of) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        let aliases = vec![format!("*{of}"); 10].join(", ");
        bomb += &format!("{name}: &{name} [{aliases}]\n");
    }
    let long = format!("apiVersion: v1\nkind: Pod\nx: {}\n", "y".repeat(10_000_000));
    let deep = format!("services:\n  a: {}\n", "[".repeat(200_000));
    let many = "---\napiVersion: v1\nkind: Pod\n".repeat(100_000);
    let braces = format!("upstream a {{ server b; {}", "{ x; ".repeat(200_000));
    for text in [bomb, long, deep, many, braces] {
        match import_bytes("x.yaml", text.as_bytes()) {
            Outcome::Measured(found) => finite("x", &serde_json::to_value(found).unwrap()),
            Outcome::Nothing(refusal) => assert!(!refusal.expected.is_empty()),
            Outcome::Question(question) => panic!("{}", question.text),
        }
    }
}
