//! A server that is killed in the middle of writing: whatever it acknowledged is there afterwards.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{binary, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// Kills of a usual run; `HEADROOM_KILLS=100` asks for more.
const KILLS: usize = 12;
const TOKEN: &str = "owner-token-0123456789";

fn start(folder: &Path) -> (Child, String) {
    let mut child = binary()
        .args(["serve", "--addr", "127.0.0.1:0", "--log", "off", "--reads-per-minute", "0", "--writes-per-minute", "0"])
        .args(["--app", text(folder), "--data", text(&folder.join("shares.db"))])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on http://").expect("it opens its store cleanly").to_owned();
    (child, address)
}

/// Sends a request on an open connection and gives the status and the body; `None` when the server is gone.
fn ask(connection: &mut BufReader<TcpStream>, request: &[u8]) -> Option<(u16, Vec<u8>)> {
    connection.get_mut().write_all(request).ok()?;
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        connection.read_line(line).ok().filter(|count| *count > 0)
    };
    next(&mut line)?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let mut length = 0;
    while next(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some((status, body))
}

/// Identifier of a share of 16 bytes that holds this number.
fn id(number: usize) -> String {
    server::share::ShareId((number as u128).to_be_bytes()).to_string()
}

fn write(address: &str, first: usize, acknowledged: &Mutex<Vec<usize>>) {
    let Ok(stream) = TcpStream::connect(address) else { return };
    let mut connection = BufReader::new(stream);
    for number in first.. {
        let body = format!("content of {number}");
        let request = format!(
            "PUT /api/v1/shares/{} HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n{body}",
            id(number),
            body.len()
        );
        match ask(&mut connection, request.as_bytes()) {
            Some((status, _)) => assert_eq!(status, 201, "share {number}"),
            None => return,
        }
        acknowledged.lock().expect("no panic").push(number);
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let kills = std::env::var("HEADROOM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").expect("page");
    let acknowledged = Mutex::new(Vec::new());
    for round in 0..kills {
        let (mut child, address) = start(folder.path());
        thread::scope(|scope| {
            for writer in 0..4 {
                let (address, acknowledged) = (&address, &acknowledged);
                scope.spawn(move || write(address, round * 1_000_000 + writer * 100_000, acknowledged));
            }
            thread::sleep(Duration::from_millis(20 + 7 * (round as u64 % 10)));
            child.kill().expect("SIGKILL");
            child.wait().expect("it ends");
        });
    }
    let acknowledged = acknowledged.into_inner().expect("no panic");
    assert!(acknowledged.len() > kills, "only {} writes were acknowledged", acknowledged.len());
    let (mut child, address) = start(folder.path());
    let mut connection = BufReader::new(TcpStream::connect(&address).expect("connect"));
    for number in &acknowledged {
        let request = format!("GET /api/v1/shares/{} HTTP/1.1\r\nHost: a\r\n\r\n", id(*number));
        let answer = ask(&mut connection, request.as_bytes()).expect("an answer");
        assert_eq!(answer, (200, format!("content of {number}").into_bytes()), "share {number}");
    }
    println!("{} acknowledged writes, {kills} kills, none lost", acknowledged.len());
    child.kill().expect("kill");
    child.wait().expect("it ends");
}
