//! What a month costs: prices times what the closed form says is used. A month is 730 hours.
//!
//! Three ways a cost moves: fixed (it does not), stepped (by replicas) and usage (by served visits, transfers, GB-seconds).
//! Amounts are in the scenario's currency.

mod price;

pub use price::{HOURS_PER_MONTH, StationBill, station_month};

use crate::{model::System, solve::Answer};

/// A month's bill.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    /// Per station, in the system's order.
    pub stations: Vec<StationBill>,
    /// Part that does not move, costs of no component included.
    pub fixed: f64,
    /// Part that moves with replicas.
    pub stepped: f64,
    /// Part that follows usage.
    pub usage: f64,
    /// Requests completed in the month.
    pub requests: f64,
    /// Active users, where the classes say how many.
    pub users: Option<f64>,
}

impl Bill {
    /// All of it.
    #[must_use]
    pub fn monthly(&self) -> f64 {
        self.fixed + self.stepped + self.usage
    }

    /// Per million completed requests; `None` without any.
    #[must_use]
    pub fn per_million_requests(&self) -> Option<f64> {
        (self.requests > 0.0).then(|| self.monthly() / self.requests * 1.0e6)
    }

    /// Per active user; `None` when unknown.
    #[must_use]
    pub fn per_user(&self) -> Option<f64> {
        self.users.filter(|&users| users > 0.0).map(|users| self.monthly() / users)
    }
}

/// The bill of a month that stays at the answer's load for all its 730 hours.
#[must_use]
pub fn month(system: &System, answer: &Answer) -> Bill {
    let mut bill = Bill::default();
    for (station, at) in system.stations.iter().zip(&answer.stations) {
        let part = station_month(station, at);
        bill.fixed += part.fixed;
        bill.stepped += part.stepped;
        bill.usage += part.usage;
        bill.stations.push(part);
    }
    for cost in &system.fixed_costs {
        if cost.follows_traffic {
            bill.usage += cost.monthly * answer.multiple;
        } else {
            bill.fixed += cost.monthly;
        }
    }
    let seconds = HOURS_PER_MONTH * 3600.0;
    bill.requests = answer.classes.iter().map(|class| class.throughput * seconds).sum();
    for class in &system.classes {
        if let Some(users) = class.active_users {
            bill.users = Some(bill.users.unwrap_or(0.0) + users * class.load_factor(answer.multiple));
        }
    }
    bill
}
