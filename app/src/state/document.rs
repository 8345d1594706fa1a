//! The open document with its history.
//!
//! It is a JSON tree, not the typed scenario: a field may be half-typed, and what a newer version wrote survives. The worker
//! reads the same text into the typed scenario and says what is wrong with it.

use super::tree::{Edit, Step, apply, get};
use serde_json::Value;

/// Commands kept for undo.
const KEPT: usize = 300;
/// Milliseconds without an edit after which the next one is a step of its own, whatever it is about.
const PAUSE: f64 = 3000.0;

/// What a person did in one go, as edits.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Shown beside undo and redo.
    pub label: String,
    /// Its edits, in order.
    pub edits: Vec<Edit>,
    /// Commands with the same tag in a row and without a pause (typing into one field, dragging one node) are undone at once.
    pub tag: Option<String>,
}

impl Command {
    /// A command of its own.
    pub fn new(label: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { label: label.into(), edits, tag: None }
    }

    /// A command that joins the one just before when that has the same tag.
    pub fn joined(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Whether doing `other` first and this one then gives, in a document as it is now, what this one alone gives: both put
    /// values in the same places.
    fn covers(&self, other: &Self, now: &Value) -> bool {
        let same = |(mine, others): (&Edit, &Edit)| match (mine, others) {
            (Edit::Set(place, _), Edit::Set(other, _)) => place == other,
            // What is not there (any more) can only be taken away after it was put back.
            (Edit::Remove(place), Edit::Set(other, _)) => {
                place == other && matches!(place.last(), Some(Step::Key(_))) && get(now, place).is_some()
            }
            _ => false,
        };
        self.edits.len() == other.edits.len() && self.edits.iter().zip(&other.edits).all(same)
    }
}

/// The open document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its name in the browser's store.
    pub key: String,
    /// The scenario as JSON.
    pub root: Value,
    undo: Vec<Command>,
    redo: Vec<Command>,
    /// What is being edited: the tag of the last command, and when it was done; none after undo and redo.
    going: Option<(String, f64)>,
}

impl Document {
    /// A document without history.
    pub fn new(key: String, root: Value) -> Self {
        Self { key, root, undo: Vec::new(), redo: Vec::new(), going: None }
    }

    /// Does a command, at so many milliseconds by any clock; false when nothing changed.
    pub fn run(&mut self, command: &Command, now: f64) -> bool {
        let Some(inverse) = self.run_edits(command) else { return false };
        let before = std::mem::replace(&mut self.going, command.tag.clone().map(|tag| (tag, now)));
        let joins = before.is_some_and(|(tag, at)| Some(tag) == command.tag && (0.0..=PAUSE).contains(&(now - at)));
        if joins && let Some(last) = self.undo.last_mut() {
            // What the earlier ones put back anyway is not kept once more: a field may be typed into all day.
            if !last.covers(&inverse, &self.root) {
                last.edits.splice(0..0, inverse.edits);
            }
        } else {
            self.undo.push(inverse);
        }
        if self.undo.len() > KEPT {
            self.undo.remove(0);
        }
        self.redo.clear();
        true
    }

    /// Takes the last command back.
    pub fn undo(&mut self) -> bool {
        self.going = None;
        let Some(command) = self.undo.pop() else { return false };
        match self.run_edits(&command) {
            Some(inverse) => {
                self.redo.push(inverse);
                true
            }
            None => false,
        }
    }

    /// Does the last taken-back command again.
    pub fn redo(&mut self) -> bool {
        self.going = None;
        let Some(command) = self.redo.pop() else { return false };
        match self.run_edits(&command) {
            Some(inverse) => {
                self.undo.push(inverse);
                true
            }
            None => false,
        }
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.last().map(|command| command.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|command| command.label.as_str())
    }

    /// Its title.
    pub fn name(&self) -> &str {
        self.root.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Runs all edits of a command or none of them; the inverse undoes them in reverse order.
    fn run_edits(&mut self, command: &Command) -> Option<Command> {
        let mut inverses = Vec::with_capacity(command.edits.len());
        for edit in &command.edits {
            if let Some(inverse) = apply(&mut self.root, edit) {
                inverses.insert(0, inverse);
            } else {
                for inverse in &inverses {
                    apply(&mut self.root, inverse);
                }
                return None;
            }
        }
        Some(Command { label: command.label.clone(), edits: inverses, tag: command.tag.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::path;
    use super::*;
    use serde_json::json;

    fn rename(name: &str) -> Command {
        Command::new("Rename", vec![Edit::Set(path("name"), json!(name))])
    }

    #[test]
    fn undo_and_redo_walk_the_history() {
        let mut document = Document::new("k".into(), json!({"name": "a"}));
        assert!(document.run(&rename("b"), 0.0) && document.run(&rename("c"), 0.0));
        assert!(document.undo());
        assert_eq!(document.name(), "b");
        assert!(document.redo());
        assert_eq!(document.name(), "c");
        assert!(document.undo() && document.undo() && !document.undo());
        assert_eq!(document.name(), "a");
        assert!(document.run(&rename("d"), 0.0));
        assert!(!document.redo(), "a new command ends the redo list");
    }

    #[test]
    fn typing_is_undone_at_once() {
        let mut document = Document::new("k".into(), json!({"name": "a"}));
        for text in ["ab", "abc", "abcd"] {
            document.run(&rename(text).joined("name"), 0.0);
        }
        assert_eq!(document.undo.len() + document.undo[0].edits.len(), 2, "what stood there first is all that is kept");
        assert!(document.undo());
        assert_eq!(document.name(), "a");
        assert!(document.redo());
        assert_eq!(document.name(), "abcd");
        // A key that was not there before, and places that differ.
        let mut document = Document::new("k".into(), json!({"list": [1, 2]}));
        for (place, value) in [("list[0]", 3), ("new", 4), ("new", 5), ("list[1]", 6)] {
            document.run(&Command::new("Edit", vec![Edit::Set(path(place), json!(value))]).joined("all"), 0.0);
        }
        assert_eq!(document.root, json!({"list": [3, 6], "new": 5}));
        assert!(document.undo());
        assert_eq!(document.root, json!({"list": [1, 2]}));
    }

    /// One thing that a person does.
    enum Step {
        /// A field gets a value or is emptied, by a command with a tag, at a time.
        Type(&'static str, Option<u32>, &'static str, f64),
        Undo,
        Redo,
    }

    #[test]
    fn only_what_goes_on_is_undone_at_once() {
        use Step::{Redo, Type, Undo};
        // What is done, and what each undo from there gives back of `{"a": 0}`.
        let rows = [
            (
                "without a pause",
                vec![Type("a", Some(1), "a", 0.0), Type("a", Some(2), "a", PAUSE)],
                vec![json!({"a": 0})],
            ),
            (
                "after a pause",
                vec![Type("a", Some(1), "a", 0.0), Type("a", Some(2), "a", PAUSE + 1.0)],
                vec![json!({"a": 1}), json!({"a": 0})],
            ),
            (
                "each edit begins the pause anew",
                vec![
                    Type("a", Some(1), "a", 0.0),
                    Type("a", Some(2), "a", PAUSE),
                    Type("a", Some(3), "a", 2.0 * PAUSE),
                ],
                vec![json!({"a": 0})],
            ),
            (
                "a clock that was set back",
                vec![Type("a", Some(1), "a", 9.0), Type("a", Some(2), "a", 0.0)],
                vec![json!({"a": 1}), json!({"a": 0})],
            ),
            (
                "after something else",
                vec![Type("a", Some(1), "a", 0.0), Type("b", Some(1), "b", 1.0), Type("a", Some(2), "a", 2.0)],
                vec![json!({"a": 1, "b": 1}), json!({"a": 1}), json!({"a": 0})],
            ),
            (
                "after an undo",
                vec![Type("a", Some(1), "a", 0.0), Type("b", Some(1), "b", 1.0), Undo, Type("a", Some(2), "a", 2.0)],
                vec![json!({"a": 1}), json!({"a": 0})],
            ),
            (
                "after a redo",
                vec![Type("a", Some(1), "a", 0.0), Undo, Redo, Type("a", Some(2), "a", 1.0)],
                vec![json!({"a": 1}), json!({"a": 0})],
            ),
            (
                "a key that came and went",
                vec![Type("b", Some(1), "b", 0.0), Type("b", None, "b", 1.0)],
                vec![json!({"a": 0})],
            ),
            (
                "and came again",
                vec![Type("b", Some(1), "b", 0.0), Type("b", None, "b", 1.0), Type("b", Some(2), "b", 2.0)],
                vec![json!({"a": 0})],
            ),
            (
                "a key that went and came",
                vec![Type("a", None, "a", 0.0), Type("a", Some(2), "a", 1.0)],
                vec![json!({"a": 0})],
            ),
        ];
        for (what, steps, undone) in rows {
            let mut document = Document::new("k".into(), json!({"a": 0}));
            for step in steps {
                let did = match step {
                    Type(key, value, tag, at) => {
                        let edit = value.map_or_else(|| Edit::Remove(path(key)), |to| Edit::Set(path(key), json!(to)));
                        document.run(&Command::new("Edit", vec![edit]).joined(tag), at)
                    }
                    Undo => document.undo(),
                    Redo => document.redo(),
                };
                assert!(did, "{what}");
            }
            let done = document.root.clone();
            for wanted in &undone {
                assert!(document.undo(), "{what}");
                assert_eq!(&document.root, wanted, "{what}");
            }
            assert!(!document.undo(), "{what}");
            while document.redo() {}
            assert_eq!(document.root, done, "{what}");
        }
    }

    #[test]
    fn a_command_is_done_whole_or_not_at_all() {
        let mut document = Document::new("k".into(), json!({"name": "a", "list": [1]}));
        let bad = Command::new("bad", vec![Edit::Set(path("name"), json!("b")), Edit::Remove(path("list[4]"))]);
        assert!(!document.run(&bad, 0.0));
        assert_eq!(document.name(), "a");
        assert!(document.undo_label().is_none());
    }

    #[test]
    fn history_is_bounded() {
        let mut document = Document::new("k".into(), json!({"name": "a"}));
        for number in 0..1000 {
            document.run(&rename(&number.to_string()), 0.0);
        }
        let mut steps = 0;
        while document.undo() {
            steps += 1;
        }
        assert_eq!(steps, KEPT);
    }
}
