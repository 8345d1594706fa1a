//! The guide's commands print what the guide says: every line under a command stands in its output, in that order.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::binary;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A command with the lines that stand under it; `…` between them stands for any number of others.
struct Shown {
    command: String,
    lines: Vec<String>,
}

fn commands(guide: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in guide.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ headroom "), found.last_mut()) {
                (Some(command), _) => found.push(Shown { command: command.to_owned(), lines: Vec::new() }),
                (None, Some(last)) => last.lines.push(line.to_owned()),
                (None, None) => panic!("output before the first command: {line}"),
            },
        }
    }
    found
}

/// The first line that does not follow in the output.
fn missing<'a>(shown: &'a Shown, output: &str) -> Option<&'a str> {
    let mut rest = output.lines().map(str::trim_end);
    let mut skips = false;
    for line in &shown.lines {
        if line == "…" {
            skips = true;
            continue;
        }
        let found = if skips { rest.any(|printed| printed == line) } else { rest.next() == Some(line.as_str()) };
        if !found {
            return Some(line);
        }
        skips = false;
    }
    None
}

#[test]
fn every_command_prints_what_stands_under_it() {
    let folder = tempfile::tempdir().expect("folder");
    let shop = folder.path().join("shop");
    std::fs::create_dir(&shop).expect("shop");
    for entry in std::fs::read_dir(root().join("tests/fixtures/shop-stack")).expect("the shop") {
        let file = entry.expect("a file").path();
        std::fs::copy(&file, shop.join(file.file_name().expect("a name"))).expect("a copy");
    }
    let guide = std::fs::read_to_string(root().join("docs/guide.md")).expect("the guide");
    let commands = commands(&guide);
    assert!(commands.len() >= 8, "{}", commands.len());
    for shown in &commands {
        let output =
            binary().current_dir(&folder).args(shown.command.split_whitespace()).output().expect("the command runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        // A command whose answer goes to a file tells what it did beside it.
        let text = if output.stdout.is_empty() { errors.clone() } else { String::from_utf8_lossy(&output.stdout) };
        assert!(output.status.success(), "headroom {}: {errors}", shown.command);
        if let Some(line) = missing(shown, &text) {
            panic!("headroom {}\ndoes not print, at its place:\n{line}\nbut:\n{text}", shown.command);
        }
    }
}

#[test]
fn lines_are_looked_for_in_their_order() {
    let shown =
        |lines: &[&str]| Shown { command: String::new(), lines: lines.iter().map(|l| (*l).to_owned()).collect() };
    for (lines, output, lost) in [
        (&["a", "b"][..], "a\nb\n", None),
        (&["a", "c"], "a\nb\nc\n", Some("c")),
        (&["a", "…", "c"], "a\nb\nc\n", None),
        (&["…", "c", "…", "a"], "a\nb\nc\n", Some("a")),
        (&["b"], "a\nb\n", Some("b")),
    ] {
        assert_eq!(missing(&shown(lines), output), lost, "{lines:?} in {output:?}");
    }
}
