//! Reading files: scenarios in JSON or YAML, and anything else as bytes.

use crate::failure::{Failure, note_line};
use crate::output::plain;
use scenario::v1::Map;
use scenario::{Parsed, Problem, Scenario, json};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};

/// Largest scenario or map that is read; real ones are a few kilobytes.
const LIMIT: u64 = 32 * 1024 * 1024;

/// What a path is called in messages.
pub(crate) fn name(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// Opens a file, or standard input for `-`.
pub(crate) fn open(path: &str) -> Result<Box<dyn Read>, Failure> {
    if path == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|cause| unreadable(path, &cause))?;
    // Opening a folder works on Unix; only reading it fails, with a message that says little.
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Failure::input(path, "is a folder", "give a file in it"));
    }
    Ok(Box::new(file))
}

/// A problem with reading.
pub(crate) fn unreadable(path: &str, cause: &io::Error) -> Failure {
    let remedy = match cause.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "check who may read it",
        _ => "check the file",
    };
    Failure::input(name(path), format!("cannot be read ({})", plain(cause)), remedy)
}

/// The whole of a text that is no scenario, such as a comment.
pub(crate) fn any_text(path: &str) -> Result<String, Failure> {
    text(path)
}

/// The whole of a text file.
fn text(path: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    open(path)?.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|cause| unreadable(path, &cause))?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::input(
            name(path),
            "is larger than 32 MB",
            "a scenario is a few kilobytes; check the file",
        ));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::input(name(path), "is not text", "give a scenario in JSON or YAML"))?;
    if text.trim().is_empty() {
        return Err(Failure::input(name(path), "is empty", "give a scenario in JSON or YAML"));
    }
    Ok(text)
}

/// A document in JSON, or in YAML with the same keys.
pub(crate) fn document(path: &str) -> Result<Value, Failure> {
    let text = text(path)?;
    let text = text.trim_start_matches('\u{feff}');
    // Most YAML parsers take JSON too, but only a JSON parser explains broken JSON well.
    let json = text.trim_start().starts_with(['{', '[']);
    let read =
        if json { json::read(text) } else { json::read_from(serde_norway::Deserializer::from_str(text), "YAML") };
    let value = read.map_err(|problems| located(path, problems))?;
    if value.is_object() || value.is_array() {
        return Ok(value);
    }
    Err(Failure::input(name(path), "holds no document", "give a scenario in JSON or YAML"))
}

/// A document that is not alone, whose problems say of which file they are.
pub(crate) fn other_document(path: &str) -> Result<Value, Failure> {
    document(path).map_err(|failure| of_file(path, failure))
}

/// A map that is used without a scenario.
pub(crate) fn map(path: &str) -> Result<Map, Failure> {
    let map = document(path).and_then(|map| scenario::parse_map(map).map_err(Failure::Input));
    map.map_err(|failure| of_file(path, failure))
}

/// A scenario; what a reader should know about it goes to standard error.
pub(crate) fn scenario(path: &str) -> Result<Scenario, Failure> {
    parsed(path, document(path)?)
}

/// A scenario with the map of another file in it, so that one check sees both and names every problem's place.
pub(crate) fn scenario_with_map(path: &str, map: Option<&str>) -> Result<Scenario, Failure> {
    let mut scenario = document(path)?;
    if let Some(map) = map {
        let map = other_document(map)?;
        if let Some(keys) = scenario.as_object_mut() {
            keys.insert("map".to_owned(), map);
        }
    }
    parsed(path, scenario)
}

/// A scenario from a document that was read from a path.
fn parsed(path: &str, document: Value) -> Result<Scenario, Failure> {
    let parsed = checked(path, document)?;
    for note in &parsed.notes {
        note_line(&note.to_string());
    }
    Ok(parsed.scenario)
}

fn checked(path: &str, document: Value) -> Result<Parsed, Failure> {
    scenario::parse_value(document).map_err(|problems| located(path, problems))
}

/// Several scenarios; the problems of all of them at once and what to know of them, each with its file's name.
pub(crate) fn scenarios(paths: &[impl AsRef<str>]) -> Result<Vec<Scenario>, Failure> {
    let mut read = Vec::new();
    let mut problems = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        match document(path).and_then(|document| checked(path, document)) {
            Ok(parsed) => {
                parsed.notes.into_iter().for_each(|note| note_line(&prefixed(path, note).to_string()));
                read.push(parsed.scenario);
            }
            Err(Failure::Input(found)) => problems.extend(found.into_iter().map(|problem| prefixed(path, problem))),
            Err(other) => return Err(other),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(Failure::Input(problems)) }
}

/// A problem of the whole document is the file's; others keep their place in the document.
fn located(path: &str, problems: Vec<Problem>) -> Failure {
    let with_file = |problem: Problem| {
        if problem.path.is_empty() { Problem { path: name(path).to_owned(), ..problem } } else { problem }
    };
    Failure::Input(problems.into_iter().map(with_file).collect())
}

/// A failure whose problems name the file they are of.
fn of_file(path: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Input(problems) => {
            Failure::Input(problems.into_iter().map(|problem| prefixed(path, problem)).collect())
        }
        other => other,
    }
}

/// A problem with the file it is of before its path.
pub(crate) fn prefixed(path: &str, problem: Problem) -> Problem {
    let file = name(path);
    match problem.path.as_str() {
        whole if whole == file => problem,
        "" => Problem { path: file.to_owned(), ..problem },
        place => Problem { path: format!("{file}: {place}"), ..problem },
    }
}
