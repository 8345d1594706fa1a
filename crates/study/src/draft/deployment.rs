//! What manifests say is deployed: each workload once, with the autoscaler that may stand in another file.

use crate::calibrate::Note;
use ingest::Measurements;
use ingest::measurements::Resource;

/// Files that say what is deployed.
const KINDS: [&str; 4] = ["kubernetes", "kubernetes-json", "docker-compose", "docker-compose-json"];

/// A workload.
pub struct Workload {
    /// Import it is from.
    pub from: String,
    /// Import that its autoscaler is from.
    pub scaled_by: String,
    /// What is said of it, its autoscaler's figures included.
    pub resource: Resource,
}

/// Whether a file says what is deployed.
pub fn is_manifest(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// All workloads. Of several of one name the first is taken: a scenario is of one system, not of its staging too.
pub fn workloads(data: &[Measurements], ids: &[String], notes: &mut Vec<Note>) -> Vec<Workload> {
    let manifests = data.iter().zip(ids).filter(|(file, _)| is_manifest(&file.kind));
    let all: Vec<(&Resource, &String)> =
        manifests.flat_map(|(file, id)| file.resources.iter().map(move |resource| (resource, id))).collect();
    let is_scaler = |resource: &Resource| resource.kind.as_deref() == Some("autoscaler");
    let mut found: Vec<Workload> = Vec::new();
    for (resource, id) in all.iter().filter(|(resource, _)| !is_scaler(resource)) {
        if found.iter().any(|known| known.resource.name == resource.name) {
            let space = resource.labels.get("namespace").map_or(String::new(), |space| format!(" of {space}"));
            let text = format!(
                "another {}{space} is passed over: one system is drawn, with the first of each name",
                resource.name
            );
            notes.push(Note::new("workload-passed-over", id.as_str(), text));
            continue;
        }
        found.push(Workload { from: (*id).clone(), scaled_by: (*id).clone(), resource: (*resource).clone() });
    }
    for (scaler, id) in all.iter().filter(|(resource, _)| is_scaler(resource)) {
        if let Some(workload) = found.iter_mut().find(|known| scales(scaler, &known.resource)) {
            workload.resource.figures.extend(scaler.figures.clone());
            let labels = scaler.labels.iter().filter(|(name, _)| name.starts_with("autoscale"));
            workload.resource.labels.extend(labels.map(|(name, value)| (name.clone(), value.clone())));
            workload.scaled_by.clone_from(id);
        }
    }
    found
}

/// Same name, and same namespace as far as both say theirs.
fn scales(scaler: &Resource, workload: &Resource) -> bool {
    let space = |resource: &Resource| resource.labels.get("namespace").cloned();
    scaler.name == workload.name
        && space(scaler).zip(space(workload)).is_none_or(|(scaler, workload)| scaler == workload)
}
