//! Which nodes of a database get the same load: the primaries and the read replicas of its hottest shard, and those of the others.

use crate::model::DatabaseNode;

/// Nodes of a database that are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alike {
    /// Shards that they are of.
    pub shards: f64,
    /// Share of all visits that each of these shards gets.
    pub share: f64,
    /// Such nodes in each of the shards: what reaches them is divided evenly.
    pub each: f64,
    /// Whether they take writes.
    pub writes: bool,
    /// Whether they take reads.
    pub reads: bool,
    /// Whether their shard gets more than the others.
    pub hottest: bool,
}

impl Alike {
    /// How many there are.
    pub fn count(&self) -> f64 {
        self.shards * self.each
    }

    /// Share of the writes that each of them gets.
    pub fn write_share(&self) -> f64 {
        if self.writes { self.share / self.each } else { 0.0 }
    }

    /// Share of the reads that each of them gets.
    pub fn read_share(&self) -> f64 {
        if self.reads { self.share / self.each } else { 0.0 }
    }
}

/// All nodes of a database, the hottest shard's first and primaries before their read replicas; of what there is none of, none.
pub(super) fn alike(node: &DatabaseNode) -> impl Iterator<Item = Alike> {
    let shards = f64::from(node.shards.max(1));
    let readers = f64::from(node.read_replicas);
    let hot = node.hot_shard_share.unwrap_or(1.0 / shards);
    let rest = if node.shards > 1 { (1.0 - hot) / (shards - 1.0) } else { 0.0 };
    let of = move |(shards, share): (f64, f64), hottest: bool| {
        let primaries = Alike { shards, share, each: 1.0, writes: true, reads: readers <= 0.0, hottest };
        [primaries, Alike { each: readers, writes: false, reads: true, ..primaries }]
    };
    let hottest = hot > 1.0 / shards * (1.0 + 1.0e-9);
    let all = of((1.0, hot), hottest).into_iter().chain(of((shards - 1.0, rest), rest > 1.0 / shards * (1.0 + 1.0e-9)));
    all.filter(|nodes| nodes.count() > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shards, read replicas and the hottest share; of the nodes that are alike: how many, their writes, their reads, hottest or not.
    #[test]
    fn every_write_and_every_read_reaches_one_node() {
        type Row = (u32, u32, Option<f64>, &'static [(f64, f64, f64, bool)]);
        let rows: [Row; 5] = [
            (1, 0, None, &[(1.0, 1.0, 1.0, false)]),
            (1, 2, None, &[(1.0, 1.0, 0.0, false), (2.0, 0.0, 0.5, false)]),
            (4, 0, None, &[(1.0, 0.25, 0.25, false), (3.0, 0.25, 0.25, false)]),
            (3, 0, Some(0.5), &[(1.0, 0.5, 0.5, true), (2.0, 0.25, 0.25, false)]),
            (
                3,
                2,
                Some(0.5),
                &[(1.0, 0.5, 0.0, true), (2.0, 0.0, 0.25, true), (2.0, 0.25, 0.0, false), (4.0, 0.0, 0.125, false)],
            ),
        ];
        for (shards, read_replicas, hot_shard_share, wanted) in rows {
            let node = DatabaseNode {
                cores: Some(4),
                max_connections: None,
                read_replicas,
                write_ratio: Vec::new(),
                shards,
                hot_shard_share,
                usl: None,
                request_units: None,
                gb: 0.0,
                gb_growth_per_month: 0.0,
            };
            let found = alike(&node).map(|n| (n.count(), n.write_share(), n.read_share(), n.hottest));
            let found: Vec<_> = found.collect();
            assert_eq!(found, wanted, "{shards} shards, {read_replicas} read replicas");
            let sum = |of: fn(&Alike) -> f64| alike(&node).map(|n| n.count() * of(&n)).sum::<f64>();
            assert_eq!((sum(Alike::write_share), sum(Alike::read_share)), (1.0, 1.0));
        }
    }
}
