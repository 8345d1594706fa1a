//! What a lost replica had in hand is lost with it: its visits end at once and their callers see a failure, its own calls are
//! given up (the work below them goes on and still loads), its messages go back in line as one more failed delivery.
//!
//! Losses are rare, so nothing of this costs the visits anything: who is where is read off the slab, the lines and the
//! event list at the moment of the loss.

use super::calendar::Event;
use super::flow::{ARRIVES, Core, MATURES, Next, RETRIES, SERVED};
use super::program::*;
use super::visit::*;

/// How much of a group is lost: all with its line, or each slot with this probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Loss {
    /// The group.
    pub group: u32,
    /// Probability for each visit in hand.
    pub share: f64,
    /// Whether those in line are lost as well.
    pub line: bool,
}

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not alive.
    Free,
    /// On its way, or a message that may not be consumed yet.
    Coming,
    /// In line.
    Line,
    /// In its own time in the slot.
    Working,
    /// In its own time on a shared processor.
    Sharing,
    /// Waiting for what it called, or for another's fetch.
    Waiting,
}

impl Core {
    /// Drops what is in hand at lost groups; gives the visits whose callers must be told, in the slab's
    /// order, and whether they were in line only.
    pub(crate) fn drop_work(&mut self, losses: &[Loss]) -> Vec<(Visit, bool)> {
        let places = self.places_of_visits();
        let lost = self.choose_victims(losses, &places);
        let is_lost = |id: u32| lost.get(id as usize).copied().unwrap_or(false);
        for loss in losses.iter().filter(|l| l.line) {
            self.groups[loss.group as usize].forget_line(self.now);
        }
        // A system with events has no guests: an own time in a slot is an event of this kind, or noted in lanes.
        self.calendar.retain(|e: &Event| !(e.kind == SERVED && is_lost(e.subject)));
        for cores in &mut self.cores {
            cores.retain(self.now, is_lost);
        }
        for lanes in self.groups.iter_mut().filter_map(|g| g.lanes.as_mut()) {
            lanes.drop_work(is_lost);
        }
        self.leave_fetches(&lost);
        self.give_up_calls(&lost);
        let mut orphans = Vec::new();
        for id in 0..lost.len() as u32 {
            if !is_lost(id) {
                if places[id as usize] != Place::Free {
                    let visit = &mut self.visits[id];
                    if visit.parent & CALL == 0 && is_lost(visit.parent) {
                        visit.parent = NONE;
                    }
                }
                continue;
            }
            self.visits[id].flags |= FAILED;
            self.take_left(id);
            self.trace_end(id);
            let visit = self.visits[id];
            self.vacate(&visit, places[id as usize]);
            let told = visit.parent & CALL != 0 || !is_lost(visit.parent);
            if told || visit.flags & (ROOT | MESSAGE) != 0 {
                orphans.push((visit, places[id as usize] == Place::Line));
            }
        }
        for id in (0..lost.len() as u32).rev().filter(|&id| is_lost(id)) {
            self.visits.remove(id);
        }
        for cores in 0..self.cores.len() as u32 {
            self.schedule_shared(cores);
        }
        orphans
    }

    /// Tells the callers of lost visits.
    pub(crate) fn tell_callers(&mut self, orphans: &[(Visit, bool)]) {
        for (visit, in_line) in orphans {
            if visit.flags & MESSAGE != 0 {
                self.deliver_again(*visit, !in_line);
            } else if visit.parent != NONE {
                let step = self.answer(visit.parent, visit.parent_token, visit.flags);
                if step != Next::Idle {
                    self.ready.push(step);
                }
            } else if visit.flags & ROOT != 0 {
                self.respond(visit, usize::from(self.program.plans[visit.plan as usize].class));
            }
        }
    }

    /// Where every visit of the slab stands.
    fn places_of_visits(&self) -> Vec<Place> {
        let mut places = vec![Place::Waiting; self.visits.peak()];
        for id in self.visits.free() {
            places[id as usize] = Place::Free;
        }
        for event in self.calendar.events() {
            match event.kind & 0xFF {
                ARRIVES | MATURES => places[event.subject as usize] = Place::Coming,
                SERVED => places[event.subject as usize] = Place::Working,
                _ => {}
            }
        }
        for id in self.cores.iter().flat_map(super::cores::Cores::visits) {
            places[id as usize] = Place::Sharing;
        }
        for id in self.groups.iter().filter_map(|g| g.lanes.as_ref()).flat_map(|lanes| lanes.working()) {
            places[id as usize] = Place::Working;
        }
        for id in self.groups.iter().flat_map(|g| g.line(&self.visits)) {
            places[id as usize] = Place::Line;
        }
        places
    }

    /// Which visits are lost: by chance where a part of a group is, side branches with the visit they belong to.
    fn choose_victims(&mut self, losses: &[Loss], places: &[Place]) -> Vec<bool> {
        let mut lost = vec![false; places.len()];
        let mut branches = Vec::new();
        let mut by_group: Vec<Option<&Loss>> = vec![None; self.groups.len()];
        losses.iter().for_each(|l| by_group[l.group as usize] = Some(l));
        for id in 0..places.len() {
            let visit = self.visits[id as u32];
            let Some(loss) = by_group.get(visit.group as usize).copied().flatten() else { continue };
            let hit = match places[id] {
                Place::Free | Place::Coming => false,
                Place::Line => loss.line,
                Place::Waiting if visit.flags & BRANCH != 0 && visit.parent != NONE => {
                    branches.push(id);
                    false
                }
                _ if loss.share >= 1.0 => true,
                _ => {
                    let station = usize::from(self.groups[visit.group as usize].station);
                    self.choice_rng[station].coin(loss.share)
                }
            };
            lost[id] = hit;
        }
        // A branch may have branches of its own.
        for _ in 0..8 {
            for &id in &branches {
                let parent = self.visits[id as u32].parent;
                lost[id] |= lost.get(parent as usize).copied().unwrap_or(false);
            }
        }
        lost
    }

    /// A lost visit leaves its slot and its place.
    fn vacate(&mut self, visit: &Visit, place: Place) {
        let flags = self.program.plans[visit.plan as usize].flags;
        let group = &mut self.groups[visit.group as usize];
        let works = matches!(place, Place::Working | Place::Sharing);
        if works && flags & BARE == 0 {
            group.end_work(self.now);
        }
        if works || (place == Place::Waiting && flags & HOLDS != 0 && visit.flags & BRANCH == 0) {
            group.drop_slot(self.now);
        }
        if flags & LINGERS != 0 && visit.flags & BRANCH == 0 {
            group.depart(self.now);
        }
    }

    /// Lost visits stop waiting for fetches, and the fetches that they made fail.
    fn leave_fetches(&mut self, lost: &[bool]) {
        for cache in self.caches.iter_mut().flatten() {
            for last in cache.fetching.places_mut() {
                let mut kept = Vec::new();
                let mut id = *last;
                while id != NONE {
                    if !lost[id as usize] {
                        kept.push(id);
                    }
                    id = self.visits[id].next;
                }
                let mut next = NONE;
                for &id in kept.iter().rev() {
                    self.visits[id].next = next;
                    next = id;
                }
                *last = next;
            }
        }
        for id in 0..lost.len() as u32 {
            if lost[id as usize] && self.visits[id].flags & LEADS != 0 {
                self.end_fetch(id, false);
            }
        }
    }

    /// The calls of lost visits are given up: their connections go back, their timers and backoffs come to nothing.
    fn give_up_calls(&mut self, lost: &[bool]) {
        let of_lost = |parent: u32| parent != NONE && lost.get(parent as usize).copied().unwrap_or(false);
        let mut given_up = self.calls.alive();
        for id in 0..given_up.len() as u32 {
            given_up[id as usize] &= of_lost(self.calls[id].parent());
            if given_up[id as usize] {
                self.give_up(id);
            }
        }
        self.calendar.retain(|e| e.kind != RETRIES || !given_up[e.subject as usize]);
    }
}
