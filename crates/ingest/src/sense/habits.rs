//! Habits of tools that change what their figures mean: what they call a success, and how they round.

use crate::measurements::{Measurements, Warning};

/// Tools that count answers with an error status among their successes, and where such answers show instead.
const CALL_SUCCESS: [(&str, &str); 15] = [
    ("wrk", "`Non-2xx or 3xx responses`"),
    ("wrk2", "`Non-2xx or 3xx responses`"),
    ("hey", "the status code distribution"),
    ("hey-csv", "the column status-code"),
    ("ab", "`Non-2xx responses`; `Failed requests` counts bodies of another length"),
    ("autocannon", "`non2xx`; `errors` leaves them out"),
    ("autocannon-text", "`non 2xx responses`"),
    ("artillery", "`http.codes`; `errors` leaves them out"),
    ("httperf", "`Reply status`; `Errors: total` leaves them out"),
    ("oha", "statusCodeDistribution; successRate leaves them out"),
    ("oha-text", "the status code distribution; the success rate leaves them out"),
    ("bombardier", "`req4xx` and `req5xx`"),
    ("bombardier-text", "`HTTP codes`"),
    ("fortio", "`RetCodes`"),
    ("h2load-log", "the column of the status"),
];

/// Step of a tool's times in milliseconds.
const STEPS: [(&str, f64); 15] = [
    ("ab", 1.0),
    ("ab-gnuplot", 1.0),
    ("autocannon", 1.0),
    ("autocannon-text", 1.0),
    ("loadtest", 1.0),
    ("drill", 1.0),
    ("gatling-stats", 1.0),
    ("gatling-stats-js", 1.0),
    ("gatling-text", 1.0),
    ("gatling-binary", 1.0),
    ("jmeter-csv", 1.0),
    ("jmeter-xml", 1.0),
    ("jmeter-statistics", 1.0),
    ("jmeter-aggregate", 1.0),
    ("hey", 0.1),
];
/// Share of the median at which a tool's step matters.
const COARSE: f64 = 0.05;

/// Answers with an error status that the tool itself counts as successes.
pub fn called_success(found: &Measurements) -> Option<Warning> {
    let (_, place) = CALL_SUCCESS.iter().find(|(kind, _)| *kind == found.kind)?;
    let totals = found.totals.as_ref()?;
    // No answer came where the connection failed: no tool calls that a success.
    let answered =
        |cause: &str| cause.parse::<u32>().is_ok_and(|code| (300..600).contains(&code)) || cause.ends_with("xx");
    let answers = totals.errors_by.iter().filter(|(cause, _)| answered(cause)).map(|(_, count)| count).sum::<u64>();
    let (errors, requests) = (Some(answers).filter(|answers| *answers > 0)?, totals.requests?);
    let text = format!(
        "The tool counts answers with an error status among its successes and shows them elsewhere only: {place}. They are failures here."
    );
    Some(Warning::new("errors-called-success", &text).with("errors", errors).with("requests", requests))
}

/// Times so coarse that the median may be off by more than a few percent.
pub fn rounded(found: &Measurements) -> Option<Warning> {
    let (_, step) = STEPS.iter().find(|(kind, _)| *kind == found.kind)?;
    let latency = &found.totals.as_ref()?.latency_ms;
    let median = latency.get("p50").or(latency.get("mean")).copied()?;
    let text = format!(
        "The tool rounds times to {step} ms, which is much beside a median of {median} ms: percentiles are that coarse."
    );
    (median < step / COARSE)
        .then(|| Warning::new("percentiles-rounded", &text).with("step_ms", *step).with("p50_ms", median))
}
