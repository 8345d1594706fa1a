//! A disk that is full, and one that cannot be written: said so; nothing acknowledged is lost, and with room all goes on.
//!
//! The store lies on a small file system of its own in memory, mounted where only this test's processes see it. Where the
//! system does not allow that, the test says so and does nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::print_stderr, reason = "a failed step of a test is its failure")]

mod common;

use common::text;
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const TOKEN: &str = "owner-token-0123456789";

/// A server whose store lies on a file system of two megabytes; a file `room` in its folder makes that larger.
struct Disk {
    process: Child,
    folder: TempDir,
    url: String,
    client: Client,
}

const SCRIPT: &str = r#"
set -e
mkdir "$1/disk"
mount -t tmpfs -o size=2m none "$1/disk"
"$2" serve --addr 127.0.0.1:0 --log off --app "$1" --data "$1/disk/shares.db" --writes-per-minute 0 --reads-per-minute 0 > "$1/said" &
server=$!
trap 'kill $server' EXIT
while [ ! -e "$1/end" ]; do
  if [ -e "$1/room" ]; then
    mount -o remount,size=16m "$1/disk"
    rm "$1/room"
  fi
  sleep 0.05
done
"#;

/// Whether a test may mount a file system here; says so where it may not.
fn can_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"])
        .stderr(Stdio::null())
        .status();
    let can = tried.is_ok_and(|status| status.success());
    if !can {
        eprintln!("NOT TESTED: this system does not let a test mount a file system");
    }
    can
}

/// Runs a script that may mount; its arguments are the folder, the program, and one more.
fn mounting(script: &str, folder: &TempDir, argument: &str) -> std::process::Output {
    let mut process = Command::new("unshare");
    process.args(["--mount", "--map-root-user", "sh", "-c", script, "sh", text(folder.path())]);
    process.args([env!("CARGO_BIN_EXE_headroom"), argument]).output().expect("unshare starts")
}

impl Disk {
    fn start() -> Option<Self> {
        if !can_mount() {
            return None;
        }
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("index.html"), "<!doctype html>").expect("page");
        let mut process = Command::new("unshare");
        process.args(["--mount", "--map-root-user", "--kill-child", "sh", "-c", SCRIPT, "sh", text(folder.path())]);
        let process = process.arg(env!("CARGO_BIN_EXE_headroom")).spawn().expect("unshare starts");
        let said = folder.path().join("said");
        let line = wait(|| fs::read_to_string(&said).ok().filter(|line| line.ends_with('\n')));
        let url = line.trim().strip_prefix("listening on ").expect("the announcement").to_owned();
        Some(Self { process, folder, url, client: Client::new() })
    }

    fn order(&self, order: &str) {
        let file = self.folder.path().join(order);
        fs::write(&file, "").expect("written");
        wait(|| (!file.exists()).then_some(()));
    }

    fn share(&self, number: u8) -> String {
        format!("{}/api/v1/shares/{}", self.url, server::share::ShareId([number; 16]))
    }

    fn put(&self, number: u8, size: usize) -> Response {
        let request = self.client.put(self.share(number)).bearer_auth(TOKEN).header("if-none-match", "*");
        // Bytes that differ, so that nothing could be saved by compressing them.
        let body: Vec<u8> = (0..size).map(|i| (i.wrapping_mul(2_654_435_761) >> 7) as u8 ^ number).collect();
        request.header("content-type", "application/octet-stream").body(body).send().expect("an answer")
    }

    fn get(&self, path: &str) -> StatusCode {
        self.client.get(format!("{}{path}", self.url)).send().expect("an answer").status()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::write(self.folder.path().join("end"), "");
        let started = Instant::now();
        while self.process.try_wait().is_ok_and(|ended| ended.is_none()) && started.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn wait<T>(ask: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "waited in vain");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: serde_json::Value = serde_json::from_str(&response.text().expect("a body")).expect("JSON");
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let Some(disk) = Disk::start() else { return };
    let mut stored = Vec::new();
    let mut refused = None;
    for number in 0..40 {
        let response = disk.put(number, 200_000);
        if response.status() == StatusCode::CREATED {
            stored.push(number);
        } else {
            refused = Some(code(response));
            break;
        }
    }
    assert_eq!(refused, Some((507, "full".to_owned())), "after {} shares", stored.len());
    assert!(stored.len() >= 2, "two megabytes hold some of them");
    for number in &stored {
        assert_eq!(disk.client.get(disk.share(*number)).send().expect("an answer").status(), StatusCode::OK);
    }
    assert_eq!(disk.get("/healthz"), StatusCode::OK);
    // With room again all goes on without a restart.
    disk.order("room");
    assert_eq!(disk.put(99, 200_000).status(), StatusCode::CREATED);
    assert_eq!(disk.get("/readyz"), StatusCode::OK);
    assert!(Path::new(&format!("/proc/{}", disk.process.id())).exists(), "the server lives");
}

/// Linux makes no file system read-only while files on it are open for writing, so what can happen is a start on such a one.
#[test]
fn a_disk_that_cannot_be_written_is_said_at_the_start() {
    if !can_mount() {
        return;
    }
    let script = r#"
        mkdir "$1/disk" && mount -t tmpfs -o size=2m none "$1/disk" && cd "$1" || exit 99
        timeout -s $3 2 "$2" serve --addr 127.0.0.1:0 --log off --app "$1" --data disk/shares.db
        # The killed one may still be closing its files.
        tries=0
        until mount -o remount,ro "$1/disk" 2>/dev/null; do
            tries=$((tries + 1)); test $tries -lt 200 || exit 97
            sleep 0.05
        done
        exec timeout 20 "$2" serve --addr 127.0.0.1:0 --log off --app "$1" --data disk/shares.db
    "#;
    // The server before it ended as it should, or was killed and left its log behind, which SQLite can open without writing.
    for signal in ["TERM", "KILL"] {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("index.html"), "<!doctype html>").expect("page");
        let output = mounting(script, &folder, signal);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{signal}: {said}");
        let ours: Vec<&str> = said.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(ours.len(), 1, "{signal}: {said}");
        assert!(ours[0].starts_with("error: disk/shares.db: cannot be used as share store"), "{signal}: {said}");
    }
}

/// A file that does not fit leaves what stood there, whole; one that fits takes its place with its permissions.
#[test]
fn what_cannot_be_written_whole_is_not_begun() {
    if !can_mount() {
        return;
    }
    let script = r#"
        mkdir "$1/disk" && mount -t tmpfs -o size=$3 none "$1/disk" && cd "$1/disk" || exit 99
        cp "$1/scenario.json" s.json && chmod 640 s.json || exit 98
        "$2" project s.json --samples 5 --format html -o s.json
        code=$?
        cmp -s "$1/scenario.json" s.json && echo "as it was"
        stat -c %a s.json
        ls -A
        exit $code
    "#;
    let scenario = common::fixture("shop-stack/scenario.json");
    for (size, code, said) in [("12k", 3, "as it was\n640\ns.json\n"), ("2m", 0, "640\ns.json\n")] {
        let folder = tempfile::tempdir().expect("folder");
        fs::copy(&scenario, folder.path().join("scenario.json")).expect("copied");
        let output = mounting(script, &folder, size);
        let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!((output.status.code(), &*out), (Some(code), said), "{size}: {error}");
        assert_eq!(code == 0, !error.contains("error: s.json: cannot be written"), "{size}: {error}");
    }
}

/// A file whose name is as long as one can be, also where it stands already, and one with a second name.
#[test]
fn what_stands_is_written_whatever_its_name() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    let long = format!("{}.csv", "a".repeat(250));
    fs::write(at("one.csv"), "old").expect("written");
    fs::hard_link(at("one.csv"), at("two.csv")).expect("linked");
    for name in [long.as_str(), "one.csv", long.as_str()] {
        let mut process = Command::new(env!("CARGO_BIN_EXE_headroom"));
        process.arg("project").arg(common::fixture("shop-stack/scenario.json"));
        let output =
            process.args(["--samples", "5", "--format", "csv", "-o"]).arg(at(name)).output().expect("it starts");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(fs::read_to_string(at(name)).expect("there").lines().count() > 10, "{name}");
    }
    assert_eq!(
        fs::read(at("one.csv")).expect("there"),
        fs::read(at("two.csv")).expect("there"),
        "one file of two names"
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3, "nothing is left beside them");
}
