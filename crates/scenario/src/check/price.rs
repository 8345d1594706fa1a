//! Prices.

use super::problems::Findings;
use crate::path::Path;
use crate::v1::{Component, Price};

pub(super) fn check(component: &Component, price: &Price, path: &Path, findings: &mut Findings) {
    if price.gb.is_some() && component.gb.is_some() {
        findings.problem(&path.key("gb"), "the component states its gb already", "keep the component's");
    }
    if !price.tiers.is_empty() && price.per_million_requests.is_some() {
        let text = "tiers stand in place of per_million_requests; both are stated";
        findings.problem(&path.key("tiers"), text, "keep one of them");
    }
    tiers(price, &path.key("tiers"), findings);
    let shares: f64 = price.purchase.iter().map(|part| part.share).sum();
    if !price.purchase.is_empty() && (shares - 1.0).abs() > 1e-6 {
        findings.problem(
            &path.key("purchase"),
            format!("the shares add up to {shares}"),
            "give shares that add up to 1",
        );
    }
}

fn tiers(price: &Price, path: &Path, findings: &mut Findings) {
    let mut below = 0.0;
    for (i, tier) in price.tiers.iter().enumerate() {
        let last = i + 1 == price.tiers.len();
        match tier.up_to {
            None if !last => {
                findings.problem(&path.index(i).key("up_to"), "only the last tier is open", "give its upper end")
            }
            Some(_) if last => {
                findings.problem(
                    &path.index(i).key("up_to"),
                    "the last tier ends, what comes after it has no price",
                    "leave up_to out",
                );
            }
            Some(up_to) if up_to <= below => {
                let text = format!("{up_to} does not come after {below}");
                findings.problem(&path.index(i).key("up_to"), text, "give ascending ends");
            }
            Some(up_to) => below = up_to,
            None => {}
        }
    }
}
