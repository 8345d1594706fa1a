//! A small share of the coverage study (`cargo run --release -p study --example coverage` does the whole one).
#![allow(clippy::unwrap_used)]

#[path = "common/synthetic.rs"]
mod synthetic;

/// A 90 % band misses the truth now and then, but not mostly; and it is no wider than the data make it.
#[test]
fn bands_hold_the_truth() {
    let (mut inside, mut all) = (0, 0);
    for ((multiple, figure), tally) in synthetic::coverage(101..106) {
        let of = tally.inside + tally.below + tally.above;
        println!("x{multiple} {figure}: {} of {of}, half-width {:.3}", tally.inside, tally.width / of as f64);
        inside += tally.inside;
        all += of;
        assert!(tally.width / (of as f64) < 0.35, "x{multiple} {figure} is too wide");
    }
    assert!(10 * inside >= 7 * all, "{inside} of {all}");
}
