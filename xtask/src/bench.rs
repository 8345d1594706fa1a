//! `cargo xtask bench`: the benchmarks, which the tests leave out.

use crate::command;
use crate::e2e;
use crate::performance;
use crate::project::Project;
use crate::setup::{self, Tools};
use crate::steps::Steps;
use std::process::Command;

/// `cargo xtask bench [-p PACKAGE] [FILTER]`: everything, or what is named. `--wasm`: simulator and closed form in V8.
/// `--browser`: the simulator end to end, in Chromium. `--record`, `--compare`: the table of docs/performance.md, or its
/// sections whose title holds a word.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    if arguments.iter().any(|argument| argument == "--wasm") {
        return in_wasm(project, steps);
    }
    if arguments.iter().any(|argument| argument == "--browser") {
        return e2e::measure(project, steps);
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--record") || has("--compare") {
        let only = arguments.iter().find(|argument| !argument.starts_with("--")).map_or("", String::as_str);
        return performance::run(project, has("--record"), only, steps);
    }
    steps.step("benchmarks", |_| command::run(project.cargo().arg("bench").args(scope(arguments)).args(arguments)));
}

/// The simulator's workloads, built as the worker is, and the closed form with a projection and a plan, built as the page's solver is,
/// run by Node.
fn in_wasm(project: &Project, steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    for (bench, profile) in
        [("sim_speed", "bench"), ("solve_speed", "wasm-app"), ("study_speed", "wasm-app"), ("read_speed", "wasm-app")]
    {
        let name = &format!("benchmarks, in wasm: {bench}");
        match wasm_command(project, &tools, bench, profile, false) {
            Some(mut command) => drop(steps.step(name, |_| command::run(&mut command))),
            None => steps.hold(name, "wasm32 and wasm-bindgen"),
        }
    }
}

/// A bench of the package `golden` for Node, run or only built; nothing where the tools are missing.
pub fn wasm_command(project: &Project, tools: &Tools, bench: &str, profile: &str, only_built: bool) -> Option<Command> {
    let folder = tools.wasm_bindgen.as_ref().filter(|_| tools.wasm)?;
    let mut cargo = project.cargo();
    cargo.args(["test", "--package", "golden", "--bench", bench, "--profile", profile]);
    cargo.args(["--target", "wasm32-unknown-unknown"]).args(if only_built {
        &["--no-run"][..]
    } else {
        &["--", "--nocapture"]
    });
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", folder.join("wasm-bindgen-test-runner"));
    Some(cargo)
}

fn scope(arguments: &[String]) -> &'static [&'static str] {
    let names_package = arguments.iter().any(|argument| argument == "-p" || argument == "--package");
    if names_package { &[] } else { &["--workspace", "--benches"] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_package_is_not_widened() {
        assert!(scope(&["-p".to_owned(), "engine".to_owned()]).is_empty());
        assert_eq!(scope(&[]), ["--workspace", "--benches"]);
    }
}
