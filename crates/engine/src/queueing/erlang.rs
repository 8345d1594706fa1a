//! Erlang's loss and delay formulas.
//!
//! Poisson arrivals, `servers` servers; loss: any service distribution, arrivals that find all busy are lost; delay:
//! exponential service, one first-come first-served queue. Offered load in erlang (arrival rate × mean service time).
//! Source: Erlang (1917); Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory, 4th ed., §2.5 and §2.3.
//!
//! 1 / B is the sum of servers! / (servers - k)! / load^k over k: all terms positive, so no digits are lost, and the sum is
//! cut where it no longer moves. A million servers therefore cost thousands of steps at worst, not a million.

/// Beyond this 1 / B the loss is below every digit that matters.
const NEGLIGIBLE: f64 = 1.0e30;

/// The reciprocal of Erlang's loss probability: 1 or more, at most 1e30 (then the loss is nothing).
#[must_use]
pub fn inverse_loss(servers: f64, offered_load: f64) -> f64 {
    if offered_load <= 0.0 {
        return NEGLIGIBLE;
    }
    let (mut sum, mut term, mut left) = (1.0, 1.0, servers.floor());
    let per_load = 1.0 / offered_load;
    while left >= 1.0 {
        term *= left * per_load;
        sum += term;
        left -= 1.0;
        if sum > NEGLIGIBLE {
            return NEGLIGIBLE;
        }
        if left < offered_load && term * (left / (offered_load - left).max(1.0)).max(1.0) < sum * 1.0e-17 {
            break;
        }
    }
    sum
}

/// Probability that an arrival is lost when all servers are busy (Erlang B).
#[must_use]
pub fn loss(servers: f64, offered_load: f64) -> f64 {
    let inverse = inverse_loss(servers, offered_load);
    if inverse >= NEGLIGIBLE { 0.0 } else { 1.0 / inverse }
}

/// Probability that an arrival waits (Erlang C); 1 at and beyond saturation.
#[must_use]
pub fn delay(servers: f64, offered_load: f64) -> f64 {
    let utilization = offered_load / servers;
    if utilization >= 1.0 {
        return 1.0;
    }
    let loss = loss(servers, offered_load);
    loss / (1.0 - utilization * (1.0 - loss))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_groups_cost_little_and_agree_with_the_recursion() {
        for (servers, load) in [(1.0, 0.5), (10.0, 10.0), (50.0, 70.0), (400.0, 395.0), (3000.0, 2900.0)] {
            let mut inverse = 1.0;
            for n in 1..=(servers as u32) {
                inverse = 1.0 + f64::from(n) / load * inverse;
            }
            let got = inverse_loss(servers, load);
            assert!((got / inverse - 1.0).abs() < 1e-12, "{servers} {load}: {got} is not {inverse}");
        }
        assert!(loss(1.0e6, 1.0e6) > 0.0);
        assert_eq!(loss(1.0e9, 1.0), 0.0);
    }
}
