//! The catalogue: one entry per input field of the format. It feeds the checks, the JSON Schema, the app's forms and the
//! documentation, so that a field is described once.
//!
//! A [`Shape`] is an object with its [`Field`]s; a field's [`Type`] says what may stand there. [`SCENARIO`] is the root.

mod call;
mod component;
mod documents;
mod kind;
mod number;
mod own;
mod price;
mod scenario;
mod traffic;

pub use call::{BREAKER, CALL, RETRY};
pub use component::{COMPONENT, KINDS};
pub use documents::{FIT, IMPORT, MAP, MAP_SERIES, MEASURED_POINT, PRICE_BOOK_ROW};
pub use kind::{KindEntry, kind_entry};
pub use number::{Range, Unit};
pub use own::{AUTOSCALE, CACHE_KEYS, REQUEST_UNITS, SERVICE_TIME, USL};
pub use price::{PRICE, PURCHASE, TIER};
pub use scenario::{COST, EVENT, GROWTH, QUANTITY, SCENARIO, SLO};
pub use traffic::{ARRIVALS, CLOSED, OPEN, PROFILE, SPIKE, TRAFFIC};

use crate::path::Owned;
use crate::v1::ComponentKind;

/// An object of the format.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the schema and the documentation.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Its fields, in the order in which people read them.
    pub fields: &'static [Field],
    /// Whether exactly one of the fields must stand (`open` or `closed`).
    pub exactly_one: bool,
}

/// One input field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key in the document.
    pub key: &'static str,
    /// What a form calls it.
    pub label: &'static str,
    /// What may stand there.
    pub value: Type,
    /// Its unit.
    pub unit: Unit,
    /// Whether the field must stand.
    pub required: bool,
    /// What holds when it is left out.
    pub default: Preset,
    /// The kinds of component that have it; empty means all (and everything that is no component).
    pub kinds: &'static [ComponentKind],
    /// What it means, in one or two sentences.
    pub help: &'static str,
}

/// What holds when a field is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Preset {
    /// Nothing.
    Nothing,
    /// A number.
    Number(f64),
    /// One of the field's words.
    Word(&'static str),
    /// A flag.
    Flag(bool),
    /// In words.
    Told(&'static str),
}

/// What may stand in a field.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Free text of at most this many characters.
    Text(usize),
    /// An identifier: `[a-z0-9-]`, 1 to 64 characters.
    Id,
    /// The name of something else in the document.
    Reference(Target),
    /// `headroom/1` or `headroom/1.N`.
    Version,
    /// Three capital letters of ISO 4217.
    Currency,
    /// `YYYY-MM-DD`.
    Date,
    /// True or false.
    Flag,
    /// A bare number.
    Number(Range),
    /// A bare whole number.
    Whole(Range),
    /// A number that describes the system: bare, or with interval and source.
    Quantity(Range),
    /// A whole number that describes the system: bare, or with interval and source.
    Count(Range),
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// An object.
    Object(&'static Shape),
    /// A list of at most this many.
    List(&'static Type, usize),
    /// A list of exactly these.
    Tuple(&'static [Type]),
    /// An object whose keys are names of something.
    Map(Target, &'static Type),
    /// One value for all classes, or an object by class id with `"*"` for the rest.
    PerClass(&'static Type),
    /// The first alternative that looks like what stands there.
    Either(&'static [(Looks, Type)]),
}

/// How an alternative is recognised.
#[derive(Debug, Clone, Copy)]
pub enum Looks {
    /// It is a list.
    List,
    /// It is an object with at least one key of this shape.
    Like(&'static Shape),
    /// Anything else.
    Otherwise,
}

/// What a name refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A component.
    Component,
    /// A traffic class.
    Class,
    /// A zone.
    Zone,
    /// A component, or a zone where the event is about one.
    Place,
    /// A pool of the same component.
    Pool,
    /// An import.
    Import,
    /// A name of its own.
    Name,
}

/// A text that only people read; empty where nobody is shown it (see the feature `prose`).
const fn prose(text: &'static str) -> &'static str {
    if cfg!(feature = "prose") { text } else { "" }
}

impl Shape {
    /// The field with this key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

impl Field {
    const fn new(key: &'static str, label: &'static str, value: Type, help: &'static str) -> Self {
        Self {
            key,
            label,
            value,
            unit: Unit::None,
            required: false,
            default: Preset::Nothing,
            kinds: &[],
            help: prose(help),
        }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    const fn default(mut self, default: Preset) -> Self {
        self.default = default;
        self
    }

    const fn only(mut self, kinds: &'static [ComponentKind]) -> Self {
        self.kinds = kinds;
        self
    }

    /// A limit: left out, it is unlimited.
    const fn limit(self) -> Self {
        self.default(Preset::Told("unlimited"))
    }

    /// Whether a component of this kind has the field.
    #[must_use]
    pub fn belongs_to(&self, kind: ComponentKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// The range of a number, where the field is one.
    #[must_use]
    pub const fn range(&self) -> Option<Range> {
        self.value.bare().range()
    }
}

impl Type {
    /// The range of a number.
    #[must_use]
    pub const fn range(self) -> Option<Range> {
        match self {
            Self::Number(range) | Self::Whole(range) | Self::Quantity(range) | Self::Count(range) => Some(range),
            _ => None,
        }
    }

    /// The type behind "per class".
    #[must_use]
    pub const fn bare(self) -> Self {
        match self {
            Self::PerClass(inner) => *inner,
            other => other,
        }
    }
}

/// The type of the number at a path of the scenario; `classes` tells a key per class from a field of a value for all, as the walk
/// over a document does. `None` where no number stands.
pub(crate) fn number_at(path: &[Owned], classes: &dyn Fn(&str) -> bool) -> Option<Type> {
    below(Type::Object(&SCENARIO), path, classes)
}

fn below(kind: Type, path: &[Owned], classes: &dyn Fn(&str) -> bool) -> Option<Type> {
    match (kind, path.split_first()) {
        (Type::Number(_) | Type::Quantity(_) | Type::Whole(_) | Type::Count(_), None) => Some(kind),
        (Type::Object(shape), Some((Owned::Key(key), rest))) => below(shape.field(key)?.value, rest, classes),
        (Type::List(of, _) | Type::Map(_, of), Some((_, rest))) => below(*of, rest, classes),
        (Type::PerClass(of), Some((Owned::Key(key), rest))) if key == "*" || classes(key) => below(*of, rest, classes),
        (Type::PerClass(of), _) => below(*of, path, classes),
        (Type::Either(alternatives), _) => alternatives.iter().find_map(|(_, of)| below(*of, path, classes)),
        _ => None,
    }
}
