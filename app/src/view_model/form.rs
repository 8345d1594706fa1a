//! Forms made of the catalogue: which fields stand where, what is in them, and what may be typed.
//!
//! The catalogue describes each field once (label, unit, range, default, help); nothing of that is written again here.

mod choices;
pub mod numbers;
mod parts;

pub use choices::offered;
use numbers::Unread;
pub use parts::{autoscaler, event_form, price};

use super::format::trim;
use super::system::{class_label, is_of_line, label_of, list_at, number, number_at, text_at};
use scenario::catalogue::{self, Field, Looks, Preset, Range, Shape, Type, Unit};
use scenario::v1::ComponentKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fields that have a place of their own on the screen, or none.
const ELSEWHERE: [&str; 12] =
    ["id", "kind", "position", "calls", "to", "on_miss", "classes", "entry", "profile", "points", "weights", "zone"];

/// A group of fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Path in the document of what the fields are of: a section is the same one whatever its title says.
    pub path: String,
    pub title: String,
    /// Its fields, those that are not set too.
    pub rows: Vec<Row>,
    /// How all of it is taken away.
    pub take: Option<Take>,
}

impl Section {
    /// Whether its fields are those of a call.
    fn is_call(&self) -> bool {
        let list = self.path.rsplit('.').next().and_then(|last| last.split_once('['));
        list.is_some_and(|(list, _)| matches!(list, "calls" | "on_miss"))
    }
}

/// What tells each form from all others, in their order: where it stands and how many there are in the list it is of. Where one
/// comes or goes, those after it stand where others did, and are not these.
pub fn names(sections: &[Section]) -> Vec<(String, usize)> {
    let list = |section: &Section| match section.path.find(".calls[") {
        Some(end) => section.path.get(..end).map(|caller| format!("{caller}.calls")),
        None => section.path.split_once('[').map(|(list, _)| list.to_owned()),
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for list in sections.iter().filter(|section| section.take.is_some()).filter_map(list) {
        *counts.entry(list).or_default() += 1;
    }
    let count = |section: &Section| list(section).and_then(|list| counts.get(&list).copied()).unwrap_or(0);
    sections.iter().map(|section| (section.path.clone(), count(section))).collect()
}

/// A button that takes something away.
#[derive(Debug, Clone, PartialEq)]
pub struct Take {
    /// Path in the document of what goes.
    pub path: String,
    /// What the button says.
    pub button: &'static str,
    /// What it does, with what goes.
    pub name: String,
}

/// Up to so many choices of an entry, over all classes, are drawn; it is typed beyond.
const ENTRIES: usize = 2000;

/// One field at one place.
#[derive(Debug, Clone)]
pub struct Row {
    /// Path in the document.
    pub path: String,
    pub label: String,
    pub field: &'static Field,
    /// What stands there, "per class" and alternatives resolved.
    pub value: Type,
    /// Whether anything does.
    pub set: bool,
    /// Whether something must.
    pub needed: bool,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.label == other.label && self.set == other.set
    }
}

/// A field's content as it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    pub text: String,
    /// `measured`, `fitted`, `assumed`; empty when nothing is set.
    pub source: String,
    /// Interval and import.
    pub detail: String,
}

/// The forms of a component.
pub fn component(root: &Value, id: &str) -> Vec<Section> {
    let Some(index) = list_at(root, "components").iter().position(|component| text_at(component, "id") == id) else {
        return Vec::new();
    };
    let component = &list_at(root, "components")[index];
    let kind = kind_of(text_at(component, "kind"));
    let fields = catalogue::COMPONENT.fields.iter().filter(|field| kind.is_none_or(|kind| field.belongs_to(kind)));
    let path = format!("components[{index}]");
    let mut sections = sections(&catalogue::COMPONENT, fields, component, &path);
    if let Some(first) = sections.first_mut() {
        first.title = crate::text::SETTINGS.into();
    }
    if kind != Some(ComponentKind::Service) && component.get("autoscale").is_none() {
        // Only services can be scaled.
        sections.retain(|section| section.path != format!("{path}.autoscale"));
    }
    for (number, call) in list_at(component, "calls").iter().enumerate() {
        add_call(&mut sections, root, call, &format!("{path}.calls[{number}]"), crate::text::CALLS);
    }
    sections
}

fn add_call(sections: &mut Vec<Section>, root: &Value, call: &Value, path: &str, word: &str) {
    let mut parts = self::sections(&catalogue::CALL, catalogue::CALL.fields.iter(), call, path);
    let mut section = parts.drain(..).reduce(|mut all, next| {
        let prefixed = |row: Row| Row { label: format!("{}: {}", next.title, row.label), ..row };
        all.rows.extend(next.rows.into_iter().map(prefixed));
        all
    });
    if let Some(section) = &mut section {
        let to = label_of(root, text_at(call, "to"));
        let name = crate::text::take_call(&to);
        section.take = Some(Take { path: path.into(), button: crate::text::TAKE_CALL, name });
        let of = list_at(call, "classes").iter().filter_map(Value::as_str).map(|class| class_label(root, class));
        let of = of.collect::<Vec<_>>().join(", ");
        section.title = crate::text::calls_to(word, &to, &of, text_at(call, "mode") == "async");
    }
    sections.extend(section);
    for (number, miss) in list_at(call, "on_miss").iter().enumerate() {
        add_call(sections, root, miss, &format!("{path}.on_miss[{number}]"), crate::text::CALLS_ON_MISS);
    }
}

/// The forms of the whole: traffic, growth, objectives.
pub fn whole(root: &Value) -> Vec<Section> {
    let mut all = classes(root);
    let growth = root.get("growth").unwrap_or(&Value::Null);
    let fields = catalogue::GROWTH.fields.iter().filter(|field| field.key == "per_month");
    all.extend(sections(&catalogue::GROWTH, fields, growth, "growth").into_iter().map(|mut section| {
        section.title = crate::text::GROWTH.into();
        section.rows.iter_mut().for_each(|row| row.set = true);
        section
    }));
    all.extend((0..list_at(root, "slos").len()).flat_map(|index| objective(root, index)));
    all
}

/// The forms of an objective.
pub fn objective(root: &Value, index: usize) -> Vec<Section> {
    let Some(slo) = list_at(root, "slos").get(index) else { return Vec::new() };
    let set = |field: &&Field| slo.get(field.key).is_some() && !matches!(field.key, "traffic" | "component");
    let path = format!("slos[{index}]");
    let mut parts = sections(&catalogue::SLO, catalogue::SLO.fields.iter().filter(set), slo, &path);
    let title = super::system::objective(root, index);
    if let Some(last) = parts.last_mut() {
        let name = crate::text::take_objective(&title);
        last.take = Some(Take { path, button: crate::text::TAKE_AWAY, name });
    }
    for part in &mut parts {
        part.title.clone_from(&title);
        // It is what its figures make it: one that lost a figure would be another objective, or none.
        part.rows.iter_mut().for_each(|row| row.needed = true);
    }
    parts
}

/// The forms of the calls of one component to another that it waits for, or that it does not, those on a miss included.
pub fn calls(root: &Value, from: &str, to: &str, asynchronous: bool) -> Vec<Section> {
    let mut all = component(root, from);
    let to_there = |section: &Section| {
        let call = root.pointer(&format!("/{}", section.path.replace(['.', '['], "/").replace(']', "")));
        section.is_call() && call.is_some_and(|call| is_of_line(call, to, asynchronous))
    };
    all.retain(to_there);
    all
}

/// The forms of a traffic class.
pub fn class(root: &Value, id: &str) -> Vec<Section> {
    let index = list_at(root, "traffic").iter().position(|class| text_at(class, "id") == id);
    let path = index.map(|index| format!("traffic[{index}]"));
    classes(root).into_iter().filter(|section| Some(&section.path) == path.as_ref()).collect()
}

/// The forms of the traffic classes; the only one cannot be taken away.
fn classes(root: &Value) -> Vec<Section> {
    let mut all = Vec::new();
    let classes = list_at(root, "traffic");
    let few = classes.len() * list_at(root, "components").len() <= ENTRIES;
    for (index, class) in classes.iter().enumerate() {
        let path = format!("traffic[{index}]");
        let open = class.get("arrivals").and_then(|arrivals| arrivals.get("open"));
        let (shape, key): (&'static Shape, &str) =
            if open.is_some() { (&catalogue::OPEN, "open") } else { (&catalogue::CLOSED, "closed") };
        let arrivals = class.get("arrivals").and_then(|arrivals| arrivals.get(key)).unwrap_or(&Value::Null);
        let title = crate::text::traffic_of(text_at(class, "id"));
        let mut section = Section { path: path.clone(), title, ..Section::default() };
        for part in sections(shape, shape.fields.iter(), arrivals, &format!("{path}.arrivals.{key}")) {
            section.rows.extend(part.rows);
        }
        if let Some(field) = catalogue::TRAFFIC.field("entry") {
            let value = if few { field.value } else { Type::Text(200) };
            section.rows.push(Row {
                path: format!("{path}.entry"),
                label: field.label.into(),
                field,
                value,
                set: true,
                needed: field.required,
            });
        }
        let rest = catalogue::TRAFFIC.fields.iter().filter(|field| field.key != "arrivals");
        for part in sections(&catalogue::TRAFFIC, rest, class, &path) {
            section.rows.extend(part.rows);
        }
        if classes.len() > 1 {
            let name = crate::text::take_class(&class_label(root, text_at(class, "id")));
            section.take = Some(Take { path, button: crate::text::TAKE_AWAY, name });
        }
        all.push(section);
    }
    all
}

/// The kinds of disturbances with their meaning.
pub fn event_kinds() -> Vec<(&'static str, &'static str)> {
    match catalogue::EVENT.field("kind").map(|field| field.value) {
        Some(Type::Choice(words)) => words.to_vec(),
        _ => Vec::new(),
    }
}

/// The fields of a disturbance.
pub fn event(root: &Value, index: usize) -> Vec<Row> {
    let Some(event) = list_at(root, "events").get(index) else { return Vec::new() };
    let path = format!("events[{index}]");
    let mut rows: Vec<Row> = sections(&catalogue::EVENT, catalogue::EVENT.fields.iter(), event, &path)
        .into_iter()
        .flat_map(|section| section.rows)
        .collect();
    rows.sort_by_key(|row| !row.set);
    // A kind is one of the words even where objects of other shapes call their kind otherwise.
    let somewhere = text_at(event, "kind") != "traffic_spike" || event.get("component").is_some();
    let first = if somewhere { &["component", "kind"][..] } else { &["kind"] };
    for key in first.iter().copied() {
        if let Some(field) = catalogue::EVENT.field(key) {
            let label = field.label.to_owned();
            rows.insert(
                0,
                Row {
                    path: format!("{path}.{key}"),
                    label,
                    field,
                    value: field.value,
                    set: true,
                    needed: field.required,
                },
            );
        }
    }
    rows
}

fn kind_of(word: &str) -> Option<ComponentKind> {
    catalogue::KINDS.iter().find(|entry| entry.name == word).map(|entry| entry.kind)
}

/// The plain fields of an object in one section, each object inside it in one of its own.
fn sections<'f>(
    shape: &'static Shape,
    fields: impl Iterator<Item = &'static Field> + 'f,
    value: &Value,
    path: &str,
) -> Vec<Section> {
    let mut own = Section { path: path.into(), title: shape.name.into(), ..Section::default() };
    let mut inner = Vec::new();
    for field in fields.filter(|field| !ELSEWHERE.contains(&field.key)) {
        let here = value.get(field.key);
        let place = format!("{path}.{}", field.key);
        let rows = rows(field, field.value, here, &place, field.label);
        let nested = !is_plain(field.value, here);
        if nested {
            inner.push(Section { path: place, title: field.label.into(), rows, take: None });
        } else {
            own.rows.extend(rows);
        }
    }
    inner.retain(|section| !section.rows.is_empty());
    [vec![own], inner].concat()
}

fn is_plain(value: Type, here: Option<&Value>) -> bool {
    match value {
        Type::Object(_) | Type::Map(..) => false,
        Type::PerClass(inner) => is_plain(*inner, here),
        Type::Either(_) => !matches!(resolve(value, here), Type::Object(_)),
        _ => true,
    }
}

/// The alternative that looks like what stands there; the last one when nothing does.
fn resolve(value: Type, here: Option<&Value>) -> Type {
    let Type::Either(alternatives) = value else { return value };
    let fits = |looks: &Looks| match looks {
        Looks::List => here.is_some_and(Value::is_array),
        Looks::Like(shape) => here.is_some_and(|here| shape.fields.iter().any(|field| here.get(field.key).is_some())),
        Looks::Otherwise => true,
    };
    alternatives.iter().find(|(looks, _)| fits(looks)).map_or(value, |(_, value)| *value)
}

/// The rows of one field.
fn rows(field: &'static Field, value: Type, here: Option<&Value>, path: &str, label: &str) -> Vec<Row> {
    match resolve(value, here) {
        Type::PerClass(inner) => match by_class(*inner, here) {
            Some(classes) => {
                let of_class = |(class, value): (&String, &Value)| {
                    let name = if class == "*" { crate::text::OTHER_CLASSES } else { class };
                    let rows = rows(field, *inner, Some(value), &format!("{path}.{class}"), label);
                    rows.into_iter()
                        .map(|row| Row { label: format!("{} · {name}", row.label), ..row })
                        .collect::<Vec<_>>()
                };
                classes.iter().flat_map(of_class).collect()
            }
            None => rows(field, *inner, here, path, label),
        },
        Type::Object(shape) => {
            let inner = shape.fields.iter().filter(|field| !ELSEWHERE.contains(&field.key));
            let of = |field: &'static Field| {
                rows(
                    field,
                    field.value,
                    here.and_then(|here| here.get(field.key)),
                    &format!("{path}.{}", field.key),
                    field.label,
                )
            };
            inner.flat_map(of).collect()
        }
        Type::Map(_, inner) => {
            let entries = here.and_then(Value::as_object).into_iter().flatten();
            entries.flat_map(|(key, value)| rows(field, *inner, Some(value), &format!("{path}.{key}"), key)).collect()
        }
        Type::List(..) | Type::Tuple(_) | Type::Either(_) | Type::Reference(_) | Type::Version => Vec::new(),
        plain => {
            vec![Row {
                path: path.into(),
                label: label.into(),
                field,
                value: plain,
                set: here.is_some(),
                needed: field.required,
            }]
        }
    }
}

/// The values by class, when that is how they stand.
fn by_class(inner: Type, here: Option<&Value>) -> Option<&serde_json::Map<String, Value>> {
    let map = here?.as_object()?;
    let own = match inner {
        Type::Object(shape) => map.keys().any(|key| shape.fields.iter().any(|field| field.key == key)),
        _ => map.contains_key("value"),
    };
    (!own).then_some(map)
}

/// What stands in a field.
pub fn shown(row: &Row, here: Option<&Value>) -> Shown {
    let Some(here) = here else { return Shown::default() };
    let text = match row.value {
        Type::Number(_) | Type::Whole(_) | Type::Quantity(_) | Type::Count(_) => {
            number(here).map_or(String::new(), |value| scaled(row, value))
        }
        _ => here.as_str().map_or_else(|| here.to_string(), str::to_owned),
    };
    let quantity = matches!(row.value, Type::Quantity(_) | Type::Count(_));
    let source = if quantity {
        here.get("source").and_then(Value::as_str).unwrap_or("assumed").to_owned()
    } else {
        String::new()
    };
    let ends = number_at(here, "low").zip(number_at(here, "high"));
    let ends = ends.map(|(low, high)| format!("{} – {}", scaled(row, low), scaled(row, high)));
    let from = here.get("from").and_then(Value::as_str).map(crate::text::from_import);
    Shown { text, source, detail: ends.into_iter().chain(from).collect::<Vec<_>>().join(", ") }
}

fn scaled(row: &Row, value: f64) -> String {
    let value = if row.field.unit == Unit::Ratio { value * 100.0 } else { value };
    if value != 0.0 && value.abs() < 0.001 {
        format!("{value:e}")
    } else {
        trim(value, if value.abs() < 1.0 { 4 } else { 3 })
    }
}

/// The unit beside a field.
pub fn unit(row: &Row) -> &'static str {
    match row.field.unit {
        Unit::Ratio => "%",
        unit => unit.symbol(),
    }
}

/// What holds while nothing is typed.
pub fn placeholder(row: &Row) -> String {
    match row.field.default {
        Preset::Nothing => String::new(),
        Preset::Number(value) => scaled(row, value),
        Preset::Word(word) => crate::text::word(word),
        Preset::Flag(on) => on.to_string(),
        Preset::Told(words) => words.into(),
    }
}

/// Reads what was typed: a value, nothing (the field is emptied), or what would be allowed.
pub fn read(row: &Row, typed: &str) -> Result<Option<Value>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return if row.needed { Err(crate::text::NEEDED.into()) } else { Ok(None) };
    }
    match row.value {
        Type::Number(range) | Type::Quantity(range) => number_in(row, typed, range, false),
        Type::Whole(range) | Type::Count(range) => number_in(row, typed, range, true),
        Type::Flag => Ok(Some(json!(typed == "true"))),
        Type::Text(most) if typed.chars().count() > most => Err(crate::text::at_most(most)),
        _ => Ok(Some(json!(typed))),
    }
}

fn number_in(row: &Row, typed: &str, range: Range, whole: bool) -> Result<Option<Value>, String> {
    let value = match numbers::value(typed) {
        Ok(value) => value,
        Err(Unread::Form) => return Err(crate::text::NUMBER_FORM.into()),
        Err(Unread::NoNumber) => return Err(crate::text::allowed(&range.to_string())),
    };
    let value = if row.field.unit == Unit::Ratio { value / 100.0 } else { value };
    if !range.contains(value) {
        let range = if row.field.unit == Unit::Ratio { crate::text::PERCENT_RANGE.into() } else { range.to_string() };
        return Err(crate::text::allowed(&range));
    }
    if whole && value.fract() != 0.0 {
        return Err(crate::text::WHOLE_NUMBER.into());
    }
    Ok(Some(if whole { json!(value as u64) } else { json!(value) }))
}

#[cfg(test)]
mod tests {
    use super::choices::choices;
    use super::*;

    fn root() -> Value {
        json!({
            "traffic": [{"id": "browse", "entry": "app", "arrivals": {"open": {"rate": 24}}}],
            "components": [
                {"id": "app", "kind": "service", "replicas": 2, "pools": {"pg": 4},
                 "service": {"browse": {"mean_ms": {"value": 1.5, "low": 1.2, "high": 1.9, "source": "fitted", "from": "locust"}}, "*": {"mean_ms": 3}},
                 "calls": [{"to": "db", "network_ms": 0.5, "retry": {"max": 2}, "on_miss": [{"to": "db"}]}]},
                {"id": "db", "kind": "database", "cores": 4},
                {"id": "redis", "kind": "cache", "hit_ratio": 0.7}
            ],
            "slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 100}]
        })
    }

    fn find(sections: &[Section], path: &str) -> Row {
        let all = || sections.iter().flat_map(|section| &section.rows);
        let found = all().find(|row| row.path == path);
        found.unwrap_or_else(|| panic!("{path} in {:?}", all().map(|row| &row.path).collect::<Vec<_>>())).clone()
    }

    fn at<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
        crate::state::tree::get(root, &crate::state::tree::path(path))
    }

    #[test]
    fn every_set_number_has_its_field() {
        let root = root();
        let rows = [
            ("app", "components[0].replicas"),
            ("app", "components[0].pools.pg"),
            ("app", "components[0].service.browse.mean_ms"),
            ("app", "components[0].service.*.mean_ms"),
            ("app", "components[0].calls[0].network_ms"),
            ("app", "components[0].calls[0].retry.max"),
            ("app", "components[0].calls[0].on_miss[0].network_ms"),
            ("app", "components[0].price.per_replica_hour"),
            ("db", "components[1].cores"),
            ("redis", "components[2].hit_ratio"),
        ];
        for (id, path) in rows {
            find(&component(&root, id), path);
        }
        for path in ["traffic[0].arrivals.open.rate", "traffic[0].entry", "growth.per_month", "slos[0].latency_ms"] {
            find(&whole(&root), path);
        }
    }

    #[test]
    fn what_can_go_has_its_button() {
        let names = |sections: Vec<Section>| -> Vec<(String, String)> {
            sections.into_iter().filter_map(|section| section.take).map(|take| (take.path, take.name)).collect()
        };
        let pair = |(path, name): (&str, &str)| (path.to_owned(), name.to_owned());
        let objective = ("slos[0]", "Take away objective browse p95 ≤ 100 ms");
        let mut root = root();
        root["components"][1]["label"] = json!("PostgreSQL");
        assert_eq!(names(whole(&root)), [objective].map(pair), "the only class stays");
        let calls = ["components[0].calls[0]", "components[0].calls[0].on_miss[0]"];
        assert_eq!(names(component(&root, "app")), calls.map(|path| pair((path, "Take away this call to PostgreSQL"))));
        root["traffic"] = json!([{"id": "browse"}, {"id": "buy", "label": "Checkout"}]);
        let classes = [("traffic[0]", "Take away class browse"), ("traffic[1]", "Take away class Checkout"), objective];
        assert_eq!(names(whole(&root)), classes.map(pair));
        for section in whole(&root).into_iter().chain(component(&root, "app")) {
            assert!(section.take.is_none_or(|take| take.name.starts_with(take.button)), "what is read is what is said");
        }
    }

    #[test]
    fn the_entry_of_a_class_is_one_of_the_components() {
        let mut root = root();
        let entry = find(&whole(&root), "traffic[0].entry");
        let ids = choices(&root, &entry).unwrap().into_iter().map(|one| one.value).collect::<Vec<_>>();
        assert_eq!(ids, ["app", "db", "redis"]);
        assert_eq!(shown(&entry, at(&root, &entry.path)).text, "app");
        assert!(read(&entry, "").is_err());
        root["components"] = (0..=ENTRIES).map(|n| json!({"id": format!("c{n}")})).collect();
        assert_eq!(choices(&root, &find(&whole(&root), "traffic[0].entry")), None, "typed where there are too many");
    }

    #[test]
    fn what_is_offered_follows_the_document() {
        let mut root = root();
        let entry = find(&whole(&root), "traffic[0].entry");
        let offered = |root: &Value| {
            offered(root, &entry, at(root, &entry.path))
                .unwrap_or_default()
                .into_iter()
                .map(|one| one.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(offered(&root), ["app", "db", "redis"]);
        root["components"][1]["label"] = json!("PostgreSQL");
        root["components"].as_array_mut().unwrap().push(json!({"id": "queue", "kind": "queue"}));
        assert_eq!(offered(&root), ["app", "PostgreSQL", "redis", "queue"]);
        root["components"].as_array_mut().unwrap().remove(0);
        assert_eq!(offered(&root), ["PostgreSQL", "redis", "queue", "app"], "what stands there, although it is gone");
        root["components"][1]["id"] = json!("db");
        assert_eq!(offered(&root), ["PostgreSQL", "queue", "app"], "two of one name are one choice");
    }

    #[test]
    fn a_section_is_known_by_its_place() {
        let mut root = root();
        let paths = |sections: Vec<Section>| sections.into_iter().map(|section| section.path).collect::<Vec<_>>();
        let before = paths(whole(&root));
        assert_eq!(before, ["traffic[0]", "growth", "slos[0]"]);
        root["slos"][0]["latency_ms"] = json!(250);
        root["traffic"][0]["label"] = json!("Browse");
        assert_eq!(paths(whole(&root)), before, "whatever the title says");
        let app = paths(component(&root, "app"));
        let mut once = app.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), app.len(), "no two have the same: {app:?}");
    }

    #[test]
    fn a_form_is_another_where_one_before_it_goes() {
        let mut before = root();
        before["components"][0]["calls"] = json!([{"to": "redis"}, {"to": "db", "timeout_ms": 200}]);
        let names_of = |root: &Value| names(&component(root, "app"));
        let is = |name: &(String, usize), path: &str| name.0 == path;
        let of = |root: &Value, path: &str| names_of(root).into_iter().find(|name| is(name, path)).expect("a form");
        let mut after = before.clone();
        after["components"][0]["calls"].as_array_mut().unwrap().remove(0);
        let mut other = before.clone();
        other["components"][0]["calls"][0] = json!({"to": "db", "timeout_ms": 100});
        let mut fewer = before.clone();
        fewer["components"][0]["calls"][1].as_object_mut().unwrap().remove("timeout_ms");
        let call = "components[0].calls[0]";
        let own = names_of(&before)[0].0.clone();
        // The edit, the form, whether it stays.
        let rows = [
            ("taken away", &after, call, false),
            ("taken away", &after, own.as_str(), true),
            ("another callee", &other, call, true),
            ("a field emptied", &fewer, "components[0].calls[1]", true),
        ];
        for (name, edited, path, stays) in rows {
            assert_eq!(of(&before, path) == of(edited, path), stays, "{name}: {path}");
        }
    }

    #[test]
    fn what_is_selected_has_its_own_forms() {
        let mut root = root();
        let calls_of = root["components"][0]["calls"].as_array_mut().unwrap();
        calls_of.push(json!({"to": "redis", "on_miss": [{"to": "db"}]}));
        calls_of.push(json!({"to": "redis", "mode": "async"}));
        let paths = |sections: Vec<Section>| sections.into_iter().map(|section| section.path).collect::<Vec<_>>();
        let of = "components[0].calls";
        let rows = [
            (
                calls(&root, "app", "db", false),
                vec![format!("{of}[0]"), format!("{of}[0].on_miss[0]"), format!("{of}[1].on_miss[0]")],
            ),
            (calls(&root, "app", "redis", false), vec![format!("{of}[1]")]),
            (calls(&root, "app", "redis", true), vec![format!("{of}[2]")]),
            (calls(&root, "db", "app", false), vec![]),
            (class(&root, "browse"), vec!["traffic[0]".to_owned()]),
            (class(&root, "nobody"), vec![]),
            (objective(&root, 0), vec!["slos[0]".to_owned()]),
            (objective(&root, 9), vec![]),
        ];
        assert!(
            read(&find(&objective(&root, 0), "slos[0].latency_ms"), "").is_err(),
            "without a limit it is no objective"
        );
        for (sections, wanted) in rows {
            assert!(sections.iter().all(|section| section.take.is_some() != section.path.starts_with("traffic")));
            assert_eq!(paths(sections), wanted);
        }
    }

    #[test]
    fn a_disturbance_has_its_fields() {
        let root = json!({"events": [{"at_s": 60, "kind": "slow_down", "amount": 3}]});
        let rows = event(&root, 0);
        let paths: Vec<&str> = rows.iter().map(|row| row.path.as_str()).collect();
        for wanted in ["events[0].kind", "events[0].at_s", "events[0].for_s", "events[0].amount", "events[0].component"]
        {
            assert_eq!(paths.iter().filter(|path| **path == wanted).count(), 1, "{wanted} in {paths:?}");
        }
        assert!(event(&root, 1).is_empty() && event_kinds().len() > 5);
    }

    #[test]
    fn what_stands_there_is_shown_with_its_source() {
        let root = root();
        let row = find(&component(&root, "app"), "components[0].service.browse.mean_ms");
        let shown = shown(&row, at(&root, &row.path));
        assert_eq!((shown.text.as_str(), shown.source.as_str()), ("1.5", "fitted"));
        assert_eq!(shown.detail, "1.2 – 1.9, from locust");
        assert_eq!(unit(&row), "ms");
    }

    #[test]
    fn only_what_is_allowed_is_taken() {
        let root = root();
        let hit = find(&component(&root, "redis"), "components[2].hit_ratio");
        let replicas = find(&component(&root, "app"), "components[0].replicas");
        let rate = find(&whole(&root), "traffic[0].arrivals.open.rate");
        let priority = find(&whole(&root), "traffic[0].priority");
        let order = find(&component(&root, "app"), "components[0].discipline");
        assert_eq!(choices(&root, &order).map(|words| words.len()), Some(3));
        let rows = [
            (&hit, "80", Ok(Some(json!(0.8)))),
            (&hit, "80 %", Ok(Some(json!(0.8)))),
            (&hit, "130", Err(())),
            (&replicas, "3", Ok(Some(json!(3)))),
            (&replicas, "2.5", Err(())),
            (&replicas, "0", Err(())),
            (&replicas, "", Ok(None)),
            (&priority, "10", Ok(Some(json!(10)))),
            (&priority, "", Ok(None)),
            (&priority, "-1", Err(())),
            (&priority, "1.5", Err(())),
            (&order, "preemptive", Ok(Some(json!("preemptive")))),
            (&rate, "1,5", Ok(Some(json!(1.5)))),
            (&rate, "0,125", Ok(Some(json!(0.125)))),
            (&rate, "1,000", Ok(Some(json!(1000.0)))),
            (&rate, "12,000,000", Ok(Some(json!(12_000_000.0)))),
            (&rate, "1,000.5", Ok(Some(json!(1000.5)))),
            (&rate, "1234,567", Ok(Some(json!(1234.567)))),
            (&rate, "1,000,5", Err(())),
            (&rate, "1.000,5", Err(())),
            (&rate, "1 000", Ok(Some(json!(1000.0)))),
            (&replicas, "1e1", Ok(Some(json!(10)))),
            (&hit, "12,5 %", Ok(Some(json!(0.125)))),
            (&rate, "", Err(())),
            (&rate, "many", Err(())),
            (&rate, "-3", Err(())),
        ];
        for (row, typed, wanted) in rows {
            assert_eq!(read(row, typed).map_err(|_| ()), wanted, "{} {typed}", row.path);
        }
        assert_eq!(read(&rate, "1.000,5"), Err(crate::text::NUMBER_FORM.into()), "which form is taken");
        assert_ne!(read(&rate, "many"), Err(crate::text::NUMBER_FORM.into()));
    }

    #[test]
    fn an_event_happens_somewhere_that_there_is() {
        let root = json!({"components": [{"id": "db", "label": "PostgreSQL"}, {"id": "app"}], "zones": ["a"],
            "events": [{"kind": "lose_zone", "at_s": 1}]});
        let rows = event(&root, 0);
        let place = rows.iter().find(|row| row.path == "events[0].component").unwrap();
        let found: Vec<_> = choices(&root, place).unwrap().into_iter().map(|one| (one.value, one.label)).collect();
        assert_eq!(found, [("a".to_owned(), "zone a".to_owned())], "a zone is lost, not a component");
        let mut root = root;
        root["events"][0]["kind"] = json!("slow_down");
        let found: Vec<_> = choices(&root, place).unwrap().into_iter().map(|one| one.label).collect();
        assert_eq!(found, ["PostgreSQL", "app"]);
        root["events"][0]["kind"] = json!("traffic_spike");
        assert!(event(&root, 0).iter().all(|row| row.path != "events[0].component"), "a spike is everywhere");
    }

    #[test]
    fn every_field_of_the_catalogue_can_be_shown() {
        for word in catalogue::KINDS.iter().map(|entry| entry.name) {
            let root = json!({"components": [{"id": "a", "kind": word}]});
            let sections = component(&root, "a");
            assert!(sections.iter().flat_map(|section| &section.rows).any(|row| !row.set), "{word}");
            for row in sections.iter().flat_map(|section| &section.rows) {
                assert!(!row.field.help.is_empty());
                let _ = (placeholder(row), choices(&root, row), shown(row, None));
            }
        }
    }
}
