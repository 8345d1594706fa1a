//! h2load: the report, and `--log-file` (a row per request).

use super::raw::{self, Rows, State};
use crate::measurements::{Figures, LatencyOf, Measurements};
use crate::read::Reader;
use crate::read::table::Row;
use crate::read::text::{after, duration_ms, leading_number};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;

/// The report.
pub const FORMAT: Format = Format {
    kind: "h2load",
    title: "h2load: the report",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "1.52",
        used: "requests, failures, rate, clients, mean, extremes",
        traps: "no percentiles; units per value; with --rps the model is open, which the report does not say",
        evidence: "own run",
    },
};

/// The log.
pub const LOG: Format = Format {
    kind: "h2load-log",
    title: "h2load: --log-file (TSV)",
    shape: Shape::Stream { fits: fits_log, open },
    docs: Docs {
        versions: "1.52",
        used: "every request: start, status, latency",
        traps: "no header; microseconds; status -1 is a failed stream",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().contains("finished in ") && head.text().contains("time for request:"))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let (Some(finished), Some(counts)) = (after(report, "finished in "), after(report, "\nrequests: ")) else {
        return Err(Refusal::new("the lines `finished in` and `requests:`", "a report without them"));
    };
    let count = |name: &str| {
        let part = counts.split(',').find(|part| part.trim_end().ends_with(name))?;
        leading_number(part).and_then(crate::read::text::count)
    };
    let failed = count("failed").zip(count("errored")).map(|(failed, errored)| failed.max(errored));
    // Requests that found no server are not `done`.
    let answered = count("succeeded").zip(failed).map(|(succeeded, failed)| succeeded + failed);
    let finished_count = count("done").max(answered);
    let mut parts = finished.split(',').map(str::trim);
    let duration_s = parts.next().and_then(duration_ms).map(|ms| ms / 1e3);
    let rps = parts.next().and_then(leading_number);
    let header =
        report.split_once("time for request:").map_or("", |(before, _)| before).lines().next_back().unwrap_or("");
    let times: Vec<Option<f64>> =
        after(report, "time for request:").unwrap_or("").split_whitespace().map(duration_ms).collect();
    // Later versions have more columns between the extremes and the mean.
    let time = |name: &str| {
        let place = header.split_whitespace().position(|column| column == name)?;
        times.get(place).copied().flatten()
    };
    let clients: f64 = report
        .lines()
        .filter_map(|line| leading_number(line.strip_prefix("spawning thread #")?.split_once(": ")?.1))
        .sum();
    let figures = Figures {
        rps,
        users: (clients > 0.0).then_some(clients),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .counted(finished_count, failed)
    .with("min", time("min"))
    .with("max", time("max"))
    .with("mean", time("mean"))
    .with("p50", time("median"))
    .with("p95", time("p95"))
    .with("p99", time("p99"));
    Ok(Measurements { duration_s, totals: Some(figures), ..Measurements::default() })
}

const ROWS: Rows = Rows {
    header: false,
    columns: &[("start", true), ("status", true), ("latency", true)],
    model: None,
    joinable: false,
    row,
    close: |_, _| {},
};

fn fits_log(head: &Head<'_>) -> Fit {
    let fields: Vec<&str> = head.first_line().split('\t').collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Fit::from(
        fields.len() == 3
            && fields[0].len() == 16
            && digits(fields[0])
            && fields[1].parse::<i32>().is_ok()
            && digits(fields[2]),
    )
}

fn open(context: &Context) -> Box<dyn Reader> {
    raw::table(context, ROWS, |_| {})
}

fn row(row: &Row<'_>, _places: &[Option<usize>], state: &mut State) -> bool {
    let (Ok(start_us), Some(latency_us)) = (row.text(0).parse::<f64>(), row.number(2)) else { return false };
    let status = row.text(1);
    let failed = status.parse::<i32>().is_ok_and(|code| !(0..400).contains(&code));
    state.recorder.request(&Request {
        start_s: Some(start_us / 1e6),
        latency_ms: latency_us / 1e3,
        failure: failed.then_some(status),
        ..Request::default()
    });
    true
}
