//! The heart: visits move through stations. One function per thing that can happen to a visit; each says what happens next,
//! and [`Core::run`] follows, so that no chain of instant calls can grow the stack. Nor can one stop the clock for good: what goes
//! on for long at one instant is played in parts, which count as events, and ends the replication in the end.

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
use super::trace::Traces;
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
/// A replica bought as spot capacity is interrupted.
pub(crate) const INTERRUPTS: u32 = 12;
/// Its successor has booted.
pub(crate) const REPLACED: u32 = 13;

/// An own time ends in a slot that may be taken away; nothing where it was.
pub(crate) const WORKED: u32 = 14;

/// Steps at one instant that are played before whoever plays the simulation is asked again.
const PART: u32 = 1 << 17;
/// Steps at one instant after which time is taken to stand still: ten million, and ten for each visit there is.
const MOST_AT_ONCE: u64 = 10_000_000;
/// Visits that take no time and are followed inside one step.
const MOST_INSIDE: u32 = 100;

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
    /// Whether steps are left at this instant that nobody played yet, and how many were; whether they are without end.
    pub unfinished: bool,
    pub at_once: u64,
    pub stuck: bool,
    /// Visits that take no time and are being followed inside one another, and how many were inside this step.
    pub deep: u32,
    pub inside: u32,
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
    /// Interruptions per replica and second, and seconds until the successor serves, by station.
    pub interruptions: Vec<(f64, f64)>,
    pub disturbances: Vec<crate::model::Event>,
    /// Whether each of them has begun and not ended.
    pub in_force: Vec<bool>,
    /// Most visits, calls and users of closed classes at a time, and whether more users would have come.
    pub most: usize,
    pub crowded: bool,
    /// Zone of each station.
    pub zones: Vec<Option<usize>>,
    /// Partitions that are in force, by station.
    pub cuts: Vec<u32>,
    /// Database nodes by station.
    pub nodes: Vec<Nodes>,
    /// Groups that take visits, by station, counted from its first one, ascending.
    pub members: Vec<Vec<u32>>,
    /// Requests that are followed, if any are.
    pub traces: Option<Traces>,
    /// Level of each class, 0 the highest priority.
    pub levels: Vec<u32>,
    /// By visit: seconds of own time left of one that lost its slot, negative for all others; as long as it was needed.
    pub left: Vec<f64>,
    /// Key of the last visit that ended with a miss.
    pub missed_key: u32,
}

impl Core {
    /// Follows what happens until nothing more happens at this instant.
    #[inline(always)]
    pub(crate) fn run(&mut self, first: Next) {
        if first != Next::Idle || !self.ready.is_empty() {
            self.run_on(first);
        }
    }

    /// The same where something does happen.
    #[inline(never)]
    fn run_on(&mut self, first: Next) {
        let mut next = first;
        let mut left = PART;
        while left > 0 {
            self.inside = 0;
            next = match next {
                Next::Advance(id) => self.advance(id),
                Next::Finish(id) => self.finish(id),
                Next::GuestOver(id) => self.guest_over(id),
                Next::Idle => match self.ready.pop() {
                    Some(step) => step,
                    None => return,
                },
            };
            left = left.saturating_sub(1 + self.inside);
        }
        self.ready.push(next);
        self.unfinished = true;
    }

    /// Goes on at an instant at which steps are left; gives how many were played at most.
    #[cold]
    pub(crate) fn go_on(&mut self) -> u64 {
        self.at_once += u64::from(PART);
        self.stuck = self.at_once > MOST_AT_ONCE + 10 * self.visits.peak() as u64;
        self.unfinished = false;
        self.run(Next::Idle);
        if !self.unfinished {
            self.at_once = 0;
        }
        u64::from(PART)
    }

    /// A visit that takes no time goes on with its operations: at once, or when its turn comes where many such follow one another.
    #[inline(always)]
    fn go_through(&mut self, id: u32) -> Next {
        if self.deep == 0 {
            self.inside = 0;
        }
        if self.inside >= MOST_INSIDE {
            return Next::Advance(id);
        }
        self.deep += 1;
        self.inside += 1;
        let next = self.advance(id);
        self.deep -= 1;
        next
    }

    /// A request of a class enters the system.
    #[inline(always)]
    pub(crate) fn request(&mut self, class: usize, closed: bool) -> Next {
        let tally = &mut self.classes[class];
        tally.offered += 1;
        let follow = tally.offered == tally.follow_at;
        let site = if follow { self.followed(class) } else { self.program.entries[class] };
        let flags = if closed { ROOT | CLOSED } else { ROOT };
        let (group, writes) = self.choose(&site);
        let plan = &self.program.plans[site.plan as usize];
        let (does, operation) = (plan.flags, plan.first);
        let id = self.visits.insert(Visit {
            start: self.now,
            parent: NONE,
            parent_token: 0,
            next: NONE,
            group,
            key: 0,
            plan: site.plan,
            operation,
            pending: 0,
            flags: flags | writes,
            attempts: 0,
            fetch: 0,
            guest: NONE,
        });
        self.arrive(id, group, usize::from(site.station), does)
    }

    /// The entry of a request that is followed; the next one is chosen.
    #[cold]
    fn followed(&mut self, class: usize) -> Site {
        let tally = &mut self.classes[class];
        tally.follow_at += tally.follow_gap;
        self.program.traced_entries[class]
    }

    /// A caller sends a visit to a site.
    #[inline(always)]
    pub(crate) fn send(&mut self, site: usize, parent: u32, parent_token: u32) -> Next {
        let site = self.program.sites[site];
        let (group, writes) = self.choose(&site);
        let plan = &self.program.plans[site.plan as usize];
        let (does, operation) = (plan.flags, plan.first);
        let id = self.visits.insert(Visit {
            start: self.now,
            parent,
            parent_token,
            next: NONE,
            group,
            key: 0,
            plan: site.plan,
            operation,
            pending: 0,
            flags: writes,
            attempts: 0,
            fetch: 0,
            guest: NONE,
        });
        if site.kilobytes > 0.0 {
            self.stations[usize::from(site.station)].kilobytes += site.kilobytes;
        }
        if site.network > 0.0 {
            self.calendar.push(Event { time: self.now + site.network, subject: id, kind: ARRIVES });
            return Next::Idle;
        }
        self.arrive(id, group, usize::from(site.station), does)
    }

    /// The callee's group for one visit, and the flag of a write.
    #[inline(always)]
    fn choose(&mut self, site: &Site) -> (u32, u16) {
        if site.route == Route::Pooled && site.write_ratio == 0.0 {
            return (site.group, 0);
        }
        self.choose_group(site)
    }

    /// A visit reaches its station over the network.
    pub(crate) fn enter(&mut self, id: u32) -> Next {
        let visit = &self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        self.arrive(id, visit.group, usize::from(plan.station), plan.flags)
    }

    /// A visit reaches a group of its station, to do what its plan's flags say.
    #[inline(always)]
    fn arrive(&mut self, id: u32, at: u32, station: usize, does: u16) -> Next {
        let group = &mut self.groups[at as usize];
        group.arrived += 1;
        if does & LINGERS != 0 {
            group.linger(self.now);
        }
        if (does & (ADMITS | TRACED) != 0 || !group.up || self.cut[station]) && !self.admit(id) {
            return self.refuse(id);
        }
        let group = &mut self.groups[at as usize];
        if group.try_hold(self.now) {
            return if does & INSTANT != 0 { self.go_through(id) } else { self.begin(id) };
        }
        if group.waiting >= group.queue_limit {
            return self.refuse(id);
        }
        if does & YIELDS != 0
            && let Some(next) = self.take_slot(id, at)
        {
            return next;
        }
        self.line_up(id, at);
        Next::Idle
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
