//! What a month costs: prices times what the closed form says is used. A month is 730 hours.
//!
//! Three ways a cost moves: fixed (it does not), stepped (by replicas) and usage (by served visits, transfers, GB-seconds).
//! Amounts are in the scenario's currency. The words are those of the FinOps cost and usage specification (FOCUS): the price is a
//! contracted unit price, what is used is the consumed quantity, the purchase mix its commitment discounts.

mod day;
mod price;

pub use day::{moves, over_time, use_over_time};
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

/// What is used in a month.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MonthUse {
    /// Per station, in the system's order.
    pub stations: Vec<Used>,
    /// Requests completed.
    pub requests: f64,
}

/// The bill of a month that stays at the answer's load for all its 730 hours. [`over_time`] follows the profile.
#[must_use]
pub fn month(system: &System, answer: &Answer) -> Bill {
    let used = month_use(answer);
    priced(system, answer.multiple, &used.stations, used.requests)
}

/// What [`month`] prices.
fn month_use(answer: &Answer) -> MonthUse {
    let seconds = HOURS_PER_MONTH * 3600.0;
    MonthUse {
        stations: answer.stations.iter().map(|at| Used::constant(at, HOURS_PER_MONTH)).collect(),
        requests: answer.classes.iter().map(|class| class.throughput * seconds).sum(),
    }
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

/// Months of compound growth (below 0: of shrinking) after which the load is at a multiple; 0 where none is stated, and where the
/// multiple lies before the start.
#[must_use]
pub fn months_to(system: &System, multiple: f64) -> f64 {
    let known = system.growth_per_month.filter(|growth| *growth > -1.0 && *growth != 0.0 && multiple > 0.0);
    known.map_or(0.0, |growth| (math::ln(multiple) / math::ln_1p(growth)).max(0.0))
}
