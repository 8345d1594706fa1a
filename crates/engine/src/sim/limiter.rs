//! Rate limits: token buckets and sliding windows, for everybody or per client; quotas and request units.

use super::keys::{KeyTable, Zipf};
use super::rng::Rng;
use crate::model::{Kind, LimiterScope, LimiterWindow};
use std::collections::VecDeque;

/// A bucket of tokens.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    last: f64,
}

/// How one bucket fills.
#[derive(Debug, Clone, Copy)]
struct Refill {
    rate: f64,
    most: f64,
}

impl Bucket {
    fn take(&mut self, now: f64, refill: Refill) -> bool {
        self.tokens = (self.tokens + (now - self.last) * refill.rate).min(refill.most);
        self.last = now;
        let admitted = self.tokens >= 1.0;
        if admitted {
            self.tokens -= 1.0;
        }
        admitted
    }
}

/// Admissions in the last window: their times, oldest first.
type Window = VecDeque<f64>;

/// One more in a sliding window, if fewer than the limit are in it.
fn take_in_window(window: &mut Window, now: f64, limit: usize, seconds: f64) -> bool {
    while window.front().is_some_and(|t| now - t >= seconds) {
        window.pop_front();
    }
    let admitted = window.len() < limit;
    if admitted {
        window.push_back(now);
    }
    admitted
}

/// Who is counted: everybody as one, or each client by its own. Memory goes to clients that were seen.
#[derive(Debug, Clone)]
pub(crate) struct Counted<T> {
    state: Vec<T>,
    fresh: T,
    clients: Option<(Zipf, KeyTable)>,
}

impl<T: Clone> Counted<T> {
    fn new(scope: LimiterScope, fresh: T) -> Self {
        match scope {
            LimiterScope::All => Self { state: vec![fresh.clone()], fresh, clients: None },
            LimiterScope::Client { clients, zipf } => Self {
                state: Vec::new(),
                fresh,
                clients: Some((Zipf::new(clients, zipf), KeyTable::with_capacity(1024))),
            },
        }
    }

    /// The state of whoever asks now.
    fn draw(&mut self, rng: &mut Rng) -> &mut T {
        let at = match &mut self.clients {
            None => 0,
            Some((law, places)) => {
                let client = law.sample(rng);
                match places.get(client) {
                    Some(place) => place as usize,
                    None => {
                        places.set(client, self.state.len() as u32);
                        self.state.push(self.fresh.clone());
                        self.state.len() - 1
                    }
                }
            }
        };
        &mut self.state[at]
    }
}

/// A limit at a station.
#[derive(Debug, Clone)]
pub(crate) enum Limiter {
    /// Token buckets, one per client.
    Buckets(BucketLimit),
    /// Sliding windows, one per client.
    Windows(WindowLimit),
    /// Request units: reads and writes apart.
    Units(UnitLimit),
}

/// Token buckets.
#[derive(Debug, Clone)]
pub(crate) struct BucketLimit {
    buckets: Counted<Bucket>,
    refill: Refill,
}

/// Sliding windows.
#[derive(Debug, Clone)]
pub(crate) struct WindowLimit {
    windows: Counted<Window>,
    limit: usize,
    seconds: f64,
}

/// Read and write units.
#[derive(Debug, Clone)]
pub(crate) struct UnitLimit {
    read: (Bucket, Refill),
    write: (Bucket, Refill),
}

impl Limiter {
    /// The limit of a station, if it has one. A quota or a rate of units may save up one second's worth.
    pub(crate) fn new(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::RateLimiter { window, limit, seconds, scope } => Some(match window {
                LimiterWindow::TokenBucket { burst } => {
                    let refill = Refill { rate: limit / seconds, most: burst.max(1.0) };
                    let full = Bucket { tokens: refill.most, last: 0.0 };
                    Self::Buckets(BucketLimit { buckets: Counted::new(*scope, full), refill })
                }
                LimiterWindow::Sliding => {
                    let windows = Counted::new(*scope, Window::new());
                    Self::Windows(WindowLimit { windows, limit: limit.floor() as usize, seconds: *seconds })
                }
            }),
            Kind::External { rate_limit: Some(rate) } => {
                let (bucket, refill) = per_second(*rate);
                Some(Self::Buckets(BucketLimit { buckets: Counted::new(LimiterScope::All, bucket), refill }))
            }
            Kind::Database(node) => {
                let units = node.request_units?;
                Some(Self::Units(UnitLimit { read: per_second(units.read), write: per_second(units.write) }))
            }
            _ => None,
        }
    }

    /// Whether one more is let in now.
    pub(crate) fn admit(&mut self, now: f64, writes: bool, rng: &mut Rng) -> bool {
        match self {
            Self::Buckets(b) => b.buckets.draw(rng).take(now, b.refill),
            Self::Windows(w) => take_in_window(w.windows.draw(rng), now, w.limit, w.seconds),
            Self::Units(u) => {
                let (bucket, refill) = if writes { &mut u.write } else { &mut u.read };
                bucket.take(now, *refill)
            }
        }
    }
}

/// A full bucket that fills with this rate and holds one second's worth.
fn per_second(rate: f64) -> (Bucket, Refill) {
    let most = rate.max(1.0);
    (Bucket { tokens: most, last: 0.0 }, Refill { rate, most })
}
