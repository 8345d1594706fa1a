//! Which node of a database answers a query.

use super::rng::Rng;
use crate::model::DatabaseNode;

/// Shards, replicas and how the load spreads over them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nodes {
    shards: u32,
    /// Nodes of one shard, its primary first.
    per_shard: u32,
    /// Share of the first shard, the rest evenly.
    hottest: Option<f64>,
}

impl Nodes {
    /// The nodes of a database; every other station has one node.
    pub(crate) fn new(database: Option<&DatabaseNode>) -> Self {
        database.map_or(Self { shards: 1, per_shard: 1, hottest: None }, |d| Self {
            shards: d.shards,
            per_shard: 1 + d.read_replicas,
            hottest: d.hot_shard_share,
        })
    }

    /// All nodes of a node's shard.
    pub(crate) fn shard_of(&self, node: u32) -> core::ops::Range<u32> {
        let first = node / self.per_shard * self.per_shard;
        first..first + self.per_shard
    }

    /// A node for one query: writes go to the primary, reads to a replica when there are any.
    pub(crate) fn pick(&self, writes: bool, rng: &mut Rng) -> u32 {
        let shard = match (self.shards, self.hottest) {
            (1, _) => 0,
            (n, None) => rng.below(n),
            (n, Some(share)) => {
                if rng.coin(share) {
                    0
                } else {
                    1 + rng.below(n - 1)
                }
            }
        };
        let node = if writes || self.per_shard == 1 { 0 } else { 1 + rng.below(self.per_shard - 1) };
        shard * self.per_shard + node
    }
}
