//! Answers of the closed form as the result document says them: milliseconds, names, nothing that is not a finite number.

use crate::result::{
    Band, Bottleneck, BoundsPoint, ClassPoint, ComponentPoint, CostPoint, Headroom, Hop, Named, NextBottleneck, Point,
    PoolPoint, SloPoint,
};
use engine::cost::Bill;
use engine::model::System;
use engine::order;
use engine::plan::{self, Verdict};
use engine::solve::{Answer, ClassAnswer, Part, StationAnswer};

/// One multiple.
#[must_use]
pub fn point(system: &System, answer: &Answer, verdicts: &[Verdict], bill: &Bill) -> Point {
    let classes = system.classes.iter().zip(&answer.classes);
    let classes = order::map(classes.map(|(c, a)| (c.id.clone(), class(system, a))));
    let stations = system.stations.iter().enumerate().zip(&answer.stations);
    let components = order::map(
        stations
            .map(|((id, s), a)| (s.id.clone(), component(system, id, a, bill.stations.get(id).map(|b| b.monthly())))),
    );
    Point {
        multiple: answer.multiple,
        feasible: plan::feasible(answer, verdicts),
        unsettled: !answer.convergence.converged,
        classes,
        components,
        cost: cost(system, bill),
        bottleneck: answer.bottleneck.map(|b| Bottleneck {
            component: system.stations[b.station].id.clone(),
            resource: plan::resource_name(system, b.station, b.resource),
            utilization: b.load.min(1.0),
        }),
        slos: verdicts
            .iter()
            .map(|v| SloPoint { index: v.index, met: v.met, margin: v.margin, probability: None })
            .collect(),
        ..Point::default()
    }
}

/// The bounds of a class in the document's words.
#[must_use]
pub fn bounds(found: &engine::solve::ClassBounds) -> BoundsPoint {
    BoundsPoint {
        throughput_low_rps: found.throughput_low,
        throughput_high_rps: found.throughput_high,
        latency_low_ms: ms(found.response_low),
        latency_high_ms: found.response_high.map(ms),
        capacity_rps: found.capacity,
        saturation_users: found.saturation_population,
    }
}

/// Seconds as milliseconds.
#[must_use]
pub fn ms(seconds: f64) -> f64 {
    1000.0 * seconds
}

/// Latency figures by name in milliseconds; `None` when the class is unstable.
#[must_use]
pub fn latency(answer: &ClassAnswer) -> Option<Named> {
    let mean = answer.mean.filter(|_| answer.stable)?;
    let percentiles = answer.percentiles.iter().map(|&(p, seconds)| (plan::percentile_name(p), ms(seconds)));
    Some(order::map(std::iter::once(("mean".to_owned(), ms(mean))).chain(percentiles)))
}

fn class(system: &System, answer: &ClassAnswer) -> ClassPoint {
    let what = |station: usize, part: Part| match part {
        Part::Own => "own".to_owned(),
        Part::Queue => "queue".to_owned(),
        Part::Pool(pool) => format!("pool:{}", system.stations[station].pools[pool].id),
        Part::Network => "network".to_owned(),
        Part::Backoff => "backoff".to_owned(),
    };
    let hop = |share: &engine::solve::Share| Hop {
        component: system.stations[share.station].id.clone(),
        what: what(share.station, share.part),
        ms: ms(share.seconds),
    };
    ClassPoint {
        offered_rps: answer.offered,
        throughput_rps: answer.throughput,
        goodput_rps: answer.goodput,
        error_ratio: answer.error_ratio,
        latency_ms: latency(answer),
        waterfall: if answer.stable { answer.waterfall.iter().map(hop).collect() } else { Vec::new() },
        ..ClassPoint::default()
    }
}

fn component(system: &System, id: usize, answer: &StationAnswer, monthly_cost: Option<f64>) -> ComponentPoint {
    let station = &system.stations[id];
    let pools = station.pools.iter().zip(&answer.pools).map(|(pool, at)| {
        let point =
            PoolPoint { size: at.size, utilization: at.utilization, wait_ms: at.wait.map(ms), ..PoolPoint::default() };
        (pool.id.clone(), point)
    });
    let queue = answer.queue.as_ref();
    ComponentPoint {
        visits_rps: answer.visits,
        utilization: answer.utilization,
        slot_utilization: answer.slot_utilization,
        replicas: answer.replicas,
        in_system: answer.in_system,
        wait_ms: answer.wait.map(ms),
        residence_ms: answer.residence.map(ms),
        hold_ms: answer.hold.map(ms),
        pools: order::map(pools),
        hit_ratio: answer.hit_ratio,
        growth_per_s: queue.map(|q| q.growth),
        backlog: queue.and_then(|q| q.backlog),
        age_s: queue.and_then(|q| q.age),
        drain_s: queue.and_then(|q| q.drain),
        dead_letter_rps: queue.map(|q| q.dead_letters),
        refused_rps: answer.refused,
        oldest_s: None,
        monthly_cost: monthly_cost.filter(|_| station.price.given),
        ci95: None,
    }
}

fn cost(system: &System, bill: &Bill) -> CostPoint {
    CostPoint {
        monthly: bill.monthly(),
        fixed: bill.fixed,
        stepped: bill.stepped,
        usage: bill.usage,
        per_million_requests: bill.per_million_requests(),
        per_user: bill.per_user(),
        others: order::map(
            system.fixed_costs.iter().zip(&bill.others).map(|(cost, amount)| (cost.id.clone(), *amount)),
        ),
        band: None,
        planned_monthly: None,
        run: None,
        ci95: None,
    }
}

/// The headroom in the document's words; the date is the caller's.
#[must_use]
pub fn headroom(system: &System, found: &plan::Headroom) -> Headroom {
    let name = |station: Option<usize>| station.map(|s| system.stations[s].id.clone());
    let cause = found.cause.as_ref();
    Headroom {
        multiple: found.multiple,
        at_least: found.multiple.is_none().then_some(found.at_least),
        component: cause.and_then(|c| name(c.station)),
        resource: cause.and_then(|c| Some(plan::resource_name(system, c.station?, c.resource?))),
        objective: cause.and_then(|c| c.objective),
        no_limit: !found.limited,
        no_load: found.idle,
        why: match cause {
            Some(cause) => cause.why.clone(),
            None if found.limited => {
                format!("nothing saturates and no objective is missed up to {} times the load", found.at_least)
            }
            None if found.idle => "no load comes in".to_owned(),
            None => "no part of the model that the load meets has a limit".to_owned(),
        },
        ..Headroom::default()
    }
}

/// The chain of next bottlenecks in the document's words.
#[must_use]
pub fn next(system: &System, chain: &[plan::Next]) -> Vec<NextBottleneck> {
    chain
        .iter()
        .map(|n| NextBottleneck {
            after_fixing: format!(
                "{}/{}",
                system.stations[n.fixed.0].id,
                plan::resource_name(system, n.fixed.0, n.fixed.1)
            ),
            multiple: n.multiple,
            component: system.stations[n.station].id.clone(),
            resource: plan::resource_name(system, n.station, n.resource),
            objective: n.objective,
        })
        .collect()
}

/// 5–95 % of a sample, by linear interpolation between order statistics; `None` of an empty one. Sorts the sample.
#[must_use]
pub fn band(sample: &mut [f64]) -> Option<Band> {
    order::numbers(sample);
    Some([quantile(sample, 0.05)?, quantile(sample, 0.95)?])
}

/// Quantile of an ascending sample.
#[must_use]
pub fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = probability * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}
