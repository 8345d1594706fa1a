//! `cargo xtask dist`: the app and its workers as static files in `dist/`, each with its compressed forms beside it.

mod compress;
mod fingerprint;
mod policy;
pub mod size;
mod split;
mod strip;

use std::ffi::OsStr;
use std::process::Command;

use crate::command;
use crate::project::Project;
use crate::setup::{self, Tools};
use crate::steps::{Result, Steps, Trouble};

/// `cargo xtask dist`.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    if arguments.iter().any(|argument| argument == "--force") {
        fingerprint::forget(project);
    }
    build(project, &tools, steps);
}

/// Builds the app as steps of a larger run; whether `dist/` is good afterwards.
pub fn build(project: &Project, tools: &Tools, steps: &mut Steps) -> bool {
    let name = "build the app and its worker";
    let Some(path) = tools.path_for_building() else {
        steps.hold(name, "the tools above");
        return false;
    };
    let built = steps.step(name, |_| {
        let inputs = fingerprint::of_inputs(project)?;
        if fingerprint::is_fresh(project, &inputs) {
            println!("dist/ is up to date");
            return Ok(());
        }
        fingerprint::forget(project);
        bundle(project, &path)?;
        split::page(project, &path)?;
        strip::folder(&project.dist())?;
        policy::write(&project.dist())?;
        compress::folder(&project.dist())?;
        fingerprint::remember(project, &inputs)
    });
    if built.is_none() {
        return false;
    }
    // Too large is still whole: the journeys run on it.
    steps.step("sizes against their budgets", |_| size::check(project));
    true
}

fn bundle(project: &Project, path: &OsStr) -> Result<()> {
    // Its own leftovers from a run that was cut off would be taken for the new build.
    if project.dist().exists() {
        std::fs::remove_dir_all(project.dist())?;
    }
    let mut trunk = trunk(project, path);
    trunk.args(["build", "--release"]).env(split::ASKED, "1");
    command::run(&mut trunk)?;
    if project.dist().join("index.html").is_file() {
        return Ok(());
    }
    Err(Trouble::Failed("Trunk ended well but wrote no dist/index.html".to_owned()))
}

/// Trunk in the root, with the pinned tools.
pub fn trunk(project: &Project, path: &OsStr) -> Command {
    let mut trunk = Command::new("trunk");
    // On Windows a child's program is looked up on the parent's PATH; elsewhere on the one given here.
    trunk.current_dir(&project.root).env("PATH", path);
    // Trunk reads these as its own options and refuses the values that everybody else takes.
    trunk.env_remove("NO_COLOR");
    // Views without their types: an eighth of the page's download less (measured with `cargo xtask size`).
    let flags = format!("{} --cfg=erase_components", short_paths(project));
    trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    trunk
}

/// Names of source files in panic messages without this machine's folders: smaller, and the same bytes wherever it is built.
fn short_paths(project: &Project) -> String {
    let mut flags = vec![format!("--remap-path-prefix={}=", project.root.display())];
    let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| std::path::PathBuf::from(home).join(".cargo")));
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    flags.join(" ")
}
