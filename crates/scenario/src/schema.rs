//! The JSON Schema (2020-12) of the format, from the catalogue.
//!
//! It says what single values and objects may be. What needs the whole document (names that exist, loops, shares that add
//! up) only [`crate::check()`] can judge.

use crate::catalogue::{COMPONENT, Field, KINDS, KindEntry, Preset, QUANTITY, Range, SCENARIO, Shape, Target, Type};
use crate::v1::ComponentKind;
use serde_json::{Map, Value, json};

/// The schema as a JSON document.
#[must_use]
pub fn schema() -> Value {
    let mut writer = Writer { definitions: Map::new() };
    writer.definitions.insert("Id".into(), json!({"type": "string", "pattern": ID}));
    let _ = writer.reference(&SCENARIO);
    let root = writer.definitions.remove(SCENARIO.name).unwrap_or_default();
    let mut document = root.as_object().cloned().unwrap_or_default();
    document.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    document.insert("$id".into(), json!("headroom-1.schema.json"));
    document.insert("title".into(), json!("Headroom scenario, version 1"));
    document.insert("$defs".into(), Value::Object(writer.definitions));
    Value::Object(document)
}

const ID: &str = "^[a-z0-9-]{1,64}$";

struct Writer {
    definitions: Map<String, Value>,
}

impl Writer {
    /// A reference to a shape, which is defined on first use.
    fn reference(&mut self, shape: &'static Shape) -> Value {
        if !self.definitions.contains_key(shape.name) {
            // Stands while the shape is written: calls contain calls.
            self.definitions.insert(shape.name.into(), Value::Null);
            let definition =
                if std::ptr::eq(shape, &raw const COMPONENT) { self.component() } else { self.object(shape) };
            self.definitions.insert(shape.name.into(), definition);
        }
        json!({"$ref": format!("#/$defs/{}", shape.name)})
    }

    fn object(&mut self, shape: &'static Shape) -> Value {
        let mut object = self.head(shape);
        object.insert("properties".into(), self.properties(shape.fields.iter()));
        object.insert("additionalProperties".into(), json!(false));
        if shape.exactly_one {
            object.insert("minProperties".into(), json!(1));
            object.insert("maxProperties".into(), json!(1));
        }
        Value::Object(object)
    }

    fn head(&self, shape: &'static Shape) -> Map<String, Value> {
        let required: Vec<&str> = shape.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
        let mut object = Map::new();
        object.insert("type".into(), json!("object"));
        object.insert("description".into(), json!(shape.about));
        if !required.is_empty() {
            object.insert("required".into(), json!(required));
        }
        object
    }

    /// Which keys a component may have depends on its kind.
    fn component(&mut self) -> Value {
        let mut object = self.head(&COMPONENT);
        object.insert("properties".into(), self.properties(COMPONENT.fields.iter().filter(|f| f.kinds.is_empty())));
        let by_kind: Vec<Value> = KINDS
            .iter()
            .map(|KindEntry { kind, name, .. }| {
                let own = self.properties(own_fields(*kind));
                json!({"if": {"properties": {"kind": {"const": name}}}, "then": {"properties": own}})
            })
            .collect();
        object.insert("allOf".into(), json!(by_kind));
        object.insert("unevaluatedProperties".into(), json!(false));
        Value::Object(object)
    }

    fn properties(&mut self, fields: impl Iterator<Item = &'static Field>) -> Value {
        fields.map(|field| (field.key.to_owned(), self.field(field))).collect()
    }

    fn field(&mut self, field: &'static Field) -> Value {
        let mut value = self.value(field.value);
        if let Some(map) = value.as_object_mut() {
            map.insert("title".into(), json!(field.label));
            map.insert("description".into(), json!(describe(field)));
            match field.default {
                Preset::Number(number) => drop(map.insert("default".into(), json!(number))),
                Preset::Word(word) => drop(map.insert("default".into(), json!(word))),
                Preset::Flag(flag) => drop(map.insert("default".into(), json!(flag))),
                Preset::Nothing | Preset::Told(_) => {}
            }
        }
        value
    }

    fn value(&mut self, kind: Type) -> Value {
        match kind {
            Type::Text(most) => json!({"type": "string", "maxLength": most}),
            Type::Id => json!({"$ref": "#/$defs/Id"}),
            Type::Reference(_) => json!({"type": "string"}),
            Type::Version => json!({"type": "string", "pattern": r"^headroom/[01](\.[0-9]+)?$"}),
            Type::Currency => json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
            Type::Date => json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
            Type::Flag => json!({"type": "boolean"}),
            Type::Number(range) => number("number", range),
            Type::Whole(range) => number("integer", range),
            Type::Quantity(range) => self.quantity("number", range),
            Type::Count(range) => self.quantity("integer", range),
            Type::Choice(words) => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                json!({"type": "string", "enum": words})
            }
            Type::Object(shape) => self.reference(shape),
            Type::List(of, most) => json!({"type": "array", "items": self.value(*of), "maxItems": most}),
            Type::Tuple(of) => {
                let items: Vec<Value> = of.iter().map(|of| self.value(*of)).collect();
                json!({"type": "array", "prefixItems": items, "items": false, "minItems": of.len()})
            }
            Type::Map(Target::Name, of) => json!({"type": "object", "propertyNames": {"minLength": 1},
                                                  "additionalProperties": self.value(*of)}),
            Type::Map(_, of) => json!({"type": "object", "additionalProperties": self.value(*of)}),
            Type::PerClass(of) => {
                let one = self.value(*of);
                let by_class = json!({"type": "object", "minProperties": 1, "additionalProperties": one,
                                      "propertyNames": {"pattern": r"^(\*|[a-z0-9-]{1,64})$"}});
                json!({"anyOf": [one, by_class]})
            }
            Type::Either(alternatives) => {
                let all: Vec<Value> = alternatives.iter().map(|(_, of)| self.value(*of)).collect();
                json!({"anyOf": all})
            }
        }
    }

    /// A reference to the quantity of a range, which is defined on first use.
    fn quantity(&mut self, kind: &str, range: Range) -> Value {
        let words = range.to_string().replace([' ', ','], "-").replace("--", "-");
        let name = format!("{}-{words}", if kind == "integer" { "count" } else { "quantity" });
        if !self.definitions.contains_key(&name) {
            let bare = number(kind, range);
            let mut object = self.object(&QUANTITY);
            // The interval lies in the field's range too; it need not be whole.
            for (key, end) in
                [("value", bare.clone()), ("low", number("number", range)), ("high", number("number", range))]
            {
                object["properties"][key] = end;
            }
            self.definitions.insert(name.clone(), json!({"anyOf": [bare, object]}));
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }
}

fn own_fields(kind: ComponentKind) -> impl Iterator<Item = &'static Field> {
    COMPONENT.fields.iter().filter(move |field| field.kinds.contains(&kind))
}

fn number(kind: &str, range: Range) -> Value {
    let low = if range.min_allowed { "minimum" } else { "exclusiveMinimum" };
    let high = if range.max_allowed { "maximum" } else { "exclusiveMaximum" };
    json!({"type": kind, low: range.min, high: range.max})
}

/// Help, unit and default in one text.
pub(crate) fn describe(field: &Field) -> String {
    let mut text = field.help.to_owned();
    let unit = field.unit.symbol();
    match field.unit {
        crate::catalogue::Unit::None => {}
        crate::catalogue::Unit::Money(per) => text.push_str(&format!(" Money {per}.")),
        _ => text.push_str(&format!(" Unit: {unit}.")),
    }
    if let Preset::Told(default) = field.default {
        text.push_str(&format!(" Left out: {default}."));
    }
    text
}
