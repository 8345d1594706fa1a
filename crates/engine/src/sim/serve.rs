//! A visit in its slot: its own time begins and ends, the slot goes back, guests are served in passing.

use super::calendar::Event;
use super::flow::{Core, GUEST_SERVED, Next, SERVED};
use super::program::*;
use super::visit::*;

impl Core {
    /// A visit that holds its slot begins its own time.
    #[inline(always)]
    pub(crate) fn begin(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let station = plan.station as usize;
        let mut own = plan.own.sample(&mut self.service_rng[station], &self.ziggurat, &self.program.points);
        let plan_flags = plan.flags;
        if plan_flags & (SHARES | PACED | ADMITS | TRACED | YIELDS) != 0 {
            own = self.stretched(id, own);
            if plan_flags & SHARES != 0 {
                return self.share(id, own);
            }
            if plan_flags & YIELDS != 0 && own > 0.0 {
                return self.work(id, own);
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
    pub(crate) fn own_time_over(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let flags = self.program.plans[visit.plan as usize].flags;
        if flags & (LOOKS_UP | BROKER | FAILS | TRACED) == 0 {
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
    #[inline(never)]
    pub(crate) fn begin_from_line(&mut self, id: u32, group: u32) {
        let visit = &mut self.visits[id];
        let plan = visit.guest;
        if plan != NONE {
            visit.guest = NONE;
            if self.begin_guest(id, plan, group) {
                self.ready.push(Next::GuestOver(id));
            }
            return;
        }
        let step = match self.take_left(id) {
            Some(left) => self.work(id, left),
            None => self.begin(id),
        };
        if step != Next::Idle {
            self.ready.push(step);
        }
    }

    /// A guest that holds a slot begins its own time there. True when that took no time and the slot must go back.
    #[inline(always)]
    pub(crate) fn begin_guest(&mut self, id: u32, plan: u32, group: u32) -> bool {
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
    pub(crate) fn guest_over(&mut self, id: u32) -> Next {
        if let Operation::Guest { group, .. } = self.program.operations[self.visits[id].operation as usize - 1] {
            self.release(group);
        }
        Next::Advance(id)
    }

    /// A guest's own time ends.
    #[inline(always)]
    pub(crate) fn guest_served(&mut self, id: u32, group: u32) -> Next {
        let next = self.groups[group as usize].release(self.now, &self.visits);
        if next != NONE {
            // In a leaf's line mostly guests stand: the shorter way for them.
            let plan = self.visits[next].guest;
            if plan == NONE {
                self.begin_from_line(next, group);
            } else {
                self.visits[next].guest = NONE;
                if self.begin_guest(next, plan, group) {
                    self.ready.push(Next::GuestOver(next));
                }
            }
        }
        self.advance(id)
    }
}
