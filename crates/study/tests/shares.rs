//! Shares made by earlier versions of the format open for ever, with the same figures.
//!
//! The fixtures were sealed by Node's WebCrypto and zlib, not by this code: that the browser and the command line seal alike
//! is tested by them too. A new version of the format adds a row; no fixture is ever made anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::seal::{About, Key, open};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

#[test]
fn shares_of_earlier_versions_open_with_the_same_figures() {
    let key = Key::from_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").unwrap();
    // The sealed share, its version, the scenario's name
    let rows = [
        (include_str!("fixtures/shares/headroom-0.hex"), 1, "A draft"),
        (include_str!("fixtures/shares/headroom-1.hex"), 2, "The first release"),
    ];
    for (hex, version, name) in rows {
        let about = About { id: "AAECAwQFBgcICQoLDA0ODw".into(), version, expires: Some(1_900_000_000) };
        let unsealed = open(&bytes(hex), &about, &key).unwrap();
        assert_eq!((unsealed.opened.scenario.name.as_str(), unsealed.opened.problems.len()), (name, 0));
        assert_eq!(
            (unsealed.view.multiple, unsealed.view.seed, unsealed.cover.name.as_str()),
            (Some(2.0), Some(7), "kept")
        );
        let solved = study::solve(&unsealed.opened.scenario, &[1.0, 2.0]).unwrap();
        // Utilization is rate x time / servers: 40 x 0.02 / 4 and 40 x 0.008 / 2, twice that at twice the load.
        for (point, factor) in solved.points.iter().zip([1.0, 2.0]) {
            let utilization = |id: &str| point.components[id].utilization.unwrap();
            assert!((utilization("web") - 0.2 * factor).abs() < 1e-12, "{name}: {}", utilization("web"));
            assert!((utilization("db") - 0.16 * factor).abs() < 1e-12, "{name}: {}", utilization("db"));
        }
        // M/M/2 at 40/s and 8 ms: Erlang's C is 2 x 0.16^2 / 1.16, the wait C x 8 / (2 x 0.84) ms (Gross and others,
        // Fundamentals of Queueing Theory, 2.3). The callers' slots hold arrivals back a little.
        let wait = solved.points[0].components["db"].wait_ms.unwrap();
        let formula = 2.0 * 0.16 * 0.16 / 1.16 * 8.0 / (2.0 * 0.84);
        assert!((wait / formula - 1.0).abs() < 0.05, "{name}: {wait} beside {formula}");
    }
}
