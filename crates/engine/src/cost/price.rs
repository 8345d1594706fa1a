//! One component's month: each price key times what it prices.

use crate::{
    model::{Kind, Price, Station, Tier},
    solve::StationAnswer,
};

/// Hours in a month, as cloud price lists count them.
pub const HOURS_PER_MONTH: f64 = 730.0;

/// One component's month.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StationBill {
    /// Part that does not move with load.
    pub fixed: f64,
    /// Part that moves with replicas.
    pub stepped: f64,
    /// Part that follows usage.
    pub usage: f64,
}

impl StationBill {
    /// All of it.
    #[must_use]
    pub fn monthly(&self) -> f64 {
        self.fixed + self.stepped + self.usage
    }
}

/// What a station used in a month.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Used {
    /// Hours of replicas (nodes), booting ones included.
    pub replica_hours: f64,
    /// Visits served.
    pub visits: f64,
    /// Gigabytes moved on calls to it.
    pub gigabytes: f64,
    /// GB-seconds of a function.
    pub gb_seconds: f64,
}

impl Used {
    /// What is used in so many hours at a constant load.
    #[must_use]
    pub fn constant(answer: &StationAnswer, hours: f64) -> Self {
        let seconds = hours * 3600.0;
        Self {
            replica_hours: f64::from(answer.replicas) * hours,
            visits: answer.visits * seconds,
            gigabytes: answer.kilobytes * seconds / 1.0e6,
            gb_seconds: answer.gb_seconds * seconds,
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            replica_hours: self.replica_hours + other.replica_hours,
            visits: self.visits + other.visits,
            gigabytes: self.gigabytes + other.gigabytes,
            gb_seconds: self.gb_seconds + other.gb_seconds,
        }
    }
}

/// Prices what a station used in a month that lies so many months after the start: what is stored has grown until then.
#[must_use]
pub fn station_month(station: &Station, used: &Used, months: f64) -> StationBill {
    let price = &station.price;
    let requests = if price.tiers.is_empty() {
        used.visits / 1.0e6 * price.per_million_requests
    } else {
        tiered(&price.tiers, used.visits)
    };
    let startup = station.autoscale.map_or(0.0, |autoscale| autoscale.startup);
    StationBill {
        fixed: price.fixed_monthly
            + price.per_gb_month * stored(station, months)
            + price.per_request_unit_hour * HOURS_PER_MONTH * units(station),
        stepped: price.per_replica_hour * used.replica_hours * purchase_factor(price, startup),
        usage: requests
            + used.gigabytes * (price.per_gb_transfer + price.egress_per_gb)
            + used.gb_seconds * price.per_gb_second,
    }
}

/// Gigabytes stored after so many months.
fn stored(station: &Station, months: f64) -> f64 {
    let (kept, grown) = station.kind.stored_gb();
    let now = station.price.gb.unwrap_or(kept);
    (now + grown * months).max(0.0)
}

/// Provisioned request units.
fn units(station: &Station) -> f64 {
    match &station.kind {
        Kind::Database(node) => node.request_units.map_or(0.0, |units| units.read + units.write),
        _ => 0.0,
    }
}

/// What an hour of service costs relative to the list price under the purchase mix. An interrupted instance is replaced by one that
/// boots for `startup` seconds, billed and serving nothing.
fn purchase_factor(price: &Price, startup: f64) -> f64 {
    let all: f64 = price.purchase.iter().map(|part| part.share).sum();
    if all <= 0.0 {
        return 1.0;
    }
    let booted = |interruptions: f64| 1.0 + interruptions * startup / 3600.0;
    let part = |part: &crate::model::Purchase| part.share * (1.0 - part.discount) * booted(part.interruptions_per_hour);
    price.purchase.iter().map(part).sum::<f64>() / all
}

/// Visits priced tier by tier; beyond the last tier its price holds on.
fn tiered(tiers: &[Tier], visits: f64) -> f64 {
    let (mut from, mut cost) = (0.0, 0.0);
    for (position, tier) in tiers.iter().enumerate() {
        let last = position + 1 == tiers.len();
        let to = if last { f64::INFINITY } else { tier.up_to.unwrap_or(f64::INFINITY) };
        if visits <= from {
            break;
        }
        cost += (visits.min(to) - from).max(0.0) * tier.price;
        from = to;
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_price_each_part_at_its_own_price() {
        let tiers = [
            Tier { up_to: Some(10.0), price: 1.0 },
            Tier { up_to: Some(30.0), price: 0.5 },
            Tier { up_to: None, price: 0.1 },
        ];
        for (visits, cost) in [(0.0, 0.0), (5.0, 5.0), (10.0, 10.0), (20.0, 15.0), (30.0, 20.0), (130.0, 30.0)] {
            assert!((tiered(&tiers, visits) - cost).abs() < 1e-12, "{visits}");
        }
    }

    #[test]
    fn a_purchase_mix_weighs_its_discounts() {
        let part = |share, discount, interruptions_per_hour| crate::model::Purchase {
            share,
            discount,
            label: None,
            interruptions_per_hour,
        };
        let price = Price { purchase: vec![part(0.6, 0.0, 0.0), part(0.4, 0.65, 0.05)], ..Price::default() };
        assert!((purchase_factor(&price, 0.0) - 0.74).abs() < 1e-12);
        // A boot of six minutes for one in twenty hours of the spot part: 0.14 x 0.05 x 0.1 more.
        assert!((purchase_factor(&price, 360.0) - 0.7407).abs() < 1e-12);
    }
}
