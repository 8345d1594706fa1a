//! What the benches print, as figures.

/// One figure.
#[derive(Debug, PartialEq)]
pub struct Figure {
    /// The name it is printed with.
    pub what: String,
    /// Value and unit, as printed.
    pub shown: String,
    /// Nanoseconds of a unit of work: of a run, a request, an event, a byte.
    pub nanoseconds: f64,
}

/// Figures of Criterion (`NAME time: [low middle high]`), of our own benches (`NAME: 75.2 ns …`, `NAME in 0.26 s`, `NAME: 17.9 million
/// events/s`, `NAME: 24500/s, …`) and of reading (`NAME 449 MB/s, …`).
pub fn figures(said: &str) -> Vec<Figure> {
    let mut found = Vec::new();
    let mut title = "";
    for line in said.lines().map(str::trim).filter(|line| !line.starts_with("Benchmarking")) {
        found.extend(criterion(line, title).or_else(|| reading(line)).or_else(|| named(line)));
        title = line;
    }
    found
}

/// A long name stands on the line before.
fn criterion(line: &str, title: &str) -> Option<Figure> {
    let (name, rest) = line.split_once("time:")?;
    let inner: Vec<&str> = rest.trim().trim_matches(['[', ']']).split_whitespace().collect();
    let name = if name.trim().is_empty() { title } else { name.trim() };
    read(name, inner.get(2)?, inner.get(3)?)
}

fn reading(line: &str) -> Option<Figure> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let place = words.iter().position(|word| bare(word) == "MB/s")?;
    read(&words.get(..place.checked_sub(1)?)?.join(" "), words.get(place - 1)?, "MB/s")
}

fn named(line: &str) -> Option<Figure> {
    let (name, rest) = line.split_once(": ").or_else(|| line.split_once(" in "))?;
    let words: Vec<&str> = rest.split_whitespace().map(bare).collect();
    let value = words.first()?;
    match value.strip_suffix("/s") {
        Some(rate) => read(name, rate, "/s"),
        None if words.get(1..3) == Some(&["million", "events/s"]) => read(name, value, "million events/s"),
        None => read(name, value, words.get(1)?),
    }
}

fn bare(word: &str) -> &str {
    word.trim_end_matches([',', ':', ';'])
}

fn read(what: &str, value: &str, unit: &str) -> Option<Figure> {
    let number: f64 = value.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite())?;
    let nanoseconds = match unit {
        "ps" => number * 1e-3,
        "ns" => number,
        "µs" | "us" => number * 1e3,
        "ms" => number * 1e6,
        "s" => number * 1e9,
        "MB/s" | "million events/s" => 1e3 / number,
        "/s" => 1e9 / number,
        _ => return None,
    };
    let gap = if unit == "/s" { "" } else { " " };
    Some(Figure { what: what.trim().replace('|', "/"), shown: format!("{value}{gap}{unit}"), nanoseconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bench_is_read_as_it_prints() {
        // Printed, name, nanoseconds.
        let rows = [
            (
                "a b (goal 3 us)\n                        time:   [949.08 ns 979.90 ns 1.0162 µs]",
                "a b (goal 3 us)",
                979.9,
            ),
            ("short                   time:   [1.0 ms 1.5 ms 2.0 ms]", "short", 1.5e6),
            ("W1: 75.2 ns a request (least 70.0), 26.6 million nominal events a second", "W1", 75.2),
            ("W2, 100000 requests: 145 ns a request", "W2, 100000 requests", 145.0),
            ("1,000 samples x 10 multiples in 0.260 s", "1,000 samples x 10 multiples", 0.26e9),
            ("JTL CSV            449 MB/s, wanted 300: 268 MB, 9 requests", "JTL CSV", 1e3 / 449.0),
            ("Gatling log        120 MB/s: 268 MB, 9 requests, peak memory 12 MB", "Gatling log", 1e3 / 120.0),
            ("one worker: 17.9 million events/s from click to figures; drawn", "one worker", 1e3 / 17.9),
            (
                "reads of 20 KB, 16 connections: 24500/s, p50 0.60 ms, 0 errors",
                "reads of 20 KB, 16 connections",
                1e9 / 24500.0,
            ),
            (
                "the whole plan of 12 components (goal 4 s): 1.800 s at first, 1.700 s",
                "the whole plan of 12 components (goal 4 s)",
                1.8e9,
            ),
        ];
        for (said, name, nanoseconds) in rows {
            let found = figures(&format!("Benchmarking a b: Warming up\n{said}\n"));
            assert_eq!(found.len(), 1, "{said}: {found:?}");
            assert_eq!((found[0].what.as_str(), found[0].nanoseconds), (name, nanoseconds), "{said}");
        }
        for said in [
            "nothing here",
            "finished in 3.2",
            "memory at rest: 12.4 MB",
            "a: 0 ns",
            "a: inf s",
            "test result: ok. 1 passed; finished in 1.20s",
            ": ",
            "MB/s",
        ] {
            assert_eq!(figures(said), [], "{said}");
        }
    }
}
