//! Lines of a bill that must be set beside the model together: a component that two lines pay for is modelled once.

use super::bill_split::BillSplit;
use std::collections::{BTreeMap, BTreeSet};

/// A line of the bill and what it pays for.
#[derive(Debug, Clone, PartialEq)]
pub struct Billed {
    /// Its name.
    pub service: String,
    /// Components that it pays for; empty when nobody knows.
    pub components: Vec<String>,
    /// Money in the mean month of the bill; negative for a credit.
    pub monthly: f64,
    /// Money a month today, where several months tell how it moves; else as `monthly`.
    pub today: f64,
    /// How it moves with the traffic, where several months tell.
    pub split: Option<BillSplit>,
}

/// Lines of which each shares a component with another one, and all their components.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// Places of the lines in the bill, ascending.
    pub lines: Vec<usize>,
    /// What they pay for together.
    pub components: BTreeSet<String>,
}

impl Group {
    /// Money a month today of all its lines.
    pub fn billed(&self, lines: &[Billed]) -> f64 {
        self.lines.iter().map(|line| lines[*line].today).sum()
    }

    /// Money a month of all its components in the model.
    pub fn modelled(&self, modelled: &BTreeMap<String, f64>) -> f64 {
        self.components.iter().filter_map(|component| modelled.get(component)).sum()
    }
}

/// Puts lines that share a component into one group, so that no component is in two. Credits and lines without components are in
/// none: nothing in the model stands against them.
pub fn groups(lines: &[Billed]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.monthly >= 0.0) {
        if line.components.is_empty() {
            continue;
        }
        let shares = |group: &Group| line.components.iter().any(|component| group.components.contains(component));
        let (shared, mut apart): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(shares);
        let mut joined = Group { lines: vec![place], components: line.components.iter().cloned().collect() };
        for group in shared {
            joined.lines.extend(group.lines);
            joined.components.extend(group.components);
        }
        joined.lines.sort_unstable();
        apart.push(joined);
        groups = apart;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_component_is_in_two_groups() {
        type Lines<'a> = &'a [(&'a str, f64)];
        type Wanted<'a> = &'a [(&'a [usize], &'a str)];
        let rows: [(Lines, Wanted); 7] = [
            (&[("a", 1.0), ("b", 1.0)], &[(&[0], "a"), (&[1], "b")]),
            (&[("a b", 1.0), ("a b", 1.0)], &[(&[0, 1], "a b")]),
            (&[("a b", 1.0), ("b c", 1.0)], &[(&[0, 1], "a b c")]),
            // The last line joins what was apart.
            (&[("a", 1.0), ("c", 1.0), ("d", 1.0), ("a c", 1.0)], &[(&[2], "d"), (&[0, 1, 3], "a c")]),
            (&[("a a", 1.0)], &[(&[0], "a")]),
            // Free so far, and still of a component.
            (&[("a", 0.0)], &[(&[0], "a")]),
            (&[("a b", -1.0), ("", 1.0), ("b c", 1.0)], &[(&[2], "b c")]),
        ];
        for (lines, wanted) in rows {
            let line = |(components, monthly): &(&str, f64)| Billed {
                service: String::new(),
                components: components.split_whitespace().map(str::to_owned).collect(),
                monthly: *monthly,
                today: *monthly,
                split: None,
            };
            let found = groups(&lines.iter().map(line).collect::<Vec<_>>());
            let wanted: Vec<Group> = wanted
                .iter()
                .map(|(lines, components)| Group {
                    lines: lines.to_vec(),
                    components: components.split_whitespace().map(str::to_owned).collect(),
                })
                .collect();
            assert_eq!(found, wanted, "{lines:?}");
        }
    }
}
