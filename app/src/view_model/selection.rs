//! What is selected: its name in addresses and links, what becomes of it when the document changes, and the way it lights up.

use super::events;
use super::format::trim;
use super::system::{EdgeView, class_label, edges, label_of, list_at, number_at, objective, text_at};
use crate::text;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the inspector shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selection {
    Nothing,
    Component(String),
    Several(Vec<String>),
    /// All calls of one component to another that it waits for, or all that it does not: a line of the drawing.
    Call {
        from: String,
        to: String,
        asynchronous: bool,
    },
    /// A traffic class.
    Class(String),
    /// An objective, by its position: it has no name of its own that would outlast an edit.
    Objective(usize),
    /// What a component costs, by the component.
    Price(String),
    /// What scales a component, by the component.
    Autoscaler(String),
    /// A disturbance, by its position, as an objective.
    Event(usize),
}

impl Selection {
    /// A selection of these components.
    pub fn of(mut ids: Vec<String>) -> Self {
        match ids.len() {
            0 => Self::Nothing,
            1 => Self::Component(ids.remove(0)),
            _ => Self::Several(ids),
        }
    }

    /// All components that are selected.
    pub fn ids(&self) -> Vec<String> {
        match self {
            Self::Component(id) => vec![id.clone()],
            Self::Several(ids) => ids.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether a component is.
    pub fn has(&self, id: &str) -> bool {
        match self {
            Self::Component(one) => one == id,
            Self::Several(ids) => ids.iter().any(|one| one == id),
            _ => false,
        }
    }

    /// Whether the calls of this line are.
    pub fn is_call(&self, caller: &str, callee: &str, dashed: bool) -> bool {
        matches!(self, Self::Call { from, to, asynchronous } if from == caller && to == callee && *asynchronous == dashed)
    }

    /// After a component was picked: alone, or with `more` beside the others; picked again it goes.
    pub fn picked(&self, id: &str, more: bool) -> Self {
        let known = self.has(id);
        let mut ids = if more { self.ids() } else { Vec::new() };
        ids.retain(|one| one != id);
        if !(known && (more || *self == Self::Component(id.to_owned()))) {
            ids.push(id.to_owned());
        }
        Self::of(ids)
    }

    /// After something else was picked: that alone, or nothing when it was selected.
    pub fn toggled(&self, other: Self) -> Self {
        if *self == other { Self::Nothing } else { other }
    }

    /// Its name in an address: a component's id, `call:api:db`, `call:api:mail:async`, `class:browse`, `objective:browse.p95`,
    /// `price:db`, `autoscaler:api`, `event:flush_cache.redis`. None of nothing.
    pub fn name(&self, root: &Value) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Component(id) => Some(encoded(id)),
            Self::Several(ids) => Some(ids.iter().map(|id| encoded(id)).collect::<Vec<_>>().join(",")),
            Self::Call { from, to, asynchronous } => {
                let mode = if *asynchronous { ":async" } else { "" };
                Some(format!("call:{}:{}{mode}", encoded(from), encoded(to)))
            }
            Self::Class(id) => Some(format!("class:{}", encoded(id))),
            Self::Objective(index) => {
                objective_names(root).get(*index).map(|name| format!("objective:{}", encoded(name)))
            }
            Self::Price(id) => Some(format!("price:{}", encoded(id))),
            Self::Autoscaler(id) => Some(format!("autoscaler:{}", encoded(id))),
            Self::Event(index) => event_names(root).get(*index).map(|name| format!("event:{}", encoded(name))),
        }
    }

    /// What has this name in a document; nothing when nothing has.
    pub fn named(root: &Value, name: &str) -> Self {
        let meant = match *name.split(':').collect::<Vec<_>>().as_slice() {
            // Addresses of before do not say whether it waits: they lead to the line that is there.
            ["call", from, to] => Self::call(from, to, false).or_its_twin(root),
            ["call", from, to, "async"] => Self::call(from, to, true),
            ["class", id] => Self::Class(decoded(id)),
            ["objective", objective] => {
                let objective = decoded(objective);
                let index = objective_names(root).iter().position(|known| *known == objective);
                index.map_or(Self::Nothing, Self::Objective)
            }
            ["price", id] => Self::Price(decoded(id)),
            ["autoscaler", id] => Self::Autoscaler(decoded(id)),
            ["event", event] => {
                let event = decoded(event);
                event_names(root).iter().position(|known| *known == event).map_or(Self::Nothing, Self::Event)
            }
            [ids] => Self::of(ids.split(',').map(decoded).filter(|id| stands(root, "components", id)).collect()),
            _ => Self::Nothing,
        };
        if meant.exists(root) { meant } else { Self::Nothing }
    }

    /// The line between two components by their names in an address.
    fn call(from: &str, to: &str, asynchronous: bool) -> Self {
        Self::Call { from: decoded(from), to: decoded(to), asynchronous }
    }

    /// Instead of a line that is not there, the other one that leads from and to the same components.
    fn or_its_twin(self, root: &Value) -> Self {
        match self {
            Self::Call { from, to, asynchronous } => {
                let there = Self::Call { from: from.clone(), to: to.clone(), asynchronous }.exists(root);
                Self::Call { from, to, asynchronous: asynchronous == there }
            }
            other => other,
        }
    }

    /// Whether a document has it.
    pub fn exists(&self, root: &Value) -> bool {
        match self {
            Self::Nothing => true,
            Self::Component(id) => stands(root, "components", id),
            Self::Several(ids) => ids.iter().all(|id| stands(root, "components", id)),
            Self::Call { from, to, asynchronous } => {
                let same = |edge: &EdgeView| edge.from == *from && edge.to == *to && edge.asynchronous == *asynchronous;
                edges(root).iter().any(same) && stands(root, "components", to)
            }
            Self::Class(id) => stands(root, "traffic", id),
            Self::Objective(index) => *index < list_at(root, "slos").len(),
            Self::Price(id) => has_part(root, id, "price"),
            Self::Autoscaler(id) => has_part(root, id, "autoscale"),
            Self::Event(index) => *index < list_at(root, "events").len(),
        }
    }

    /// What is selected after an edit of the document: the same where it still stands.
    pub fn followed(&self, before: &Held, after: &Value) -> Self {
        match self {
            Self::Several(ids) => Self::of(ids.iter().filter(|id| stands(after, "components", id)).cloned().collect()),
            // While none comes or goes it is the one at the same position, whatever is edited of it.
            Self::Objective(_) if list_at(after, "slos").len() != before.objectives => before.again(after, "slos"),
            Self::Event(_) if list_at(after, "events").len() != before.events => before.again(after, "events"),
            other if other.exists(after) => other.clone(),
            // As many calls as before: the last one of its line waits now, or does not any more.
            Self::Call { from, to, .. } if before.calls == count(after, from, to) => {
                let twin = self.clone().or_its_twin(after);
                if twin.exists(after) { twin } else { Self::Nothing }
            }
            // What it was of is where one came from.
            Self::Price(id) | Self::Autoscaler(id) if stands(after, "components", id) => Self::Component(id.clone()),
            _ => Self::Nothing,
        }
    }

    /// The lines that light up for it beside those of its boxes: the way of a class, or of the class that an objective is about.
    pub fn way(&self, root: &Value) -> Option<BTreeSet<(String, String)>> {
        match self {
            Self::Class(id) => Some(way(root, id)),
            Self::Objective(index) => list_at(root, "slos").get(*index).map(|slo| way(root, text_at(slo, "traffic"))),
            _ => None,
        }
    }

    /// What a panel calls it and its kind; none of components, which have a panel of their own.
    pub fn title(&self, root: &Value) -> Option<(String, &'static str)> {
        match self {
            Self::Nothing | Self::Component(_) | Self::Several(_) => None,
            Self::Call { from, to, asynchronous } => {
                let kind = if *asynchronous { text::AN_ASYNC_CALL } else { text::A_CALL };
                Some((format!("{} → {}", label_of(root, from), label_of(root, to)), kind))
            }
            Self::Class(id) => Some((class_label(root, id), text::A_CLASS)),
            Self::Objective(index) => Some((objective(root, *index), text::AN_OBJECTIVE)),
            Self::Price(id) => Some((label_of(root, id), text::A_PRICE)),
            Self::Autoscaler(id) => Some((label_of(root, id), text::AN_AUTOSCALER)),
            Self::Event(index) => Some((events::in_words(root, *index), text::AN_EVENT)),
        }
    }
}

/// What has to be known of a document before an edit, to find the selected again after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// The selected objective or event, which has nothing that tells it from another but all it states, and its position.
    entry: Option<(usize, Value)>,
    objectives: usize,
    events: usize,
    /// Calls of the selected line's caller to its callee, whether it waits for them or not.
    calls: usize,
}

impl Held {
    /// Of a document in which this is selected.
    pub fn of(selection: &Selection, root: &Value) -> Self {
        let calls = match selection {
            Selection::Call { from, to, .. } => count(root, from, to),
            _ => 0,
        };
        let entry = |key: &str, index: usize| Some((index, list_at(root, key).get(index)?.clone()));
        let entry = match selection {
            Selection::Objective(index) => entry("slos", *index),
            Selection::Event(index) => entry("events", *index),
            _ => None,
        };
        let count = |key: &str| list_at(root, key).len();
        Self { entry, objectives: count("slos"), events: count("events"), calls }
    }

    /// What states the same in a list by now, of several the one next to where it stood.
    fn again(&self, root: &Value, key: &str) -> Selection {
        let Some((index, entry)) = &self.entry else { return Selection::Nothing };
        let same = list_at(root, key).iter().enumerate().filter(|(_, one)| *one == entry).map(|(at, _)| at);
        let Some(at) = same.min_by_key(|at| at.abs_diff(*index)) else { return Selection::Nothing };
        if key == "slos" { Selection::Objective(at) } else { Selection::Event(at) }
    }
}

/// Calls of one component to another, those on a miss included.
fn count(root: &Value, from: &str, to: &str) -> usize {
    let caller = list_at(root, "components").iter().find(|one| text_at(one, "id") == from);
    let mut calls: Vec<&Value> = caller.into_iter().flat_map(|one| list_at(one, "calls")).collect();
    let mut found = 0;
    while let Some(call) = calls.pop() {
        found += usize::from(text_at(call, "to") == to);
        calls.extend(list_at(call, "on_miss"));
    }
    found
}

fn stands(root: &Value, list: &str, id: &str) -> bool {
    list_at(root, list).iter().any(|one| text_at(one, "id") == id)
}

/// Whether a component states a part of its own.
fn has_part(root: &Value, id: &str, key: &str) -> bool {
    let found = list_at(root, "components").iter().find(|one| text_at(one, "id") == id);
    found.is_some_and(|one| one.get(key).is_some_and(Value::is_object))
}

/// Names in their order; of two that are the same the second has a number.
fn numbered(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in all {
        let same = names.iter().filter(|known| known.split('~').next() == Some(&name)).count();
        names.push(if same == 0 { name } else { format!("{name}~{}", same + 1) });
    }
    names
}

/// What happens, and where, of each disturbance.
fn event_names(root: &Value) -> Vec<String> {
    let name = |event: &Value| match text_at(event, "component") {
        "" => text_at(event, "kind").to_owned(),
        place => format!("{}.{place}", text_at(event, "kind")),
    };
    numbered(list_at(root, "events").iter().map(name))
}

/// What each objective is about.
fn objective_names(root: &Value) -> Vec<String> {
    let name = |slo: &Value| {
        let about = match (text_at(slo, "traffic"), text_at(slo, "component")) {
            ("", "") => String::new(),
            (class, "") => format!("{class}."),
            (_, component) => format!("{component}."),
        };
        let percentile = number_at(slo, "percentile").map(|percentile| format!("p{}", trim(percentile, 3)));
        let keys = ["max_error_ratio", "max_utilization", "max_backlog_age_s", "max_monthly_cost", "survive"];
        let of_key = || keys.into_iter().find(|key| slo.get(key).is_some()).map(str::to_owned);
        format!("{about}{}", percentile.or_else(of_key).unwrap_or_default())
    };
    numbered(list_at(root, "slos").iter().map(name))
}

/// Ids hold nothing that has a meaning in an address; what else a file may hold instead of an id is written in hexadecimal.
fn encoded(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(sign).collect()
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines, caller and callee, that the requests of a class take: from where it enters along all calls made for it.
fn way(root: &Value, class: &str) -> BTreeSet<(String, String)> {
    let entry = list_at(root, "traffic").iter().find(|one| text_at(one, "id") == class);
    let mut next: Vec<&str> = entry.map(|entry| text_at(entry, "entry")).into_iter().collect();
    let (mut seen, mut way) = (BTreeSet::new(), BTreeSet::new());
    while let Some(id) = next.pop().filter(|id| !id.is_empty()) {
        if !seen.insert(id) {
            continue;
        }
        let Some(component) = list_at(root, "components").iter().find(|one| text_at(one, "id") == id) else { continue };
        let mut calls: Vec<&Value> = list_at(component, "calls").iter().collect();
        while let Some(call) = calls.pop() {
            let of = list_at(call, "classes");
            if of.is_empty() || of.iter().any(|one| one.as_str() == Some(class)) {
                way.insert((id.to_owned(), text_at(call, "to").to_owned()));
                next.push(text_at(call, "to"));
                calls.extend(list_at(call, "on_miss"));
            }
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shop() -> Value {
        json!({
            "traffic": [{"id": "browse", "entry": "app"}, {"id": "buy", "label": "Checkout", "entry": "app"}],
            "components": [
                {"id": "app", "label": "Shop app", "calls": [
                    {"to": "redis", "classes": ["browse"], "on_miss": [{"to": "db"}]}, {"to": "queue", "classes": ["buy"]}]},
                {"id": "redis"}, {"id": "db", "price": {"fixed_monthly": 9}, "autoscale": {"min": 1, "max": 4}}, {"id": "queue", "calls": [{"to": "mailer"}]}, {"id": "mailer"},
                {"id": "Ünheimlich: a,b%"}],
            "slos": [
                {"traffic": "browse", "percentile": 95, "latency_ms": 100}, {"traffic": "browse", "percentile": 99.9, "latency_ms": 300},
                {"traffic": "browse", "percentile": 95, "latency_ms": 80}, {"component": "queue", "max_backlog_age_s": 30},
                {"max_monthly_cost": 900}, {"traffic": "buy", "max_error_ratio": 0.01}],
            "events": [{"kind": "flush_cache", "component": "redis", "at_s": 60}, {"kind": "traffic_spike", "at_s": 30, "for_s": 9, "amount": 3},
                {"kind": "traffic_spike", "at_s": 90}]
        })
    }

    fn call(from: &str, to: &str) -> Selection {
        Selection::Call { from: from.into(), to: to.into(), asynchronous: false }
    }

    fn dashed(from: &str, to: &str) -> Selection {
        Selection::Call { from: from.into(), to: to.into(), asynchronous: true }
    }

    /// The shop whose app also tells the mailer, waiting for one of two calls only.
    fn twins() -> Value {
        let mut root = shop();
        root["components"][0]["calls"] =
            json!([{"to": "mailer"}, {"to": "mailer", "mode": "async"}, {"to": "queue", "mode": "async"}]);
        root
    }

    #[test]
    fn two_lines_between_the_same_are_two() {
        // The name, what it leads to, the name of that.
        let rows = [
            ("call:app:mailer", call("app", "mailer"), "call:app:mailer"),
            ("call:app:mailer:async", dashed("app", "mailer"), "call:app:mailer:async"),
            ("call:app:queue", dashed("app", "queue"), "call:app:queue:async"),
            ("call:queue:mailer", call("queue", "mailer"), "call:queue:mailer"),
        ];
        for (name, wanted, again) in rows {
            let found = Selection::named(&twins(), name);
            assert_eq!(found, wanted, "{name}");
            assert_eq!(found.name(&twins()).as_deref(), Some(again));
        }
        for name in ["call:queue:mailer:async", "call:app:mailer:sync", "call:app:db"] {
            assert_eq!(Selection::named(&twins(), name), Selection::Nothing, "{name}");
        }
        assert!(dashed("a", "b").is_call("a", "b", true) && !dashed("a", "b").is_call("a", "b", false));
        let calls = |calls: Value| {
            let mut root = twins();
            root["components"][0]["calls"] = calls;
            root
        };
        let one = || calls(json!([{"to": "mailer"}]));
        // What is selected, before, after, what is selected then.
        let rows = [
            (dashed("app", "mailer"), twins(), one(), Selection::Nothing),
            (call("app", "mailer"), twins(), one(), call("app", "mailer")),
            (call("app", "mailer"), one(), calls(json!([{"to": "mailer", "mode": "async"}])), dashed("app", "mailer")),
            (
                dashed("app", "mailer"),
                twins(),
                calls(json!([{"to": "mailer"}, {"to": "mailer"}])),
                call("app", "mailer"),
            ),
        ];
        for (selection, before, after, wanted) in rows {
            assert_eq!(selection.followed(&Held::of(&selection, &before), &after), wanted, "{selection:?}");
        }
    }

    #[test]
    fn picking_adds_takes_away_and_replaces() {
        let one = Selection::Nothing.picked("a", false);
        assert_eq!(one, Selection::Component("a".into()));
        let two = one.picked("b", true);
        assert_eq!(two.ids(), ["a", "b"]);
        assert_eq!(two.picked("a", true), Selection::Component("b".into()));
        assert_eq!(two.picked("a", false), Selection::Component("a".into()));
        assert_eq!(one.picked("a", false), Selection::Nothing);
        let line = one.toggled(call("a", "b"));
        assert_eq!(line, call("a", "b"));
        assert_eq!(line.toggled(call("a", "b")), Selection::Nothing);
        assert_eq!(line.picked("a", true), Selection::Component("a".into()), "a line is not selected beside boxes");
    }

    #[test]
    fn what_is_selected_has_a_name_by_which_it_is_found() {
        let rows = [
            (Selection::Component("db".into()), "db"),
            (Selection::Several(vec!["db".into(), "app".into()]), "db,app"),
            (Selection::Component("Ünheimlich: a,b%".into()), "%C3%9Cnheimlich%3A%20a%2Cb%25"),
            (call("app", "db"), "call:app:db"),
            (call("queue", "mailer"), "call:queue:mailer"),
            (Selection::Class("buy".into()), "class:buy"),
            (Selection::Objective(0), "objective:browse.p95"),
            (Selection::Objective(1), "objective:browse.p99.9"),
            (Selection::Objective(2), "objective:browse.p95~2"),
            (Selection::Objective(3), "objective:queue.max_backlog_age_s"),
            (Selection::Objective(4), "objective:max_monthly_cost"),
            (Selection::Objective(5), "objective:buy.max_error_ratio"),
            (Selection::Price("db".into()), "price:db"),
            (Selection::Autoscaler("db".into()), "autoscaler:db"),
            (Selection::Event(0), "event:flush_cache.redis"),
            (Selection::Event(1), "event:traffic_spike"),
            (Selection::Event(2), "event:traffic_spike~2"),
        ];
        for (selection, name) in rows {
            assert_eq!(selection.name(&shop()).as_deref(), Some(name));
            assert_eq!(Selection::named(&shop(), name), selection, "{name}");
        }
        assert_eq!(Selection::Nothing.name(&shop()), None);
        let nobody = [
            "",
            "gone",
            "call:db:app",
            "call:app",
            "class:app",
            "class:",
            "objective:db.p95",
            "what:db",
            "%",
            "call:a:b:c",
            "price:app",
            "price:gone",
            "autoscaler:app",
            "event:deploy",
            "event:",
        ];
        for name in nobody {
            assert_eq!(Selection::named(&shop(), name), Selection::Nothing, "{name}");
        }
        assert_eq!(Selection::named(&shop(), "db,gone"), Selection::Component("db".into()), "what is left of several");
        assert_eq!(Selection::named(&json!(7), "db"), Selection::Nothing);
    }

    #[test]
    fn the_selected_is_followed_through_edits() {
        let after = |edit: fn(&mut Value)| {
            let mut root = shop();
            edit(&mut root);
            root
        };
        let gone = |key: &'static str, index: usize| {
            let mut root = shop();
            root[key].as_array_mut().expect("a list").remove(index);
            root
        };
        let rows = [
            (Selection::Objective(0), after(|root| root["slos"][0]["percentile"] = json!(50)), Selection::Objective(0)),
            (Selection::Objective(1), gone("slos", 0), Selection::Objective(0)),
            (Selection::Objective(1), gone("slos", 1), Selection::Nothing),
            // Of one name are the first and the third objective, the second and the third event.
            (Selection::Objective(0), gone("slos", 0), Selection::Nothing),
            (Selection::Objective(0), gone("slos", 2), Selection::Objective(0)),
            (Selection::Objective(2), gone("slos", 0), Selection::Objective(1)),
            (Selection::Objective(2), gone("slos", 2), Selection::Nothing),
            (Selection::Event(1), gone("events", 1), Selection::Nothing),
            (Selection::Event(1), gone("events", 2), Selection::Event(1)),
            (Selection::Event(2), gone("events", 1), Selection::Event(1)),
            (Selection::Event(2), gone("events", 0), Selection::Event(1)),
            (Selection::Event(0), after(|root| root["events"][0]["kind"] = json!("deploy")), Selection::Event(0)),
            (Selection::Event(1), gone("events", 0), Selection::Event(0)),
            (Selection::Event(0), gone("events", 0), Selection::Nothing),
            (
                Selection::Price("db".into()),
                after(|root| root["components"][2]["price"] = json!({"per_replica_hour": 1})),
                Selection::Price("db".into()),
            ),
            (
                Selection::Price("db".into()),
                after(|root| root["components"][2] = json!({"id": "db"})),
                Selection::Component("db".into()),
            ),
            (
                Selection::Autoscaler("db".into()),
                after(|root| root["components"][2] = json!({"id": "db"})),
                Selection::Component("db".into()),
            ),
            (Selection::Autoscaler("db".into()), gone("components", 2), Selection::Nothing),
            (Selection::Class("buy".into()), gone("traffic", 0), Selection::Class("buy".into())),
            (Selection::Class("buy".into()), gone("traffic", 1), Selection::Nothing),
            (call("app", "db"), after(|root| root["components"][0]["calls"] = json!([])), Selection::Nothing),
            (
                call("app", "db"),
                after(|root| root["components"][0]["calls"][0]["on_miss"][0]["mode"] = json!("async")),
                dashed("app", "db"),
            ),
            (Selection::Component("db".into()), gone("components", 2), Selection::Nothing),
            (
                Selection::Several(vec!["app".into(), "db".into()]),
                gone("components", 2),
                Selection::Component("app".into()),
            ),
        ];
        for (selection, after, wanted) in rows {
            assert_eq!(selection.followed(&Held::of(&selection, &shop()), &after), wanted, "{selection:?}");
        }
    }

    #[test]
    fn of_those_that_state_the_same_the_nearest_is_followed() {
        let of = |kinds: &[&str]| json!({"events": kinds.iter().map(|kind| json!({"kind": kind})).collect::<Vec<_>>()});
        // Before, which one, after, which one then.
        type Row<'a> = (&'a [&'a str], usize, &'a [&'a str], Option<usize>);
        let rows: [Row; 4] = [
            (&["a", "a"], 1, &["a", "a", "b"], Some(1)),
            (&["a", "a", "b"], 1, &["a", "b"], Some(0)),
            (&["a"], 0, &["b", "a", "a"], Some(1)),
            (&["a", "b"], 1, &["a"], None),
        ];
        for (before, index, after, wanted) in rows {
            let selection = Selection::Event(index);
            let found = selection.followed(&Held::of(&selection, &of(before)), &of(after));
            assert_eq!(found, wanted.map_or(Selection::Nothing, Selection::Event), "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_class_lights_its_way() {
        let lines =
            |class: &str| way(&shop(), class).into_iter().map(|(from, to)| format!("{from}-{to}")).collect::<Vec<_>>();
        assert_eq!(lines("browse"), ["app-db", "app-redis"]);
        assert_eq!(lines("buy"), ["app-queue", "queue-mailer"]);
        assert!(lines("nobody").is_empty());
        assert_eq!(Selection::Objective(1).way(&shop()), Selection::Class("browse".into()).way(&shop()));
        assert_eq!(Selection::Objective(3).way(&shop()).map(|way| way.len()), Some(0), "of no class");
        let circle = json!({"traffic": [{"id": "a", "entry": "x"}],
            "components": [{"id": "x", "calls": [{"to": "y"}]}, {"id": "y", "calls": [{"to": "x"}, {"to": "gone"}]}]});
        assert_eq!(way(&circle, "a").len(), 3, "calls in a circle end");
    }

    #[test]
    fn a_title_says_what_it_is() {
        let rows = [
            (call("app", "db"), Some(("Shop app → db".to_owned(), text::A_CALL))),
            (dashed("app", "db"), Some(("Shop app → db".to_owned(), text::AN_ASYNC_CALL))),
            (Selection::Price("db".into()), Some(("db".to_owned(), text::A_PRICE))),
            (Selection::Autoscaler("app".into()), Some(("Shop app".to_owned(), text::AN_AUTOSCALER))),
            (Selection::Event(1), Some(("traffic spike · 3, at 30 s for 9 s".to_owned(), text::AN_EVENT))),
            (Selection::Class("buy".into()), Some(("Checkout".to_owned(), text::A_CLASS))),
            (Selection::Objective(0), Some(("browse p95 ≤ 100 ms".to_owned(), text::AN_OBJECTIVE))),
            (Selection::Component("db".into()), None),
        ];
        for (selection, wanted) in rows {
            assert_eq!(selection.title(&shop()), wanted);
        }
    }
}
