//! `headroom serve` as a process: it says where it listens, answers, and stops when told to.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{binary, headroom, text};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

fn app() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("index.html"), "<!doctype html><title>Headroom</title>").expect("page");
    folder
}

fn start(app: &tempfile::TempDir) -> (Child, String) {
    let mut child = binary()
        .args(["serve", "--addr", "127.0.0.1:0", "--app", text(app.path()), "--log", "off", "--data", "memory"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on http://").expect("the announcement").to_owned();
    (child, address)
}

#[test]
fn it_serves_and_stops_on_sigterm() {
    let app = app();
    let (mut child, address) = start(&app);
    let mut stream = TcpStream::connect(&address).expect("connect");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("ask");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("<title>Headroom</title>"), "{answer}");

    let told = std::process::Command::new("kill").arg(child.id().to_string()).status().expect("kill");
    assert!(told.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn what_keeps_it_from_starting_is_said() {
    let app = app();
    let (mut child, taken) = start(&app);
    let app_folder = text(app.path());
    let rows: &[(&[&str], &str)] = &[
        (&["serve", "--data", "none", "--addr", &taken, "--app", app_folder], "cannot be listened on"),
        (
            &["serve", "--data", "none", "--addr", "127.0.0.1:0", "--app", "no-such-folder"],
            "error: no-such-folder: cannot be read",
        ),
        (&["serve", "--data", "none", "--addr", "127.0.0.1:0", "--app", "src"], "error: src: holds no index.html; "),
        (
            &["serve", "--database-url", "postgres://nobody:secret@127.0.0.1:1/x", "--app", app_folder],
            "error: database: cannot be used as share store",
        ),
        (
            &["serve", "--data", "src/main.rs", "--addr", "127.0.0.1:0", "--app", app_folder],
            "error: src/main.rs: cannot be used as share store",
        ),
    ];
    for (arguments, says) in rows {
        let run = headroom(arguments);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(!run.stderr.contains("secret"), "{run:?}");
        assert!(run.stderr.contains(says) && run.stderr.lines().count() == 1, "{run:?}");
    }
    child.kill().expect("kill");
    child.wait().expect("it ends");
}
