//! From counters and areas to figures: what was there when measuring began is subtracted, and rates are over the measured time.

use super::baseline::Baseline;
use super::fleet::Scale;
use super::flow::Core;
use super::group::Areas;
use super::report::{Figures, Measure, StationReport, Timeline};
use crate::model::{Kind, LimiterScope, RequestUnits, System};

/// What utilization means at a station.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Busy {
    /// Nothing.
    None,
    /// Own work over slots, and slots held over slots.
    Slots,
    /// Busy cores, and slots held.
    Cores,
    /// Slots held over slots.
    Held,
    /// The busiest node.
    Nodes,
    /// Consumers at work.
    Consumers,
    /// Seconds of transfer over time.
    Transfer,
    /// Admitted over the limit (per second).
    Limit(f64),
}

/// What the series of a station show.
const SERIES: [Measure; 6] =
    [Measure::Utilization, Measure::InSystem, Measure::Replicas, Measure::Backlog, Measure::Age, Measure::Oldest];

/// Figures by class, histograms by class (bucket, count), figures by station.
type Found = (Vec<Figures>, Vec<Vec<(u32, u64)>>, Vec<StationReport>);

/// Turns what the core counted into figures.
#[derive(Debug)]
pub(crate) struct Measuring {
    busy: Vec<Busy>,
    /// Request units a second, for reads and writes, by station.
    units: Vec<Option<RequestUnits>>,
    names: usize,
    start: Baseline,
    last: Baseline,
    last_classes: Vec<(u64, u64, u64, f64)>,
    /// Series so far.
    pub timeline: Timeline,
}

impl Measuring {
    /// Nothing measured yet.
    pub(crate) fn new(system: &System) -> Self {
        let busy = system.stations.iter().map(|s| match &s.kind {
            Kind::Service { cpu_cores: Some(_), .. } => Busy::Cores,
            Kind::Service { .. } => Busy::Slots,
            Kind::Function { .. } | Kind::Cache { .. } => Busy::Held,
            Kind::Database(_) => Busy::Nodes,
            Kind::Queue { .. } => Busy::Consumers,
            Kind::RateLimiter { limit, seconds, scope, .. } => {
                let clients = if let LimiterScope::Client { clients, .. } = scope { *clients as f64 } else { 1.0 };
                Busy::Limit(limit / seconds * clients)
            }
            Kind::External { rate_limit: Some(rate) } => Busy::Limit(*rate),
            kind if kind.transfer_mb_s().is_some() => Busy::Transfer,
            _ => Busy::None,
        });
        Self {
            busy: busy.collect(),
            units: system.stations.iter().map(|s| request_units(&s.kind)).collect(),
            names: system.stations.len(),
            start: Baseline::default(),
            last: Baseline::default(),
            last_classes: Vec::new(),
            timeline: Timeline {
                times: Vec::new(),
                classes: vec![Default::default(); system.classes.len()],
                stations: vec![Default::default(); system.stations.len()],
            },
        }
    }

    /// Measuring begins.
    pub(crate) fn start(&mut self, core: &mut Core) {
        for class in &mut core.classes {
            class.reset();
        }
        core.stations.iter_mut().for_each(|s| s.oldest = 0.0);
        if let Some(traces) = &mut core.traces {
            traces.reset();
        }
        self.start = Baseline::take(core);
        self.last = self.start.clone();
        self.last_classes = vec![(0, 0, 0, 0.0); core.classes.len()];
    }

    /// One more point of the series.
    pub(crate) fn sample(&mut self, core: &mut Core, time: f64) {
        let now = Baseline::take(core);
        let elapsed = now.now - self.last.now;
        self.timeline.times.push(time);
        for (at, class) in core.classes.iter().enumerate() {
            let total = (class.offered, class.responses.count, class.failed, class.responses.sum);
            let before = std::mem::replace(&mut self.last_classes[at], total);
            let (done, failed) = ((total.1 - before.1) as f64, (total.2 - before.2) as f64);
            let series = &mut self.timeline.classes[at];
            let mut push = |measure, value| series.entry(measure).or_default().push(value);
            push(Measure::Offered, (total.0 - before.0) as f64 / elapsed);
            push(Measure::Throughput, (done + failed) / elapsed);
            push(Measure::ErrorRatio, if failed > 0.0 { failed / (failed + done) } else { 0.0 });
            push(Measure::Mean, if done > 0.0 { (total.3 - before.3) / done } else { 0.0 });
        }
        for station in 0..self.names {
            let figures = self.station(core, station, &self.last, &now);
            let series = &mut self.timeline.stations[station];
            let points = self.timeline.times.len();
            for measure in SERIES {
                let value = figures.get(&measure).copied();
                if value.is_some() || series.contains_key(&measure) {
                    // A figure that does not exist in an interval (nothing taken, nothing up) is zero there.
                    let values = series.entry(measure).or_default();
                    values.resize(points - 1, 0.0);
                    values.push(value.unwrap_or(0.0));
                }
            }
            if let (Some(oldest), Some(values)) = (core.oldest_waiting(station), series.get_mut(&Measure::Oldest)) {
                values.pop();
                values.push(oldest);
            }
        }
        self.last = now;
    }

    /// All figures of the measured part up to now.
    pub(crate) fn figures(&self, core: &Core) -> Found {
        let mut core_areas = Baseline::default();
        core_areas.fill(core);
        let started = !self.start.areas.is_empty();
        let zero = Baseline::zero(core);
        let start = if started { &self.start } else { &zero };
        let elapsed = core.now - start.now;
        let classes = core.classes.iter().map(|class| {
            let mut figures = Figures::new();
            let ended = class.responses.count + class.failed;
            if elapsed > 0.0 {
                figures.insert(Measure::Offered, class.offered as f64 / elapsed);
                figures.insert(Measure::Throughput, ended as f64 / elapsed);
                figures.insert(Measure::Goodput, class.good as f64 / elapsed);
            }
            if ended > 0 {
                figures.insert(Measure::ErrorRatio, class.failed as f64 / ended as f64);
            }
            if let Some(mean) = class.responses.mean() {
                figures.insert(Measure::Mean, mean);
            }
            let shares = [
                (Measure::P50, 0.5),
                (Measure::P90, 0.9),
                (Measure::P95, 0.95),
                (Measure::P99, 0.99),
                (Measure::P999, 0.999),
            ];
            for (measure, share) in shares {
                if let Some(value) = class.responses.percentile(share) {
                    figures.insert(measure, value);
                }
            }
            figures
        });
        let histograms = core.classes.iter().map(|c| c.responses.occupied().collect());
        let stations = (0..self.names).map(|station| StationReport {
            figures: if elapsed > 0.0 { self.station(core, station, start, &core_areas) } else { Figures::new() },
            pools: self.pools(core, station, start, &core_areas),
        });
        (classes.collect(), histograms.collect(), stations.collect())
    }

    /// Figures of one station between two instants.
    fn station(&self, core: &Core, station: usize, from: &Baseline, to: &Baseline) -> Figures {
        let layout = &core.layout[station];
        let elapsed = to.now - from.now;
        let range = layout.first as usize..(layout.first + layout.groups) as usize;
        let mut figures = Figures::new();
        let mut sum = Areas::default();
        let mut arrived = 0u64;
        let mut busiest = 0.0_f64;
        let (mut busy_cores, mut has_cores) = (0.0, false);
        for g in range.clone() {
            let (a, b) = (&from.areas[g], &to.areas[g]);
            sum.waiting += b.waiting - a.waiting;
            sum.held += b.held - a.held;
            sum.working += b.working - a.working;
            sum.present += b.present - a.present;
            arrived += to.arrived[g] - from.arrived[g];
            let group = &core.groups[g];
            let room = slots_of(core, g, from, to);
            if group.capacity < u32::MAX && room > 0.0 {
                busiest = busiest.max((b.held - a.held) / elapsed / room);
            }
            if group.cores != super::visit::NONE {
                let c = group.cores as usize;
                busy_cores += to.cores[c] - from.cores[c];
                has_cores = true;
            }
        }
        let before = &from.stations[station];
        let tally = &to.stations[station];
        let refused = tally.refused - before.refused;
        let visits = (arrived - refused.min(arrived)) as f64;
        let replicas = (to.replicas[station].0 - from.replicas[station].0) / elapsed;
        let billed = (to.replicas[station].1 - from.replicas[station].1) / elapsed;
        figures.insert(Measure::Visits, visits / elapsed);
        figures.insert(Measure::Replicas, replicas);
        figures.insert(Measure::Billed, billed);
        figures.insert(Measure::InSystem, (sum.waiting + sum.working) / elapsed);
        figures.insert(Measure::Refused, refused as f64 / elapsed);
        let slots = layout.slots.map(|s| f64::from(s) * replicas * elapsed);
        match self.busy[station] {
            Busy::None => {}
            Busy::Slots | Busy::Held => {
                if let Some(slots) = slots.filter(|s| *s > 0.0) {
                    let own = if self.busy[station] == Busy::Slots { sum.working } else { sum.held };
                    figures.insert(Measure::Utilization, (own / slots).clamp(0.0, 1.0));
                    if self.busy[station] == Busy::Slots {
                        figures.insert(Measure::SlotUtilization, (sum.held / slots).clamp(0.0, 1.0));
                    }
                }
            }
            Busy::Cores => {
                let cores = layout.cores.unwrap_or(0.0) * replicas * elapsed;
                if has_cores && cores > 0.0 {
                    figures.insert(Measure::Utilization, (busy_cores / cores).clamp(0.0, 1.0));
                }
                if let Some(slots) = slots.filter(|s| *s > 0.0) {
                    figures.insert(Measure::SlotUtilization, (sum.held / slots).clamp(0.0, 1.0));
                }
            }
            Busy::Nodes => {
                if layout.slots.is_some() {
                    figures.insert(Measure::Utilization, busiest.clamp(0.0, 1.0));
                }
            }
            Busy::Consumers => self.queue(core, station, from, to, &mut figures),
            Busy::Transfer => {
                figures.insert(Measure::Utilization, ((tally.own - before.own) / elapsed).clamp(0.0, 1.0));
            }
            Busy::Limit(limit) => {
                figures.insert(Measure::Utilization, (visits / elapsed / limit).clamp(0.0, 1.0));
            }
        }
        if let Some(units) = &self.units[station] {
            let writes = (tally.written - before.written) as f64;
            let reads = (visits - writes).max(0.0);
            let used = |rate: f64, of: f64| rate / elapsed / of.max(f64::MIN_POSITIVE);
            let busy = used(reads, units.read).max(used(writes, units.write));
            figures.insert(Measure::UnitUtilization, busy.clamp(0.0, 1.0));
        }
        if self.busy[station] == Busy::Consumers {
            // A message waits at its queue, whoever published it does not.
            let lines = layout.message_lines();
            sum.waiting += lines.map(|g| to.areas[g].waiting - from.areas[g].waiting).sum::<f64>();
            figures.insert(Measure::InSystem, (sum.waiting + sum.working) / elapsed);
        }
        if visits > 0.0 {
            // On a shared processor the wait is all that is not own time.
            let shared = if has_cores { (sum.working - (tally.own - before.own)).max(0.0) } else { 0.0 };
            figures.insert(Measure::Wait, ((sum.waiting + shared) / visits).max(0.0));
            figures.insert(Measure::Residence, ((sum.waiting + sum.working) / visits).max(0.0));
            // A message is held by its consumer after the broker is done with it.
            let consumer = figures.remove(&Measure::Hold).unwrap_or(0.0);
            let line = if self.busy[station] == Busy::Consumers { sum.waiting } else { 0.0 };
            figures.insert(Measure::Hold, ((sum.present + line) / visits).max(0.0) + consumer);
        }
        if tally.kilobytes > 0.0 {
            figures.insert(Measure::Kilobytes, (tally.kilobytes - before.kilobytes) / elapsed);
        }
        if let Some(instances) = &core.instances[station] {
            figures.insert(Measure::GbSeconds, instances.memory_gb * sum.held / elapsed);
        }
        let looked_up = tally.looked_up - before.looked_up;
        if looked_up > 0 {
            let missed = (tally.missed - before.missed) as f64;
            figures.insert(Measure::HitRatio, 1.0 - missed / looked_up as f64);
        }
        if core.instances[station].is_some() && visits > 0.0 {
            figures.insert(Measure::ColdStarts, (tally.cold - before.cold) as f64 / visits);
        }
        if to.retries[station] + to.timeouts[station] > 0 {
            figures.insert(Measure::Retries, (to.retries[station] - from.retries[station]) as f64 / elapsed);
            figures.insert(Measure::Timeouts, (to.timeouts[station] - from.timeouts[station]) as f64 / elapsed);
        }
        figures
    }

    /// Figures of a queue's consumers and backlog.
    fn queue(&self, core: &Core, station: usize, from: &Baseline, to: &Baseline, figures: &mut Figures) {
        let elapsed = to.now - from.now;
        let lines = core.layout[station].message_lines();
        let (a, b) = (&from.areas[lines.start], &to.areas[lines.start]);
        let held: f64 = lines.clone().map(|g| to.areas[g].held - from.areas[g].held).sum();
        let usable: f64 = lines.map(|g| slots_of(core, g, from, to)).sum();
        if core.layout[station].consumers.is_some() && usable > 0.0 {
            figures.insert(Measure::Utilization, (held / elapsed / usable).clamp(0.0, 1.0));
        }
        // Messages not taken yet, delayed ones included.
        figures.insert(Measure::Backlog, (b.present - a.present) / elapsed);
        figures.insert(Measure::Growth, (to.backlog[station] - from.backlog[station]) / elapsed);
        let (before, tally) = (&from.stations[station], &to.stations[station]);
        let taken = tally.taken - before.taken;
        if taken > 0 {
            figures.insert(Measure::Age, (tally.age_sum - before.age_sum) / taken as f64);
            figures.insert(Measure::Hold, held / taken as f64);
        }
        figures.insert(Measure::Oldest, tally.oldest.max(core.oldest_waiting(station).unwrap_or(0.0)));
        figures.insert(Measure::DeadLetters, (tally.dead - before.dead) as f64 / elapsed);
    }

    /// Figures of a station's pools.
    fn pools(&self, core: &Core, station: usize, from: &Baseline, to: &Baseline) -> Vec<Figures> {
        let layout = &core.layout[station];
        let elapsed = to.now - from.now;
        let served = |at: &Baseline| (at.now, at.replicas[station].0);
        let replicas = match core.scales[station] {
            // What a queue loses are consumers, not callers.
            Scale::Consumers => f64::from(layout.replicas),
            _ => core.fleets[station].mean(served(from), served(to)),
        };
        (0..layout.pools)
            .map(|pool| {
                let (mut held, mut waited, mut asked) = (0.0, 0.0, 0u64);
                for group in 0..layout.groups {
                    let p = (layout.first_pool + group * layout.pools + pool) as usize;
                    held += to.pools[p].0 - from.pools[p].0;
                    waited += to.pools[p].1 - from.pools[p].1;
                    asked += to.pools[p].2 - from.pools[p].2;
                }
                let mut figures = Figures::new();
                let per_replica = core.pool_sizes[(layout.first_pool + pool) as usize];
                let size = per_replica.map_or(f64::INFINITY, f64::from) * replicas;
                if elapsed > 0.0 && size > 0.0 && size < f64::from(u32::MAX) {
                    figures.insert(Measure::Utilization, (held / elapsed / size).clamp(0.0, 1.0));
                }
                if asked > 0 {
                    figures.insert(Measure::Wait, (waited / asked as f64).max(0.0));
                }
                figures
            })
            .collect()
    }
}

/// What a database provides of request units.
fn request_units(kind: &Kind) -> Option<RequestUnits> {
    if let Kind::Database(node) = kind { node.request_units } else { None }
}

/// Slots of a group on average between two instants: autoscalers, losses and locks change them.
fn slots_of(core: &Core, group: usize, from: &Baseline, to: &Baseline) -> f64 {
    let all = || (to.areas[group].room - from.areas[group].room) / (to.now - from.now);
    core.groups[group].steady_room(from.now).unwrap_or_else(all)
}
