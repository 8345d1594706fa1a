//! What moves the headline: one slice, some tens of solves.

use super::no_study;
use crate::protocol::{Bound, Response, SensitivityRow, SensitivityView, Study};

/// The answer for a document.
pub(super) fn answer(asked: u32, generation: u64, document: &str) -> Response {
    let found = scenario::parse(document).and_then(|parsed| study::sensitivity(&parsed.scenario));
    let found = match found {
        Ok(found) => found,
        Err(problems) => return no_study(Study::Sensitivity, asked, &problems),
    };
    let row = |row: &study::sensitivity::SensitivityRow| SensitivityRow {
        path: row.path.clone(),
        low: row.low,
        high: row.high,
        assumed: row.assumed,
        at_low: row.at_low,
        at_high: row.at_high,
        low_bound: bound(row.low_bound),
        high_bound: bound(row.high_bound),
        share: row.share,
    };
    let next = found.next.iter().map(|next| (next.path.clone(), next.what.clone(), next.narrows));
    Response::Sensitivity(Box::new(SensitivityView {
        asked,
        generation,
        of: found.of.clone(),
        value: found.value,
        value_bound: bound(found.value_bound),
        rows: found.rows.iter().map(row).collect(),
        next: next.collect(),
    }))
}

fn bound(of: study::sensitivity::Bound) -> Bound {
    match of {
        study::sensitivity::Bound::Exact => Bound::Exact,
        study::sensitivity::Bound::More => Bound::More,
        study::sensitivity::Bound::Less => Bound::Less,
    }
}
