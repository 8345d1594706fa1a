//! From a place in the engine's model back to the path in the scenario.

use crate::Problem;
use crate::path::Path;
use engine::model::{Place, Refusal};

/// The path of a place, such as `components[2].calls[0].retry`; `key` may be empty for the whole place, or several keys
/// joined by dots.
#[must_use]
pub fn place_path(place: &Place, key: &str) -> String {
    let root = Path::ROOT;
    let mut path = match place {
        Place::Class(i) => root.key("traffic").index(*i).to_string(),
        Place::Station(i) => root.key("components").index(*i).to_string(),
        Place::Objective(i) => root.key("slos").index(*i).to_string(),
        Place::Event(i) => root.key("events").index(*i).to_string(),
        Place::Call(station, positions) => {
            let mut path = root.key("components").index(*station).to_string();
            for (depth, position) in positions.iter().enumerate() {
                let list = if depth == 0 { "calls" } else { "on_miss" };
                path.push_str(&format!(".{list}[{position}]"));
            }
            path
        }
    };
    if !key.is_empty() {
        path.push('.');
        path.push_str(key);
    }
    path
}

/// What an engine does not model yet, as problems of the scenario.
#[must_use]
pub fn refused(refusals: &[Refusal]) -> Vec<Problem> {
    refusals.iter().map(|r| Problem::new(place_path(&r.place, r.key), "not modelled yet", r.why)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_paths() {
        let rows = [
            (Place::Station(2), "usl", "components[2].usl"),
            (Place::Station(2), "", "components[2]"),
            (Place::Class(0), "arrivals.closed", "traffic[0].arrivals.closed"),
            (Place::Call(1, vec![0, 3]), "retry.max", "components[1].calls[0].on_miss[3].retry.max"),
            (Place::Objective(4), "", "slos[4]"),
            (Place::Event(1), "amount", "events[1].amount"),
        ];
        for (place, key, expected) in rows {
            assert_eq!(place_path(&place, key), expected);
        }
    }
}
