//! Whether `dist/` still is what the sources give: a fingerprint of everything the app is built from.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::project::Project;
use crate::steps::Result;

/// Everything the page, its worker or their bundling reads.
const INPUTS: &[&str] = &[
    "app",
    "crates",
    "public",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    ".cargo",
    "xtask/src/dist",
    // The versions of the bundler and of what cuts the page.
    "xtask/src/setup/mod.rs",
    "server/src/assets/policy.rs",
];

/// Folders below the inputs that no build of the app reads.
const NOT_READ: &[&str] = &["tests", "benches", "fixtures", "cli"];

/// A fingerprint of the sources, the compiler and the bundlers' versions.
pub fn of_inputs(project: &Project) -> Result<String> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(&project.root.join(input), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(&project.root).unwrap_or(&file).hash(&mut hasher);
        std::fs::read(&file)?.hash(&mut hasher);
    }
    crate::command::capture(std::process::Command::new("rustc").arg("-vV"))?.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let Ok(entries) = std::fs::read_dir(path) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if !NOT_READ.contains(&entry.file_name().to_string_lossy().as_ref()) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// Whether `dist/` was built from inputs with this fingerprint.
pub fn is_fresh(project: &Project, inputs: &str) -> bool {
    let built_from = std::fs::read_to_string(note(project)).unwrap_or_default();
    built_from == inputs && project.dist().join("index.html").is_file()
}

/// Notes what `dist/` was built from.
pub fn remember(project: &Project, inputs: &str) -> Result<()> {
    std::fs::create_dir_all(project.target.join("xtask"))?;
    Ok(std::fs::write(note(project), inputs)?)
}

/// Makes the next build a real one.
pub fn forget(project: &Project) {
    // Nothing noted yet is as good as forgotten.
    let _ = std::fs::remove_file(note(project));
}

fn note(project: &Project) -> PathBuf {
    project.target.join("xtask").join("dist-built-from")
}
