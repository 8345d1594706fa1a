//! What fewer visits need: refusals, look-ups, failures, replica choice, branches.

use super::advance::holds;
use super::calendar::Event;
use super::flow::{Core, Next, SHARED_DONE};
use super::program::*;
use super::visit::*;

impl Core {
    /// Whether a station takes a visit now: it is up, reachable, and its limiter, quota or line lets it in.
    #[cold]
    pub(crate) fn admit(&mut self, id: u32) -> bool {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let station = plan.station as usize;
        if plan.flags & TRACED != 0 {
            self.trace_enter(id);
        }
        if self.cut[station] || !self.groups[visit.group as usize].up {
            return false;
        }
        if let Some(broker) = &self.messages[station] {
            let line = &self.groups[broker.group as usize];
            return u64::from(line.waiting) + broker.maturing < broker.max_length;
        }
        let Some(limiter) = &mut self.limiters[station] else { return true };
        let writes = visit.flags & WRITES != 0;
        let admitted = limiter.admit(self.now, writes, &mut self.key_rng[station]);
        self.stations[station].written += u64::from(admitted && writes);
        admitted
    }

    /// A visit is turned away at its station.
    #[cold]
    pub(crate) fn refuse(&mut self, id: u32) -> Next {
        self.visits[id].flags |= FAILED;
        let visit = self.visits[id];
        let station = self.program.plans[visit.plan as usize].station as usize;
        self.stations[station].refused += 1;
        self.turn_away(id)
    }

    /// A failed visit without a slot is over.
    pub(crate) fn turn_away(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        if self.program.plans[visit.plan as usize].flags & LINGERS != 0 {
            self.groups[visit.group as usize].depart(self.now);
        }
        self.leave(id)
    }

    /// A visit without a slot is over.
    pub(crate) fn leave(&mut self, id: u32) -> Next {
        self.trace_end(id);
        let visit = self.visits[id];
        self.visits.remove(id);
        if visit.parent != NONE {
            return self.answer(visit.parent, visit.parent_token, visit.flags);
        }
        if visit.flags & ROOT != 0 {
            self.respond(&visit, usize::from(self.program.plans[visit.plan as usize].class));
        }
        Next::Idle
    }

    /// The own time as it passes: slowed down, with a cold start, with the age of a message noted.
    pub(crate) fn stretched(&mut self, id: u32, own: f64) -> f64 {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let station = plan.station as usize;
        if plan.flags & CONSUMES != 0 {
            let oldest = self.age(station, id);
            let (tally, age) = (&mut self.stations[station], self.now - visit.start);
            tally.taken += 1;
            tally.age_sum += age;
            tally.oldest = tally.oldest.max(oldest);
            if let Some(broker) = &self.messages[station] {
                self.groups[broker.group as usize].depart(self.now);
            }
            return own;
        }
        if plan.flags & TRACED != 0 {
            self.trace_begin(id);
        }
        let plan = &self.program.plans[visit.plan as usize];
        // A shared processor is slowed down as a whole.
        let own = if plan.flags & SHARES != 0 { own } else { (own + plan.transfer) * self.pace[station] };
        self.stations[station].own += plan.transfer;
        match &mut self.instances[station] {
            Some(instances) => {
                let cold = instances.start(self.now);
                self.stations[station].cold += u64::from(cold > 0.0);
                own + cold
            }
            None => own,
        }
    }

    /// Work for a shared processor.
    pub(crate) fn share(&mut self, id: u32, work: f64) -> Next {
        let group = &mut self.groups[self.visits[id].group as usize];
        group.begin_work(self.now);
        self.stations[usize::from(group.station)].own += work;
        let cores = group.cores;
        self.cores[cores as usize].add(self.now, work, id);
        self.schedule_shared(cores);
        Next::Idle
    }

    /// Schedules the next completion of a shared processor where none is scheduled early enough.
    pub(crate) fn schedule_shared(&mut self, cores: u32) {
        if let Some((time, token)) = self.cores[cores as usize].next(self.now)
            && time < f64::INFINITY
        {
            self.calendar.push(Event { time, subject: cores, kind: SHARED_DONE | token << 8 });
        }
    }

    /// A shared processor's completion fires.
    pub(crate) fn shared_done(&mut self, cores: u32, token: u32) -> Next {
        if self.cores[cores as usize].token != token {
            return Next::Idle;
        }
        let done = self.cores[cores as usize].fire(self.now);
        self.schedule_shared(cores);
        done.map_or(Next::Idle, |id| self.served(id))
    }

    /// After the own time: failure, look-up, hand-over to the consumers.
    pub(crate) fn decide(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = self.program.plans[visit.plan as usize];
        let station = plan.station as usize;
        if plan.flags & TRACED != 0 {
            self.trace_worked(id);
        }
        let failed = plan.flags & FAILS != 0 && self.choice_rng[station].coin(plan.failure_ratio);
        if plan.flags & (HOLDS | LEAF) == 0 {
            self.release(visit.group);
        }
        if failed {
            self.stations[station].failed += 1;
            self.visits[id].flags |= FAILED;
            return Next::Finish(id);
        }
        if plan.flags & LOOKS_UP != 0 {
            return self.look_up(id);
        }
        if plan.flags & BROKER != 0 {
            self.publish(visit.plan);
        }
        if plan.flags & LEAF != 0 { Next::Finish(id) } else { Next::Advance(id) }
    }

    /// Ends of visits that are more than a slot: messages, side branches, fetches others wait for. `None` lets the visit end
    /// as usual, without a slot to give back.
    pub(crate) fn finish_special(&mut self, id: u32) -> Option<Next> {
        self.trace_end(id);
        let visit = self.visits[id];
        let flags = self.program.plans[visit.plan as usize].flags;
        if visit.flags & LEADS != 0 {
            self.end_fetch(id, visit.flags & FAILED == 0);
        }
        if flags & CONSUMES != 0 {
            return Some(self.consumed(id));
        }
        if visit.flags & MISSED != 0 {
            self.missed_key = visit.key;
        }
        if flags & INSTANCE != 0 {
            let station = self.program.plans[visit.plan as usize].station as usize;
            if let Some(instances) = &mut self.instances[station] {
                instances.rest(self.now);
            }
        }
        if flags & SIDE == 0 {
            if flags & LINGERS != 0 {
                self.groups[visit.group as usize].depart(self.now);
            }
            if flags & (HOLDS | LEAF) != 0 {
                self.release(visit.group);
            }
        }
        None
    }

    /// Operations beyond calls and coins. `None` goes on at the visit's operation.
    pub(crate) fn rarer_operation(&mut self, id: u32, operation: Operation) -> Option<Next> {
        match operation {
            Operation::Fork(first, count) => Some(self.fork(id, first, count)),
            Operation::Spawn(branch) => {
                let branch = self.program.branches[branch as usize];
                if self.taken(id, &branch) {
                    let step = self.start_branch(id, branch.target, false);
                    if step != Next::Idle {
                        self.ready.push(step);
                    }
                }
                None
            }
            Operation::Choose(first, count) => {
                let plan = self.visits[id].plan;
                let station = self.program.plans[plan as usize].station as usize;
                let u = self.choice_rng[station].uniform();
                let all = &self.program.branches[first as usize..(first + count) as usize];
                let target = all.iter().find(|b| u < b.probability).or(all.last())?.target;
                self.visits[id].pending = 1;
                Some(self.start_branch(id, target, true))
            }
            Operation::UnlessChildMissed { station, target } => {
                if self.visits[id].flags & CHILD_MISSED == 0 {
                    self.visits[id].operation = target;
                    return None;
                }
                self.begin_fetch(id, station as usize, target)
            }
            Operation::Fetched => {
                self.fetched(id);
                None
            }
            _ => None,
        }
    }

    /// Whether a branch is taken this time.
    fn taken(&mut self, id: u32, branch: &Branch) -> bool {
        let visit = self.visits[id];
        if !holds(branch.condition, visit.flags) {
            return false;
        }
        let station = self.program.plans[visit.plan as usize].station as usize;
        branch.probability >= 1.0 || self.choice_rng[station].coin(branch.probability)
    }

    /// Starts branches at once; the visit waits for all of them.
    fn fork(&mut self, id: u32, first: u32, count: u32) -> Next {
        // One more pending than branches, so that branches that end at once cannot end the wait early.
        self.visits[id].pending = 1;
        for at in first..first + count {
            let branch = self.program.branches[at as usize];
            if self.taken(id, &branch) {
                self.visits[id].pending += 1;
                let step = self.start_branch(id, branch.target, true);
                if step != Next::Idle {
                    self.ready.push(step);
                }
            }
        }
        let visit = &mut self.visits[id];
        visit.pending -= 1;
        match (visit.pending, visit.flags & FAILED) {
            (0, 0) => Next::Advance(id),
            (0, _) => Next::Finish(id),
            _ => Next::Idle,
        }
    }

    /// Starts one branch of a visit, which waits for it or not.
    fn start_branch(&mut self, id: u32, target: Target, waits: bool) -> Next {
        let parent = if waits { id } else { NONE };
        match target {
            Target::Site(site) if self.program.sites[site as usize].policy == NONE => {
                self.send(site as usize, parent, 0)
            }
            Target::Site(site) => {
                let group = self.visits[id].group;
                self.start_call_from(site, parent, group)
            }
            Target::Side(plan) => {
                let group = self.visits[id].group;
                let side = self.visits.insert(Visit {
                    start: self.now,
                    parent,
                    parent_token: 0,
                    next: NONE,
                    group,
                    key: 0,
                    plan,
                    operation: self.program.plans[plan as usize].first,
                    pending: 0,
                    flags: BRANCH,
                    attempts: 0,
                    fetch: 0,
                    guest: NONE,
                });
                Next::Advance(side)
            }
        }
    }

    /// The group of the callee that one visit goes to, and the flag of a write.
    pub(crate) fn choose_group(&mut self, site: &Site) -> (u32, u16) {
        let layout = &self.layout[site.station as usize];
        let (first, groups) = (layout.first, layout.groups);
        let rng = &mut self.choice_rng[site.station as usize];
        let local = match site.route {
            Route::Pooled => {
                let writes = rng.coin(site.write_ratio);
                return (first, if writes { WRITES } else { 0 });
            }
            Route::Node => {
                let writes = site.write_ratio > 0.0 && rng.coin(site.write_ratio);
                let node = &self.nodes[site.station as usize];
                let node = node.pick(writes, rng);
                let node = self.living(site.station as usize, node);
                return (first + node, if writes { WRITES } else { 0 });
            }
            Route::RoundRobin => {
                let up = &self.members[site.station as usize];
                let cursor = &mut self.cursors[site.call as usize];
                *cursor = if *cursor as usize + 1 >= up.len() { 0 } else { *cursor + 1 };
                member(up, *cursor)
            }
            Route::Random => {
                let up = &self.members[site.station as usize];
                member(up, rng.below(up.len().max(1) as u32))
            }
            Route::Least => {
                let start = rng.below(groups);
                self.least(first, groups, start)
            }
            Route::PowerOfTwo => {
                let all = &self.members[site.station as usize];
                let up = all.len() as u32;
                let a = rng.below(up.max(1));
                let b = if up > 1 { (a + 1 + rng.below(up - 1)) % up } else { a };
                let (a, b) = (member(all, a), member(all, b));
                let load = |g: u32| self.groups[(first + g) as usize].load();
                if load(b) < load(a) { b } else { a }
            }
            Route::Skewed(skew) => {
                let all = &self.members[site.station as usize];
                let up = all.len() as u32;
                member(all, if up <= 1 || rng.coin(skew) { 0 } else { 1 + rng.below(up - 1) })
            }
            Route::Weighted(at, len) => {
                let u = rng.uniform();
                let weights = &self.program.weights[at as usize..(at + len) as usize];
                let n = weights.iter().position(|&w| u < w).unwrap_or(0) as u32;
                let all = &self.members[site.station as usize];
                // What a replica that is away would get goes to the others alike.
                if all.binary_search(&n).is_ok() { n } else { member(all, rng.below(all.len().max(1) as u32)) }
            }
        };
        (first + local, 0)
    }

    /// The node itself, or where it is lost another one of its shard (a promoted replica, or one that takes its reads).
    fn living(&self, station: usize, node: u32) -> u32 {
        let first = self.layout[station].first;
        let up = |n: u32| self.groups[(first + n) as usize].up;
        if up(node) {
            return node;
        }
        self.nodes[station].shard_of(node).find(|&n| up(n)).unwrap_or(node)
    }

    /// The least loaded group that takes visits, the search beginning anywhere so that ties spread.
    fn least(&self, first: u32, groups: u32, start: u32) -> u32 {
        let mut best = (u32::MAX, 0);
        for i in 0..groups {
            let g = (start + i) % groups;
            let group = &self.groups[(first + g) as usize];
            if group.up && group.load() < best.0 {
                best = (group.load(), g);
            }
        }
        best.1
    }
}

/// One of the groups that take visits; the first of all where none does.
fn member(up: &[u32], n: u32) -> u32 {
    up.get(n as usize).or(up.first()).copied().unwrap_or(0)
}
