//! Which crates a package must never reach, however far down, and features that must stay off in reproducible builds.

use std::collections::BTreeMap;

use super::Violation;
use crate::command;
use crate::project::Project;
use crate::steps::Result;

/// Packages that must not stand anywhere in a package's tree.
struct Rule {
    package: &'static str,
    never: &'static [&'static str],
    why: &'static str,
}

const BROWSER: &[&str] = &["leptos", "web-sys", "gloo", "gloo-net", "gloo-timers", "gloo-storage", "plotters"];
const HOST: &[&str] = &["tokio", "axum", "hyper", "reqwest", "rayon", "sqlx", "getrandom"];

const RULES: &[Rule] = &[
    Rule {
        package: "engine",
        never: &["serde_json", "js-sys", "wasm-bindgen", "rand_distr", "chrono", "time"],
        why: "the engine is pure",
    },
    Rule { package: "engine", never: BROWSER, why: "the engine is pure" },
    Rule { package: "engine", never: HOST, why: "the engine is pure" },
    Rule {
        package: "engine",
        never: &["scenario", "ingest", "study", "worker", "server", "cli", "app"],
        why: "engine is the root of the workspace",
    },
    Rule {
        package: "scenario",
        never: &["ingest", "study", "worker", "server", "cli", "app"],
        why: "scenario knows the engine's model only",
    },
    Rule {
        package: "ingest",
        never: &["scenario", "study", "worker", "server", "cli", "app"],
        why: "importers give Measurements; study joins them to a scenario",
    },
    Rule { package: "study", never: &["worker", "server", "cli", "app"], why: "use cases know no surface" },
    Rule { package: "worker", never: &["server", "cli", "app"], why: "the worker knows study and nothing beside it" },
    Rule { package: "scenario", never: BROWSER, why: "this part runs natively and in the browser alike" },
    Rule { package: "ingest", never: BROWSER, why: "this part runs natively and in the browser alike" },
    Rule { package: "study", never: BROWSER, why: "this part runs natively and in the browser alike" },
    Rule { package: "worker", never: BROWSER, why: "the shell talks to the browser, the worker is tested natively" },
    Rule { package: "scenario", never: HOST, why: "randomness, files and threads are passed in" },
    Rule { package: "ingest", never: HOST, why: "randomness, files and threads are passed in" },
    Rule { package: "study", never: HOST, why: "randomness, files and threads are passed in" },
    Rule { package: "worker-shell", never: &["leptos", "plotters", "server", "app"], why: "the worker has no page" },
    Rule {
        package: "server",
        never: &["leptos", "engine", "scenario", "ingest", "study", "worker", "app"],
        why: "the server stores and serves ciphertext; it knows no scenario",
    },
    Rule {
        package: "cli",
        never: &["leptos", "plotters", "worker", "app"],
        why: "the command calls study, as the app does",
    },
    Rule {
        package: "app",
        never: &["study", "ingest"],
        why: "simulation, fitting and parsing run in the worker: the page has its protocol",
    },
    Rule {
        package: "app",
        never: &["server", "cli", "tokio", "axum", "thaw", "reqwest"],
        why: "the app is static files",
    },
];

/// Builds whose results must be the same bits everywhere. What their tests bring in counts too: all of them are tested in one build.
const REPRODUCIBLE: &[&str] =
    &["engine", "scenario", "ingest", "study", "worker", "server", "cli", "golden", "worker-shell", "xtask"];

/// Checks every package of the workspace.
pub fn check(project: &Project) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for member in project.members()? {
        let tree = tree_of(project, &member.name, "normal")?;
        let manifest = format!("{}/Cargo.toml", member.folder);
        violations.extend(forbidden(&manifest, &member.name, &tree));
        if REPRODUCIBLE.contains(&member.name.as_str()) {
            let tested = tree_of(project, &member.name, "normal,dev")?;
            violations.extend(leaking_maths(&manifest, &member.name, &tested));
        }
        let text = std::fs::read_to_string(project.root.join(&manifest))?;
        violations.extend(without_lints(&manifest, &text));
    }
    Ok(violations)
}

/// Where a package runs: on a host (Linux stands for all), in the browser, or both.
fn targets(package: &str) -> &'static [&'static str] {
    match package {
        "app" | "worker-shell" => &["wasm32-unknown-unknown"],
        "server" | "cli" | "e2e" | "xtask" => &["x86_64-unknown-linux-gnu"],
        _ => &["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"],
    }
}

/// Packages in a package's own build, wherever it runs, with the features that are on.
type Tree = BTreeMap<String, Vec<String>>;

fn tree_of(project: &Project, package: &str, edges: &str) -> Result<Tree> {
    let mut cargo = project.cargo();
    cargo.args(["tree", "--quiet", "--package", package]);
    cargo.args(["--edges", edges]);
    for target in targets(package) {
        cargo.args(["--target", target]);
    }
    cargo.args(["--prefix", "none", "--format", "{p};{f}"]);
    Ok(read_tree(&command::capture(&mut cargo)?))
}

/// Reads lines such as `num-traits v0.2.19;libm,std (*)`.
fn read_tree(text: &str) -> Tree {
    let mut tree = Tree::new();
    for line in text.lines() {
        let (package, features) = line.split_once(';').unwrap_or((line, ""));
        let name = package.split(' ').next().unwrap_or_default();
        let features = features.trim_end_matches("(*)").trim().split(',').filter(|feature| !feature.is_empty());
        tree.entry(name.to_owned()).or_default().extend(features.map(str::to_owned));
    }
    tree
}

fn forbidden(manifest: &str, package: &str, tree: &Tree) -> Vec<Violation> {
    let rules = RULES.iter().filter(|rule| rule.package == package);
    let found = rules
        .flat_map(|rule| rule.never.iter().filter(|never| tree.contains_key(**never)).map(move |never| (rule, never)));
    found
        .map(|(rule, never)| Violation {
            path: manifest.to_owned(),
            line: 0,
            what: format!("{package} reaches `{never}`"),
            remedy: format!("{}; see the way with: cargo tree -p {package} -e normal -i {never}", rule.why),
        })
        .collect()
}

fn leaking_maths(manifest: &str, package: &str, tree: &Tree) -> Option<Violation> {
    let uses_std = tree.get("num-traits")?.iter().any(|feature| feature == "std");
    uses_std.then(|| Violation {
        path: manifest.to_owned(),
        line: 0,
        what: format!("`num-traits/std` is on in the build of {package}"),
        remedy: format!("it would turn statrs to std's maths, whose last bit differs; find who enables it: cargo tree -p {package} -e normal,dev,features -i num-traits"),
    })
}

fn without_lints(manifest: &str, text: &str) -> Option<Violation> {
    let inherits = text.split("[lints]").nth(1).is_some_and(|rest| rest.trim_start().starts_with("workspace = true"));
    (!inherits).then(|| Violation {
        path: manifest.to_owned(),
        line: 0,
        what: "does not take the workspace's lints".to_owned(),
        remedy: "add `[lints]` with `workspace = true`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_read_with_their_features() {
        let tree = read_tree("engine v0.1.0 (path);\nnum-traits v0.2.19;libm,std (*)\nlibm v0.2.16;\n");
        assert_eq!(tree["num-traits"], ["libm", "std"]);
        assert_eq!(tree.keys().collect::<Vec<_>>(), ["engine", "libm", "num-traits"]);
    }

    #[test]
    fn reaching_too_far_is_found() {
        for (package, tree, violations) in [
            ("engine", "libm v0.2.16;", 0),
            ("engine", "libm v0.2.16;\nserde_json v1.0.0;", 1),
            ("study", "engine v0.1.0;\nserde_json v1.0.0;", 0),
            ("study", "web-sys v0.3.0;", 1),
            ("scenario", "getrandom v0.3.0;", 1),
            ("server", "engine v0.1.0;\nstudy v0.1.0;", 2),
            ("app", "worker v0.1.0;\nleptos v0.8.0;", 0),
            ("app", "worker v0.1.0;session\nstudy v0.1.0;", 1),
        ] {
            assert_eq!(forbidden("Cargo.toml", package, &read_tree(tree)).len(), violations, "{package}: {tree}");
        }
    }

    #[test]
    fn std_maths_is_found() {
        for (package, tree, found) in [
            ("engine", "num-traits v0.2.19;libm,std", true),
            ("engine", "num-traits v0.2.19;libm", false),
            ("engine", "libm v0.2.16;", false),
            ("study", "serde v1.0.229;std", false),
        ] {
            assert_eq!(leaking_maths("Cargo.toml", package, &read_tree(tree)).is_some(), found, "{package}: {tree}");
        }
    }

    #[test]
    fn manifests_take_the_lints() {
        assert_eq!(without_lints("Cargo.toml", "[lints]\nworkspace = true\n"), None);
        assert!(without_lints("Cargo.toml", "[package]\nname = \"a\"\n").is_some());
    }
}
