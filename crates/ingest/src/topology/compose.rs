//! Docker Compose: services with replicas, resources and what they start after.
//!
//! Source of the fields: Compose Specification ("Services top-level elements", "Compose Deploy Specification", "Interpolation").

use super::{kind_of_image, setting, stopped};
use crate::measurements::{Measurements, Resource, Warning};
use crate::read::{json, text, yaml};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use serde_json::Value;

const DOCS: Docs = Docs {
    versions: "docker-compose 1.29.2 config; Compose Specification, files of versions 2 and 3 (documentation)",
    used: "per service: replicas, limits and reservations, image, settings of pools and workers in the environment; what it depends on \
           and the hosts that its environment names, as labels",
    traps: "`depends_on` is an order of starting and only a hint of calls; `50M` means 50 times 1024 squared; variables count with their \
            default, those without one are unknown; `extends` and `include` are not followed",
    evidence: "own run",
};

/// YAML.
pub const FORMAT: Format = Format {
    kind: "docker-compose",
    title: "Docker Compose file, or the output of docker compose config",
    shape: Shape::Text { fits, read },
    docs: DOCS,
};

/// JSON.
pub const JSON: Format = Format {
    kind: "docker-compose-json",
    title: "Docker Compose: docker compose config --format json",
    shape: Shape::Json { fits: fits_json, read: |document, _| services(document) },
    docs: Docs {
        versions: "Compose Specification (documentation)",
        traps: "as the YAML",
        evidence: "documented shape",
        ..DOCS
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let has = |key: &str| head.text().lines().any(|line| line.trim_end().starts_with(key));
    Fit::from(!head.is_json() && has("services:") && !has("apiVersion:"))
}

fn fits_json(document: &Value) -> Fit {
    let services = document.get("services").and_then(Value::as_object);
    let known = ["image", "build", "deploy", "command", "ports", "depends_on"];
    Fit::from(services.is_some_and(|all| all.values().any(|one| known.iter().any(|key| one.get(key).is_some()))))
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let documents = yaml::documents(text);
    let empty = Value::Null;
    let document = documents.values.iter().find(|document| document.get("services").is_some()).unwrap_or(&empty);
    let mut found = match (services(document), &documents.stopped) {
        (Err(refusal), Some((line, column, why))) => {
            return Err(Refusal { found: why.clone(), ..refusal }.at_line(*line).at_column(*column));
        }
        (result, _) => result?,
    };
    stopped(&mut found, &documents);
    Ok(found)
}

fn services(document: &Value) -> Result<Measurements, Refusal> {
    let mut found = Measurements::default();
    let mut variables = Vec::new();
    for (name, service) in json::members(document, &["services"]) {
        if service.is_object() {
            found.resources.push(one(name, service, &mut variables));
        }
    }
    if found.resources.is_empty() {
        return Err(
            Refusal::new("`services:` with at least one service", "none").remedy("save `docker compose config`")
        );
    }
    variables.sort();
    variables.dedup();
    if !variables.is_empty() {
        let text = "Variables stand for figures: their defaults are used, and without one the figure is unknown. `docker compose config` \
                    fills them in.";
        found.warnings.push(Warning::new("variables", text).with("names", variables));
    }
    Ok(found)
}

fn one(name: &str, service: &Value, variables: &mut Vec<String>) -> Resource {
    let mut written = |path: &[&str]| json::at(service, path).and_then(|value| plain(value, variables));
    let image = written(&["image"]);
    let replicas = written(&["deploy", "replicas"]).or_else(|| written(&["scale"]));
    let cpu_limit = written(&["deploy", "resources", "limits", "cpus"]).or_else(|| written(&["cpus"]));
    let memory_limit = written(&["deploy", "resources", "limits", "memory"]).or_else(|| written(&["mem_limit"]));
    let cpu_request = written(&["deploy", "resources", "reservations", "cpus"]);
    let memory_request =
        written(&["deploy", "resources", "reservations", "memory"]).or_else(|| written(&["mem_reservation"]));
    let depends: Vec<String> = match service.get("depends_on") {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::Object(members)) => members.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let what = image.as_deref().map_or("service", kind_of_image);
    let number = |value: Option<String>| value.as_deref().and_then(text::number);
    let memory = |value: Option<String>| value.as_deref().and_then(bytes);
    // Left out it is 1; written as a variable without default it is unknown.
    let stated = json::at(service, &["deploy", "replicas"]).or(service.get("scale")).is_some();
    let mut found = Resource::new(name, what)
        .says("images", image.as_deref())
        .says("depends_on", Some(&depends.join(", ")))
        .says("exposed", (!json::list(service, &["ports"]).is_empty()).then_some("ports"))
        .with("replicas", if stated { number(replicas) } else { Some(1.0) })
        .with("cpu_limit_cores", number(cpu_limit).filter(|cores| *cores > 0.0))
        .with("memory_limit_bytes", memory(memory_limit).filter(|bytes| *bytes > 0.0))
        .with("cpu_request_cores", number(cpu_request))
        .with("memory_request_bytes", memory(memory_request));
    environment(service, &mut found, variables);
    found
}

fn environment(service: &Value, found: &mut Resource, variables: &mut Vec<String>) {
    let mut add = |name: &str, value: &Value| {
        // Only what is used may complain of its variables.
        let before = (found.figures.len(), variables.len());
        let named = found.labels.get("connects_to").cloned();
        if let Some(value) = plain(value, variables) {
            setting(found, name, &value);
        }
        if found.figures.len() == before.0 && found.labels.get("connects_to") == named.as_ref() {
            variables.truncate(before.1);
        }
    };
    match service.get("environment") {
        Some(Value::Object(members)) => members.iter().for_each(|(name, value)| add(name, value)),
        Some(Value::Array(items)) => {
            let pairs = items.iter().filter_map(Value::as_str).filter_map(|item| item.split_once('='));
            pairs.for_each(|(name, value)| add(name, &Value::from(value)));
        }
        _ => {}
    }
}

/// A value as text with its variables replaced by their defaults; nothing where one has none.
fn plain(value: &Value, variables: &mut Vec<String>) -> Option<String> {
    let written = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let Some(start) = written.find('$') else { return Some(written) };
    let rest = &written[start + 1..];
    let (name, after) = match rest.strip_prefix('{') {
        Some(inside) => inside.split_once('}')?,
        None => {
            let end =
                rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
            rest.split_at(end)
        }
    };
    let (variable, default) = name.split_once(":-").or_else(|| name.split_once('-')).unwrap_or((name, ""));
    variables.push(variable.chars().take(60).collect());
    let filled = !default.is_empty() && !default.contains('$');
    filled.then(|| format!("{}{default}{after}", &written[..start]))
}

/// Bytes as Docker writes them: `50M`, `1gb`, `512k`, `1073741824`, all in powers of 1024.
fn bytes(written: &str) -> Option<f64> {
    let written = written.trim().to_ascii_lowercase();
    let split = written.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(written.len());
    let (number, unit) = written.split_at(split);
    let factor = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 1.0,
        "k" => 1024.0,
        "m" => 1_048_576.0,
        "g" => 1_073_741_824.0,
        "t" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some(text::number(number)? * factor)
}
