//! The gallery: every entry opens without problem or note, lowers, fits into a link, and says where its figures come from.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::v1::Source;
use scenario::{catalogue, gallery, link, lower, parse, quantities};
use std::collections::BTreeSet;

#[test]
fn every_entry_is_sound() {
    for entry in gallery::entries() {
        let parsed = parse(entry.json).unwrap_or_else(|problems| panic!("{}: {problems:#?}", entry.id));
        assert_eq!(parsed.notes, [], "{}", entry.id);
        lower(&parsed.scenario).unwrap_or_else(|problems| panic!("{}: {problems:#?}", entry.id));
        assert!(parsed.scenario.notes.len() > 200, "{} has no lesson", entry.id);
        assert!(!parsed.scenario.slos.is_empty() && parsed.scenario.growth.is_some(), "{}", entry.id);
        let fragment = link::encode(&parsed.scenario, &link::View::default()).unwrap().fragment;
        assert!(fragment.len() < 4000, "{}: a link of {} characters", entry.id, fragment.len());
        let back = link::decode(&fragment).unwrap();
        assert_eq!(
            (back.opened.scenario, back.opened.problems, back.lost),
            (parsed.scenario, vec![], None),
            "{}",
            entry.id
        );
    }
}

#[test]
fn every_file_is_listed_once() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/gallery");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let listed: Vec<&str> = gallery::entries().iter().map(|entry| entry.id).collect();
    assert_eq!(files.len(), listed.len());
    assert!(listed.iter().all(|id| files.contains(*id)));
    let names: BTreeSet<String> = gallery::entries().iter().map(|e| e.scenario().unwrap().name).collect();
    assert_eq!(names.len(), listed.len(), "names tell them apart");
}

/// Rates, times and prices are either given by the story or marked as assumed; only structure may be bare.
#[test]
fn no_figure_pretends() {
    let structural = [
        "cv",
        "target",
        "replicas",
        "concurrency",
        "max",
        "growth",
        "failures",
        "max_attempts",
        "consumers",
        "signed-in",
        "open_s",
    ];
    for entry in gallery::entries() {
        for located in quantities::list(&entry.scenario().unwrap()) {
            let key = located.path.rsplit('.').next().unwrap().to_owned();
            let bare = located.quantity.source.is_none() && !structural.contains(&key.as_str());
            let place = &located.path;
            // CPU cores of a single process, and one report replica, are what the story is about.
            assert!(!bare || ["cpu_cores", "read_replicas"].contains(&key.as_str()), "{} {place}", entry.id);
            assert_ne!(located.quantity.source, Some(Source::Fitted), "{} {place}: nothing was fitted", entry.id);
        }
    }
}

/// Together the entries show every kind of component and every balancing policy but one that needs no story.
#[test]
fn every_kind_is_shown() {
    let all: String = gallery::entries().iter().map(|entry| entry.json).collect();
    for kind in catalogue::KINDS.iter().map(|entry| entry.name).filter(|kind| *kind != "function") {
        assert!(all.contains(&format!("\"kind\": \"{kind}\"")), "{kind}");
    }
    for policy in ["round_robin", "least_connections", "ip_hash", "power_of_two", "weighted"] {
        assert!(all.contains(&format!("\"policy\": \"{policy}\"")), "{policy}");
    }
    for kind in ["traffic_spike", "slow_down", "flush_cache", "exclusive_lock", "lose_replicas"] {
        assert!(all.contains(&format!("\"kind\": \"{kind}\"")), "{kind}");
    }
}
