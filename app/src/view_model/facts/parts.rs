//! What the model says of a call, a price or an autoscaler at one multiple: only what the result holds, or what follows from it exactly.

use crate::text;
use crate::view_model::format::{amount, milliseconds, money, multiple, percent, rate};
use crate::view_model::level::{at, component, row};
use crate::view_model::system::{class_label, currency, edges, is_of_line, list_at, number_at, text_at};
use serde_json::Value;
use std::collections::BTreeSet;
use worker::protocol::{ComponentColumns, Projection};

type Pairs = Vec<(String, String)>;

/// Share of a mean by which the hops it consists of may differ from it.
const ROUNDING: f64 = 0.01;

/// The calls of a line: how many, what they wait for, how long the answer takes, what that is of each class' mean.
///
/// The result has figures of components. Where nothing else leads to the callee, its visits are these calls; else they are said to
/// be those of all callers. It has none of repetitions and timeouts.
pub fn of_call(
    root: &Value,
    projection: &Projection,
    (from, to): (&str, &str),
    asynchronous: bool,
    growth: f64,
) -> Pairs {
    let index = row(projection, growth);
    let (Some(caller), Some(callee)) = (component(projection, from), component(projection, to)) else {
        return Vec::new();
    };
    let alone = is_only_way(root, from, to, asynchronous);
    let mut all = Pairs::new();
    if let Some(visits) = at(&callee.visits_rps, index) {
        let name = if alone { text::CALLS_SERVED } else { text::VISITS_BY_ALL };
        all.push((name.to_owned(), rate(visits)));
        if let Some(of) = at(&caller.visits_rps, index).filter(|of| alone && *of > 0.0) {
            all.push((text::CALLS_PER_VISIT.to_owned(), amount(visits / of)));
        }
    }
    for pool in pools(root, from, to, asynchronous) {
        all.extend(of_pool(caller, &pool, index));
    }
    all.extend(at(&callee.wait_ms, index).map(|wait| (text::WAIT_THERE.to_owned(), milliseconds(wait))));
    // Whoever waits for a queue waits for its broker only: how long a message is held there is backlog and handling.
    if asynchronous || is_queue(root, to) {
        all.extend(at(&callee.backlog, index).map(|backlog| (text::BACKLOG.to_owned(), amount(backlog))));
    } else {
        all.extend(at(&callee.hold_ms, index).map(|time| (text::ANSWER_TAKES.to_owned(), milliseconds(time))));
    }
    if alone && !asynchronous {
        all.extend(of_the_means(root, projection, to, index));
    }
    all
}

fn is_queue(root: &Value, id: &str) -> bool {
    list_at(root, "components").iter().any(|one| text_at(one, "id") == id && text_at(one, "kind") == "queue")
}

/// What a pool of the caller is held, and how long one waits for a connection.
fn of_pool(caller: &ComponentColumns, name: &str, index: usize) -> Option<(String, String)> {
    let (utilization, wait) = caller.pools.get(name)?;
    let parts = [at(utilization, index).map(percent), at(wait, index).map(|wait| text::waits(&milliseconds(wait)))];
    let value = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    (!value.is_empty()).then(|| (text::pool_of(name), value))
}

/// What waits and work at a component are of the mean of each class that comes there: a share only where the hops follow one
/// another, so that they add up to the mean. Those of calls made at once add up to more.
fn of_the_means(root: &Value, projection: &Projection, id: &str, index: usize) -> Pairs {
    let of = |class: &worker::protocol::ClassColumns| {
        let hops = class.waterfall.get(index)?;
        let all: f64 = hops.iter().map(|(.., ms)| ms).sum();
        let here: f64 = hops
            .iter()
            .filter(|(at, what, _)| at == id && matches!(what.as_str(), "own" | "queue"))
            .map(|(.., ms)| ms)
            .sum();
        let mean = class.latency_ms.get("mean").and_then(|column| at(column, index));
        let share = mean.filter(|mean| (all - mean).abs() <= ROUNDING * mean).map(|_| percent(here / all));
        let value = [Some(milliseconds(here)), share].into_iter().flatten().collect::<Vec<_>>().join(", ");
        (here > 0.0).then(|| (text::of_the_mean_of(&class_label(root, &class.id)), value))
    };
    projection.classes.iter().filter_map(of).collect()
}

/// Whether all visits of a callee are calls of one line.
fn is_only_way(root: &Value, from: &str, to: &str, asynchronous: bool) -> bool {
    let of_line = edges(root)
        .into_iter()
        .filter(|edge| edge.to == to)
        .all(|edge| edge.from == from && edge.asynchronous == asynchronous);
    let entered = list_at(root, "traffic").iter().any(|class| text_at(class, "entry") == to);
    let given_up = list_at(root, "components").iter().any(|one| text_at(one, "dead_letter") == to);
    of_line && !entered && !given_up
}

/// Pools of the caller that the calls of a line go through.
fn pools(root: &Value, from: &str, to: &str, asynchronous: bool) -> BTreeSet<String> {
    let caller = list_at(root, "components").iter().find(|one| text_at(one, "id") == from);
    let mut calls: Vec<&Value> = caller.into_iter().flat_map(|one| list_at(one, "calls")).collect();
    let mut found = BTreeSet::new();
    while let Some(call) = calls.pop() {
        if is_of_line(call, to, asynchronous) && !text_at(call, "pool").is_empty() {
            found.insert(text_at(call, "pool").to_owned());
        }
        calls.extend(list_at(call, "on_miss"));
    }
    found
}

/// What a component costs, and what that is of all spend.
pub fn of_price(root: &Value, projection: &Projection, id: &str, growth: f64) -> Pairs {
    let index = row(projection, growth);
    let Some(columns) = component(projection, id) else { return Vec::new() };
    let Some(cost) = at(&columns.monthly_cost, index) else { return Vec::new() };
    let all = at(&projection.cost.monthly, index).filter(|all| *all > 0.0);
    let replicas = at(&columns.replicas, index).map(|count| (text::REPLICAS.to_owned(), amount(count)));
    [
        Some((text::MONTHLY_COST.to_owned(), money(cost, currency(root)))),
        all.map(|all| (text::OF_ALL_SPEND.to_owned(), percent(cost / all))),
        replicas,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How many replicas an autoscaler has brought it to, what it watches, and from which multiple on it has no more.
pub fn of_autoscaler(root: &Value, projection: &Projection, id: &str, growth: f64) -> Pairs {
    let index = row(projection, growth);
    let Some(columns) = component(projection, id) else { return Vec::new() };
    let scaler =
        list_at(root, "components").iter().find(|one| text_at(one, "id") == id).and_then(|one| one.get("autoscale"));
    let most = scaler.and_then(|scaler| number_at(scaler, "max"));
    let full = most.map(|most| {
        let first = columns.replicas.iter().position(|count| count.is_some_and(|count| count >= most));
        let (at, last) = (first.and_then(|first| projection.multiples.get(first)), projection.multiples.last());
        let said = at.map(|at| text::at_its_most_from(&multiple(*at)));
        said.unwrap_or_else(|| text::never_up_to(&multiple(last.copied().unwrap_or(1.0))))
    });
    [
        at(&columns.replicas, index).map(|count| (text::REPLICAS.to_owned(), amount(count))),
        at(&columns.utilization, index).map(|share| (text::BUSY.to_owned(), percent(share))),
        at(&columns.slot_utilization, index).map(|share| (text::SLOTS_HELD.to_owned(), percent(share))),
        full.map(|full| (text::AT_ITS_MOST.to_owned(), full)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{ClassColumns, CostColumns};

    fn pairs(rows: &[(&str, &str)]) -> Pairs {
        rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn column(id: &str, visits: f64) -> ComponentColumns {
        ComponentColumns {
            id: id.into(),
            visits_rps: vec![Some(visits)],
            wait_ms: vec![Some(2.0)],
            hold_ms: vec![Some(9.0)],
            ..ComponentColumns::default()
        }
    }

    fn mean(ms: Option<f64>) -> ClassColumns {
        ClassColumns { latency_ms: [("mean".to_owned(), vec![ms])].into(), ..ClassColumns::default() }
    }

    fn projection() -> Projection {
        let pools = [("pg".to_owned(), (vec![Some(0.61)], vec![Some(3.0)]))].into();
        let hop = |id: &str, what: &str, ms: f64| (id.to_owned(), what.to_owned(), ms);
        let waterfall = vec![vec![hop("app", "own", 30.0), hop("db", "own", 7.0), hop("db", "queue", 3.0)]];
        Projection {
            multiples: vec![1.0],
            classes: vec![ClassColumns { id: "browse".into(), waterfall, ..mean(Some(40.1)) }],
            components: vec![
                ComponentColumns { pools, ..column("app", 20.0) },
                column("db", 30.0),
                ComponentColumns { backlog: vec![Some(4.0)], ..column("mail", 5.0) },
            ],
            ..Projection::default()
        }
    }

    #[test]
    fn a_call_has_the_figures_that_are_its_own() {
        let root = json!({"traffic": [{"id": "browse", "entry": "app"}],
            "components": [{"id": "app", "label": "Shop", "calls": [{"to": "db", "pool": "pg"}, {"to": "mail", "mode": "async"}]},
                {"id": "db"}, {"id": "mail"}]});
        let edited = |place: &str, value: Value| {
            let mut root = root.clone();
            *root.pointer_mut(place).expect("it is there") = value;
            root
        };
        let alone = pairs(&[
            ("Calls served", "30/s"),
            ("Per visit of the caller", "1.5"),
            ("Pool pg", "61 %, waits 3 ms"),
            ("Mean wait there", "2 ms"),
            ("Its answer takes", "9 ms"),
            ("Of the mean of browse", "10 ms, 25 %"),
        ]);
        let shared = pairs(&[
            ("Visits there, by all callers", "30/s"),
            ("Pool pg", "61 %, waits 3 ms"),
            ("Mean wait there", "2 ms"),
            ("Its answer takes", "9 ms"),
        ]);
        let sent = pairs(&[
            ("Calls served", "5/s"),
            ("Per visit of the caller", "0.25"),
            ("Mean wait there", "2 ms"),
            ("Backlog", "4"),
        ]);
        let called = json!({"id": "mail", "calls": [{"to": "db"}]});
        let far = json!({"id": "mail", "calls": [{"to": "x", "on_miss": [{"to": "y", "on_miss": [{"to": "db"}]}]}]});
        let stored = json!([{"id": "app", "calls": [{"to": "mail"}]}, {"id": "mail", "kind": "queue"}]);
        let given_up = json!({"id": "mail", "dead_letter": "db"});
        // The document, the callee, whether it is not waited for, what is said.
        let rows = [
            (root.clone(), "db", false, &alone),
            (edited("/components/2", called), "db", false, &shared),
            (edited("/components/2", far), "db", false, &shared),
            (edited("/components/2", given_up), "db", false, &shared),
            (edited("/components", stored), "mail", false, &sent),
            (edited("/traffic/0/entry", json!("db")), "db", false, &shared),
            (root.clone(), "mail", true, &sent),
            (root.clone(), "gone", false, &Pairs::new()),
        ];
        for (root, to, asynchronous, wanted) in rows {
            assert_eq!(of_call(&root, &projection(), ("app", to), asynchronous, 1.0), *wanted, "{to} in {root}");
        }
    }

    #[test]
    fn an_answer_and_a_share_are_said_where_they_are_known() {
        let root = json!({"traffic": [{"id": "browse", "entry": "app"}],
            "components": [{"id": "app", "calls": [{"to": "db"}]}, {"id": "db"}, {"id": "mail"}]});
        let queue = json!({"id": "db", "kind": "queue"});
        // What the callee is, how long it is held, the mean of the class (its hops are 40 ms), the last figures.
        let rows = [
            (
                json!({"id": "db"}),
                Some(9.0),
                Some(40.1),
                vec![("Its answer takes", "9 ms"), ("Of the mean of browse", "10 ms, 25 %")],
            ),
            // Two calls made at once.
            (
                json!({"id": "db"}),
                Some(9.0),
                Some(33.0),
                vec![("Its answer takes", "9 ms"), ("Of the mean of browse", "10 ms")],
            ),
            (
                json!({"id": "db"}),
                Some(9.0),
                None,
                vec![("Its answer takes", "9 ms"), ("Of the mean of browse", "10 ms")],
            ),
            (
                json!({"id": "db"}),
                None,
                Some(40.0),
                vec![("Mean wait there", "2 ms"), ("Of the mean of browse", "10 ms, 25 %")],
            ),
            (queue, Some(9.0), Some(40.0), vec![("Backlog", "4"), ("Of the mean of browse", "10 ms, 25 %")]),
        ];
        for (callee, hold, ms, wanted) in rows {
            let (mut root, mut projection) = (root.clone(), projection());
            root["components"][1] = callee;
            let column = projection.components.iter_mut().find(|one| one.id == "db").expect("it is there");
            (column.hold_ms, column.residence_ms, column.backlog) = (vec![hold], vec![Some(7.0)], vec![Some(4.0)]);
            projection.classes[0].latency_ms = mean(ms).latency_ms;
            let said = of_call(&root, &projection, ("app", "db"), false, 1.0);
            assert_eq!(said[said.len() - 2..], pairs(&wanted), "{hold:?}, {ms:?}");
        }
    }

    #[test]
    fn a_price_and_an_autoscaler_have_theirs() {
        let root =
            json!({"components": [{"id": "app", "autoscale": {"min": 2, "max": {"value": 6, "source": "measured"}}}]});
        let app = ComponentColumns {
            id: "app".into(),
            replicas: vec![Some(2.0), Some(4.0), Some(6.0), Some(6.0)],
            utilization: vec![Some(0.5), Some(0.6), Some(0.7), None],
            monthly_cost: vec![Some(100.0), Some(200.0), Some(300.0), Some(300.0)],
            ..ComponentColumns::default()
        };
        let monthly = vec![Some(400.0), Some(0.0), None, Some(600.0)];
        let mut projection = Projection {
            multiples: vec![1.0, 2.0, 3.0, 4.0],
            components: vec![app],
            cost: CostColumns { monthly, ..CostColumns::default() },
            ..Projection::default()
        };
        assert_eq!(
            of_price(&root, &projection, "app", 1.0),
            pairs(&[("A month", "$100"), ("Of all spend", "25 %"), ("Replicas", "2")])
        );
        assert_eq!(
            of_price(&root, &projection, "app", 2.0),
            pairs(&[("A month", "$200"), ("Replicas", "4")]),
            "no share of nothing"
        );
        let scaled = |replicas: &str, busy: &str, most: &str| {
            pairs(&[("Replicas", replicas), ("Busy", busy), ("At its most", most)])
        };
        assert_eq!(of_autoscaler(&root, &projection, "app", 2.0), scaled("4", "60 %", "from 3.0×"));
        projection.components[0].replicas = vec![Some(2.0); 4];
        assert_eq!(of_autoscaler(&root, &projection, "app", 1.0), scaled("2", "50 %", "not up to 4.0×"));
        assert!(
            of_price(&root, &projection, "gone", 1.0).is_empty()
                && of_autoscaler(&root, &projection, "gone", 1.0).is_empty()
        );
    }
}
