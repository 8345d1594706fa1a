//! `docs/api.md` is what the server says of its API: `UPDATE=1 cargo test -p server --test reference` writes it anew.
#![allow(clippy::expect_used, missing_docs)]

mod common;

use common::Running;
use serde_json::Value;
use server::{Config, LogFormat};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "# The server's API\n\n\
    What `/api/v1/openapi.json` of a running server says, written by `UPDATE=1 cargo test -p server --test reference`. Settings, limits and what is kept: \
    [server.md](server.md); what an attacker is kept from: [security.md](security.md).\n";

/// What is not JSON.
const BYTES: &str = "application/octet-stream";

/// The document as Markdown: operations with what they take and answer, then the types.
fn reference(document: &Value) -> String {
    let mut out = HEAD.to_owned();
    for (path, methods) in members(&document["paths"]) {
        for (method, described) in members(methods) {
            let _ = write!(out, "\n## {} {path}\n\n", method.to_uppercase());
            operation(&mut out, described);
        }
    }
    for (name, schema) in members(&document["components"]["schemas"]).filter(|(_, of)| of["properties"].is_object()) {
        let _ =
            write!(out, "\n## {name}\n\n{}\n\n| field | type | is |\n|---|---|---|\n", text(&schema["description"]));
        for (field, of) in members(&schema["properties"]) {
            let _ = writeln!(out, "| `{field}` | {} | {} |", type_of(of), text(&of["description"]));
        }
    }
    out
}

/// What an operation does, takes and answers.
fn operation(out: &mut String, described: &Value) {
    let said = ["summary", "description"].map(|part| text(&described[part]));
    let _ = writeln!(out, "{}\n", said.join(" ").trim());
    let parameters = described["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        let _ = writeln!(out, "| takes | in | needed | is |\n|---|---|---|---|");
    }
    for one in parameters {
        let needed = if one["required"] == true { "yes" } else { "" };
        let [name, place, about] = ["name", "in", "description"].map(|part| text(&one[part]));
        let _ = writeln!(out, "| `{name}` | {place} | {needed} | {about} |");
    }
    for (kind, body) in members(&described["requestBody"]["content"]) {
        let _ = writeln!(out, "\nBody: {}.", content(kind, body));
    }
    let apart = if parameters.is_empty() { "" } else { "\n" };
    let _ = writeln!(out, "{apart}| answers | with | when |\n|---|---|---|");
    for (status, answer) in members(&described["responses"]) {
        let bodies: Vec<String> = members(&answer["content"]).map(|(kind, body)| content(kind, body)).collect();
        let _ = writeln!(out, "| {status} | {} | {} |", bodies.join(", "), text(&answer["description"]));
    }
}

/// What a body is: its media type, and its type where it is one of ours.
fn content(kind: &str, body: &Value) -> String {
    match type_of(&body["schema"]) {
        of if kind == BYTES || of == "any" => format!("`{kind}`"),
        of => format!("`{kind}` {of}"),
    }
}

/// A text as a cell of a table shows it.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('|', "\\|").replace('\n', " ")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A schema in a word or two.
fn type_of(schema: &Value) -> String {
    if schema["$ref"].as_str().is_some_and(|name| name.ends_with("/i64")) {
        return "integer".to_owned();
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    let alternatives = schema["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
    if !alternatives.is_empty() {
        return alternatives.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    let plain = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        kind => kind.as_str().unwrap_or("any").to_owned(),
    };
    if plain == "array" { format!("list of {}", type_of(&schema["items"])) } else { plain }
}

#[tokio::test]
async fn the_reference_is_what_the_server_says() {
    let server = Running::start(Config { log: LogFormat::Off, ..Config::default() }).await;
    let answer = reqwest::get(server.url("/api/v1/openapi.json")).await.expect("answer");
    let said = reference(&answer.json().await.expect("JSON"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &said).expect("docs can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == said, "docs/api.md is old: UPDATE=1 cargo test -p server --test reference");
}
