//! Connection pools: a number of connections, and calls that wait for one in line. A call that times out leaves the line.

use super::call::Calls;
use super::visit::NONE;

/// A pool of one group of callers.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    /// Connections; `u32::MAX` is unlimited.
    pub size: u32,
    /// Connections held.
    pub held: u32,
    /// Calls in line.
    pub waiting: u32,
    head: u32,
    tail: u32,
    held_area: f64,
    waiting_area: f64,
    /// Calls that asked for a connection.
    pub asked: u64,
}

impl Pool {
    /// An idle pool.
    pub(crate) fn new(size: u32) -> Self {
        Self { size, held: 0, waiting: 0, head: NONE, tail: NONE, held_area: 0.0, waiting_area: 0.0, asked: 0 }
    }

    /// Takes a connection, or joins the line and says no.
    pub(crate) fn take(&mut self, now: f64, call: u32, calls: &mut Calls) -> bool {
        self.asked += 1;
        if self.held < self.size {
            self.held += 1;
            self.held_area -= now;
            return true;
        }
        calls[call].next = NONE;
        calls[call].previous = self.tail;
        if self.tail == NONE {
            self.head = call;
        } else {
            calls[self.tail].next = call;
        }
        self.tail = call;
        self.waiting += 1;
        self.waiting_area -= now;
        false
    }

    /// Takes a call out of the line.
    pub(crate) fn leave(&mut self, now: f64, call: u32, calls: &mut Calls) {
        let (previous, next) = (calls[call].previous, calls[call].next);
        if previous == NONE {
            self.head = next;
        } else {
            calls[previous].next = next;
        }
        if next == NONE {
            self.tail = previous;
        } else {
            calls[next].previous = previous;
        }
        self.waiting -= 1;
        self.waiting_area += now;
    }

    /// Gives a connection back; the first call in line gets it and is returned.
    pub(crate) fn release(&mut self, now: f64, calls: &mut Calls) -> u32 {
        let first = self.head;
        if first != NONE && self.held <= self.size {
            self.leave(now, first, calls);
            return first;
        }
        self.held -= 1;
        self.held_area += now;
        NONE
    }

    /// A connection is given back and handed to nobody.
    pub(crate) fn drop_connection(&mut self, now: f64) {
        self.held -= 1;
        self.held_area += now;
    }

    /// Gives a free connection to the first call in line.
    pub(crate) fn grant(&mut self, now: f64, calls: &mut Calls) -> Option<u32> {
        if self.head == NONE || self.held >= self.size {
            return None;
        }
        let first = self.head;
        self.leave(now, first, calls);
        self.held += 1;
        self.held_area -= now;
        Some(first)
    }

    /// Connection-seconds held and call-seconds waited up to now.
    pub(crate) fn areas(&self, now: f64) -> (f64, f64) {
        (self.held_area + f64::from(self.held) * now, self.waiting_area + f64::from(self.waiting) * now)
    }
}
