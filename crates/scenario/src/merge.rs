//! Bringing together what two people changed since the same version.
//!
//! What only one of them changed is taken. What both changed in the same way is no conflict. Where both changed one figure
//! differently somebody has to choose: every such place is named, and the caller says whose is taken. Parts of lists belong
//! together by their id or by whom they call, as in [`crate::compare`](mod@crate::compare).

use crate::Problem;
use crate::catalogue::Unit;
use crate::compare::{names, words};
use crate::path::Path;
use crate::v1::Scenario;
use serde_json::{Map, Value};

/// Whose figure is taken where both changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The first one's.
    Mine,
    /// The second one's.
    Theirs,
}

/// Two changed scenarios in one.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The scenario.
    pub scenario: Scenario,
    /// Where both had changed the same thing: path, and what each of them has.
    pub conflicts: Vec<Problem>,
}

/// Merges what `mine` and `theirs` changed since `base`.
///
/// # Errors
/// When the outcome is no scenario, which only happens when one of the three is none.
pub fn merge(base: &Scenario, mine: &Scenario, theirs: &Scenario, prefer: Prefer) -> Result<Merged, Problem> {
    let value = |scenario: &Scenario| serde_json::to_value(scenario).map_err(|error| unreadable(&error));
    let mut merge = Merge { prefer, conflicts: Vec::new() };
    let merged = merge.value(Some(&value(base)?), Some(&value(mine)?), Some(&value(theirs)?), &Path::ROOT);
    let scenario = serde_json::from_value(merged.unwrap_or(Value::Null)).map_err(|error| unreadable(&error))?;
    Ok(Merged { scenario, conflicts: merge.conflicts })
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::new("", format!("the merged scenario cannot be read: {error}"), "keep one of the two")
}

struct Merge {
    prefer: Prefer,
    conflicts: Vec<Problem>,
}

impl Merge {
    fn value(
        &mut self,
        base: Option<&Value>,
        mine: Option<&Value>,
        theirs: Option<&Value>,
        path: &Path,
    ) -> Option<Value> {
        if mine == theirs || theirs == base {
            return mine.cloned();
        }
        if mine == base {
            return theirs.cloned();
        }
        match (mine, theirs) {
            (Some(Value::Object(mine)), Some(Value::Object(theirs))) if is_part(mine) && is_part(theirs) => {
                let nothing = Map::new();
                let base = base.and_then(Value::as_object).unwrap_or(&nothing);
                Some(Value::Object(self.object(base, mine, theirs, path)))
            }
            (Some(Value::Array(mine)), Some(Value::Array(theirs))) if is_list(mine) && is_list(theirs) => {
                let base = base.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                Some(Value::Array(self.list(base, mine, theirs, path)))
            }
            _ => self.choose(mine, theirs, path),
        }
    }

    fn choose(&mut self, mine: Option<&Value>, theirs: Option<&Value>, path: &Path) -> Option<Value> {
        let path = path.to_string();
        // Where a box stands on the canvas is nobody's loss.
        if !path.ends_with(".position") {
            let words = |value: Option<&Value>| value.map_or_else(|| "taken out".to_owned(), |v| words(v, Unit::None));
            let text = format!("changed by both: {} here, {} there", words(mine), words(theirs));
            self.conflicts.push(Problem::new(path, text, "choose one"));
        }
        match self.prefer {
            Prefer::Mine => mine.cloned(),
            Prefer::Theirs => theirs.cloned(),
        }
    }

    fn object(
        &mut self,
        base: &Map<String, Value>,
        mine: &Map<String, Value>,
        theirs: &Map<String, Value>,
        path: &Path,
    ) -> Map<String, Value> {
        let new = theirs.keys().filter(|key| !mine.contains_key(*key));
        let mut merged = Map::new();
        for key in mine.keys().chain(new) {
            if let Some(value) = self.value(base.get(key), mine.get(key), theirs.get(key), &path.key(key)) {
                merged.insert(key.clone(), value);
            }
        }
        merged
    }

    /// In the order of `mine`, what is only in `theirs` after it.
    fn list(&mut self, base: &[Value], mine: &[Value], theirs: &[Value], path: &Path) -> Vec<Value> {
        let (base_names, my_names, their_names) = (names(base), names(mine), names(theirs));
        let find = |names: &[String], list: &[Value], name: &String| -> Option<Value> {
            names.iter().position(|known| known == name).and_then(|at| list.get(at)).cloned()
        };
        let new = their_names.iter().filter(|name| !my_names.contains(name));
        let mut merged = Vec::new();
        for name in my_names.iter().chain(new) {
            let base = find(&base_names, base, name);
            let mine = find(&my_names, mine, name);
            let theirs = find(&their_names, theirs, name);
            merged.extend(self.value(base.as_ref(), mine.as_ref(), theirs.as_ref(), &path.key(name)));
        }
        merged
    }
}

/// A figure with its interval and its source is one thing.
fn is_part(object: &Map<String, Value>) -> bool {
    !object.contains_key("value")
}

fn is_list(list: &[Value]) -> bool {
    list.iter().all(Value::is_object)
}
