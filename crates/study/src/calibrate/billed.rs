//! Which components a bill line pays for, guessed by names. Everything guessed is shown, and kept in the scenario's map.

use super::guess::words;
use super::mapping::Mapping;
use ingest::Measurements;
use ingest::measurements::CostLine;
use scenario::Scenario;
use scenario::catalogue::{KINDS, KindEntry, kind_entry};
use scenario::v1::{ComponentKind, OneOrMany};

/// Bill lines to components: by the component's own name where the line carries it (clusters), else by what the big providers call
/// their services.
pub fn guess(scenario: &Scenario, data: &[Measurements], mapping: &mut Mapping) {
    for line in data.iter().flat_map(|m| &m.costs) {
        if mapping.map.costs.contains_key(&line.service) {
            continue;
        }
        let ids = match named(scenario, line) {
            Some(id) => vec![id],
            None => {
                let Some(kind) = billed_kind(line) else { continue };
                scenario.components.iter().filter(|c| c.kind == kind).map(|c| c.id.clone()).collect()
            }
        };
        let target = match ids.as_slice() {
            [] => continue,
            [one] => OneOrMany::One(one.clone()),
            _ => OneOrMany::Many(ids.clone()),
        };
        mapping.guesses.push(format!("bill line {:?} pays for {}", line.service, ids.join(", ")));
        mapping.map.costs.insert(line.service.clone(), target);
    }
}

/// The component that a line of a cluster or a plan is named after.
fn named(scenario: &Scenario, line: &CostLine) -> Option<String> {
    let last = line.service.rsplit(['/', ':', '.']).next().unwrap_or("");
    let names = [Some(last), Some(line.service.as_str()), line.tags.get("controller").map(String::as_str)];
    let names: Vec<Vec<String>> = names.into_iter().flatten().map(words).collect();
    let component = scenario.components.iter().find(|c| names.contains(&words(&c.id)))?;
    Some(component.id.clone())
}

/// The kind of component a provider's service is, by the words of its name and type.
fn billed_kind(line: &CostLine) -> Option<ComponentKind> {
    let mut of_name = words(&line.service);
    of_name.extend(line.tags.get("type").map(|kind| words(kind)).unwrap_or_default());
    let names = |entry: &&KindEntry| of_name.iter().any(|word| entry.billed.contains(&word.as_str()));
    // Machines are what all else runs on too: the more special name counts.
    let special = KINDS.iter().filter(|entry| entry.kind != ComponentKind::Service);
    special.chain(kind_entry(ComponentKind::Service)).find(names).map(|entry| entry.kind)
}
