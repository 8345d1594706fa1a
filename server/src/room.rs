//! Room for what clients send: in memory until it is written, in the store afterwards.

use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::http::StatusCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of bodies in memory at once, from all clients together; more only where one body may be larger.
const ROOM: usize = 128 << 20;
/// Longest wait for room. Bodies that are half here and wait for each other must not do so for long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bodies that are coming in or wait to be written.
#[derive(Debug)]
pub(crate) struct Bodies {
    room: Arc<Semaphore>,
    patience: Duration,
}

impl Bodies {
    /// Room for bodies of which each has at most so many bytes.
    pub(crate) fn new(largest: u64) -> Self {
        let room = usize::try_from(largest).unwrap_or(usize::MAX).clamp(ROOM, Semaphore::MAX_PERMITS);
        Self { room: Arc::new(Semaphore::new(room)), patience: PATIENCE }
    }

    /// A body of which nothing has arrived.
    pub(crate) fn begin(&self) -> Arriving {
        Arriving { room: Arc::clone(&self.room), patience: self.patience, held: None, content: Vec::new() }
    }
}

/// A body as far as it has arrived. It takes room for what is here, not for what a client announced: that costs nothing.
#[derive(Debug)]
pub(crate) struct Arriving {
    room: Arc<Semaphore>,
    patience: Duration,
    held: Option<OwnedSemaphorePermit>,
    content: Vec<u8>,
}

impl Arriving {
    /// Adds what arrived, as soon as there is room for it.
    pub(crate) async fn add(&mut self, more: &[u8]) -> Result<(), Refusal> {
        let bytes = u32::try_from(more.len()).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(bytes);
        let Ok(Ok(room)) = tokio::time::timeout(self.patience, room).await else {
            let detail = "Too much is being stored at once; try again in a moment.";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).later(5));
        };
        match &mut self.held {
            Some(held) => held.merge(room),
            None => self.held = Some(room),
        }
        self.content.extend_from_slice(more);
        Ok(())
    }

    /// The whole body. Its room is free again when the last copy of these bytes is dropped: the store does so once they are
    /// written.
    pub(crate) fn whole(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Arriving {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

/// Bytes in the store, against the most that it may hold.
#[derive(Debug)]
pub(crate) struct Ledger {
    most: u64,
    sums: Mutex<Sums>,
}

#[derive(Debug, Default)]
struct Sums {
    /// As last measured, and what was written since.
    stored: u64,
    /// Of writes under way.
    pending: u64,
}

impl Ledger {
    /// An empty store that may hold so many bytes.
    pub(crate) fn new(most: u64) -> Self {
        Self { most, sums: Mutex::default() }
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes stored and under way.
    pub(crate) fn used(&self) -> u64 {
        let sums = self.sums();
        sums.stored.saturating_add(sums.pending)
    }

    /// Bytes stored: to be noted before a measurement begins.
    pub(crate) fn stored(&self) -> u64 {
        self.sums().stored
    }

    /// Takes over a measurement; what was written since `before` was noted may not be in it and stays counted.
    pub(crate) fn measured(&self, before: u64, found: u64) {
        let mut sums = self.sums();
        sums.stored = found.saturating_add(sums.stored.saturating_sub(before));
    }

    /// A place for so many bytes, if there is one.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64) -> Option<Reservation> {
        let mut sums = self.sums();
        let pending = sums.pending.checked_add(bytes)?;
        if sums.stored.checked_add(pending)? > self.most {
            return None;
        }
        sums.pending = pending;
        Some(Reservation { ledger: Arc::clone(self), bytes, refused: false })
    }
}

/// A place in the store. One that is dropped unsettled counts as written, because the write may still be under way; the next
/// measurement knows.
#[derive(Debug)]
pub(crate) struct Reservation {
    ledger: Arc<Ledger>,
    bytes: u64,
    refused: bool,
}

impl Reservation {
    /// Gives the place back where the write was refused.
    pub(crate) fn settle<T, E>(mut self, written: Result<T, E>) -> Result<T, E> {
        self.refused = written.is_err();
        written
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut sums = self.ledger.sums();
        sums.pending = sums.pending.saturating_sub(self.bytes);
        if !self.refused {
            sums.stored = sums.stored.saturating_add(self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_holds_its_room_until_it_is_dropped() {
        let bodies = Bodies { room: Arc::new(Semaphore::new(10)), patience: Duration::from_millis(50) };
        let mut first = bodies.begin();
        first.add(&[1; 3]).await.expect("room");
        first.add(&[2; 5]).await.expect("room");
        let first = first.whole();
        assert_eq!(&first[..], &[1, 1, 1, 2, 2, 2, 2, 2]);
        let copy = first.clone();
        drop(first);
        let mut second = bodies.begin();
        second.add(&[3; 2]).await.expect("room");
        assert!(second.add(&[3; 1]).await.is_err(), "a copy is still there");
        drop(copy);
        second.add(&[3; 8]).await.expect("room again");
    }

    #[test]
    fn a_refused_write_costs_nothing_and_one_under_way_is_not_forgotten() {
        let ledger = Arc::new(Ledger::new(100));
        let refused = ledger.reserve(100).expect("a place");
        assert!(ledger.reserve(1).is_none());
        assert_eq!(refused.settle::<(), ()>(Err(())), Err(()));
        assert_eq!(ledger.used(), 0);

        let (early, late) = (ledger.reserve(40).expect("a place"), ledger.reserve(50).expect("a place"));
        let before = ledger.stored();
        let _ = early.settle::<(), ()>(Ok(()));
        // Neither was seen by the measurement.
        ledger.measured(before, 0);
        assert_eq!((ledger.stored(), ledger.used()), (40, 90));
        let _ = late.settle::<(), ()>(Ok(()));
        ledger.measured(ledger.stored(), 90);
        assert_eq!(ledger.used(), 90);
        drop(ledger.reserve(10));
        assert_eq!(ledger.used(), 100, "nobody knows whether it was written");
        assert!(ledger.reserve(u64::MAX).is_none());
    }
}
