//! `cargo xtask tidy`: the house rules of ARCHITECTURE.md, checked.
//!
//! Each rule gives violations; each violation names its place, what is wrong and what to do instead.

mod dependencies;
mod documentation;
mod hygiene;
mod imports;
mod licences;
mod sizes;
mod source;
mod texts;

use std::fmt;

use crate::command;
use crate::project::Project;
use crate::steps::{Result, Steps, Trouble};
use source::Source;

/// One place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, relative to the root; or a package.
    pub path: String,
    /// The line from 1; 0 stands for the whole file.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// What to do instead.
    pub remedy: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { path, line, what, remedy } = self;
        if *line == 0 {
            write!(formatter, "{path}: {what}\n    {remedy}")
        } else {
            write!(formatter, "{path}:{line}: {what}\n    {remedy}")
        }
    }
}

/// `cargo xtask tidy`.
pub fn run(project: &Project, _arguments: &[String], steps: &mut Steps) {
    check(project, steps);
}

/// Checks every rule as one step.
pub fn check(project: &Project, steps: &mut Steps) {
    steps.step("tidy", |_| {
        let files = tracked_files(project)?;
        let mut violations = Vec::new();
        for (path, text) in &files {
            violations.extend(hygiene::check(path, text));
            if path.ends_with(".rs") {
                let source = Source::new(path.as_str(), text.as_str());
                violations.extend(imports::check(&source));
                violations.extend(sizes::check_file(&source));
                violations.extend(documentation::check(&source));
                violations.extend(hygiene::check_rust(&source));
                violations.extend(texts::check(&source));
            }
        }
        violations.extend(sizes::check_shell(&files));
        violations.extend(dependencies::check(project)?);
        violations.extend(licences::check(project)?);
        violations.sort();
        for violation in &violations {
            println!("{violation}");
        }
        if violations.is_empty() {
            println!("{} files keep the house rules", files.len());
            return Ok(());
        }
        Err(Trouble::Failed(format!("{} places break the house rules", violations.len())))
    });
}

/// Every text file under version control, or about to be: its path with `/`, and its text.
fn tracked_files(project: &Project) -> Result<Vec<(String, String)>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(&project.root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = command::capture(&mut git)?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // What is not text, or is deleted but not staged yet, holds nothing to read.
        if let Ok(text) = std::fs::read_to_string(project.root.join(path)) {
            files.push((path.to_owned(), text));
        }
    }
    Ok(files)
}
