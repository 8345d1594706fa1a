//! `cargo xtask run` and `cargo xtask dev`: the app in a browser.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::command;
use crate::dist;
use crate::project::{self, Project};
use crate::setup;
use crate::steps::{Result, Steps, Trouble};

const PORT: u16 = 8080;

/// `cargo xtask run`: sets up, builds what is stale, serves it and opens it.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let ahead = build_ahead(project);
    let built = dist::build(project, &tools, steps);
    let program = steps.step("build the headroom command", |_| {
        // Whatever came of it, the build itself tells.
        let _ = ahead.map(|mut build| build.wait());
        build_command(project)
    });
    let (true, Some(program)) = (built, program) else { return };
    steps.step("serve", |_| {
        let port = port(arguments)?;
        let mut server = Command::new(&program);
        server
            .arg("serve")
            .arg("--addr")
            .arg(format!("{}:{port}", Ipv4Addr::LOCALHOST))
            .arg("--app")
            .arg(project.dist());
        let mut server = server.stdout(Stdio::piped()).spawn()?;
        let address = announced(&mut server)?;
        println!("\n   Headroom is at {address}    (Ctrl+C stops it)\n");
        if may_open(arguments) {
            open(&address);
        }
        let status = server.wait()?;
        if status.success() { Ok(()) } else { Err(Trouble::Failed(format!("the server ended with {status}"))) }
    });
}

/// `cargo xtask dev`: rebuilds and reloads at each change, with the server's API behind Trunk's own.
pub fn develop(project: &Project, arguments: &[String], steps: &mut Steps) {
    let tools = setup::tools(project, steps);
    let Some(path) = tools.path_for_building() else { return steps.hold("watch", "the tools above") };
    let Some(program) = steps.step("build the headroom command", |_| build_command(project)) else { return };
    steps.step("watch", |_| {
        let mut server = Command::new(&program);
        server.args(["serve", "--addr", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut server = server.spawn()?;
        let address = announced(&mut server)?;
        let mut trunk = dist::trunk(project, &path);
        // Its own folder: an unfinished build must not be taken for the one `run` serves.
        trunk.args(["serve", "--dist"]).arg(project.target.join("dev-dist"));
        trunk.arg(format!("--proxy-backend={address}/api/"));
        if may_open(arguments) {
            trunk.arg("--open");
        }
        let ended = command::run(&mut trunk);
        server.kill()?;
        server.wait()?;
        ended
    });
}

/// Builds the command natively, to serve; where its program is.
pub fn build_command(project: &Project) -> Result<PathBuf> {
    command::run(&mut command_build(project))?;
    Ok(built_command(project))
}

/// Starts to build the command beside the app: the linking of its wasm files leaves all cores but one free for minutes.
/// Setting up the tools leaves none.
fn build_ahead(project: &Project) -> Option<Child> {
    let mut build = command_build(project);
    build.arg("--quiet").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

fn command_build(project: &Project) -> Command {
    let mut build = project.cargo();
    build.args(["build", "--package", "cli"]);
    // The page calculates and reads files by itself; for a command that only serves, optimizing these was about a fifth of a
    // newcomer's whole build of it (`cargo build --timings --package cli`).
    for package in ["engine", "ingest"] {
        build.args(["--config", &format!("profile.dev.package.{package}.opt-level=0")]);
    }
    build
}

/// Where a build without optimization leaves the command.
pub fn built_command(project: &Project) -> PathBuf {
    project.target.join("debug").join(format!("headroom{}", std::env::consts::EXE_SUFFIX))
}

/// Waits for the server's line with its address.
fn announced(server: &mut Child) -> Result<String> {
    let output = server.stdout.take().ok_or_else(|| Trouble::Failed("the server has no output".to_owned()))?;
    for line in BufReader::new(output).lines() {
        if let Some(address) = line?.strip_prefix("listening on ") {
            return Ok(address.to_owned());
        }
    }
    let status = server.wait()?;
    Err(Trouble::Failed(format!("the server ended with {status} before it listened")))
}

/// The port asked for; else the usual one, or any free one where something else has it.
fn port(arguments: &[String]) -> Result<u16> {
    if let Some(at) = arguments.iter().position(|argument| argument == "--port") {
        let wanted = arguments.get(at + 1).and_then(|port| port.parse().ok());
        return wanted.ok_or_else(|| Trouble::Failed("--port takes a number up to 65535".to_owned()));
    }
    Ok(if TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).is_ok() { PORT } else { 0 })
}

fn may_open(arguments: &[String]) -> bool {
    let asked_not_to = arguments.iter().any(|argument| argument == "--no-open");
    let has_screen = !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    !asked_not_to && has_screen && !project::is_automatic()
}

fn open(address: &str) {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    // The address stands on the screen anyway.
    let _ = Command::new(program).args(arguments).arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_asked_for_is_taken() {
        let arguments = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(port(&arguments(&["--port", "9000"])), Ok(9000));
        for wrong in [&["--port"][..], &["--port", "90000"], &["--port", "web"]] {
            assert!(port(&arguments(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn nothing_opens_when_asked_not_to() {
        assert!(!may_open(&["--no-open".to_owned()]));
    }
}
