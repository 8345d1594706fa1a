//! `cargo xtask release`: what people who do not build get, in `target/archives/`.
//!
//! `headroom-VERSION-HOST.tar.gz`: the command with the app inside, one file to run, with licences, changelog and bill of materials.
//! `headroom-app-VERSION.tar.gz`: the app alone, for any static host. `SHA256SUMS`: their checksums. Each is tried from its archive.

mod archive;
mod bom;
mod trial;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::dist;
use crate::packages;
use crate::project::Project;
use crate::setup;
use crate::steps::{Result, Steps, Trouble};

/// Files of the root that go with the command.
const BESIDE: &[&str] = &["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// `cargo xtask release`.
pub fn run(project: &Project, _arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    if !dist::build(project, &tools, steps) {
        return steps.hold("the archives", "the app");
    }
    let Some(program) = steps.step("build the command with the app inside", |_| build(project)) else { return };
    let Some(made) = steps.step("the archives", |_| pack(project, &program)) else { return };
    steps.step("run it from its archive, where nothing else is", |_| trial::run(project, &made));
}

/// The archives of a release.
struct Made {
    command: PathBuf,
    app: PathBuf,
}

/// Builds the program that is shipped.
fn build(project: &Project) -> Result<PathBuf> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--release", "--locked", "--package", "cli", "--features", "carries-app"]);
    command::run(&mut cargo)?;
    Ok(project.target.join("release").join(format!("headroom{}", std::env::consts::EXE_SUFFIX)))
}

fn pack(project: &Project, program: &Path) -> Result<Made> {
    let host = host()?;
    let version = project.locked_version("cli")?;
    let folder = project.target.join("archives");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;

    let parts = bom::document(&version, &packages::shipped(project, &host)?);
    let bom = folder.join(format!("headroom-{version}.cdx.json"));
    std::fs::write(&bom, parts)?;

    let name = format!("headroom-{version}-{host}");
    let mut inside = vec![(program.to_owned(), file_name(program)), (bom.clone(), "headroom.cdx.json".to_owned())];
    inside.extend(BESIDE.iter().map(|file| (project.root.join(file), (*file).to_owned())));
    let made = Made {
        command: folder.join(format!("{name}.tar.gz")),
        app: folder.join(format!("headroom-app-{version}.tar.gz")),
    };
    archive::write(&made.command, &name, &inside)?;
    archive::write(&made.app, &format!("headroom-app-{version}"), &archive::below(&project.dist())?)?;
    let sums = archive::checksums(&[&made.command, &made.app, &bom])?;
    std::fs::write(folder.join("SHA256SUMS"), &sums)?;
    print!("{sums}");
    Ok(made)
}

/// The platform that this machine builds for, such as `x86_64-unknown-linux-gnu`.
fn host() -> Result<String> {
    let answer = command::capture(Command::new("rustc").arg("-vV"))?;
    let line = answer.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| Trouble::Failed("`rustc -vV` names no host".to_owned()))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
