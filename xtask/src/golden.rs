//! `cargo xtask golden`: results that must be the same bytes everywhere.

use std::path::Path;

use crate::command;
use crate::project::Project;
use crate::setup;
use crate::steps::{Result, Steps, Tally, Trouble};

/// `cargo xtask golden [--check]`: writes the golden files anew, or compares with them natively and in wasm.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    if arguments.iter().any(|argument| argument == "--check") {
        let tools = setup::tools(project, steps);
        steps.step("golden results, natively", |tally| natively(project, tally));
        return in_wasm(project, tools.wasm, tools.wasm_bindgen.as_deref(), steps);
    }
    steps.step("write the golden results", |_| {
        command::run(project.cargo().args(["run", "--quiet", "--package", "golden"]))?;
        println!("look at what changed before committing it: git diff crates/golden/data");
        Ok(())
    });
}

/// Compares natively. A build of its own: another package's features must not reach the engine's dependencies.
pub fn natively(project: &Project, tally: &mut Tally) -> Result<()> {
    command::run_tests(project.cargo().args(["test", "--package", "golden", "--test", "same_bytes"]), tally)
}

/// Compares in wasm32, run by Node.
pub fn in_wasm(project: &Project, wasm: bool, wasm_bindgen: Option<&Path>, steps: &mut Steps) {
    let name = "golden results, in wasm";
    let (true, Some(folder)) = (wasm, wasm_bindgen) else { return steps.hold(name, "wasm32 and wasm-bindgen") };
    steps.step(name, |tally| {
        if command::find_program("node").is_none() {
            return Err(Trouble::missing("Node.js, which runs the tests built for wasm,", "apt-get install nodejs"));
        }
        let mut cargo = project.cargo();
        cargo.args(["test", "--package", "golden", "--test", "same_bytes", "--target", "wasm32-unknown-unknown"]);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", folder.join("wasm-bindgen-test-runner"));
        command::run_tests(&mut cargo, tally)
    });
}
