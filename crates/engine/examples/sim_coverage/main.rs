//! The coverage of the simulator's 95 % intervals over seeds 1 to 400, none selected; 92 to 98 % is asked for:
//! `cargo run --release -p engine --example sim_coverage [SEEDS]`. Exit 1 when a case lies outside.

mod cases;
#[path = "../../tests/sim_support/mod.rs"]
mod sim_support;

fn main() -> std::process::ExitCode {
    let seeds = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(400);
    let mut outside = false;
    for case in cases::all() {
        let (mean, p95) = cases::coverage(&case, seeds);
        let share = |n: u32| 100.0 * f64::from(n) / seeds as f64;
        let percentile = case.p95.map_or(String::new(), |_| format!(", 95th percentile {:.2} %", share(p95)));
        println!("{}: mean {:.2} %{percentile}", case.name, share(mean));
        let within = |n: u32| (92.0..=98.0).contains(&share(n));
        outside |= !within(mean) || (case.p95.is_some() && !within(p95));
    }
    std::process::ExitCode::from(u8::from(outside))
}
