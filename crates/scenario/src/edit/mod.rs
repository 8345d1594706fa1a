//! Editing: commands as data, applied to a scenario and giving a new one, with undo and redo.
//!
//! An edit is taken when it adds no problem that was not there before: a broken document can be mended step by step, and a
//! sound one stays sound. What refers to a removed or renamed thing is cleaned up or renamed with it; the draws of a
//! calibration lose the columns of quantities that were changed by hand.

mod history;
pub(crate) mod refer;
mod set;
mod structure;

pub use history::History;

use crate::Problem;
use crate::v1::{Call, Component, Scenario, Traffic};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Sets what stands at a path (`components.db.cores`, `components[2].calls[0].retry.max`); `null` removes it. Objects on
    /// the way are made; a list position one past the end appends.
    Set {
        /// The path, by positions or ids.
        path: String,
        /// The new value, in the document's form.
        value: Value,
    },
    /// Adds a component.
    AddComponent(Box<Component>),
    /// Removes components, with the calls to them and everything else that names them.
    RemoveComponents(Vec<String>),
    /// Renames a component everywhere.
    RenameComponent {
        /// Its id.
        id: String,
        /// Its new id.
        to: String,
    },
    /// Copies components beside the originals, with the calls among the copies; ids get a number.
    Duplicate(Vec<String>),
    /// Adds a traffic class.
    AddTraffic(Box<Traffic>),
    /// Removes a traffic class, and everything that names it.
    RemoveTraffic(String),
    /// Renames a traffic class everywhere.
    RenameTraffic {
        /// Its id.
        id: String,
        /// Its new id.
        to: String,
    },
    /// Adds a call at the end of a component's calls.
    Connect {
        /// The caller.
        from: String,
        /// The call.
        call: Box<Call>,
    },
    /// Removes every call from one component to another, `on_miss` included.
    Disconnect {
        /// The caller.
        from: String,
        /// The callee.
        to: String,
    },
    /// Moves components on the canvas.
    Move(Vec<(String, f64, f64)>),
    /// Replaces the whole scenario (an import, a calibration, a plan applied).
    Replace(Box<Scenario>),
    /// Several edits as one step.
    Many(Vec<Edit>),
}

impl Edit {
    /// What the step is called beside undo and redo.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Set { path, value: Value::Null } => format!("Clear {path}"),
            Self::Set { path, .. } => format!("Set {path}"),
            Self::AddComponent(component) => format!("Add {}", component.id),
            Self::RemoveComponents(ids) => format!("Remove {}", ids.join(", ")),
            Self::RenameComponent { id, to } | Self::RenameTraffic { id, to } => format!("Rename {id} to {to}"),
            Self::Duplicate(ids) => format!("Duplicate {}", ids.join(", ")),
            Self::AddTraffic(class) => format!("Add class {}", class.id),
            Self::RemoveTraffic(id) => format!("Remove class {id}"),
            Self::Connect { from, call } => format!("Connect {from} to {}", call.to),
            Self::Disconnect { from, to } => format!("Disconnect {from} from {to}"),
            Self::Move(moves) if moves.len() == 1 => format!("Move {}", moves[0].0),
            Self::Move(moves) => format!("Move {} components", moves.len()),
            Self::Replace(_) => "Replace the scenario".to_owned(),
            Self::Many(edits) => edits.first().map_or_else(String::new, Self::label),
        }
    }

    /// Edits with the same key that follow each other at once are one step: dragging, typing, sliding.
    fn merges_as(&self) -> Option<String> {
        match self {
            Self::Set { path, .. } => Some(format!("set {path}")),
            Self::Move(moves) => {
                let ids: Vec<&str> = moves.iter().map(|(id, _, _)| id.as_str()).collect();
                Some(format!("move {}", ids.join(" ")))
            }
            _ => None,
        }
    }
}

/// Applies an edit to a scenario.
///
/// # Errors
/// The problems that the edit would add; the scenario stays as it is.
pub fn apply(scenario: &Scenario, edit: &Edit) -> Result<Scenario, Vec<Problem>> {
    apply_knowing(scenario, &crate::check(scenario), edit).map(|(edited, _)| edited)
}

/// As [`apply`], with the problems of the scenario known, and those of the edited one answered too.
fn apply_knowing(
    scenario: &Scenario,
    known: &[Problem],
    edit: &Edit,
) -> Result<(Scenario, Vec<Problem>), Vec<Problem>> {
    let mut before = scenario.clone();
    if !matches!(edit, Edit::Move(_)) {
        crate::quantities::name_draws_by_id(&mut before);
    }
    let edited = change(before.clone(), edit)?;
    // Moving changes nothing else that could be wrong, and must keep up with a drag.
    if matches!(edit, Edit::Move(_)) {
        return Ok((edited, known.to_vec()));
    }
    let edited = refer::without_stale_draws(&before, edited);
    let problems = crate::check(&edited);
    let added = added(known, &problems);
    if added.is_empty() { Ok((edited, problems)) } else { Err(added) }
}

/// The problems that were not there before. Positions may have moved, so problems are the same when they say the same.
fn added(before: &[Problem], after: &[Problem]) -> Vec<Problem> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in before {
        *left.entry(&problem.text).or_default() += 1;
    }
    let is_new = |problem: &&Problem| match left.get_mut(problem.text.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    after.iter().filter(is_new).cloned().collect()
}

/// An id for a new component or class that is not taken yet: the base itself, or with a number.
#[must_use]
pub fn fresh_id(scenario: &Scenario, base: &str) -> String {
    let components = scenario.components.iter().map(|c| c.id.as_str());
    let taken: BTreeSet<&str> = components.chain(scenario.traffic.iter().map(|t| t.id.as_str())).collect();
    let numbered = (2..).map(|n| format!("{base}-{n}"));
    std::iter::once(base.to_owned()).chain(numbered).find(|id| !taken.contains(id.as_str())).unwrap_or_default()
}

/// The changed scenario, unchecked.
fn change(mut scenario: Scenario, edit: &Edit) -> Result<Scenario, Vec<Problem>> {
    match edit {
        Edit::Set { path, value } => return set::set(&scenario, path, value),
        Edit::AddComponent(component) => scenario.components.push((**component).clone()),
        Edit::RemoveComponents(ids) => structure::remove_components(&mut scenario, ids)?,
        Edit::RenameComponent { id, to } => structure::rename_component(&mut scenario, id, to)?,
        Edit::Duplicate(ids) => structure::duplicate(&mut scenario, ids)?,
        Edit::AddTraffic(class) => scenario.traffic.push((**class).clone()),
        Edit::RemoveTraffic(id) => structure::remove_traffic(&mut scenario, id)?,
        Edit::RenameTraffic { id, to } => structure::rename_traffic(&mut scenario, id, to)?,
        Edit::Connect { from, call } => structure::component_mut(&mut scenario, from)?.calls.push((**call).clone()),
        Edit::Disconnect { from, to } => {
            let caller = structure::component_mut(&mut scenario, from)?;
            refer::retain_calls(&mut caller.calls, &mut |call| call.to != *to);
        }
        Edit::Move(moves) => structure::move_components(&mut scenario, moves)?,
        Edit::Replace(other) => {
            scenario = (**other).clone();
            crate::quantities::name_draws_by_id(&mut scenario);
        }
        Edit::Many(edits) => {
            for edit in edits {
                scenario = change(scenario, edit)?;
            }
        }
    }
    Ok(scenario)
}
