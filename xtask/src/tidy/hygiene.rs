//! What must not be in any committed file: paths of one machine, secrets, unfinished work and silenced lints.

use super::Violation;
use super::source::{Source, line_at};

/// Checks the text of any file.
pub fn check(path: &str, text: &str) -> Vec<Violation> {
    let home = std::env::var("HOME").unwrap_or_default();
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let found = machine_path(line, &home)
            .map(|what| (what, "write it relative to the repository, or take it from a variable"));
        let found = found.or_else(|| secret(line).map(|what| (what, "take it out and revoke it: a commit is public")));
        if let Some((what, remedy)) = found {
            violations.push(Violation { path: path.to_owned(), line: number + 1, what, remedy: remedy.to_owned() });
        }
    }
    violations
}

/// Checks what only Rust code can hold.
pub fn check_rust(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    // Helpers beside tests may do what tests may.
    let nothing = String::new();
    let product = if source.is_test() { &nothing } else { &source.product };
    for (mark, text, remedy) in [
        ("#[ignore", &source.code, "run it, or move a long proof to `cargo xtask bench`"),
        ("allow(clippy::unwrap_used", product, "give the error to the caller"),
        ("allow(clippy::expect_used", product, "give the error to the caller"),
        ("allow(dead_code", product, "remove what nobody uses"),
        ("allow(unsafe_code", &source.code, "unsafe is forbidden"),
    ] {
        for (position, _) in text.match_indices(mark) {
            violations.push(Violation {
                path: source.path.clone(),
                line: line_at(text, position),
                what: format!("`{mark}`"),
                remedy: remedy.to_owned(),
            });
        }
    }
    violations
}

fn machine_path(line: &str, home: &str) -> Option<String> {
    // Spelled in two parts, so that this file keeps its own rule.
    let known = [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/")];
    let starts_path = |found: usize| {
        let before = line[..found].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '.' | '/' | '-' | '_' | '}'))
    };
    for folder in known {
        if let Some((found, _)) = line.match_indices(folder).find(|(found, _)| starts_path(*found)) {
            return Some(format!("a path of one machine: {}", first_word(&line[found..])));
        }
    }
    let is_telling = home.len() > 1;
    if is_telling && line.match_indices(&format!("{home}/")).any(|(found, _)| starts_path(found)) {
        return Some("a path in somebody's home folder".to_owned());
    }
    None
}

fn first_word(text: &str) -> &str {
    text.split(|end: char| end.is_whitespace() || matches!(end, '"' | '\'' | '`' | ')')).next().unwrap_or(text)
}

/// Openings of well-known secrets, and how many letters and digits follow.
const SECRETS: &[(&str, usize, &str)] = &[
    (concat!("AK", "IA"), 16, "an AWS access key"),
    (concat!("gh", "p_"), 36, "a GitHub token"),
    (concat!("github", "_pat_"), 22, "a GitHub token"),
    (concat!("xo", "xb-"), 10, "a Slack token"),
    (concat!("sk_", "live_"), 16, "a Stripe key"),
    (concat!("AI", "za"), 35, "a Google API key"),
];

fn secret(line: &str) -> Option<String> {
    if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") && !line.contains("line.contains") {
        return Some("a private key".to_owned());
    }
    for (opening, length, what) in SECRETS {
        for (found, _) in line.match_indices(opening) {
            let tail = &line[found + opening.len()..];
            let letters =
                tail.chars().take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '_')).count();
            if letters >= *length {
                return Some((*what).to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_secrets_are_found() {
        let key = format!("key = \"{}{}\"", concat!("AK", "IA"), "ABCDEFGHIJKLMNOP");
        let work = format!("cd {}main", concat!("/wo", "rk/"));
        let user = format!("see {}anna/notes", concat!("/ho", "me/"));
        let pem = format!("-----BEGIN RSA {} KEY-----", "PRIVATE");
        for (row, line, expected) in [
            ("a key", key.as_str(), 1),
            ("a private key", &pem, 1),
            ("a work folder", &work, 1),
            ("a home folder", &user, 1),
            ("a relative path", "see ../work/list.md", 0),
            ("a route", "GET /api/work/list", 0),
            ("a word", "this AKIAN word", 0),
        ] {
            assert_eq!(check("notes.md", line).len(), expected, "{row}");
        }
    }

    #[test]
    fn silenced_lints_are_found_outside_tests() {
        let ignore = format!("{}]\nfn a() {{}}", "#[ignore");
        let allow = format!("#[{}unwrap_used)]\nfn a() {{}}", "allow(clippy::");
        let in_tests = format!("#[cfg(test)]\nmod tests {{\n#![{}unwrap_used)]\n}}", "allow(clippy::");
        for (row, text, expected) in [("ignore", ignore, 1), ("allow", allow, 1), ("in tests", in_tests, 0)] {
            assert_eq!(check_rust(&Source::new("a.rs", text)).len(), expected, "{row}");
        }
    }
}
