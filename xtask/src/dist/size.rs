//! `cargo xtask size`: what a visitor downloads, against its budget.

use std::path::Path;

use super::compress;
use crate::project::Project;
use crate::steps::{Result, Steps, Trouble};

/// Bytes that each wasm file is to come down to, after gzip.
const GOAL: usize = 250_000;

/// Most bytes each wasm file may have after gzip today: a little above what was measured, so that no change makes it worse
/// unseen. They go down, until they are the goal; up only for what was not there before: a page, a reader.
const CEILINGS: [(&str, usize); 5] =
    [("app", 176_000), ("part-bench", 285_000), ("worker", 406_000), ("importer", 1_056_000), ("analyst", 708_000)];

/// `cargo xtask size`.
pub fn run(project: &Project, _arguments: &[String], steps: &mut Steps) {
    steps.step("sizes against their budgets", |_| check(project));
}

/// Prints the table and fails when a wasm file is over its budget.
pub fn check(project: &Project) -> Result<()> {
    let files = downloads(&project.dist())?;
    if !files.iter().any(|file| file.is_wasm()) {
        return Err(Trouble::Failed("dist/ holds no wasm file: run `cargo xtask dist` first".to_owned()));
    }
    println!("{:<44} {:>10} {:>10} {:>10} {:>10}", "bytes", "plain", "gzip", "brotli", "ceiling");
    let mut over = Vec::new();
    for file in &files {
        let ceiling = file.ceiling();
        let shown = ceiling.map_or_else(String::new, |ceiling| ceiling.to_string());
        println!("{:<44} {:>10} {:>10} {:>10} {shown:>10}", file.name, file.plain, file.gzip, file.brotli);
        if let Some(ceiling) = ceiling.filter(|ceiling| file.gzip > *ceiling) {
            over.push(format!("{} has {} bytes after gzip, the ceiling is {ceiling}", file.name, file.gzip));
        } else if ceiling.is_some() && file.gzip > GOAL {
            println!("{} is {} bytes over its goal of {GOAL}", file.name, file.gzip - GOAL);
        }
    }
    let sum = |part: fn(&Download) -> usize| files.iter().map(part).sum::<usize>();
    println!(
        "{:<44} {:>10} {:>10} {:>10}",
        "all",
        sum(|file| file.plain),
        sum(|file| file.gzip),
        sum(|file| file.brotli)
    );
    if over.is_empty() { Ok(()) } else { Err(Trouble::Failed(over.join("; "))) }
}

struct Download {
    name: String,
    plain: usize,
    gzip: usize,
    brotli: usize,
}

impl Download {
    fn is_wasm(&self) -> bool {
        self.name.ends_with(".wasm")
    }

    /// What it may have after gzip; a wasm file of another name has the goal.
    fn ceiling(&self) -> Option<usize> {
        let own = CEILINGS.iter().find(|(name, _)| self.name.starts_with(name)).map_or(GOAL, |(_, ceiling)| *ceiling);
        self.is_wasm().then_some(own)
    }
}

/// What the first view loads: page, scripts, styles and wasm, the largest first.
fn downloads(folder: &Path) -> Result<Vec<Download>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder)
        .map_err(|_| Trouble::Failed("there is no dist/: run `cargo xtask dist`".to_owned()))?;
    for entry in entries {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if !matches!(extension.as_str(), "html" | "js" | "css" | "wasm") {
            continue;
        }
        let plain = std::fs::read(&path)?;
        let form = |suffix: &str, make: fn(&[u8]) -> Result<Vec<u8>>| {
            let kept = std::fs::read(path.with_extension(format!("{extension}.{suffix}")));
            kept.or_else(|_| make(&plain)).map(|form| form.len())
        };
        files.push(Download {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            gzip: form("gz", compress::gzip)?,
            brotli: form("br", compress::brotli)?,
            plain: plain.len(),
        });
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.plain));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wasm_has_a_ceiling() {
        let rows = [
            ("app-1f_bg.wasm", Some(CEILINGS[0].1)),
            ("part-bench-1f.wasm", Some(CEILINGS[1].1)),
            ("worker_bg.wasm", Some(CEILINGS[2].1)),
            ("other.wasm", Some(GOAL)),
            ("app.js", None),
        ];
        for (name, ceiling) in rows {
            let file = Download { name: name.to_owned(), plain: 9, gzip: 9, brotli: 9 };
            assert_eq!(file.ceiling(), ceiling, "{name}");
        }
    }
}
