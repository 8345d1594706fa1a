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
    // A store that serves as a broker (Celery over Redis) is a queue.
    let broker = words.iter().any(|word| word.contains("BROKER") || word.starts_with("CELERY"));
    let by_name = KINDS.iter().find(|(_, starts)| begins(starts)).map(|kind| if broker { "queue" } else { kind.0 });
    if let Some((scheme, rest)) = value.split_once("://") {
        // Only a plain scheme leaves the kind to the name.
        let kind = match kind_of_scheme(scheme)? {
            "service" => by_name.unwrap_or("service"),
            "cache" if broker => "queue",
            kind => kind,
        };
        return Some((kind, host(authority(rest)?)?));
    }
    let is_host = HOST_ENDINGS.iter().any(|ending| upper.ends_with(ending));
    if !is_host || value.contains(['/', ' ']) {
        return None;
    }
    let bare = authority(value.strip_prefix("tcp:").unwrap_or(value))?;
    // What has a name of its own is a setting, not a user.
    let host = if bare.contains('=') { None } else { host(bare) };
    host.map(|host| (by_name.unwrap_or("service"), host))
}

/// The user, hosts and ports of an address, without path, query and settings (`;user=sa;password=…`, `,password=…`). Nothing where
/// the host cannot be told from a secret: an `@` behind them belongs to a password, or to a user whose password holds what ends them.
fn authority(address: &str) -> Option<&str> {
    let (authority, behind) = address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
    let end = authority.find(';').into_iter().chain(settings(authority)).min().unwrap_or(authority.len());
    let (authority, settings) = authority.split_at(end);
    // The names of settings come before any `@` in them.
    let named = settings.split('@').next().is_some_and(|start| start.contains('='));
    (!behind.contains('@') && (named || !settings.contains('@'))).then_some(authority)
}

/// Where settings behind a comma begin (`cache:6379,password=…`); hosts stand behind commas, too.
fn settings(authority: &str) -> Option<usize> {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let setting = |place: &usize| authority[place + 1..].split_once('=').is_some_and(|(name, _)| word(name));
    authority.match_indices(',').map(|(place, _)| place).find(setting)
}

/// What answers at an address of this scheme: `jdbc:postgresql`, `mongodb+srv`, `db+postgresql`, `rediss`, `http`, …
fn kind_of_scheme(scheme: &str) -> Option<&'static str> {
    scheme.rsplit(':').next()?.to_ascii_lowercase().split('+').find_map(|part| {
        Some(match part {
            "postgres" | "postgresql" | "mysql" | "mariadb" | "mongodb" | "sqlserver" | "mssql" | "oracle"
            | "cassandra" | "clickhouse" | "cockroachdb" => "database",
            "redis" | "rediss" | "valkey" | "memcached" | "memcache" => "cache",
            "amqp" | "amqps" | "kafka" | "nats" | "pulsar" | "stomp" | "mqtt" => "queue",
            "http" | "https" | "grpc" | "grpcs" | "tcp" | "ws" | "wss" | "dns" => "service",
            _ => return None,
        })
    })
}

/// The first host of a list, without user, password and port; nothing for this machine or a name that is not known yet.
fn host(authority: &str) -> Option<String> {
    let first = authority.rsplit('@').next()?.split(',').next()?.trim();
    let (host, port) = first.split_once(':').unwrap_or((first, ""));
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
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
            ("CELERY_BROKER_URL", "redis://cache:6379/0", "queue:cache"),
            ("CELERY_RESULT_BACKEND", "rediss://:p@cache/1", "queue:cache"),
            ("MESSAGEBROKER", "redis://cache", "queue:cache"),
            ("REDIS_URL", "redis://cache:6379/0", "cache:cache"),
            ("REDIS_BROKER_HOST", "jobs", "queue:jobs"),
            ("BROKER_HOST", "jobs", "queue:jobs"),
            ("CELERY_RESULT_BACKEND", "db+postgresql://u:p@db/x", "database:db"),
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
            // No part of a password or token may come out, and no user for a host.
            ("DATABASE_URL", "jdbc:sqlserver://db:1433;user=sa;password=p@ssw0rd", "database:db"),
            ("DATABASE_URL", "amqp://u:pa;ss@q", ""),
            ("SMTP_ENDPOINT", "host;password=q@hunter2", "service:host"),
            ("SMTP_ENDPOINT", "host?password=q@hunter2", ""),
            ("SMTP_ENDPOINT", "host&password=q@hunter2", ""),
            ("REDIS_HOST", "cache:6379,password=p@ss,ssl=true", "cache:cache"),
            ("REDIS_URL", "redis://cache:6379,password=p@ss", "cache:cache"),
            ("MAIL_URL", "https://s3cr3t/tok@host/x", ""),
            ("DATABASE_URL", "postgres://bob:pa/ss@db/x", ""),
            ("DATABASE_URL", "postgres://bob:pa#ss@db/x", ""),
            ("DATABASE_URL", "postgres://bob:secret/x", ""),
            ("DB_HOST", "tcp:x.database.windows.net,1433", "database:x.database.windows.net"),
            ("DB_HOST", "bob:p=w@db", ""),
        ] {
            let mut resource = Resource::new("web", "service");
            connect(&mut resource, name, value);
            connect(&mut resource, name, value);
            assert_eq!(resource.labels.get("connects_to").map_or("", String::as_str), found, "{name}={value}");
        }
    }
}
