//! Quantities by the address that `fit.paths` names them with: `components.db.service.browse.mean_ms`, by id, so that an
//! address survives reordering.

use scenario::Scenario;
use scenario::quantities::visit;
use scenario::v1::Quantity;

/// Position of each address in the order of [`visit`]; `None` for one that is not there.
#[must_use]
pub fn positions(scenario: &Scenario, addresses: &[String]) -> Vec<Option<usize>> {
    let mut found = vec![None; addresses.len()];
    let mut position = 0;
    visit(&mut scenario.clone(), &mut |_, path, _| {
        let text = path.to_string();
        for (slot, address) in found.iter_mut().zip(addresses) {
            if *address == text {
                *slot = Some(position);
            }
        }
        position += 1;
    });
    found
}

/// The quantity at an address.
#[must_use]
pub fn read(scenario: &Scenario, address: &str) -> Option<Quantity> {
    let mut found = None;
    visit(&mut scenario.clone(), &mut |_, path, quantity| {
        if path.to_string() == address {
            found = Some(quantity.clone());
        }
    });
    found
}

/// Replaces the quantity at an address; false when there is none.
pub fn write(scenario: &mut Scenario, address: &str, value: &Quantity) -> bool {
    let mut written = false;
    visit(scenario, &mut |_, path, quantity| {
        if path.to_string() == address {
            *quantity = value.clone();
            written = true;
        }
    });
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_shop_has_an_address_that_reads_and_writes() {
        let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        for (address, want) in [
            ("traffic.browse.arrivals.open.rate", 24.0),
            ("components.app.service.*.mean_ms", 1.0),
            ("components.app.pools.pg", 4.0),
            ("components.app.calls[0].on_miss[0].per_request", 1.0),
            ("components.redis.hit_ratio", 0.5),
            ("components.db.price.gb", 100.0),
            ("components.receipts.prefetch", 1.0),
            ("growth.per_month", 0.08),
        ] {
            assert_eq!(read(&shop, address).map(|q| q.value), Some(want), "{address}");
            assert!(write(&mut shop, address, &Quantity::bare(7.0)));
            assert_eq!(read(&shop, address).map(|q| q.value), Some(7.0), "{address}");
        }
        assert!(!write(&mut shop, "components.nowhere.hit_ratio", &Quantity::bare(1.0)));
        assert_eq!(positions(&shop, &["traffic.browse.arrivals.open.rate".into(), "x".into()]), [Some(0), None]);
    }
}
