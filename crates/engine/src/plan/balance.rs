//! The best split of a closed population over two processor-sharing servers, and what it gives.
//!
//! With N users who think for a while and then ask one of two servers, the cycle is shortest when the faster one gets more than its
//! share of the speed at low load, and close to it at high load. Each split is solved exactly (product form holds under processor
//! sharing whatever the distribution), and the least cycle is found by golden-section search: the cycle is convex in the share.
//! Sources: Reiser & Lavenberg, J. ACM 27 (1980), for the exact cycle; Kiefer, Proc. AMS 4 (1953), for the search.

use crate::queueing::convolution::{Center, solve};

/// A split of the requests over two servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Share of the first server.
    pub share: f64,
    /// Mean seconds from one request of a user to the next, thinking included.
    pub cycle: f64,
}

/// The split with the shortest cycle, to 1e-9 of the share.
///
/// `rates` are requests a second that each server finishes when busy, `think_time` is in seconds. `None` when a rate is not above
/// zero, the think time is negative, anything is not finite, or nobody asks.
#[must_use]
pub fn best_split(rates: [f64; 2], users: u32, think_time: f64) -> Option<Split> {
    let sound = rates.iter().all(|rate| rate.is_finite() && *rate > 0.0) && think_time.is_finite() && think_time >= 0.0;
    if !sound || users == 0 {
        return None;
    }
    let cycle = |share: f64| {
        let center = |servers, demand| Center::new(servers, vec![demand]);
        let centers =
            [center(f64::INFINITY, think_time), center(1.0, share / rates[0]), center(1.0, (1.0 - share) / rates[1])];
        f64::from(users) / solve(&[users], &centers).throughput[0]
    };
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (cycle(left), cycle(right));
    while high - low > 1.0e-9 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = cycle(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = cycle(right);
        }
    }
    let share = low.midpoint(high);
    let cycle = cycle(share);
    cycle.is_finite().then_some(Split { share, cycle })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_optima() {
        // Users, think time, rates: share of the first, cycle. The first row is the published optimum; equal servers share evenly.
        for (rates, users, think, share, cycle) in [
            ([0.75, 0.50], 16, 1.0, 0.6105, 13.638),
            ([2.0, 2.0], 5, 1.0, 0.5, f64::NAN),
            ([0.5, 0.75], 16, 1.0, 0.3895, 13.638),
        ] {
            let found = best_split(rates, users, think).unwrap();
            assert!((found.share - share).abs() < 1e-3, "{found:?}");
            assert!(cycle.is_nan() || (found.cycle - cycle).abs() < 1e-3, "{found:?}");
        }
        // One user never waits: everything to the faster server, 1 / 0.75 + 1.
        let alone = best_split([0.75, 0.5], 1, 1.0).unwrap();
        assert!(alone.share > 0.999 && (alone.cycle - (1.0 + 1.0 / 0.75)).abs() < 1e-6, "{alone:?}");
        assert_eq!(best_split([0.0, 1.0], 4, 1.0), None);
        assert_eq!(best_split([1.0, 1.0], 0, 1.0), None);
        assert_eq!(best_split([1.0, f64::NAN], 4, 1.0), None);
    }
}
