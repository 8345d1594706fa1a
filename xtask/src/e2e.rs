//! `cargo xtask e2e`: the user journeys, in real Chromium against the real server and the built app.

use crate::command;
use crate::dist;
use crate::project::Project;
use crate::serve;
use crate::setup::{self, Browser};
use crate::steps::Steps;

/// `cargo xtask e2e [FILTER]`.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let built = dist::build(project, &tools, steps);
    let browser = setup::browser(project, steps);
    journeys(project, built, browser.as_ref(), arguments, steps);
}

/// Runs the journeys as a step of a larger run.
pub fn journeys(project: &Project, built: bool, browser: Option<&Browser>, filter: &[String], steps: &mut Steps) {
    let name = "user journeys in Chromium";
    if !built {
        return steps.hold(name, "dist/");
    }
    let Some(browser) = browser else { return steps.hold(name, "Chromium and its driver") };
    steps.step(name, |tally| {
        let program = serve::build_command(project)?;
        let mut cargo = project.cargo();
        cargo.args(["test", "--package", "e2e", "--test", "journeys", "--no-fail-fast", "--"]).args(filter);
        cargo.env("HEADROOM_PROGRAM", program).env("HEADROOM_APP", project.dist());
        cargo.env("HEADROOM_CHROMIUM", &browser.program).env("HEADROOM_CHROMEDRIVER", &browser.driver);
        command::run_tests(&mut cargo, tally)
    });
}
