//! The types of the format from and to JSON values, field by field from a list of names.
//!
//! serde's derived code for them would be a large part of the wasm files that every visitor waits for: it reads structs also
//! from lists, once more for each serializer and deserializer, all inlined. Here every type is read from a [`Value`] and written as a
//! [`Tree`] by one function each; serde sees them through these, so that `serde_json::from_str` and `to_string` work as ever.

mod parts;
#[cfg(test)]
mod tests;
mod text;

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value};

/// The first thing that cannot be read, with the keys that lead to it.
#[derive(Default)]
pub(crate) struct Fault {
    keys: Vec<String>,
    text: Option<String>,
}

impl Fault {
    /// Adds what is wrong; only the first counts.
    pub(crate) fn note(&mut self, text: String) {
        self.text.get_or_insert(text);
    }

    /// Something else stands where this was expected.
    pub(crate) fn expected(&mut self, what: &str) {
        self.note(format!("expected {what}"));
    }

    /// Whether all could be read.
    pub(crate) fn is_none(&self) -> bool {
        self.text.is_none()
    }

    /// What was found wrong since it was asked for the last time stands under this key.
    pub(crate) fn under(&mut self, key: &str, before: bool) {
        if before && !self.is_none() {
            self.keys.insert(0, key.to_owned());
        }
    }
}

/// A document on its way out: keys in the order in which they are written, texts still borrowed.
pub(crate) enum Tree<'t> {
    /// Nothing.
    Null,
    /// A yes or no.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// Any number.
    Number(f64),
    /// A text.
    Text(&'t str),
    /// A list.
    List(Vec<Tree<'t>>),
    /// An object.
    Map(Vec<(&'t str, Tree<'t>)>),
    /// What is a value already.
    Value(&'t Value),
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Null => s.serialize_unit(),
            Tree::Flag(flag) => s.serialize_bool(*flag),
            Tree::Count(count) => s.serialize_u64(*count),
            Tree::Number(number) => s.serialize_f64(*number),
            Tree::Text(text) => s.serialize_str(text),
            Tree::List(list) => s.collect_seq(list),
            Tree::Map(fields) => s.collect_map(fields.iter().map(|(key, field)| (key, field))),
            Tree::Value(value) => value.serialize(s),
        }
    }
}

impl From<Tree<'_>> for Value {
    fn from(tree: Tree<'_>) -> Self {
        match tree {
            Tree::Null => Value::Null,
            Tree::Flag(flag) => Value::Bool(flag),
            Tree::Count(count) => Value::from(count),
            Tree::Number(number) => Value::from(number),
            Tree::Text(text) => Value::from(text),
            Tree::List(list) => Value::Array(list.into_iter().map(Value::from).collect()),
            Tree::Map(fields) => {
                let mut map = Map::new();
                for (key, field) in fields {
                    map.insert(key.to_owned(), field.into());
                }
                Value::Object(map)
            }
            Tree::Value(value) => value.clone(),
        }
    }
}

/// When a field is written, and whether it may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Must be there, always written.
    Needed,
    /// May be missing, always written.
    Written,
    /// May be missing, left out when blank.
    Spare,
}

/// Anything that stands in a document.
pub(crate) trait Part: Sized {
    /// How a field of this type stands in a record, unless its list says otherwise.
    const MODE: Mode = Mode::Needed;
    /// The keys of a record.
    const KEYS: &'static [&'static str] = &[];

    /// Reads it; what does not fit is noted, and something of the type comes back all the same.
    fn read(value: &Value, fault: &mut Fault) -> Self;

    /// Writes it.
    fn tree(&self) -> Tree<'_>;

    /// What stands for a missing key.
    fn blank() -> Self {
        Self::read(&Value::Null, &mut Fault::default())
    }

    /// Whether it is as good as missing.
    fn is_blank(&self) -> bool {
        false
    }

    /// Adds it to the fields of a record.
    fn put<'t>(&'t self, key: &'t str, mode: Option<Mode>, fields: &mut Vec<(&'t str, Tree<'t>)>) {
        if mode.unwrap_or(Self::MODE) != Mode::Spare || !self.is_blank() {
            fields.push((key, self.tree()));
        }
    }
}

/// Reads a whole document, or a part of it.
///
/// # Errors
/// The first thing that does not fit.
pub(crate) fn read<T: Part>(value: &Value) -> Result<T, String> {
    let mut fault = Fault::default();
    let part = T::read(value, &mut fault);
    match fault.text {
        None => Ok(part),
        Some(text) if fault.keys.is_empty() => Err(text),
        Some(text) => Err(format!("{}: {text}", fault.keys.join("."))),
    }
}

/// Reads what may be something else; nothing when it does not fit.
pub(crate) fn attempt<T: Part>(value: &Value) -> Option<T> {
    let mut fault = Fault::default();
    let part = T::read(value, &mut fault);
    fault.is_none().then_some(part)
}

/// The key and the value of an object that has one of each.
pub(crate) fn only_key<'v>(value: &'v Value, fault: &mut Fault) -> (&'v str, &'v Value) {
    let mut fields = value.as_object().into_iter().flatten();
    match (fields.next(), fields.next()) {
        (Some((key, value)), None) => (key, value),
        _ => {
            fault.expected("an object of one key");
            ("", &Value::Null)
        }
    }
}

/// The fields of an object; of anything else all are missing.
pub(crate) struct Fields<'v>(Option<&'v Map<String, Value>>);

impl<'v> Fields<'v> {
    /// Those of this object.
    pub(crate) fn of(value: &'v Value, fault: &mut Fault) -> Self {
        if !value.is_object() {
            fault.expected("an object");
        }
        Self(value.as_object())
    }

    /// One of them.
    #[inline(never)]
    pub(crate) fn take<T: Part>(&self, key: &str, mode: Option<Mode>, fault: &mut Fault) -> T {
        let before = fault.is_none();
        let Some(value) = self.0.and_then(|map| map.get(key)) else {
            if mode.unwrap_or(T::MODE) == Mode::Needed {
                fault.note(format!("missing field `{key}`"));
            }
            return T::blank();
        };
        let part = T::read(value, fault);
        fault.under(key, before);
        part
    }
}

/// Makes structs readable and writable: their fields in the order in which they are written. `field: Written` gives another
/// [`Mode`] than its type's, `field as "key"` another key than its name.
macro_rules! record {
    ($type:ident { $($field:ident $(as $key:literal)? $(: $mode:ident)?),+ $(,)? }) => {
        impl $crate::record::Part for $type {
            const KEYS: &'static [&'static str] = &[$($crate::record::record!(@key $field $($key)?)),+];

            fn read(value: &serde_json::Value, fault: &mut $crate::record::Fault) -> Self {
                let fields = $crate::record::Fields::of(value, fault);
                $type { $($field: fields.take(
                    $crate::record::record!(@key $field $($key)?),
                    $crate::record::record!(@mode $($mode)?),
                    fault,
                )),+ }
            }

            fn tree(&self) -> $crate::record::Tree<'_> {
                let mut fields = Vec::new();
                $($crate::record::Part::put(
                    &self.$field,
                    $crate::record::record!(@key $field $($key)?),
                    $crate::record::record!(@mode $($mode)?),
                    &mut fields,
                );)+
                $crate::record::Tree::Map(fields)
            }
        }

        $crate::record::through_tree!($type);
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@mode) => { None };
    (@mode $mode:ident) => { Some($crate::record::Mode::$mode) };
}

/// Makes enums without data readable and writable: each with its word.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $crate::record::Part for $type {
            fn read(value: &serde_json::Value, fault: &mut $crate::record::Fault) -> Self {
                const WORDS: &[(&str, $type)] = &[$(($word, $type::$variant)),+];
                $crate::record::word(value, WORDS, fault)
            }

            fn tree(&self) -> $crate::record::Tree<'_> {
                $crate::record::Tree::Text(match self { $($type::$variant => $word),+ })
            }
        }

        $crate::record::through_tree!($type);
    };
}

/// serde's traits by way of [`Part`].
macro_rules! through_tree {
    ($type:ident) => {
        impl $type {
            /// As compact JSON text: it reads back the same, in the layout of `serde_json`. Where two shortest decimals
            /// are equally near to a number, its last digit may be another than there.
            #[must_use]
            pub fn to_json(&self) -> String {
                $crate::record::Part::tree(self).text()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                $crate::record::Part::tree(self).serialize(s)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(d)?;
                $crate::record::read(&value).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {record, through_tree, words};

/// The variant that is called so.
#[inline(never)]
pub(crate) fn word<T: Copy>(value: &Value, words: &[(&str, T)], fault: &mut Fault) -> T {
    let said = value.as_str().unwrap_or_default();
    words.iter().find(|(word, _)| *word == said).map_or_else(
        || {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            fault.note(format!("expected one of {}", known.join(", ")));
            words[0].1
        },
        |(_, variant)| *variant,
    )
}
