//! How fast this machine is just now: nanoseconds of one step of a loop that knows nothing of the product, by which the figures of
//! `cargo xtask bench --record` are divided, so that a busy or slow machine does not pass for slow code.

use std::hint::black_box;
use std::time::Instant;

/// A dependent chain of an integer scramble (xorshift), a float's multiplication and addition: nothing that a compiler can shorten.
fn chain(steps: u32) -> f64 {
    let (mut bits, mut sum) = (0x9e37_79b9_7f4a_7c15_u64, 1.0_f64);
    for _ in 0..steps {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        sum = sum * 0.999_999 + (bits >> 40) as f64;
    }
    sum
}

fn main() {
    const STEPS: u32 = 40_000_000;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        black_box(chain(black_box(STEPS)));
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("pace: {:.4} ns a step", best * 1e9 / f64::from(STEPS));
}
