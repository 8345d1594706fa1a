//! Whether a report printed for people is whole. Such a report has no closing bracket: that it was cut shows in what every whole one
//! of the tool has and this one has not.

use crate::measurements::{Measurements, Warning};
use crate::refusal::Refusal;

/// Words each of which stands once in a report of that kind, so that the second of them opens a second report.
const ONCE: [(&str, &[&str]); 16] = [
    ("wrk", &[" test @ ", "Thread Stats"]),
    ("wrk2", &[" test @ ", "Thread Stats"]),
    ("ab", &["This is ApacheBench", "Complete requests:"]),
    ("hey", &["Summary:", "Requests/sec:"]),
    ("oha-text", &["Success rate:", "Requests/sec:"]),
    ("siege", &["Availability:", "Elapsed time:"]),
    ("h2load", &["finished in ", "time for request:"]),
    ("httperf", &["Total: connections ", "Reply rate [replies/s]"]),
    ("loadtest", &["Target URL:", "Effective rps:"]),
    ("drill", &["Time taken for tests", "Requests per second"]),
    ("autocannon-text", &["│ Req/Sec"]),
    ("bombardier-text", &["Bombarding ", "HTTP codes:"]),
    ("vegeta-text", &["Latencies ", "Status Codes "]),
    ("vegeta-hist", &["Histogram"]),
    ("hdr-histogram", &["TotalCount"]),
    // The summary by groups and scenarios repeats the metrics of requests, but not this one.
    ("k6-console", &["vus_max."]),
];

/// Whether a file holds one report of that kind.
///
/// # Errors
/// It holds several: reading on would give the first of them, or a mixture, as if it were all.
pub fn one_report(kind: &str, text: &str) -> Result<(), Refusal> {
    let words = ONCE.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, words)| words);
    let most = words.iter().map(|word| (text.matches(word).count(), *word)).max_by_key(|(count, _)| *count);
    let Some((reports, word)) = most.filter(|(reports, _)| *reports > 1) else { return Ok(()) };
    let refusal = several(reports, "report");
    let second = text.match_indices(word).nth(1).map(|(place, _)| text[..place].matches('\n').count() as u64 + 1);
    Err(second.map_or(refusal.clone(), |line| refusal.at_line(line)))
}

/// The refusal of a file that holds this many reports (or runs), where it may hold one.
pub fn several(count: usize, of: &str) -> Refusal {
    Refusal::new(format!("one {of}"), format!("{count} {of}s in one file"))
        .remedy(format!("give one file each: every {of} is a level of its own"))
}

/// Parts of a report of wrk, whose descendant prints the same.
const WRK: &[(&str, &str)] = &[
    (" requests in ", "the requests and the duration"),
    ("Requests/sec:", "the failures"),
    ("Requests/sec:", "the rate"),
    ("Transfer/sec:", "the end"),
];

/// Words of a report in the order in which the tool prints them, and what stands there. Words apart by `|` stand for each other; the
/// last of a tool end its report.
const PARTS: [(&str, &[(&str, &str)]); 13] = [
    ("wrk", WRK),
    ("wrk2", WRK),
    (
        "ab",
        &[
            ("Total transferred:", "the failures"),
            ("Requests per second:", "the rate"),
            ("Time per request:", "the mean"),
            ("Connection Times", "the extremes"),
            ("Total:", "the extremes"),
            (LONGEST, "the percentiles"),
        ],
    ),
    (
        "hey",
        &[
            ("Requests/sec:", "the rate"),
            ("Latency distribution:|Error distribution:", "the percentiles"),
            ("Status code distribution:|Error distribution:", "the failures"),
        ],
    ),
    (
        "oha-text",
        &[
            ("Requests/sec:", "the rate"),
            ("distribution:", "the percentiles"),
            ("Status code distribution:|Error distribution:", "the failures"),
        ],
    ),
    ("siege", &[("Failed transactions:", "the failures"), ("Shortest transaction:", "the extremes")]),
    (
        "h2load",
        &[("requests:", "the requests"), ("status codes:", "the failures"), ("time for request:", "the latency")],
    ),
    (
        "httperf",
        &[("Reply time [ms]:", "the latency"), ("Reply status:", "the failures"), ("Errors: total", "the failures")],
    ),
    ("loadtest", &[("Total errors:", "the failures"), ("Mean latency:", "the mean"), ("100%", "the percentiles")]),
    (
        "drill",
        &[
            ("Total requests ", "the requests in all"),
            ("Requests per second", "the rate"),
            ("Median time per request", "the median in all"),
            ("99.9'th percentile", "the percentiles in all"),
        ],
    ),
    ("autocannon-text", &[(" requests in ", "the failures"), (" requests in ", "the requests and the duration")]),
    ("bombardier-text", &[("HTTP codes:", "the requests"), ("Throughput:", "the end")]),
    ("vegeta-text", &[("Latencies ", "the latency"), ("Status Codes ", "the failures"), ("Error Set:", "the end")]),
];

/// The end of ab's percentiles, and their heading: with -d, and of a single request, it prints neither.
const LONGEST: &str = "(longest request)";
const PERCENTILES: &str = "Percentage of the requests";

/// A report as far as it can be trusted.
pub struct Report<'a> {
    /// The report; a last line that may be half a line is not in it.
    pub text: &'a str,
    missing: Vec<&'static str>,
}

impl<'a> Report<'a> {
    /// Looks for what every whole report of that kind has.
    pub fn new(kind: &str, text: &'a str) -> Self {
        let parts = PARTS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, parts)| parts);
        let mut missing: Vec<&'static str> = Vec::new();
        let mut rest = text;
        for (words, what) in parts {
            let start = words.split('|').filter_map(|word| rest.find(word)).min();
            match start {
                Some(start) if missing.is_empty() => rest = &rest[start..],
                // A last line without its end may be half a line.
                None if *words == LONGEST
                    && missing.is_empty()
                    && !rest.contains(PERCENTILES)
                    && rest.ends_with('\n') => {}
                _ if missing.contains(what) => {}
                _ => missing.push(what),
            }
        }
        // Of `Requests/sec: 493.42` half a line leaves a rate of 49.
        let whole = if missing.is_empty() { text.len() } else { text.rfind('\n').map_or(0, |end| end + 1) };
        Self { text: &text[..whole], missing }
    }

    /// Says that the report ends early, and what is missing.
    pub fn say(&self, found: &mut Measurements) {
        if self.missing.is_empty() || found.warnings.iter().any(|warning| warning.code == "truncated") {
            return;
        }
        if self.missing.contains(&"the failures") {
            // Nobody knows how many there were, which is not none.
            let endpoints = found.endpoints.iter_mut().map(|endpoint| &mut endpoint.figures);
            for figures in found.totals.iter_mut().chain(endpoints) {
                figures.errors = None;
                figures.errors_by.clear();
            }
        }
        let text = match self.missing.as_slice() {
            ["the end"] => "The report ends early; its figures are there but for the last lines.".to_owned(),
            parts => {
                let parts: Vec<&str> = parts.iter().copied().filter(|part| *part != "the end").collect();
                format!("The report ends early: {} missing. The figures before are kept.", listed(&parts))
            }
        };
        found.warnings.push(Warning::new("truncated", &text).with("missing", self.missing.clone()));
    }
}

/// `the rate is`, `the mean and the rate are`.
fn listed(parts: &[&str]) -> String {
    match parts {
        [one] => format!("{one} {}", if one.ends_with('s') || one.ends_with(')') { "are" } else { "is" }),
        [before @ .., last] => format!("{} and {last} are", before.join(", ")),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_report_is_refused_at_its_line() {
        for (kind, text, found) in [
            ("wrk", "Running 1s test @ a\n Thread Stats\n", None),
            // The first has lost its first line, or the second its end.
            ("wrk", " Thread Stats\nRunning 1s test @ a\n Thread Stats\n", Some(("2 reports in one file", 3))),
            ("wrk", "Running 1s test @ a\n Thread Stats\nRunning 1s test @ a\n", Some(("2 reports in one file", 3))),
            ("hey", "Summary:\n\nSummary:\n\nSummary:\n", Some(("3 reports in one file", 3))),
            // Each has a section with these words.
            ("hey", "Summary:\nResponse time histogram:\nLatency distribution:\n", None),
            ("of another tool", "Summary:\nSummary:\n", None),
        ] {
            let refusal = one_report(kind, text).err();
            let known = refusal.as_ref().map(|refusal| (refusal.found.as_str(), refusal.line.unwrap_or(0)));
            assert_eq!(known, found, "{kind}: {text}");
            assert!(refusal.is_none_or(|refusal| refusal.remedy.starts_with("give one file each")));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let wrk = "Thread Stats\n  Latency    16.72ms\n  4940 requests in 10.01s, 1.86MB read\nRequests/sec:    493.42\nTransfer/sec:    190.42KB\n";
        for (kept, missing) in [
            ("", &[][..]),
            ("Transfer/sec:    190", &[]),
            ("Requests/sec:    493.42\n", &["the end"]),
            ("Requests/sec:    49", &["the end"]),
            ("1.86MB read\n", &["the failures", "the rate", "the end"]),
            ("Latency    16.72ms\n", &["the requests and the duration", "the failures", "the rate", "the end"]),
        ] {
            let end = wrk.find(kept).filter(|_| !kept.is_empty()).map_or(wrk.len(), |at| at + kept.len());
            let report = Report::new("wrk", &wrk[..end]);
            assert_eq!(report.missing, missing, "{kept}");
            assert!(report.text.ends_with('\n') || missing.is_empty(), "{kept}");
        }
        assert!(!Report::new("wrk", &wrk[..wrk.find("3.42").unwrap()]).text.contains("Requests/sec"));
        assert!(Report::new("of another tool", "x").missing.is_empty());
        let ab = "Total transferred: 9\nRequests per second: 9\nTime per request: 9\nConnection Times (ms)\nTotal:   7   46  37.9     34     238\n\n\
                  Percentage of the requests served within a certain time (ms)\n  50%     34\n 100%    238 (longest request)\n";
        for (cut, missing) in [
            // Whole, and whole with -d.
            ("", &[][..]),
            ("Percentage", &[]),
            ("8\n\nPercentage", &["the percentiles"]),
            (" 100%", &["the percentiles"]),
            ("Total:   7", &["the extremes", "the percentiles"]),
        ] {
            let end = ab.find(cut).filter(|_| !cut.is_empty()).unwrap_or(ab.len());
            assert_eq!(Report::new("ab", &ab[..end]).missing, missing, "{cut}");
        }
    }
}
