//! Sizes that keep a file, a component and the worker's shell within one reading.

use super::Violation;
use super::source::{Source, code_lines_in, item_end, line_at};

/// Lines of code in a file, its test module aside.
const FILE: usize = 400;
/// Lines of code in a file of tests: rows of data are read one at a time.
const ROWS: usize = 800;
/// Lines of code in a UI component.
const COMPONENT: usize = 120;
/// Lines of code in all of the worker's shell.
const SHELL: usize = 100;

/// Checks one file and the components in it.
pub fn check_file(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    let lines = source.code_lines();
    let limit = if source.is_test() { ROWS } else { FILE };
    if lines > limit {
        let what = format!("{lines} lines of code, the limit is {limit}");
        violations.push(Violation {
            path: source.path.clone(),
            line: 0,
            what,
            remedy: "split it by concept".to_owned(),
        });
    }
    for (start, _) in source.product.match_indices("#[component]") {
        let lines = code_lines_in(&source.product, start..item_end(&source.product, start));
        if lines > COMPONENT {
            violations.push(Violation {
                path: source.path.clone(),
                line: line_at(&source.product, start),
                what: format!("a component of {lines} lines, the limit is {COMPONENT}"),
                remedy: "take parts of it out as components of their own, and figures into a view model".to_owned(),
            });
        }
    }
    violations
}

/// Checks the worker's shell as a whole.
pub fn check_shell(files: &[(String, String)]) -> Vec<Violation> {
    let shell = files.iter().filter(|(path, _)| path.starts_with("crates/worker-shell/src/") && path.ends_with(".rs"));
    let lines: usize = shell.map(|(path, text)| Source::new(path.as_str(), text.as_str()).code_lines()).sum();
    if lines <= SHELL {
        return Vec::new();
    }
    vec![Violation {
        path: "crates/worker-shell/src".to_owned(),
        line: 0,
        what: format!("{lines} lines of code, the limit is {SHELL}"),
        remedy: "move what can be tested natively into crates/worker".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "let a = 1;\n".repeat(count)
    }

    #[test]
    fn the_limits_hold() {
        for (row, text, violations) in [
            ("a file at its limit", lines(FILE), 0),
            ("a file over it", lines(FILE + 1), 1),
            ("documentation does not count", "/// Words.\n".repeat(2 * FILE), 0),
            ("a small component", format!("#[component]\nfn A() {{\n{}}}\n", lines(50)), 0),
            ("a large component", format!("#[component]\nfn A() {{\n{}}}\n", lines(COMPONENT)), 1),
        ] {
            assert_eq!(check_file(&Source::new("app/src/a.rs", text)).len(), violations, "{row}");
        }
    }

    #[test]
    fn the_shell_is_counted_as_a_whole() {
        let files = |each: usize| {
            ["main.rs", "port.rs"].map(|name| (format!("crates/worker-shell/src/{name}"), lines(each))).to_vec()
        };
        assert_eq!(check_shell(&files(SHELL / 2)).len(), 0);
        assert_eq!(check_shell(&files(SHELL / 2 + 1)).len(), 1);
    }
}
