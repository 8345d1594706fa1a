//! `cargo xtask golden`: results that must be the same bytes everywhere.

use std::path::Path;

use crate::command;
use crate::project::Project;
use crate::setup::{self, Browser};
use crate::steps::{Result, Steps, Tally, Trouble};

/// `cargo xtask golden [--check]`: writes the golden files anew, or compares with them natively and in wasm.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    if arguments.iter().any(|argument| argument == "--check") {
        let tools = setup::tools(project, steps);
        steps.step("golden results, natively", |tally| natively(project, tally));
        let browser = setup::browser(project, steps);
        in_wasm(project, tools.wasm, tools.wasm_bindgen.as_deref(), steps);
        return in_chromium(project, tools.wasm, tools.wasm_bindgen.as_deref(), browser.as_ref(), steps);
    }
    steps.step("write the golden results", |_| {
        command::run(project.cargo().args(["run", "--quiet", "--package", "golden"]))?;
        println!("look at what changed before committing it: git diff crates/golden/data");
        Ok(())
    });
}

/// Compares natively.
fn natively(project: &Project, tally: &mut Tally) -> Result<()> {
    command::run_tests(project.cargo().args(["test", "--package", "golden", "--test", "same_bytes"]), tally)
}

/// Compares in wasm32, run by a worker of Chromium, as the app's simulator is.
pub fn in_chromium(
    project: &Project,
    wasm: bool,
    wasm_bindgen: Option<&Path>,
    browser: Option<&Browser>,
    steps: &mut Steps,
) {
    let name = "golden results, in Chromium";
    let (true, Some(folder), Some(browser)) = (wasm, wasm_bindgen, browser) else {
        return steps.hold(name, "wasm32, wasm-bindgen and Chromium with its driver");
    };
    steps.step(name, |tally| {
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let capabilities = format!(
            r#"{{"goog:chromeOptions": {{"binary": {:?}, "args": {arguments:?}}}}}"#,
            browser.program.display().to_string()
        );
        let file = project.target.join("xtask").join("chromium.json");
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, capabilities)?;
        let mut cargo = same_bytes_in_wasm(project, folder);
        cargo.env("WASM_BINDGEN_USE_DEDICATED_WORKER", "1").env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        cargo.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &file).env("CHROMEDRIVER", &browser.driver);
        command::run_tests(&mut cargo, tally)
    });
}

/// The comparison built for wasm32.
fn same_bytes_in_wasm(project: &Project, wasm_bindgen: &Path) -> std::process::Command {
    let mut cargo = project.cargo();
    cargo.args(["test", "--package", "golden", "--test", "same_bytes", "--target", "wasm32-unknown-unknown"]);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", wasm_bindgen.join("wasm-bindgen-test-runner"));
    cargo
}

/// Compares in wasm32, run by Node.
pub fn in_wasm(project: &Project, wasm: bool, wasm_bindgen: Option<&Path>, steps: &mut Steps) {
    let name = "golden results, in wasm";
    let (true, Some(folder)) = (wasm, wasm_bindgen) else { return steps.hold(name, "wasm32 and wasm-bindgen") };
    steps.step(name, |tally| {
        if command::find_program("node").is_none() {
            return Err(Trouble::missing("Node.js, which runs the tests built for wasm,", "apt-get install nodejs"));
        }
        command::run_tests(&mut same_bytes_in_wasm(project, folder), tally)
    });
}
