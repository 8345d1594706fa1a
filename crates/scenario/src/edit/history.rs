//! A document under edit, with undo and redo.

use super::Edit;
use crate::Problem;
use crate::v1::Scenario;
use std::collections::VecDeque;
use std::sync::Arc;

/// Steps that can be undone.
const DEEPEST: usize = 200;

/// A document with its past and future. Cloning is cheap: every state is shared.
#[derive(Debug, Clone)]
pub struct History {
    past: VecDeque<Step>,
    present: Arc<Scenario>,
    problems: Arc<Vec<Problem>>,
    future: Vec<Step>,
    /// The kind of the last edit, while further ones of the same kind belong to its step.
    open: Option<String>,
}

#[derive(Debug, Clone)]
struct Step {
    label: String,
    scenario: Arc<Scenario>,
    problems: Arc<Vec<Problem>>,
}

impl History {
    /// A document without past.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let problems = Arc::new(crate::check(&scenario));
        Self { past: VecDeque::new(), present: Arc::new(scenario), problems, future: Vec::new(), open: None }
    }

    /// The document as it stands.
    #[must_use]
    pub const fn scenario(&self) -> &Arc<Scenario> {
        &self.present
    }

    /// The problems it has; edits never add any, but a document can be opened with some.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Applies an edit as a step of its own, or as part of the last one when that was of the same kind and was not ended
    /// by [`History::end_step`].
    ///
    /// # Errors
    /// The problems that the edit would add; nothing changes then.
    pub fn edit(&mut self, edit: &Edit) -> Result<(), Vec<Problem>> {
        let (edited, problems) = super::apply_knowing(&self.present, &self.problems, edit)?;
        if edited == *self.present {
            return Ok(());
        }
        let kind = edit.merges_as();
        let merged = kind.is_some() && kind == self.open && !self.past.is_empty();
        let before = self.swap(Step { label: edit.label(), scenario: Arc::new(edited), problems: Arc::new(problems) });
        if !merged {
            self.past.push_back(before);
            if self.past.len() > DEEPEST {
                self.past.pop_front();
            }
        }
        self.future.clear();
        self.open = kind;
        Ok(())
    }

    /// Puts a state in place of the present one, which is answered under the same label.
    fn swap(&mut self, step: Step) -> Step {
        Step {
            label: step.label,
            scenario: std::mem::replace(&mut self.present, step.scenario),
            problems: std::mem::replace(&mut self.problems, step.problems),
        }
    }

    /// Ends the step that is open: the pointer was released, the field was left.
    pub fn end_step(&mut self) {
        self.open = None;
    }

    /// Goes one step back; false when there is none.
    pub fn undo(&mut self) -> bool {
        self.open = None;
        let Some(step) = self.past.pop_back() else {
            return false;
        };
        let undone = self.swap(step);
        self.future.push(undone);
        true
    }

    /// Goes one step forward again; false when there is none.
    pub fn redo(&mut self) -> bool {
        self.open = None;
        let Some(step) = self.future.pop() else {
            return false;
        };
        let before = self.swap(step);
        self.past.push_back(before);
        true
    }

    /// What undo would take back.
    #[must_use]
    pub fn undo_label(&self) -> Option<&str> {
        self.past.back().map(|step| step.label.as_str())
    }

    /// What redo would bring back.
    #[must_use]
    pub fn redo_label(&self) -> Option<&str> {
        self.future.last().map(|step| step.label.as_str())
    }
}
