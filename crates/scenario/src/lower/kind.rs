//! What each kind of component has of its own.

use super::Lowering;
use crate::path::Path;
use crate::v1::{BalancePolicy, CacheKeys, Component, ComponentKind, Eviction, HitRatio, LimiterAlgorithm, LimiterPer};
use engine::model::{self, Kind};

/// Seconds after which an idle function instance goes away, where the scenario does not say.
const IDLE_TIMEOUT_S: f64 = 600.0;

impl Lowering<'_> {
    pub(super) fn kind(&mut self, c: &Component, path: &Path) -> Kind {
        match c.kind {
            ComponentKind::Service => Kind::Service {
                concurrency: self.limit(c.concurrency.as_ref(), &path.key("concurrency")),
                cpu_cores: self.optional(c.cpu_cores.as_ref(), &path.key("cpu_cores")),
                queue_limit: self.limit(c.queue_limit.as_ref(), &path.key("queue_limit")),
            },
            ComponentKind::Function => Kind::Function {
                concurrency_limit: self.limit(c.concurrency_limit.as_ref(), &path.key("concurrency_limit")),
                cold_start: self.seconds_of_ms(c.cold_start_ms.as_ref(), 0.0, &path.key("cold_start_ms")),
                idle_timeout: self.number_or(c.idle_timeout_s.as_ref(), IDLE_TIMEOUT_S, &path.key("idle_timeout_s")),
                memory_gb: self.number_or(c.memory_gb.as_ref(), 0.0, &path.key("memory_gb")),
            },
            ComponentKind::LoadBalancer => Kind::LoadBalancer { balance: self.balance(c, path) },
            ComponentKind::Cdn => Kind::Cdn {
                hit_ratio: self.given_hit_ratio(c.hit_ratio.as_ref(), path),
                ttl: self.optional(c.ttl_s.as_ref(), &path.key("ttl_s")),
            },
            ComponentKind::Cache => self.cache(c, path),
            ComponentKind::Database => Kind::Database(self.database(c, path)),
            ComponentKind::Queue => self.queue(c, path),
            ComponentKind::RateLimiter => self.rate_limiter(c, path),
            ComponentKind::External => {
                Kind::External { rate_limit: self.optional(c.rate_limit.as_ref(), &path.key("rate_limit")) }
            }
            ComponentKind::Storage => Kind::Storage {
                throughput_mb_s: self.optional(c.throughput_mb_s.as_ref(), &path.key("throughput_mb_s")),
                gb: self.number_or(c.gb.as_ref(), 0.0, &path.key("gb")),
                gb_growth_per_month: self.number_or(
                    c.gb_growth_per_month.as_ref(),
                    0.0,
                    &path.key("gb_growth_per_month"),
                ),
            },
        }
    }

    fn balance(&mut self, c: &Component, path: &Path) -> model::Balance {
        match c.policy.unwrap_or(BalancePolicy::RoundRobin) {
            BalancePolicy::RoundRobin => model::Balance::RoundRobin,
            BalancePolicy::Random => model::Balance::Random,
            BalancePolicy::LeastConnections => model::Balance::LeastConnections,
            BalancePolicy::PowerOfTwo => model::Balance::PowerOfTwo,
            BalancePolicy::Weighted => {
                let weights = path.key("weights");
                model::Balance::Weighted {
                    weights: c.weights.iter().enumerate().map(|(i, &w)| self.finite(w, &weights.index(i))).collect(),
                }
            }
            BalancePolicy::IpHash => {
                let path = path.key("skew");
                if c.skew.is_none() {
                    let remedy = "give the share of the largest replica (1 / replicas when clients spread evenly)";
                    self.problem(&path, "ip_hash has no skew".into(), remedy);
                }
                model::Balance::IpHash { skew: self.number_or(c.skew.as_ref(), 1.0, &path) }
            }
        }
    }

    fn given_hit_ratio(&mut self, hit_ratio: Option<&HitRatio>, path: &Path) -> Vec<f64> {
        let path = path.key("hit_ratio");
        match hit_ratio {
            Some(HitRatio::Ratio(q)) => vec![self.number(q, &path); self.scenario.traffic.len()],
            Some(HitRatio::By(map)) => self.by_class(map, 0.0, &path),
            Some(HitRatio::Keys(_)) => {
                let remedy = "give a ratio from 0 to 1, or one per class";
                self.problem(&path, "keys and capacity belong to a cache".into(), remedy);
                Vec::new()
            }
            None => {
                self.problem(&path, "there is no hit ratio".into(), "give a ratio from 0 to 1");
                Vec::new()
            }
        }
    }

    fn cache(&mut self, c: &Component, path: &Path) -> Kind {
        let hits = match &c.hit_ratio {
            Some(HitRatio::Keys(keys)) => model::HitRatio::Keys(self.cache_keys(keys, &path.key("hit_ratio"))),
            given => model::HitRatio::Given(self.given_hit_ratio(given.as_ref(), path)),
        };
        // A cache's replicas are its nodes.
        let nodes = match &c.nodes {
            Some(nodes) => self.count(nodes, &path.key("nodes")),
            None => self.count_or(c.replicas.as_ref(), 1, &path.key("replicas")),
        };
        Kind::Cache {
            hits,
            concurrency: self.limit(c.concurrency.as_ref(), &path.key("concurrency")),
            nodes,
            coalesce: c.coalesce.unwrap_or(false),
            bypass_ratio: self.number_or(c.bypass_ratio.as_ref(), 0.0, &path.key("bypass_ratio")),
        }
    }

    fn cache_keys(&mut self, k: &CacheKeys, path: &Path) -> model::CacheKeys {
        model::CacheKeys {
            keys: self.whole(&k.keys, &path.key("keys")),
            zipf: self.number_or(k.zipf.as_ref(), 0.0, &path.key("zipf")),
            capacity: self.whole(&k.capacity_items, &path.key("capacity_items")),
            ttl: self.optional(k.ttl_s.as_ref(), &path.key("ttl_s")),
            eviction: match k.eviction.unwrap_or(Eviction::Lru) {
                Eviction::Lru => model::Eviction::Lru,
                Eviction::Lfu => model::Eviction::Lfu,
                Eviction::Fifo => model::Eviction::Fifo,
                Eviction::Random => model::Eviction::Random,
            },
        }
    }

    fn database(&mut self, c: &Component, path: &Path) -> model::DatabaseNode {
        model::DatabaseNode {
            cores: self.limit(c.cores.as_ref(), &path.key("cores")),
            max_connections: self.limit(c.max_connections.as_ref(), &path.key("max_connections")),
            read_replicas: self.count_or(c.read_replicas.as_ref(), 0, &path.key("read_replicas")),
            write_ratio: self.per_class(c.write_ratio.as_ref(), 0.0, &path.key("write_ratio")),
            shards: self.count_or(c.shards.as_ref(), 1, &path.key("shards")),
            hot_shard_share: self.optional(c.hot_shard_share.as_ref(), &path.key("hot_shard_share")),
            usl: c.usl.as_ref().map(|usl| {
                let path = path.key("usl");
                model::Usl {
                    contention: self.number(&usl.contention, &path.key("contention")),
                    coherency: self.number_or(usl.coherency.as_ref(), 0.0, &path.key("coherency")),
                }
            }),
            request_units: c.request_units.as_ref().map(|units| {
                let path = path.key("request_units");
                model::RequestUnits {
                    read: self.number(&units.read, &path.key("read")),
                    write: self.number(&units.write, &path.key("write")),
                }
            }),
            gb: self.number_or(c.gb.as_ref(), 0.0, &path.key("gb")),
            gb_growth_per_month: self.number_or(c.gb_growth_per_month.as_ref(), 0.0, &path.key("gb_growth_per_month")),
        }
    }

    fn queue(&mut self, c: &Component, path: &Path) -> Kind {
        Kind::Queue {
            partitions: self.limit(c.partitions.as_ref(), &path.key("partitions")),
            consumers: self.limit(c.consumers.as_ref(), &path.key("consumers")),
            prefetch: self.limit(c.prefetch.as_ref(), &path.key("prefetch")),
            max_length: c.max_length.as_ref().map(|q| self.whole(q, &path.key("max_length"))),
            delay: self.number_or(c.delay_s.as_ref(), 0.0, &path.key("delay_s")),
            // Left out means unlimited, as for every limit.
            max_attempts: self.count_or(c.max_attempts.as_ref(), u32::MAX, &path.key("max_attempts")),
            dead_letter: c.dead_letter.as_ref().and_then(|id| self.station_id(id, &path.key("dead_letter"))),
            duplicate_ratio: self.number_or(c.duplicate_ratio.as_ref(), 0.0, &path.key("duplicate_ratio")),
        }
    }

    fn rate_limiter(&mut self, c: &Component, path: &Path) -> Kind {
        let limit = match &c.limit {
            Some(limit) => self.number(limit, &path.key("limit")),
            None => {
                let remedy = "give the requests admitted per window";
                self.problem(&path.key("limit"), "the limiter has no limit".into(), remedy);
                0.0
            }
        };
        let window = match c.algorithm.unwrap_or(LimiterAlgorithm::TokenBucket) {
            LimiterAlgorithm::Sliding => model::LimiterWindow::Sliding,
            LimiterAlgorithm::TokenBucket => {
                model::LimiterWindow::TokenBucket { burst: self.number_or(c.burst.as_ref(), limit, &path.key("burst")) }
            }
        };
        let scope = match c.per.unwrap_or(LimiterPer::All) {
            LimiterPer::All => model::LimiterScope::All,
            LimiterPer::Client => model::LimiterScope::Client {
                clients: match &c.clients {
                    Some(clients) => self.whole(clients, &path.key("clients")),
                    None => {
                        let remedy = "give the number of clients";
                        self.problem(&path.key("clients"), "a limit per client needs clients".into(), remedy);
                        1
                    }
                },
                zipf: self.number_or(c.client_zipf.as_ref(), 0.0, &path.key("client_zipf")),
            },
        };
        Kind::RateLimiter {
            window,
            limit,
            seconds: self.number_or(c.window_s.as_ref(), 1.0, &path.key("window_s")),
            scope,
        }
    }
}
