//! PostgreSQL: `pg_stat_statements` and `pg_stat_database` as CSV, as psql prints them, or as JSON (`json_agg`).
//!
//! Source of the columns: PostgreSQL documentation, "pg_stat_statements" and "The Cumulative Statistics System".

use super::rows::{Row, number, of_json, of_text};
use crate::measurements::{Measurements, Resource, Warning};
use crate::read::time;
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Head, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

const STATEMENT_DOCS: Docs = Docs {
    versions: "15 (pg_stat_statements 1.10); other versions by the documentation",
    used: "per statement: calls, mean and total time in the server, rows, hit ratio of the buffers; all together",
    traps: "since the last reset; statements hold line breaks; the time is without planning, network and waiting for the commit, so it is \
            less than what a client sees; `total_time` before 13, `shared_blk_*` from 17",
    evidence: "own run",
};

/// `pg_stat_statements` as a table.
pub const STATEMENTS: Format = Format {
    kind: "pg-stat-statements",
    title: "PostgreSQL: pg_stat_statements (CSV or psql's table)",
    shape: Shape::Text { fits: fits_statements, read: |text, _| statements(&of_text(text)) },
    docs: STATEMENT_DOCS,
};

/// `pg_stat_statements` as JSON.
pub const STATEMENTS_JSON: Format = Format {
    kind: "pg-stat-statements-json",
    title: "PostgreSQL: pg_stat_statements (json_agg)",
    shape: Shape::Json {
        fits: |document| fits_json(document, &["query", "calls"]),
        read: |document, _| statements(&of_json(document)),
    },
    docs: Docs { traps: "as the CSV", evidence: "documented shape", ..STATEMENT_DOCS },
};

const DATABASE_DOCS: Docs = Docs {
    versions: "15; other versions by the documentation",
    used: "per database: hit ratio of the buffers, connections, transactions, deadlocks; with two or more samples and their time also \
           rates and sessions at work",
    traps: "counters since the last reset: one sample has no rate; an empty database has no ratio",
    evidence: "own run",
};

/// `pg_stat_database` as a table.
pub const DATABASE: Format = Format {
    kind: "pg-stat-database",
    title: "PostgreSQL: pg_stat_database (CSV or psql's table, one or more samples)",
    shape: Shape::Text { fits: fits_database, read: |text, _| databases(&of_text(text)) },
    docs: DATABASE_DOCS,
};

/// `pg_stat_database` as JSON.
pub const DATABASE_JSON: Format = Format {
    kind: "pg-stat-database-json",
    title: "PostgreSQL: pg_stat_database (json_agg)",
    shape: Shape::Json {
        fits: |document| fits_json(document, &["datname", "xact_commit"]),
        read: |document, _| databases(&of_json(document)),
    },
    docs: Docs { traps: "as the CSV", evidence: "documented shape", ..DATABASE_DOCS },
};

/// Statements listed by themselves; the rest is in the sum only.
const MOST_STATEMENTS: usize = 50;

fn fits_statements(head: &Head<'_>) -> Fit {
    let time =
        ["total_exec_time", "mean_exec_time", "total_time", "mean_time"].iter().any(|name| head.has_columns(&[name]));
    Fit::from(!head.is_json() && head.has_columns(&["query", "calls"]) && time)
}

fn fits_database(head: &Head<'_>) -> Fit {
    Fit::from(!head.is_json() && head.has_columns(&["datname", "xact_commit"]))
}

fn fits_json(document: &Value, keys: &[&str]) -> Fit {
    let first = document.as_array().and_then(|items| items.first()).unwrap_or(document);
    Fit::from(keys.iter().all(|key| first.get(key).is_some()))
}

fn statements(rows: &[Row]) -> Result<Measurements, Refusal> {
    let mut all: Vec<(f64, Resource)> = Vec::new();
    let (mut calls_sum, mut time_sum, mut hit_sum, mut read_sum) = (0.0, 0.0, 0.0, 0.0);
    for row in rows {
        let Some(calls) = number(row, &["calls"]).filter(|calls| *calls > 0.0) else { continue };
        let mean = number(row, &["mean_exec_time", "mean_time"]);
        let total = number(row, &["total_exec_time", "total_time"]).or(mean.map(|mean| mean * calls));
        let Some(total) = total else { continue };
        let hit = number(row, &["shared_blks_hit"]).unwrap_or(0.0);
        let read = number(row, &["shared_blks_read"]).unwrap_or(0.0);
        (calls_sum, time_sum, hit_sum, read_sum) =
            (calls_sum + calls, time_sum + total, hit_sum + hit, read_sum + read);
        let words: Vec<&str> = row.get("query").map(String::as_str).unwrap_or("").split_ascii_whitespace().collect();
        let name: String = words.join(" ").chars().take(120).collect();
        let deviation = number(row, &["stddev_exec_time", "stddev_time"]).zip(mean).filter(|(_, mean)| *mean > 0.0);
        let resource = Resource::new(&name, "statement")
            .with("calls", Some(calls))
            .with("own_ms", mean.or(Some(total / calls)))
            .with("own_cv", deviation.map(|(deviation, mean)| deviation / mean))
            .with("total_ms", Some(total))
            .with("rows_per_call", number(row, &["rows"]).map(|rows| rows / calls))
            .with("hit_ratio", (hit + read > 0.0).then(|| hit / (hit + read)));
        all.push((total, resource));
    }
    if all.is_empty() {
        return Err(
            Refusal::new("statements with calls and times", "none").remedy("run pg_stat_statements after some load")
        );
    }
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    let left = all.len().saturating_sub(MOST_STATEMENTS);
    let server = Resource::new("postgresql", "database")
        .with("calls", Some(calls_sum))
        .with("own_ms", Some(time_sum / calls_sum))
        .with("total_ms", Some(time_sum))
        .with("hit_ratio", (hit_sum + read_sum > 0.0).then(|| hit_sum / (hit_sum + read_sum)));
    let resources = std::iter::once(server).chain(all.into_iter().take(MOST_STATEMENTS).map(|(_, one)| one)).collect();
    let mut found = Measurements { resources, ..Measurements::default() };
    let text = "Times are in the server since the last reset, without planning, network and the wait for the commit: a client sees more.";
    found.warnings.push(Warning::new("since-start", text));
    if left > 0 {
        let text = "Only the statements with the most time are listed; the sum has all.";
        found.warnings.push(Warning::new("statements-left-out", text).with("statements", left));
    }
    Ok(found)
}

/// Columns that hold when a sample was taken.
const TIMES: [&str; 8] = ["sampled_at", "now", "ts", "time", "timestamp", "at", "snapshot_time", "collected_at"];

fn databases(rows: &[Row]) -> Result<Measurements, Refusal> {
    let at = |row: &Row| TIMES.iter().find_map(|name| time::any(row.get(*name)?)).map(|(seconds, _)| seconds);
    let mut samples: BTreeMap<&str, Vec<(Option<f64>, &Row)>> = BTreeMap::new();
    for row in rows {
        if let Some(name) = row.get("datname").filter(|name| !name.is_empty()) {
            samples.entry(name).or_default().push((at(row), row));
        }
    }
    let mut found = Measurements::default();
    let mut single = true;
    for (name, mut of) in samples {
        of.sort_by(|one, other| one.0.unwrap_or(0.0).total_cmp(&other.0.unwrap_or(0.0)));
        let (Some((first_at, first)), Some((last_at, last))) = (of.first(), of.last()) else { continue };
        let seconds = first_at.zip(*last_at).map(|(first, last)| last - first).filter(|seconds| *seconds > 0.0);
        single &= seconds.is_none();
        // With two samples what happened between them, else everything since the reset.
        let grown = |column: &str| {
            let (end, start) = (number(last, &[column])?, number(first, &[column])?);
            Some(if seconds.is_some() && end >= start { end - start } else { end })
        };
        let sum = |one: &str, other: &str| grown(one).zip(grown(other)).map(|(one, other)| one + other);
        let blocks = sum("blks_hit", "blks_read").filter(|blocks| *blocks > 0.0);
        let transactions = sum("xact_commit", "xact_rollback");
        let per_second = |amount: Option<f64>| amount.zip(seconds).map(|(amount, seconds)| amount / seconds);
        let some = transactions.filter(|all| *all > 0.0);
        let resource = Resource::new(name, "database")
            .with("hit_ratio", grown("blks_hit").zip(blocks).map(|(hit, all)| hit / all))
            .with("connections", number(last, &["numbackends"]))
            .with("transactions", transactions)
            .with("transactions_per_s", per_second(transactions))
            .with("rollback_ratio", grown("xact_rollback").zip(some).map(|(failed, all)| failed / all))
            .with("busy_servers", per_second(grown("active_time").map(|ms| ms / 1e3)))
            .with("deadlocks", grown("deadlocks"));
        found.resources.push(resource);
    }
    if found.resources.is_empty() {
        return Err(Refusal::new("rows with `datname`", "none").remedy("save `select now(), * from pg_stat_database`"));
    }
    if single {
        let text =
            "One sample: the counters cover everything since the last reset. Two samples with their time give rates.";
        found.warnings.push(Warning::new("since-start", text));
    }
    Ok(found)
}
