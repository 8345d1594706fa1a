//! `cargo xtask size`: what a visitor downloads, against its budget.

use std::path::Path;

use super::compress;
use crate::project::Project;
use crate::steps::{Result, Steps, Trouble};

/// Most bytes each wasm file may have after gzip.
const BUDGET: usize = 250_000;

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
    println!("{:<44} {:>10} {:>10} {:>10} {:>10}", "bytes", "plain", "gzip", "brotli", "budget");
    let mut over = Vec::new();
    for file in &files {
        let budget = if file.is_wasm() { BUDGET.to_string() } else { String::new() };
        println!("{:<44} {:>10} {:>10} {:>10} {budget:>10}", file.name, file.plain, file.gzip, file.brotli);
        if file.is_over() {
            over.push(format!("{} has {} bytes after gzip, the budget is {BUDGET}", file.name, file.gzip));
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

    fn is_over(&self) -> bool {
        self.is_wasm() && self.gzip > BUDGET
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
    fn only_wasm_has_a_budget() {
        for (name, gzip, over) in
            [("app_bg.wasm", BUDGET, false), ("app_bg.wasm", BUDGET + 1, true), ("app.js", BUDGET + 1, false)]
        {
            let file = Download { name: name.to_owned(), plain: 2 * gzip, gzip, brotli: gzip };
            assert_eq!(file.is_over(), over, "{name} {gzip}");
        }
    }
}
