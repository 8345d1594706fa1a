//! Several servers that closed classes share with an open load.
//!
//! With n of the closed and j of the open at a station of c servers, the open one offering a erlangs, its weight in a product form is
//! (n + j)! / (n! j!) a^j / prod_{k<=n+j} min(k, c). Summed over j it is g(n), and the closed classes see a station whose speed with n
//! of them is g(n - 1) / g(n): all of the servers as long as nobody is in the way, c - a from c of them on. At one server that is
//! the share 1 - a of the textbooks; at several it is not 1 - a / c of each. An open customer finds E(n + 1) / speed(n + 1) times its
//! own time. Sources: the product form of mixed networks, Baskett, Chandy, Muntz & Palacios, JACM 22 (1975); for one server Lazowska et
//! al., Quantitative System Performance (1984), §7.4.

use super::convolution::Center;
use crate::math;

/// Share of the servers that an open load takes at most: beyond, nothing is left to divide.
const FULL: f64 = 1.0 - 1.0e-6;
/// Steps from the likeliest number either way, beyond which nothing counts that can be told.
const STEPS: usize = 20_000;

/// Servers up to which the speeds are summed; of more, those that the open load leaves are as good as the closed classes' own.
const SUMMED: f64 = 1000.0;

/// Servers' worth of open load that is reckoned with, where it would take them all.
#[must_use]
pub fn taken(servers: f64, open: f64) -> f64 {
    open.clamp(0.0, FULL * servers)
}

/// Lets a center of several servers be shared with an open load of so many erlangs by up to `most` customers of its closed classes.
pub fn share(center: &mut Center, open: f64, most: f64) {
    let open = taken(center.servers, open);
    if center.servers > SUMMED {
        center.servers -= open;
    } else {
        center.open = open;
        speeds(center.servers, open, most.min(SUMMED) as usize + 1, &mut center.table);
    }
}

/// Speeds, in servers, that closed customers see with 1, 2, ... of them beside an open load of so many erlangs, below `servers`, until
/// they stand still or `most` of them are there. Servers may be fractional, as a total speed.
pub fn speeds(servers: f64, open: f64, most: usize, to: &mut Vec<f64>) {
    let (load, whole) = (open / servers, servers.floor() as usize);
    let factorial = |n: usize| math::ln_gamma(n as f64 + 1.0);
    // Of the open that leave servers idle: a Poisson number below the servers that are left.
    to.clear();
    let mut sum = 0.0;
    for n in 0..=whole {
        to.push(sum);
        sum += if n == 0 || open > 0.0 { math::exp(n as f64 * ln(open) - open - factorial(n)) } else { 0.0 };
    }
    // Of the others: a negative binomial tail, which is a binomial distribution's head.
    let binomial = |n: usize| {
        let ways = factorial(whole) - factorial(n) - factorial(whole - n);
        math::exp(ways + n as f64 * ln(1.0 - load) + (whole - n) as f64 * ln(load))
    };
    let (mut head, mut before) = (0.0_f64, 0.0);
    for n in 0..=(whole + 1).min(most) {
        let (none, tail) = if n <= whole {
            head += binomial(n);
            (to[whole - n], head.min(1.0))
        } else {
            (0.0, 1.0)
        };
        let others = factorial(n) - open + (whole as f64 - n as f64) * ln(servers)
            - factorial(whole)
            - (n as f64 + 1.0) * ln(1.0 - load)
            + ln(tail);
        // Both may be beyond what a number holds.
        let largest = others.max(ln(none));
        let all = largest + math::ln(math::exp(ln(none) - largest) + math::exp(others - largest));
        if n > 0 {
            to.push((n as f64 * math::exp(before - all)).min(n as f64).min(servers));
        }
        before = all;
    }
    // What was summed stood in the same memory.
    to.drain(..=whole);
}

/// A logarithm for products in which nothing may be left: that of the least number for 0.
fn ln(x: f64) -> f64 {
    math::ln(x.max(f64::MIN_POSITIVE))
}

/// What an open customer finds: the mean of (n + 1) / speed(n + 1) over the closed ones at the center, its own time being 1. How many
/// they are varies as if all others came by themselves, at one rate each, so that their number and their work are what they are:
/// exact where the rest of the network is delays.
///
/// `users` are the closed customers, `there` those of them at the center in the mean, `work` what they keep busy, in servers.
#[must_use]
pub fn stretch(center: &Center, users: f64, there: f64, work: f64) -> f64 {
    let stretched = |n: f64| (n + 1.0) / center.speed(n + 1.0);
    let away = users - there;
    if there <= 0.0 || away <= 1.0e-9 * users {
        // Between whole numbers.
        let (low, part) = (there.max(0.0).floor(), there.max(0.0) - there.max(0.0).floor());
        return stretched(low) * (1.0 - part) + stretched(low + 1.0) * part;
    }
    let rate = work / away;
    // From n - 1 to n.
    let ratio = |n: f64| rate * (users - n + 1.0).max(0.0) / center.speed(n);
    let (mut low, mut high) = (0.0, users.floor());
    while low < high {
        let middle = (0.5 * (low + high)).floor() + 1.0;
        if ratio(middle) >= 1.0 {
            low = middle;
        } else {
            high = middle - 1.0;
        }
    }
    let (mut sum, mut mean) = (1.0, stretched(low));
    let mut weight = 1.0;
    for n in (1..=STEPS).map(|step| low + step as f64).take_while(|&n| n <= users) {
        weight *= ratio(n);
        sum += weight;
        mean += weight * stretched(n);
        if weight < 1.0e-15 * sum {
            break;
        }
    }
    weight = 1.0;
    for n in (0..STEPS).map(|step| low - step as f64).take_while(|&n| n >= 1.0) {
        weight /= ratio(n);
        sum += weight;
        mean += weight * stretched(n - 1.0);
        if weight < 1.0e-15 * sum {
            break;
        }
    }
    mean / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums as they are written above, term by term.
    fn summed(servers: f64, open: f64, n: usize) -> f64 {
        let weight = |n: usize| {
            let (mut ways, mut all) = (1.0, 0.0);
            for k in 1..=n {
                ways /= (k as f64).min(servers);
            }
            for j in 0..4000 {
                all += ways;
                let next = (n + j + 1) as f64;
                ways *= next / (j + 1) as f64 * open / next.min(servers);
            }
            all
        };
        weight(n - 1) / weight(n)
    }

    #[test]
    fn speeds_are_the_sums() {
        for (servers, open) in
            [(1.0, 0.6), (2.0, 0.5), (4.0, 3.6), (8.0, 4.8), (8.0, 0.0), (3.5, 2.0), (32.0, 25.0), (0.5, 0.2)]
        {
            let mut table = Vec::new();
            speeds(servers, open, 200, &mut table);
            assert_eq!(table.len(), servers as usize + 1, "{servers} servers");
            for (at, speed) in table.iter().enumerate() {
                let wanted = summed(servers, open, at + 1);
                assert!(
                    (speed / wanted - 1.0).abs() < 1e-9,
                    "{servers} servers, {open} open, {}: {speed} is not {wanted}",
                    at + 1
                );
            }
            let last = table[table.len() - 1];
            assert!((last / (servers - open) - 1.0).abs() < 1e-9, "{last}");
        }
    }

    #[test]
    fn many_servers_and_nearly_full_ones_have_speeds() {
        for (servers, open) in [(1000.0, 999.9), (1000.0, 1.0), (700.0, 650.0), (999.5, 5000.0)] {
            let mut table = Vec::new();
            speeds(servers, taken(servers, open), 2000, &mut table);
            assert!(
                table.windows(2).all(|pair| pair[0] > 0.0 && pair[1] >= pair[0] * (1.0 - 1e-9)),
                "{servers} {open}"
            );
        }
    }

    /// One server, one user who thinks: found with probability p, the time is (1 + p) / (1 - open).
    #[test]
    fn an_open_customer_finds_the_closed_ones() {
        let mut center = Center::new(1.0, vec![0.5]);
        share(&mut center, 0.4, 1.0);
        let (p, work) = (0.3, 0.3 * 0.6);
        assert!((stretch(&center, 1.0, p, work) - 1.3 / 0.6).abs() < 1e-9);
        assert!((stretch(&center, 1.0, 0.0, 0.0) - 1.0 / 0.6).abs() < 1e-9);
        assert!((stretch(&center, 1.0, 1.0, 0.6) - 2.0 / 0.6).abs() < 1e-9);
    }
}
