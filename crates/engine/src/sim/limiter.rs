//! Rate limits: token buckets and sliding windows, for everybody or per client; quotas and request units.

use super::keys::Zipf;
use super::rng::Rng;
use crate::model::{Kind, LimiterScope, LimiterWindow};

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

/// Admissions in the last window: a ring of their times.
#[derive(Debug, Clone)]
struct Window {
    /// Times of the last admissions, the oldest at `at`.
    times: Vec<f64>,
    at: usize,
}

impl Window {
    fn new(limit: usize) -> Self {
        Self { times: vec![f64::NEG_INFINITY; limit], at: 0 }
    }

    fn take(&mut self, now: f64, seconds: f64) -> bool {
        let Some(oldest) = self.times.get_mut(self.at) else { return false };
        if now - *oldest < seconds {
            return false;
        }
        *oldest = now;
        self.at = (self.at + 1) % self.times.len();
        true
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
    buckets: Vec<Bucket>,
    refill: Refill,
    clients: Option<Zipf>,
}

/// Sliding windows.
#[derive(Debug, Clone)]
pub(crate) struct WindowLimit {
    windows: Vec<Window>,
    seconds: f64,
    clients: Option<Zipf>,
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
            Kind::RateLimiter { window, limit, seconds, scope } => {
                let (count, clients) = match scope {
                    LimiterScope::All => (1, None),
                    LimiterScope::Client { clients, zipf } => (*clients as usize, Some(Zipf::new(*clients, *zipf))),
                };
                Some(match window {
                    LimiterWindow::TokenBucket { burst } => {
                        let refill = Refill { rate: limit / seconds, most: burst.max(1.0) };
                        let full = Bucket { tokens: refill.most, last: 0.0 };
                        Self::Buckets(BucketLimit { buckets: vec![full; count], refill, clients })
                    }
                    LimiterWindow::Sliding => {
                        let windows = vec![Window::new(limit.floor() as usize); count];
                        Self::Windows(WindowLimit { windows, seconds: *seconds, clients })
                    }
                })
            }
            Kind::External { rate_limit: Some(rate) } => {
                let (bucket, refill) = per_second(*rate);
                Some(Self::Buckets(BucketLimit { buckets: vec![bucket], refill, clients: None }))
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
            Self::Buckets(b) => {
                let client = b.clients.as_ref().map_or(0, |z| z.sample(rng) as usize);
                b.buckets[client].take(now, b.refill)
            }
            Self::Windows(w) => {
                let client = w.clients.as_ref().map_or(0, |z| z.sample(rng) as usize);
                w.windows[client].take(now, w.seconds)
            }
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
