//! Messages: a broker keeps them in its store for its consumers, who hold each one until its calls answer.
//!
//! Consumers that take one message at a time are the store's slots. With `prefetch` above 1 every consumer has a line of its
//! own, up to that many messages with the one in hand; a message goes to the consumer with the fewest and stays with it.

use super::calendar::Event;
use super::flow::{Core, MATURES, Next};
use super::visit::*;
use crate::model::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds before a message is delivered again that is given back in no time at all, and twice as long each time up to the longest:
/// the round trip of a broker at first, the pause that clients make in the end. Users whose request failed in no time wait as long.
pub(crate) const PAUSE: f64 = 0.01;
/// The longest pause, seconds.
const LONGEST_PAUSE: f64 = 1.0;

/// A queue's parameters and what of it is not in its groups.
#[derive(Debug, Clone)]
pub(crate) struct Broker {
    /// The store: its line is the backlog.
    pub group: u32,
    /// Consumers with a line of their own, in the groups after the store.
    hands: u32,
    /// Where the search for a consumer begins, so that ties go round.
    cursor: u32,
    /// Messages kept at most.
    pub max_length: u64,
    /// Messages not yet to be consumed.
    pub maturing: u64,
    /// When messages were published that are delivered again; all others began then.
    published: BTreeMap<u32, f64>,
    /// Messages that pause before they are delivered again.
    paused: BTreeSet<u32>,
    delay: f64,
    max_attempts: u32,
    duplicate_ratio: f64,
}

impl Broker {
    /// The broker of a queue whose store is this group, with so many consumers after it.
    pub(crate) fn new(kind: &Kind, group: u32, hands: u32) -> Option<Self> {
        let Kind::Queue { max_length, delay, max_attempts, duplicate_ratio, .. } = kind else {
            return None;
        };
        Some(Self {
            group,
            hands,
            cursor: 0,
            max_length: max_length.unwrap_or(u64::MAX),
            maturing: 0,
            published: BTreeMap::new(),
            paused: BTreeSet::new(),
            delay: *delay,
            max_attempts: (*max_attempts).max(1),
            duplicate_ratio: *duplicate_ratio,
        })
    }
}

impl Core {
    /// A message (or two, where the broker duplicates) joins the queue whose broker plan this is.
    pub(crate) fn publish(&mut self, broker_plan: u32) {
        let station = self.program.plans[broker_plan as usize].station as usize;
        let duplicate = self.messages[station].as_ref().map_or(0.0, |b| b.duplicate_ratio);
        let copies = 1 + u32::from(duplicate > 0.0 && self.choice_rng[station].coin(duplicate));
        for _ in 0..copies {
            self.deliver_message(station, self.program.consumers[broker_plan as usize].0);
        }
    }

    /// A new message with a consumer's plan.
    fn deliver_message(&mut self, station: usize, plan: u32) {
        let now = self.now;
        let Some(broker) = &mut self.messages[station] else { return };
        let group = broker.group;
        self.groups[group as usize].linger(now);
        let delay = broker.delay;
        broker.maturing += u64::from(delay > 0.0);
        let id = self.visits.insert(Visit {
            start: now,
            parent: NONE,
            parent_token: 0,
            next: NONE,
            group,
            key: 0,
            plan,
            operation: self.program.plans[plan as usize].first,
            pending: 0,
            flags: MESSAGE,
            attempts: 0,
            fetch: 0,
            guest: NONE,
        });
        self.forget_publishing(station, id);
        if delay > 0.0 {
            self.calendar.push(Event { time: now + delay, subject: id, kind: MATURES });
            return;
        }
        self.ready_to_consume(id);
    }

    /// A delayed message may be consumed.
    pub(crate) fn matures(&mut self, id: u32) {
        let station = self.program.plans[self.visits[id].plan as usize].station as usize;
        if let Some(broker) = &mut self.messages[station] {
            broker.maturing -= 1;
            broker.paused.remove(&id);
        }
        self.ready_to_consume(id);
    }

    /// A message is taken by an idle consumer or waits in line.
    fn ready_to_consume(&mut self, id: u32) {
        let group = self.visits[id].group as usize;
        self.groups[group].arrived += 1;
        if self.groups[group].try_hold(self.now) {
            let step = self.begin(id);
            if step != Next::Idle {
                self.ready.push(step);
            }
            return;
        }
        self.line_up(id, group as u32);
        self.hand_out(usize::from(self.groups[group].station));
    }

    /// Messages of the store go to consumers that may have one more in their line.
    pub(crate) fn hand_out(&mut self, station: usize) {
        let Some(store) = self.messages[station].as_ref().filter(|b| b.hands > 0).map(|b| b.group) else { return };
        while self.groups[store as usize].waiting > 0 {
            let Some(hand) = self.free_hand(station) else { return };
            let id = self.groups[store as usize].leave_line(self.now, &self.visits);
            self.visits[id].group = hand;
            let place = &mut self.groups[hand as usize];
            if place.try_hold(self.now) {
                self.begin_from_line(id, hand);
            } else {
                self.line_up(id, hand);
            }
        }
    }

    /// The consumer with the fewest messages, if one may have more.
    fn free_hand(&mut self, station: usize) -> Option<u32> {
        let broker = self.messages[station].as_mut()?;
        let mut best: Option<(u32, u32)> = None;
        for n in 0..broker.hands {
            let hand = (broker.cursor + n) % broker.hands;
            let group = &self.groups[(broker.group + 1 + hand) as usize];
            let load = group.load();
            if group.up && load <= group.queue_limit && best.is_none_or(|b| load < b.0) {
                best = Some((load, hand));
                if load == 0 {
                    break;
                }
            }
        }
        let (_, hand) = best?;
        broker.cursor = (hand + 1) % broker.hands;
        Some(broker.group + 1 + hand)
    }

    /// A consumer is done with a message: it goes away, or back in line after a failure, or to the dead letters.
    pub(crate) fn consumed(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let station = self.program.plans[visit.plan as usize].station as usize;
        let failed = visit.flags & FAILED != 0;
        if failed && self.may_try_again(station, &visit) {
            // Back of the line first, so that the consumer who gives up takes the oldest message next.
            self.back_in_line(station, id, true);
            self.release(visit.group);
        } else {
            self.forget_publishing(station, id);
            self.visits.remove(id);
            self.release(visit.group);
            if failed {
                self.give_message_up(station, visit.plan);
            }
        }
        self.hand_out(station);
        Next::Idle
    }

    /// A message whose consumer is lost: one more failed delivery if it was in hand, else only back in line.
    pub(crate) fn deliver_again(&mut self, visit: Visit, in_hand: bool) {
        let station = self.program.plans[visit.plan as usize].station as usize;
        if in_hand && !self.may_try_again(station, &visit) {
            return self.give_message_up(station, visit.plan);
        }
        let id = self.visits.insert(visit);
        self.forget_publishing(station, id);
        self.back_in_line(station, id, in_hand);
        let store = self.visits[id].group;
        self.fill(store);
        self.hand_out(station);
    }

    /// Age of the oldest message that waits now, seconds since it was published; `None` where the station is no queue.
    pub(crate) fn oldest_waiting(&self, station: usize) -> Option<f64> {
        let broker = self.messages[station].as_ref()?;
        let lines = self.layout[station].message_lines().map(|g| &self.groups[g]);
        // In a line by priority, or with messages that came back, the oldest may stand anywhere.
        let again = !broker.published.is_empty();
        let waiting = lines
            .flat_map(|g| g.line(&self.visits).take(if again || g.lanes.is_some() { usize::MAX } else { 1 }))
            .chain(broker.paused.iter().copied());
        Some(waiting.map(|id| self.age(station, id)).fold(0.0, f64::max))
    }

    /// Seconds since a message was published, over all its deliveries (but those that ended with their consumer).
    pub(crate) fn age(&self, station: usize, id: u32) -> f64 {
        let published = self.messages[station].as_ref().and_then(|broker| broker.published.get(&id));
        self.now - published.copied().unwrap_or(self.visits[id].start)
    }

    /// A place in the slab holds another message from now on.
    fn forget_publishing(&mut self, station: usize, id: u32) {
        if let Some(broker) = &mut self.messages[station]
            && !broker.published.is_empty()
        {
            broker.published.remove(&id);
        }
    }

    fn may_try_again(&self, station: usize, visit: &Visit) -> bool {
        let most = self.messages[station].as_ref().map_or(1, |b| b.max_attempts);
        u32::from(visit.attempts) + 1 < most
    }

    /// A message joins the back of the store's line, as a new delivery where it was in hand; after a pause where neither its last
    /// delivery nor the wait before took any time.
    fn back_in_line(&mut self, station: usize, id: u32, in_hand: bool) {
        let Some(store) = self.messages[station].as_ref().map(|b| b.group) else { return };
        let again = &mut self.visits[id];
        let at_once = again.attempts > 0 && self.now <= again.start;
        let (began, attempts) = (again.start, again.attempts);
        again.flags &= !(FAILED | CHILD_MISSED | LEADS);
        again.group = store;
        again.pending = 0;
        again.operation = self.program.plans[again.plan as usize].first;
        let group = &mut self.groups[store as usize];
        if in_hand {
            again.attempts = again.attempts.saturating_add(1);
            again.start = self.now;
            group.linger(self.now);
            self.stations[station].redelivered += 1;
        }
        if let Some(broker) = self.messages[station].as_mut().filter(|_| in_hand) {
            broker.published.entry(id).or_insert(began);
            // Given back twice at one instant: what refuses it takes no time, and would again for ever.
            if at_once {
                broker.maturing += 1;
                broker.paused.insert(id);
                let pause = (PAUSE * f64::from(1_u32 << (attempts.clamp(1, 16) - 1))).min(LONGEST_PAUSE);
                self.calendar.push(Event { time: self.now + pause, subject: id, kind: MATURES });
                return;
            }
        }
        group.arrived += 1;
        self.line_up(id, store);
    }

    /// A message is counted among the dead, and sent to where they go: a visit there like any other that nobody waits for.
    fn give_message_up(&mut self, station: usize, plan: u32) {
        self.stations[station].dead += 1;
        let (_, letters) = self.program.consumers[plan as usize];
        if letters != NONE {
            let step = self.send(letters as usize, NONE, 0);
            if step != Next::Idle {
                self.ready.push(step);
            }
        }
    }
}
