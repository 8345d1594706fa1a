//! What HAProxy's backends and nginx's upstreams have in common: servers, their weights and a rule.

use crate::measurements::Resource;

/// A group of servers behind a balancer.
#[derive(Debug, Default)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// The rule, in the scenario format's words where it has one.
    pub policy: String,
    /// The rule as written.
    pub written: String,
    /// Its servers.
    pub servers: Vec<Server>,
    /// Who sends to it.
    pub used_by: Vec<String>,
}

/// One server.
#[derive(Debug, Default, Clone)]
pub struct Server {
    /// Its name, or its address.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its weight; 1 where none is written.
    pub weight: Option<f64>,
    /// Connections at most.
    pub max_connections: Option<f64>,
    /// Used only when all others are down.
    pub backup: bool,
    /// Taken out.
    pub down: bool,
}

impl Upstream {
    /// The balancer and its servers.
    pub fn resources(&self) -> Vec<Resource> {
        let active: Vec<&Server> = self.servers.iter().filter(|server| !server.backup && !server.down).collect();
        let weights: Vec<f64> = active.iter().map(|server| server.weight.unwrap_or(1.0)).collect();
        let equal = weights.windows(2).all(|pair| pair[0] == pair[1]);
        let policy = if !equal && self.policy == "round_robin" { "weighted" } else { &self.policy };
        let connections: Option<f64> = active.iter().map(|server| server.max_connections).sum();
        let count = |servers: usize| (servers > 0).then_some(servers as f64);
        let balancer = Resource::new(&self.name, "load_balancer")
            .says("policy", Some(policy))
            .says("rule", Some(&self.written))
            .says("used_by", Some(&self.used_by.join(", ")))
            .with("servers", count(active.len()))
            .with("backup_servers", count(self.servers.iter().filter(|server| server.backup).count()))
            .with("max_connections", connections.filter(|most| *most > 0.0));
        let one = |server: &&Server| {
            Resource::new(&server.name, "server")
                .says("upstream", Some(&self.name))
                .says("address", Some(&server.address).filter(|address| **address != server.name).map(String::as_str))
                .with("weight", Some(server.weight.unwrap_or(1.0)))
                .with("max_connections", server.max_connections)
        };
        std::iter::once(balancer).chain(active.iter().map(one)).collect()
    }
}
