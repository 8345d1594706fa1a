//! `cargo xtask test`: everything a change must pass, in one run, as CI does it.
//!
//! The quick checks come first; a step that fails does not stop those that do not need it.

use crate::command;
use crate::dist;
use crate::e2e;
use crate::golden;
use crate::project::Project;
use crate::setup;
use crate::steps::Steps;
use crate::tidy;

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
    steps.step("golden results, natively", |tally| golden::natively(project, tally));
    golden::in_wasm(project, tools.wasm, tools.wasm_bindgen.as_deref(), steps);
    golden::in_chromium(project, tools.wasm, tools.wasm_bindgen.as_deref(), browser.as_ref(), steps);
    postgres(project, steps);
    documentation(project, steps);
    let built = dist::build(project, &tools, steps);
    e2e::journeys(project, built, browser.as_ref(), &[], steps);
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
    // Apart from each other: plotters, in the app, switches dependencies of the engine to std's maths.
    steps.step("tests of the libraries, the command and the server", |tally| {
        let mut cargo = project.cargo();
        cargo.args(["test", "--workspace", "--no-fail-fast"]);
        for package in BROWSER.iter().chain(&["e2e", "golden"]) {
            cargo.args(["--exclude", package]);
        }
        command::run_tests(&mut cargo, tally)
    });
    steps.step("tests of the app, natively", |tally| {
        command::run_tests(project.cargo().args(["test", "--no-fail-fast"]).args(packages(BROWSER)), tally)
    });
}

/// The share store on a real PostgreSQL.
fn postgres(project: &Project, steps: &mut Steps) {
    let name = "share store on PostgreSQL";
    if !setup::postgres(project, steps) {
        return steps.hold(name, "PostgreSQL");
    }
    steps.step(name, |tally| {
        let mut cargo = project.cargo();
        command::run_tests(cargo.args(["test", "--package", "server", "--test", "postgres"]), tally)
    });
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
