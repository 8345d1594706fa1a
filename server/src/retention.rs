//! What is done now and then: measuring the store, ending what is over, forgetting quiet addresses.

use crate::context::Context;
use crate::prometheus::Proxy;
use crate::share::Seconds;
use std::time::{Duration, Instant};

/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(60);
/// How long the clock must have run evenly before anything is deleted by it.
const TRUST: Duration = Duration::from_secs(3600);
/// Most shares deleted in one transaction, so that writes in between do not wait long.
const AT_ONCE: u32 = 200;

/// Runs until it is dropped.
pub(crate) async fn keep(context: Option<Context>, proxy: Option<Proxy>) {
    let start = context.as_ref().map_or(0, |context| context.now());
    let mut clock = ClockWatch::new(start, Instant::now());
    // The store was measured when it was opened.
    let mut rounds = tokio::time::interval_at(tokio::time::Instant::now() + ROUND, ROUND);
    loop {
        rounds.tick().await;
        if let Some(proxy) = &proxy {
            proxy.quotas().tidy();
        }
        let Some(context) = &context else { continue };
        context.reads.tidy();
        context.writes.tidy();
        if clock.trusted(context.now(), Instant::now()) {
            sweep(context).await;
        }
        context.measure().await;
    }
}

async fn sweep(context: &Context) {
    loop {
        match context.store.sweep(context.now(), AT_ONCE).await {
            Ok(0) => return,
            Ok(deleted) => tracing::info!(deleted, "expired shares deleted"),
            Err(cause) => {
                tracing::warn!(%cause, "expired shares could not be deleted");
                return;
            }
        }
    }
}

/// Compares the wall clock with the steady one. A wall clock that was set wrong must not delete a company's shares.
struct ClockWatch {
    wall: Seconds,
    steady: Instant,
    even_since: Instant,
}

impl ClockWatch {
    fn new(wall: Seconds, steady: Instant) -> Self {
        Self { wall, steady, even_since: steady }
    }

    /// Whether both clocks have agreed for long enough.
    fn trusted(&mut self, wall: Seconds, steady: Instant) -> bool {
        let passed = Seconds::try_from(steady.duration_since(self.steady).as_secs()).unwrap_or(Seconds::MAX);
        let jump = wall - self.wall - passed;
        if jump.abs() > 300 {
            tracing::warn!(jump_seconds = jump, "the clock jumped; nothing expires for an hour");
            self.even_since = steady;
        }
        (self.wall, self.steady) = (wall, steady);
        steady.duration_since(self.even_since) >= TRUST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_is_not_trusted_for_an_hour() {
        let start = Instant::now();
        let mut watch = ClockWatch::new(1_000_000, start);
        // minutes since start, how far the wall clock is off, trusted
        let rows = [
            (1, 0, false),
            (59, 0, false),
            (60, 0, true),
            (61, 60, true),
            (62, 400 * 86_400, false),
            (63, 400 * 86_400, false),
            (64, 0, false),
            (123, 0, false),
            (124, 0, true),
            (125, -7200, false),
        ];
        for (minutes, off, trusted) in rows {
            let steady = start + Duration::from_secs(minutes * 60);
            let wall = 1_000_000 + Seconds::try_from(minutes * 60).expect("small") + off;
            assert_eq!(watch.trusted(wall, steady), trusted, "{minutes} minutes, off by {off} s");
        }
    }
}
