//! The table of `docs/performance.md`: written, read back, compared with.

use super::figures::Figure;
use crate::steps::{Result, Trouble};
use std::fmt::Write as _;
use std::path::Path;

/// Where the table stands.
const BEGIN: &str = "<!-- measured: written by `cargo xtask bench --record` -->";
const END: &str = "<!-- end of what was measured -->";

/// A ratio this much above the recorded one is named.
const SLOWER: f64 = 1.4;

/// What one program measured.
pub struct Section {
    pub title: &'static str,
    /// What runs it alone.
    pub command: String,
    /// Each figure, and its ratio to the pace.
    pub found: Vec<(Figure, f64)>,
}

/// A row as recorded: section, name, ratio.
type Row = (String, String, f64);

/// Puts a section in the place of the one of its title, or after all others.
pub fn write(path: &Path, section: &Section) -> Result<()> {
    Ok(std::fs::write(path, renewed(&std::fs::read_to_string(path)?, section)?)?)
}

fn renewed(page: &str, section: &Section) -> Result<String> {
    let (before, inside, after) = parts(page)?;
    let (new, head) = (table(section), format!("### {}\n", section.title));
    let mut found = false;
    let mut text = String::new();
    for (place, old) in inside.split("### ").enumerate() {
        let old = if place == 0 { String::new() } else { format!("### {}\n\n", old.trim_end()) };
        found |= old.starts_with(&head);
        text += if old.starts_with(&head) { &new } else { &old };
    }
    if !found {
        text += &new;
    }
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", text.trim_end()))
}

/// Fails where a figure is slower than recorded, or a recorded one of this section is missing.
pub fn compare(path: &Path, section: &Section) -> Result<()> {
    let (lines, complaints) = against(&std::fs::read_to_string(path)?, section)?;
    lines.iter().for_each(|line| println!("{line}"));
    if complaints.is_empty() { Ok(()) } else { Err(Trouble::Failed(complaints.join("; "))) }
}

/// What is before, inside and after the marks.
fn parts(page: &str) -> Result<(&str, &str, &str)> {
    page.split_once(BEGIN)
        .and_then(|(before, rest)| rest.split_once(END).map(|(inside, after)| (before, inside, after)))
        .ok_or_else(|| Trouble::Failed("docs/performance.md has lost the marks of its table".into()))
}

fn table(Section { title, command, found }: &Section) -> String {
    let mut text = format!("### {title}\n\n`{command}`\n\n| What | Figure | Ratio to the pace |\n|---|---|---|\n");
    for (figure, ratio) in found {
        let _ = writeln!(text, "| {} | {} | {ratio:.3} |", figure.what, figure.shown);
    }
    text + "\n"
}

/// A line for each figure, and what is to be complained of.
fn against(page: &str, section: &Section) -> Result<(Vec<String>, Vec<String>)> {
    let mut known = recorded(parts(page)?.1);
    known.retain(|row| row.0 == section.title);
    if known.is_empty() {
        let remedy = "`cargo xtask bench --record` writes them";
        return Err(Trouble::Failed(format!("docs/performance.md has no figures of \"{}\"; {remedy}", section.title)));
    }
    let (mut lines, mut complaints) = (Vec::new(), Vec::new());
    for (figure, ratio) in &section.found {
        let what = &figure.what;
        let Some(row) = known.iter().find(|row| row.1 == *what) else {
            lines.push(format!("{what}: {} (not recorded)", figure.shown));
            continue;
        };
        let times = ratio / row.2;
        lines.push(format!("{what}: {} ({times:.2} times what is recorded)", figure.shown));
        if times > SLOWER {
            complaints.push(format!("{what} takes {times:.2} times what is recorded"));
        }
    }
    let lost = known.iter().filter(|row| section.found.iter().all(|found| found.0.what != row.1));
    complaints.extend(lost.map(|row| format!("{} is recorded and was not measured", row.1)));
    Ok((lines, complaints))
}

fn recorded(inside: &str) -> Vec<Row> {
    let mut title = "";
    let mut rows = Vec::new();
    for line in inside.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("### ") {
            title = name;
        } else if line.starts_with("| ") {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            if let [what, _, ratio] = cells[..]
                && let Ok(ratio) = ratio.parse()
            {
                rows.push((title.to_owned(), what.to_owned(), ratio));
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &'static str, rows: &[(&str, f64)]) -> Section {
        let figure = |what: &str| Figure { what: what.into(), shown: "1 ns".into(), nanoseconds: 1.0 };
        let found = rows.iter().map(|(what, ratio)| (figure(what), *ratio)).collect();
        Section { title, command: "cargo bench".into(), found }
    }

    fn page(sections: &[Section]) -> String {
        let text: String = sections.iter().map(table).collect();
        format!("| W1 | before | 0.001 |\n{BEGIN}\n\n{}\n\n{END}\n| W1 | after | 0.001 |\n", text.trim_end())
    }

    #[test]
    fn a_row_is_compared_with_its_own() {
        let known = page(&[section("Natively", &[("W1", 2.0), ("W2", 3.0)]), section("In V8", &[("W1", 4.0)])]);
        // Measured, complaints.
        let rows: [(Section, &[&str]); 5] = [
            (section("Natively", &[("W1", 2.7), ("W2", 3.0)]), &[]),
            (section("Natively", &[("W1", 3.0), ("W2", 3.0)]), &["W1 takes 1.50 times what is recorded"]),
            (section("In V8", &[("W1", 5.5)]), &[]),
            (section("Natively", &[("W2", 3.0)]), &["W1 is recorded and was not measured"]),
            (section("In V8", &[("W1", 4.0), ("new", 9.0)]), &[]),
        ];
        for (measured, complaints) in rows {
            assert_eq!(against(&known, &measured).unwrap().1, complaints);
        }
        assert!(against(&known, &section("Nowhere", &[("W1", 2.0)])).is_err(), "nothing recorded is no pass");
        assert!(against("no marks", &section("Natively", &[])).is_err());
    }

    #[test]
    fn what_stands_around_a_section_stays() {
        let first = || section("Natively", &[("old", 2.0)]);
        let (second, new) = (section("In V8", &[("W1", 3.0)]), section("Natively", &[("W1", 2.5)]));
        assert_eq!(renewed(&page(&[]), &first()).unwrap(), page(&[first()]));
        let both = renewed(&page(&[first()]), &second).unwrap();
        assert_eq!(renewed(&both, &new).unwrap(), page(&[new, second]));
        assert!(renewed("no marks", &first()).is_err());
    }
}
