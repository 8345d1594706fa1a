//! A comparison on its way: first what differs, then each scenario's lines over growth.

use super::{columns, no_study, open};
use crate::protocol::{Compared, ComparisonView, HeadroomView, Response, Study};
use scenario::{Problem, Scenario};
use serde_json::Value;
use std::collections::BTreeSet;
use study::result::{Point, ResultDoc};

/// Scenarios at most.
const MOST: usize = 4;
/// Steps of the lines between their ends.
const STEPS: usize = 18;

/// A comparison in progress.
pub(super) struct Comparing {
    asked: u32,
    scenarios: Vec<Scenario>,
    lines: Vec<ResultDoc>,
    view: Option<ComparisonView>,
    done: bool,
}

impl Comparing {
    /// Checks the documents.
    pub fn new(asked: u32, items: &[Compared]) -> Result<Self, Vec<Problem>> {
        if !(2..=MOST).contains(&items.len()) {
            let text = format!("{} scenarios were chosen", items.len());
            return Err(vec![Problem::new("", text, "choose two to four")]);
        }
        let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
        for item in items {
            match read(item) {
                Ok(scenario) => scenarios.push(scenario),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(Self { asked, scenarios, lines: Vec::new(), view: None, done: false })
        } else {
            Err(problems)
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The next slice, and what is known after it.
    pub fn step(&mut self) -> Response {
        match self.slice() {
            Ok(view) => Response::Compared(Box::new(view)),
            Err(problems) => {
                self.done = true;
                no_study(Study::Compare, self.asked, &problems)
            }
        }
    }

    fn slice(&mut self) -> Result<ComparisonView, Vec<Problem>> {
        let Some(view) = &mut self.view else {
            let view = ComparisonView { asked: self.asked, ..differences(&self.scenarios)? };
            self.view = Some(view.clone());
            return Ok(view);
        };
        if let Some(scenario) = self.scenarios.get(self.lines.len()) {
            self.lines.push(study::solve(scenario, &view.multiples)?);
        }
        if self.lines.len() == self.scenarios.len() {
            self.done = true;
            view.done = true;
            // The lines see more multiples than the scenario names.
            for ((headroom, scenario), doc) in view.headrooms.iter_mut().zip(&self.scenarios).zip(&self.lines) {
                headroom.collapses |= columns::collapses(doc);
                if headroom.multiple.is_none() {
                    headroom.silent = columns::silent(doc, scenario).or_else(|| headroom.silent.take());
                }
            }
            // What has no price is not free.
            let month = |doc: &ResultDoc| column(doc, |point| doc.is_priced().then_some(point.cost.monthly));
            view.monthly = self.lines.iter().map(month).collect();
            // The open scenario's own come first: the first of all is what is drawn until somebody chooses.
            let mut seen = BTreeSet::new();
            let classes = self.scenarios.iter().flat_map(|s| s.traffic.iter().map(|c| &c.id));
            let classes: Vec<&String> = classes.filter(|id| seen.insert(*id)).collect();
            let line = |doc: &ResultDoc, id: &str| {
                column(doc, |point| point.classes.get(id)?.latency_ms.as_ref()?.get("p95").copied())
            };
            let all = || self.scenarios.iter().zip(&self.lines);
            let own = |(scenario, doc): (&Scenario, &ResultDoc), id: &str| {
                if scenario.traffic.iter().any(|class| class.id == id) { line(doc, id) } else { Vec::new() }
            };
            let of_class = |id: &String| (id.clone(), all().map(|one| own(one, id)).collect());
            view.p95 = classes.into_iter().map(of_class).collect();
        }
        Ok(view.clone())
    }
}

fn column(doc: &ResultDoc, read: impl Fn(&Point) -> Option<f64>) -> Vec<Option<f64>> {
    doc.points.iter().map(read).collect()
}

fn read(item: &Compared) -> Result<Scenario, Vec<Problem>> {
    let text = match item {
        Compared::Text(text) => text.as_str(),
        Compared::Example(id) => open::example_text(id).ok_or_else(|| {
            vec![Problem::new("", format!("there is no ready scenario `{id}`"), "choose one of the list")]
        })?,
    };
    Ok(scenario::parse(text)?.scenario)
}

/// What is needed of a scenario to say in words what breaks.
fn outline(scenario: &Scenario) -> String {
    fn only(one: &mut Value, keys: &[&str]) {
        if let Some(map) = one.as_object_mut() {
            map.retain(|key, _| keys.contains(&key.as_str()));
        }
    }
    let mut root = serde_json::to_value(scenario).unwrap_or_default();
    only(&mut root, &["components", "traffic", "slos", "currency"]);
    for (list, keys) in [("components", &["id", "label", "calls"][..]), ("traffic", &["id", "label"])] {
        let all = root.get_mut(list).and_then(Value::as_array_mut);
        all.into_iter().flatten().for_each(|one| only(one, keys));
    }
    root.to_string()
}

fn differences(scenarios: &[Scenario]) -> Result<ComparisonView, Vec<Problem>> {
    let found = study::compare(scenarios, &[])?;
    let written = scenarios.iter().flat_map(|s| s.growth.iter().flat_map(|growth| growth.multiples.iter().copied()));
    let most = written.fold(1.0, f64::max);
    let most = if most > 1.0 { most } else { 10.0 };
    let headroom = |(doc, scenario): (&ResultDoc, &Scenario)| {
        let headroom = doc.headroom.clone().unwrap_or_default();
        HeadroomView {
            multiple: headroom.multiple,
            at_least: headroom.at_least,
            at_most: headroom.at_most,
            no_limit: headroom.no_limit,
            no_load: headroom.no_load,
            component: headroom.component,
            resource: headroom.resource,
            objective: headroom.objective,
            why: headroom.why,
            date: headroom.date,
            silent: headroom.multiple.map_or_else(|| columns::silent(doc, scenario), |_| None),
            collapses: columns::collapses(doc),
            unsettled: columns::unsettled(doc),
            fails_below: columns::fails_below(doc),
            ..HeadroomView::default()
        }
    };
    Ok(ComparisonView {
        names: found.names,
        currencies: scenarios.iter().map(|s| s.currency.clone().unwrap_or_else(|| "USD".into())).collect(),
        headrooms: found.results.iter().zip(scenarios).map(headroom).collect(),
        outlines: scenarios.iter().map(outline).collect(),
        inputs: found.inputs,
        others: found.others,
        figures: found.figures,
        multiples: (0..=STEPS).map(|step| 1.0 + step as f64 * (most - 1.0) / STEPS as f64).collect(),
        ..ComparisonView::default()
    })
}
