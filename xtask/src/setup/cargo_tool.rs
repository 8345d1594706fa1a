//! Tools that are crates: installed from the registry into the user's cache, one folder per version.

use std::path::PathBuf;
use std::process::Command;

use crate::command;
use crate::project::Project;
use crate::steps::{Result, Trouble};

/// The folder with `program` of exactly `version`, installing it if it is not there yet.
pub fn bring_up(project: &Project, package: &str, version: &str, program: &str, options: &[&str]) -> Result<PathBuf> {
    let root = project.cache.join("tools").join(format!("{package}-{version}"));
    let folder = root.join("bin");
    let file = folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    if says_version(&file, version) || is_noted(&root, package, version) && starts(&file) {
        println!("{package} {version} is there");
        return Ok(folder);
    }
    if let Some(present) = command::find_program(program)
        && says_version(&present, version)
        && let Some(folder) = present.parent()
    {
        println!("{package} {version} is on the PATH");
        return Ok(folder.to_path_buf());
    }
    let locked = install(project, package, version, &root, &[options, &["--locked"]].concat());
    if locked.is_err() {
        // A tool's own lock file can name a release that a registry mirror does not hold yet.
        println!("the versions {package} was released with cannot all be had here; trying with compatible ones");
        install(project, package, version, &root, options).map_err(|trouble| {
            let remedy = format!("cargo install {package} --version {version} --locked {}", options.join(" "));
            Trouble::missing(format!("{package} {version} ({trouble})"), remedy)
        })?;
    }
    Ok(folder)
}

fn install(project: &Project, package: &str, version: &str, root: &std::path::Path, options: &[&str]) -> Result<()> {
    let mut cargo = command::cargo();
    // Outside the repository: neither its .cargo/config.toml nor its toolchain settings are the tool's.
    cargo.current_dir(&project.cache);
    cargo.args(["install", package, "--version", version, "--force", "--root"]).arg(root).args(options);
    cargo.env("CARGO_TARGET_DIR", workshop(project)).env("CARGO_PROFILE_DEV_DEBUG", "0");
    // Less to build and quicker to run; optimizing would take longer than it saves.
    cargo.env("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false").env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false");
    command::run(&mut cargo)
}

/// Where tools are built: one folder for all of them, since they share many of their dependencies.
fn workshop(project: &Project) -> PathBuf {
    project.cache.join("build").join("tools")
}

/// Takes away what the builds of tools left.
pub fn clean_up(project: &Project) -> Result<()> {
    match std::fs::remove_dir_all(workshop(project)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether cargo notes in the folder that it installed exactly this: not every program tells its version.
fn is_noted(root: &std::path::Path, package: &str, version: &str) -> bool {
    let notes = std::fs::read_to_string(root.join(".crates.toml"));
    notes.is_ok_and(|notes| notes.contains(&format!("\"{package} {version} ")))
}

fn starts(file: &std::path::Path) -> bool {
    command::capture(Command::new(file).arg("--help")).is_ok()
}

fn says_version(file: &std::path::Path, version: &str) -> bool {
    let said = command::capture(Command::new(file).arg("--version"));
    said.is_ok_and(|text| text.split_whitespace().any(|word| word == version))
}
