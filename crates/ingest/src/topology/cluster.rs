//! What other objects of a cluster say of its workloads: Services by their selectors, what opens them to the outside, and the
//! settings that a ConfigMap holds.
//!
//! Source of the fields: Kubernetes API reference, core/v1 Service, ConfigMap and EnvVarSource; networking.k8s.io/v1 Ingress.

use super::setting;
use crate::measurements::Resource;
use crate::read::json;
use serde_json::Value;

fn is(object: &Value, kind: &str) -> bool {
    json::text(object, &["kind"]) == Some(kind)
}

fn named(object: &Value) -> Option<&str> {
    json::text(object, &["metadata", "name"])
}

fn space(object: &Value) -> Option<&str> {
    json::text(object, &["metadata", "namespace"])
}

/// Same namespace, as far as both say theirs.
fn together(one: &Value, other: &Value) -> bool {
    space(one).zip(space(other)).is_none_or(|(one, other)| one == other)
}

/// Puts on a workload the names of the Services that select it, and whether one of them is open to the outside.
pub fn services(workload: &Value, objects: &[&Value], found: &mut Resource) {
    let labels = json::at(workload, &["spec", "template", "metadata", "labels"]).unwrap_or(&Value::Null);
    let mut names: Vec<&str> = Vec::new();
    let mut exposed = false;
    for service in objects.iter().filter(|object| is(object, "Service") && together(object, workload)) {
        let mut selector = json::members(service, &["spec", "selector"]).peekable();
        if selector.peek().is_none() || !selector.all(|(key, value)| labels.get(key) == Some(value)) {
            continue;
        }
        let Some(name) = named(service) else { continue };
        let kind = json::text(service, &["spec", "type"]).unwrap_or("ClusterIP");
        exposed |= matches!(kind, "LoadBalancer" | "NodePort") || objects.iter().any(|object| opens(object, name));
        names.push(name);
    }
    let say = |label: &str, text: String, found: &mut Resource| {
        if !text.is_empty() {
            found.labels.insert(label.to_owned(), text);
        }
    };
    say("services", names.join(", "), found);
    say("exposed", if exposed { "outside".into() } else { String::new() }, found);
}

/// Whether this is an Ingress with that Service behind it.
fn opens(object: &Value, service: &str) -> bool {
    let backend = |place: &Value| json::text(place, &["service", "name"]) == Some(service);
    let rules = json::list(object, &["spec", "rules"]).iter();
    let paths = rules.flat_map(|rule| json::list(rule, &["http", "paths"])).filter_map(|path| path.get("backend"));
    is(object, "Ingress") && paths.chain(json::at(object, &["spec", "defaultBackend"])).any(backend)
}

/// Takes the settings of a container, those of ConfigMaps among the objects included. Secrets are never read.
pub fn settings(workload: &Value, container: &Value, objects: &[&Value], found: &mut Resource) {
    let map = |name: &str| {
        let fits =
            |object: &&&Value| is(object, "ConfigMap") && named(object) == Some(name) && together(object, workload);
        objects.iter().find(fits).copied()
    };
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for source in json::list(container, &["envFrom"]) {
        let Some(object) = json::text(source, &["configMapRef", "name"]).and_then(map) else { continue };
        json::members(object, &["data"]).for_each(|(name, value)| setting(found, name, &plain(value)));
    }
    for variable in json::list(container, &["env"]) {
        let reference = ["valueFrom", "configMapKeyRef"];
        let referred = || {
            let key = json::text(variable, &[reference[0], reference[1], "key"])?;
            json::at(map(json::text(variable, &[reference[0], reference[1], "name"])?)?, &["data", key])
        };
        if let (Some(name), Some(value)) = (json::text(variable, &["name"]), variable.get("value").or_else(referred)) {
            setting(found, name, &plain(value));
        }
    }
}
