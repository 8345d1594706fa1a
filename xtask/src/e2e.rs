//! `cargo xtask e2e`: the user journeys, in real Chromium against the real server and the built app.

use crate::command;
use crate::dist;
use crate::project::Project;
use crate::serve;
use crate::setup::{self, Browser, Tools};
use crate::steps::{Result, Steps};
use std::process::Command;

/// `cargo xtask e2e [FILTER]`.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let built = dist::build(project, &tools, steps);
    let browser = setup::browser(project, steps);
    journeys(project, built, browser.as_ref(), arguments, steps);
}

/// `cargo xtask bench --browser`: the measurements, which the journeys leave out.
pub fn measure(project: &Project, steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let built = dist::build(project, &tools, steps);
    let browser = setup::browser(project, steps);
    let shown = ["--nocapture".to_owned()];
    in_chromium(project, ("measurements in Chromium", "measures"), built, browser.as_ref(), &shown, steps);
}

/// Runs the journeys as a step of a larger run.
pub fn journeys(project: &Project, built: bool, browser: Option<&Browser>, filter: &[String], steps: &mut Steps) {
    in_chromium(project, ("user journeys in Chromium", "journeys"), built, browser, filter, steps);
}

/// Runs one of the test programs that drive a browser.
fn in_chromium(
    project: &Project,
    (name, program): (&'static str, &'static str),
    built: bool,
    browser: Option<&Browser>,
    arguments: &[String],
    steps: &mut Steps,
) {
    if !built {
        return steps.hold(name, "dist/");
    }
    let Some(browser) = browser else { return steps.hold(name, "Chromium and its driver") };
    steps.step(name, |tally| command::run_tests(&mut driving(project, program, browser, arguments)?, tally));
}

/// The measurements in Chromium as a command, app and test program built; nothing where something is missing.
pub fn measures_command(project: &Project, tools: &Tools, steps: &mut Steps) -> Option<Command> {
    let built = dist::build(project, tools, steps);
    let browser = setup::browser(project, steps).filter(|_| built)?;
    steps.step("build the measurements", |_| {
        command::capture(&mut driving(project, "measures", &browser, &["--list".to_owned()])?)?;
        driving(project, "measures", &browser, &["--nocapture".to_owned()])
    })
}

/// One of the test programs that drive a browser, with the command it serves with built.
fn driving(project: &Project, program: &str, browser: &Browser, arguments: &[String]) -> Result<Command> {
    let served = serve::build_command(project)?;
    let mut cargo = project.cargo();
    cargo.args(["test", "--package", "e2e", "--test", program, "--no-fail-fast", "--"]).args(arguments);
    cargo.env("HEADROOM_PROGRAM", served).env("HEADROOM_APP", project.dist());
    cargo.env("HEADROOM_CHROMIUM", &browser.program).env("HEADROOM_CHROMEDRIVER", &browser.driver);
    Ok(cargo)
}
