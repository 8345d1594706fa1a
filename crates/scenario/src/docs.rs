//! The reference of the format, as Markdown, from the catalogue.

use crate::catalogue::{self, COMPONENT, Field, KINDS, KindEntry, Preset, Shape, Type, Unit};
use crate::v1::ComponentKind;
use std::fmt::Write;

/// Every shape in the order in which a reader meets it.
static SHAPES: [&Shape; 30] = [
    &catalogue::SCENARIO,
    &catalogue::QUANTITY,
    &catalogue::TRAFFIC,
    &catalogue::ARRIVALS,
    &catalogue::OPEN,
    &catalogue::CLOSED,
    &catalogue::PROFILE,
    &catalogue::SPIKE,
    &catalogue::COMPONENT,
    &catalogue::SERVICE_TIME,
    &catalogue::CACHE_KEYS,
    &catalogue::USL,
    &catalogue::REQUEST_UNITS,
    &catalogue::AUTOSCALE,
    &catalogue::CALL,
    &catalogue::RETRY,
    &catalogue::BREAKER,
    &catalogue::PRICE,
    &catalogue::TIER,
    &catalogue::PURCHASE,
    &catalogue::SLO,
    &catalogue::GROWTH,
    &catalogue::COST,
    &catalogue::EVENT,
    &catalogue::IMPORT,
    &catalogue::MEASURED_POINT,
    &catalogue::MAP,
    &catalogue::MAP_SERIES,
    &catalogue::PRICE_BOOK_ROW,
    &catalogue::FIT,
];

/// The whole reference.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# The scenario format, version 1\n\n\
         Written by `scenario::docs::markdown` from the catalogue of fields; do not edit.\n\n\
         Units stand in the names: `_ms` milliseconds, `_s` seconds, `_rps` per second, `monthly` per 730 hours; ratios run \
         from 0 to 1. A limit that is left out means unlimited. A *number* may be bare (assumed, exact) or an object with \
         `value`, `low`, `high`, `source` and `from`; what is counted is taken as stated, but for the users of a closed class. *Per class* means one value for all traffic classes, or an object by \
         class id with `\"*\"` for the rest.\n",
    );
    for shape in SHAPES {
        section(&mut text, shape);
    }
    text
}

fn section(text: &mut String, shape: &'static Shape) {
    let _ = write!(text, "\n## {}\n\n{}\n", shape.name, shape.about);
    if !std::ptr::eq(shape, &raw const COMPONENT) {
        table(text, shape.fields.iter());
        return;
    }
    text.push_str("\n### All kinds\n");
    // What all but one kind have is told as what all have; the check knows the exception.
    table(text, shape.fields.iter().filter(|field| field.kinds.is_empty() || field.kinds.len() == KINDS.len() - 1));
    for KindEntry { kind, name, about, .. } in &KINDS {
        let _ = write!(text, "\n### `{name}`\n\n{about}\n");
        let own: Vec<&Field> = own(shape, *kind).collect();
        if !own.is_empty() {
            table(text, own.into_iter());
        }
    }
}

fn own(shape: &'static Shape, kind: ComponentKind) -> impl Iterator<Item = &'static Field> {
    shape.fields.iter().filter(move |field| field.kinds.contains(&kind) && field.kinds.len() < KINDS.len() - 1)
}

fn table<'f>(text: &mut String, fields: impl Iterator<Item = &'f Field>) {
    text.push_str("\n| key | value | left out | meaning |\n|---|---|---|---|\n");
    for field in fields {
        let left_out = if field.required { "required".to_owned() } else { preset(field.default) };
        let meaning = match field.value {
            Type::Choice(words) => {
                let words: Vec<String> = words.iter().map(|(word, help)| format!("`{word}`: {help}")).collect();
                format!("{} {}", field.help, words.join(" "))
            }
            _ => field.help.to_owned(),
        };
        let value = format!("{}{}", kind(field.value), unit(field.unit));
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", field.key, cell(&value), cell(&left_out), cell(&meaning));
    }
}

/// A text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*")
}

fn preset(preset: Preset) -> String {
    match preset {
        Preset::Nothing => String::new(),
        Preset::Number(number) => number.to_string(),
        Preset::Word("") => "empty".to_owned(),
        Preset::Word(word) => format!("`{word}`"),
        Preset::Flag(flag) => flag.to_string(),
        Preset::Told(words) => words.to_owned(),
    }
}

fn unit(unit: Unit) -> String {
    match unit {
        Unit::None | Unit::Ratio => String::new(),
        Unit::Money(per) => format!(", money {per}"),
        other => format!(", {}", other.symbol()),
    }
}

fn kind(kind: Type) -> String {
    match kind {
        Type::Text(_) => "text".to_owned(),
        Type::Id => "id".to_owned(),
        Type::Reference(target) => format!("name of a {}", format!("{target:?}").to_lowercase()),
        Type::Version | Type::Currency => "text".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Number(range) => format!("bare number, {range}"),
        Type::Whole(range) => format!("bare whole number, {range}"),
        Type::Quantity(range) => format!("number, {range}"),
        Type::Count(range) => format!("whole number, {range}"),
        Type::Choice(_) => "one word".to_owned(),
        Type::Object(shape) => format!("[{}](#{})", shape.name, shape.name.to_lowercase()),
        Type::List(of, _) => format!("list of {}", self::kind(*of)),
        Type::Tuple(of) => {
            let parts: Vec<String> = of.iter().map(|of| self::kind(*of)).collect();
            format!("[{}]", parts.join("; "))
        }
        Type::Map(_, of) => format!("by name: {}", self::kind(*of)),
        Type::PerClass(of) => format!("{}, per class", self::kind(*of)),
        Type::Either(alternatives) => {
            let all: Vec<String> = alternatives.iter().map(|(_, of)| self::kind(*of)).collect();
            all.join("; or ")
        }
    }
}
