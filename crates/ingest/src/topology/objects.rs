//! The objects of a cluster, kept as little as they can be: of each one what is read of it, as text, so that a list of any length
//! takes little memory. They refer to each other, so nothing is read before all have come.

use super::cluster::OPENING;
use crate::measurements::Warning;
use crate::read::json;
use crate::refusal::Refusal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Kinds of object that run replicas of one container set.
const WORKLOADS: [&str; 6] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "ReplicationController"];
/// Kinds that scale workloads.
const SCALERS: [&str; 2] = ["HorizontalPodAutoscaler", "ScaledObject"];
/// Kinds that say something else of them.
const READ_ASIDE: [&str; 2] = ["Service", "ConfigMap"];

/// Most workloads and autoscalers kept.
const MOST_WORKLOADS: usize = 20_000;
/// Most text of workloads kept, and most memory that the objects beside them may take, in bytes.
const MOST_TEXT: usize = 12 * 1024 * 1024;
const MOST_ASIDE: usize = 40 * 1024 * 1024;
/// Longest setting of a ConfigMap kept, in bytes: longer ones are files.
const LONGEST_SETTING: usize = 2000;
/// Most kinds named that are passed over.
const MOST_KINDS: usize = 100;

/// The objects that came so far.
#[derive(Debug, Default)]
pub struct Objects {
    workloads: Vec<String>,
    scalers: Vec<String>,
    aside: Vec<String>,
    /// Items that do not say their kind, as the API server writes them: their list says it.
    unnamed: Vec<String>,
    /// Bytes kept of workloads, and the memory of the others.
    kept: usize,
    weight: usize,
    left_out: u64,
    other: BTreeMap<String, u64>,
}

/// A copy with only these keys.
fn only(value: Option<&Value>, keys: &[&str]) -> Value {
    let pairs = keys.iter().filter_map(|key| Some(((*key).to_owned(), value?.get(key)?.clone())));
    Value::Object(pairs.collect::<Map<String, Value>>())
}

/// What is read of a workload.
fn workload(object: &Value) -> Value {
    let mut kept = only(Some(object), &["kind"]);
    kept["metadata"] = only(object.get("metadata"), &["name", "namespace"]);
    kept["status"] = only(object.get("status"), &["readyReplicas"]);
    kept["spec"] = only(object.get("spec"), &["replicas"]);
    let template = |path: &[&str]| json::at(object, &[&["spec", "template"], path].concat());
    kept["spec"]["template"] = Value::Object(Map::new());
    kept["spec"]["template"]["metadata"] = only(template(&["metadata"]), &["labels"]);
    kept["spec"]["template"]["spec"] = Value::Object(Map::new());
    for list in ["containers", "initContainers"] {
        let containers = template(&["spec", list]).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let read = ["image", "resources", "env", "envFrom", "restartPolicy"];
        let containers: Vec<Value> = containers.iter().map(|one| only(Some(one), &read)).collect();
        kept["spec"]["template"]["spec"][list] = Value::Array(containers);
    }
    kept
}

/// What is read of any other object.
fn beside(object: &Value) -> Value {
    let mut kept = only(Some(object), &["kind", "spec"]);
    kept["metadata"] = only(object.get("metadata"), &["name", "namespace"]);
    kept["status"] = only(object.get("status"), &["currentReplicas"]);
    let short = |value: &Value| value.as_str().is_none_or(|text| text.len() <= LONGEST_SETTING);
    let data = json::members(object, &["data"]).filter(|(_, value)| short(value));
    kept["data"] = Value::Object(data.map(|(key, value)| (key.to_owned(), value.clone())).collect());
    if let Some(members) = kept.as_object_mut() {
        members.retain(|_, value| value.as_object().is_none_or(|inner| !inner.is_empty()));
    }
    kept
}

/// A ReplicaSet of a Deployment is not a workload of its own.
fn owned(object: &Value) -> bool {
    let owners = json::list(object, &["metadata", "ownerReferences"]);
    owners.iter().any(|owner| json::text(owner, &["kind"]).is_some_and(|kind| WORKLOADS.contains(&kind)))
}

fn values(texts: &[String]) -> impl Iterator<Item = Value> {
    texts.iter().filter_map(|text| serde_json::from_str(text).ok())
}

impl Objects {
    /// Takes an object, or each one of a list.
    pub fn document(&mut self, value: &Value) {
        match value.as_array().or_else(|| value.get("items").and_then(Value::as_array)) {
            Some(items) => {
                items.iter().filter(|item| item.is_object()).for_each(|item| self.object(item));
                self.name_items(value);
            }
            None => self.object(value),
        }
    }

    /// Tells items without a kind which one it is, by their list.
    pub fn name_items(&mut self, list: &Value) {
        let kind = json::text(list, &["kind"]).and_then(|kind| kind.strip_suffix("List")).unwrap_or("");
        for text in std::mem::take(&mut self.unnamed) {
            let Ok(mut object) = serde_json::from_str::<Value>(&text) else { continue };
            self.kept -= text.len();
            if !kind.is_empty() {
                object["kind"] = kind.into();
                self.object(&object);
            }
        }
    }

    fn object(&mut self, object: &Value) {
        let kind = json::text(object, &["kind"]).unwrap_or("");
        if WORKLOADS.contains(&kind) {
            if !owned(object) {
                let text = workload(object).to_string();
                self.keep(text, |all| &mut all.workloads);
            }
        } else if SCALERS.contains(&kind) {
            self.keep(beside(object).to_string(), |all| &mut all.scalers);
        } else if READ_ASIDE.contains(&kind) || OPENING.contains(&kind) {
            let text = beside(object).to_string();
            let weight = json::weight(text.as_bytes());
            if self.weight + weight > MOST_ASIDE {
                self.left_out += 1;
            } else {
                self.weight += weight;
                self.aside.push(text);
            }
        } else if kind.is_empty() && (object.get("spec").is_some() || object.get("data").is_some()) {
            let mut kept = only(Some(object), &["spec", "status", "data"]);
            kept["metadata"] = only(object.get("metadata"), &["name", "namespace", "ownerReferences"]);
            self.keep(kept.to_string(), |all| &mut all.unnamed);
        } else if !kind.is_empty() && (self.other.len() < MOST_KINDS || self.other.contains_key(kind)) {
            *self.other.entry(kind.to_owned()).or_default() += 1;
        }
    }

    fn keep(&mut self, text: String, of: fn(&mut Self) -> &mut Vec<String>) {
        if self.kept + text.len() > MOST_TEXT || of(self).len() >= MOST_WORKLOADS {
            self.left_out += 1;
        } else {
            self.kept += text.len();
            of(self).push(text);
        }
    }

    /// The workloads, one after the other.
    pub fn workloads(&self) -> impl Iterator<Item = Value> {
        values(&self.workloads)
    }

    /// What scales them, one after the other.
    pub fn scalers(&self) -> impl Iterator<Item = Value> {
        values(&self.scalers)
    }

    /// What says something else of them.
    pub fn aside(&self) -> Vec<Value> {
        values(&self.aside).collect()
    }

    /// Says that nothing was found, and what was instead.
    pub fn nothing(&self, fault: Option<&(u64, u64, String)>) -> Refusal {
        let kinds: Vec<&str> = self.other.keys().map(String::as_str).collect();
        let instead = if kinds.is_empty() { "none".to_owned() } else { format!("only {}", kinds.join(", ")) };
        let refusal = Refusal::new("a Deployment, StatefulSet or HorizontalPodAutoscaler", instead)
            .remedy("save `kubectl get deploy,sts,hpa -A -o json`");
        match fault {
            Some((line, column, why)) => Refusal { found: why.clone(), ..refusal }.at_line(*line).at_column(*column),
            None => refusal,
        }
    }

    /// What was passed over.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if !self.other.is_empty() {
            let text = "Objects of other kinds are passed over.";
            warnings.push(Warning::new("objects-passed-over", text).with("kinds", serde_json::json!(self.other)));
        }
        if self.left_out > 0 {
            let text = "More objects than can be held: these are left out. Export fewer namespaces, and not ConfigMaps of all.";
            warnings.push(Warning::new("objects-left-out", text).with("objects", self.left_out));
        }
        warnings
    }
}
