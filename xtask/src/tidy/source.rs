//! Rust source as the rules see it: comments, strings and test modules blanked, line numbers kept.

use std::collections::BTreeSet;
use std::ops::Range;

/// One Rust file.
pub struct Source {
    /// Its path relative to the root, with `/`.
    pub path: String,
    /// The text as it stands.
    pub text: String,
    /// The text without comments and the contents of strings.
    pub code: String,
    /// `code` without its `#[cfg(test)]` items.
    pub product: String,
}

/// A path such as `std::time::Instant` named in the code, `use` groups spelled out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The line it stands on, from 1.
    pub line: usize,
    /// Its segments.
    pub segments: Vec<String>,
}

impl Source {
    /// Reads a file's text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let code = blank_comments_and_strings(&text);
        let path = path.into();
        // Whoever declares such a file does so under `#[cfg(test)]`.
        let product = if path.contains("/src/") && is_test_file(&path) { String::new() } else { blank_tests(&code) };
        Source { path, text, code, product }
    }

    /// Whether the file holds tests or benchmarks only.
    pub fn is_test(&self) -> bool {
        is_test_file(&self.path)
    }

    /// Lines of code: neither blank nor comment, test modules aside.
    pub fn code_lines(&self) -> usize {
        self.product.lines().filter(|line| !line.trim().is_empty()).count()
    }

    /// Every path the product code names.
    pub fn mentions(&self) -> BTreeSet<Mention> {
        let tokens = tokens(&self.product);
        let mut mentions = BTreeSet::new();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].text == "use" {
                at = use_tree(&tokens, at + 1, &[], &mut mentions);
            } else if is_word(tokens[at].text) {
                at = plain_path(&tokens, at, &mut mentions);
            } else {
                at += 1;
            }
        }
        mentions
    }

    /// Every method called with a dot: its line and name.
    pub fn method_calls(&self) -> Vec<(usize, String)> {
        let tokens = tokens(&self.product);
        let calls =
            tokens.windows(3).filter(|three| three[0].text == "." && is_word(three[1].text) && three[2].text == "(");
        calls.map(|three| (three[1].line, three[1].text.to_owned())).collect()
    }
}

fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples" | "tests.rs"))
}

struct Token<'a> {
    line: usize,
    text: &'a str,
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                rest.find(|next: char| !(next.is_alphanumeric() || next == '_')).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token { line: number + 1, text: &rest[..length] });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Reads one branch of a `use` tree from `at`; gives where it ends.
fn use_tree(tokens: &[Token<'_>], mut at: usize, prefix: &[String], mentions: &mut BTreeSet<Mention>) -> usize {
    let mut segments = prefix.to_vec();
    let mut line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        match token.text {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}" && token.text != ";") {
                    at = use_tree(tokens, at, &segments, mentions);
                    if tokens.get(at).is_some_and(|token| token.text == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "as" => at += 2,
            word if is_word(word) || word == "*" => {
                line = token.line;
                segments.push(word.to_owned());
                at += 1;
            }
            _ => break,
        }
    }
    if segments.len() > prefix.len() {
        mentions.insert(Mention { line, segments });
    }
    // Whatever ends the branch belongs to the caller; at the top it is the closing semicolon.
    if prefix.is_empty() || tokens.get(at).is_none_or(|token| matches!(token.text, "," | "}" | ";")) {
        at
    } else {
        at + 1
    }
}

fn plain_path(tokens: &[Token<'_>], mut at: usize, mentions: &mut BTreeSet<Mention>) -> usize {
    let line = tokens[at].line;
    let mut segments = vec![tokens[at].text.to_owned()];
    at += 1;
    while tokens.get(at).is_some_and(|token| token.text == "::")
        && tokens.get(at + 1).is_some_and(|token| is_word(token.text))
    {
        segments.push(tokens[at + 1].text.to_owned());
        at += 2;
    }
    mentions.insert(Mention { line, segments });
    at
}

/// Replaces comments and what stands in strings by spaces, line by line.
fn blank_comments_and_strings(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blanked = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest, kept.chars().next_back()) {
            length
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        if blanked == 0 {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let is_comment = rest.starts_with('/');
            let mut quotes = if is_comment { "" } else { "\"\"" };
            for character in rest[..blanked].chars() {
                // A string stays visible as an empty one, so that its line still counts as code.
                let next = quotes.chars().next();
                kept.push(if character == '\n' { '\n' } else { next.unwrap_or(' ') });
                quotes = if character == '\n' || quotes.is_empty() { "" } else { &quotes[1..] };
            }
            rest = &rest[blanked..];
        }
    }
    kept
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a raw string such as `r#"…"#` at the start of `text`, if one starts there.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|before| before.is_alphanumeric() || before == '_') {
        return None;
    }
    let inner = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let body = inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |found| start + found + end.len()))
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    text.len()
}

/// The length of a character literal at the start of `text`; a lifetime has none.
fn character(text: &str) -> usize {
    let mut after = text.chars().skip(1);
    match (after.next(), after.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 0,
    }
}

/// Blanks every item under `#[cfg(test)]`.
fn blank_tests(code: &str) -> String {
    let mut kept = code.to_owned();
    let mut from = 0;
    while let Some(found) = kept[from..].find("#[cfg(test)]") {
        let start = from + found;
        let end = item_end(&kept, start);
        let blank: String =
            kept[start..end].chars().map(|character| if character == '\n' { '\n' } else { ' ' }).collect();
        kept.replace_range(start..end, &blank);
        from = start + blank.len();
    }
    kept
}

/// Where the item that starts at `start` ends: behind its block, or its semicolon.
pub fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0_i32;
    for (at, character) in code[start..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return start + at + 1;
                }
            }
            ';' if depth == 0 => return start + at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The line, from 1, of a byte position.
pub fn line_at(text: &str, position: usize) -> usize {
    text[..position].matches('\n').count() + 1
}

/// How many lines of code stand in a range.
pub fn code_lines_in(code: &str, range: Range<usize>) -> usize {
    code[range].lines().filter(|line| !line.trim().is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let source = Source::new("a.rs", text);
        source
            .mentions()
            .into_iter()
            .map(|mention| format!("{} {}", mention.line, mention.segments.join("::")))
            .collect()
    }

    #[test]
    fn use_groups_are_spelled_out_with_their_lines() {
        let text = "use std::{\n    collections::{BTreeMap, HashMap as Map},\n    time::Duration,\n};\nuse engine::model::*;\nfn a() {}";
        let all = paths(text);
        for expected in [
            "2 std::collections::BTreeMap",
            "2 std::collections::HashMap",
            "3 std::time::Duration",
            "5 engine::model::*",
        ] {
            assert!(all.contains(&expected.to_owned()), "{expected} in {all:?}");
        }
    }

    #[test]
    fn comments_strings_and_tests_say_nothing() {
        for text in [
            "// std::fs\n",
            "/* std::fs /* nested */ std::fs */",
            "const A: &str = \"std::fs\";",
            "const A: &str = r#\"std::fs \" std::fs\"#;",
            "const A: &str = \"\\\"std::fs\";",
            "#[cfg(test)]\nmod tests { use std::fs; }",
            "#[cfg(test)]\nuse std::fs;",
        ] {
            assert!(!paths(text).iter().any(|path| path.contains("std::fs")), "{text}");
        }
    }

    #[test]
    fn lifetimes_and_characters_are_told_apart() {
        for text in [
            "fn a<'a>(b: &'a str) { std::fs::read(b) }",
            "const A: char = '\"'; std::fs::read(b)",
            "let a = '\\''; std::fs::read(b)",
        ] {
            assert!(paths(text).iter().any(|path| path.ends_with("std::fs::read")), "{text}");
        }
    }

    #[test]
    fn code_lines_leave_out_comments_blanks_and_tests() {
        let text = "//! Doc\n\n/// Doc\nfn a() {\n    let b = \"\n    text\";\n}\n\n#[cfg(test)]\nmod tests {\n    fn c() {}\n}\n";
        assert_eq!(Source::new("a.rs", text).code_lines(), 4);
    }

    #[test]
    fn calls_are_methods_with_their_lines() {
        let source = Source::new("a.rs", "fn a(x: f64) -> f64 {\n    x.ln() + ln(x) + x.field\n}");
        assert_eq!(source.method_calls(), [(2, "ln".to_owned())]);
    }
}
