//! `headroom push`, `pull` and `backup` against a real server.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{Run, binary, fixture, headroom, headroom_with, text};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use tempfile::TempDir;

struct Server {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("index.html"), "<!doctype html>").expect("page");
        let data = folder.path().join("shares.db");
        let mut process = binary()
            .args([
                "serve",
                "--addr",
                "127.0.0.1:0",
                "--log",
                "off",
                "--app",
                text(folder.path()),
                "--data",
                text(&data),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("the announcement").to_owned();
        Self { process, url, folder }
    }

    fn push(&self, more: &[&str]) -> Run {
        let scenario = fixture("shop-stack/scenario.json");
        let first = ["push", text(&scenario), "--server", &self.url];
        headroom(&[&first[..], more].concat())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn json(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{run:?}");
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}

fn solved(folder: &Path, scenario: &str) -> Value {
    let file = folder.join("pulled.json");
    fs::write(&file, scenario).expect("written");
    json(&headroom(&["solve", text(&file), "--json"]))
}

#[test]
fn what_is_pushed_is_pulled_with_the_same_figures() {
    let server = Server::start();
    let made = json(&server.push(&["--json", "--name", "Before the sale"]));
    let (read, edit) = (word(&made, "read"), word(&made, "edit"));
    assert!(edit.starts_with(read) && edit.len() == read.len() + 23, "{made}");

    let pulled = headroom(&["pull", read]);
    let original = fs::read_to_string(fixture("shop-stack/scenario.json")).expect("the fixture");
    assert_eq!(solved(server.folder.path(), &pulled.stdout), solved(server.folder.path(), &original));

    // A check's summary goes beside the next version, whose prices stay at home.
    let report = server.folder.path().join("check.md");
    fs::write(&report, "## Headroom\nEvery objective holds.").expect("written");
    let scenario = fixture("shop-stack/scenario.json");
    let next = headroom(&[
        "push",
        text(&scenario),
        "--to",
        edit,
        "--json",
        "--leave-out",
        "money,notes",
        "--comment",
        text(&report),
        "--author",
        "CI",
    ]);
    assert_eq!(json(&next)["version"], 2);
    let newest = json(&headroom_with(&["pull", "-", "--json"], read.as_bytes()));
    assert_eq!((&newest["version"], word(&newest["comments"][0], "author")), (&Value::from(2), "CI"));
    assert!(word(&newest["comments"][0], "text").contains("Every objective holds."));
    assert!(!newest["scenario"].to_string().contains("per_replica_hour"));
    let first = json(&headroom(&["pull", &format!("{read}&v=1"), "--json"]));
    assert_eq!((&first["version"], word(&first, "name")), (&Value::from(1), "Before the sale"));
    assert!(first["scenario"].to_string().contains("per_replica_hour"));

    // The store holds none of it in the clear.
    let bytes = fs::read(server.folder.path().join("shares.db-wal")).expect("the log");
    let clear = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(!clear("PostgreSQL") && !clear("Before the sale") && !clear(&read[read.len() - 43..]));
}

#[test]
fn bad_links_and_refusals_are_said() {
    let server = Server::start();
    let made = json(&server.push(&["--json"]));
    let (read, edit) = (word(&made, "read").to_owned(), word(&made, "edit").to_owned());
    let scenario = fixture("shop-stack/scenario.json");
    let scenario = text(&scenario);
    let wrong_key = format!("{}{}", &read[..read.len() - 43], "A".repeat(43));
    let unknown = read.replacen("#k=", "#k=AAAA", 1);
    let unknown = format!("{}{}", &unknown[..unknown.len() - 48], &unknown[unknown.len() - 44..]);
    let other_token = format!("{}{}", &edit[..edit.len() - 22], "A".repeat(22));
    let closed = format!("http://127.0.0.1:1/#{}", read.split_once('#').expect("a link").1);
    let rows: Vec<(Vec<&str>, &str)> = vec![
        (vec!["pull", &wrong_key], "the key does not fit this share"),
        (vec!["pull", &read[..read.len() - 1]], "the link was cut or changed"),
        (vec!["pull", &unknown], "refused: not-found"),
        (vec!["pull", &closed], "cannot be reached"),
        (vec!["pull", "https://example.org/"], "this is no link to a scenario"),
        (vec!["push", scenario], "give --server URL for a new share"),
        (vec!["push", scenario, "--server", "example.org"], "is no http or https address"),
        (vec!["push", scenario, "--to", &read], "is a link to read"),
        (vec!["push", scenario, "--to", &other_token], "refused: wrong-token"),
        (vec!["push", scenario, "--server", &server.url, "--days", "36500"], "refused: bad-expiry"),
    ];
    for (arguments, says) in rows {
        let run = headroom(&arguments);
        // A server that does not answer is no bad input.
        let code = if says == "cannot be reached" { 3 } else { 2 };
        assert_eq!(run.code, Some(code), "{arguments:?} {run:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(says), "{says}: {run:?}");
        assert!(!run.stderr.contains(&read[read.len() - 43..]), "no key on the screen: {run:?}");
    }
    // What the edit link names is as it was.
    assert_eq!(json(&headroom(&["pull", &edit, "--json"]))["version"], 1);
}

#[test]
fn a_whole_link_needs_no_server() {
    let scenario = fs::read_to_string(fixture("shop-stack/scenario.json")).expect("the fixture");
    let parsed = scenario::parse(&scenario).expect("it is one").scenario;
    let link = scenario::link::encode(&parsed, &scenario::link::View::default()).expect("it fits");
    let pulled = headroom(&["pull", &format!("https://example.org/#{}", link.fragment)]);
    assert_eq!(pulled.code, Some(0), "{pulled:?}");
    assert_eq!(scenario::parse(&pulled.stdout).expect("a scenario").scenario, parsed);
}

#[test]
fn a_backup_of_a_running_server_serves_its_shares() {
    let server = Server::start();
    let made = json(&server.push(&["--json"]));
    let data = server.folder.path().join("shares.db");
    let copy = server.folder.path().join("copy.db");
    let done = headroom(&["backup", text(&copy), "--data", text(&data)]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let again = headroom(&["backup", text(&copy), "--data", text(&data)]);
    assert!(again.code == Some(2) && again.stderr.contains("exists already"), "{again:?}");
    let none = headroom(&[
        "backup",
        text(&server.folder.path().join("c")),
        "--data",
        text(&server.folder.path().join("index.html")),
    ]);
    assert!(none.code == Some(2) && none.stderr.contains("cannot be copied"), "{none:?}");
    let absent = headroom(&["backup", text(&server.folder.path().join("c")), "--data", "/no/such/store.db"]);
    assert_eq!(absent.code, Some(2), "{absent:?}");

    let other = Server::start();
    let mut process = binary()
        .args([
            "serve",
            "--addr",
            "127.0.0.1:0",
            "--log",
            "off",
            "--app",
            text(other.folder.path()),
            "--data",
            text(&copy),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    let url = line.trim().strip_prefix("listening on ").expect("the announcement").to_owned();
    let restored = word(&made, "read").replace(&server.url, &url);
    let pulled = headroom(&["pull", &restored]);
    process.kill().expect("kill");
    process.wait().expect("it ends");
    assert_eq!(pulled.code, Some(0), "{pulled:?}");
}
