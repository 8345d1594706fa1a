//! What one engine or the other does not model is refused at its place, never ignored.

mod common;

use common::{cache, exponential, open, queue, station, system};
use engine::model::{Kind, Place};

/// What it is, the kind, keys the closed form refuses, keys the simulator refuses.
type Row = (&'static str, Kind, &'static [&'static str], &'static [&'static str]);

#[test]
fn what_is_not_modelled_is_named() {
    let coalescing = match cache(vec![0.5]) {
        Kind::Cache { hits, concurrency, nodes, bypass_ratio, .. } => {
            Kind::Cache { hits, concurrency, nodes, coalesce: true, bypass_ratio }
        }
        other => other,
    };
    let ahead = |prefetch| match queue() {
        Kind::Queue {
            partitions, consumers, max_length, delay, max_attempts, dead_letter, duplicate_ratio, ..
        } => Kind::Queue {
            partitions,
            consumers,
            prefetch,
            max_length,
            delay,
            max_attempts,
            dead_letter,
            duplicate_ratio,
        },
        other => other,
    };
    let rows: [Row; 4] = [
        ("a cache with a given ratio", cache(vec![0.5]), &[], &[]),
        ("misses of unknown keys cannot be joined", coalescing, &["coalesce"], &["coalesce"]),
        ("one message at a time is what both play", ahead(Some(1)), &[], &[]),
        ("messages ahead wait at their consumer in both", ahead(Some(5)), &[], &[]),
    ];
    for (what, kind, closed_form, simulator) in rows {
        let one = system(vec![open("a", 0, 1.0)], vec![station("s", kind, vec![exponential(0.01)])]);
        let keys = |refused: Vec<engine::model::Refusal>| -> Vec<&'static str> {
            assert!(refused.iter().all(|r| r.place == Place::Station(0)), "{what}: {refused:?}");
            refused.iter().map(|r| r.key).collect()
        };
        assert_eq!(keys(engine::solve::refusals(&one)), closed_form, "{what}");
        assert_eq!(keys(engine::sim::refusals(&one)), simulator, "{what}");
    }
}
