//! What the API's handlers share.

use crate::config::ShareRules;
use crate::quota::Quotas;
use crate::share::Seconds;
use crate::store::Store;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Where the current time comes from; tests set their own.
pub type Clock = Arc<dyn Fn() -> Seconds + Send + Sync>;

/// The system's time.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Seconds::try_from(since.as_secs()).unwrap_or(Seconds::MAX)
    })
}

/// What the API's handlers share.
#[derive(Clone)]
pub(crate) struct Context(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) rules: ShareRules,
    pub(crate) reads: Quotas,
    pub(crate) writes: Quotas,
    pub(crate) proxies: usize,
    clock: Clock,
    /// Bytes stored as last measured, and what was added since.
    pub(crate) used: AtomicU64,
    /// Shares stored as last measured.
    pub(crate) count: AtomicU64,
    /// Kilobytes of bodies that may be coming in at once.
    room: Semaphore,
}

/// Kilobytes of bodies that may be coming in at once, from all clients together.
const ROOM: u32 = 128 * 1024;

impl std::ops::Deref for Context {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Context {
    pub(crate) fn new(store: Arc<dyn Store>, rules: ShareRules, proxies: usize, clock: Clock) -> Self {
        let (reads, writes) = (Quotas::new(rules.reads), Quotas::new(rules.writes));
        Self(Arc::new(Inner {
            store,
            rules,
            reads,
            writes,
            proxies,
            clock,
            used: AtomicU64::new(0),
            count: AtomicU64::new(0),
            room: Semaphore::new(ROOM as usize),
        }))
    }
}

impl Inner {
    /// The current time.
    pub(crate) fn now(&self) -> Seconds {
        (self.clock)()
    }

    /// Measures what is stored; between two measurements writes are added up.
    pub(crate) async fn measure(&self) {
        let before = self.used.load(Ordering::Relaxed);
        match self.store.usage().await {
            Ok(usage) => {
                // What was reserved meanwhile may not be in the measurement: it stays counted.
                let with_new = |now: u64| Some(usage.bytes.saturating_add(now.saturating_sub(before)));
                let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with_new);
                self.count.store(usage.shares, Ordering::Relaxed);
            }
            Err(cause) => tracing::warn!(%cause, "the store's size could not be measured"),
        }
    }

    /// Waits until a body of so many bytes may come in.
    pub(crate) async fn room_for(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let kilobytes = u32::try_from(bytes / 1024 + 1).unwrap_or(ROOM).min(ROOM);
        // The semaphore is never closed.
        self.room.acquire_many(kilobytes).await.ok()
    }

    /// Whether so many bytes more fit into the total quota; if so they count as used.
    pub(crate) fn reserve(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.rules.total_bytes);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("store", &self.store).finish_non_exhaustive()
    }
}
