//! What the API's handlers share.

use crate::config::ShareRules;
use crate::quota::Quotas;
use crate::room::{Bodies, Ledger};
use crate::share::Seconds;
use crate::store::Store;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

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
    /// Bytes stored, against the total quota.
    pub(crate) ledger: Arc<Ledger>,
    /// Shares stored as last measured.
    pub(crate) count: AtomicU64,
    /// Bodies that are coming in or wait to be written.
    pub(crate) bodies: Bodies,
}

impl std::ops::Deref for Context {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Context {
    pub(crate) fn new(store: Arc<dyn Store>, rules: ShareRules, proxies: usize, clock: Clock) -> Self {
        let (reads, writes) = (Quotas::new(rules.reads), Quotas::new(rules.writes));
        let (ledger, bodies) = (Arc::new(Ledger::new(rules.total_bytes)), Bodies::new(rules.share_bytes));
        Self(Arc::new(Inner { store, rules, reads, writes, proxies, clock, ledger, count: AtomicU64::new(0), bodies }))
    }
}

impl Inner {
    /// The current time.
    pub(crate) fn now(&self) -> Seconds {
        (self.clock)()
    }

    /// Measures what is stored; between two measurements writes are added up.
    pub(crate) async fn measure(&self) {
        let before = self.ledger.stored();
        match self.store.usage().await {
            Ok(usage) => {
                self.ledger.measured(before, usage.bytes);
                self.count.store(usage.shares, Ordering::Relaxed);
            }
            Err(cause) => tracing::warn!(%cause, "the store's size could not be measured"),
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("store", &self.store).finish_non_exhaustive()
    }
}
