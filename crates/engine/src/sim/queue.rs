//! Messages: a broker keeps them in line for its consumers, who hold each one until its calls answer.

use super::calendar::Event;
use super::flow::{Core, MATURES, Next};
use super::visit::*;
use crate::model::Kind;

/// A queue's parameters and what of it is not in its groups.
#[derive(Debug, Clone)]
pub(crate) struct Broker {
    /// Consumers' group: its line is the backlog.
    pub group: u32,
    /// Messages kept at most.
    pub max_length: u64,
    /// Messages not yet to be consumed.
    pub maturing: u64,
    delay: f64,
    max_attempts: u32,
    duplicate_ratio: f64,
}

impl Broker {
    /// The broker of a queue whose consumers are this group.
    pub(crate) fn new(kind: &Kind, group: u32) -> Option<Self> {
        let Kind::Queue { max_length, delay, max_attempts, duplicate_ratio, .. } = kind else {
            return None;
        };
        Some(Self {
            group,
            max_length: max_length.unwrap_or(u64::MAX),
            maturing: 0,
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
        });
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
        } else {
            self.groups[group].join(self.now, id, &mut self.visits);
        }
    }

    /// A consumer is done with a message: it goes away, or back in line after a failure, or to the dead letters.
    pub(crate) fn consumed(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let station = self.program.plans[visit.plan as usize].station as usize;
        let failed = visit.flags & FAILED != 0;
        let attempts = u32::from(visit.attempts) + 1;
        let most = self.messages[station].as_ref().map_or(1, |b| b.max_attempts);
        if failed && attempts < most {
            self.stations[station].redelivered += 1;
            let again = &mut self.visits[id];
            again.attempts = again.attempts.saturating_add(1);
            again.flags &= !(FAILED | CHILD_MISSED | LEADS);
            again.start = self.now;
            again.operation = self.program.plans[visit.plan as usize].first;
            // Back of the line first, so that the consumer who gives up takes the oldest message next.
            let group = &mut self.groups[visit.group as usize];
            group.arrived += 1;
            group.linger(self.now);
            group.join(self.now, id, &mut self.visits);
            self.release(visit.group);
            return Next::Idle;
        }
        self.visits.remove(id);
        self.release(visit.group);
        if failed {
            self.stations[station].dead += 1;
            let (_, letters) = self.program.consumers[visit.plan as usize];
            if letters != NONE {
                self.publish(letters);
            }
        }
        Next::Idle
    }
}
