//! Without a topology, from users who ask again as soon as they are answered: what latency and throughput over the number of
//! users say of the one service behind them.
//!
//! N = X (R + Z) gives the pause Z (Little's law for the loop). The law of throughput over users is chosen by cross-validation:
//! slots (closed M/M/c), or contention and coherency (Amdahl, USL), which become the `usl` of a component of kind `database`.

use super::levels::{ClassLevel, SteadyLevel};
use super::minimal::SERVICE;
use super::report::Note;
use crate::text::short;
use engine::fit::selection::{self, Curve, Selection};
use ingest::Measurements;
use ingest::measurements::LoadModel;
use scenario::Scenario;
use scenario::v1::{Arrivals, Component, ComponentKind, Quantity, Service, Source, Usl};

/// Users whose pauses are longer than this many responses are traffic of a rate, which the open form says more simply, as long as
/// the rate follows the users.
const THINKING: f64 = 3.0;
/// Relative growth of users that is worth looking at.
const MORE: f64 = 0.1;
/// Growth of the rate per growth of users below which the users wait for each other.
const FLAT: f64 = 0.5;
/// Share of what a user's turn got longer by that answers must have got slower by: the rest is a pause that paces them.
const EXPLAINED: f64 = 0.5;
/// Idle time of a connection, in answers, beyond which its generator keeps a rate.
const IDLE: f64 = 0.25;
/// Room for users that the law itself slows down, so that no queue stands before it.
const ROOM: f64 = 100_000.0;

/// The loop that the levels show: fewest users, and their pause in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loop {
    /// Users at the lowest level.
    pub users: f64,
    /// Mean pause.
    pub think_s: f64,
    /// Users at the highest level.
    pub most: f64,
}

/// The loop behind all steady levels, or behind whole runs of different numbers of connections; `None` when some level does not know
/// its users, or they pause long and the rate follows them.
pub fn recognised(data: &[Measurements]) -> Option<Loop> {
    let closed = data.iter().filter(|m| m.model != Some(LoadModel::Open));
    let mut points: Vec<(f64, f64, Option<f64>)> = Vec::new();
    for level in closed.flat_map(|m| m.levels.iter().filter(|l| l.steady)) {
        let figures = &level.figures;
        points.push((figures.users?, figures.rps?, figures.latency_ms.get("mean").map(|ms| ms / 1000.0)));
    }
    if points.is_empty() {
        points = runs(data);
    }
    points.retain(|(users, rate, _)| *users >= 1.0 && *rate > 0.0);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (points.first()?, points.last()?);
    let mut pauses: Vec<f64> = points.iter().filter_map(|(n, x, r)| Some(n / x - (*r)?)).collect();
    pauses.sort_by(f64::total_cmp);
    let think_s = pauses.get(pauses.len() / 2).copied().unwrap_or(0.0).max(0.0);
    let response = first.2.unwrap_or(first.0 / first.1);
    let waits_shape_it = think_s <= THINKING * response || levels_off(&points);
    waits_shape_it.then_some(Loop { users: first.0, think_s, most: last.0 })
}

/// Connections that a generator kept open over a whole run, where it waited for answers and never changed their number.
pub fn connections(file: &Measurements) -> Option<f64> {
    let constant = file.model == Some(LoadModel::Closed)
        && file.levels.iter().all(|level| !level.steady)
        && file.series.iter().all(|series| series.name != "users");
    file.totals.as_ref()?.users.filter(|users| constant && *users >= 1.0)
}

/// Users, rate and mean in seconds of whole runs with different numbers of connections; of one number alone nothing tells how users
/// wait for each other.
fn runs(data: &[Measurements]) -> Vec<(f64, f64, Option<f64>)> {
    let of = |file: &Measurements| {
        let totals = file.totals.as_ref()?;
        let (users, rate) = (connections(file)?, totals.rps?);
        let mean = totals.latency_ms.get("mean").map(|ms| ms / 1000.0);
        // Connections that stand idle wait for a fixed rate, not for answers.
        let greedy = mean.is_none_or(|mean| users / rate - mean <= IDLE * mean);
        greedy.then_some((users, rate, mean))
    };
    let found: Vec<(f64, f64, Option<f64>)> = data.iter().filter_map(of).collect();
    let several = found.iter().any(|(users, ..)| (users - found[0].0).abs() >= 1.0);
    if several { found } else { Vec::new() }
}

/// Whether more users brought far less than as many more requests somewhere: then they waited for each other, however long they
/// pause, and a rate that stays with latencies that rise says nothing to a form of open traffic.
fn levels_off(points: &[(f64, f64, Option<f64>)]) -> bool {
    points.windows(2).any(|pair| {
        let (users, rate) = (pair[1].0 / pair[0].0 - 1.0, pair[1].1 / pair[0].1 - 1.0);
        // Where answers came as fast as before, the generator was at its end and not the system; where their growth is not what
        // held the requests back, it paced itself.
        let cycle = pair[1].0 / pair[1].1 - pair[0].0 / pair[0].1;
        let slower = pair[0]
            .2
            .zip(pair[1].2)
            .is_none_or(|(before, after)| after > (1.0 + MORE) * before && after - before > EXPLAINED * cycle);
        users > MORE && rate < FLAT * users && slower
    })
}

/// Gives the service what the law of throughput over users speaks for; says which, the runner-up, or that it cannot tell.
pub fn law(scenario: &mut Scenario, levels: &[SteadyLevel], notes: &mut Vec<Note>, missing: &mut Vec<Note>) {
    let points: Vec<(f64, f64)> =
        levels.iter().flat_map(|l| l.classes.values().filter_map(|c| Some((c.users?, c.rate)))).collect();
    let place = format!("components.{SERVICE}");
    let most = points.iter().map(|p| p.0).fold(0.0, f64::max);
    let chosen = match selection::throughput(&points) {
        Ok(chosen) => chosen,
        Err(why) => {
            missing.push(Note::new("no-limit-seen", place, format!("what limits it cannot be told: {why}")));
            return;
        }
    };
    let Some(best) = chosen.ranked.first().map(|c| paused(c.curve, pause(levels), alone(levels))) else { return };
    let text = format!("throughput over users: {}; {}", chosen.verdict, described(&best));
    if chosen.told {
        notes.push(Note::new("law", &place, text));
    } else {
        let text = format!("{text}. {}", apart(&chosen, most));
        missing.push(Note::new("too-little-data", &place, text));
    }
    if !write(scenario, best) {
        let text = format!(
            "throughput grows with users up to {}: where it ends is not in the data; measure more users",
            short(most)
        );
        missing.push(Note::new("no-limit-seen", &place, text));
    }
}

/// The pause that users and latencies tell: the median of N / X - R.
fn pause(levels: &[SteadyLevel]) -> Option<f64> {
    let of = |class: &ClassLevel| Some(class.users? / class.rate - class.latency_ms.get("mean")? / 1000.0);
    let mut pauses: Vec<f64> = levels.iter().flat_map(|level| level.classes.values().filter_map(of)).collect();
    pauses.retain(|pause| pause.is_finite());
    pauses.sort_by(f64::total_cmp);
    pauses.get(pauses.len() / 2).map(|pause| pause.max(0.0))
}

/// A law of slots with the pause that was measured: throughput tells the sum of pause and own time, and what all slots carry, but
/// not which part of the sum is which. Where the pause is most of it, what it leaves of the sum is noise, and the latency at the
/// fewest users is the own time.
fn paused(curve: Curve, pause: Option<f64>, alone: Option<f64>) -> Curve {
    let (Curve::Closed { service, think, servers }, Some(pause)) = (curve, pause) else { return curve };
    let own = match alone {
        Some(alone) if pause > THINKING * alone => alone,
        _ => service + think - pause,
    };
    if own <= 0.0 || service <= 0.0 {
        return curve;
    }
    let servers = (f64::from(servers) / service * own).round().clamp(1.0, f64::from(u32::MAX)) as u32;
    Curve::Closed { service: own, think: pause, servers }
}

/// The mean latency in seconds at the fewest users.
fn alone(levels: &[SteadyLevel]) -> Option<f64> {
    let of = |class: &ClassLevel| Some((class.users?, class.latency_ms.get("mean")? / 1000.0));
    let all = levels.iter().flat_map(|level| level.classes.values().filter_map(of));
    all.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, mean)| mean)
}

/// How far the two best laws part at twice the users, and what to measure.
fn apart(chosen: &Selection, most: f64) -> String {
    let at = |index: usize| chosen.ranked.get(index).and_then(|c| Some((c.name, c.curve.at(2.0 * most)?)));
    let users = short(2.0 * most);
    match (at(0), at(1)) {
        (Some((one, a)), Some((other, b))) => {
            let (a, b) = (short(a), short(b));
            format!("At {users} users {one} gives {a}/s, {other} {b}/s: measure a level there")
        }
        _ => format!("Measure a level of {users} users"),
    }
}

/// The coefficients in words.
fn described(curve: &Curve) -> String {
    match *curve {
        Curve::Usl { scale, contention, coherency } if coherency > 0.0 => {
            let users = ((1.0 - contention).max(0.0) / coherency).sqrt();
            let top = curve.at(users).unwrap_or(0.0);
            format!(
                "contention {:.2} %, coherency {:.3} %, {}/s for one user: peak of {}/s at {} users",
                100.0 * contention,
                100.0 * coherency,
                short(scale),
                short(top),
                short(users)
            )
        }
        Curve::Usl { scale, contention, .. } if contention > 0.0 => format!(
            "contention {:.2} %, {}/s for one user: no peak, never above {}/s",
            100.0 * contention,
            short(scale),
            short(scale / contention)
        ),
        Curve::Usl { scale, .. } => format!("{}/s for each user", short(scale)),
        Curve::Closed { service, think, servers } | Curve::Open { service, scv: think, servers: Some(servers) } => {
            format!(
                "{servers} slots of {} ms, a pause of {} ms: never above {}/s",
                short(1000.0 * service),
                short(1000.0 * think),
                short(f64::from(servers) / service)
            )
        }
        Curve::Open { service, .. } => format!("{} ms at any load", short(1000.0 * service)),
    }
}

/// Writes the law into the service; false when it knows no end.
fn write(scenario: &mut Scenario, curve: Curve) -> bool {
    let fitted = |value: f64| Quantity { source: Some(Source::Fitted), ..Quantity::bare(value) };
    let Some(component) = scenario.components.first_mut() else { return false };
    match curve {
        Curve::Usl { scale, contention, coherency } if contention > 1e-9 || coherency > 1e-12 => {
            own_time(component, fitted(1000.0 / scale));
            component.kind = ComponentKind::Database;
            component.cores = Some(Quantity::bare(ROOM));
            component.usl = Some(Usl { contention: fitted(contention), coherency: Some(fitted(coherency)) });
            true
        }
        Curve::Closed { service, think, servers } => {
            own_time(component, fitted(1000.0 * service));
            component.concurrency = Some(fitted(f64::from(servers)));
            if let Some(Arrivals::Closed { think_time_s, .. }) = scenario.traffic.first_mut().map(|t| &mut t.arrivals) {
                *think_time_s = fitted(think);
            }
            true
        }
        _ => false,
    }
}

fn own_time(component: &mut Component, mean: Quantity) {
    if let Some(Service::All(time)) = &mut component.service {
        time.mean_ms = Some(mean);
    }
}
