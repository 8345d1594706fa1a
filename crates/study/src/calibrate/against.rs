//! Files against each other: old ones, series of another time than the load test, two runs that disagree at one load.

use super::levels::{ClassLevel, SteadyLevel};
use super::mapping::{Mapping, base_name};
use super::report::{FitReport, Note};
use crate::time::{day_of, epoch_seconds};
use ingest::Measurements;
use scenario::Scenario;

/// Days before the newest file from which on a file is called old: two bills may lie between.
const OLD: f64 = 75.0;
/// Seconds since the epoch from which on a time is taken as one, not as seconds of a run (1985).
pub(super) const EPOCH: f64 = 473_385_600.0;
/// Loads this near each other are the same.
const SAME_LOAD: f64 = 0.05;
/// Means at one load that differ by less may be chance of the machine.
const SAME_MEAN: f64 = 0.25;

/// Names what is old, of another time, or contradicted by another run.
pub fn notes(
    scenario: &Scenario,
    data: &[Measurements],
    mapping: &Mapping,
    levels: &[SteadyLevel],
    report: &mut FitReport,
) {
    old(scenario, data, report);
    for file in data {
        apart(file, mapping, levels, report);
    }
    disagree(levels, report);
}

/// First and last second of a file, since the epoch; `None` where it has no absolute time.
fn span(file: &Measurements) -> Option<(f64, f64)> {
    let start = file.started.as_deref().and_then(epoch_seconds);
    let mut times: Vec<f64> = start.into_iter().collect();
    times.extend(start.zip(file.duration_s).map(|(start, seconds)| start + seconds));
    times.extend(start.into_iter().flat_map(|start| file.levels.iter().map(move |level| start + level.to_s)));
    let ends = |points: &[(f64, f64)]| [points.first(), points.last()].map(|point| point.map(|p| p.0));
    times.extend(file.series.iter().flat_map(|series| ends(&series.points)).flatten().filter(|time| *time > EPOCH));
    let periods = file.costs.iter().filter_map(|line| line.period.as_ref());
    times.extend(periods.flat_map(|(start, end)| [start, end]).filter_map(|day| epoch_seconds(day)));
    let (first, last) = times.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &t| (a.min(t), b.max(t)));
    (first <= last).then_some((first, last))
}

fn old(scenario: &Scenario, data: &[Measurements], report: &mut FitReport) {
    let spans: Vec<Option<(f64, f64)>> = data.iter().map(span).collect();
    let as_of = scenario.as_of.as_deref().and_then(epoch_seconds);
    let newest = spans.iter().flatten().map(|span| span.1).chain(as_of).fold(f64::NEG_INFINITY, f64::max);
    let growth = scenario.growth.as_ref().and_then(|growth| growth.per_month.as_ref()).map_or(0.0, |rate| rate.value);
    for (file, span) in data.iter().zip(spans) {
        let Some((_, last)) = span else { continue };
        let days = (newest - last) / 86_400.0;
        if days <= OLD {
            continue;
        }
        let grown = engine::math::exp(days / (365.2425 / 12.0) * engine::math::ln_1p(growth));
        let since =
            if grown > 1.05 { format!(", and traffic has grown {grown:.2} times since") } else { String::new() };
        let text = format!(
            "it ends on {}, {days:.0} days before the newest ({}){since}: what it says may no longer hold; measure anew, or leave it out",
            day_of(last),
            day_of(newest)
        );
        report.contradictions.push(Note::new("old-data", &file.file, text));
    }
}

/// Series of components that lie beside every steady level.
fn apart(file: &Measurements, mapping: &Mapping, levels: &[SteadyLevel], report: &mut FitReport) {
    let name = base_name(&file.file);
    let mapped =
        file.series.iter().filter(|series| mapping.entries(name, series).any(|entry| entry.component.is_some()));
    let times = mapped.flat_map(|series| series.points.iter().map(|point| point.0)).filter(|time| *time > EPOCH);
    let (first, last) = times.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), t| (a.min(t), b.max(t)));
    let timed: Vec<&SteadyLevel> = levels.iter().filter(|level| level.absolute).collect();
    if first > last || timed.is_empty() || timed.iter().any(|level| level.from <= last && level.to >= first) {
        return;
    }
    // Between two tests it is the nearer one that was meant.
    let gaps = timed
        .iter()
        .map(|level| if last < level.from { (level.from - last, "before") } else { (first - level.to, "after") });
    let (seconds, side) = gaps.fold((f64::INFINITY, ""), |least, gap| if gap.0 < least.0 { gap } else { least });
    let text = format!(
        "its series lie {:.1} hours {side} the load test's nearest steady level and share no second with any: they show another load and are not used; export the time of the test (and check the time zone)",
        seconds / 3600.0
    );
    report.contradictions.push(Note::new("other-time", &file.file, text));
}

/// Whether every class has the same rate, and the load the same users, in both: where another one's differs, it is what the times differ by.
fn same_load(one: &SteadyLevel, other: &SteadyLevel) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= SAME_LOAD * a.max(b);
    // Over saturation more users get the same rate, and wait longer.
    let users = one.users.zip(other.users).is_none_or(|(a, b)| near(a, b));
    users
        && one.classes.len() == other.classes.len()
        && one.classes.iter().all(|(class, a)| other.classes.get(class).is_some_and(|b| near(a.rate, b.rate)))
}

/// Two levels at one load whose means differ by more than chance: one pair a class.
fn disagree(levels: &[SteadyLevel], report: &mut FitReport) {
    let mut told: Vec<&String> = Vec::new();
    for (place, one) in levels.iter().enumerate() {
        for other in levels[place + 1..].iter().filter(|other| same_load(one, other)) {
            for (class, a) in &one.classes {
                let Some(b) = other.classes.get(class).filter(|_| !told.contains(&class)) else { continue };
                let Some([a_ms, b_ms]) = differ(a, b) else { continue };
                told.push(class);
                let whose =
                    |level: &SteadyLevel, rate: f64, ms: f64| format!("{ms:.1} ms at {rate:.1}/s in {}", level.import);
                let text = format!(
                    "its mean is {} and {}: the two saw different systems (another version, warm-up, something beside them); leave out the one that does not hold",
                    whose(one, a.rate, a_ms),
                    whose(other, b.rate, b_ms)
                );
                report.contradictions.push(Note::new("levels-disagree", format!("traffic.{class}"), text));
            }
        }
    }
}

/// The means, where they differ by more than a quarter and four standard errors of exponential times.
fn differ(a: &ClassLevel, b: &ClassLevel) -> Option<[f64; 2]> {
    let (one, other) = (*a.latency_ms.get("mean")?, *b.latency_ms.get("mean")?);
    let chance = 4.0 * (1.0 / a.requests + 1.0 / b.requests).sqrt();
    let apart = (one - other).abs() / one.min(other);
    (one > 0.0 && other > 0.0 && apart > SAME_MEAN.max(chance)).then_some([one, other])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_mix_is_another_load() {
        let level = |rates: &[(&str, f64)]| SteadyLevel {
            import: "a".into(),
            from: 0.0,
            to: 1.0,
            absolute: false,
            users: None,
            classes: rates
                .iter()
                .map(|(class, rate)| ((*class).to_owned(), ClassLevel { rate: *rate, ..ClassLevel::default() }))
                .collect(),
        };
        let rows: [(&[(&str, f64)], bool); 4] = [
            (&[("browse", 102.0), ("checkout", 5.0)], true),
            (&[("browse", 100.0), ("checkout", 50.0)], false),
            (&[("browse", 100.0)], false),
            (&[("browse", 100.0), ("search", 5.0)], false),
        ];
        for (other, same) in rows {
            let one = level(&[("browse", 100.0), ("checkout", 5.0)]);
            assert_eq!(same_load(&one, &level(other)), same, "{other:?}");
            assert_eq!(same_load(&level(other), &one), same, "{other:?}");
        }
    }
}
