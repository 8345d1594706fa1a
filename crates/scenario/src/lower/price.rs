//! Prices.

use super::Lowering;
use crate::path::Path;
use crate::v1::Price;
use engine::model;

impl Lowering<'_> {
    pub(super) fn price(&mut self, price: Option<&Price>, path: &Path) -> model::Price {
        let Some(p) = price else {
            return model::Price::default();
        };
        let mut amount = |quantity: &Option<_>, key: &str| self.number_or(quantity.as_ref(), 0.0, &path.key(key));
        model::Price {
            per_replica_hour: amount(&p.per_replica_hour, "per_replica_hour"),
            per_million_requests: amount(&p.per_million_requests, "per_million_requests"),
            per_gb_month: amount(&p.per_gb_month, "per_gb_month"),
            per_gb_transfer: amount(&p.per_gb_transfer, "per_gb_transfer"),
            egress_per_gb: amount(&p.egress_per_gb, "egress_per_gb"),
            per_request_unit_hour: amount(&p.per_request_unit_hour, "per_request_unit_hour"),
            per_gb_second: amount(&p.per_gb_second, "per_gb_second"),
            fixed_monthly: amount(&p.fixed_monthly, "fixed_monthly"),
            gb: self.optional(p.gb.as_ref(), &path.key("gb")),
            tiers: p.tiers.iter().map(|t| model::Tier { up_to: t.up_to, price: t.price }).collect(),
            purchase: p
                .purchase
                .iter()
                .map(|part| model::Purchase {
                    share: part.share,
                    discount: part.discount,
                    label: part.label.clone(),
                    interruptions_per_hour: part.interruptions_per_hour.unwrap_or(0.0),
                })
                .collect(),
            given: *p != Price::default(),
        }
    }
}
