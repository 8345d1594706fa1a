//! A server group: slots with one first-come-first-served line. A pooled deployment is one group, a balanced one has a group
//! per replica, a database one per node.
//!
//! Time averages are exact and cost two additions a visit: `held` sums the end times of all holds minus their start times, so
//! that the area under "slots held" up to any instant t is `held + busy t` (likewise for the rest).

use super::lanes::Lanes;
use super::visit::{NONE, Visits};

/// Slots and their line.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Slots taken.
    pub busy: u32,
    /// Slots; `u32::MAX` is unlimited.
    pub capacity: u32,
    /// Visits in line.
    pub waiting: u32,
    /// Longest line; refused beyond.
    pub queue_limit: u32,
    head: u32,
    tail: u32,
    /// Visits in their own time.
    pub working: u32,
    /// Visits present where that is longer than in line and in a slot.
    pub present: u32,
    /// Whether slots are held for own time only.
    pub leaf: bool,
    /// Whether presence ends with the slot.
    pub brief: bool,
    /// Area of the line (see the module).
    waiting_area: f64,
    /// Area of slots held.
    held_area: f64,
    /// Area of visits in their own time.
    working_area: f64,
    /// Area of visits present.
    present_area: f64,
    /// Area of slots that there were, up to the last change of them, and its instant.
    room_area: f64,
    room_since: f64,
    /// Visits that arrived, refused ones included.
    pub arrived: u64,
    /// Processor shared by the visits in their own time; [`NONE`] when own time passes in the slot.
    pub cores: u32,
    /// Station of the group.
    pub station: u16,
    /// Whether the group takes visits.
    pub up: bool,
    /// The line by priority; none where it is first come first served.
    pub lanes: Option<Box<Lanes>>,
}

/// Areas of a group up to an instant, in visit-seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Areas {
    /// In line.
    pub waiting: f64,
    /// Holding a slot.
    pub held: f64,
    /// In own time.
    pub working: f64,
    /// Present.
    pub present: f64,
    /// Slots that there were.
    pub room: f64,
}

impl Group {
    /// An empty group.
    pub(crate) fn new(station: u16, capacity: u32, queue_limit: u32, cores: u32) -> Self {
        Self {
            busy: 0,
            capacity,
            waiting: 0,
            queue_limit,
            head: NONE,
            tail: NONE,
            working: 0,
            present: 0,
            leaf: false,
            brief: true,
            waiting_area: 0.0,
            held_area: 0.0,
            working_area: 0.0,
            present_area: 0.0,
            room_area: 0.0,
            room_since: 0.0,
            arrived: 0,
            cores,
            station,
            up: true,
            lanes: None,
        }
    }

    /// Requests waiting or in a slot.
    #[inline(always)]
    pub(crate) fn load(&self) -> u32 {
        self.busy + self.waiting
    }

    /// Takes a slot if one is free.
    #[inline(always)]
    pub(crate) fn try_hold(&mut self, now: f64) -> bool {
        let free = self.busy < self.capacity;
        if free {
            self.busy += 1;
            self.held_area -= now;
        }
        free
    }

    /// Joins the line.
    #[inline(always)]
    pub(crate) fn join(&mut self, now: f64, id: u32, visits: &mut Visits) {
        visits[id].next = NONE;
        if self.head == NONE {
            self.head = id;
        } else {
            visits[self.tail].next = id;
        }
        self.tail = id;
        self.waiting += 1;
        self.waiting_area -= now;
    }

    /// Joins the line by priority: last of its level, or first of it. Only where there are lanes.
    pub(crate) fn join_lane(&mut self, now: f64, id: u32, level: usize, first: bool, visits: &mut Visits) {
        if let Some(lanes) = &mut self.lanes {
            lanes.insert(id, level, first, &mut self.head, visits);
            self.waiting += 1;
            self.waiting_area -= now;
        }
    }

    /// Takes the first of the line out of it.
    #[inline(always)]
    pub(crate) fn leave_line(&mut self, now: f64, visits: &Visits) -> u32 {
        let id = self.head;
        if id != NONE {
            self.head = visits[id].next;
            self.waiting -= 1;
            self.waiting_area += now;
            if let Some(lanes) = &mut self.lanes {
                lanes.left(id);
            }
        }
        id
    }

    /// Gives a slot back and hands it to the first in line, who is returned ([`NONE`] when nobody waits or the group shrank).
    #[inline(always)]
    pub(crate) fn release(&mut self, now: f64, visits: &Visits) -> u32 {
        if self.head != NONE && self.busy <= self.capacity {
            // The slot goes on being held: its area needs no change.
            return self.leave_line(now, visits);
        }
        self.busy -= 1;
        self.held_area += now;
        NONE
    }

    /// Visits in line, first come first.
    pub(crate) fn line<'a>(&self, visits: &'a Visits) -> impl Iterator<Item = u32> + 'a {
        let first = self.head;
        core::iter::successors((first != NONE).then_some(first), |&id| {
            let next = visits[id].next;
            (next != NONE).then_some(next)
        })
    }

    /// The line is no more; its visits are the caller's to end.
    pub(crate) fn forget_line(&mut self, now: f64) {
        self.waiting_area += now * f64::from(self.waiting);
        (self.head, self.tail, self.waiting) = (NONE, NONE, 0);
        if let Some(lanes) = &mut self.lanes {
            lanes.forget_line();
        }
    }

    /// A slot is given back whose visit is lost; nobody takes it over.
    pub(crate) fn drop_slot(&mut self, now: f64) {
        self.busy -= 1;
        self.held_area += now;
    }

    /// A visit is here that will stay beyond its slot.
    #[inline(always)]
    pub(crate) fn linger(&mut self, now: f64) {
        self.present += 1;
        self.present_area -= now;
    }

    /// A visit went away.
    #[inline(always)]
    pub(crate) fn depart(&mut self, now: f64) {
        self.present -= 1;
        self.present_area += now;
    }

    /// Own time begins.
    #[inline(always)]
    pub(crate) fn begin_work(&mut self, now: f64) {
        self.working += 1;
        self.working_area -= now;
    }

    /// Own time ends.
    #[inline(always)]
    pub(crate) fn end_work(&mut self, now: f64) {
        self.working -= 1;
        self.working_area += now;
    }

    /// Slots that take visits.
    fn room(&self) -> f64 {
        if self.up { f64::from(self.capacity) } else { 0.0 }
    }

    /// Closes the time up to now before the slots change.
    pub(crate) fn settle(&mut self, now: f64) {
        self.room_area += (now - self.room_since) * self.room();
        self.room_since = now;
    }

    /// The slots that there have been all the time since an instant; `None` where they changed.
    pub(crate) fn steady_room(&self, since: f64) -> Option<f64> {
        (self.room_since <= since).then(|| self.room())
    }

    /// Areas from the start of the simulation to now.
    pub(crate) fn areas(&self, now: f64) -> Areas {
        let waiting = self.waiting_area + f64::from(self.waiting) * now;
        let held = self.held_area + f64::from(self.busy) * now;
        let working = self.working_area + f64::from(self.working) * now;
        let present = self.present_area + f64::from(self.present) * now;
        Areas {
            waiting,
            held,
            working: if self.leaf { held } else { working },
            present: if self.brief { waiting + held } else { present },
            room: self.room_area + (now - self.room_since) * self.room(),
        }
    }
}
