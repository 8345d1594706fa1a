//! `cargo xtask bench --record` and `--compare`: the figures of `docs/performance.md`, each beside its ratio to a loop that knows
//! nothing of the product and runs just before it. A noisy machine slows both; the ratio is what is compared.

use crate::command;
use crate::project::Project;
use crate::steps::{Result, Steps, Trouble};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Where the table stands.
const BEGIN: &str = "<!-- measured: written by `cargo xtask bench --record` -->";
const END: &str = "<!-- end of what was measured -->";

/// A ratio this much above the recorded one is named.
const SLOWER: f64 = 1.4;

/// What is run: a title and the words after `cargo`.
const RUNS: [(&str, &[&str]); 5] = [
    ("The closed form", &["bench", "--quiet", "--package", "engine", "--bench", "analytic"]),
    ("The simulator: workloads", &["bench", "--quiet", "--package", "engine", "--bench", "sim_workloads"]),
    (
        "The simulator: how cost grows",
        &["bench", "--quiet", "--package", "engine", "--bench", "sim_workloads", "--", "growth"],
    ),
    ("Reading files", &["bench", "--quiet", "--package", "ingest", "--bench", "speed"]),
    ("A projection with its draws", &["run", "--quiet", "--release", "--package", "study", "--example", "speed"]),
];

/// One figure.
#[derive(Debug, PartialEq)]
struct Figure {
    what: String,
    /// As it was printed.
    shown: String,
    /// Nanoseconds of a unit of work: of a run, a request, a byte.
    nanoseconds: f64,
}

/// Measures everything; writes the table, or names what became slower than it says.
pub fn run(project: &Project, record: bool, steps: &mut Steps) {
    let mut sections = Vec::new();
    for (title, words) in RUNS {
        steps.step(title, |_| {
            sections.push((title, words, measured(project, words)?));
            Ok(())
        });
    }
    let path = project.root.join("docs/performance.md");
    let name = if record { "docs/performance.md" } else { "against docs/performance.md" };
    steps.step(name, |_| if record { write(&path, &sections) } else { compare(&path, &sections) });
}

type Section<'a> = (&'a str, &'a [&'a str], Vec<(Figure, f64)>);

fn measured(project: &Project, words: &[&str]) -> Result<Vec<(Figure, f64)>> {
    let cargo = |words: &[&str]| {
        let mut cargo = project.cargo();
        cargo.args(words);
        command::capture(&mut cargo)
    };
    // What is still to be compiled must not run beside the pace.
    let built: Vec<&str> = match words.split_first() {
        Some((&"bench", _)) => words.iter().take_while(|word| **word != "--").copied().chain(["--no-run"]).collect(),
        _ => ["build"].into_iter().chain(words.iter().skip(1).copied()).collect(),
    };
    cargo(&built)?;
    let pace = || -> Result<f64> {
        let said = cargo(&["run", "--quiet", "--release", "--package", "engine", "--example", "pace"])?;
        let step = figures(&said).into_iter().next().map(|figure| figure.nanoseconds);
        step.ok_or_else(|| Trouble::Failed("the pace was not said".into()))
    };
    let before = pace()?;
    let said = cargo(words)?;
    let step = 0.5 * (before + pace()?);
    let found = figures(&said);
    print!("{said}");
    if found.is_empty() {
        return Err(Trouble::Failed("no figure was printed".into()));
    }
    let with_ratio = |figure: Figure| {
        let ratio = figure.nanoseconds / step;
        (figure, ratio)
    };
    Ok(found.into_iter().map(with_ratio).collect())
}

/// Figures of Criterion (`NAME time: [low middle high]`), of our own benches (`NAME: 75.2 ns …`, `NAME in 0.26 s`) and of speeds
/// (`NAME 449 MB/s …`).
fn figures(said: &str) -> Vec<Figure> {
    let mut found = Vec::new();
    let mut title = String::new();
    for line in said.lines().filter(|line| !line.starts_with("Benchmarking")) {
        let split = |mark: &str| line.split_once(mark).map(|(name, rest)| (name.trim().to_owned(), rest.to_owned()));
        let figure = if let Some((name, rest)) = split("time:") {
            let inner: Vec<&str> = rest.trim().trim_matches(['[', ']']).split_whitespace().collect();
            let name = if name.is_empty() { title.clone() } else { name };
            inner.get(2).zip(inner.get(3)).and_then(|(value, unit)| read(&name, value, unit))
        } else if let Some((name, rest)) = split(": ").or_else(|| split(" in ")) {
            let mut words = rest.split_whitespace();
            words
                .next()
                .zip(words.next())
                .and_then(|(value, unit)| read(&name, value, unit.trim_end_matches(',')))
                .or_else(|| speed(line))
        } else {
            speed(line)
        };
        found.extend(figure);
        title = line.trim().to_owned();
    }
    found
}

fn speed(line: &str) -> Option<Figure> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let place = words.iter().position(|word| *word == "MB/s")?;
    read(&words.get(..place.checked_sub(1)?)?.join(" "), words.get(place - 1)?, "MB/s")
}

fn read(what: &str, value: &str, unit: &str) -> Option<Figure> {
    let number: f64 = value.parse().ok().filter(|number: &f64| *number > 0.0)?;
    let nanoseconds = match unit {
        "ps" => number * 1e-3,
        "ns" => number,
        "µs" | "us" => number * 1e3,
        "ms" => number * 1e6,
        "s" => number * 1e9,
        "MB/s" => 1e3 / number,
        _ => return None,
    };
    Some(Figure { what: what.replace('|', "/"), shown: format!("{value} {unit}"), nanoseconds })
}

fn table(sections: &[Section]) -> String {
    let mut text = String::new();
    for (title, words, found) in sections {
        let _ = writeln!(
            text,
            "\n### {title}\n\n`cargo {}`\n\n| What | Figure | Ratio to the pace |\n|---|---|---|",
            words.join(" ")
        );
        for (figure, ratio) in found {
            let _ = writeln!(text, "| {} | {} | {ratio:.3} |", figure.what, figure.shown);
        }
    }
    text
}

fn write(path: &PathBuf, sections: &[Section]) -> Result<()> {
    let page = std::fs::read_to_string(path)?;
    let place = page.find(BEGIN).zip(page.find(END)).filter(|(begin, end)| begin < end);
    let (begin, end) =
        place.ok_or_else(|| Trouble::Failed("docs/performance.md has lost the marks of its table".into()))?;
    std::fs::write(path, format!("{}{BEGIN}\n{}\n{}", &page[..begin], table(sections), &page[end..]))?;
    Ok(())
}

fn compare(path: &PathBuf, sections: &[Section]) -> Result<()> {
    let known = recorded(&std::fs::read_to_string(path)?);
    let mut slower = Vec::new();
    for (figure, ratio) in sections.iter().flat_map(|section| &section.2) {
        match known.iter().find(|(what, _)| *what == figure.what) {
            Some((what, before)) => {
                println!("{what}: {} ({:.2} times what is recorded)", figure.shown, ratio / before);
                if ratio / before > SLOWER {
                    slower.push(format!("{what}: {:.2} times", ratio / before));
                }
            }
            None => println!("{}: {} (not recorded)", figure.what, figure.shown),
        }
    }
    if slower.is_empty() {
        Ok(())
    } else {
        Err(Trouble::Failed(format!("slower than recorded: {}", slower.join("; "))))
    }
}

/// What and ratio of every row.
fn recorded(page: &str) -> Vec<(String, f64)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        Some((cells.first()?.to_string(), cells.get(2)?.parse().ok()?))
    };
    page.lines().filter(|line| line.starts_with("| ")).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_benches_print_them() {
        let said = "Benchmarking a b: Warming up\na b (goal 3 us)\n                        time:   [949.08 ns 979.90 ns 1.0162 µs]\nshort                   time:   [1.0 ms 1.5 ms 2.0 ms]\n\
                    W1: 75.2 ns a request (least 70.0), 27 million\n1,000 samples x 10 multiples in 0.260 s\nJTL CSV            449 MB/s (goal 300): 300 MB, 9 requests\nnothing here\n";
        let found = figures(said);
        let rows: Vec<(&str, f64)> = found.iter().map(|figure| (figure.what.as_str(), figure.nanoseconds)).collect();
        assert_eq!(
            rows,
            [
                ("a b (goal 3 us)", 979.9),
                ("short", 1.5e6),
                ("W1", 75.2),
                ("1,000 samples x 10 multiples", 0.26e9),
                ("JTL CSV", 1e3 / 449.0)
            ]
        );
        let text = table(&[("T", &["bench"], found.into_iter().map(|figure| (figure, 2.0)).collect())]);
        assert_eq!(recorded(&text).len(), 5, "{text}");
        assert_eq!(recorded(&text)[2], ("W1".to_owned(), 2.0));
    }
}
