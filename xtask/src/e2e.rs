//! `cargo xtask e2e`: the user journeys, in real Chromium against the real server and the built app.

use crate::command;
use crate::dist;
use crate::project::Project;
use crate::serve;
use crate::setup::{self, Browser, Tools};
use crate::steps::{Result, Steps};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `cargo xtask e2e [FILTER]`.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let built = dist::build(project, &tools, steps);
    let browser = setup::browser(project, steps);
    journeys(project, built, browser.as_ref(), (serve::build_command, arguments), steps);
}

/// Builds the `headroom` command in one of the ways there are; where its program is.
pub type Served = fn(&Project) -> Result<PathBuf>;

/// `cargo xtask bench --browser`: the measurements, which the journeys leave out.
pub fn measure(project: &Project, steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let built = dist::build(project, &tools, steps);
    let browser = setup::browser(project, steps);
    let shown = ["--nocapture".to_owned()];
    in_chromium(
        project,
        ("measurements in Chromium", "measures"),
        built,
        browser.as_ref(),
        (serve::build_command, &shown),
        steps,
    );
}

/// Runs the journeys as a step of a larger run.
pub fn journeys(
    project: &Project,
    built: bool,
    browser: Option<&Browser>,
    run: (Served, &[String]),
    steps: &mut Steps,
) {
    in_chromium(project, ("user journeys in Chromium", "journeys"), built, browser, run, steps);
}

/// Runs one of the test programs that drive a browser.
fn in_chromium(
    project: &Project,
    (name, program): (&'static str, &'static str),
    built: bool,
    browser: Option<&Browser>,
    (served, arguments): (Served, &[String]),
    steps: &mut Steps,
) {
    if !built {
        return steps.hold(name, "dist/");
    }
    let Some(browser) = browser else { return steps.hold(name, "Chromium and its driver") };
    steps.step(name, |tally| {
        let served = served(project)?;
        command::run_tests(&mut driving(project, program, browser, &served, arguments), tally)
    });
}

/// The measurements in Chromium as a command, app and test program built; nothing where something is missing.
pub fn measures_command(project: &Project, tools: &Tools, steps: &mut Steps) -> Option<Command> {
    let built = dist::build(project, tools, steps);
    let browser = setup::browser(project, steps).filter(|_| built)?;
    steps.step("build the measurements", |_| {
        let served = serve::build_command(project)?;
        command::capture(&mut driving(project, "measures", &browser, &served, &["--list".to_owned()]))?;
        Ok(driving(project, "measures", &browser, &served, &["--nocapture".to_owned()]))
    })
}

/// One of the test programs that drive a browser, with the command that serves the app.
fn driving(project: &Project, program: &str, browser: &Browser, served: &Path, arguments: &[String]) -> Command {
    let mut cargo = project.cargo();
    cargo.args(["test", "--package", "e2e", "--test", program, "--no-fail-fast", "--"]).args(arguments);
    cargo.env("HEADROOM_PROGRAM", served).env("HEADROOM_APP", project.dist());
    cargo.env("HEADROOM_CHROMIUM", &browser.program).env("HEADROOM_CHROMEDRIVER", &browser.driver);
    cargo
}
