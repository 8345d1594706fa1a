//! What the model says of one component at one multiple.

use super::format::{amount, milliseconds, money, percent, rate};
use super::level::{at, component, row};
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::ComponentColumns;

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
