//! Names: unique, and there when something refers to them. An empty name stands for one that was already reported.

use super::problems::Findings;
use crate::path::Path;
use crate::v1::{Component, ComponentKind, Scenario};
use engine::order;
use std::collections::{BTreeMap, BTreeSet};

/// Words that a value for all classes may have as keys: a class of that name could not be told from them.
const RESERVED: [&str; 12] =
    ["value", "low", "high", "source", "from", "dist", "cv", "points", "keys", "zipf", "eviction", "mean"];

/// A scenario with its names looked up.
pub(super) struct Names<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) components: BTreeMap<&'s str, usize>,
    pub(super) classes: BTreeMap<&'s str, usize>,
    pub(super) zones: BTreeSet<&'s str>,
    unknown_kinds: &'s BTreeSet<usize>,
}

impl<'s> Names<'s> {
    pub(super) fn new(scenario: &'s Scenario, unknown_kinds: &'s BTreeSet<usize>) -> Self {
        // Of two things with one id the first is meant.
        let components = scenario.components.iter().enumerate().rev().map(|(i, c)| (c.id.as_str(), i));
        let classes = scenario.traffic.iter().enumerate().rev().map(|(i, t)| (t.id.as_str(), i));
        let (components, classes) = (order::map(components), order::map(classes));
        let zones = order::set(scenario.zones.iter().map(String::as_str));
        Self { scenario, components, classes, zones, unknown_kinds }
    }

    /// The component of this name.
    pub(super) fn component(&self, id: &str) -> Option<&'s Component> {
        self.components.get(id).map(|&i| &self.scenario.components[i])
    }

    /// The kind of a component, `None` where the document's word for it was not known.
    pub(super) fn kind(&self, index: usize) -> Option<ComponentKind> {
        (!self.unknown_kinds.contains(&index)).then(|| self.scenario.components[index].kind)
    }

    /// The kind of the component of this name.
    pub(super) fn kind_of(&self, id: &str) -> Option<ComponentKind> {
        self.components.get(id).and_then(|&i| self.kind(i))
    }

    /// Reports a component that does not exist.
    pub(super) fn want_component(&self, id: &str, path: &Path, findings: &mut Findings) {
        if !id.is_empty() && !self.components.contains_key(id) {
            missing("component", id, self.components.keys().copied(), path, findings);
        }
    }

    /// Reports a traffic class that does not exist.
    pub(super) fn want_class(&self, id: &str, path: &Path, findings: &mut Findings) {
        if !id.is_empty() && !self.classes.contains_key(id) {
            missing("traffic class", id, self.classes.keys().copied(), path, findings);
        }
    }

    /// Reports a zone that does not exist.
    pub(super) fn want_zone(&self, id: &str, path: &Path, findings: &mut Findings) {
        if !id.is_empty() && !self.zones.contains(id) {
            missing("zone", id, self.zones.iter().copied(), path, findings);
        }
    }
}

/// Reports a name that does not exist, with the one that may be meant.
pub(super) fn missing<'c>(
    what: &str,
    id: &str,
    known: impl ExactSizeIterator<Item = &'c str>,
    path: &Path,
    findings: &mut Findings,
) {
    let none = known.len() == 0;
    let remedy = match findings.suggestions.nearest(id, known) {
        Some(near) => format!("did you mean {near}?"),
        None if none => format!("add a {what} of that name first"),
        None => format!("name a {what} of this scenario, or add one"),
    };
    findings.problem(path, format!("there is no {what} {id:?}"), remedy);
}

/// Ids are unique among their kind; classes do not take a word of the format.
pub(super) fn check(names: &Names, findings: &mut Findings) {
    let s = names.scenario;
    let root = Path::ROOT;
    unique("components", s.components.iter().map(|c| c.id.as_str()), findings);
    unique("traffic", s.traffic.iter().map(|t| t.id.as_str()), findings);
    unique("costs", s.costs.iter().map(|c| c.id.as_str()), findings);
    unique("imports", s.imports.iter().map(|i| i.id.as_str()), findings);
    unique("zones", s.zones.iter().map(String::as_str), findings);
    let traffic = root.key("traffic");
    for (i, class) in s.traffic.iter().enumerate().filter(|(_, class)| RESERVED.contains(&class.id.as_str())) {
        let text = format!("{:?} is a word of the format", class.id);
        findings.problem(&traffic.index(i).key("id"), text, "choose another id for this class");
    }
}

fn unique<'s>(list: &str, ids: impl Iterator<Item = &'s str>, findings: &mut Findings) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let root = Path::ROOT;
    let list_path = root.key(list);
    for (i, id) in ids.enumerate().filter(|(_, id)| !id.is_empty()) {
        if let Some(earlier) = first.get(id) {
            let entry = list_path.index(i);
            let path = if list == "zones" { entry } else { entry.key("id") };
            findings.problem(&path, format!("{id:?} is already {list}[{earlier}]"), "choose another id");
        } else {
            first.insert(id, i);
        }
    }
}
