//! `cargo xtask bench --record` and `--compare`: the figures of `docs/performance.md`, each beside its ratio to a loop that knows
//! nothing of the product and runs just before and after it. A noisy machine slows both; the ratio is what is compared.

mod figures;
mod table;

use crate::command;
use crate::project::Project;
use crate::setup::Tools;
use crate::steps::{Result, Steps, Trouble};
use crate::{bench, e2e, setup};
use figures::figures;
use std::process::Command;
use table::Section;

/// What runs a section.
enum Run {
    /// These words after `cargo`.
    Cargo(&'static [&'static str]),
    /// A bench of the package `golden` with this profile, by Node.
    Wasm(&'static str, &'static str),
    /// The measurements that drive a browser.
    Chromium,
}

const RUNS: [(&str, Run); 12] = [
    ("The closed form", Run::Cargo(&["bench", "--quiet", "--package", "bench", "--bench", "analytic"])),
    ("The closed form in V8", Run::Wasm("solve_speed", "wasm-app")),
    ("The simulator: workloads", Run::Cargo(&["bench", "--quiet", "--package", "engine", "--bench", "sim_workloads"])),
    ("The simulator: workloads in V8", Run::Wasm("sim_speed", "bench")),
    (
        "The simulator: how cost grows",
        Run::Cargo(&["bench", "--quiet", "--package", "engine", "--bench", "sim_workloads", "--", "growth"]),
    ),
    ("Simulator and files end to end in Chromium", Run::Chromium),
    ("Reading files", Run::Cargo(&["bench", "--quiet", "--package", "ingest", "--bench", "speed"])),
    ("Reading files in V8", Run::Wasm("read_speed", "wasm-app")),
    (
        "A projection with its draws",
        Run::Cargo(&["run", "--quiet", "--release", "--package", "study", "--example", "speed"]),
    ),
    (
        "A plan",
        Run::Cargo(&[
            "run",
            "--quiet",
            "--release",
            "--package",
            "study",
            "--example",
            "plan",
            "crates/study/tests/data/twelve.json",
        ]),
    ),
    ("A projection and a plan in V8", Run::Wasm("study_speed", "wasm-app")),
    ("The server", Run::Cargo(&["run", "--quiet", "--release", "--package", "server", "--example", "load"])),
];

/// Measures the sections whose title holds `only`; writes each into the table, or names what became slower than it says.
pub fn run(project: &Project, record: bool, only: &str, steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let path = project.root.join("docs/performance.md");
    for (title, run) in RUNS.iter().filter(|(title, _)| title.contains(only)) {
        let Some((command, mut program)) = prepared(project, run, &tools, steps) else {
            steps.hold(title, "what the browser's build needs");
            continue;
        };
        steps.step(title, |_| {
            let section = Section { title, command, found: measured(project, &mut program)? };
            if record { table::write(&path, &section) } else { table::compare(&path, &section) }
        });
    }
}

/// What runs it alone, and the program; built, as nothing may compile beside the pace.
fn prepared(project: &Project, run: &Run, tools: &Tools, steps: &mut Steps) -> Option<(String, Command)> {
    match run {
        Run::Cargo(words) => {
            let mut build = project.cargo();
            match words.split_first() {
                Some((&"bench", _)) => {
                    build.args(words.iter().take_while(|word| **word != "--")).arg("--no-run");
                }
                _ => {
                    build.arg("build").args(words.iter().skip(1).take(6));
                }
            }
            steps.step(&format!("build: {}", words[2..].join(" ")), |_| command::capture(&mut build))?;
            let mut program = project.cargo();
            program.args(*words);
            Some((format!("cargo {}", words.join(" ")), program))
        }
        Run::Wasm(bench, profile) => {
            let mut build = bench::wasm_command(project, tools, bench, profile, true)?;
            steps.step(&format!("build for wasm: {bench}"), |_| command::capture(&mut build))?;
            Some(("cargo xtask bench --wasm".into(), bench::wasm_command(project, tools, bench, profile, false)?))
        }
        Run::Chromium => Some(("cargo xtask bench --browser".into(), e2e::measures_command(project, tools, steps)?)),
    }
}

/// Its figures, with their ratio to the pace.
fn measured(project: &Project, program: &mut Command) -> Result<Vec<(figures::Figure, f64)>> {
    let pace = || -> Result<f64> {
        let mut pace = project.cargo();
        pace.args(["run", "--quiet", "--release", "--package", "engine", "--example", "pace"]);
        let step = figures(&command::capture(&mut pace)?).into_iter().next().map(|figure| figure.nanoseconds);
        step.ok_or_else(|| Trouble::Failed("the pace was not said".into()))
    };
    // The first may have to be compiled.
    pace()?;
    let before = pace()?;
    let said = command::capture(program)?;
    let step = 0.5 * (before + pace()?);
    print!("{said}");
    let found = figures(&said);
    if found.is_empty() {
        return Err(Trouble::Failed("no figure was printed".into()));
    }
    Ok(found
        .into_iter()
        .map(|figure| (figure.nanoseconds / step, figure))
        .map(|(ratio, figure)| (figure, ratio))
        .collect())
}
