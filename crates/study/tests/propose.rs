//! The map that is proposed before a calibration, against the one the shop's owner wrote by hand.
#![allow(clippy::unwrap_used)]

mod common;

use common::{data, drawn, map};
use scenario::v1::MapSeries;
use study::calibrate::propose;

/// What an entry says of a file, without the way it says it.
fn says(entry: &MapSeries) -> (Option<&str>, Option<&str>, Option<&str>, Option<&str>, &str) {
    (
        entry.file.as_deref(),
        entry.component.as_deref(),
        entry.class.as_deref(),
        entry.pool.as_deref(),
        entry.is.as_str(),
    )
}

/// Names, labels and rates are enough for most of the owner's map. What they cannot know stays to be corrected: that `order` means
/// the checkout, that the app's view of the payment API is that API's time, and that the worker's scrape holds the broker's queue.
#[test]
fn the_guess_is_what_the_owner_would_write() {
    let (drawn, data, hand) = (drawn(), data(), map());
    let found = propose(&drawn, &data, None);
    assert_eq!(found.map.endpoints, hand.endpoints);
    let missing: Vec<_> = hand
        .series
        .iter()
        .filter(|wanted| !found.map.series.iter().any(|guess| says(guess) == says(wanted)))
        .map(says)
        .collect();
    let unknowable = ["prom_pg_rate.json", "prom_pg_busy.json", "prom_pay_mean.json", "prom_queue.json"];
    let beyond: Vec<_> = missing.iter().filter(|entry| !unknowable.contains(&entry.0.unwrap_or(""))).collect();
    assert!(beyond.is_empty() && missing.len() <= unknowable.len(), "{missing:?}");
    // Nothing is guessed in silence.
    assert!(found.guesses.len() >= found.map.series.len(), "{:?}", found.guesses);
}

/// What was given or corrected stands; only the rest is guessed, and what matches nothing is named.
#[test]
fn corrections_stand() {
    let (drawn, mut data, mut hand) = (drawn(), data(), map());
    hand.endpoints.insert("POST /checkout".into(), "browse".into());
    hand.series.retain(|entry| entry.file.as_deref() != Some("prom_queue.json"));
    let odd =
        ingest::import_bytes("sunspots.csv", b"Time,sunspots\n1795294800000,1\n1795294805000,2\n1795294810000,4\n");
    if let ingest::Outcome::Measured(odd) = odd {
        data.push(*odd);
    }
    let found = propose(&drawn, &data, Some(&hand));
    assert_eq!(found.map.endpoints["POST /checkout"], "browse");
    for entry in &hand.series {
        assert!(found.map.series.contains(entry), "{entry:?}");
    }
    let queue = found.map.series.iter().filter(|entry| entry.file.as_deref() == Some("prom_queue.json"));
    assert_eq!(queue.map(|entry| entry.is.as_str()).collect::<Vec<_>>(), ["queue_length"]);
    assert!(found.unmatched.iter().any(|note| note.place.contains("sunspots")), "{:?}", found.unmatched);
}
