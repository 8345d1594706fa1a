//! What a reader must know of the answer: the projection's warnings, those first that put the headline itself in doubt.

use super::html::escape;
use crate::text;
use std::fmt::Write;
use worker::protocol::WarningView;

/// Codes that put the headline itself in doubt.
const GRAVE: [&str; 2] = ["not-converged", "metastable"];

/// Whether a warning puts the headline itself in doubt.
fn is_grave(warning: &WarningView) -> bool {
    GRAVE.contains(&warning.code.as_str())
}

/// Whether one of them must be seen without asking.
pub fn opens(warnings: &[WarningView]) -> bool {
    warnings.iter().any(is_grave)
}

/// So many of them as a list, the grave ones first, and how many more there are; empty where there are none.
pub fn list(warnings: &[WarningView], most: usize) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let (grave, rest): (Vec<_>, Vec<_>) = warnings.iter().partition(|warning| is_grave(warning));
    let mut out = String::from("<ul>");
    for warning in grave.into_iter().chain(rest).take(most) {
        let place =
            if warning.path.is_empty() { String::new() } else { format!("<code>{}</code> ", escape(&warning.path)) };
        let _ = write!(out, "<li>{place}{}</li>", escape(&warning.text));
    }
    if warnings.len() > most {
        let _ = write!(out, "<li>{}</li>", text::and_more(warnings.len() - most));
    }
    out + "</ul>"
}

/// The line that unfolds them.
pub fn summary(warnings: &[WarningView]) -> String {
    text::know(warnings.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_warnings_are_listed_the_grave_first() {
        let of =
            |code: &str, path: &str| WarningView { code: code.into(), path: path.into(), text: format!("<{code}>") };
        let many: Vec<WarningView> = (0..7).map(|index| of("never-loaded", &format!("components.{index}"))).collect();
        let rows = [
            (Vec::new(), false, 0, ""),
            (many.clone(), false, 7, "<ul><li><code>components.0</code> &lt;never-loaded&gt;</li>"),
            ([many, vec![of("metastable", "")]].concat(), true, 8, "<ul><li>&lt;metastable&gt;</li>"),
        ];
        for (warnings, open, count, start) in rows {
            let html = list(&warnings, usize::MAX);
            assert_eq!((opens(&warnings), html.matches("<li>").count()), (open, count), "{html}");
            assert!(html.starts_with(start), "{html}");
            assert!(summary(&warnings).contains(&count.to_string()));
        }
    }
}
