//! Tables and blocks as HTML text: what only shows figures needs no nodes that know each other.
//!
//! Everything that a person or a file wrote goes through [`escape`]. What can be clicked carries `data-act`; one listener around
//! the block hands its value to the page.

use std::fmt::Write;

/// Text that stands in HTML or SVG as it is.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            sign => out.push(sign),
        }
    }
    out
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(String),
    /// A figure that matters most in its row.
    Strong(String),
    /// Text with a smaller line under it.
    Noted(String, String),
    /// A figure in one of the level colours.
    Level(&'static str, String),
    /// Words in one of the level colours, with a smaller line under them.
    LevelNoted(&'static str, String, String),
    /// A word in a frame: class (`good`, `bad` or none) and text.
    Chip(&'static str, String),
    /// Where a quantity comes from.
    Source(String),
    /// A link to something on this page: text and action.
    Link(String, String),
    /// A button: text and action.
    Button(String, String),
    /// A drawing made by [`lane`], or other HTML made here.
    Made(String),
}

/// A cell's HTML.
fn cell(out: &mut String, cell: &Cell, label: &str) {
    let number = matches!(cell, Cell::Number(_) | Cell::Strong(_) | Cell::Level(..));
    out.push_str(if number { "<td class=\"number\"" } else { "<td" });
    if !label.is_empty() {
        let _ = write!(out, " data-label=\"{}\"", escape(label));
    }
    out.push('>');
    let _ = match cell {
        Cell::Text(text) | Cell::Number(text) => write!(out, "{}", escape(text)),
        Cell::Strong(text) => write!(out, "<b>{}</b>", escape(text)),
        Cell::Noted(text, note) if note.is_empty() => write!(out, "{}", escape(text)),
        Cell::Noted(text, note) => write!(out, "{}<div class=\"caption\">{}</div>", escape(text), escape(note)),
        Cell::Level(class, text) => write!(out, "<span class=\"level-{class}\">{}</span>", escape(text)),
        Cell::LevelNoted(class, text, note) => write!(
            out,
            "<span class=\"level-{class}\">{}</span><div class=\"caption\">{}</div>",
            escape(text),
            escape(note)
        ),
        Cell::Chip(class, text) => write!(out, "<span class=\"chip {class}\">{}</span>", escape(text)),
        Cell::Source(word) => write!(out, "<span class=\"source {0}\">{0}</span>", escape(word)),
        Cell::Link(text, act) => {
            write!(out, "<button class=\"link\" data-act=\"{}\">{}</button>", escape(act), escape(text))
        }
        Cell::Button(text, act) => {
            write!(out, "<button class=\"plain\" data-act=\"{}\">{}</button>", escape(act), escape(text))
        }
        Cell::Made(html) => write!(out, "{html}"),
    };
    out.push_str("</td>");
}

/// Columns from which on a phone shows a row as a block, each figure beside its column's name.
const WIDE: usize = 4;
/// Grids of short figures, which are read along a row: they scroll instead.
const GRIDS: [&str; 4] = ["certainty", "report-spend", "report-backtest", "question-preview"];
/// Tables of fewer columns that hold sentences or choices.
const WORDY: [&str; 2] = ["import-table", "mapping-table"];

/// A table in a region of its own, which scrolls where it is wider than the page. A heading that begins with `#` stands over figures.
pub fn table(hook: &str, head: &[String], rows: &[Vec<Cell>]) -> String {
    let names: Vec<&str> = head.iter().map(|name| name.trim_start_matches('#')).collect();
    let told: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    let stacks = names.len() >= WIDE && !GRIDS.contains(&hook) || WORDY.contains(&hook);
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><table{} data-testid=\"{}\">",
        escape(&crate::text::table_of(&told)),
        if stacks { " class=\"stacks\"" } else { "" },
        escape(hook)
    );
    if !head.is_empty() {
        out.push_str("<thead><tr>");
        for name in head {
            if name.is_empty() {
                out.push_str("<td></td>");
                continue;
            }
            let class = if name.starts_with('#') { " class=\"number\"" } else { "" };
            let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escape(name.trim_start_matches('#')));
        }
        out.push_str("</tr></thead>");
    }
    out.push_str("<tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (place, one) in row.iter().enumerate() {
            // What stands first names the block.
            let label = names.get(place).copied().filter(|_| stacks && place > 0).unwrap_or_default();
            cell(&mut out, one, label);
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// Headings of a table.
pub fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A block under a heading.
pub fn block(title: &str, caption: &str, inside: &str) -> String {
    let caption =
        if caption.is_empty() { String::new() } else { format!("<p class=\"caption\">{}</p>", escape(caption)) };
    format!("<div class=\"block\"><h2>{}</h2>{caption}{inside}</div>", escape(title))
}

/// A paragraph.
pub fn paragraph(class: &str, text: &str) -> String {
    format!("<p class=\"{class}\">{}</p>", escape(text))
}

/// A drawing across a cell, 1000 wide and 12 high.
pub fn lane(inside: &str) -> String {
    format!(
        "<svg class=\"bar-lane\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{inside}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let rows = vec![vec![
            Cell::Text("<script>alert(1)</script>".into()),
            Cell::Link("\"quoted\"".into(), "go:'x'\"><img>".into()),
            Cell::Chip("good", "a & b".into()),
            Cell::Noted("<i>".into(), "<u>".into()),
        ]];
        let made = table("t", &head(&["<b>", "#n"]), &rows);
        for bad in ["<script", "<img", "<i>", "<u>", "<b>", "\"quoted\""] {
            assert!(!made.contains(bad), "{bad} in {made}");
        }
        assert!(made.contains("<th scope=\"col\" class=\"number\">n</th>"), "{made}");
        assert!(made.contains("role=\"group\" aria-label=\"Table: &lt;b&gt;, n\""), "{made}");
    }

    #[test]
    fn a_wide_table_says_in_each_cell_what_it_is() {
        let rows = vec![vec![Cell::Strong("×1".into()), Cell::Text("as it stands".into()), Cell::Number("1".into())]];
        let wide = |hook: &str, names: &[&str]| table(hook, &head(names), &rows);
        let stacked = wide("plan-table", &["At", "Run with", "#p95", ""]);
        assert!(
            stacked.contains("class=\"stacks\"") && stacked.contains("<td class=\"number\"><b>×1</b>"),
            "{stacked}"
        );
        assert!(
            stacked.contains("<td data-label=\"Run with\">") && stacked.contains("data-label=\"p95\">1<"),
            "{stacked}"
        );
        for (hook, names) in [("certainty", &["a", "b", "c", "d"][..]), ("fit", &["a", "b", "c"]), ("bare", &[])] {
            assert!(!wide(hook, names).contains("stacks"), "{hook}");
        }
        assert!(wide("import-table", &["File", "Kind", "Found"]).contains("data-label=\"Kind\""));
    }
}
