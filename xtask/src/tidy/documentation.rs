//! Each file says at its top what it is for. (Public items are the compiler's to check: `missing_docs`.)

use super::Violation;
use super::source::Source;

/// Checks one file.
pub fn check(source: &Source) -> Vec<Violation> {
    let is_product = source.path.contains("/src/") && !source.is_test();
    let opening = source.text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!"));
    if !is_product || opening.is_none_or(|line| line.starts_with("//!")) {
        return Vec::new();
    }
    vec![Violation {
        path: source.path.clone(),
        line: 1,
        what: "does not say what it is for".to_owned(),
        remedy: "open it with `//!`: what is computed or kept here, and what it never knows".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_files_open_with_their_purpose() {
        for (path, text, violations) in [
            ("crates/engine/src/lib.rs", "//! The science.\n", 0),
            ("crates/engine/src/lib.rs", "#![forbid(unsafe_code)]\n//! The science.\n", 0),
            ("crates/engine/src/lib.rs", "pub mod model;\n", 1),
            ("crates/engine/src/sim/tests.rs", "use super::*;\n", 0),
            ("crates/engine/tests/laws.rs", "use engine::model;\n", 0),
        ] {
            assert_eq!(check(&Source::new(path, text)).len(), violations, "{path}: {text}");
        }
    }
}
