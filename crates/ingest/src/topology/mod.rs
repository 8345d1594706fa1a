//! What is deployed: replicas, their resources, scaling and balancing, from the files that say so. One module per source.

mod cluster;
pub mod compose;
pub mod haproxy;
mod hosts;
pub mod kubernetes;
pub mod nginx;
mod objects;
mod upstream;

use crate::measurements::{Measurements, Resource, Warning};
use crate::read::yaml::Documents;

/// The component kind by the name of an image.
fn kind_of_image(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or(image).split([':', '@']).next().unwrap_or("").to_ascii_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
    // Companions of a store are services.
    if is(&["exporter", "operator", "pgbouncer", "-ui", "commander", "admin", "insight"]) {
        return "service";
    }
    match () {
        () if is(&["redis", "memcached", "valkey", "dragonfly", "varnish"]) => "cache",
        () if is(&[
            "postgres",
            "mysql",
            "mariadb",
            "mongo",
            "cassandra",
            "scylla",
            "cockroach",
            "clickhouse",
            "timescale",
            "mssql",
        ]) =>
        {
            "database"
        }
        () if is(&["rabbitmq", "lavinmq", "kafka", "redpanda", "nats", "activemq", "artemis", "pulsar"]) => "queue",
        () if is(&["nginx", "haproxy", "envoy", "traefik", "caddy"]) => "load_balancer",
        () if is(&["minio"]) => "storage",
        () => "service",
    }
}

/// Settings of a program's environment that say how much it does at once: `DB_POOL_SIZE`, `WEB_CONCURRENCY`, `UV_THREADPOOL_SIZE`, …;
/// and whom it talks to.
fn setting(resource: &mut Resource, name: &str, value: &str) {
    hosts::connect(resource, name, value);
    let upper = name.to_ascii_uppercase();
    let words = ["POOL", "WORKERS", "THREADS", "CONCURRENCY", "PREFETCH", "MAX_CONNECTIONS"];
    // Times, and secrets that happen to be numbers, are none.
    let other = ["TIMEOUT", "INTERVAL", "TTL", "_MS", "PASS", "PWD", "SECRET", "TOKEN", "KEY", "PIN"];
    let other = other.iter().any(|word| upper.contains(word));
    if words.iter().any(|word| upper.contains(word)) && !other && name.len() < 60 && resource.figures.len() < 60 {
        resource.set(&format!("env.{name}"), crate::read::text::number(value));
    }
}

/// Says that a text was not read to its end.
fn stopped(found: &mut Measurements, documents: &Documents) {
    if let Some((line, column, why)) = &documents.stopped {
        let text = "Reading stopped early; the figures cover what came before.";
        let warning = Warning::new("truncated", text).with("line", *line).with("column", *column);
        found.warnings.push(warning.with("why", why.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_give_sizes() {
        for (name, value, figure) in [
            ("DB_POOL_SIZE", "20", Some(20.0)),
            ("WEB_CONCURRENCY", "4", Some(4.0)),
            ("DB_POOL_TIMEOUT", "30", None),
            ("DB_POOL_PASSWORD", "1234", None),
            ("WORKERS_API_TOKEN", "987654", None),
            ("DB_POOL_SIZE", "many", None),
            ("PORT", "80", None),
        ] {
            let mut found = Resource::new("web", "service");
            setting(&mut found, name, value);
            assert_eq!(found.figures.values().next().copied(), figure, "{name}={value}");
        }
    }

    #[test]
    fn images() {
        for (image, kind) in [
            ("docker.io/library/postgres:16", "database"),
            ("quay.io/prometheuscommunity/postgres-exporter:v0.15", "service"),
            ("redis/redis-stack@sha256:0123", "cache"),
            ("bitnami/kafka", "queue"),
            ("nginx:1.27-alpine", "load_balancer"),
            ("ghcr.io/shop/api:v3", "service"),
        ] {
            assert_eq!(super::kind_of_image(image), kind, "{image}");
        }
    }
}
