//! The unit of a series against the quantity that it is taken for.

use super::guess::words;
use super::mapping::base_name;
use super::report::Note;
use ingest::measurements::Series;

/// What a series' unit says of a quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// Factor that turns the series into the quantity's unit.
    Times(f64),
    /// Nothing of that unit is this quantity.
    Cannot,
    /// Neither the file nor a name says the unit.
    Unknown,
}

/// What a unit measures, with its size in the base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Dimension {
    /// Seconds.
    Time(f64),
    /// A share of 1.
    Share(f64),
    /// Per second.
    Rate(f64),
    /// Cores.
    Cores(f64),
    /// Things that are counted.
    Count,
    Bytes,
}

/// What the file, else a plain word of the series' or the file's name, says of the unit: enough for an entry that somebody wrote.
#[must_use]
pub fn stated(series: &Series, file: &str, is: &str) -> Reading {
    read(series, file, is, false)
}

/// The same with the short words (`us`, `ns`, `s`) at a name's end, which may mean a place as well: a guess is shown before it counts.
#[must_use]
pub fn guessed(series: &Series, file: &str, is: &str) -> Reading {
    read(series, file, is, true)
}

/// Why a series is not taken for a quantity.
#[must_use]
pub fn refusal(series: &Series, file: &str, is: &str) -> Note {
    let place = format!("{} {}", base_name(file), series.name);
    let unit = series.unit.as_deref().unwrap_or("percent");
    let text = format!("its unit is {unit}, which is never {is}; say in map.series what it is, or give its scale");
    Note::new("unit", place.trim_end(), text)
}

/// Above this half of the values of a share must not lie: what is measured may pass 1 by a little.
const MOST_OF_A_SHARE: f64 = 1.5;

/// Why a series without a unit is not taken for a share: its values are none.
#[must_use]
pub fn above_one(series: &Series, file: &str, is: &str) -> Option<Note> {
    let mut values: Vec<f64> = series.points.iter().map(|point| point.1).filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let median = *values.get(values.len() / 2)?;
    let text = format!(
        "{is} is a share of 1, and half of its values are {median:.3} or more; say in map.series what it is, or give its scale (0.01 where it is percent)"
    );
    let place = format!("{} {}", base_name(file), series.name);
    (matches!(is, "utilization" | "hit_ratio") && median > MOST_OF_A_SHARE)
        .then(|| Note::new("unit", place.trim_end(), text))
}

/// What to say where an entry's scale is not the one of the unit that the file states: the next export may be in another unit.
#[must_use]
pub fn overruled(series: &Series, file: &str, is: &str, scale: f64) -> Option<Note> {
    let unit = series.unit.as_deref()?;
    let Reading::Times(own) = factor(dimension(unit)?, is) else { return None };
    let place = format!("{} {}", base_name(file), series.name);
    let text = format!("its unit is {unit}, which is {own} of {is}; map.series says scale {scale}, which counts");
    ((own / scale - 1.0).abs() > 1e-6).then(|| Note::new("unit", place.trim_end(), text))
}

/// Whether the file states a unit that is known.
#[must_use]
pub fn is_stated(series: &Series) -> bool {
    series.unit.as_deref().and_then(dimension).is_some()
}

/// Whether unit, else name, say that the series is a share of something.
#[must_use]
pub fn is_share(series: &Series, file: &str) -> bool {
    match series.unit.as_deref().and_then(dimension) {
        Some(dimension) => matches!(dimension, Dimension::Share(_)),
        None => percent(if series.name.is_empty() { stem(file) } else { &series.name }).is_some(),
    }
}

/// Whether unit or name speak of time.
#[must_use]
pub fn is_time(series: &Series, of_name: &[String]) -> bool {
    match series.unit.as_deref().and_then(dimension) {
        Some(dimension) => matches!(dimension, Dimension::Time(_)),
        None => of_name
            .iter()
            .any(|w| matches!(w.as_str(), "time" | "duration" | "latency" | "delay") || plain_seconds(w).is_some()),
    }
}

fn stem(file: &str) -> &str {
    let file = base_name(file);
    file.rsplit_once('.').map_or(file, |f| f.0)
}

/// Per second, where a count is the sum over each period, as CloudWatch gives it.
fn per_period(series: &Series, is: &str) -> Option<Reading> {
    let of = |label: &str| series.labels.get(label).map(String::as_str);
    let counts = series.unit.as_deref().is_none_or(|unit| dimension(unit) == Some(Dimension::Count));
    let period = of("period_s")?.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && seconds.is_finite())?;
    (counts && of("statistic") == Some("Sum") && is.ends_with("_rps")).then_some(Reading::Times(1.0 / period))
}

fn read(series: &Series, file: &str, is: &str, short: bool) -> Reading {
    if let Some(reading) = per_period(series, is) {
        return reading;
    }
    if let Some(dimension) = series.unit.as_deref().and_then(dimension) {
        return factor(dimension, is);
    }
    // Of a name only what fits is taken: `rate(request_seconds_count)` is no time.
    let fits = |dimension| match factor(dimension, is) {
        Reading::Times(factor) => Some(factor),
        Reading::Cannot | Reading::Unknown => None,
    };
    let of_time = is.ends_with("_ms");
    let named = [series.name.as_str(), stem(file)].into_iter().find_map(|name| {
        let found = if of_time { of_name(name, short).map(Dimension::Time) } else { percent(name) };
        found.and_then(fits)
    });
    named.map_or(Reading::Unknown, Reading::Times)
}

/// What a stated unit measures; `None` for one that says nothing (`none`, `short`) or is not known.
fn dimension(unit: &str) -> Option<Dimension> {
    let lower = unit.to_lowercase().replace(['µ', 'μ'], "u");
    Some(match lower.as_str() {
        "percent" | "%" | "pct" => Dimension::Share(0.01),
        "ratio" | "percentunit" => Dimension::Share(1.0),
        "1/s" | "count/second" | "reqps" | "rps" | "ops" | "cps" | "wps" | "iops" => Dimension::Rate(1.0),
        "cpm" | "opm" | "reqpm" | "rpm" | "wpm" => Dimension::Rate(1.0 / 60.0),
        "bytes" | "decbytes" | "b" | "kbytes" | "mbytes" | "gbytes" | "bps" | "bytes/second" => Dimension::Bytes,
        "count" => Dimension::Count,
        "cores" | "core" => Dimension::Cores(1.0),
        "millicores" | "mcores" => Dimension::Cores(1e-3),
        "m" | "min" | "minute" | "minutes" => Dimension::Time(60.0),
        "dtdurations" => Dimension::Time(1.0),
        "dtdurationms" => Dimension::Time(1e-3),
        other => Dimension::Time(match words(other).as_slice() {
            [one] if one.len() + 1 >= other.len() => plain_seconds(one).or_else(|| short_seconds(one))?,
            _ => return None,
        }),
    })
}

/// Seconds of a word that means nothing else in a name.
fn plain_seconds(word: &str) -> Option<f64> {
    Some(match word {
        "nanosecond" | "nanosec" | "nsec" => 1e-9,
        "microsecond" | "microsec" | "usec" => 1e-6,
        "ms" | "msec" | "milli" | "millisec" | "millisecond" => 1e-3,
        "sec" | "second" => 1.0,
        _ => return None,
    })
}

fn short_seconds(word: &str) -> Option<f64> {
    Some(match word {
        "ns" => 1e-9,
        "us" => 1e-6,
        "s" => 1.0,
        _ => return None,
    })
}

/// Seconds of the unit that a name carries. A name that holds arithmetic says what went in, not what came out.
fn of_name(name: &str, short: bool) -> Option<f64> {
    if name.contains('*') || name.contains("1000") || name.contains("1e") {
        return None;
    }
    let all = words(&name.replace(['µ', 'μ'], "u"));
    let rate = |place: usize| place.checked_sub(1).and_then(|before| all.get(before)).is_some_and(|w| w == "per");
    let plain = all.iter().enumerate().filter(|(place, _)| !rate(*place)).find_map(|(_, w)| plain_seconds(w));
    let statistic = |w: &&String| {
        matches!(w.as_str(), "mean" | "avg" | "average" | "median" | "max" | "total" | "sum" | "p50" | "p95" | "p99")
    };
    // `worker's` has an s too.
    let last = || all.iter().rev().find(|w| !statistic(w)).filter(|_| short && !name.contains('\''));
    plain.or_else(|| last().and_then(|w| short_seconds(w)))
}

fn percent(name: &str) -> Option<Dimension> {
    let says = words(name).iter().any(|w| matches!(w.as_str(), "percent" | "pct"));
    says.then_some(Dimension::Share(0.01))
}

/// What turns a dimension into a quantity of the map.
fn factor(of: Dimension, is: &str) -> Reading {
    use Dimension::{Bytes, Cores, Count, Rate, Share, Time};
    let found = match (is, of) {
        (_, Bytes) => None,
        (is, Time(seconds)) if is.ends_with("_ms") => Some(1000.0 * seconds),
        ("utilization" | "hit_ratio", Share(share)) => Some(share),
        // Seconds of work a second are servers, cores, connections that are busy.
        ("utilization" | "cpu_cores" | "busy_servers" | "pool_busy", Time(seconds)) => Some(seconds),
        ("cpu_cores" | "busy_servers", Cores(cores)) => Some(cores),
        // Whoever says that a ratio is a number of servers has one server; of a percentage nobody can tell.
        ("cpu_cores" | "busy_servers" | "pool_busy", Share(1.0)) => Some(1.0),
        (is, Rate(rate)) if is.ends_with("_rps") => Some(rate),
        (is, Count) if is.ends_with("_rps") => return Reading::Unknown,
        ("pool_size" | "pool_busy" | "queue_length" | "consumer_lag" | "replicas" | "in_flight", Count) => Some(1.0),
        ("cpu_cores" | "busy_servers", Count) => Some(1.0),
        _ => None,
    };
    // 1000 × 1e-6 is not 0.001 to the last bit.
    found.map_or(Reading::Cannot, |factor| Reading::Times(format!("{factor:.9e}").parse().unwrap_or(factor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unit, statistic and period of a series of CloudWatch, the quantity, and what becomes of it.
    #[test]
    fn a_sum_over_a_period_is_a_rate_once_divided() {
        use Reading::{Cannot, Times, Unknown};
        for (unit, statistic, period, is, want) in [
            (Some("count"), "Sum", "60", "visits_rps", Times(1.0 / 60.0)),
            (None, "Sum", "300", "publish_rps", Times(1.0 / 300.0)),
            (Some("count"), "Average", "60", "visits_rps", Unknown),
            (Some("count"), "Sum", "0", "visits_rps", Unknown),
            (Some("count"), "Sum", "60", "queue_length", Times(1.0)),
            (Some("ms"), "Sum", "60", "visits_rps", Cannot),
        ] {
            let labels = [("statistic", statistic), ("period_s", period)];
            let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let series = Series { unit: unit.map(str::to_owned), labels, ..Series::default() };
            assert_eq!(stated(&series, "a.json", is), want, "{unit:?} {statistic} {period} {is}");
        }
    }

    #[test]
    fn the_unit_gives_the_scale_or_refuses_the_quantity() {
        use Reading::{Cannot, Times, Unknown};
        // Unit in the file, series' name, file, quantity; what an entry gets, and what a guess gets.
        let rows = [
            (Some("s"), "payment mean", "a.json", "mean_ms", Times(1000.0), Times(1000.0)),
            (Some("ms"), "payment_seconds", "a.json", "mean_ms", Times(1.0), Times(1.0)),
            (Some("us"), "", "a.json", "p95_ms", Times(1e-3), Times(1e-3)),
            (Some("µs"), "", "a.json", "p95_ms", Times(1e-3), Times(1e-3)),
            (Some("ns"), "", "a.json", "wait_ms", Times(1e-6), Times(1e-6)),
            (Some("m"), "", "a.json", "wait_ms", Times(60_000.0), Times(60_000.0)),
            (Some("percent"), "worker_ms", "a.json", "mean_ms", Cannot, Cannot),
            (Some("percent"), "", "a.json", "utilization", Times(0.01), Times(0.01)),
            (Some("percent"), "", "a.json", "hit_ratio", Times(0.01), Times(0.01)),
            (Some("ratio"), "", "a.json", "hit_ratio", Times(1.0), Times(1.0)),
            (Some("percent"), "", "a.json", "cpu_cores", Cannot, Cannot),
            (Some("s"), "", "a.json", "cpu_cores", Times(1.0), Times(1.0)),
            (Some("ms"), "", "a.json", "busy_servers", Times(1e-3), Times(1e-3)),
            (Some("bytes"), "", "a.json", "queue_length", Cannot, Cannot),
            (Some("s"), "", "a.json", "consumer_lag", Cannot, Cannot),
            (Some("count"), "", "a.json", "mean_ms", Cannot, Cannot),
            (Some("reqpm"), "", "a.json", "visits_rps", Times(1.0 / 60.0), Times(1.0 / 60.0)),
            (Some("s"), "", "a.json", "visits_rps", Cannot, Cannot),
            (Some("short"), "", "a.json", "mean_ms", Unknown, Unknown),
            (None, "", "payment_mean.json", "mean_ms", Unknown, Unknown),
            (None, "", "payment_mean_ms.json", "mean_ms", Times(1.0), Times(1.0)),
            (None, "", "payment_ms_mean.json", "mean_ms", Times(1.0), Times(1.0)),
            (None, "", "dir/payment_mean_seconds.json", "mean_ms", Times(1000.0), Times(1000.0)),
            (None, "payment (milliseconds)", "seconds.json", "mean_ms", Times(1.0), Times(1.0)),
            (None, "x_milliseconds_bucket", "a.txt", "mean_ms", Times(1.0), Times(1.0)),
            (None, "", "payment_mean_us.json", "mean_ms", Unknown, Times(1e-3)),
            (None, "", "payment_us_mean.json", "mean_ms", Unknown, Times(1e-3)),
            (None, "", "payment_us_east_1.json", "mean_ms", Unknown, Unknown),
            (None, "latency (µs)", "a.csv", "mean_ms", Unknown, Times(1e-3)),
            (None, "worker's mean", "a.csv", "mean_ms", Unknown, Unknown),
            (None, "mean requests per second", "a.csv", "mean_ms", Unknown, Unknown),
            (None, "1000 * payment_seconds", "a.csv", "mean_ms", Unknown, Unknown),
            (None, "rate(request_seconds_count)", "a.csv", "visits_rps", Unknown, Unknown),
            (None, "worker_busy_percent", "a.csv", "utilization", Times(0.01), Times(0.01)),
            (None, "hits", "ratio_percent.csv", "hit_rps", Unknown, Unknown),
        ];
        for (unit, name, file, is, entry, guess) in rows {
            let series = Series { name: name.into(), unit: unit.map(str::to_owned), ..Series::default() };
            let near = |got: Reading, want: Reading| match (got, want) {
                (Times(got), Times(want)) => (got / want - 1.0).abs() < 1e-8,
                (got, want) => got == want,
            };
            let got = stated(&series, file, is);
            assert!(near(got, entry), "entry: {unit:?} {name:?} {file} {is}: {got:?}");
            let got = guessed(&series, file, is);
            assert!(near(got, guess), "guess: {unit:?} {name:?} {file} {is}: {got:?}");
        }
    }
}
