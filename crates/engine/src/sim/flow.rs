//! The heart: visits move through stations. One function per thing that can happen to a visit; each says what happens next,
//! and [`Core::run`] follows, so that no chain of instant calls can grow the stack.

use super::arrivals::Source;
use super::autoscaler::Autoscaler;
use super::cache::CacheState;
use super::calendar::{Calendar, Event};
use super::call::{Calls, Guard, PolicyState};
use super::cores::Cores;
use super::fleet::{Fleet, Scale};
use super::function::Instances;
use super::group::Group;
use super::layout::{Layout, StationLayout};
use super::limiter::Limiter;
use super::node::Nodes;
use super::pool::Pool;
use super::program::*;
use super::rng::Rng;
use super::sampler::Ziggurat;
use super::tally::{ClassTally, StationTally};
use super::visit::*;

/// A visit's own time ends.
pub(crate) const SERVED: u32 = 0;
/// A guest's own time ends; the group is in the token.
pub(crate) const GUEST_SERVED: u32 = 10;
/// A visit arrives over the network.
pub(crate) const ARRIVES: u32 = 1;
/// A shared processor finishes a visit.
pub(crate) const SHARED_DONE: u32 = 2;
/// A call's backoff is over.
pub(crate) const RETRIES: u32 = 3;
/// The oldest timer of a policy is due.
pub(crate) const TIMES_OUT: u32 = 4;
/// A thinking user of a class asks again.
pub(crate) const THOUGHT: u32 = 5;
/// A message may be consumed.
pub(crate) const MATURES: u32 = 6;
/// A disturbance begins or ends.
pub(crate) const DISTURBS: u32 = 7;
/// An autoscaler decides.
pub(crate) const SCALES: u32 = 8;
/// A replica becomes ready.
pub(crate) const BOOTED: u32 = 9;
/// A closed class follows its profile.
pub(crate) const POPULATES: u32 = 11;

/// What happens to a visit next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing now: it waits for an event or for others.
    Idle,
    /// It goes on with its operations.
    Advance(u32),
    /// It is over.
    Finish(u32),
    /// Its time as a guest took no time.
    GuestOver(u32),
}

/// Everything that moves.
#[derive(Debug)]
pub(crate) struct Core {
    pub now: f64,
    pub calendar: Calendar,
    pub visits: Visits,
    pub groups: Vec<Group>,
    pub cores: Vec<Cores>,
    pub program: Program,
    pub layout: Vec<StationLayout>,
    pub ziggurat: Box<Ziggurat>,
    pub service_rng: Vec<Rng>,
    pub choice_rng: Vec<Rng>,
    pub key_rng: Vec<Rng>,
    pub jitter_rng: Rng,
    /// Steps that wait for the current one.
    pub ready: Vec<Next>,
    pub calls: Calls,
    pub pools: Vec<Pool>,
    pub policies: Vec<PolicyState>,
    pub guards: Vec<Guard>,
    /// Position of the round robin, by call.
    pub cursors: Vec<u32>,
    pub sources: Vec<Source>,
    pub classes: Vec<ClassTally>,
    pub stations: Vec<StationTally>,
    pub caches: Vec<Option<CacheState>>,
    pub limiters: Vec<Option<Limiter>>,
    pub instances: Vec<Option<Instances>>,
    pub messages: Vec<Option<super::queue::Broker>>,
    /// Factor on own times by station.
    pub pace: Vec<f64>,
    /// Whether calls to the station fail.
    pub cut: Vec<bool>,
    /// Connections of each pool per replica.
    pub pool_sizes: Vec<Option<u32>>,
    pub fleets: Vec<Fleet>,
    pub scales: Vec<Scale>,
    pub autoscalers: Vec<Option<Autoscaler>>,
    pub disturbances: Vec<crate::model::Event>,
    /// Zone of each station.
    pub zones: Vec<Option<usize>>,
    /// Partitions that are in force, by station.
    pub cuts: Vec<u32>,
    /// Database nodes by station.
    pub nodes: Vec<Nodes>,
    /// Groups that take visits, by station: always the first ones.
    pub up: Vec<u32>,
    /// Key of the last visit that ended with a miss.
    pub missed_key: u32,
}

impl Core {
    /// Follows what happens until nothing more happens at this instant.
    #[inline(always)]
    pub(crate) fn run(&mut self, first: Next) {
        let mut next = first;
        loop {
            next = match next {
                Next::Advance(id) => self.advance(id),
                Next::Finish(id) => self.finish(id),
                Next::GuestOver(id) => self.guest_over(id),
                Next::Idle => match self.ready.pop() {
                    Some(step) => step,
                    None => return,
                },
            };
        }
    }

    /// A request of a class enters the system.
    #[inline(always)]
    pub(crate) fn request(&mut self, class: usize, closed: bool) -> Next {
        self.classes[class].offered += 1;
        let site = self.program.entries[class];
        let flags = if closed { ROOT | CLOSED } else { ROOT };
        let (group, writes) = self.choose(&site);
        let id = self.visits.insert(Visit {
            start: self.now,
            parent: NONE,
            parent_token: 0,
            next: NONE,
            group,
            key: 0,
            plan: site.plan,
            operation: self.program.plans[site.plan as usize].first,
            pending: 0,
            flags: flags | writes,
            attempts: 0,
            fetch: 0,
        });
        self.enter(id)
    }

    /// A caller sends a visit to a site.
    #[inline(always)]
    pub(crate) fn send(&mut self, site: usize, parent: u32, parent_token: u32) -> Next {
        let site = self.program.sites[site];
        let (group, writes) = self.choose(&site);
        let id = self.visits.insert(Visit {
            start: self.now,
            parent,
            parent_token,
            next: NONE,
            group,
            key: 0,
            plan: site.plan,
            operation: self.program.plans[site.plan as usize].first,
            pending: 0,
            flags: writes,
            attempts: 0,
            fetch: 0,
        });
        if site.network > 0.0 {
            self.calendar.push(Event { time: self.now + site.network, subject: id, kind: ARRIVES });
            return Next::Idle;
        }
        self.enter(id)
    }

    /// The callee's group for one visit, and the flag of a write.
    #[inline(always)]
    fn choose(&mut self, site: &Site) -> (u32, u16) {
        if site.route == Route::Pooled && site.write_ratio == 0.0 {
            return (self.layout[site.station as usize].first, 0);
        }
        self.choose_group(site)
    }

    /// A visit reaches its station.
    #[inline(always)]
    pub(crate) fn enter(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let group = &mut self.groups[visit.group as usize];
        group.arrived += 1;
        if plan.flags & LINGERS != 0 {
            group.linger(self.now);
        }
        if (plan.flags & ADMITS != 0 || !group.up || self.cut[plan.station as usize]) && !self.admit(id) {
            return self.refuse(id);
        }
        let group = &mut self.groups[visit.group as usize];
        if group.try_hold(self.now) {
            return self.begin(id);
        }
        if group.waiting >= group.queue_limit {
            return self.refuse(id);
        }
        group.join(self.now, id, &mut self.visits);
        Next::Idle
    }

    /// A visit that holds its slot begins its own time.
    #[inline(always)]
    pub(crate) fn begin(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let station = plan.station as usize;
        let mut own = plan.own.sample(&mut self.service_rng[station], &self.ziggurat, &self.program.points);
        let plan_flags = plan.flags;
        if plan_flags & (SHARES | PACED | ADMITS) != 0 {
            own = self.stretched(id, own);
            if plan_flags & SHARES != 0 {
                return self.share(id, own);
            }
        }
        if own > 0.0 {
            if plan_flags & BARE == 0 {
                self.groups[visit.group as usize].begin_work(self.now);
            }
            self.calendar.push(Event { time: self.now + own, subject: id, kind: SERVED });
            return Next::Idle;
        }
        self.own_time_over(id)
    }

    /// An own time that passed in the slot ends.
    #[inline(always)]
    pub(crate) fn served(&mut self, id: u32) -> Next {
        let visit = &self.visits[id];
        if self.program.plans[visit.plan as usize].flags & BARE == 0 {
            self.groups[visit.group as usize].end_work(self.now);
        }
        self.own_time_over(id)
    }

    /// The own time is over: slots that are not held over calls go back, look-ups and failures are decided.
    #[inline(always)]
    fn own_time_over(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let flags = self.program.plans[visit.plan as usize].flags;
        if flags & (LOOKS_UP | BROKER | FAILS) == 0 {
            if flags & LEAF != 0 {
                return Next::Finish(id);
            }
            if flags & HOLDS == 0 {
                self.release(visit.group);
            }
            return Next::Advance(id);
        }
        self.decide(id)
    }

    /// Gives a slot back; the first in line begins.
    #[inline(always)]
    pub(crate) fn release(&mut self, group: u32) {
        let next = self.groups[group as usize].release(self.now, &self.visits);
        if next != NONE {
            self.begin_from_line(next, group);
        }
    }

    /// A visit that waited in line begins.
    #[inline(always)]
    pub(crate) fn begin_from_line(&mut self, id: u32, group: u32) {
        let visit = &mut self.visits[id];
        if visit.flags & GUEST != 0 {
            visit.flags &= !GUEST;
            if let Operation::Guest { plan, .. } = self.program.operations[visit.operation as usize - 1]
                && self.begin_guest(id, plan, group)
            {
                self.ready.push(Next::GuestOver(id));
            }
            return;
        }
        let step = self.begin(id);
        if step != Next::Idle {
            self.ready.push(step);
        }
    }

    /// A guest that holds a slot begins its own time there. True when that took no time and the slot must go back.
    #[inline(always)]
    fn begin_guest(&mut self, id: u32, plan: u32, group: u32) -> bool {
        let plan = &self.program.plans[plan as usize];
        let rng = &mut self.service_rng[plan.station as usize];
        let own = plan.own.sample(rng, &self.ziggurat, &self.program.points);
        if own > 0.0 {
            self.calendar.push(Event { time: self.now + own, subject: id, kind: GUEST_SERVED | group << 8 });
            return false;
        }
        true
    }

    /// A guest whose own time was nothing gives its slot back and goes on.
    #[cold]
    fn guest_over(&mut self, id: u32) -> Next {
        if let Operation::Guest { group, .. } = self.program.operations[self.visits[id].operation as usize - 1] {
            self.release(group);
        }
        Next::Advance(id)
    }

    /// A guest's own time ends.
    #[inline(always)]
    pub(crate) fn guest_served(&mut self, id: u32, group: u32) -> Next {
        self.release(group);
        Next::Advance(id)
    }

    /// A visit is over: its slot goes back and whoever waits for it is told.
    #[inline(always)]
    fn finish(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let flags = plan.flags;
        if flags & (SIDE | CONSUMES | INSTANCE | LOOKS_UP) != 0 || visit.flags & LEADS != 0 {
            if let Some(next) = self.finish_special(id) {
                return next;
            }
        } else {
            if flags & LINGERS != 0 {
                self.groups[visit.group as usize].depart(self.now);
            }
            if flags & (HOLDS | LEAF) != 0 {
                self.release(visit.group);
            }
        }
        self.visits.remove(id);
        if visit.parent == NONE {
            if visit.flags & ROOT != 0 {
                self.respond(&visit);
            }
            return Next::Idle;
        }
        self.answer(visit.parent, visit.parent_token, visit.flags)
    }

    /// A child answers its parent.
    #[inline(always)]
    pub(crate) fn answer(&mut self, parent: u32, token: u32, child: u16) -> Next {
        if parent & CALL != 0 {
            return self.answer_call(parent & !CALL, token, child);
        }
        let waiting = &mut self.visits[parent];
        waiting.pending -= 1;
        waiting.flags = (waiting.flags & !CHILD_MISSED) | (child & FAILED);
        if child & MISSED != 0 {
            waiting.flags |= CHILD_MISSED;
        }
        if waiting.pending > 0 {
            return Next::Idle;
        }
        if waiting.flags & FAILED != 0 { Next::Finish(parent) } else { Next::Advance(parent) }
    }

    /// A request leaves the system.
    #[inline(always)]
    pub(crate) fn respond(&mut self, visit: &Visit) {
        let class = self.program.plans[visit.plan as usize].class as usize;
        let tally = &mut self.classes[class];
        if visit.flags & FAILED != 0 {
            tally.failed += 1;
        } else {
            let response = self.now - visit.start;
            tally.responses.add(response);
            tally.good += u64::from(response <= tally.good_limit);
        }
        if visit.flags & CLOSED != 0 {
            self.think(class);
        }
    }

    /// A visit goes on with its operations.
    #[inline(always)]
    fn advance(&mut self, id: u32) -> Next {
        let mut at = self.visits[id].operation;
        loop {
            let operation = self.program.operations[at as usize];
            at += 1;
            match operation {
                Operation::Guest { plan, group } => {
                    self.visits[id].operation = at;
                    let place = &mut self.groups[group as usize];
                    place.arrived += 1;
                    if place.try_hold(self.now) {
                        let at_once = self.begin_guest(id, plan, group);
                        return if at_once { Next::GuestOver(id) } else { Next::Idle };
                    }
                    if place.waiting >= place.queue_limit {
                        let station = place.station as usize;
                        self.stations[station].refused += 1;
                        self.visits[id].flags |= FAILED;
                        return Next::Finish(id);
                    }
                    self.visits[id].flags |= GUEST;
                    place.join(self.now, id, &mut self.visits);
                    return Next::Idle;
                }
                Operation::Call(site) => {
                    let visit = &mut self.visits[id];
                    visit.operation = at;
                    visit.pending = 1;
                    if self.program.sites[site as usize].policy == NONE {
                        return self.send(site as usize, id, 0);
                    }
                    return self.start_call(site, id);
                }
                Operation::Return => return Next::Finish(id),
                Operation::Maybe(probability, target) => {
                    let plan = self.visits[id].plan;
                    let station = self.program.plans[plan as usize].station as usize;
                    if !self.choice_rng[station].coin(probability) {
                        at = target;
                    }
                }
                Operation::Unless(condition, target) => {
                    if !holds(condition, self.visits[id].flags) {
                        at = target;
                    }
                }
                _ => {
                    self.visits[id].operation = at;
                    match self.rarer_operation(id, operation) {
                        Some(next) => return next,
                        None => at = self.visits[id].operation,
                    }
                }
            }
        }
    }
}

/// Whether a condition on the own look-up holds.
#[inline(always)]
pub(crate) fn holds(condition: Condition, flags: u16) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Hit => flags & MISSED == 0,
        Condition::Miss => flags & MISSED != 0,
    }
}

impl Core {
    /// Replica-seconds of a station in service, and paid for, up to now.
    pub(crate) fn replica_seconds(&self, station: usize) -> (f64, f64) {
        self.fleets[station].seconds(self.now)
    }
}

/// Everything at rest at time zero.
pub(crate) fn groups_and_cores(layout: Layout) -> (Vec<StationLayout>, Vec<Group>, Vec<Cores>, Vec<Pool>) {
    let pools = layout.pool_sizes.iter().map(|&size| Pool::new(size)).collect();
    (layout.stations, layout.groups, layout.cores, pools)
}
