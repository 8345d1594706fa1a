//! Standard output and output files.

use crate::failure::Failure;
use serde::Serialize;
use std::fs;
use std::io::{self, ErrorKind, Write};

/// Writes text to standard output.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(unwritable)
}

/// Writes a value as indented JSON to standard output.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    text(&to_json(value)?)
}

/// Writes text to a file, or to standard output for `-` or no path.
pub(crate) fn to(path: Option<&str>, content: &str) -> Result<(), Failure> {
    match path {
        None | Some("-") => text(content),
        Some(path) => fs::write(path, content).map_err(|cause| {
            Failure::input(path, format!("cannot be written ({})", plain(&cause)), "choose a place you may write to")
        }),
    }
}

/// A value as one line of JSON.
pub(crate) fn to_line<T: Serialize>(value: &T) -> Result<String, Failure> {
    let mut out = serde_json::to_string(value).map_err(unwritable_value)?;
    out.push('\n');
    Ok(out)
}

/// A value as indented JSON with a final newline.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    let mut out = serde_json::to_string_pretty(value).map_err(unwritable_value)?;
    out.push('\n');
    Ok(out)
}

fn unwritable_value(cause: serde_json::Error) -> Failure {
    Failure::fault("headroom", format!("internal fault: {cause}"), "this is a defect; please report it")
}

fn unwritable(cause: io::Error) -> Failure {
    if cause.kind() == ErrorKind::BrokenPipe {
        return Failure::ReaderGone;
    }
    Failure::fault("standard output", format!("cannot be written ({})", plain(&cause)), "check where it goes to")
}

/// The system's reason without its error number.
pub(crate) fn plain(cause: &io::Error) -> String {
    let text = cause.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}
