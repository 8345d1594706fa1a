//! Files of one run put together: several load generators that ran at the same time against the same endpoints are one load, and
//! a file given twice is one file.

use crate::measurements::{Endpoint, Figures, Level, Measurements, Warning};
use crate::read::time;
use crate::sense::fingerprints::same_requests;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the shorter run that must overlap with the longer one.
const OVERLAP: f64 = 0.8;
/// Share of the smaller set of endpoints that both must have.
const COMMON: f64 = 0.5;

/// Joins the files that are parts of one run; all others stay as they are, in their order. Clocks are aligned by the start of each
/// file. Percentiles are joined through histograms, and left out where there are none: they cannot be averaged.
pub fn merge_runs(files: Vec<Measurements>) -> Vec<Measurements> {
    // Copies first: a part of a joined run is not equal to it any more.
    let mut distinct: Vec<Measurements> = Vec::new();
    for file in files {
        if let Some(same) = distinct.iter_mut().find(|known| is_copy(known, &file)) {
            let text = "The same measurements were given twice; the copy is left out.";
            same.warnings.push(Warning::new("duplicate-file", text).with("file", file.file.as_str()));
            continue;
        }
        let mut longer = file;
        // A file may hold several slices of it.
        while let Some(place) = distinct.iter().position(|known| is_slice(known, &longer)) {
            let known = distinct.remove(place);
            longer = the_longer(known, longer);
        }
        distinct.push(longer);
    }
    let mut merged: Vec<Measurements> = Vec::new();
    for file in distinct {
        match merged.iter().position(|known| is_same_run(known, &file)) {
            Some(index) => merged[index] = join(&merged[index], &file),
            None => merged.push(file),
        }
    }
    merged
}

/// Start and end in seconds since the epoch.
fn span(file: &Measurements) -> Option<(f64, f64)> {
    let (start, _) = time::parse(file.started.as_deref()?)?;
    Some((start, start + file.duration_s?))
}

/// Whether both are the same load test or bill. Answers of a metrics system are told apart by their file's name only: two queries
/// may well give the same numbers.
fn is_copy(left: &Measurements, right: &Measurements) -> bool {
    let told_by_content = right.totals.is_some() || !right.costs.is_empty();
    let same_name = !right.series.is_empty() && base_name(&left.file) == base_name(&right.file);
    (told_by_content || same_name)
        && (&left.kind, &left.started, left.duration_s) == (&right.kind, &right.started, right.duration_s)
        && (&left.totals, &left.endpoints, &left.levels) == (&right.totals, &right.endpoints, &right.levels)
        && (&left.costs, &left.resources, &left.calls) == (&right.costs, &right.resources, &right.calls)
        && left.series == right.series
}

/// Whether one file holds the requests of the other, or part of them: two slices of a run, or a copy that was cut.
fn is_slice(left: &Measurements, right: &Measurements) -> bool {
    is_same_run(left, right) && same_requests(&left.fingerprints, &right.fingerprints)
}

/// The one with more requests, which says that the other was left out.
fn the_longer(left: Measurements, right: Measurements) -> Measurements {
    let requests = |file: &Measurements| file.totals.as_ref().and_then(|totals| totals.requests).unwrap_or(0);
    let (mut kept, out) = if requests(&right) > requests(&left) { (right, left) } else { (left, right) };
    let text = format!(
        "Second by second `{}` holds the same requests as `{}`: it is a slice or a cut copy of it and is left out.",
        base_name(&out.file),
        base_name(&kept.file)
    );
    let warning = Warning::new("duplicate-file", &text).with("file", out.file.as_str());
    kept.warnings.extend(out.warnings.into_iter().filter(|warning| warning.code == "duplicate-file"));
    kept.warnings.push(warning);
    kept
}

/// Last segment of a path of either kind.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn names(file: &Measurements) -> BTreeSet<&str> {
    file.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect()
}

/// Whether both are load tests of one kind that ran together against the same endpoints.
fn is_same_run(left: &Measurements, right: &Measurements) -> bool {
    let (Some(one), Some(two)) = (span(left), span(right)) else { return false };
    let shorter = (one.1 - one.0).min(two.1 - two.0);
    let together = one.1.min(two.1) - one.0.max(two.0);
    let (mine, theirs) = (names(left), names(right));
    let common = mine.intersection(&theirs).count() as f64;
    left.kind == right.kind
        && left.totals.is_some()
        && right.totals.is_some()
        && shorter > 0.0
        && together >= OVERLAP * shorter
        && common >= COMMON * mine.len().min(theirs.len()) as f64
}

fn join(left: &Measurements, right: &Measurements) -> Measurements {
    let (one, two) = (span(left).unwrap_or_default(), span(right).unwrap_or_default());
    let (start, end) = (one.0.min(two.0), one.1.max(two.1));
    let mut found = Measurements {
        file: format!("{} + {}", base_name(&left.file), base_name(&right.file)),
        started: time::rfc3339(start),
        duration_s: Some(end - start),
        totals: left.totals.as_ref().zip(right.totals.as_ref()).map(|(mine, theirs)| sum(mine, theirs)),
        endpoints: endpoints(&left.endpoints, &right.endpoints),
        levels: levels((&left.levels, one.0 - start), (&right.levels, two.0 - start)),
        ..left.clone()
    };
    for (file, part) in [(&left.file, &mut left.series.clone()), (&right.file, &mut right.series.clone())] {
        part.iter_mut().for_each(|series| {
            series.labels.entry("file".to_owned()).or_insert_with(|| file.clone());
        });
        if file == &left.file {
            found.series.clear();
        }
        found.series.append(part);
    }
    let known: BTreeSet<&str> = left.warnings.iter().map(|warning| warning.code.as_str()).collect();
    found.warnings.extend(right.warnings.iter().filter(|warning| !known.contains(warning.code.as_str())).cloned());
    found.warnings.retain(|warning| warning.code != "runs-merged");
    let text = "These files are generators of one run (same tool, same time, same endpoints): rates, users and counts are added. \
                Import them one by one if that is wrong.";
    found.warnings.push(Warning::new("runs-merged", text).with("files", found.file.as_str()));
    found
}

fn endpoints(left: &[Endpoint], right: &[Endpoint]) -> Vec<Endpoint> {
    let mut all = left.to_vec();
    for endpoint in right {
        match all.iter_mut().find(|known| known.name == endpoint.name) {
            Some(known) => known.figures = sum(&known.figures, &endpoint.figures),
            None => all.push(endpoint.clone()),
        }
    }
    all
}

/// Steady levels both files have, over the time they share; each list comes with the seconds its clock starts later.
fn levels(left: (&[Level], f64), right: (&[Level], f64)) -> Vec<Level> {
    let mut joined = Vec::new();
    for mine in left.0.iter().filter(|level| level.steady) {
        for theirs in right.0.iter().filter(|level| level.steady && level.endpoint == mine.endpoint) {
            let from_s = (mine.from_s + left.1).max(theirs.from_s + right.1);
            let to_s = (mine.to_s + left.1).min(theirs.to_s + right.1);
            let shorter = (mine.to_s - mine.from_s).min(theirs.to_s - theirs.from_s);
            if to_s - from_s >= OVERLAP * shorter {
                let figures = sum(&mine.figures, &theirs.figures);
                joined.push(Level { from_s, to_s, figures, ..mine.clone() });
            }
        }
    }
    joined
}

/// Two sets of requests together.
fn sum(left: &Figures, right: &Figures) -> Figures {
    let mut figures = crate::sense::tidy::sum(left, right);
    figures.users = left.users.zip(right.users).map(|(mine, theirs)| mine + theirs);
    let complete = |part: &Figures| part.requests == Some(part.histogram.iter().map(|(_, count)| count).sum());
    if complete(left) && complete(right) {
        let mut buckets: BTreeMap<u64, u64> = BTreeMap::new();
        for (upper, count) in left.histogram.iter().chain(&right.histogram) {
            // Positive numbers order like their bits.
            *buckets.entry(upper.to_bits()).or_default() += count;
        }
        figures.histogram = buckets.into_iter().map(|(bits, count)| (f64::from_bits(bits), count)).collect();
        for (name, quantile) in [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)] {
            let both = left.latency_ms.contains_key(name) && right.latency_ms.contains_key(name);
            figures = figures.clone().with(name, quantile_ms(&figures, quantile).filter(|_| both));
        }
    }
    figures
}

/// The quantile of the histogram, interpolated in its bucket.
fn quantile_ms(figures: &Figures, quantile: f64) -> Option<f64> {
    let wanted = quantile * figures.requests? as f64;
    let mut lower = figures.latency_ms.get("min").copied().unwrap_or(0.0);
    let mut below = 0.0;
    for (upper, count) in &figures.histogram {
        let count = *count as f64;
        if below + count >= wanted && count > 0.0 {
            // Buckets are at most a sixteenth wide; empty ones before this one are not written.
            let lower = lower.max(upper * (1.0 - 1.0 / 16.0));
            let most = figures.latency_ms.get("max").copied().unwrap_or(*upper);
            return Some((lower + (upper - lower) * (wanted - below) / count).min(most));
        }
        (below, lower) = (below + count, *upper);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, import_bytes};

    /// A JTL of one generator: `rate` requests a second for 60 s from `start_ms`.
    fn jtl(name: &str, start_ms: u64, rate: u64, latency_ms: u64) -> Measurements {
        let row = |index: u64| {
            format!("{},{},GET /a,200,true,{rate}\n", start_ms + index * 1000 / rate, latency_ms + index % 7)
        };
        let rows: String = (0..60 * rate).map(row).collect();
        let text = format!("timeStamp,elapsed,label,responseCode,success,allThreads\n{rows}");
        match import_bytes(name, text.as_bytes()) {
            Outcome::Measured(found) => *found,
            other => panic!("{other:?}"),
        }
    }

    /// The first rows of a JTL of 60 s at 40 a second and those from a row on.
    fn slice(name: &str, rows: std::ops::Range<u64>) -> Measurements {
        let row = |index: u64| {
            let latency_ms = 10 + index.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 41;
            format!("{},{latency_ms},GET /a,200,true,9\n", 1_700_000_000_000 + index * 25)
        };
        let text =
            format!("timeStamp,elapsed,label,responseCode,success,allThreads\n{}", rows.map(row).collect::<String>());
        match import_bytes(name, text.as_bytes()) {
            Outcome::Measured(found) => *found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_slice_of_a_file_is_no_second_generator() {
        for (name, files, requests, left_out) in [
            ("a cut copy", vec![slice("all.jtl", 0..2400), slice("cut.jtl", 0..1687)], 2400, 1),
            ("the longer comes last", vec![slice("tail.jtl", 900..2400), slice("all.jtl", 0..2400)], 2400, 1),
            (
                "three slices",
                vec![slice("a.jtl", 0..900), slice("b.jtl", 1200..2400), slice("all.jtl", 0..2400)],
                2400,
                2,
            ),
            (
                "a generator too",
                vec![slice("all.jtl", 0..2400), slice("cut.jtl", 0..1687), jtl("b.jtl", 1_700_000_000_000, 20, 10)],
                3600,
                1,
            ),
        ] {
            let merged = merge_runs(files);
            assert_eq!(merged.len(), 1, "{name}");
            assert_eq!(merged[0].totals.as_ref().unwrap().requests, Some(requests), "{name}");
            let notes: Vec<&Warning> =
                merged[0].warnings.iter().filter(|warning| warning.code == "duplicate-file").collect();
            assert_eq!(notes.len(), left_out, "{name}: {notes:?}");
            assert!(
                notes.iter().all(|note| note.text.contains("holds the same requests as `all.jtl`")),
                "{name}: {notes:?}"
            );
        }
    }

    #[test]
    fn generators_of_one_run_are_one_load() {
        let files = vec![
            jtl("a.jtl", 1_700_000_000_000, 20, 10),
            jtl("b.jtl", 1_700_000_001_000, 40, 40),
            jtl("later.jtl", 1_700_003_600_000, 20, 10),
            jtl("copy-of-a.jtl", 1_700_003_600_000, 20, 10),
        ];
        let merged = merge_runs(files);
        assert_eq!(merged.len(), 2);
        let both = &merged[0];
        let totals = both.totals.as_ref().unwrap();
        assert_eq!((totals.requests, totals.users), (Some(3600), Some(60.0)));
        assert!((totals.rps.unwrap() - 60.0).abs() < 0.5);
        assert!((totals.latency_ms["mean"] - 33.0).abs() < 0.05, "{:?}", totals.latency_ms);
        assert!((40.0..47.0).contains(&totals.latency_ms["p50"]), "{:?}", totals.latency_ms);
        let level = both.levels.iter().find(|level| level.endpoint.is_none()).unwrap();
        assert!((level.figures.rps.unwrap() - 60.0).abs() < 1.0 && !level.figures.latency_ms.contains_key("p95"));
        assert!(both.warnings.iter().any(|warning| warning.code == "runs-merged"));
        assert!(merged[1].warnings.iter().any(|warning| warning.code == "duplicate-file"));
    }
}
