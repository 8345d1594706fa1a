//! A release is tried as its users get it: unpacked elsewhere, started with an empty environment.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flate2::read::GzDecoder;

use super::Made;
use crate::project::Project;
use crate::steps::{Result, Trouble};

/// Unpacks both archives and uses what is in them.
pub fn run(project: &Project, made: &Made) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("headroom-release-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let tried = unpack(&made.command, &folder)
        .and_then(|()| unpack(&made.app, &folder))
        .and_then(|()| try_in(project, &folder));
    std::fs::remove_dir_all(&folder)?;
    tried
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    tar::Archive::new(GzDecoder::new(std::fs::File::open(archive)?)).unpack(folder)?;
    Ok(())
}

fn try_in(project: &Project, folder: &Path) -> Result<()> {
    let (mut program, mut app) = (None, None);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("index.html").is_file() {
            app = Some(path);
        } else {
            program = Some(path.join(format!("headroom{}", std::env::consts::EXE_SUFFIX)));
        }
    }
    let missing = |what: &str| Trouble::Failed(format!("the archives hold no {what}"));
    let (program, app) = (program.ok_or_else(|| missing("program"))?, app.ok_or_else(|| missing("app"))?);
    let bare = || {
        let mut command = Command::new(&program);
        command.env_clear().current_dir(folder).stdin(Stdio::null());
        command
    };
    let said = |command: &mut Command| -> Result<String> {
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        println!("{text}");
        let failed = || Trouble::Failed(String::from_utf8_lossy(&output.stderr).into_owned());
        if output.status.success() { Ok(text) } else { Err(failed()) }
    };
    said(bare().arg("--version"))?;
    let scenario = project.root.join("crates/scenario/gallery/report-query.json");
    said(bare().args(["solve", "--growth", "1,2"]).arg(&scenario))?;
    let mut server = bare()
        .args(["serve", "--addr", "127.0.0.1:0", "--data", "none", "--log", "off"])
        .stdout(Stdio::piped())
        .spawn()?;
    let served = serves(&mut server, &app);
    server.kill()?;
    server.wait()?;
    served
}

/// The page that the program carries is the one in the archive of the app.
fn serves(server: &mut Child, app: &Path) -> Result<()> {
    let output = server.stdout.take().ok_or_else(|| Trouble::Failed("the server has no output".to_owned()))?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on http://");
    let address = address.ok_or_else(|| Trouble::Failed(format!("the server said `{line}`")))?;
    for (path, wanted) in [("/", std::fs::read(app.join("index.html"))?), ("/healthz", Vec::new())] {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        if !answer.starts_with(b"HTTP/1.1 200") || !answer.ends_with(&wanted) {
            return Err(Trouble::Failed(format!("{path} answers {}", String::from_utf8_lossy(&answer))));
        }
        println!("GET {path}: 200, {} bytes", answer.len());
    }
    Ok(())
}
