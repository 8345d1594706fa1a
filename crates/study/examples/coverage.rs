//! How often the 90 % band of a projection holds the truth: 200 synthetic systems of known truth, measured by the simulator at
//! 1x, 2x and 3x, calibrated, projected. `cargo run --release -p study --example coverage [SYSTEMS] [FIRST SEED]`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/synthetic.rs"]
mod synthetic;

fn main() {
    let number = |place, default| std::env::args().nth(place).and_then(|n| n.parse().ok()).unwrap_or(default);
    let (systems, first): (u64, u64) = (number(1, 200), number(2, 1001));
    println!("multiple  figure  inside  truth below  truth above  mean half-width  closed form off by (mean, sd)");
    for ((multiple, figure), tally) in synthetic::coverage(first..first + systems) {
        let mean = tally.form.iter().sum::<f64>() / tally.form.len() as f64;
        let sd = (tally.form.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / tally.form.len() as f64).sqrt();
        let all = (tally.inside + tally.below + tally.above) as f64;
        println!(
            "{multiple:>8}  {figure:>6}  {:>5.1} %  {:>9.1} %  {:>9.1} %  {:>13.1} %  {:>10.2} % {:>6.2} %",
            100.0 * tally.inside as f64 / all,
            100.0 * tally.below as f64 / all,
            100.0 * tally.above as f64 / all,
            100.0 * tally.width / all,
            100.0 * mean,
            100.0 * sd
        );
    }
}
