//! What one engine or the other does not model is refused at its place, never ignored.

mod common;

use common::{cache, call, database, exponential, open, queue, service, station, system};
use engine::model::{Call, Kind, Mode, Place};

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

/// What the simulator would unroll or lay out beyond any memory is refused at its place, by the product and by the sum.
#[test]
fn what_would_not_fit_is_refused() {
    let times = |n: f64, mode, on_miss| Call { per_request: n, mode, on_miss, ..call(1) };
    let nest = |a, b, c| {
        let inner = times(c, Mode::Sync, Vec::new());
        vec![times(a, Mode::Sync, vec![times(b, Mode::Sync, vec![inner])])]
    };
    let parallel = |n: usize| vec![times(1000.0, Mode::Parallel, Vec::new()); n];
    let rows: [(&str, Vec<Call>, &[&str]); 5] = [
        ("a hundred of a hundred", nest(100.0, 100.0, 1.0), &[]),
        ("a billion", nest(1000.0, 1000.0, 1000.0), &["calls"]),
        ("2 million beside 4 million", [nest(1000.0, 600.0, 1.0), nest(1000.0, 900.0, 1.0)].concat(), &["calls"]),
        ("60,000 at once", parallel(60), &[]),
        ("61,000 at once", parallel(61), &["calls"]),
    ];
    for (what, calls, keys) in rows {
        let mut caller = station("s", service(None), vec![exponential(0.01)]);
        caller.calls = calls;
        let store = station("store", cache(vec![0.5]), vec![exponential(0.01)]);
        let one = system(vec![open("a", 0, 1.0)], vec![caller, store]);
        let refused = engine::sim::refusals(&one);
        assert!(refused.iter().all(|r| r.place == Place::Station(0)), "{what}: {refused:?}");
        assert_eq!(refused.iter().map(|r| r.key).collect::<Vec<_>>(), keys, "{what}");
    }
    let sharded = |shards| match database(None, 1) {
        Kind::Database(node) => Kind::Database(engine::model::DatabaseNode { shards, ..node }),
        other => other,
    };
    for (shards, refused) in [(100_000, 0), (200_000, 1), (2_000_000, 8)] {
        let all = (0..8).map(|_| station("db", sharded(shards), vec![exponential(0.01)])).collect();
        let found = engine::sim::refusals(&system(vec![open("a", 0, 1.0)], all));
        assert_eq!(found.len(), refused, "{shards}: {found:?}");
    }
}
