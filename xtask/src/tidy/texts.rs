//! Every text that a person reads stands in `app/src/text`, in one place, to be translated.

use super::Violation;
use super::source::Source;

/// What belongs before a literal that nobody reads: classes of the style sheet, and why a lint is expected.
const NOT_READ: &[&str] = &["class=", "reason ="];

/// Literals of words in the page's code outside of its texts.
pub fn check(source: &Source) -> Vec<Violation> {
    if !source.path.starts_with("app/src/") || source.path.starts_with("app/src/text") {
        return Vec::new();
    }
    let literals = literals(source).into_iter();
    let spoken = literals.filter(|(_, before, literal)| {
        !NOT_READ.iter().any(|mark| before.trim_end().ends_with(mark))
            && is_words(&outside_tags(literal))
            && !is_selector(literal)
    });
    spoken
        .map(|(line, _, literal)| Violation {
            path: source.path.clone(),
            line,
            what: format!("a text of the page: \"{literal}\""),
            remedy: "put it into app/src/text under a name: all texts stand in one place, to be translated".to_owned(),
        })
        .collect()
}

/// Line, what stands before it on that line, and content of every string of the product code.
fn literals(source: &Source) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    // One character of the product code stands for one of the text; a string is seen as an empty one with blanks behind.
    let text: Vec<char> = source.text.chars().collect();
    let product: Vec<char> = source.product.chars().collect();
    let (mut line, mut before, mut at) = (1, String::new(), 0);
    while at < product.len() {
        let opens = text.get(at) == Some(&'"') && product[at] == '"';
        if opens {
            let mut end = at + 1;
            while end < text.len() && text[end] != '"' {
                end += if text[end] == '\\' { 2 } else { 1 };
            }
            let content: String = text[at + 1..end.min(text.len())].iter().collect();
            found.push((line, before.clone(), content));
            let passed = &text[at..end.min(text.len())];
            line += passed.iter().filter(|next| **next == '\n').count();
            before.push_str("\"\"");
            at = end + 1;
            continue;
        }
        if product[at] == '"' {
            // A character or a raw string, seen as an empty string too.
            at += 2;
        } else if product[at] == '\n' {
            line += 1;
            before.clear();
            at += 1;
        } else {
            before.push(product[at]);
            at += 1;
        }
    }
    found
}

/// A literal without tags of HTML, placeholders and escapes.
fn outside_tags(literal: &str) -> String {
    let mut kept = String::new();
    let mut inside = 0_u32;
    for next in literal.replace("\\\"", "'").chars() {
        match next {
            '<' | '{' => inside += 1,
            '>' | '}' => {
                inside = inside.saturating_sub(1);
                kept.push(' ');
            }
            _ if inside == 0 => kept.push(next),
            _ => {}
        }
    }
    kept
}

/// Whether it names elements, as a style sheet does: `button, [tabindex]`.
fn is_selector(literal: &str) -> bool {
    literal.contains('[') && literal.contains(']')
}

/// Whether two words stand beside each other.
fn is_words(text: &str) -> bool {
    let is_word = |part: &str| {
        let letters = part.trim_matches(|end: char| ",.:;!?()'".contains(end));
        letters.chars().count() >= 2 && letters.chars().all(char::is_alphabetic)
    };
    let parts: Vec<&str> = text.split(' ').collect();
    parts.windows(2).any(|two| is_word(two[0]) && is_word(two[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_outside_of_the_texts() {
        for (row, path, code, expected) in [
            ("a sentence", "app/src/page/plan.rs", "let a = \"nothing is lost\";", vec![1]),
            ("behind a placeholder", "app/src/ui/a.rs", "\nformat!(\"{count} of all\")", vec![2]),
            ("between tags", "app/src/ui/a.rs", "format!(\"<b class=\\\"big one\\\">so it goes</b>\")", vec![1]),
            (
                "after one of several lines",
                "app/src/ui/a.rs",
                "let a = \"M0 0\n L1 1\"; let b = \"two words\";",
                vec![2],
            ),
            ("tags only", "app/src/ui/a.rs", "format!(\"<b class=\\\"big one\\\">{}</b>\")", vec![]),
            ("a class", "app/src/ui/a.rs", "view! { <div class=\"row between\"></div> }", vec![]),
            ("why a lint", "app/src/ui/a.rs", "#[expect(lint, reason = \"it is so\")]", vec![]),
            ("a shape", "app/src/ui/a.rs", "icon(\"M3 8h10M8 3v10\")", vec![]),
            ("a quote as a character", "app/src/ui/a.rs", "find('\"', one, two); let a = \"of two\";", vec![1]),
            ("elements", "app/src/ui/a.rs", "all(\"button, select, a[href]\")", vec![]),
            ("one word", "app/src/ui/a.rs", "matches(\"async\")", vec![]),
            ("a comment", "app/src/ui/a.rs", "// \"as one says\"\n", vec![]),
            ("a test", "app/src/ui/a.rs", "#[cfg(test)]\nmod tests { fn a() { b(\"two words\") } }", vec![]),
            ("its place", "app/src/text/board.rs", "pub const A: &str = \"two words\";", vec![]),
            ("another crate", "crates/study/src/text.rs", "let a = \"two words\";", vec![]),
        ] {
            let lines: Vec<usize> =
                check(&Source::new(path, code)).into_iter().map(|violation| violation.line).collect();
            assert_eq!(lines, expected, "{row}");
        }
    }
}
