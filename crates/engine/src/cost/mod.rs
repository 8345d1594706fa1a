//! What a month costs: prices times what the closed form says is used. A month is 730 hours.
//!
//! Three ways a cost moves: fixed (it does not), stepped (by replicas) and usage (by served visits, transfers, GB-seconds).
//! Amounts are in the scenario's currency. The words are those of the FinOps cost and usage specification (FOCUS): the price is a
//! contracted unit price, what is used is the consumed quantity, the purchase mix its commitment discounts.

mod day;
mod price;

pub use day::{moves, over_time};
pub use price::{HOURS_PER_MONTH, StationBill, Used, station_month};

use crate::{math, model::System, solve::Answer};

/// A month's bill.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    /// Per station, in the system's order.
    pub stations: Vec<StationBill>,
    /// Costs of no component, in the system's order.
    pub others: Vec<f64>,
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

/// The bill of a month that stays at the answer's load for all its 730 hours. [`over_time`] follows the profile.
#[must_use]
pub fn month(system: &System, answer: &Answer) -> Bill {
    let seconds = HOURS_PER_MONTH * 3600.0;
    let used = answer.stations.iter().map(|at| Used::constant(at, HOURS_PER_MONTH)).collect::<Vec<_>>();
    let requests = answer.classes.iter().map(|class| class.throughput * seconds).sum();
    priced(system, answer.multiple, &used, requests)
}

/// Prices what each station used in a month in which so many requests completed.
#[must_use]
pub fn priced(system: &System, multiple: f64, used: &[Used], requests: f64) -> Bill {
    let mut bill = Bill { requests, ..Bill::default() };
    let months = months_to(system, multiple);
    for (station, used) in system.stations.iter().zip(used) {
        let part = station_month(station, used, months);
        bill.fixed += part.fixed;
        bill.stepped += part.stepped;
        bill.usage += part.usage;
        bill.stations.push(part);
    }
    for cost in &system.fixed_costs {
        let amount = if cost.follows_traffic { cost.monthly * multiple } else { cost.monthly };
        *(if cost.follows_traffic { &mut bill.usage } else { &mut bill.fixed }) += amount;
        bill.others.push(amount);
    }
    for class in &system.classes {
        if let Some(users) = class.active_users {
            bill.users = Some(bill.users.unwrap_or(0.0) + users * class.load_factor(multiple));
        }
    }
    bill
}

/// Months of compound growth after which the load is at a multiple; 0 where no growth is stated, or before it.
#[must_use]
pub fn months_to(system: &System, multiple: f64) -> f64 {
    match system.growth_per_month {
        Some(growth) if growth > 0.0 && multiple > 1.0 => math::ln(multiple) / math::ln_1p(growth),
        _ => 0.0,
    }
}
