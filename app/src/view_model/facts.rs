//! What the model says of one component, class or objective at one multiple.

mod parts;

pub use parts::{of_autoscaler, of_call, of_price};

use super::format::{amount, milliseconds, money, percent, rate};
use super::level::{at, component, row};
use super::objectives;
use super::system::currency;
use crate::text;
use serde_json::Value;
use worker::protocol::Projection;

/// Names and figures, only those that are known.
pub fn facts(root: &Value, projection: &Projection, id: &str, growth: f64) -> Vec<(String, String)> {
    let index = row(projection, growth);
    let Some(columns) = component(projection, id) else { return Vec::new() };
    let figure = |name: &str, column: &[Option<f64>], show: &dyn Fn(f64) -> String| {
        at(column, index).map(|value| (name.to_owned(), show(value)))
    };
    let mut all: Vec<(String, String)> = [
        figure(text::BUSY, &columns.utilization, &percent),
        figure(text::SLOTS_HELD, &columns.slot_utilization, &percent),
        figure(text::VISITS, &columns.visits_rps, &rate),
        figure(text::WAIT, &columns.wait_ms, &milliseconds),
        figure(text::RESIDENCE, &columns.residence_ms, &milliseconds),
        figure(text::HOLD, &columns.hold_ms, &milliseconds),
        figure(text::HITS, &columns.hit_ratio, &percent),
        figure(text::BACKLOG, &columns.backlog, &amount),
        figure(text::REPLICAS, &columns.replicas, &amount),
        figure(text::MONTHLY_COST, &columns.monthly_cost, &|value| money(value, currency(root))),
    ]
    .into_iter()
    .flatten()
    .collect();
    for (name, (utilization, wait)) in &columns.pools {
        let parts = [at(utilization, index).map(percent), at(wait, index).map(|wait| text::waits(&milliseconds(wait)))];
        let value = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if !value.is_empty() {
            all.push((text::pool_of(name), value));
        }
    }
    all
}

/// The same of a traffic class.
pub fn of_class(projection: &Projection, id: &str, growth: f64) -> Vec<(String, String)> {
    let index = row(projection, growth);
    let Some(class) = projection.classes.iter().find(|class| class.id == id) else { return Vec::new() };
    let latency = ["p50", "p95", "p99"].map(|name| {
        let column = class.latency_ms.get(name).map_or(&[][..], Vec::as_slice);
        (name, at(column, index).map(milliseconds))
    });
    let flow = [
        (text::OFFERED, at(&class.offered_rps, index).map(rate)),
        (text::GOODPUT, at(&class.goodput_rps, index).map(rate)),
        (text::ERRORS, at(&class.error_ratio, index).map(percent)),
    ];
    flow.into_iter().chain(latency).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The same of an objective.
pub fn of_objective(root: &Value, projection: &Projection, number: usize, growth: f64) -> Vec<(String, String)> {
    let Some(row) = objectives::rows(root, projection, growth).into_iter().nth(number) else { return Vec::new() };
    vec![(text::VERDICT.to_owned(), row.verdict), (text::HOW_FAR.to_owned(), row.holds_to)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{ClassColumns, ComponentColumns, ObjectiveColumns};

    fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_class_and_an_objective_have_their_figures() {
        let latency_ms = [("p95".to_owned(), vec![Some(40.0), None]), ("mean".to_owned(), vec![Some(20.0)])].into();
        let offered_rps = vec![Some(24.0), Some(48.0)];
        let browse = ClassColumns { id: "browse".into(), offered_rps, latency_ms, ..ClassColumns::default() };
        let objective =
            ObjectiveColumns { met: vec![true, false], breaks_at: Some(1.5), ..ObjectiveColumns::default() };
        let projection = Projection {
            multiples: vec![1.0, 2.0],
            classes: vec![browse],
            objectives: vec![objective],
            ..Projection::default()
        };
        assert_eq!(of_class(&projection, "browse", 1.0), pairs(&[("Offered", "24/s"), ("p95", "40 ms")]));
        assert_eq!(of_class(&projection, "browse", 2.0), pairs(&[("Offered", "48/s")]), "overloaded: no latency");
        assert!(of_class(&projection, "buy", 1.0).is_empty());
        let root = json!({"slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 100}]});
        let missed = pairs(&[("This objective", "missed"), ("How far", "holds to 1.5×")]);
        assert_eq!(of_objective(&root, &projection, 0, 2.0), missed);
        assert!(of_objective(&root, &projection, 1, 2.0).is_empty(), "one that was just added is not worked out yet");
    }

    #[test]
    fn only_what_is_known_is_said() {
        let pools = [("pg".to_owned(), (vec![Some(0.61)], vec![Some(2.0)]))].into();
        let app =
            ComponentColumns { id: "app".into(), visits_rps: vec![Some(30.0)], pools, ..ComponentColumns::default() };
        let projection = Projection { multiples: vec![1.0], components: vec![app], ..Projection::default() };
        let got = facts(&json!({}), &projection, "app", 1.0);
        assert_eq!(
            got,
            [(text::VISITS.to_owned(), "30/s".to_owned()), ("Pool pg".to_owned(), "61 %, waits 2 ms".to_owned())]
        );
        assert!(facts(&json!({}), &projection, "other", 1.0).is_empty());
    }
}
