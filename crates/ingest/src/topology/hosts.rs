//! Whom a program's environment names: the hosts of its stores and of other services, without users and passwords. It is a hint of
//! calls, no more: which of them are made, and how often, only traces say.

use crate::measurements::Resource;

/// What the name of a setting says of the address in it.
const KINDS: [(&str, &[&str]); 4] = [
    ("cache", &["REDIS", "CACHE", "VALKEY", "MEMCACHE"]),
    ("queue", &["RABBIT", "AMQP", "KAFKA", "NATS", "BROKER", "QUEUE"]),
    ("storage", &["S3", "MINIO"]),
    ("database", &["POSTGRES", "PG", "MYSQL", "MARIADB", "MONGO", "DATABASE", "DB", "SQL"]),
];

/// Endings of settings whose value is a bare host.
const HOST_ENDINGS: [&str; 8] =
    ["HOST", "HOSTNAME", "_ADDR", "_ADDRESS", "_SERVER", "_SERVERS", "_BROKERS", "_ENDPOINT"];

/// Addresses that no request waits for: telemetry, the program's own addresses, what browsers are told.
const ASIDE: [&str; 25] = [
    "OTEL",
    "JAEGER",
    "ZIPKIN",
    "STATSD",
    "SENTRY",
    "DATADOG",
    "DD",
    "RELIC",
    "LOKI",
    "PROMETHEUS",
    "METRICS",
    "LOG",
    "LOGS",
    "LOGGING",
    "TRACE",
    "TRACING",
    "PROXY",
    "ALLOWED",
    "ORIGIN",
    "CALLBACK",
    "REDIRECT",
    "PUBLIC",
    "BIND",
    "LISTEN",
    "ISSUER",
];

/// Addresses that one resource names at most.
const MOST: usize = 40;

/// Adds whom this setting names to the label `connects_to`, as `kind:host`.
pub fn connect(resource: &mut Resource, name: &str, value: &str) {
    let Some((kind, host)) = named(&name.to_ascii_uppercase(), value.trim()) else { return };
    let address = format!("{kind}:{host}");
    let known = resource.labels.entry("connects_to".to_owned()).or_default();
    if known.is_empty() {
        known.push_str(&address);
    } else if known.split(", ").count() < MOST && !known.split(", ").any(|one| one == address) {
        known.push_str(", ");
        known.push_str(&address);
    }
}

/// The kind of what is named and its host.
fn named(upper: &str, value: &str) -> Option<(&'static str, String)> {
    let words: Vec<&str> = upper.split(['_', '-', '.']).collect();
    if words.iter().any(|word| ASIDE.contains(word)) {
        return None;
    }
    let begins = |starts: &[&str]| words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)));
    let by_name = KINDS.iter().find(|(_, starts)| begins(starts)).map(|kind| kind.0);
    if let Some((scheme, rest)) = value.split_once("://") {
        let kind = kind_of_scheme(scheme)?;
        // `redis://` of a broker is a cache that serves as one; only a plain scheme leaves it to the name.
        let kind = if kind == "service" { by_name.unwrap_or(kind) } else { kind };
        return Some((kind, host(rest.split(['/', '?', '#']).next()?)?));
    }
    let is_host = HOST_ENDINGS.iter().any(|ending| upper.ends_with(ending));
    (is_host && !value.contains(['/', ' ']))
        .then(|| host(value))
        .flatten()
        .map(|host| (by_name.unwrap_or("service"), host))
}

/// What answers at an address of this scheme: `jdbc:postgresql`, `mongodb+srv`, `rediss`, `http`, …
fn kind_of_scheme(scheme: &str) -> Option<&'static str> {
    let scheme = scheme.rsplit(':').next()?.split('+').next()?.to_ascii_lowercase();
    Some(match scheme.as_str() {
        "postgres" | "postgresql" | "mysql" | "mariadb" | "mongodb" | "sqlserver" | "mssql" | "oracle"
        | "cassandra" | "clickhouse" | "cockroachdb" => "database",
        "redis" | "rediss" | "valkey" | "memcached" | "memcache" => "cache",
        "amqp" | "amqps" | "kafka" | "nats" | "pulsar" | "stomp" | "mqtt" => "queue",
        "http" | "https" | "grpc" | "grpcs" | "tcp" | "ws" | "wss" | "dns" => "service",
        _ => return None,
    })
}

/// The first host of a list, without user, password and port; nothing for this machine or a name that is not known yet.
fn host(authority: &str) -> Option<String> {
    let first = authority.rsplit('@').next()?.split(',').next()?.trim();
    let host = first.split(':').next()?.trim_end_matches('.').to_ascii_lowercase();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    let here = matches!(host.as_str(), "localhost" | "0.0.0.0" | "host.docker.internal") || host.starts_with("127.");
    (!host.is_empty() && host.len() < 200 && host.chars().all(plain) && !here).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_hosts() {
        for (name, value, found) in [
            ("DATABASE_URL", "postgres://u:p%40ss@db:5432/shop?sslmode=off", "database:db"),
            (
                "SPRING_DATASOURCE_URL",
                "jdbc:postgresql://db.shop.svc.cluster.local:5432/x",
                "database:db.shop.svc.cluster.local",
            ),
            ("MONGO_URL", "mongodb+srv://u:p@a.mongodb.net,b.mongodb.net/x", "database:a.mongodb.net"),
            ("CELERY_BROKER_URL", "redis://cache:6379/0", "cache:cache"),
            ("REDIS_HOST", "Cache", "cache:cache"),
            ("PGHOST", "10.0.0.7", "database:10.0.0.7"),
            ("KAFKA_BOOTSTRAP_SERVERS", "kafka-0:9092,kafka-1:9092", "queue:kafka-0"),
            ("CATALOG_URL", "http://catalog:8080/v1", "service:catalog"),
            ("PAYMENT_ENDPOINT", "https://api.pay.example", "service:api.pay.example"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4317", ""),
            ("HOST", "0.0.0.0", ""),
            ("REDIS_URL", "redis://localhost:6379", ""),
            ("DATABASE_URL", "postgres://u:p@${DB_HOST}/x", ""),
            ("STATIC_URL", "/static", ""),
            ("UPLOADS", "file:///srv", ""),
        ] {
            let mut resource = Resource::new("web", "service");
            connect(&mut resource, name, value);
            connect(&mut resource, name, value);
            assert_eq!(resource.labels.get("connects_to").map_or("", String::as_str), found, "{name}={value}");
        }
    }
}
