//! Kubernetes objects: workloads with replicas and resources, and what scales them. YAML (several documents) or JSON (`kubectl get
//! deploy,sts,hpa -o json`).
//!
//! Source of the fields: Kubernetes API reference, apps/v1, autoscaling/v1 and v2, and "Quantity"; KEDA, ScaledObject.

use super::cluster::{Cluster, Spaces};
use super::objects::Objects;
use super::{kind_of_image, stopped};
use crate::measurements::{Measurements, Resource};
use crate::read::list::{Gather, Paths};
use crate::read::yaml::{self, Documents};
use crate::read::{json, text};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use serde_json::Value;

const DOCS: Docs = Docs {
    versions: "apps/v1, autoscaling/v1 to v2, keda.sh/v1alpha1 (documentation)",
    used: "Deployments, StatefulSets, DaemonSets, Rollouts: replicas, requests and limits of a replica; their autoscaler's bounds, metric and \
           target; settings of pools and workers in the environment, also from a ConfigMap of the same file; the hosts it names, its \
           Services and whether one, an Ingress or a route opens it to the outside, as labels",
    traps: "a percentage target is of the requests, not of the limits; a container without a limit has none, so the replica has none; a \
            request left out is the limit; init containers do not count unless they stay; replicas left out are 1 unless an autoscaler \
            owns them; Helm templates must be rendered first",
    evidence: "documented shape",
};

/// YAML, also of several documents.
pub const FORMAT: Format = Format {
    kind: "kubernetes",
    title: "Kubernetes: manifests or kubectl get -o yaml",
    shape: Shape::Text { fits, read },
    docs: DOCS,
};

/// JSON.
pub const JSON: Format = Format {
    kind: "kubernetes-json",
    title: "Kubernetes: kubectl get -o json",
    shape: Shape::List { fits: fits_json, paths: PATHS, gather: |_: &Context| Box::<Objects>::default() },
    docs: Docs { traps: "as the YAML", ..DOCS },
};

/// The list of an answer, or a list made of objects.
const PATHS: Paths = &[&["items"], &[]];

fn fits(head: &Head<'_>) -> Fit {
    let has = |key: &str| head.text().lines().any(|line| line.starts_with(key));
    Fit::from(!head.is_json() && has("apiVersion:") && has("kind:"))
}

fn fits_json(document: &Value) -> Fit {
    let first = document.as_array().and_then(|items| items.first()).unwrap_or(document);
    let named = |object: &Value| ["kind", "apiVersion"].iter().all(|key| json::text(object, &[key]).is_some());
    // kubectl writes the kind of a list behind its items.
    let inside = json::list(document, &["items"]).first().is_some_and(named);
    Fit::from(named(first) || (inside && document.get("apiVersion").is_some()))
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    if text.contains("{{") && text.contains("}}") && text.contains(".Values") {
        return Err(Refusal::new("rendered manifests", "a Helm template")
            .remedy("render it first: `helm template RELEASE CHART`"));
    }
    let documents: Documents = yaml::documents(text);
    let mut objects = Objects::default();
    documents.values.iter().for_each(|value| objects.document(value));
    let mut found = objects.measurements(documents.stopped.as_ref())?;
    stopped(&mut found, &documents);
    Ok(found)
}

impl Gather for Objects {
    fn item(&mut self, item: &Value) {
        self.document(item);
    }

    fn finish(mut self: Box<Self>, beside: &Value) -> Result<Measurements, Refusal> {
        self.name_items(beside);
        self.measurements(None)
    }
}

impl Objects {
    fn measurements(self, fault: Option<&(u64, u64, String)>) -> Result<Measurements, Refusal> {
        let mut found = Measurements::default();
        let aside = self.aside();
        let all: Vec<&Value> = aside.iter().collect();
        let cluster = Cluster::new(&all);
        let mut places = Spaces::default();
        for object in self.workloads() {
            let kind = json::text(&object, &["kind"]).unwrap_or("");
            places.add(&of_kind(kind, name(&object)), namespace(&object), found.resources.len());
            places.add(name(&object), namespace(&object), found.resources.len());
            found.resources.push(workload(&object, kind, &cluster));
        }
        for object in self.scalers() {
            let keda_s = json::text(&object, &["kind"]) == Some("ScaledObject");
            let figures = if keda_s { keda(&object) } else { horizontal(&object) };
            scale(&object, figures, &mut found.resources, &mut places);
        }
        if found.resources.is_empty() {
            return Err(self.nothing(fault));
        }
        found.resources.iter_mut().for_each(one_replica);
        found.warnings = self.warnings();
        Ok(found)
    }
}

/// A replica where nothing says how many.
fn one_replica(resource: &mut Resource) {
    let scaled = resource.figures.contains_key("autoscale_max");
    let stated = resource.figures.contains_key("replicas");
    // DaemonSets have one replica a node.
    if !scaled && !stated && resource.labels.get("workload").is_some_and(|kind| kind != "DaemonSet") {
        resource.set("replicas", Some(1.0));
    }
}

fn name(object: &Value) -> &str {
    json::text(object, &["metadata", "name"]).unwrap_or("(unnamed)")
}

fn namespace(object: &Value) -> Option<&str> {
    json::text(object, &["metadata", "namespace"])
}

fn workload(object: &Value, kind: &str, cluster: &Cluster<'_>) -> Resource {
    let template = json::at(object, &["spec", "template", "spec"]).unwrap_or(&Value::Null);
    let stays = |container: &&Value| json::text(container, &["restartPolicy"]) == Some("Always");
    let sidecars = json::list(template, &["initContainers"]).iter().filter(stays);
    let containers: Vec<&Value> = json::list(template, &["containers"]).iter().chain(sidecars).collect();
    let images: Vec<&str> = containers.iter().filter_map(|container| json::text(container, &["image"])).collect();
    let what = images.first().map_or("service", |image| kind_of_image(image));
    let mut found = Resource::new(name(object), what)
        .says("workload", Some(kind))
        .says("namespace", namespace(object))
        .says("images", Some(&images.join(", ")))
        .with("replicas", json::number(object, &["spec", "replicas"]))
        .with("ready_replicas", json::number(object, &["status", "readyReplicas"]))
        .with("containers", Some(containers.len() as f64));
    for (unit, of) in [("cpu_{}_cores", "cpu"), ("memory_{}_bytes", "memory")] {
        let limit = |container: &&Value| json::at(container, &["resources", "limits", of]).and_then(quantity);
        let request = |container: &&Value| json::at(container, &["resources", "requests", of]).and_then(quantity);
        let requests: Vec<f64> = containers.iter().filter_map(|one| request(one).or_else(|| limit(one))).collect();
        let limits: Option<Vec<f64>> = containers.iter().map(limit).collect();
        found.set(&unit.replace("{}", "request"), (!requests.is_empty()).then(|| requests.iter().sum()));
        found.set(&unit.replace("{}", "limit"), limits.filter(|all| !all.is_empty()).map(|all| all.iter().sum()));
    }
    for container in containers {
        cluster.settings(object, container, &mut found);
    }
    cluster.services(object, &mut found);
    found
}

/// A quantity in its base unit: `500m` is 0.5, `128Mi` is 134217728, `1e3` is 1000.
fn quantity(value: &Value) -> Option<f64> {
    let written = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    if let Some(number) = text::number(written) {
        return Some(number);
    }
    let split = written.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, suffix) = written.split_at(split);
    let factor = match suffix {
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        _ => return None,
    };
    Some(text::number(number)? * factor)
}

/// How a workload is looked up where its kind is known, for one of each kind may have the same name.
fn of_kind(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}

/// Gives an autoscaler's figures to what it scales, which may stand in another file.
fn scale(object: &Value, figures: Resource, resources: &mut Vec<Resource>, places: &mut Spaces<usize>) {
    let target = json::text(object, &["spec", "scaleTargetRef", "name"]).unwrap_or(name(object));
    let space = namespace(object);
    let key = json::text(object, &["spec", "scaleTargetRef", "kind"]).map(|kind| of_kind(kind, target));
    let key = key.unwrap_or_else(|| target.to_owned());
    match places.find(&key, space).and_then(|place| resources.get_mut(*place)) {
        Some(resource) => {
            resource.figures.extend(figures.figures);
            resource.labels.extend(figures.labels);
        }
        None => {
            places.add(&key, space, resources.len());
            resources.push(Resource { name: target.to_owned(), ..figures.says("namespace", space) });
        }
    }
}

/// Version 1 and 2 (and its betas).
fn horizontal(object: &Value) -> Resource {
    let spec = |key: &str| json::number(object, &["spec", key]);
    let window = ["spec", "behavior", "scaleDown", "stabilizationWindowSeconds"];
    let mut found = Resource::new("", "autoscaler")
        .says("autoscaler", Some(name(object)))
        .with("autoscale_min", spec("minReplicas").or(spec("maxReplicas").map(|_| 1.0)))
        .with("autoscale_max", spec("maxReplicas"))
        .with("autoscale_replicas", json::number(object, &["status", "currentReplicas"]))
        .with("stabilization_down_s", json::number(object, &window));
    if let Some(percent) = spec("targetCPUUtilizationPercentage") {
        found.set("autoscale_target", Some(percent / 100.0));
        found = found.says("autoscale_metric", Some("cpu"));
    }
    for metric in json::list(object, &["spec", "metrics"]) {
        let source =
            ["resource", "containerResource", "pods", "object", "external"].iter().find_map(|key| metric.get(key));
        let Some(source) = source else { continue };
        let metric_name =
            json::text(source, &["name"]).or_else(|| json::text(source, &["metric", "name"])).unwrap_or("");
        let target = source.get("target").unwrap_or(source);
        let ratio = json::number(target, &["averageUtilization"])
            .or_else(|| json::number(source, &["targetAverageUtilization"]));
        let value =
            ["averageValue", "value", "targetAverageValue"].iter().find_map(|key| target.get(key)).and_then(quantity);
        // The first metric is the one shown as such; the others stand beside it.
        let first = !found.labels.contains_key("autoscale_metric");
        let prefix = if first { "autoscale_target".to_owned() } else { format!("autoscale_target.{metric_name}") };
        found.set(&prefix, ratio.map(|percent| percent / 100.0));
        found.set(&format!("{prefix}_value"), value);
        if first {
            found = found.says("autoscale_metric", Some(metric_name));
        }
    }
    found
}

/// KEDA's ScaledObject.
fn keda(object: &Value) -> Resource {
    let spec = |key: &str| json::number(object, &["spec", key]);
    let triggers: Vec<&str> =
        json::list(object, &["spec", "triggers"]).iter().filter_map(|trigger| json::text(trigger, &["type"])).collect();
    Resource::new("", "autoscaler")
        .says("autoscaler", Some(name(object)))
        .says("autoscale_metric", Some(&triggers.join(", ")))
        .with("autoscale_min", spec("minReplicaCount").or(Some(0.0)))
        .with("autoscale_max", spec("maxReplicaCount").or(Some(100.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for (written, expected) in [
            ("500m", Some(0.5)),
            ("0.5", Some(0.5)),
            ("1", Some(1.0)),
            ("128Mi", Some(134_217_728.0)),
            ("1G", Some(1e9)),
            ("1e3", Some(1000.0)),
            ("100k", Some(100_000.0)),
            ("1.5Gi", Some(1_610_612_736.0)),
            ("5x", None),
            ("", None),
        ] {
            assert_eq!(quantity(&Value::from(written)), expected, "{written}");
        }
        assert_eq!(quantity(&Value::from(2)), Some(2.0));
    }
}
