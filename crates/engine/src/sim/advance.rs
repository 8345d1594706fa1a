//! What a visit does after its own time: its operations one by one, and its end, which its caller is told.

use super::flow::{Core, Next};
use super::program::*;
use super::visit::*;

impl Core {
    /// A visit is over: its slot goes back and whoever waits for it is told.
    #[inline(always)]
    pub(crate) fn finish(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let (flags, class) = (plan.flags, usize::from(plan.class));
        if flags & (SIDE | CONSUMES | INSTANCE | LOOKS_UP | TRACED) != 0 || visit.flags & LEADS != 0 {
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
                self.respond(&visit, class);
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
    pub(crate) fn respond(&mut self, visit: &Visit, class: usize) {
        let tally = &mut self.classes[class];
        if visit.flags & FAILED != 0 {
            tally.failed += 1;
        } else {
            let response = self.now - visit.start;
            tally.responses.add(response);
            tally.good += u64::from(response <= tally.good_limit);
        }
        if visit.flags & CLOSED != 0 {
            if visit.flags & FAILED != 0 {
                self.think_again(class, visit.start);
            } else {
                self.think(class);
            }
        }
    }

    /// A visit goes on with its operations.
    #[inline(always)]
    pub(crate) fn advance(&mut self, id: u32) -> Next {
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
                    self.visits[id].guest = plan;
                    self.line_up(id, group);
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
                Operation::Return => return self.finish(id),
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
