//! One change of one number: its address, its edit, and why it is that much.

use engine::model::{Balance, Kind, System};
use engine::plan::{Lever, Staffing, What, staffing, unhindered};
use engine::solve::Answer;
use scenario::edit::{self, Edit};
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

/// One change of one number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Change {
    /// Address of the number.
    pub path: String,
    /// Now. Whole but for cores and request units.
    #[serde(serialize_with = "plain")]
    pub from: f64,
    /// Then.
    #[serde(serialize_with = "plain")]
    pub to: f64,
    /// Lower bound where it is a number of servers: the offered load in units of the number, below which nothing can be stable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_load: Option<f64>,
    /// Rule of thumb beside it: load plus its square root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_root_staffing: Option<f64>,
    /// Why it is that much, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The change as an edit of the scenario, with what goes along with it (a larger machine's price).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
}

/// A whole number without decimals.
fn plain<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        to.serialize_i64(*number as i64)
    } else {
        to.serialize_f64(*number)
    }
}

/// The scenario with changes made.
///
/// # Errors
/// The problems that the edits would add.
pub fn apply(scenario: &Scenario, edits: &[Edit]) -> Result<Scenario, Vec<Problem>> {
    match edits {
        [] => Ok(scenario.clone()),
        [one] => edit::apply(scenario, one),
        many => edit::apply(scenario, &Edit::Many(many.to_vec())),
    }
}

/// Sets a value at a path.
pub(super) fn set(path: String, value: Value) -> Edit {
    Edit::Set { path, value }
}

/// The address of a lever's number.
pub(super) fn path(system: &System, lever: &Lever) -> String {
    let station = &system.stations[lever.station];
    let key = match &lever.what {
        What::Replicas => "replicas".to_owned(),
        What::AutoscaleMost => "autoscale.max".to_owned(),
        What::AutoscaleLeast => "autoscale.min".to_owned(),
        What::Pool(pool) => format!("pools.{}", station.pools[*pool].id),
        What::Threads => "concurrency".to_owned(),
        What::Consumers => "consumers".to_owned(),
        What::Partitions => "partitions".to_owned(),
        What::Nodes => "nodes".to_owned(),
        What::Capacity => "hit_ratio.capacity_items".to_owned(),
        What::ReadReplicas => "read_replicas".to_owned(),
        What::Shards => "shards".to_owned(),
        What::Machine(_) if matches!(station.kind, Kind::Database(_)) => "cores".to_owned(),
        What::Machine(_) => "cpu_cores".to_owned(),
        What::ReadUnits => "request_units.read".to_owned(),
        What::WriteUnits => "request_units.write".to_owned(),
        What::FunctionLimit => "concurrency_limit".to_owned(),
    };
    format!("components.{}.{key}", station.id)
}

/// A lever at a level as a change; `free` is [`unhindered`]'s answer of the system with it, for the explanation.
pub(super) fn change(system: &System, lever: &Lever, level: u32, free: Option<&Answer>) -> Change {
    let path = path(system, lever);
    let (from, to) = (lever.amount(system, 0), lever.amount(system, level));
    let staffed = free.and_then(|free| staffing(system, free, lever, level));
    Change {
        edit: Some(edit_of(system, lever, level, &path)),
        why: why(system, lever, level, to, staffed),
        offered_load: staffed.map(|staffed| staffed.offered_load),
        square_root_staffing: staffed.map(|staffed| staffed.square_root),
        path,
        from,
        to,
    }
}

fn why(system: &System, lever: &Lever, level: u32, to: f64, staffed: Option<Staffing>) -> String {
    if let Some(Staffing { offered_load: load, square_root: rule, over_calls }) = staffed {
        let least = load.floor() + 1.0;
        let what = if over_calls { "the work and what it waits for keep" } else { "the work alone keeps" };
        return format!(
            "{what} {load:.2} busy, so fewer than {least:.0} cannot hold; load plus its square root would say {:.0}; solved, the objectives need {to}",
            rule.ceil()
        );
    }
    match &lever.what {
        What::Machine(list) => match level.checked_sub(1).and_then(|place| list.get(place as usize)) {
            Some(machine) if machine.name.is_empty() => {
                "priced in proportion to its cores, as within one family of machines; a price book says it exactly"
                    .into()
            }
            Some(machine) if machine.per_replica_hour < system.stations[lever.station].price.per_replica_hour => {
                format!("{} from the price book costs less than today's", machine.name)
            }
            Some(machine) => format!("{} from the price book", machine.name),
            None => String::new(),
        },
        What::Capacity => "the price of a node is taken in proportion to what fits into it".into(),
        What::AutoscaleLeast => "what is lost is missed until its replacement has started: they run before it".into(),
        What::AutoscaleMost => "an upper bound: only what runs is billed".into(),
        What::Shards => "more shards mean moving data: the model sees their load, not the move".into(),
        _ => String::new(),
    }
}

fn edit_of(system: &System, lever: &Lever, level: u32, path: &str) -> Edit {
    let station = &system.stations[lever.station];
    let value = lever.value(level);
    let mut edits = vec![set(path.to_owned(), json!(value))];
    let price = |amount: f64| set(format!("components.{}.price.per_replica_hour", station.id), json!(amount));
    match &lever.what {
        What::Machine(list) => {
            if let Some(machine) = level.checked_sub(1).and_then(|place| list.get(place as usize)) {
                if !matches!(station.kind, Kind::Database(_)) {
                    edits[0] = set(path.to_owned(), json!(machine.cores));
                }
                if station.price.per_replica_hour > 0.0 {
                    edits.push(price(machine.per_replica_hour));
                }
            }
        }
        What::Capacity if station.price.per_replica_hour > 0.0 => {
            edits.push(price(station.price.per_replica_hour * f64::from(value) / f64::from(lever.now.max(1))));
        }
        What::Replicas => edits.extend(weights(system, lever, value)),
        _ => {}
    }
    if edits.len() == 1 { edits.swap_remove(0) } else { Edit::Many(edits) }
}

/// New replicas behind a weighted balancer get the mean weight.
fn weights(system: &System, lever: &Lever, replicas: u32) -> Vec<Edit> {
    let mut edits = Vec::new();
    for caller in &system.stations {
        if let Kind::LoadBalancer { balance: Balance::Weighted { weights } } = &caller.kind
            && weights.len() == system.stations[lever.station].replicas as usize
            && !weights.is_empty()
            && caller.calls.iter().any(|call| call.to == lever.station)
        {
            let mut more = weights.clone();
            more.resize(replicas as usize, weights.iter().sum::<f64>() / weights.len() as f64);
            edits.push(set(format!("components.{}.weights", caller.id), json!(more)));
        }
    }
    edits
}

/// Levels as changes at a multiple, those that stay left out.
pub(super) fn changes(system: &System, levers: &[Lever], levels: &[u32], multiple: f64) -> Vec<Change> {
    let moved: Vec<_> = levers.iter().zip(levels).filter(|(_, level)| **level > 0).collect();
    if moved.is_empty() {
        return Vec::new();
    }
    let mut changed = system.clone();
    for (lever, level) in &moved {
        lever.set(system, &mut changed, **level);
    }
    let free = unhindered(&changed, multiple);
    moved.into_iter().map(|(lever, &level)| change(system, lever, level, free.as_ref())).collect()
}

impl Change {
    /// In words: what becomes what.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {} instead of {}", self.path.trim_start_matches("components."), self.to, self.from)
    }
}
