//! What other objects of a cluster say of its workloads: Services by their selectors, what opens them to the outside, and the
//! settings that a ConfigMap holds.
//!
//! Source of the fields: Kubernetes API reference, core/v1 Service, ConfigMap and EnvVarSource; networking.k8s.io/v1 Ingress and
//! extensions/v1beta1; gateway.networking.k8s.io/v1 HTTPRoute and GRPCRoute; route.openshift.io/v1 Route.

use super::setting;
use crate::measurements::Resource;
use crate::read::json;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Most Services named on one workload.
const MOST_SERVICES: usize = 40;

/// Kinds that open a Service to the outside.
pub const OPENING: [&str; 4] = ["Ingress", "HTTPRoute", "GRPCRoute", "Route"];

fn named(object: &Value) -> Option<&str> {
    json::text(object, &["metadata", "name"])
}

fn space(object: &Value) -> Option<&str> {
    json::text(object, &["metadata", "namespace"])
}

/// Things by name and namespace. A thing that says no namespace fits every one, and is fitted by every one.
#[derive(Debug)]
pub struct Spaces<T>(HashMap<String, BTreeMap<Option<String>, T>>);

impl<T> Default for Spaces<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Spaces<T> {
    /// Adds a thing; the first of a name and namespace stays.
    pub fn add(&mut self, name: &str, space: Option<&str>, thing: T) {
        self.0.entry(name.to_owned()).or_default().entry(space.map(str::to_owned)).or_insert(thing);
    }

    /// The thing of that name and namespace.
    pub fn find(&self, name: &str, space: Option<&str>) -> Option<&T> {
        let all = self.0.get(name)?;
        match space {
            Some(space) => all.get(&Some(space.to_owned())).or_else(|| all.get(&None)),
            None => all.values().next(),
        }
    }
}

/// A pair that a selector asks for.
type Pair<'a> = (&'a str, &'a str);

/// The objects of a cluster that are looked up, indexed.
#[derive(Default)]
pub struct Cluster<'a> {
    settings: Spaces<&'a Value>,
    opened: Spaces<()>,
    /// Services by the pair of their selector that the fewest share, once in their namespace and once in all (`None` within).
    services: HashMap<(Option<Option<&'a str>>, Pair<'a>), Vec<&'a Value>>,
}

impl<'a> Cluster<'a> {
    /// The index of these objects.
    pub fn new(objects: &[&'a Value]) -> Self {
        let mut cluster = Self::default();
        let mut selectors: Vec<(&Value, Vec<Pair<'_>>)> = Vec::new();
        for object in objects {
            match (json::text(object, &["kind"]), named(object)) {
                (Some("ConfigMap"), Some(name)) => cluster.settings.add(name, space(object), object),
                (Some("Service"), Some(_)) => selectors.push((object, pairs(object, &["spec", "selector"]))),
                (Some(kind), _) if OPENING.contains(&kind) => cluster.open(object),
                _ => {}
            }
        }
        let mut shared: HashMap<Pair<'_>, u64> = HashMap::new();
        selectors.iter().flat_map(|(_, pairs)| pairs).for_each(|pair| *shared.entry(*pair).or_default() += 1);
        for (service, pairs) in selectors {
            let Some(rarest) = pairs.into_iter().min_by_key(|pair| shared[pair]) else { continue };
            cluster.services.entry((None, rarest)).or_default().push(service);
            cluster.services.entry((Some(space(service)), rarest)).or_default().push(service);
        }
        cluster
    }

    /// Notes the Services behind an Ingress or a route.
    fn open(&mut self, object: &Value) {
        let rules = || json::list(object, &["spec", "rules"]).iter();
        let paths =
            rules().flat_map(|rule| json::list(rule, &["http", "paths"])).filter_map(|path| path.get("backend"));
        let default = ["defaultBackend", "backend", "to"].iter().filter_map(|key| json::at(object, &["spec", key]));
        for backend in paths.chain(default) {
            let names = [&["service", "name"][..], &["serviceName"], &["name"]];
            if let Some(name) = names.iter().find_map(|path| json::text(backend, path)) {
                self.opened.add(name, space(object), ());
            }
        }
        for backend in rules().flat_map(|rule| json::list(rule, &["backendRefs"])) {
            if let Some(name) = json::text(backend, &["name"]) {
                self.opened.add(name, json::text(backend, &["namespace"]).or(space(object)), ());
            }
        }
    }

    /// Puts on a workload the names of the Services that select it, and whether one of them is open to the outside.
    pub fn services(&self, workload: &Value, found: &mut Resource) {
        let labels = pairs(workload, &["spec", "template", "metadata", "labels"]);
        let places = match space(workload) {
            Some(space) => vec![Some(Some(space)), Some(None)],
            None => vec![None],
        };
        let keys = places.into_iter().flat_map(|place| labels.iter().map(move |pair| (place, *pair)));
        let candidates = keys.filter_map(|key| self.services.get(&key)).flatten();
        let selects = |service: &&&&Value| {
            pairs(service, &["spec", "selector"]).iter().all(|pair| labels.binary_search(pair).is_ok())
        };
        let chosen: Vec<&Value> = candidates.filter(|service| selects(&service)).copied().take(MOST_SERVICES).collect();
        let opens = |service: &&Value| {
            let kind = json::text(service, &["spec", "type"]).unwrap_or("ClusterIP");
            let opened = named(service).and_then(|name| self.opened.find(name, space(service)));
            matches!(kind, "LoadBalancer" | "NodePort") || opened.is_some()
        };
        let names: Vec<&str> = chosen.iter().filter_map(|service| named(service)).collect();
        if !names.is_empty() {
            found.labels.insert("services".to_owned(), names.join(", "));
        }
        if chosen.iter().any(opens) {
            found.labels.insert("exposed".to_owned(), "outside".to_owned());
        }
    }

    /// Takes the settings of a container of that workload, those of ConfigMaps included. Secrets are never read.
    pub fn settings(&self, workload: &Value, container: &Value, found: &mut Resource) {
        let map = |name: &str| self.settings.find(name, space(workload)).copied();
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
            let value = variable.get("value").or_else(referred);
            if let (Some(name), Some(value)) = (json::text(variable, &["name"]), value) {
                setting(found, name, &plain(value));
            }
        }
    }
}

/// The members of an object that are texts, sorted.
fn pairs<'a>(object: &'a Value, path: &[&str]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair<'_>> =
        json::members(object, path).filter_map(|(key, value)| Some((key, value.as_str()?))).collect();
    pairs.sort_unstable();
    pairs
}
