//! What a closed load generator would have measured: users who think and wait for answers slow down where the system does, so a
//! run near saturation shows shorter waits than open traffic of the same planned rate. `prediction` speaks of such a run.
//!
//! The busiest queue or pool is a machine repairman (N users, thinking included, c servers; Gross & Harris, §2.7): exact for
//! exponential holds, and exact in the time spent elsewhere, which may have any distribution. A closed run then looks like an
//! open one at the smaller multiple at which M/M/c waits as long; in simulations of the shop means and 95th percentiles lie
//! within 3 % of that at 90 % load, where the open figures are 10 % off.

use engine::model::{Arrivals, Kind, System};
use engine::order;
use engine::queueing::erlang;
use engine::solve::{Answer, Part};
use scenario::Scenario;
use std::collections::BTreeMap;

/// Users beyond which slowing down matters no more.
const MOST_USERS: f64 = 20_000.0;
/// Users must think at least this many times longer than they wait: without pauses a run is no traffic of a planned rate.
const THINKING: f64 = 3.0;
/// Utilization below which nobody waits enough to matter.
const BUSY: f64 = 0.4;

/// The load generator behind the measured levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Generator {
    /// Mean pause of a user between an answer and the next request, seconds.
    pub think_time: f64,
    /// Mean response at the lowest level, seconds: users were planned by it.
    pub response: f64,
    /// Positions of the classes it sends.
    classes: Vec<usize>,
}

/// The place where most requests wait.
struct Station {
    servers: f64,
    visits: f64,
    hold: f64,
    wait: f64,
    alike: f64,
}

impl Generator {
    /// From the measured levels, where they know their users; `None` for an open generator or one without pauses.
    #[must_use]
    pub fn of(scenario: &Scenario, system: &System) -> Option<Self> {
        // (import, users) to (rate, rate times mean, seconds): one level, all its classes.
        let mut levels: BTreeMap<(&str, u64), (f64, f64, f64)> = BTreeMap::new();
        let mut classes = Vec::new();
        for import in &scenario.imports {
            for point in &import.points {
                let (Some(users), Some(mean)) = (point.users, point.latency_ms.get("mean")) else { continue };
                let level = levels.entry((&import.id, users.to_bits())).or_default();
                level.0 += point.rps;
                level.1 += point.rps * mean / 1000.0;
                level.2 = point.seconds.unwrap_or(1.0).max(level.2);
                classes.extend(system.class(&point.traffic).filter(|c| is_open(system, *c)));
            }
        }
        order::sort_by(&mut classes, usize::cmp);
        classes.dedup();
        let (mut weight, mut sum, mut lowest) = (0.0, 0.0, (f64::INFINITY, 0.0));
        for ((_, users), (rate, busy, seconds)) in levels.into_iter().filter(|(_, level)| level.0 > 0.0) {
            let response = busy / rate;
            weight += rate * seconds;
            sum += rate * seconds * (f64::from_bits(users) / rate - response);
            if rate < lowest.0 {
                lowest = (rate, response);
            }
        }
        let (think_time, response) = (sum / weight, lowest.1);
        (weight > 0.0 && think_time > THINKING * response && !classes.is_empty()).then_some(Self {
            think_time,
            response,
            classes,
        })
    }

    /// The multiple at which open traffic waits as long as the users of a run planned for `multiple` would; `answer` is the
    /// open one there. Equal to `multiple` where nothing is busy enough for a difference.
    #[must_use]
    pub fn equivalent(&self, system: &System, answer: &Answer, multiple: f64) -> f64 {
        let (mut rate, mut slope) = (0.0, 0.0);
        for &class in &self.classes {
            let Arrivals::Open { rate: one, .. } = system.classes[class].arrivals else { continue };
            let growth = system.classes[class].growth;
            rate += one * (1.0 + growth * (multiple - 1.0));
            slope += one * growth;
        }
        let users = rate * (self.think_time + self.response);
        if slope <= 0.0 || users.is_nan() || !(1.0..=MOST_USERS).contains(&users) {
            return multiple;
        }
        let Some(station) = self.busiest(system, answer) else { return multiple };
        let per_request = station.visits / rate;
        let mean = |c: &usize| answer.classes[*c].mean.map(|m| m * answer.classes[*c].throughput);
        let Some(total) = self.classes.iter().map(mean).sum::<Option<f64>>() else { return multiple };
        let elsewhere = self.think_time + total / rate - per_request * (station.wait + station.hold);
        let wait = repairman(users / station.alike, elsewhere / per_request, station.hold, station.servers);
        let open = station.visits / station.alike;
        multiple + (rate_of_wait(wait, open, station.hold, station.servers) / open - 1.0) * rate / slope
    }

    /// Where most of the generator's requests wait: queue or pool.
    fn busiest(&self, system: &System, answer: &Answer) -> Option<Station> {
        let mut queued: BTreeMap<(usize, usize), (Part, f64)> = BTreeMap::new();
        for &class in &self.classes {
            for share in &answer.classes[class].waterfall {
                let key = match share.part {
                    Part::Queue => 0,
                    Part::Pool(pool) => pool + 1,
                    _ => continue,
                };
                queued.entry((share.station, key)).or_insert((share.part, 0.0)).1 +=
                    answer.classes[class].throughput * share.seconds;
            }
        }
        let ((station, _), (part, queued)) = queued.into_iter().max_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
        let at = &answer.stations[station];
        let replicas = f64::from(at.replicas.max(1));
        let (servers, alike, utilization, wait) = match part {
            Part::Pool(pool) => {
                let pool = at.pools.get(pool)?;
                (f64::from(pool.size?), replicas, pool.utilization?, pool.wait?)
            }
            _ => {
                let servers = per_replica(&system.stations[station].kind)? * replicas;
                (servers, 1.0, at.utilization?, at.wait?)
            }
        };
        if utilization < BUSY || wait <= 0.0 {
            return None;
        }
        // Little's law: visits = queued / wait; the utilization law: hold = busy servers / visits.
        let visits = queued / wait;
        Some(Station { servers, visits, hold: utilization * servers * alike / visits, wait, alike })
    }
}

fn is_open(system: &System, class: usize) -> bool {
    matches!(system.classes[class].arrivals, Arrivals::Open { .. })
}

/// Servers of one replica that a visit queues for.
pub fn per_replica(kind: &Kind) -> Option<f64> {
    match kind {
        Kind::Service { cpu_cores: Some(cores), .. } => Some(*cores),
        Kind::Service { concurrency: Some(slots), .. } | Kind::Cache { concurrency: Some(slots), .. } => {
            Some(f64::from(*slots))
        }
        Kind::Database(node) => Some(f64::from(node.cores?)),
        _ => None,
    }
}

/// Mean wait in seconds of the machine repairman: `users` away for `away` seconds, then in one queue for `servers` of mean `hold`.
fn repairman(users: f64, away: f64, hold: f64, servers: f64) -> f64 {
    let population = users.round().max(1.0);
    let (mut weight, mut sum, mut queued, mut busy) = (1.0, 1.0, 0.0, 0.0);
    let mut n = 1.0;
    while n <= population {
        let working = f64::min(n, servers);
        weight *= (population - n + 1.0) * hold / (away * working);
        sum += weight;
        queued += weight * (n - working);
        busy += weight * working;
        if sum > 1e200 {
            (weight, sum, queued, busy) = (weight / 1e200, sum / 1e200, queued / 1e200, busy / 1e200);
        }
        n += 1.0;
    }
    if busy > 0.0 { queued / busy * hold } else { 0.0 }
}

/// The rate at which M/M/c waits that long, at most `most`.
fn rate_of_wait(wait: f64, most: f64, hold: f64, servers: f64) -> f64 {
    let at = |rate: f64| {
        let load = rate * hold;
        if load >= servers { f64::INFINITY } else { erlang::delay(servers, load) * hold / (servers - load) }
    };
    let (mut low, mut high) = (0.0, most);
    if at(high) <= wait {
        return most;
    }
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if at(middle) > wait {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case 12: 3 machines, failure rate 0.5, 2 repairers of rate 4: repair response 0.25154 (LINE tutorial 3).
    #[test]
    fn machine_repair() {
        assert!((repairman(3.0, 2.0, 0.25, 2.0) + 0.25 - 0.251_54).abs() < 1e-5);
        // Many users who think long are open traffic: M/M/4 at 90 %.
        let open = erlang::delay(4.0, 3.6) * 0.03 / 0.4;
        assert!((repairman(20_000.0, 20_000.0 / 120.0 - 0.03 - open, 0.03, 4.0) / open - 1.0).abs() < 0.02);
    }

    #[test]
    fn the_rate_of_a_wait() {
        let rate = rate_of_wait(erlang::delay(4.0, 3.2) * 0.03 / 0.8, 130.0, 0.03, 4.0);
        assert!((rate - 3.2 / 0.03).abs() < 1e-6, "{rate}");
        assert_eq!(rate_of_wait(10.0, 100.0, 0.03, 4.0), 100.0);
    }
}
