//! Tells the program which commit it was built from: `headroom --version` names it.

use std::path::Path;
use std::process::Command;

fn main() {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    // A package of the sources without git has its version only.
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    let full = commit.map_or(version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=HEADROOM_VERSION={full}");
    println!("cargo::rerun-if-changed=build.rs");
    // The log of HEAD changes with every commit and every switch of branch.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
