//! `docs/cli.md` is what the command says of itself: `UPDATE=1 cargo test -p cli reference` writes it anew.

use crate::arguments::Arguments;
use clap::CommandFactory;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "# The `headroom` command\n\n\
    What `headroom VERB --help` prints, written by `UPDATE=1 cargo test -p cli reference`. A first week with it, by example: [guide.md](guide.md).\n";

/// The help of the command and of each verb, as Markdown.
fn reference() -> String {
    // What the environment of whoever writes it holds is no part of it.
    let mut command = Arguments::command()
        .term_width(120)
        .mut_subcommands(|verb| verb.mut_args(|argument| argument.hide_env_values(true)));
    command.build();
    let mut out = HEAD.to_owned();
    let mut section = |title: &str, help: String| {
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        let _ = write!(out, "\n## {title}\n\n```text\n{}\n```\n", lines.join("\n").trim());
    };
    section("headroom", command.render_long_help().to_string());
    for verb in command.get_subcommands_mut().filter(|verb| verb.get_name() != "help") {
        let title = format!("headroom {}", verb.get_name());
        section(&title, verb.render_long_help().to_string());
    }
    out
}

#[test]
fn the_reference_is_what_the_command_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let said = reference();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &said).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == said, "docs/cli.md is old: UPDATE=1 cargo test -p cli reference");
}
