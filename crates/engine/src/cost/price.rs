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

/// Prices a station at a constant load for a month.
#[must_use]
pub fn station_month(station: &Station, answer: &StationAnswer) -> StationBill {
    let price = &station.price;
    let seconds = HOURS_PER_MONTH * 3600.0;
    let visits = answer.visits * seconds;
    let gigabytes = answer.kilobytes * seconds / 1.0e6;
    let requests =
        if price.tiers.is_empty() { visits / 1.0e6 * price.per_million_requests } else { tiered(&price.tiers, visits) };
    StationBill {
        fixed: price.fixed_monthly
            + price.per_gb_month * stored(station)
            + price.per_request_unit_hour * HOURS_PER_MONTH * units(station),
        stepped: price.per_replica_hour * HOURS_PER_MONTH * f64::from(answer.replicas) * purchase_factor(price),
        usage: requests
            + gigabytes * (price.per_gb_transfer + price.egress_per_gb)
            + answer.gb_seconds * seconds * price.per_gb_second,
    }
}

/// Gigabytes stored.
fn stored(station: &Station) -> f64 {
    station.price.gb.unwrap_or(match &station.kind {
        Kind::Database(node) => node.gb,
        Kind::Storage { gb, .. } => *gb,
        _ => 0.0,
    })
}

/// Provisioned request units.
fn units(station: &Station) -> f64 {
    match &station.kind {
        Kind::Database(node) => node.request_units.map_or(0.0, |units| units.read + units.write),
        _ => 0.0,
    }
}

/// What an hour costs relative to the list price under the purchase mix.
fn purchase_factor(price: &Price) -> f64 {
    let all: f64 = price.purchase.iter().map(|part| part.share).sum();
    if all <= 0.0 {
        return 1.0;
    }
    price.purchase.iter().map(|part| part.share * (1.0 - part.discount)).sum::<f64>() / all
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
        let part =
            |share, discount| crate::model::Purchase { share, discount, label: None, interruptions_per_hour: 0.0 };
        let price = Price { purchase: vec![part(0.6, 0.0), part(0.4, 0.65)], ..Price::default() };
        assert!((purchase_factor(&price) - 0.74).abs() < 1e-12);
    }
}
