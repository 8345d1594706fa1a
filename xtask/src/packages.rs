//! What the project is built from: every package with its version, licence and checksum, from Cargo's own answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::command;
use crate::project::Project;
use crate::steps::{Result, Trouble};

/// A package of the dependency graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as an SPDX expression; empty when its manifest names none.
    pub licence: String,
    /// Whether it comes from a registry; the workspace's own packages do not.
    pub foreign: bool,
    /// SHA-256 of its archive, in hexadecimal, from Cargo.lock.
    pub checksum: Option<String>,
}

/// Every package that any build of the workspace may use, sorted by name and version.
pub fn all(project: &Project) -> Result<Vec<Package>> {
    let answer = metadata(project, None)?;
    let lock = std::fs::read_to_string(project.root.join("Cargo.lock"))?;
    Ok(read(&answer, &checksums(&lock), |_| true))
}

/// The packages that end up in what a release ships: the command on this host, the page and its workers in the browser.
pub fn shipped(project: &Project, host: &str) -> Result<Vec<Package>> {
    let lock = std::fs::read_to_string(project.root.join("Cargo.lock"))?;
    let checksums = checksums(&lock);
    let mut found = BTreeMap::new();
    for (platform, roots) in [(host, &["cli"][..]), ("wasm32-unknown-unknown", &["app", "worker-shell"])] {
        let answer = metadata(project, Some(platform))?;
        let reached = reached(&answer, roots);
        for package in read(&answer, &checksums, |id| reached.contains(id)) {
            found.insert((package.name.clone(), package.version.clone()), package);
        }
    }
    Ok(found.into_values().collect())
}

fn metadata(project: &Project, platform: Option<&str>) -> Result<Value> {
    let mut cargo = project.cargo();
    cargo.args(["metadata", "--quiet", "--locked", "--format-version", "1"]);
    if let Some(platform) = platform {
        cargo.args(["--filter-platform", platform]);
    }
    serde_json::from_str(&command::capture(&mut cargo)?)
        .map_err(|error| Trouble::Failed(format!("`cargo metadata` gave no JSON: {error}")))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn read(answer: &Value, checksums: &BTreeMap<String, String>, wanted: impl Fn(&str) -> bool) -> Vec<Package> {
    let mut found: Vec<Package> = list(answer, "packages")
        .iter()
        .filter(|package| wanted(text(package, "id")))
        .map(|package| {
            let (name, version) = (text(package, "name").to_owned(), text(package, "version").to_owned());
            Package {
                checksum: checksums.get(&format!("{name} {version}")).cloned(),
                // Some older packages write the list of choices with a slash.
                licence: text(package, "license").replace(" / ", " OR ").replace('/', " OR "),
                foreign: package["source"].is_string(),
                name,
                version,
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    found
}

/// Identifiers of the packages that the roots need to run: neither for their tests nor for their build scripts.
fn reached(answer: &Value, roots: &[&str]) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Value> =
        list(&answer["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let is_root = |package: &&Value| package["source"].is_null() && roots.contains(&text(package, "name"));
    let mut open: Vec<&str> = list(answer, "packages").iter().filter(is_root).map(|root| text(root, "id")).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.to_owned()) {
            continue;
        }
        let Some(node) = nodes.get(id) else { continue };
        let runs = |edge: &&Value| list(edge, "dep_kinds").iter().any(|kind| kind["kind"].is_null());
        open.extend(list(node, "deps").iter().filter(runs).map(|edge| text(edge, "pkg")));
    }
    seen
}

/// Checksums by `name version`.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let field = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            Some((format!("{} {}", field(block, "name")?, field(block, "version")?), field(block, "checksum")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_runs_is_reached() {
        let kind = |kind: Value| json!([{ "kind": kind }]);
        let package = |id: &str, source: Value| json!({"id": id, "name": id, "version": "1.0.0", "license": "MIT/Apache-2.0", "source": source});
        let answer = json!({
            "packages": [package("cli", Value::Null), package("runs", json!("registry")), package("deeper", json!("registry")),
                package("tests", json!("registry")), package("builds", json!("registry"))],
            "resolve": {"nodes": [
                {"id": "cli", "deps": [
                    {"pkg": "runs", "dep_kinds": kind(Value::Null)},
                    {"pkg": "tests", "dep_kinds": kind(json!("dev"))},
                    {"pkg": "builds", "dep_kinds": kind(json!("build"))}]},
                {"id": "runs", "deps": [{"pkg": "deeper", "dep_kinds": kind(Value::Null)}, {"pkg": "cli", "dep_kinds": kind(Value::Null)}]}]}});
        let reached = reached(&answer, &["cli"]);
        assert_eq!(reached.iter().map(String::as_str).collect::<Vec<_>>(), ["cli", "deeper", "runs"]);
        let sums =
            checksums("[[package]]\nname = \"runs\"\nversion = \"1.0.0\"\nsource = \"x\"\nchecksum = \"ab12\"\n");
        let packages = read(&answer, &sums, |id| reached.contains(id));
        assert_eq!(packages.len(), 3);
        assert_eq!(packages[2].checksum.as_deref(), Some("ab12"));
        assert_eq!(packages[2].licence, "MIT OR Apache-2.0");
        assert!(packages[2].foreign && !packages[0].foreign);
    }
}
