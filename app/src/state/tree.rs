//! Edits of a document as data: each knows its inverse, so undo, redo, autosave and the worker follow from the same list.

use serde_json::Value;

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key of an object.
    Key(String),
    /// A position in a list.
    Index(usize),
}

/// A place in a document.
pub type Path = Vec<Step>;

/// Reads `components[2].calls[0].to`.
pub fn path(text: &str) -> Path {
    let mut steps = Vec::new();
    for part in text.split('.').filter(|part| !part.is_empty()) {
        let mut pieces = part.split('[');
        if let Some(key) = pieces.next().filter(|key| !key.is_empty()) {
            steps.push(Step::Key(key.to_owned()));
        }
        for piece in pieces {
            if let Ok(index) = piece.trim_end_matches(']').parse() {
                steps.push(Step::Index(index));
            }
        }
    }
    steps
}

/// The value at a place.
pub fn get<'a>(root: &'a Value, place: &[Step]) -> Option<&'a Value> {
    place.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

/// One edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Puts a value in place, over what stands there; missing objects on the way are made.
    Set(Path, Value),
    /// Takes a key or a list entry away.
    Remove(Path),
    /// Puts a value into a list, before the entry that stands there.
    Insert(Path, Value),
}

/// Does an edit and returns its inverse; `None` (and nothing done) when the place does not exist.
pub fn apply(root: &mut Value, edit: &Edit) -> Option<Edit> {
    match edit {
        Edit::Set(place, value) => set(root, place, value.clone()),
        Edit::Remove(place) => remove(root, place),
        Edit::Insert(place, value) => {
            let (last, way) = place.split_last()?;
            let list = get_mut(root, way)?.as_array_mut()?;
            let Step::Index(index) = last else { return None };
            if *index > list.len() {
                return None;
            }
            list.insert(*index, value.clone());
            Some(Edit::Remove(place.clone()))
        }
    }
}

fn get_mut<'a>(root: &'a mut Value, place: &[Step]) -> Option<&'a mut Value> {
    place.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

fn set(root: &mut Value, place: &Path, value: Value) -> Option<Edit> {
    let Some((last, way)) = place.split_last() else {
        return Some(Edit::Set(place.clone(), std::mem::replace(root, value)));
    };
    // Making the objects on the way is undone by taking the first of them away again.
    for length in 1..place.len() {
        if get(root, &place[..length]).is_none() {
            let made = place[length..].iter().rev().try_fold(value.clone(), |inner, step| match step {
                Step::Key(key) => Some(serde_json::json!({ key: inner })),
                Step::Index(_) => None,
            })?;
            return set(root, &place[..length].to_vec(), made);
        }
    }
    match (get_mut(root, way)?, last) {
        (Value::Object(map), Step::Key(key)) => Some(match map.insert(key.clone(), value) {
            Some(old) => Edit::Set(place.clone(), old),
            None => Edit::Remove(place.clone()),
        }),
        (Value::Array(list), Step::Index(index)) => {
            let old = std::mem::replace(list.get_mut(*index)?, value);
            Some(Edit::Set(place.clone(), old))
        }
        _ => None,
    }
}

fn remove(root: &mut Value, place: &Path) -> Option<Edit> {
    let (last, way) = place.split_last()?;
    match (get_mut(root, way)?, last) {
        (Value::Object(map), Step::Key(key)) => Some(Edit::Set(place.clone(), map.remove(key)?)),
        (Value::Array(list), Step::Index(index)) if *index < list.len() => {
            Some(Edit::Insert(place.clone(), list.remove(*index)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_read() {
        let wanted = vec![Step::Key("a".into()), Step::Index(2), Step::Key("b".into()), Step::Index(0), Step::Index(1)];
        assert_eq!(path("a[2].b[0][1]"), wanted);
        assert_eq!(path(""), Vec::new());
    }

    #[test]
    fn every_edit_has_its_inverse() {
        let start = json!({"a": [1, 2, 3], "b": {"c": "x"}});
        let rows = [
            Edit::Set(path("b.c"), json!("y")),
            Edit::Set(path("b.d"), json!(1)),
            Edit::Set(path("e.f.g"), json!(1)),
            Edit::Set(path("a[1]"), json!(9)),
            Edit::Set(path(""), json!({"other": true})),
            Edit::Remove(path("b.c")),
            Edit::Remove(path("a[0]")),
            Edit::Insert(path("a[3]"), json!(4)),
            Edit::Insert(path("a[0]"), json!(0)),
        ];
        for edit in rows {
            let mut root = start.clone();
            let inverse = apply(&mut root, &edit).unwrap();
            assert_ne!(root, start, "{edit:?}");
            let again = apply(&mut root, &inverse).unwrap();
            assert_eq!(root, start, "{edit:?}");
            let mut redone = start.clone();
            apply(&mut redone, &again).unwrap();
            assert_ne!(redone, start, "{edit:?}");
        }
    }

    #[test]
    fn an_edit_of_nothing_does_nothing() {
        let start = json!({"a": [1]});
        let rows = [
            Edit::Remove(path("b")),
            Edit::Remove(path("a[7]")),
            Edit::Insert(path("a[7]"), json!(1)),
            Edit::Set(path("a[7]"), json!(1)),
            Edit::Set(path("x[0]"), json!(1)),
        ];
        for edit in rows {
            let mut root = start.clone();
            assert_eq!(apply(&mut root, &edit), None, "{edit:?}");
            assert_eq!(root, start);
        }
    }
}
