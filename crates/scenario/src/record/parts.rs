//! What the fields of records are made of: numbers, texts, lists, maps.

use super::{Fault, Fields, Mode, Part, Tree};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Part for f64 {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        value.as_f64().unwrap_or_else(|| {
            fault.expected("a number");
            0.0
        })
    }

    fn tree(&self) -> Tree<'_> {
        Tree::Number(*self)
    }
}

impl Part for u64 {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        // JSON knows one kind of number: 1000.0 and 1e3 are whole, as far as a float tells whole numbers apart.
        let float = || value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(n));
        value.as_u64().or_else(|| float().map(|n| n as u64)).unwrap_or_else(|| {
            fault.expected("a whole number");
            0
        })
    }

    fn tree(&self) -> Tree<'_> {
        Tree::Count(*self)
    }
}

impl Part for u32 {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        u32::try_from(u64::read(value, fault)).unwrap_or_else(|_| {
            fault.expected("a whole number below 2^32");
            0
        })
    }

    fn tree(&self) -> Tree<'_> {
        Tree::Count(u64::from(*self))
    }
}

impl Part for bool {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        value.as_bool().unwrap_or_else(|| {
            fault.expected("true or false");
            false
        })
    }

    fn tree(&self) -> Tree<'_> {
        Tree::Flag(*self)
    }

    fn is_blank(&self) -> bool {
        !self
    }
}

impl Part for String {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        if !value.is_string() {
            fault.expected("a text");
        }
        value.as_str().unwrap_or_default().to_owned()
    }

    fn tree(&self) -> Tree<'_> {
        Tree::Text(self)
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Part> Part for Option<T> {
    const MODE: Mode = Mode::Spare;

    fn read(value: &Value, fault: &mut Fault) -> Self {
        if value.is_null() { None } else { Some(T::read(value, fault)) }
    }

    fn tree(&self) -> Tree<'_> {
        self.as_ref().map_or(Tree::Null, T::tree)
    }

    fn blank() -> Self {
        None
    }

    fn is_blank(&self) -> bool {
        self.is_none()
    }
}

impl<T: Part> Part for Box<T> {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        Box::new(T::read(value, fault))
    }

    fn tree(&self) -> Tree<'_> {
        T::tree(self)
    }
}

impl<T: Part> Part for Vec<T> {
    const MODE: Mode = Mode::Spare;

    fn read(value: &Value, fault: &mut Fault) -> Self {
        let Some(list) = value.as_array() else {
            fault.expected("a list");
            return Vec::new();
        };
        let mut parts = Vec::with_capacity(list.len());
        for item in list {
            parts.push(T::read(item, fault));
        }
        parts
    }

    fn tree(&self) -> Tree<'_> {
        let mut list = Vec::with_capacity(self.len());
        for part in self {
            list.push(part.tree());
        }
        Tree::List(list)
    }

    fn blank() -> Self {
        Vec::new()
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Part> Part for BTreeMap<String, T> {
    const MODE: Mode = Mode::Spare;

    fn read(value: &Value, fault: &mut Fault) -> Self {
        let mut parts = BTreeMap::new();
        for (key, value) in Fields::of(value, fault).0.into_iter().flatten() {
            let before = fault.is_none();
            parts.insert(key.clone(), T::read(value, fault));
            fault.under(key, before);
        }
        parts
    }

    fn tree(&self) -> Tree<'_> {
        let mut fields = Vec::with_capacity(self.len());
        for (key, part) in self {
            fields.push((key.as_str(), part.tree()));
        }
        Tree::Map(fields)
    }

    fn blank() -> Self {
        BTreeMap::new()
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Part for Map<String, Value> {
    const MODE: Mode = Mode::Spare;

    fn read(value: &Value, fault: &mut Fault) -> Self {
        Fields::of(value, fault).0.cloned().unwrap_or_default()
    }

    fn tree(&self) -> Tree<'_> {
        Tree::Map(self.iter().map(|(key, value)| (key.as_str(), Tree::Value(value))).collect())
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<A: Part, B: Part> Part for (A, B) {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        let pair = value.as_array().map(Vec::as_slice);
        let Some([a, b]) = pair else {
            fault.expected("a list of two");
            return (A::blank(), B::blank());
        };
        (A::read(a, fault), B::read(b, fault))
    }

    fn tree(&self) -> Tree<'_> {
        Tree::List(vec![self.0.tree(), self.1.tree()])
    }
}
