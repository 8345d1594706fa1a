//! `merge`: the parts of a sharded simulation become the document that one run would have given.

use super::{SimulateOptions, document, survive};
use crate::result::{LossDoc, ResultDoc, ShardDoc};
use engine::sim::{ReplicationReport, Warmup};
use scenario::Problem;
use scenario::v1::Scenario;

/// Merges the documents of all shards of one study.
///
/// # Errors
/// All that does not fit together: documents that are no shards, missing, doubled or foreign parts.
pub fn merge(parts: &[ResultDoc]) -> Result<ResultDoc, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut shards: Vec<(&ResultDoc, &ShardDoc)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match &part.shard {
            Some(shard) => shards.push((part, shard)),
            None => problems.push(Problem::new(
                format!("[{at}]"),
                "not a shard",
                "merge takes the results of `headroom simulate --shard I/N`",
            )),
        }
    }
    let Some(&(first, study)) = shards.first() else {
        if parts.is_empty() {
            problems.push(Problem::new("", "nothing to merge", "give the results of all shards"));
        }
        return Err(problems);
    };
    let multiples = |doc: &ResultDoc| doc.points.iter().map(|p| p.multiple).collect::<Vec<f64>>();
    for (at, (part, shard)) in shards.iter().enumerate() {
        let same = shard.of == study.of
            && shard.replications == study.replications
            && shard.half_width == study.half_width
            && (shard.seconds, shard.warmup) == (study.seconds, study.warmup)
            && shard.scenario == study.scenario
            && part.seed == first.seed
            && multiples(part) == multiples(first);
        if !same {
            let remedy =
                "run every shard with the same scenario, growth, seconds, warm-up, replications, half-width and seed";
            problems.push(Problem::new(format!("[{at}]"), "a shard of another study", remedy));
        }
    }
    for index in 0..study.of {
        let count = shards.iter().filter(|(_, s)| s.index == index).count();
        if count != 1 {
            let text = format!("shard {} of {} is there {count} times", index + 1, study.of);
            problems.push(Problem::new("", text, "give every shard exactly once"));
        }
    }
    let scenario = serde_json::from_value::<Scenario>(study.scenario.clone());
    let system = match &scenario {
        Ok(scenario) => scenario::lower(scenario),
        Err(e) => Err(vec![Problem::new("shard.scenario", e.to_string(), "run the shards again with this version")]),
    };
    match (scenario, system) {
        (Ok(_), Ok(system)) if problems.is_empty() => {
            let fits = |r: &ReplicationReport| {
                r.classes.len() == system.classes.len() && r.stations.len() == system.stations.len()
            };
            let points = multiples(first);
            let mut reports: Vec<Vec<ReplicationReport>> = vec![Vec::new(); points.len()];
            for (_, shard) in &shards {
                for (point, own) in reports.iter_mut().zip(&shard.reports) {
                    point.extend(own.iter().filter(|r| fits(r)).cloned());
                }
            }
            for (at, point) in reports.iter_mut().enumerate() {
                point.sort_by_key(|r| r.replication);
                let complete = point.iter().map(|r| r.replication).eq(0..study.replications);
                if !complete {
                    let text = format!("{} of {} replications", point.len(), study.replications);
                    problems.push(Problem::new(format!("points[{at}]"), text, "run the shard that ended early again"));
                }
            }
            let losses = merged_losses(&shards, points.len());
            for (at, (point, &multiple)) in losses.iter().zip(&points).enumerate() {
                let asked = survive::played(&system, multiple);
                if !point.iter().map(|l| l.index).eq(asked.iter().copied()) || !point.iter().all(|l| fits(&l.report)) {
                    let text = format!("{} of {} losses", point.len(), asked.len());
                    problems.push(Problem::new(format!("points[{at}]"), text, "run the shard that ended early again"));
                }
            }
            if !problems.is_empty() {
                return Err(problems);
            }
            let options = SimulateOptions {
                multiples: points,
                replications: study.replications,
                half_width: study.half_width,
                seed: first.seed,
                warmup: Warmup::Auto,
                ..SimulateOptions::default()
            };
            Ok(document::answer(&system, &options, &reports, &losses))
        }
        (_, Err(more)) => {
            problems.extend(more);
            Err(problems)
        }
        _ => Err(problems),
    }
}

/// The losses of all shards by point, ascending.
fn merged_losses(shards: &[(&ResultDoc, &ShardDoc)], points: usize) -> Vec<Vec<LossDoc>> {
    let mut losses: Vec<Vec<LossDoc>> = vec![Vec::new(); points];
    for (point, own) in shards.iter().flat_map(|(_, s)| s.losses.iter().enumerate()) {
        if let Some(all) = losses.get_mut(point) {
            all.extend(own.iter().cloned());
        }
    }
    losses.iter_mut().for_each(|all| all.sort_by_key(|l| l.index));
    losses
}
