//! Standard output and output files.

use crate::failure::Failure;
use serde::Serialize;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process;

/// Writes text to standard output. Whoever reads it may stop reading; that changes nothing of how the run ends.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => Err(unwritable("standard output", &cause)),
        _ => Ok(()),
    }
}

/// Writes a value as indented JSON to standard output.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    text(&to_json(value)?)
}

/// Writes text to a file, or to standard output for `-` or no path.
pub(crate) fn to(path: Option<&str>, content: &str) -> Result<(), Failure> {
    match path {
        None | Some("-") => text(content),
        Some(path) => write(Path::new(path), content).map_err(|cause| unwritable(path, &cause)),
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

fn unwritable(path: &str, cause: &io::Error) -> Failure {
    Failure::fault(
        path,
        format!("cannot be written ({})", plain(cause)),
        "choose a place that has room and may be written to",
    )
}

/// Writes a file whole or not at all: what stood there before is often what the run has read. Beside it first, then in its place.
/// Written to as they are, and so perhaps in part: links, pipes, devices, files of another owner or with several names, and those
/// whose folder takes no new file.
fn write(path: &Path, content: &str) -> io::Result<()> {
    let stands = match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Some(found),
        Ok(_) => return fs::write(path, content),
        Err(_) => None,
    };
    // What may not be written to may not be replaced either.
    if stands.is_some() {
        fs::OpenOptions::new().write(true).open(path)?;
    }
    // Not named after the file, whose name may be as long as one can be.
    let beside = path.with_file_name(format!(".headroom.{}.tmp", process::id()));
    // With this process's number it is what one that was killed left.
    let _ = fs::remove_file(&beside);
    let file = match fs::OpenOptions::new().write(true).create_new(true).open(&beside) {
        Ok(file) => file,
        // A folder that takes no new file may hold one that can be written.
        Err(cause) if cause.kind() == ErrorKind::PermissionDenied => return fs::write(path, content),
        Err(cause) => return Err(cause),
    };
    let may_replace = stands.as_ref().is_none_or(|old| file.metadata().is_ok_and(|new| is_its_like(old, &new)));
    let filled = if may_replace { fill(file, content, stands) } else { Ok(()) };
    let replaced = may_replace && filled.is_ok() && fs::rename(&beside, path).is_ok();
    if !replaced {
        // The reason why it could not be written says more than that its rest could not be removed.
        let _ = fs::remove_file(&beside);
    }
    // There is room for it, or nobody knows; only its place cannot be taken, such as that of a file that is mounted.
    if replaced { Ok(()) } else { filled.and_then(|()| fs::write(path, content)) }
}

/// Whether a new file can stand for an old one: it has the same owner, and the old one no other name that would keep its content.
#[cfg(unix)]
fn is_its_like(old: &fs::Metadata, new: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    old.nlink() == 1 && (old.uid(), old.gid()) == (new.uid(), new.gid())
}

#[cfg(not(unix))]
fn is_its_like(_old: &fs::Metadata, _new: &fs::Metadata) -> bool {
    true
}

/// Fills a new file; who may read it is settled before there is anything to read.
fn fill(mut file: fs::File, content: &str, old: Option<fs::Metadata>) -> io::Result<()> {
    if let Some(old) = old {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// The system's reason without its error number.
pub(crate) fn plain(cause: &io::Error) -> String {
    let text = cause.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}
