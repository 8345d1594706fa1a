//! Compiles a system into a [`Program`]: calls become flat operations, whole counts are unrolled, fractions become coins.

use super::layout::{Layout, is_bare, lingers};
use super::program::*;
use super::sampler::Sampler;
use crate::model::{Balance, Call, ClassId, Discipline, EventKind, HitRatio, Kind, Mode, StationId, System, When};
use std::collections::BTreeMap;

/// Most copies that a call's count is unrolled to.
pub(crate) const MOST_COPIES: f64 = 1000.0;

/// Compiles what the classes can reach, once more for followed requests where asked for.
pub(crate) fn compile(system: &System, layout: &Layout, follow: bool) -> Program {
    let mut compiler = Compiler {
        system,
        layout,
        orders: system.disciplines(),
        program: Program::default(),
        known: vec![u32::MAX; 2 * system.stations.len() * system.classes.len()],
        pending: Vec::new(),
        calls: BTreeMap::new(),
        loses_work: !system.events.is_empty()
            || system.stations.iter().any(|s| super::prepare::interruptions(s).0 > 0.0),
        traced: false,
    };
    compiler.program.entries = compiler.entries();
    compiler.finish();
    if follow {
        compiler.traced = true;
        compiler.program.traced_entries = compiler.entries();
        compiler.finish();
    }
    compiler.program.calls = system.classes.len() + compiler.calls.len();
    compiler.program.consumers.resize(compiler.program.plans.len(), NOBODY);
    compiler.program
}

/// Whether a class makes a call at all.
fn is_made(call: &Call, class: ClassId) -> bool {
    call.applies_to(class) && call.per_request > 0.0
}

/// No consumer, no dead letters.
const NOBODY: (u32, u32) = (u32::MAX, u32::MAX);

/// What compiling a system goes through.
pub(crate) struct Compiler<'a> {
    pub system: &'a System,
    pub layout: &'a Layout,
    /// Order of each station's line.
    pub orders: Vec<Discipline>,
    pub program: Program,
    /// Plan by station and class; `u32::MAX` when not compiled yet.
    pub known: Vec<u32>,
    /// Plans whose calls are not compiled yet.
    pub pending: Vec<u32>,
    /// Whether work in hand may be lost: then everybody at a station is a visit of its own.
    pub loses_work: bool,
    /// Whether plans are for followed requests.
    pub traced: bool,
    /// Number and policy of each call, by its address in the model (looked up only, never walked).
    pub calls: BTreeMap<*const Call, (u32, u32)>,
}

impl Compiler<'_> {
    /// The entry of every class.
    fn entries(&mut self) -> Vec<Site> {
        let system = self.system;
        system.classes.iter().enumerate().map(|(class, traffic)| self.without_caller(traffic.entry, class)).collect()
    }

    /// Where visits of a class go that no call brings to the station: requests as they enter, and dead letters.
    fn without_caller(&mut self, station: StationId, class: ClassId) -> Site {
        let plan = self.plan(station, class);
        let route = self.route(None, station);
        let write_ratio = self.program.plans[plan as usize].write_ratio;
        let group = self.layout.stations[station].first;
        let (station, call) = (station as u16, class as u32);
        Site { plan, station, policy: u32::MAX, network: 0.0, route, group, write_ratio, call, kilobytes: 0.0 }
    }

    /// Where the plan of a class at a station is remembered.
    fn slot(&self, station: StationId, class: ClassId, traced: bool) -> usize {
        (usize::from(traced) * self.system.stations.len() + station) * self.system.classes.len() + class
    }

    /// The plan of a class at a station.
    pub(crate) fn plan(&mut self, station: StationId, class: ClassId) -> u32 {
        let slot = self.slot(station, class, self.traced);
        if self.known[slot] != u32::MAX {
            return self.known[slot];
        }
        let model = &self.system.stations[station];
        let own = Sampler::new(&model.service[class], &mut self.program.points);
        let is_queue = matches!(model.kind, Kind::Queue { .. });
        let id = self.add_plan(Plan {
            own,
            first: 0,
            flags: self.flags(station, class),
            station: station as u16,
            class: class as u16,
            failure_ratio: model.failure_ratio,
            transfer: 0.0,
            hit_ratio: self.hit_ratio(station, class),
            write_ratio: match &model.kind {
                Kind::Database(node) => node.write_ratio.get(class).copied().unwrap_or(0.0),
                _ => 0.0,
            },
        });
        self.known[slot] = id;
        let plan = &mut self.program.plans[id as usize];
        if !is_queue && plan.flags & LOOKS_UP == 0 && !model.calls.iter().any(|c| is_made(c, class)) {
            plan.flags |= LEAF;
        }
        if plan.flags & !(BARE | LINGERS) == HOLDS && matches!(plan.own, Sampler::Fixed(own) if own <= 0.0) {
            plan.flags |= INSTANT;
        }
        // Its calls are compiled later, one plan after the other: a long chain of components must not fill the stack.
        self.pending.push(id);
        id
    }

    /// Compiles the calls of all plans that were met.
    fn finish(&mut self) {
        while let Some(id) = self.pending.pop() {
            let plan = self.program.plans[id as usize];
            let (station, class) = (plan.station as usize, plan.class as usize);
            let model = &self.system.stations[station];
            if plan.flags & BROKER == 0 {
                self.program.plans[id as usize].first = self.operations(station, class, &model.calls);
                continue;
            }
            self.program.plans[id as usize].first = self.emit(vec![Operation::Return]);
            let plain = self.known[self.slot(station, class, false)];
            if self.traced && plain != u32::MAX {
                // Messages are not part of the request: they go on as everybody's.
                self.program.consumers.resize(self.program.plans.len(), NOBODY);
                self.program.consumers[id as usize] = self.program.consumers[plain as usize];
                continue;
            }
            let first = self.operations(station, class, &model.calls);
            // `ADMITS` only makes the start of a message pass where its age is noted.
            let flags = CONSUMES | HOLDS | ADMITS;
            let consumer = self.add_plan(Plan { own: Sampler::Fixed(0.0), first, flags, ..plan });
            let letters = match model.kind {
                Kind::Queue { dead_letter: Some(to), .. } => {
                    let site = self.without_caller(to, class);
                    self.program.sites.push(site);
                    self.program.sites.len() as u32 - 1
                }
                _ => u32::MAX,
            };
            self.program.consumers.resize(self.program.plans.len(), NOBODY);
            self.program.consumers[id as usize] = (consumer, u32::MAX);
            self.program.consumers[consumer as usize] = (u32::MAX, letters);
        }
    }

    pub(crate) fn add_plan(&mut self, plan: Plan) -> u32 {
        self.program.plans.push(plan);
        self.program.plans.len() as u32 - 1
    }

    fn flags(&self, station: StationId, class: ClassId) -> u16 {
        let model = &self.system.stations[station];
        let mut flags = if model.failure_ratio > 0.0 { FAILS } else { 0 };
        flags |= if is_bare(model) { BARE } else { 0 };
        flags |= if lingers(model) { LINGERS } else { 0 };
        flags |= if self.traced { TRACED } else { 0 };
        flags |= if self.orders[station] == Discipline::Preemptive { YIELDS } else { 0 };
        flags |= match &model.kind {
            Kind::Service { cpu_cores, .. } => HOLDS | if cpu_cores.is_some() { SHARES } else { 0 },
            Kind::Function { .. } => HOLDS | ADMITS | INSTANCE,
            Kind::Cache { .. } | Kind::Cdn { .. } => LOOKS_UP,
            Kind::Queue { max_length, .. } => BROKER | if max_length.is_some() { ADMITS } else { 0 },
            Kind::RateLimiter { .. } | Kind::External { rate_limit: Some(_) } => ADMITS,
            Kind::Database(node) => {
                (if node.usl.is_some() { SHARES } else { 0 }) | if node.request_units.is_some() { ADMITS } else { 0 }
            }
            _ => 0,
        };
        if self.system.events.iter().any(|e| e.kind == EventKind::SlowDown && e.station == Some(station)) {
            flags |= PACED;
        }
        if flags & SHARES != 0 && model.service[class].mean() == 0.0 {
            flags &= !SHARES;
        }
        flags
    }

    fn hit_ratio(&self, station: StationId, class: ClassId) -> f64 {
        match &self.system.stations[station].kind {
            Kind::Cdn { hit_ratio, .. } | Kind::Cache { hits: HitRatio::Given(hit_ratio), .. } => {
                hit_ratio.get(class).copied().unwrap_or(0.0)
            }
            _ => 0.0,
        }
    }

    /// Appends a finished list of operations with absolute targets.
    fn emit(&mut self, mut list: Vec<Operation>) -> u32 {
        let base = self.program.operations.len() as u32;
        for operation in &mut list {
            match operation {
                Operation::Maybe(_, target)
                | Operation::Unless(_, target)
                | Operation::UnlessChildMissed { target, .. } => *target += base,
                _ => {}
            }
        }
        self.program.operations.append(&mut list);
        base
    }

    /// Compiles a station's calls; gives the first operation.
    fn operations(&mut self, station: StationId, class: ClassId, calls: &[Call]) -> u32 {
        let mut list = Vec::new();
        self.sequence(station, class, calls, &mut list);
        list.push(Operation::Return);
        self.emit(list)
    }

    fn sequence(&mut self, station: StationId, class: ClassId, calls: &[Call], list: &mut Vec<Operation>) {
        let calls: Vec<&Call> = calls.iter().filter(|c| is_made(c, class)).collect();
        let shares =
            matches!(self.system.stations[station].kind, Kind::LoadBalancer { balance: Balance::Weighted { .. } });
        let mut chosen = false;
        let mut at = 0;
        while at < calls.len() {
            let call = calls[at];
            at += 1;
            if shares && call.share.is_some() {
                if !chosen {
                    chosen = true;
                    self.choice(station, class, &calls, list);
                }
                continue;
            }
            match call.mode {
                Mode::Sync => self.synchronous(station, class, call, list),
                Mode::Async => {
                    for branch in self.branches(station, class, call) {
                        self.program.branches.push(branch);
                        list.push(Operation::Spawn(self.program.branches.len() as u32 - 1));
                    }
                }
                Mode::Parallel => {
                    let mut all = self.branches(station, class, call);
                    while let Some(next) = calls.get(at).filter(|c| c.mode == Mode::Parallel) {
                        all.extend(self.branches(station, class, next));
                        at += 1;
                    }
                    let first = self.program.branches.len() as u32;
                    list.push(Operation::Fork(first, all.len() as u32));
                    self.program.branches.extend(all);
                }
            }
        }
    }

    /// Certain copies, then one by coin.
    fn copies(call: &Call) -> (u32, f64) {
        let n = call.per_request.min(MOST_COPIES);
        (n.floor() as u32, n - n.floor())
    }

    fn condition(call: &Call) -> Condition {
        match call.when {
            When::Hit => Condition::Hit,
            When::Miss => Condition::Miss,
            _ => Condition::Always,
        }
    }

    fn synchronous(&mut self, station: StationId, class: ClassId, call: &Call, list: &mut Vec<Operation>) {
        let (copies, fraction) = Self::copies(call);
        let site = self.site(station, class, call);
        let guard = list.len();
        let condition = Self::condition(call);
        if condition != Condition::Always {
            list.push(Operation::Unless(condition, 0));
        }
        for _ in 0..copies {
            self.once(station, class, call, site, list);
        }
        if fraction > 0.0 {
            let coin = list.len();
            list.push(Operation::Maybe(fraction, 0));
            self.once(station, class, call, site, list);
            list[coin] = Operation::Maybe(fraction, list.len() as u32);
        }
        if condition != Condition::Always {
            list[guard] = Operation::Unless(condition, list.len() as u32);
        }
    }

    fn once(&mut self, station: StationId, class: ClassId, call: &Call, site: u32, list: &mut Vec<Operation>) {
        list.push(self.call_operation(site));
        if self.fetches(call) {
            let guard = list.len();
            let cache = call.to as u16;
            list.push(Operation::UnlessChildMissed { station: cache, target: 0 });
            self.sequence(station, class, &call.on_miss, list);
            list.push(Operation::Fetched);
            list[guard] = Operation::UnlessChildMissed { station: cache, target: list.len() as u32 };
        }
    }

    /// Whether the caller has something to do after a miss.
    fn fetches(&self, call: &Call) -> bool {
        let keyed = matches!(self.system.stations[call.to].kind, Kind::Cache { hits: HitRatio::Keys(_), .. });
        let through = self.system.stations[call.to].calls.iter().any(|c| c.when == When::Miss);
        !call.on_miss.is_empty() || (keyed && !through)
    }

    /// Branches of a parallel or asynchronous call: one per copy.
    fn branches(&mut self, station: StationId, class: ClassId, call: &Call) -> Vec<Branch> {
        let (copies, fraction) = Self::copies(call);
        let site = self.site(station, class, call);
        let target = if self.fetches(call) {
            let mut list = Vec::new();
            self.once(station, class, call, site, &mut list);
            list.push(Operation::Return);
            let first = self.emit(list);
            let plan = Plan {
                own: Sampler::Fixed(0.0),
                first,
                flags: SIDE,
                station: station as u16,
                class: class as u16,
                failure_ratio: 0.0,
                transfer: 0.0,
                hit_ratio: 0.0,
                write_ratio: 0.0,
            };
            Target::Side(self.add_plan(plan))
        } else {
            Target::Site(site)
        };
        let condition = Self::condition(call);
        let mut all = vec![Branch { target, probability: 1.0, condition }; copies as usize];
        if fraction > 0.0 {
            all.push(Branch { target, probability: fraction, condition });
        }
        all
    }

    /// One of the calls that carry shares.
    fn choice(&mut self, station: StationId, class: ClassId, calls: &[&Call], list: &mut Vec<Operation>) {
        let shared: Vec<&&Call> = calls.iter().filter(|c| c.share.is_some()).collect();
        let total: f64 = shared.iter().filter_map(|c| c.share).sum();
        let mut sum = 0.0;
        let mut branches = Vec::new();
        for call in shared {
            sum += call.share.unwrap_or(0.0) / total;
            let site = self.site(station, class, call);
            branches.push(Branch { target: Target::Site(site), probability: sum, condition: Condition::Always });
        }
        let first = self.program.branches.len() as u32;
        list.push(Operation::Choose(first, branches.len() as u32));
        self.program.branches.extend(branches);
    }
}
