//! Each objective at the slider's multiple, and how far it holds.

use super::format::{multiple, percent};
use super::level::{at, row};
use super::system::{list_at, objective};
use crate::text;
use serde_json::Value;
use worker::protocol::Projection;

/// One objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub what: String,
    pub met: bool,
    /// `holds, 97 % sure` or `missed`.
    pub verdict: String,
    /// `holds to 5.4×`.
    pub holds_to: String,
}

/// Whether the figures are of the document's objectives. They have no names: after one came or went the figures are of others
/// until the answer is there.
pub fn are_of(root: &Value, projection: &Projection) -> bool {
    list_at(root, "slos").len() == projection.objectives.len()
}

/// All objectives in the document's order; none where the figures are of others.
pub fn rows(root: &Value, projection: &Projection, growth: f64) -> Vec<Row> {
    if !are_of(root, projection) {
        return Vec::new();
    }
    let index = row(projection, growth);
    let last = projection.multiples.last().copied().unwrap_or(1.0);
    let of = |(number, columns): (usize, &worker::protocol::ObjectiveColumns)| {
        let met = columns.met.get(index).copied().unwrap_or(true);
        let sure = at(&columns.probability, index).map_or(String::new(), |share| text::sure(&percent(share)));
        let word = if met { text::HOLDS } else { text::MISSED };
        let holds_to =
            columns.breaks_at.map_or_else(|| text::beyond(&multiple(last)), |limit| text::holds_to(&multiple(limit)));
        Row { what: objective(root, number), met, verdict: format!("{word}{sure}"), holds_to }
    };
    projection.objectives.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::ObjectiveColumns;

    #[test]
    fn verdicts() {
        let columns = ObjectiveColumns {
            met: vec![true, false],
            probability: vec![Some(0.97), Some(0.1)],
            breaks_at: Some(1.5),
            ..ObjectiveColumns::default()
        };
        let projection = Projection { multiples: vec![1.0, 2.0], objectives: vec![columns], ..Projection::default() };
        let root = json!({"slos": [{"max_monthly_cost": 100}]});
        let (low, high) = (rows(&root, &projection, 1.0), rows(&root, &projection, 2.0));
        assert_eq!((low[0].met, low[0].verdict.as_str()), (true, "holds, 97 % of draws"));
        assert_eq!((high[0].met, high[0].verdict.as_str()), (false, "missed, 10 % of draws"));
        assert_eq!(low[0].holds_to, "holds to 1.5×");
        let fewer = json!({"slos": []});
        assert!(!are_of(&fewer, &projection) && are_of(&root, &projection));
        assert_eq!(rows(&fewer, &projection, 1.0), [], "whose figures they are is not known");
    }
}
