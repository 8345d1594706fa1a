//! `docs/formats.md` says what the table of formats says. `UPDATE=1 cargo test -p ingest --test docs` writes it.
#![allow(clippy::unwrap_used)]

mod common;

use ingest::registry::FORMATS;

const INTRODUCTION: &str = "# Formats that Headroom reads

Drop in any of these, plain or packed with gzip or zstd, UTF-8 or UTF-16, in any mix. Files are recognised by content, never by
name; where two formats fit, Headroom asks. Kinds are the names for `headroom import --kind`; `--unit` says the unit of times
where a file does not. A file that ends early gives what came before and says what is missing; times below zero are in no figure, and are
said with their number and place.

A file holds one report: of `for c in 2 4 8; do wrk …; done > runs.txt` none is read, for the first is not the whole. A number with three
digits behind its only sign (`1.234`) is read as the rest of its column is, where an amount there has a decimal comma or point for sure; what
that changed is said. A value that cannot be read is left out of its row, with its line.

Written by `UPDATE=1 cargo test -p ingest --test docs` from the table in `crates/ingest/src/registry.rs`; do not edit by hand.

Evidence: *own run*: the named version was run by us and the figures checked against the raw record of the same run. *public
sample*: a file published with the tool. *documented shape*: built from the documentation and a synthetic file. *unverified*: from
the documentation only.

";

fn rendered() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("| Kind | File | Checked with | What is used | Traps | Evidence |\n|---|---|---|---|---|---|\n");
    let cell = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    for format in FORMATS {
        let docs = &format.docs;
        let cells = [format.title, docs.versions, docs.used, docs.traps, docs.evidence].map(cell);
        text.push_str(&format!("| `{}` | {} |\n", format.kind, cells.join(" | ")));
    }
    text
}

#[test]
fn the_document_is_up_to_date() {
    let path = common::root().join("docs/formats.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, rendered()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == rendered(), "docs/formats.md is out of date: UPDATE=1 cargo test -p ingest --test docs");
}

#[test]
fn kinds_are_unique_and_documented() {
    let mut kinds: Vec<&str> = FORMATS.iter().map(|format| format.kind).collect();
    kinds.sort_unstable();
    let count = kinds.len();
    kinds.dedup();
    assert_eq!(kinds.len(), count);
    let evidence = ["own run", "public sample", "documented shape", "unverified"];
    assert!(FORMATS.iter().all(|format| evidence.contains(&format.docs.evidence)));
}
