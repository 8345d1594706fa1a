//! Complete checks. A raw document is first walked against the catalogue ([`walk`]), then what could be read is checked as a
//! whole: names, kinds, calls, loops, objectives. Everything that is wrong is found in one go.

mod calls;
mod components;
mod documents;
mod graph;
mod names;
mod objectives;
mod price;
mod priority;
pub(crate) mod problems;
mod service;
mod traffic;
mod walk;
pub(crate) mod words;

use crate::Problem;
use crate::path::Path;
use crate::record::{self, Part};
use crate::v1::Scenario;
use crate::version::{self, Age};
use engine::order;
use names::Names;
use problems::Findings;
use serde_json::Value;
use std::collections::BTreeSet;
use walk::Walk;

/// A document that was opened, however broken.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// What could be read; faulty values are left out or replaced by something near.
    pub scenario: Scenario,
    /// What is wrong; empty when the scenario can be used as it is.
    pub problems: Vec<Problem>,
    /// What a reader should know: keys of a newer version, parts without effect, odd but possible values.
    pub notes: Vec<Problem>,
}

/// The candidate nearest to a word by edit distance, when one is near enough to be meant.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    problems::Suggestions::default().nearest(word, candidates)
}

/// Checks a scenario that is already typed (built or edited by a program).
///
/// Costs about as much as reading it; [`crate::lower()`] does it too.
#[must_use]
pub fn check(scenario: &Scenario) -> Vec<Problem> {
    open_value(scenario.tree().into()).map_or_else(|problem| vec![problem], |opened| opened.problems)
}

/// Opens whatever can be read of a raw document.
///
/// # Errors
/// One problem when nothing of it can: another kind of document, or a newer major version.
pub(crate) fn open_value(value: Value) -> Result<Opened, Problem> {
    open_counting(value).map(|(opened, _)| opened)
}

/// As [`open_value`], with the number of problems, the first ones, that concern single values.
///
/// # Errors
/// As [`open_value`].
pub(crate) fn open_counting(mut value: Value) -> Result<(Opened, usize), Problem> {
    let age = version::lift(&mut value)?;
    let mut findings = Findings::default();
    let unknown_kinds = sanitize(&mut value, age, &mut findings);
    let scenario: Scenario = record::read(&value).map_err(|error| {
        Problem::new("", format!("this cannot be read: {error}"), "compare it with the scenario format")
    })?;
    let unfit = findings.count();
    whole(&scenario, &unknown_kinds, &mut findings);
    let (problems, notes) = findings.into_parts();
    Ok((Opened { scenario, problems, notes }, unfit))
}

/// The walk over the raw document; answers the positions of components of unknown kind.
fn sanitize(value: &mut Value, age: Age, findings: &mut Findings) -> BTreeSet<usize> {
    let Some(map) = value.as_object_mut() else {
        return BTreeSet::new();
    };
    let traffic = map.get("traffic").and_then(Value::as_array);
    let classes = traffic.into_iter().flatten().filter_map(|class| class.get("id")?.as_str()).map(str::to_owned);
    let classes = order::set(classes);
    let mut walk = Walk { findings, classes, newer: age == Age::Newer, unknown_kinds: BTreeSet::new(), depth: 0 };
    walk.shape(map, &crate::catalogue::SCENARIO, &Path::ROOT);
    walk.unknown_kinds
}

/// Everything that needs more than one value to be judged.
fn whole(scenario: &Scenario, unknown_kinds: &BTreeSet<usize>, findings: &mut Findings) {
    let names = Names::new(scenario, unknown_kinds);
    names::check(&names, findings);
    traffic::check(&names, findings);
    components::check(&names, findings);
    priority::check(&names, findings);
    calls::check(&names, findings);
    graph::check(&names, findings);
    objectives::check(&names, findings);
    documents::check(&names, findings);
}
