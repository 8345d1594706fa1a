//! Golden results: the same scenario and seed give the same bytes natively and in wasm32.
//!
//! Each case computes a text, one figure or record a line, floats in their shortest exact form. `cargo xtask golden` writes
//! their files anew; the tests compare with it, natively and in wasm. A change here is a change of results: say why in
//! the commit.

mod documents;
mod fits;
mod maths;

/// One golden result.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// Its file, relative to this package.
    pub file: &'static str,
    /// What was committed.
    pub expected: &'static str,
    /// Computes it.
    pub compute: fn() -> String,
}

/// All cases.
pub const CASES: &[Case] = &[
    Case {
        name: "engine",
        file: "../engine/tests/data/golden.txt",
        expected: include_str!("../../engine/tests/data/golden.txt"),
        compute: engine::golden::golden,
    },
    Case {
        name: "maths",
        file: "data/maths.txt",
        expected: include_str!("../data/maths.txt"),
        compute: maths::compute,
    },
    Case { name: "fits", file: "data/fits.txt", expected: include_str!("../data/fits.txt"), compute: fits::compute },
    Case {
        name: "solved",
        file: "data/solved.txt",
        expected: include_str!("../data/solved.txt"),
        compute: documents::solved,
    },
    Case {
        name: "projected",
        file: "data/projected.txt",
        expected: include_str!("../data/projected.txt"),
        compute: documents::projected,
    },
    Case {
        name: "simulated",
        file: "data/simulated.txt",
        expected: include_str!("../data/simulated.txt"),
        compute: documents::simulated,
    },
    Case {
        name: "by priority",
        file: "data/by_priority.txt",
        expected: include_str!("../data/by_priority.txt"),
        compute: documents::by_priority,
    },
];

/// The first line in which two texts differ: its number from 1, what was expected, what came.
#[must_use]
pub fn first_difference<'a>(expected: &'a str, computed: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let (mut wanted, mut found) = (expected.lines(), computed.lines());
    (1..)
        .map_while(|number| match (wanted.next(), found.next()) {
            (None, None) => None,
            (want, got) => Some((number, want.unwrap_or("(the end)"), got.unwrap_or("(the end)"))),
        })
        .find(|(_, want, got)| want != got)
}
