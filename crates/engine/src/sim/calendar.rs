//! The event list: a 4-ary heap of packed 16-byte events.
//!
//! Why a 4-ary heap: service systems have tens to some thousands of pending events (one per busy server, thinking user and armed
//! timer list); there it is shallow, its four children fill one cache line, and no distribution of the times is its worst case.
//! Measured once against a calendar queue (Brown 1988) that was told its best bucket width beforehand, nanoseconds a pop and
//! push: exponential times, 8 pending 21 against 29, 32: 34/30, 128: 41/31, 1024: 42/31, 16,384: 69/38, 262,144: 135/74; one time
//! in five a hundred times as long, 8: 14/22, 32: 26/28, 1024: 45/30, 262,144: 134/186. A calendar gains a quarter in the middle
//! before it pays for finding its width, loses where few events are pending, and loses most where times are uneven.
//!
//! Almost every event schedules another one, so `pop` leaves a hole at the root that the next `push` fills by one sift down:
//! half the work of a pop and a push.

/// One pending event. Kind and meaning of the subject are the core's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Event {
    /// Simulated seconds.
    pub time: f64,
    /// What it happens to.
    pub subject: u32,
    /// Kind in the low 8 bits, a token of the subject in the rest.
    pub kind: u32,
}

/// What fills the heap's last four children up; never earlier than anything.
const PADDING: Event = Event { time: f64::INFINITY, subject: u32::MAX, kind: u32::MAX };

/// Events by time. Ties come out in an order that depends on the pushes only, so it is the same everywhere.
#[derive(Debug)]
pub(crate) struct Calendar {
    /// The root and whole groups of four children; padding after the pending events, so that no group is ever in part.
    heap: Vec<Event>,
    /// Events, a root that was taken and not replaced included.
    length: usize,
    /// Whether the root was taken and not replaced yet.
    hole: bool,
}

impl Default for Calendar {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Calendar {
    /// Room for this many events without allocation.
    pub(crate) fn with_capacity(events: usize) -> Self {
        let mut heap = Vec::with_capacity(events + 4);
        heap.push(PADDING);
        Self { heap, length: 0, hole: false }
    }

    /// Pending events.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.length - usize::from(self.hole)
    }

    /// Schedules an event.
    #[inline(always)]
    pub(crate) fn push(&mut self, event: Event) {
        if self.hole {
            self.hole = false;
            self.sift_down(event);
            return;
        }
        let mut at = self.length;
        self.length += 1;
        if at == self.heap.len() {
            self.grow();
        }
        while at > 0 {
            let parent = (at - 1) / 4;
            let above = self.heap[parent];
            if above.time <= event.time {
                break;
            }
            self.heap[at] = above;
            at = parent;
        }
        self.heap[at] = event;
    }

    /// Four more places.
    #[cold]
    fn grow(&mut self) {
        self.heap.extend_from_slice(&[PADDING; 4]);
    }

    /// Time of the earliest event, infinite when there is none.
    #[inline(always)]
    pub(crate) fn next_time(&mut self) -> f64 {
        if self.hole {
            self.close();
        }
        self.heap.first().map_or(f64::INFINITY, |e| e.time)
    }

    /// Takes the earliest event; only after [`Calendar::next_time`] said there is one.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Event {
        debug_assert!(!self.hole && self.length > 0);
        self.hole = true;
        self.heap[0]
    }

    /// Pending events in no particular order.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.heap.iter().take(self.length).skip(usize::from(self.hole))
    }

    /// Keeps only the events that satisfy a condition. Costs a pass over all of them.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Event) -> bool) {
        let kept: Vec<Event> = self.events().copied().filter(keep).collect();
        self.heap.fill(PADDING);
        (self.length, self.hole) = (0, false);
        for event in kept {
            self.push(event);
        }
    }

    /// Fills the hole with the last event.
    #[inline(always)]
    fn close(&mut self) {
        self.hole = false;
        self.length -= 1;
        let last = core::mem::replace(&mut self.heap[self.length], PADDING);
        if self.length > 0 {
            self.sift_down(last);
        }
    }

    /// Puts an event at the root and lets it sink.
    #[inline(always)]
    fn sift_down(&mut self, event: Event) {
        let heap = self.heap.as_mut_slice();
        let mut at = 0;
        while let Some(children) = heap.get(4 * at + 1..).and_then(<[Event]>::first_chunk) {
            let least = least_of_four(children);
            let child = children[least & 3];
            if child.time >= event.time {
                break;
            }
            heap[at] = child;
            at = 4 * at + 1 + least;
        }
        heap[at] = event;
    }
}

/// Position of the earliest of four events, the first in a tie. Natively a chain of conditional moves; in V8, which turns a
/// select into a branch that is mispredicted half of the time, a tournament of sums. Both give the same position.
#[inline(always)]
fn least_of_four(e: &[Event; 4]) -> usize {
    if !cfg!(target_arch = "wasm32") {
        let earlier = |(least, time): (usize, f64), at: usize| {
            let is = e[at].time < time;
            (if is { at } else { least }, if is { e[at].time } else { time })
        };
        return earlier(earlier(earlier((0, e[0].time), 1), 2), 3).0;
    }
    let left = usize::from(e[1].time < e[0].time);
    let right = 2 + usize::from(e[3].time < e[2].time);
    left + (right - left) * usize::from(e[right & 3].time < e[left & 3].time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::{Purpose, Rng};

    #[test]
    fn events_come_out_in_time_order_under_any_mix_of_pushes_and_pops() {
        let mut rng = Rng::stream(5, 0, "calendar", Purpose::Choice);
        let mut calendar = Calendar::with_capacity(8);
        let (mut pushed, mut now) = (0u32, 0.0);
        let mut pending = 0usize;
        for _ in 0..50_000 {
            if pending == 0 || rng.coin(0.5) {
                calendar.push(Event { time: now + rng.uniform(), subject: pushed, kind: 0 });
                pushed += 1;
                pending += 1;
            } else {
                let time = calendar.next_time();
                let event = calendar.pop();
                assert!(event.time == time && time >= now);
                now = time;
                pending -= 1;
            }
            assert_eq!(calendar.len(), pending);
        }
    }

    #[test]
    fn an_empty_calendar_has_no_next_time() {
        let mut calendar = Calendar::default();
        assert_eq!(calendar.next_time(), f64::INFINITY);
        calendar.push(Event { time: 1.0, subject: 0, kind: 0 });
        assert_eq!(calendar.next_time(), 1.0);
        calendar.pop();
        assert_eq!(calendar.next_time(), f64::INFINITY);
    }
}
