//! k6 `--out csv`: a row per point, columns by the run's system tags.

use super::raw::{self, Rows, State};
use crate::measurements::LoadModel;
use crate::read::table::Row;
use crate::read::{Reader, time};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;

/// The format.
pub const FORMAT: Format = Format {
    kind: "k6-csv",
    title: "k6: --out csv",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "1.1.0",
        used: "as the JSON lines",
        traps: "columns depend on the system tags; K6_CSV_TIME_FORMAT may be seconds to nanoseconds or RFC 3339; stamps of whole \
                seconds give the duration to a second",
        evidence: "own run",
    },
};

const ROWS: Rows = Rows {
    header: true,
    columns: &[
        ("metric_name", true),
        ("timestamp", true),
        ("metric_value", true),
        ("method", false),
        ("name", false),
        ("status", false),
        ("error_code", false),
        ("expected_response", false),
        ("url", false),
    ],
    model: None,
    joinable: true,
    row,
    close: |found, tallies| {
        if let Some(dropped) = tallies.get("dropped") {
            found.model = Some(LoadModel::Open);
            found.warnings.push(super::k6_summary::dropped_iterations(*dropped, None));
        }
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["metric_name", "timestamp", "metric_value"]))
}

fn open(context: &Context) -> Box<dyn Reader> {
    raw::table(context, ROWS, |_| {})
}

fn row(row: &Row<'_>, places: &[Option<usize>], state: &mut State) -> bool {
    let field = |index: usize| places[index].map_or("", |place| row.text(place));
    let metric = places[0].map_or(&b""[..], |place| row.get(place));
    if !matches!(metric, b"http_req_duration" | b"vus" | b"dropped_iterations") {
        return !metric.is_empty();
    }
    let Some(value) = places[2].and_then(|place| row.number(place)) else { return false };
    let at = time::any(field(1)).map(|(seconds, _)| seconds);
    match (metric, at) {
        (b"vus", Some(at)) => state.recorder.users(at, value),
        (b"vus", None) => return false,
        (b"dropped_iterations", _) => state.tally("dropped", value),
        _ => {
            let name = if field(4).is_empty() { field(8) } else { field(4) };
            state.recorder.request(&Request {
                start_s: at.map(|end| end - value / 1e3),
                method: field(3),
                name,
                latency_ms: value,
                failure: super::k6_points::failure(field(5), field(6), field(7)),
            });
        }
    }
    true
}
