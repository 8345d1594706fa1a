//! Lines by priority and slots that are taken away (preemptive resume): who lost its slot goes to the front of its level and goes on
//! later with the time that was left. A completion foreseen for a slot that was taken away since fires and means nothing.

use super::calendar::Event;
use super::flow::{Core, Next, WORKED};
use super::program::BARE;

/// Stands for a visit that never lost its slot.
const NOTHING: f64 = -1.0;

impl Core {
    /// A visit joins the line of a group.
    #[inline(always)]
    pub(crate) fn line_up(&mut self, id: u32, group: u32) {
        let place = &mut self.groups[group as usize];
        if place.lanes.is_none() {
            place.join(self.now, id, &mut self.visits);
        } else {
            self.line_up_by_level(id, group, false);
        }
    }

    #[cold]
    #[inline(never)]
    fn line_up_by_level(&mut self, id: u32, group: u32, first: bool) {
        let level = self.level(id) as usize;
        self.groups[group as usize].join_lane(self.now, id, level, first, &mut self.visits);
    }

    /// The level of a visit's class; also of a guest, whose plan is its caller's.
    fn level(&self, id: u32) -> u32 {
        let plan = &self.program.plans[self.visits[id].plan as usize];
        self.levels[usize::from(plan.class)]
    }

    /// An arrival takes the slot of somebody of lower priority, if there is one. Slots beyond the capacity (replicas that left) only finish
    /// what they have: of those that are taken away there are never more than the group still has.
    #[cold]
    #[inline(never)]
    pub(crate) fn take_slot(&mut self, id: u32, at: u32) -> Option<Next> {
        let level = self.level(id);
        let capacity = self.groups[at as usize].capacity as usize;
        let lanes = self.groups[at as usize].lanes.as_mut()?;
        if lanes.unyielding(level) >= capacity {
            return None;
        }
        let (visit, _, ends) = lanes.yielding(level)?;
        if self.left.len() <= visit as usize {
            self.left.resize(self.visits.peak(), NOTHING);
        }
        self.left[visit as usize] = (ends - self.now).max(0.0);
        if self.program.plans[self.visits[visit].plan as usize].flags & BARE == 0 {
            self.groups[at as usize].end_work(self.now);
        }
        self.line_up_by_level(visit, at, true);
        Some(self.begin(id))
    }

    /// The own time that a visit has left, if it lost its slot; it is asked for once.
    #[inline(always)]
    pub(crate) fn take_left(&mut self, id: u32) -> Option<f64> {
        let left = self.left.get_mut(id as usize)?;
        let found = core::mem::replace(left, NOTHING);
        (found >= 0.0).then_some(found)
    }

    /// Own time in a slot that may be taken away, for so many seconds.
    pub(crate) fn work(&mut self, id: u32, seconds: f64) -> Next {
        let (level, visit) = (self.level(id), self.visits[id]);
        let ends = self.now + seconds;
        let group = &mut self.groups[visit.group as usize];
        if self.program.plans[visit.plan as usize].flags & BARE == 0 {
            group.begin_work(self.now);
        }
        if let Some(lanes) = &mut group.lanes {
            lanes.work(id, level, ends);
        }
        self.calendar.push(Event { time: ends, subject: id, kind: WORKED });
        Next::Idle
    }

    /// An own time ends in a slot that may be taken away, unless it was.
    pub(crate) fn worked(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let group = &mut self.groups[visit.group as usize];
        if !group.lanes.as_mut().is_some_and(|lanes| lanes.done(id, self.now)) {
            return Next::Idle;
        }
        if self.program.plans[visit.plan as usize].flags & BARE == 0 {
            group.end_work(self.now);
        }
        self.own_time_over(id)
    }
}
