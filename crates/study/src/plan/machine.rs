//! Larger machines: from the price book where the scenario has one, else in proportion.

use super::Rejected;
use engine::model::{Kind, System};
use engine::order;
use engine::plan::{Lever, Machine, What};
use scenario::Scenario;

/// Sizes tried where no price book lists any: doubled so many times.
const DOUBLINGS: u32 = 3;

/// Levers for larger machines, and why there is none where one could be wished for.
pub(super) fn machines(scenario: &Scenario, system: &System) -> (Vec<Lever>, Vec<Rejected>) {
    let (mut levers, mut rejected) = (Vec::new(), Vec::new());
    for (station, s) in system.stations.iter().enumerate() {
        let (cores, is_database) = match &s.kind {
            Kind::Database(node) => (node.cores.map(f64::from), true),
            Kind::Service { cpu_cores, .. } => (*cpu_cores, false),
            _ => (None, false),
        };
        let Some(cores) = cores else { continue };
        if scenario.price_book.is_empty() {
            // More replicas cost the same as larger ones; a database has no such choice.
            if is_database {
                let list = (1..=DOUBLINGS).map(|k| Machine {
                    name: String::new(),
                    cores: cores * f64::from(1 << k),
                    per_replica_hour: s.price.per_replica_hour * f64::from(1 << k),
                });
                levers.push(lever(station, cores, list.collect()));
            }
            continue;
        }
        match larger(scenario, cores, s.price.per_replica_hour, is_database) {
            Ok(list) => levers.push(lever(station, cores, list)),
            Err(why) => rejected.push(Rejected { what: format!("a larger machine for {}", s.id), why }),
        }
    }
    (levers, rejected)
}

fn lever(station: usize, cores: f64, list: Vec<Machine>) -> Lever {
    Lever { station, now: cores as u32, levels: list.len() as u32, what: What::Machine(list) }
}

/// Rows of the price book with more cores and no less memory, from the same provider and region as the row at today's price: the
/// cheapest of each size, none that is dearer and smaller than another. The first may cost less than today's.
fn larger(scenario: &Scenario, cores: f64, price: f64, whole: bool) -> Result<Vec<Machine>, String> {
    if scenario.currency.as_deref().is_some_and(|code| code != "USD") {
        return Err("the price book is in US dollars and the scenario is not; nothing is converted".into());
    }
    let book = &scenario.price_book;
    let near = |row: &&scenario::v1::PriceBookRow| (row.usd_per_hour - price).abs() <= 0.01 * price;
    let today = book.iter().filter(near).min_by(|a, b| (a.vcpu - cores).abs().total_cmp(&(b.vcpu - cores).abs()));
    let Some(today) = today else {
        return Err(format!("no row of the price book costs {price} an hour, so its family is not known"));
    };
    let mut rows: Vec<_> = book
        .iter()
        .filter(|row| row.provider == today.provider && row.region == today.region)
        .filter(|row| row.mem_gib >= today.mem_gib)
        .filter(|row| row.vcpu > cores && row.usd_per_hour > 0.0 && (!whole || row.vcpu.fract() == 0.0))
        .collect();
    order::sort_by(&mut rows, |a, b| a.vcpu.total_cmp(&b.vcpu).then(a.usd_per_hour.total_cmp(&b.usd_per_hour)));
    let mut list: Vec<Machine> = Vec::new();
    for row in rows {
        while list.last().is_some_and(|last| last.per_replica_hour >= row.usd_per_hour && last.cores <= row.vcpu) {
            list.pop();
        }
        if list.last().is_none_or(|last| last.cores < row.vcpu) {
            list.push(Machine { name: row.kind.clone(), cores: row.vcpu, per_replica_hour: row.usd_per_hour });
        }
    }
    if list.is_empty() {
        let (memory, region) = (today.mem_gib, &today.region);
        return Err(format!(
            "the price book has nothing larger than {cores} cores with the {memory} GiB of {} in {region}",
            today.kind
        ));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario::v1::PriceBookRow;

    #[test]
    fn the_price_book_names_the_next_size() {
        let text = include_str!("../../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        let sized = |region: &str, kind: &str, vcpu, usd_per_hour, mem_gib| PriceBookRow {
            provider: "aws".into(),
            region: region.into(),
            kind: kind.into(),
            vcpu,
            mem_gib,
            usd_per_hour,
            as_of: "2026-11-01".into(),
            source: "list".into(),
        };
        let row = |region: &str, kind: &str, vcpu, usd_per_hour| sized(region, kind, vcpu, usd_per_hour, 8.0);
        shop.price_book = vec![
            row("a", "small", 2.0, 0.1),
            row("a", "large", 4.0, 0.2),
            row("a", "worse", 4.0, 0.3),
            row("a", "huge", 16.0, 0.7),
            row("b", "large", 4.0, 0.15),
            sized("a", "less memory", 4.0, 0.15, 4.0),
        ];
        let names = |list: Vec<Machine>| list.into_iter().map(|m| m.name).collect::<Vec<_>>();
        assert_eq!(larger(&shop, 2.0, 0.1, true).map(names), Ok(vec!["large".into(), "huge".into()]));
        assert!(larger(&shop, 16.0, 0.7, true).unwrap_err().contains("nothing larger than 16 cores with the 8 GiB of"));
        assert!(larger(&shop, 2.0, 0.5, true).unwrap_err().contains("no row"));
        shop.currency = Some("EUR".into());
        assert!(larger(&shop, 2.0, 0.1, true).unwrap_err().contains("dollars"));
    }
}
