//! Leaving things out before sharing: money, names, notes, imported figures; and what is left then.

use crate::edit::refer;
use crate::v1::{Component, ImportRecord, Price, Scenario};
use engine::order;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to leave out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeaveOut {
    /// Prices, costs, budgets and bills.
    pub money: bool,
    /// Names of everything: components, classes, pools, zones get names of their kind. Notes, which may hold names, and the
    /// map with its endpoints go too.
    pub names: bool,
    /// Notes.
    pub notes: bool,
    /// Imports with their measured points and bills, the map, the draws, and where figures came from. The figures themselves
    /// stay: they are the model.
    pub imports: bool,
}

/// A scenario with less in it, and what is still in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Redacted {
    /// The scenario.
    pub scenario: Scenario,
    /// What a reader of it learns, in words.
    pub left: Vec<String>,
}

/// The scenario without what is to be left out.
#[must_use]
pub fn redact(scenario: &Scenario, leave_out: LeaveOut) -> Redacted {
    let mut scenario = scenario.clone();
    if leave_out.money {
        without_money(&mut scenario);
    }
    if leave_out.imports {
        without_imports(&mut scenario);
    }
    if leave_out.notes || leave_out.names {
        scenario.notes.clear();
    }
    if leave_out.names {
        without_names(&mut scenario);
    }
    let left = left(&scenario);
    Redacted { scenario, left }
}

fn without_money(scenario: &mut Scenario) {
    scenario.currency = None;
    scenario.costs.clear();
    scenario.price_book.clear();
    scenario.slos.retain(|slo| slo.max_monthly_cost.is_none());
    for component in &mut scenario.components {
        component.price = None;
    }
    for import in &mut scenario.imports {
        import.monthly_costs.clear();
        import.unexplained_costs.clear();
        (import.billed_from, import.billed_until) = (None, None);
    }
    if let Some(map) = &mut scenario.map {
        map.costs.clear();
    }
    refer::drop_draws(scenario, |path| path.contains(".price.") || path.starts_with("costs"));
}

fn without_imports(scenario: &mut Scenario) {
    scenario.imports.clear();
    scenario.map = None;
    scenario.fit = None;
    crate::quantities::visit(scenario, &mut |_, _, quantity| quantity.from = None);
}

/// Everything that has a name of its own gets one of its kind.
fn without_names(scenario: &mut Scenario) {
    scenario.name = "Scenario".to_owned();
    // Its endpoints, files and bill lines are names, and mean nothing without them.
    scenario.map = None;
    scenario.price_book.clear();
    let components = numbered(scenario.components.iter().map(|c| (c.id.clone(), kind(c))));
    let classes = numbered(scenario.traffic.iter().map(|t| (t.id.clone(), "class".to_owned())));
    let zones = numbered(scenario.zones.iter().map(|zone| (zone.clone(), "zone".to_owned())));
    let imports = numbered(scenario.imports.iter().map(|import| (import.id.clone(), "import".to_owned())));
    rename_draws(scenario, &components, &classes);
    refer::component_names(scenario, &mut |name| rename(name, &components));
    refer::class_names(scenario, &mut |name| rename(name, &classes));
    for event in scenario.events.iter_mut().filter(|event| event.kind == crate::v1::EventKind::LoseZone) {
        event.component.iter_mut().for_each(|zone| rename(zone, &zones));
    }
    for class in &mut scenario.traffic {
        rename(&mut class.id, &classes);
        class.label = None;
    }
    for component in &mut scenario.components {
        rename(&mut component.id, &components);
        component.label = None;
        component.zone.iter_mut().for_each(|zone| rename(zone, &zones));
        without_pool_names(component);
        for part in component.price.iter_mut().flat_map(|price: &mut Price| &mut price.purchase) {
            part.label = None;
        }
    }
    scenario.zones.iter_mut().for_each(|zone| rename(zone, &zones));
    for (i, cost) in scenario.costs.iter_mut().enumerate() {
        cost.id = format!("cost-{}", i + 1);
    }
    for import in &mut scenario.imports {
        rename(&mut import.id, &imports);
        (import.file, import.sha256) = (None, None);
        let amounts = std::mem::take(&mut import.unexplained_costs).into_values();
        import.unexplained_costs = amounts.enumerate().map(|(i, amount)| (format!("line-{}", i + 1), amount)).collect();
    }
    crate::quantities::visit(scenario, &mut |_, _, quantity| {
        quantity.from.iter_mut().for_each(|from| rename(from, &imports));
    });
}

fn kind(component: &Component) -> String {
    let name = crate::catalogue::kind_entry(component.kind).map_or("", |entry| entry.name);
    name.replace('_', "-")
}

/// Old names to new ones: the kind and a number.
fn numbered(things: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = |(id, kind): (String, String)| {
        let count = counts.entry(kind.clone()).or_default();
        *count += 1;
        (id, format!("{kind}-{count}"))
    };
    order::map(things.map(&mut number))
}

/// A name that is not known (it dangles) is a name all the same.
fn rename(name: &mut String, names: &BTreeMap<String, String>) {
    if name != "*" {
        *name = names.get(name).cloned().unwrap_or_else(|| "unknown".to_owned());
    }
}

fn without_pool_names(component: &mut Component) {
    let pools = numbered(component.pools.keys().map(|pool| (pool.clone(), "pool".to_owned())));
    refer::keys(&mut component.pools, &mut |pool| rename(pool, &pools));
    refer::calls(&mut component.calls, &mut |call| call.pool.iter_mut().for_each(|pool| rename(pool, &pools)));
}

/// Draws keep their paths by position: those hold no name.
fn rename_draws(scenario: &mut Scenario, components: &BTreeMap<String, String>, classes: &BTreeMap<String, String>) {
    let Some(fit) = &mut scenario.fit else { return };
    for path in &mut fit.paths {
        let mut parts: Vec<String> = path.split('.').map(str::to_owned).collect();
        let names = [("components", components), ("traffic", classes)];
        for (list, names) in names {
            if parts.len() > 1 && parts[0] == list {
                rename(&mut parts[1], names);
            }
        }
        // What stands per class, or per pool, is named too; such columns cannot be told from others and are left out below.
        for i in 2..parts.len() {
            if matches!(parts[i - 1].as_str(), "service" | "hit_ratio" | "write_ratio")
                && classes.contains_key(&parts[i])
            {
                rename(&mut parts[i], classes);
            }
        }
        *path = parts.join(".");
    }
    refer::drop_draws(scenario, |path| path.contains(".pools.") || path.starts_with("costs"));
}

/// What a reader of a scenario learns, in words.
#[must_use]
pub fn left(scenario: &Scenario) -> Vec<String> {
    let s = scenario;
    let mut left = Vec::new();
    let mut say = |count: usize, one: &str, many: &str| {
        if count > 0 {
            left.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    };
    say(s.components.len(), "component with its times and limits", "components with their times and limits");
    say(s.traffic.len(), "traffic class with its rate", "traffic classes with their rates");
    say(s.slos.len(), "objective", "objectives");
    let labels = s.components.iter().filter(|c| c.label.is_some()).count()
        + s.traffic.iter().filter(|t| t.label.is_some()).count();
    say(labels, "label", "labels");
    say(s.components.iter().filter(|c| c.price.is_some()).count(), "price", "prices");
    say(s.costs.len(), "other cost", "other costs");
    say(s.slos.iter().filter(|slo| slo.max_monthly_cost.is_some()).count(), "budget", "budgets");
    say(s.imports.len(), "import", "imports");
    say(s.imports.iter().map(|i| i.points.len()).sum(), "measured point", "measured points");
    let billed = |i: &&ImportRecord| !i.monthly_costs.is_empty() || !i.unexplained_costs.is_empty();
    say(s.imports.iter().filter(billed).count(), "bill", "bills");
    say(s.map.as_ref().map_or(0, |map| map.endpoints.len()), "endpoint name", "endpoint names");
    say(s.fit.as_ref().map_or(0, |fit| fit.draws.len()), "draw of the calibration", "draws of the calibration");
    if !s.notes.is_empty() {
        left.push("the notes".to_owned());
    }
    left
}
