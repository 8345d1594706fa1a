//! `cargo xtask test`: everything a change must pass, in one run, as CI does it.
//!
//! The quick checks come first; a step that fails does not stop those that do not need it.

use crate::command;
use crate::dist;
use crate::e2e;
use crate::golden;
use crate::project::Project;
use crate::serve;
use crate::setup;
use crate::steps::{Result, Steps};
use crate::tidy;
use std::path::PathBuf;
use std::process::Command;

const WASM: &[&str] = &["--target", "wasm32-unknown-unknown"];

/// Packages whose code exists in the browser only.
const BROWSER: &[&str] = &["app", "worker-shell"];

/// Packages whose documentation is read; the others' dependencies would have to be built once more for it.
const DOCUMENTED: &[&str] = &["engine", "scenario", "ingest", "study", "worker"];

/// `cargo xtask test`.
pub fn run(project: &Project, _arguments: &[String], steps: &mut Steps) {
    steps.step("formatting", |_| command::run(project.cargo().args(["fmt", "--all", "--check"])));
    tidy::check(project, steps);
    let tools = setup::tools(project, steps);
    let browser = setup::browser(project, steps);
    lints(project, tools.wasm, steps);
    tests(project, steps);
    golden::in_wasm(project, tools.wasm, tools.wasm_bindgen.as_deref(), steps);
    golden::in_chromium(project, tools.wasm, tools.wasm_bindgen.as_deref(), browser.as_ref(), steps);
    postgres(project, steps);
    documentation(project, steps);
    let built = dist::build(project, &tools, steps);
    e2e::journeys(project, built, browser.as_ref(), (tested_command, &[]), steps);
}

fn lints(project: &Project, wasm: bool, steps: &mut Steps) {
    let deny = ["--", "-D", "warnings"];
    steps.step("lints", |_| command::run(project.cargo().args(["clippy", "--workspace", "--all-targets"]).args(deny)));
    let name = "lints, in wasm";
    if !wasm {
        return steps.hold(name, "wasm32-unknown-unknown");
    }
    steps.step(name, |_| command::run(project.cargo().arg("clippy").args(packages(BROWSER)).args(WASM).args(deny)));
}

fn tests(project: &Project, steps: &mut Steps) {
    steps.step("tests of the libraries, the command and the server", |tally| {
        command::run_tests(libraries(project).arg("--no-fail-fast"), tally)
    });
    steps.step("tests of the app, natively", |tally| {
        let mut cargo = project.cargo();
        // The worker's shell has none: nothing of it runs natively.
        cargo.args(["test", "--no-fail-fast", "--package", "app"]);
        // Built once more for it, as plotters switches dependencies of the engine; nothing in these tests takes long.
        cargo.args(["--config", "profile.dev.package.engine.opt-level=0"]);
        command::run_tests(&mut cargo, tally)
    });
}

/// `cargo test` of everything whose maths is the product's: the app's plotters and the benchmarks' Criterion would switch
/// dependencies of the engine to std's. One selection of packages for all steps, so that nothing is built twice.
fn libraries(project: &Project) -> Command {
    let mut cargo = project.cargo();
    cargo.args(["test", "--workspace"]);
    for package in BROWSER.iter().chain(&["e2e", "bench"]) {
        cargo.args(["--exclude", package]);
    }
    cargo
}

/// The `headroom` command as the tests of the libraries built it.
fn tested_command(project: &Project) -> Result<PathBuf> {
    command::run(libraries(project).args(["--no-run", "--quiet"]))?;
    Ok(serve::built_command(project))
}

/// The share store on a real PostgreSQL.
fn postgres(project: &Project, steps: &mut Steps) {
    let name = "share store on PostgreSQL";
    if !setup::postgres(project, steps) {
        return steps.hold(name, "PostgreSQL");
    }
    steps.step(name, |tally| command::run_tests(libraries(project).args(["--test", "postgres"]), tally));
}

fn documentation(project: &Project, steps: &mut Steps) {
    steps.step("documentation", |_| {
        let mut cargo = project.cargo();
        cargo.args(["doc", "--no-deps", "--document-private-items"]).args(packages(DOCUMENTED));
        command::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
    });
}

fn packages(names: &[&'static str]) -> Vec<&'static str> {
    names.iter().flat_map(|name| ["--package", *name]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_is_named() {
        assert_eq!(packages(&["app", "worker-shell"]), ["--package", "app", "--package", "worker-shell"]);
    }
}
