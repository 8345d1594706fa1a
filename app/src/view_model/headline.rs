//! The one sentence: how far, until what, how sure, when, and what comes next.

use super::format::{milliseconds, money, month, multiple, percent, trim};
use super::system::{self, currency, number_at};
use crate::text;
use serde_json::Value;
use worker::protocol::{HeadroomView, Projection, SilentView};

/// A stretch of a sentence; the strong ones are what a hurried reader must see.
#[derive(Debug, Clone, PartialEq)]
pub enum Span {
    Plain(String),
    Strong(String),
}

fn plain(text: impl Into<String>) -> Span {
    Span::Plain(text.into())
}

fn strong(text: impl Into<String>) -> Span {
    Span::Strong(text.into())
}

/// The sentence itself, and what a reader must know beside it.
pub fn sentence(root: &Value, headroom: &HeadroomView) -> Vec<Span> {
    let mut spans = answer(root, headroom);
    spans.extend(besides(headroom).into_iter().map(|more| plain(format!(" {more}"))));
    spans
}

/// What the answer does not hold for, or cannot be relied on.
pub fn besides(headroom: &HeadroomView) -> Vec<String> {
    let unsettled = match headroom.unsettled.as_slice() {
        // Where something breaks, that stands by its own figures.
        [] => None,
        _ if headroom.multiple.is_some() => None,
        [one] => Some(text::unsettled(&multiple(*one))),
        [first, .., last] => {
            Some(text::unsettled_between(headroom.unsettled.len(), &multiple(*first), &multiple(*last)))
        }
    };
    let below = match headroom.fails_below.as_slice() {
        [] => None,
        [first, ..] => {
            let last = headroom.fails_below.last().unwrap_or(first);
            Some(text::fails_below(&multiple(*first), &multiple(*last)))
        }
    };
    let unsure = headroom.breaks_in.zip(headroom.band);
    let unsure = unsure.map(|(share, (low, _))| {
        text::doubtful(&multiple(headroom.at_least.unwrap_or(1.0)), &percent(share), &multiple(low))
    });
    unsure
        .into_iter()
        .chain(below)
        .chain(unsettled)
        .chain(headroom.collapses.then(|| text::COLLAPSES.to_owned()))
        .collect()
}

fn answer(root: &Value, headroom: &HeadroomView) -> Vec<Span> {
    let Some(limit) = headroom.multiple else {
        if headroom.no_limit {
            let why = if headroom.no_load { text::NO_LOAD } else { text::NO_LIMIT };
            return vec![strong(text::GROWTH_NOT_KNOWN), plain(why)];
        }
        return holds(root, headroom);
    };
    let cause = match headroom.objective {
        Some(index) => text::misses(&objective_cause(root, index)),
        None => full_or_failing(root, headroom),
    };
    if let Some(least) = headroom.at_most {
        return vec![plain(text::OVER_AT_LEAST), strong(multiple(least)), plain(text::OF_IT), plain(cause), plain(".")];
    }
    let opening = if limit < 1.0 { text::ALREADY_OVER } else { text::GROW_TO };
    let link = if limit < 1.0 { text::OF_TODAY } else { text::BEFORE };
    vec![plain(opening), strong(multiple(limit)), plain(link), plain(cause), plain(".")]
}

/// That nothing breaks, and what is at its end all the same.
fn holds(root: &Value, headroom: &HeadroomView) -> Vec<Span> {
    let least = multiple(headroom.at_least.unwrap_or(1.0));
    let (nothing, up_to) = if headroom.fails_below.is_empty() {
        (text::NOTHING_BREAKS, text::HOLDS_UP_TO)
    } else {
        (text::NOTHING_BREAKS_FROM_TODAY, text::HOLDS_FROM_TODAY)
    };
    match at_its_end(root, headroom) {
        None => vec![plain(text::GROW_AT_LEAST), strong(least), plain(nothing)],
        Some(but) => vec![plain(up_to), strong(least), plain(format!("{}{but}", text::HOLDS_BUT))],
    }
}

/// What is at its end although nothing breaks, in words.
pub fn at_its_end(root: &Value, headroom: &HeadroomView) -> Option<String> {
    Some(match headroom.silent.as_ref()? {
        SilentView::Full { component, resource, multiple: from, refuses } => {
            let what = system::resource(root, component, resource);
            let then = if *refuses { text::REFUSED_BEYOND } else { text::WAITED_BEYOND };
            text::full_from(&what, &multiple(*from)) + then
        }
        SilentView::Failing { class, share, multiple: at } => {
            text::fail_at(&percent(*share), &system::class_label(root, class), &multiple(*at))
        }
    })
}

/// What breaks first, in words, and what of it is full; empty where nothing does.
pub fn cause(root: &Value, headroom: &HeadroomView) -> String {
    let full = cause_of(root, headroom);
    match (headroom.multiple, headroom.objective) {
        (None, _) => String::new(),
        (_, Some(index)) if full.is_empty() => objective_cause(root, index),
        (_, Some(index)) => format!("{} ({full})", objective_cause(root, index)),
        (_, None) => full_or_failing(root, headroom),
    }
}

/// What is full where no objective is missed; nothing is where every request fails all the same, or every message.
fn full_or_failing(root: &Value, headroom: &HeadroomView) -> String {
    match (&headroom.component, &headroom.resource) {
        (Some(_), Some(_)) => text::is_full(&cause_of(root, headroom)),
        (Some(queue), None) => text::backlog_grows(&system::label_of(root, queue)),
        (None, _) => text::EVERY_REQUEST_FAILS.to_owned(),
    }
}

fn cause_of(root: &Value, headroom: &HeadroomView) -> String {
    let component = headroom.component.as_deref().unwrap_or_default();
    system::resource(root, component, headroom.resource.as_deref().unwrap_or_default())
}

/// `p95 of browse passes 200 ms`: a figure is the subject, because a name may be of one thing or of many.
fn objective_cause(root: &Value, index: usize) -> String {
    let Some(slo) = system::list_at(root, "slos").get(index) else { return text::AN_OBJECTIVE_FAILS.into() };
    let class = system::class_label(root, system::text_at(slo, "traffic"));
    let component = system::label_of(root, system::text_at(slo, "component"));
    let at = |key: &str| slo.get(key).and_then(Value::as_f64);
    if let Some(limit) = at("latency_ms") {
        let percentile =
            at("percentile").map_or(text::MEAN.to_owned(), |percentile| format!("p{}", trim(percentile, 2)));
        text::passes(&percentile, &class, &milliseconds(limit))
    } else if let Some(ratio) = at("max_error_ratio") {
        text::passes(text::ERROR_SHARE, &class, &percent(ratio))
    } else if let Some(ratio) = at("max_utilization") {
        text::passes(text::UTILIZATION, &component, &percent(ratio))
    } else if let Some(age) = at("max_backlog_age_s") {
        text::messages_wait(&component, &super::format::amount(age))
    } else if let Some(cost) = at("max_monthly_cost") {
        text::spend_passes(&money(cost, currency(root)))
    } else {
        let lost = slo.get("survive").and_then(Value::as_str);
        lost.map_or_else(|| text::AN_OBJECTIVE_FAILS.into(), text::not_survived)
    }
}

/// The line under it: cause, band, date, next limit.
pub fn explanation(root: &Value, projection: &Projection) -> Vec<Span> {
    let Some(headroom) = &projection.headroom else { return Vec::new() };
    let mut spans = Vec::new();
    if headroom.objective.is_some() && headroom.component.is_some() {
        spans.extend([plain(text::LIMITED_BY), strong(cause_of(root, headroom)), plain(". ")]);
    }
    if let Some((low, high)) = headroom.band.filter(|_| headroom.multiple.is_some()) {
        spans.push(plain(text::band(&multiple(low), &multiple(high))));
        spans.push(plain(if headroom.date.is_some() { ", " } else { ". " }));
    }
    if let Some(date) = &headroom.date {
        let about = if headroom.band.is_some() { text::ABOUT } else { text::ABOUT_FIRST };
        spans.extend([plain(about), strong(month(date))]);
        let rate = root.get("growth").and_then(|growth| number_at(growth, "per_month"));
        spans.push(plain(rate.map_or(String::new(), |rate| text::at_rate(&percent(rate)))));
        spans.push(plain(". "));
    }
    if let Some(next) = projection.next.first() {
        let what = system::resource(root, &next.component, &next.resource);
        let at = multiple(next.multiple);
        // The resource itself is full only where no objective failed before: then it is the cause, not the limit.
        spans.push(plain(text::NEXT_LIMIT));
        match next.objective {
            Some(index) => {
                spans.extend([strong(text::at(&objective_cause(root, index), &at)), plain(text::because_of(&what))]);
            }
            None => spans.extend([strong(text::at(&what, &at)), plain(".")]),
        }
    }
    spans
}

/// The class that the first view follows: that of the objective which breaks first, else the one with an objective, else the busiest.
pub fn leading_class(root: &Value, projection: &Projection) -> Option<String> {
    let of_objective =
        |index: usize| system::list_at(root, "slos").get(index).map(|slo| system::text_at(slo, "traffic").to_owned());
    let breaking = projection.headroom.as_ref().and_then(|headroom| headroom.objective).and_then(of_objective);
    let first = (0..projection.objectives.len()).filter_map(of_objective).find(|class| !class.is_empty());
    let busiest = projection.classes.iter().max_by(|a, b| {
        let rate = |class: &worker::protocol::ClassColumns| class.offered_rps.first().copied().flatten().unwrap_or(0.0);
        rate(a).total_cmp(&rate(b))
    });
    breaking.filter(|class| !class.is_empty()).or(first).or(busiest.map(|class| class.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::NextView;

    fn root() -> Value {
        json!({
            "growth": {"per_month": 0.08},
            "traffic": [{"id": "browse"}],
            "components": [{"id": "api", "kind": "service", "calls": [{"to": "db", "pool": "pg"}]}, {"id": "db", "kind": "database"}],
            "slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 200}]
        })
    }

    fn read(spans: &[Span]) -> String {
        spans
            .iter()
            .map(|span| match span {
                Span::Plain(text) | Span::Strong(text) => text.as_str(),
            })
            .collect()
    }

    #[test]
    fn sentences() {
        let pool = HeadroomView {
            multiple: Some(2.05),
            component: Some("api".into()),
            resource: Some("pool:pg".into()),
            ..HeadroomView::default()
        };
        let missed = HeadroomView { multiple: Some(7.0), objective: Some(0), ..HeadroomView::default() };
        let over = HeadroomView { multiple: Some(0.8), ..pool.clone() };
        let never = HeadroomView { multiple: Some(0.1), at_most: Some(0.1), ..missed.clone() };
        let failing = HeadroomView { objective: None, ..missed.clone() };
        let open = HeadroomView { at_least: Some(10.0), ..HeadroomView::default() };
        let rows = [
            (pool, "You can grow 2.05× before the connection pool from api to db is full."),
            (missed, "You can grow 7.0× before p95 of browse passes 200 ms."),
            (
                over.clone(),
                "Already over: the system holds 0.8× of today's load before the connection pool from api to db is full.",
            ),
            (never, "Already over, and so is 0.1× of today's load: p95 of browse passes 200 ms."),
            (failing, "You can grow 7.0× before every request of a class fails."),
            (
                HeadroomView { no_limit: true, no_load: true, ..open.clone() },
                "How far you can grow is not known: no load comes in. Add a traffic class under the drawing, or say how many requests or users there are.",
            ),
            (
                HeadroomView { no_limit: true, ..open.clone() },
                "How far you can grow is not known: nothing in the model has a limit. Measure at higher load, or say how many slots, cores or connections there are.",
            ),
            (
                HeadroomView {
                    silent: Some(SilentView::Full {
                        component: "db".into(),
                        resource: "connections".into(),
                        multiple: 4.0,
                        refuses: true,
                    }),
                    ..open.clone()
                },
                "Every objective holds up to 10×, but the connections of db are full from 4.0× on: what comes beyond it is refused.",
            ),
            (
                HeadroomView {
                    silent: Some(SilentView::Failing { class: "browse".into(), share: 0.31, multiple: 6.0 }),
                    ..open.clone()
                },
                "Every objective holds up to 10×, but 31 % of browse fail at 6.0×, which no objective is about.",
            ),
            (
                HeadroomView { collapses: true, unsettled: vec![3.0], ..over.clone() },
                "Already over: the system holds 0.8× of today's load before the connection pool from api to db is full. Retries can hold it in collapse after a disturbance.",
            ),
            (
                HeadroomView { collapses: true, unsettled: vec![3.0], ..open.clone() },
                "You can grow at least 10×: nothing fills up and every objective holds. At 3.0× the solver did not settle: simulate before relying on it. Retries can hold it in collapse after a disturbance.",
            ),
            (
                HeadroomView { unsettled: vec![3.0, 4.0, 5.5], ..open.clone() },
                "You can grow at least 10×: nothing fills up and every objective holds. At 3 multiples from 3.0× to 5.5× the solver did not settle: simulate before relying on them.",
            ),
            (
                HeadroomView { fails_below: vec![0.1, 0.15, 0.2], ..open.clone() },
                "You can grow at least 10×: from today's load on nothing fills up and every objective holds. With less load than today's it does not always hold: not from 0.1× to 0.2×.",
            ),
            (
                HeadroomView {
                    silent: Some(SilentView::Failing { class: "browse".into(), share: 0.31, multiple: 6.0 }),
                    fails_below: vec![0.5],
                    ..open.clone()
                },
                "From today's load on every objective holds up to 10×, but 31 % of browse fail at 6.0×, which no objective is about. With less load than today's it does not hold: at 0.5×.",
            ),
            (
                HeadroomView { breaks_in: Some(0.41), band: Some((4.6, 10.0)), ..open.clone() },
                "You can grow at least 10×: nothing fills up and every objective holds. Within the uncertainty of its figures something breaks up to 10× in 41 % of the draws, and below 4.6× in 5 %.",
            ),
            (open, "You can grow at least 10×: nothing fills up and every objective holds."),
        ];
        for (headroom, wanted) in rows {
            assert_eq!(read(&sentence(&root(), &headroom)), wanted);
        }
    }

    #[test]
    fn a_cause_reads_well_whatever_the_name() {
        let root = json!({
            "traffic": [{"id": "requests"}], "components": [{"id": "workers"}],
            "slos": [
                {"traffic": "requests", "percentile": 99.9, "latency_ms": 200}, {"traffic": "requests", "latency_ms": 50},
                {"traffic": "requests", "max_error_ratio": 0.001}, {"component": "workers", "max_utilization": 0.8},
                {"component": "workers", "max_backlog_age_s": 30}, {"max_monthly_cost": 1500},
                {"survive": "replica"}, {"survive": "zone"}]});
        let rows = [
            "p99.9 of requests passes 200 ms",
            "mean latency of requests passes 50 ms",
            "the error share of requests passes 0.1 %",
            "utilization of workers passes 80 %",
            "messages in workers wait longer than 30 s",
            "spend passes $1.5k a month",
            "the loss of one replica could not be carried",
            "the loss of one zone could not be carried",
        ];
        for (index, wanted) in rows.into_iter().enumerate() {
            assert_eq!(objective_cause(&root, index), wanted);
        }
    }

    #[test]
    fn the_line_under_it() {
        let headroom = HeadroomView {
            multiple: Some(7.0),
            band: Some((6.4, 7.5)),
            component: Some("api".into()),
            resource: Some("pool:pg".into()),
            objective: Some(0),
            date: Some("2028-12".into()),
            ..HeadroomView::default()
        };
        let unsure = HeadroomView { band: None, ..headroom.clone() };
        let first = Projection { headroom: Some(unsure), ..Projection::default() };
        assert_eq!(
            read(&explanation(&root(), &first)).trim_end(),
            "What runs out: connection pool from api to db. About December 2028 at 8 % a month."
        );
        let next = NextView { multiple: 9.4, component: "api".into(), resource: "slots".into(), ..NextView::default() };
        let missed = NextView { objective: Some(0), ..next.clone() };
        let missing = Projection { headroom: Some(headroom.clone()), next: vec![missed], ..Projection::default() };
        assert!(
            read(&explanation(&root(), &missing))
                .ends_with("Next limit: p95 of browse passes 200 ms at 9.4× (slots of api).")
        );
        let projection = Projection { headroom: Some(headroom), next: vec![next], ..Projection::default() };
        assert_eq!(
            read(&explanation(&root(), &projection)),
            "What runs out: connection pool from api to db. Band 6.4× to 7.5×, about December 2028 at 8 % a month. Next limit: slots of api at 9.4×."
        );
    }
}
