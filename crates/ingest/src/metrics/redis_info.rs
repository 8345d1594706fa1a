//! Redis (and Valkey) `INFO`: what the server counted since its start.

use crate::measurements::{Measurements, Resource, Warning};
use crate::read::text;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "redis-info",
    title: "Redis or Valkey: the answer of INFO",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "7.0.15",
        used: "hit ratio, rates since start, memory and its limit, evictions, clients; time in the server per command",
        traps: "ratios cover everything since start or CONFIG RESETSTAT, warm-up included; no hits and misses means no ratio",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    let server = text.starts_with("# Server") && text.contains("redis_version:") || text.starts_with("redis_version:");
    // `INFO stats`: one section.
    let stats =
        text.starts_with("# Stats") && text.contains("keyspace_hits:") && text.contains("total_commands_processed:");
    Fit::from(server || stats)
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let fields: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.trim().split_once(':')).collect();
    let figure = |name: &str| fields.get(name).copied().and_then(text::number);
    let uptime_s = figure("uptime_in_seconds").filter(|seconds| *seconds > 0.0);
    let (hits, misses) = (figure("keyspace_hits"), figure("keyspace_misses"));
    let mut figures = BTreeMap::new();
    let mut add = |name: &str, value: Option<f64>| figures.extend(value.map(|value| (name.to_owned(), value)));
    let lookups = hits.zip(misses).map(|(hits, misses)| hits + misses).filter(|lookups| *lookups > 0.0);
    add("hit_ratio", hits.zip(lookups).map(|(hits, lookups)| hits / lookups));
    add("hits", hits);
    add("misses", misses);
    add("ops_per_s", figure("total_commands_processed").zip(uptime_s).map(|(commands, seconds)| commands / seconds));
    add("ops_per_s_now", figure("instantaneous_ops_per_sec"));
    add("memory_bytes", figure("used_memory"));
    add("memory_limit_bytes", figure("maxmemory").filter(|limit| *limit > 0.0));
    add("evicted_keys", figure("evicted_keys"));
    add("expired_keys", figure("expired_keys"));
    add("clients", figure("connected_clients"));
    add("keys", keys(&fields));
    // The main thread answers one command at a time: its CPU time is its utilization.
    let busy = figure("used_cpu_user_main_thread")
        .or(figure("used_cpu_user"))
        .zip(figure("used_cpu_sys_main_thread").or(figure("used_cpu_sys")));
    add("utilization", busy.zip(uptime_s).map(|((user, system), seconds)| (user + system) / seconds));
    add("uptime_s", uptime_s);
    if figures.is_empty() {
        return Err(Refusal::new("counters such as `keyspace_hits:17`", "none")
            .remedy("save the whole answer of `redis-cli INFO everything`"));
    }
    let valkey = fields.get("server_name").is_some_and(|name| *name == "valkey");
    let mut found = Measurements {
        tool_version: fields.get("valkey_version").or(fields.get("redis_version")).map(|version| (*version).to_owned()),
        resources: vec![Resource {
            name: if valkey { "valkey" } else { "redis" }.to_owned(),
            kind: Some("cache".to_owned()),
            figures,
            ..Resource::default()
        }],
        ..Measurements::default()
    };
    found.resources.extend(fields.iter().filter_map(|(name, value)| command(name, value)));
    let text = "The figures cover everything since the server started or its statistics were reset, warm-up included.";
    let warning = Warning::new("since-start", text);
    found.warnings.push(uptime_s.map_or(warning.clone(), |seconds| warning.with("uptime_s", seconds)));
    if hits.is_none() || !fields.contains_key("uptime_in_seconds") {
        found.warnings.push(Warning::new(
            "truncated",
            "Sections are missing: the answer was cut or only a part of INFO was saved.",
        ));
    }
    Ok(found)
}

/// Keys over all databases: `db0:keys=17,expires=0,…`.
fn keys(fields: &BTreeMap<&str, &str>) -> Option<f64> {
    let counts =
        fields.iter().filter(|(name, _)| name.strip_prefix("db").is_some_and(|rest| rest.parse::<u32>().is_ok()));
    counts.filter_map(|(_, value)| part(value, "keys")).reduce(|sum, count| sum + count)
}

/// Calls and mean time of a command: `cmdstat_get:calls=…,usec=…,usec_per_call=…`.
fn command(name: &str, value: &str) -> Option<Resource> {
    let name = name.strip_prefix("cmdstat_")?;
    let calls = part(value, "calls")?;
    let mean_us = part(value, "usec_per_call")?;
    let figures = [("calls".to_owned(), calls), ("service_time_ms".to_owned(), mean_us / 1e3)].into_iter().collect();
    Some(Resource { name: format!("redis {name}"), figures, ..Resource::default() })
}

fn part(value: &str, name: &str) -> Option<f64> {
    value.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').and_then(text::number))
}
