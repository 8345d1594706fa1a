//! `cargo xtask bench`: the benchmarks, which the tests leave out.

use crate::command;
use crate::project::Project;
use crate::steps::Steps;

/// `cargo xtask bench [-p PACKAGE] [FILTER]`: everything, or what is named.
pub fn run(project: &Project, arguments: &[String], steps: &mut Steps) {
    steps.step("benchmarks", |_| command::run(project.cargo().arg("bench").args(scope(arguments)).args(arguments)));
}

fn scope(arguments: &[String]) -> &'static [&'static str] {
    let names_package = arguments.iter().any(|argument| argument == "-p" || argument == "--package");
    if names_package { &[] } else { &["--workspace", "--benches"] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_package_is_not_widened() {
        assert!(scope(&["-p".to_owned(), "engine".to_owned()]).is_empty());
        assert_eq!(scope(&[]), ["--workspace", "--benches"]);
    }
}
