//! Warnings that save a decision, each with the figures behind it.

use super::names::Collapsed;
use crate::measurements::{Figures, Level, LoadModel, Measurements, Warning};
use crate::read::lines::LinesEnd;
use crate::read::table::RowsEnd;

/// Share of throughput growth per share of user growth below which a closed generator is at saturation.
const FLAT: f64 = 0.5;
/// Requests beyond the percentile that a percentile needs: 10.
const BEYOND: f64 = 10.0;

/// Warnings every format gets, by the figures alone.
pub fn examine(found: &mut Measurements) {
    let warnings = [
        coordinated_omission(found),
        generator_saturated(found),
        few_samples(found),
        errors(found),
        super::habits::called_success(found),
        super::habits::rounded(found),
        warm_up(found),
    ];
    for warning in warnings.into_iter().flatten() {
        if !found.warnings.iter().any(|known| known.code == warning.code) {
            found.warnings.push(warning);
        }
    }
    found.warnings.retain(|warning| !warning.text.is_empty());
}

/// Steady levels over all requests.
fn steady(found: &Measurements) -> impl Iterator<Item = &Level> + Clone {
    found.levels.iter().filter(|level| level.steady && level.endpoint.is_none())
}

fn mean(level: &Level) -> Option<f64> {
    level.figures.latency_ms.get("mean").copied()
}

/// More users brought hardly more throughput, only more latency: arrivals waited for answers, so the tail is understated.
fn coordinated_omission(found: &Measurements) -> Option<Warning> {
    if found.model != Some(LoadModel::Closed) {
        return None;
    }
    let levels: Vec<&Level> = steady(found).collect();
    let pair = levels.windows(2).find_map(|pair| {
        let (users_before, users_after) = (pair[0].figures.users?, pair[1].figures.users?);
        let (rate_before, rate_after) = (pair[0].figures.rps?, pair[1].figures.rps?);
        let (mean_before, mean_after) = (mean(pair[0])?, mean(pair[1])?);
        let more_users = users_after / users_before - 1.0;
        let flat = more_users > 0.1 && rate_after / rate_before - 1.0 < FLAT * more_users;
        (flat && mean_after > 1.2 * mean_before).then_some((users_after, rate_after, mean_before, mean_after))
    });
    let (users, rate, before, after) = pair?;
    let text = "From this level on more users brought little more throughput but longer waits: the generator waited with the system \
                (coordinated omission), so users who do not wait would see worse percentiles than these. Compare throughput and \
                means, or repeat with a fixed arrival rate.";
    Some(
        Warning::new("coordinated-omission", text)
            .with("users", users)
            .with("rps", rate)
            .with("mean_ms_before", before)
            .with("mean_ms_after", after),
    )
}

/// More users brought no more throughput although latency stayed: the generator, not the system, was the limit.
fn generator_saturated(found: &Measurements) -> Option<Warning> {
    let levels: Vec<&Level> = steady(found).collect();
    let pair = levels.windows(2).find_map(|pair| {
        let (users_before, users_after) = (pair[0].figures.users?, pair[1].figures.users?);
        let (rate_before, rate_after) = (pair[0].figures.rps?, pair[1].figures.rps?);
        let (mean_before, mean_after) = (mean(pair[0])?, mean(pair[1])?);
        let flat = users_after > 1.2 * users_before
            && rate_after < rate_before * (1.0 + 0.25 * (users_after / users_before - 1.0));
        (flat && mean_after < 1.1 * mean_before).then_some((users_before, users_after, rate_before, rate_after))
    });
    let (users_before, users_after, rate_before, rate_after) = pair?;
    let text = "The rate stopped following the users while latency stayed: the load generator was at its limit. Levels above this \
                one say nothing about the system.";
    Some(
        Warning::new("generator-saturated", text)
            .with("users_before", users_before)
            .with("users_after", users_after)
            .with("rps_before", rate_before)
            .with("rps_after", rate_after),
    )
}

/// Mean latency of the warm-up over that of the level after it that is worth a warning.
const SLOWER: f64 = 1.2;

/// The run begins slower than it goes on, and the totals hold both.
fn warm_up(found: &Measurements) -> Option<Warning> {
    found.totals.as_ref()?;
    let levels: Vec<&Level> = found.levels.iter().filter(|level| level.endpoint.is_none()).collect();
    let first = levels.iter().position(|level| level.steady)?;
    let before = &levels[..first];
    let requests: f64 = before.iter().filter_map(|level| level.figures.requests).sum::<u64>() as f64;
    let total_ms: Option<f64> =
        before.iter().map(|level| Some(mean(level)? * level.figures.requests? as f64)).sum::<Option<f64>>();
    let (warm, steady) = (total_ms.filter(|_| requests > 0.0)? / requests, mean(levels[first])?);
    let text = "The run begins slower than it goes on (cold caches, connections or code), and the totals hold both. Use the steady \
                levels, or leave the start out.";
    (warm > SLOWER * steady).then(|| {
        Warning::new("warm-up-included", text)
            .with("until_s", levels[first].from_s)
            .with("mean_ms_before", warm)
            .with("mean_ms_after", steady)
            .with("requests", requests)
    })
}

/// Notes that a unit was not in the file but taken from how the writer usually logs.
pub fn units_guessed(found: &mut Measurements, unit: &str, example: &str) {
    let text = "The file does not say the unit of its durations; it was taken from who writes such files. Give the unit if the figures \
                are off by a factor of a thousand.";
    found.warnings.push(Warning::new("units-guessed", text).with("unit", unit).with("example", example));
}

/// A p99 of a few hundred requests rests on a handful of them.
fn few_samples(found: &Measurements) -> Option<Warning> {
    let few = |figures: &Figures| {
        let requests = figures.requests? as f64;
        (requests * 0.01 < BEYOND && figures.latency_ms.contains_key("p99")).then_some(requests)
    };
    let named = found.endpoints.iter().map(|endpoint| (endpoint.name.as_str(), &endpoint.figures));
    let all = found.totals.iter().map(|totals| ("all", totals));
    let mut warning = Warning::new(
        "few-samples",
        "Fewer than ten requests lie beyond the p99 of these: it can be off by half. Use p90 or p95, or measure longer.",
    );
    for (name, requests) in all.chain(named).filter_map(|(name, figures)| Some((name, few(figures)?))).take(20) {
        warning = warning.with(name, requests);
    }
    (!warning.evidence.is_empty()).then_some(warning)
}

/// Failed requests are often much faster or slower than good ones and pull the latency with them.
fn errors(found: &Measurements) -> Option<Warning> {
    let totals = found.totals.as_ref()?;
    let (errors, requests) = (totals.errors?, totals.requests.filter(|requests| *requests > 0)?);
    // Some tools count connections that failed beside the requests.
    let share = (errors as f64 / requests as f64).min(1.0);
    let text = "More than one request in a hundred failed; latency over all requests mixes failures with answers.";
    (share > 0.01).then(|| Warning::new("errors", text).with("errors", errors).with("share", share))
}

/// Notes that the tool's percentiles are rounded.
pub fn rounded_percentiles(found: &mut Measurements, how: &str) {
    let largest =
        found.totals.as_ref().and_then(|totals| totals.latency_ms.get("p99").or(totals.latency_ms.get("p95"))).copied();
    if found.totals.as_ref().is_some_and(|totals| totals.requests == Some(0)) {
        return;
    }
    let text = format!("Percentiles are rounded by the tool: {how}.");
    let warning = Warning::new("percentiles-rounded", &text);
    found.warnings.push(match largest {
        Some(value) => warning.with("largest_ms", value),
        None => warning,
    });
}

/// Notes which names were collapsed.
pub fn collapsed(found: &mut Measurements, collapsed: &Collapsed) {
    let evidence = collapsed.evidence();
    if !evidence.is_empty() {
        let text = "Paths that differ in an identifier only are counted as one endpoint, with `:id` in its place.";
        found.warnings.push(Warning { code: "identifiers-collapsed".to_owned(), text: text.to_owned(), evidence });
    }
}

/// Notes that a table was cut.
pub fn cut_rows(found: &mut Measurements, end: &RowsEnd) {
    if end.cut_row || end.ending.cut {
        let text = format!("The file ends in the middle of a row; the figures cover the {} rows before it.", end.rows);
        found.warnings.push(Warning::new("truncated", &text).with("rows", end.rows));
    }
}

/// Notes rows that could not be read.
pub fn skipped_rows(found: &mut Measurements, skipped: u64, first: Option<(u64, String)>) {
    let Some((line, text)) = first.filter(|_| skipped > 0) else { return };
    let rows = if skipped == 1 { "A row".to_owned() } else { format!("{skipped} rows") };
    let said = format!("{rows} could not be read, first line {line} ({text}): left out.");
    let warning = Warning::new("rows-skipped", &said);
    found.warnings.push(warning.with("rows", skipped).with("first_line", line).with("found", text));
}

/// Notes that for a tenth of the time or more there was no load at all.
pub fn paused(found: &mut Measurements, pauses_s: &[f64]) {
    let idle: f64 = pauses_s.iter().sum();
    if pauses_s.is_empty() || found.duration_s.is_none_or(|length| idle < 0.1 * length) {
        return;
    }
    let text = "There are pauses in the load: these are several runs, or one with breaks. The rate of the whole counts the pauses too; the \
                levels do not.";
    let warning = Warning::new("pauses", text).with("pauses", pauses_s.len());
    found.warnings.push(warning.with("longest_s", pauses_s.iter().copied().fold(0.0, f64::max)));
}

/// Notes values that could not be read in rows that are kept.
pub fn skipped_values(found: &mut Measurements, skipped: u64, first: Option<(u64, String)>) {
    let Some((line, text)) = first.filter(|_| skipped > 0) else { return };
    let values = if skipped == 1 { "A value".to_owned() } else { format!("{skipped} values") };
    let said =
        format!("{values} could not be read, first line {line} ({text}): left out, the rest of the row is kept.");
    let warning = Warning::new("values-skipped", &said);
    found.warnings.push(warning.with("values", skipped).with("first_line", line).with("found", text));
}

/// Notes lines that could not be read; an unreadable last line without line break means the file was cut.
pub fn skipped_lines(found: &mut Measurements, skipped: u64, first: Option<(u64, String)>, end: &LinesEnd) {
    let cut = end.open && first.as_ref().is_some_and(|(line, _)| *line == end.lines);
    if cut || end.ending.cut {
        let text = "The file ends in the middle of a line; the figures cover the lines before it.";
        found.warnings.push(Warning::new("truncated", text).with("lines", end.lines));
    }
    if !cut {
        skipped_rows(found, skipped, first);
    }
    too_long(found, end.too_long);
}

/// Notes lines or items that were too long to be held.
pub fn too_long(found: &mut Measurements, lines: u64) {
    if lines > 0 {
        let text = "Some lines are longer than 8 MB and are left out.";
        found.warnings.push(Warning::new("lines-too-long", text).with("lines", lines));
    }
}

/// Notes that a long run has one point for so many of the file's.
pub fn points_joined(found: &mut Measurements, one_of: u64) {
    if one_of > 1 {
        let text = "The run is longer than can be kept point by point: so many of the file's points are one here, no request is lost.";
        found.warnings.push(Warning::new("points-joined", text).with("one_of", one_of));
    }
}

/// Notes that times without a zone were read as UTC.
pub fn zone_guessed(found: &mut Measurements, example: &str) {
    let text = "Times have no zone and were read as UTC; give the zone if other files of the run are in UTC.";
    found.warnings.push(Warning::new("zone-guessed", text).with("example", example));
}
