//! How much one address may ask for: token buckets.

use crate::refusal::Refusal;
use axum::http::{HeaderMap, StatusCode};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

/// Requests a minute that one address may make, on average; as many at once. `None` is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerMinute(pub Option<NonZeroU32>);

/// Token buckets per address.
#[derive(Debug)]
pub(crate) struct Quotas {
    buckets: Option<DefaultKeyedRateLimiter<IpAddr>>,
    clock: DefaultClock,
}

impl Quotas {
    pub(crate) fn new(allowed: PerMinute) -> Self {
        let buckets = allowed.0.map(|number| RateLimiter::keyed(Quota::per_minute(number)));
        Self { buckets, clock: DefaultClock::default() }
    }

    /// Takes one from the address's bucket, or says when there will be one.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), Refusal> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        buckets.check_key(&of_one_customer(address)).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now()).as_secs_f64().ceil();
            let detail = "Too many requests from this address; try again later.";
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).later(wait as u64)
        })
    }

    /// Forgets addresses that have been quiet for a while.
    pub(crate) fn tidy(&self) {
        if let Some(buckets) = &self.buckets {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }
}

/// One customer of a provider has a whole /64 of IPv6 addresses.
pub(crate) fn of_one_customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

/// The client's address: the peer's, or what the outermost of `proxies` trusted proxies wrote into `X-Forwarded-For`. What
/// stands further left in that header was written by the client and is worth nothing.
pub(crate) fn client(peer: SocketAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    if proxies == 0 {
        return peer.ip();
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let hop = hops.len().checked_sub(proxies).and_then(|at| hops.get(at));
    hop.and_then(|hop| address_in(hop)).unwrap_or(peer.ip())
}

/// Some proxies write the port too, and then brackets around an address of IPv6.
fn address_in(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_behind_trusted_proxies() {
        let peer: SocketAddr = "10.0.0.1:1234".parse().expect("address");
        // trusted proxies, headers, address
        let rows: [(usize, &[&str], &str); 12] = [
            (0, &["1.2.3.4"], "10.0.0.1"),
            (1, &["1.2.3.4"], "1.2.3.4"),
            (1, &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (1, &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            (2, &["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            (2, &["1.2.3.4"], "10.0.0.1"),
            (1, &["nonsense"], "10.0.0.1"),
            (1, &["1.2.3.4:5678"], "1.2.3.4"),
            (1, &["6.6.6.6, [2001:db8::1]:80"], "2001:db8::1"),
            (1, &["[2001:db8::1]"], "2001:db8::1"),
            (1, &["2001:db8::1"], "2001:db8::1"),
            (1, &["1.2.3.4:99999"], "10.0.0.1"),
        ];
        for (proxies, lines, expected) in rows {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().expect("header"));
            }
            assert_eq!(client(peer, &headers, proxies).to_string(), expected, "{proxies} {lines:?}");
        }
    }

    #[test]
    fn one_bucket_per_customer() {
        let quotas = Quotas::new(PerMinute(NonZeroU32::new(2)));
        let take = |address: &str| quotas.take(address.parse().expect("address")).is_ok();
        let rows = [
            ("1.2.3.4", true),
            ("1.2.3.4", true),
            ("1.2.3.4", false),
            ("::ffff:1.2.3.4", false),
            ("1.2.3.5", true),
            ("2001:db8::1", true),
            ("2001:db8::2", true),
            ("2001:db8::3", false),
            ("2001:db8:0:1::3", true),
        ];
        for (address, allowed) in rows {
            assert_eq!(take(address), allowed, "{address}");
        }
        let unlimited = Quotas::new(PerMinute(None));
        assert!((0..10_000).all(|_| unlimited.take("1.2.3.4".parse().expect("address")).is_ok()));
    }
}
