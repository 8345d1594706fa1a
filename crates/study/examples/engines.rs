//! Both engines on every scenario of the gallery, side by side: where the closed form and the simulation differ, and by how
//! much. Events are left out (the closed form has no time). Each is solved at the largest multiple up to 1 at which no part is
//! busier than 0.9: `cargo run --release -p study --example engines [SECONDS] [ID]`.

use engine::model::{Arrivals, System};
use engine::sim::{Measure, Settings, Simulation, Status, Summary, Warmup, filled, summarize};
use engine::solve::{Answer, Options, Solver};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(300.0);
    let only = arguments.next();
    for entry in scenario::gallery::entries() {
        if only.as_deref().is_some_and(|id| id != entry.id) {
            continue;
        }
        match scenario::parse(entry.json).and_then(|parsed| scenario::lower(&parsed.scenario)) {
            Ok(system) => compare(entry.id, system, seconds),
            Err(problems) => println!("{}: {}", entry.id, problems[0]),
        }
    }
}

fn compare(name: &str, mut system: System, seconds: f64) {
    system.events.clear();
    for class in &mut system.classes {
        class.profile = None;
    }
    let Some((multiple, answer)) = solved(&system) else {
        println!("{name}: no closed form");
        return;
    };
    let settings = Settings {
        multiple,
        seconds,
        warmup: Warmup::Seconds((seconds / 5.0).max(filled(&system))),
        timeline_points: 1,
        ..Settings::default()
    };
    let mut reports = Vec::new();
    for replication in 0..5 {
        match Simulation::new(&system, &settings, replication) {
            Ok(mut simulation) => {
                while simulation.step(1_000_000) == Status::Running {}
                reports.push(simulation.report());
            }
            Err(refusals) => {
                println!("{name}: not simulated: {:?}", refusals[0]);
                return;
            }
        }
    }
    println!("{name} at {multiple:.3}");
    print(&system, &answer, &summarize(&reports));
}

/// The largest multiple up to 1 at which no part is busier than 0.9, and its answer.
fn solved(system: &System) -> Option<(f64, Answer)> {
    let mut solver = Solver::new(system).ok()?;
    let mut multiple = 1.0;
    loop {
        let answer = solver.solve(system, multiple, &Options::default()).clone();
        let busiest = answer.stations.iter().filter_map(|s| s.busiest.map(|b| b.1)).fold(0.0, f64::max);
        let closed = system.classes.iter().any(|c| matches!(c.arrivals, Arrivals::Closed { .. }));
        if busiest <= 0.9 || multiple < 0.01 || (closed && multiple < 0.5) {
            return Some((multiple, answer));
        }
        multiple *= 0.9;
    }
}

fn print(system: &System, answer: &Answer, summary: &Summary) {
    let gap = |what: String, theory: Option<f64>, measure: Measure, of: &engine::sim::Estimates, tolerance: f64| {
        let simulated = of.get(&measure);
        let (Some(t), Some(s)) = (theory, simulated) else {
            if theory.is_some_and(|t| t > 0.0) != simulated.is_some_and(|s| s.mean > 0.0) {
                println!("   !! {what}: closed form {theory:?}, simulated {:?}", simulated.map(|s| s.mean));
            }
            return;
        };
        let relative = if s.mean.abs() > 1e-12 { (t - s.mean) / s.mean } else { t };
        let outside = (t - s.mean).abs() > s.half_width.unwrap_or(0.0);
        if relative.abs() > tolerance && outside && (t - s.mean).abs() > 1e-5 {
            println!(
                "   {what}: closed form {t:.5}, simulated {:.5} ± {:.5} ({:+.1} %)",
                s.mean,
                s.half_width.unwrap_or(0.0),
                100.0 * relative
            );
        }
    };
    for (id, class) in system.classes.iter().enumerate() {
        let (a, s) = (&answer.classes[id], &summary.classes[id]);
        println!(
            "  {}: mean {:.3} ms, p95 {:.3} ms",
            class.id,
            1e3 * s.get(&Measure::Mean).map_or(0.0, |e| e.mean),
            1e3 * s.get(&Measure::P95).map_or(0.0, |e| e.mean)
        );
        gap(format!("{} throughput", class.id), Some(a.throughput), Measure::Throughput, s, 0.02);
        gap(format!("{} errors", class.id), Some(a.error_ratio), Measure::ErrorRatio, s, 0.1);
        gap(format!("{} mean", class.id), a.mean, Measure::Mean, s, 0.05);
        gap(format!("{} p95", class.id), a.percentile(95.0), Measure::P95, s, 0.1);
        gap(format!("{} p99", class.id), a.percentile(99.0), Measure::P99, s, 0.15);
    }
    for (id, station) in system.stations.iter().enumerate() {
        let (a, s) = (&answer.stations[id], &summary.stations[id]);
        gap(format!("{} visits", station.id), Some(a.visits), Measure::Visits, s, 0.02);
        gap(format!("{} utilization", station.id), a.utilization, Measure::Utilization, s, 0.04);
        gap(format!("{} slot utilization", station.id), a.slot_utilization, Measure::SlotUtilization, s, 0.05);
        gap(format!("{} in system", station.id), a.in_system, Measure::InSystem, s, 0.06);
        gap(format!("{} wait", station.id), a.wait, Measure::Wait, s, 0.15);
        gap(format!("{} residence", station.id), a.residence, Measure::Residence, s, 0.06);
        gap(format!("{} hold", station.id), a.hold, Measure::Hold, s, 0.06);
        gap(format!("{} hit ratio", station.id), a.hit_ratio, Measure::HitRatio, s, 0.03);
        gap(format!("{} refused", station.id), a.refused, Measure::Refused, s, 0.1);
        if let Some(q) = &a.queue {
            gap(format!("{} backlog", station.id), q.backlog, Measure::Backlog, s, 0.15);
            gap(format!("{} age", station.id), q.age, Measure::Age, s, 0.15);
            gap(format!("{} dead letters", station.id), Some(q.dead_letters), Measure::DeadLetters, s, 0.1);
        }
        for (p, pool) in a.pools.iter().enumerate() {
            gap(
                format!("{} pool {p}", station.id),
                pool.utilization,
                Measure::Utilization,
                &summary.pools[id][p],
                0.05,
            );
            gap(format!("{} pool {p} wait", station.id), pool.wait, Measure::Wait, &summary.pools[id][p], 0.2);
        }
    }
}
