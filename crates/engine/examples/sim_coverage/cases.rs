//! Systems with exact means and percentiles, and how often intervals hold them.

use super::sim_support::*;
use engine::model::*;
use engine::sim::{Measure, Settings, Warmup};

/// A system and what theory says.
pub struct Case {
    /// Its name in Kendall's notation.
    pub name: &'static str,
    system: System,
    seconds: f64,
    warmup: f64,
    /// Exact mean response in seconds.
    pub mean: f64,
    /// Exact 95th percentile in seconds, where it has a simple form.
    pub p95: Option<f64>,
}

/// All cases.
pub fn all() -> Vec<Case> {
    let limited = Kind::Service { concurrency: Some(1), cpu_cores: None, queue_limit: Some(9) };
    let mut tandem = vec![service("client", None, Distribution::ZERO)];
    for i in 1..=3 {
        tandem.push(service(&format!("s{i}"), Some(1), exponential(1.0)));
        tandem[0].calls.push(call(i));
    }
    vec![
        // Response exponential of mean 1 / (1 - 0.5).
        Case {
            name: "M/M/1 at 0.5",
            system: system(poisson(0.5), vec![service("s", Some(1), exponential(1.0))]),
            seconds: 4000.0,
            warmup: 200.0,
            mean: 2.0,
            p95: Some(5.991_465),
        },
        // Erlang C 4/9; the 95th percentile solves 1 - F(t) = 0.05 with F of M/M/3.
        Case {
            name: "M/M/3 at 0.67",
            system: system(poisson(2.0), vec![service("s", Some(3), exponential(1.0))]),
            seconds: 2000.0,
            warmup: 200.0,
            mean: 13.0 / 9.0,
            p95: Some(mm3_p95()),
        },
        // Pollaczek-Khinchine: wait 0.7 (1 + 4) / (2 (1 - 0.7)).
        Case {
            name: "M/H2/1 at 0.7, scv 4",
            system: system(
                poisson(0.7),
                vec![service("s", Some(1), Distribution::Hyperexponential { mean: 1.0, scv: 4.0 })],
            ),
            seconds: 10_000.0,
            warmup: 1000.0,
            mean: 1.0 + 0.7 * 5.0 / 0.6,
            p95: None,
        },
        // cases.md 6: mean number 3.9694, loss 0.050814.
        Case {
            name: "M/M/1/10 at 0.9",
            system: system(poisson(0.9), vec![station("s", limited, exponential(1.0))]),
            seconds: 4000.0,
            warmup: 400.0,
            mean: mm1k_mean(0.9, 10),
            p95: None,
        },
        // Three stations in tandem: Erlang of three phases of mean 2; 95th percentile of gamma(3) is 6.295794.
        Case {
            name: "Jackson tandem of 3 at 0.5",
            system: system(poisson(0.5), tandem),
            seconds: 4000.0,
            warmup: 200.0,
            mean: 6.0,
            p95: Some(2.0 * 6.295_794),
        },
        // cases.md 12: machine repair.
        Case {
            name: "closed, 3 users, 2 servers",
            system: system(
                Arrivals::Closed { users: 3.0, think_time: 2.0 },
                vec![service("s", Some(2), exponential(0.25))],
            ),
            seconds: 1000.0,
            warmup: 50.0,
            mean: repair_mean(),
            p95: None,
        },
    ]
}

/// Mean response of M/M/1/K: mean number over accepted rate, service rate 1.
fn mm1k_mean(load: f64, room: i32) -> f64 {
    let p: Vec<f64> = (0..=room).map(|n| load.powi(n)).collect();
    let total: f64 = p.iter().sum();
    let number: f64 = p.iter().enumerate().map(|(n, p)| n as f64 * p).sum::<f64>() / total;
    number / (load * (1.0 - p[room as usize] / total))
}

/// Three users thinking 2 s, two servers of rate 4: birth and death.
fn repair_mean() -> f64 {
    let mut p = vec![1.0];
    for n in 1..=3_i32 {
        p.push(p[n as usize - 1] * f64::from(4 - n) * 0.5 / (4.0 * f64::from(n.min(2))));
    }
    let total: f64 = p.iter().sum();
    let number: f64 = p.iter().enumerate().map(|(n, p)| n as f64 * p).sum::<f64>() / total;
    let rate: f64 = p.iter().enumerate().map(|(n, p)| (3.0 - n as f64) * 0.5 * p).sum::<f64>() / total;
    number / rate
}

/// 95th percentile of the response of M/M/3 at rate 2, service 1: no wait with 5/9, else an exponential wait of rate 1; as that
/// equals the service rate, the tail is e^-t (1 + 4/9 t).
fn mm3_p95() -> f64 {
    let (mut low, mut high) = (0.0_f64, 50.0_f64);
    for _ in 0..200 {
        let t = 0.5 * (low + high);
        if (-t).exp() * (1.0 + 4.0 / 9.0 * t) > 0.05 { low = t } else { high = t }
    }
    low
}

/// In how many of so many seeds the interval of ten replications holds the exact mean, and the exact 95th percentile (whose
/// half-width counts as 1 % at least, the resolution of the histogram).
pub fn coverage(case: &Case, seeds: u64) -> (u32, u32) {
    let (mut means, mut percentiles) = (0, 0);
    for seed in 1..=seeds {
        let settings = Settings {
            seconds: case.seconds,
            warmup: Warmup::Seconds(case.warmup),
            replications: 10,
            seed,
            timeline_points: 1,
            ..Settings::default()
        };
        let summary = run(&case.system, &settings);
        let mean = summary.classes[0][&Measure::Mean];
        means += u32::from((mean.mean - case.mean).abs() <= mean.half_width.unwrap_or(0.0));
        if let Some(exact) = case.p95 {
            let p95 = summary.classes[0][&Measure::P95];
            percentiles += u32::from((p95.mean - exact).abs() <= p95.half_width.unwrap_or(0.0).max(0.01 * p95.mean));
        }
    }
    (means, percentiles)
}
