//! How full something is, and what a projection says at one multiple.

use crate::chart::spec::nearest;
use worker::protocol::{ComponentColumns, Projection};

/// How full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    None,
    Ok,
    Warn,
    Hot,
}

impl Level {
    /// From 70 % on waits grow quickly; from 90 % on a small error of the model decides.
    pub fn of(utilization: Option<f64>) -> Self {
        match utilization {
            None => Self::None,
            Some(share) if share >= 0.9 => Self::Hot,
            Some(share) if share >= 0.7 => Self::Warn,
            Some(_) => Self::Ok,
        }
    }

    /// Its class in the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Hot => "hot",
        }
    }
}

/// A column's figure at an index.
pub fn at(column: &[Option<f64>], index: usize) -> Option<f64> {
    column.get(index).copied().flatten()
}

/// The row of a projection next to a multiple.
pub fn row(projection: &Projection, multiple: f64) -> usize {
    nearest(&projection.multiples, multiple).unwrap_or(0)
}

/// A component's columns.
pub fn component<'a>(projection: &'a Projection, id: &str) -> Option<&'a ComponentColumns> {
    projection.components.iter().find(|component| component.id == id)
}

/// What is fullest of a component: its own work, its slots or one of its pools.
pub fn fullest(component: &ComponentColumns, index: usize) -> Option<f64> {
    let pools = component.pools.values().filter_map(|(utilization, _)| at(utilization, index));
    let own = [at(&component.utilization, index), at(&component.slot_utilization, index)];
    pools.chain(own.into_iter().flatten()).reduce(f64::max)
}

/// The longest mean wait at a component: for its own work or for a connection of one of its pools; milliseconds.
pub fn longest_wait(component: &ComponentColumns, index: usize) -> Option<f64> {
    let pools = component.pools.values().filter_map(|(_, wait)| at(wait, index));
    pools.chain(at(&component.wait_ms, index)).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for (share, wanted) in [(None, "none"), (Some(0.3), "ok"), (Some(0.7), "warn"), (Some(1.0), "hot")] {
            assert_eq!(Level::of(share).class(), wanted);
        }
    }

    #[test]
    fn the_fullest_part_counts() {
        let pools = [("pg".to_owned(), (vec![Some(0.9)], vec![None]))].into();
        let component = ComponentColumns { utilization: vec![Some(0.2)], pools, ..ComponentColumns::default() };
        assert_eq!(fullest(&component, 0), Some(0.9));
        assert_eq!(fullest(&component, 5), None);
        assert_eq!(longest_wait(&component, 0), None);
        let pools = [("pg".to_owned(), (vec![Some(0.9)], vec![Some(7.0)]))].into();
        let component = ComponentColumns { wait_ms: vec![Some(2.0)], pools, ..ComponentColumns::default() };
        assert_eq!(longest_wait(&component, 0), Some(7.0));
    }
}
