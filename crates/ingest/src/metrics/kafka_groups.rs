//! Kafka: `kafka-consumer-groups --describe`, as text.

use crate::measurements::{Measurements, Resource, Warning};
use crate::read::text;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// The format.
pub const FORMAT: Format = Format {
    kind: "kafka-consumer-groups",
    title: "Kafka: kafka-consumer-groups --describe (text)",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "1.x to 4.x by the documentation",
        used: "per group and topic: lag, partitions, consumers, the busiest partition's lag",
        traps: "`-` is unknown, not zero: a partition never read from has no lag; a consumer of several partitions counts once; one \
                moment only: rates need two",
        evidence: "documented shape",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().lines().take(50).any(is_header))
}

fn is_header(line: &str) -> bool {
    ["TOPIC", "PARTITION", "CURRENT-OFFSET", "LAG"].iter().all(|word| line.contains(word))
}

#[derive(Default)]
struct Topic {
    lag: f64,
    known: u64,
    partitions: u64,
    most: f64,
    end: f64,
    consumers: BTreeSet<String>,
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let mut topics: BTreeMap<(String, String), Topic> = BTreeMap::new();
    let mut columns: Vec<String> = Vec::new();
    let mut group = String::new();
    let mut idle: Vec<String> = Vec::new();
    for line in text.lines() {
        if is_header(line) {
            columns = line.split_ascii_whitespace().map(str::to_owned).collect();
            continue;
        }
        if let Some(name) = line.trim().strip_prefix("Consumer group '").and_then(|rest| rest.split_once('\'')) {
            name.0.clone_into(&mut group);
            idle.push(group.clone());
            continue;
        }
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let field =
            |name: &str| columns.iter().position(|column| column == name).and_then(|place| words.get(place).copied());
        let (Some(topic), Some(_)) = (field("TOPIC"), field("PARTITION").and_then(text::number)) else { continue };
        let group = field("GROUP").unwrap_or(&group).to_owned();
        let found = topics.entry((group, topic.to_owned())).or_default();
        found.partitions += 1;
        found.end += field("LOG-END-OFFSET").and_then(text::number).unwrap_or(0.0);
        if let Some(lag) = field("LAG").and_then(text::number) {
            found.lag += lag;
            found.known += 1;
            found.most = found.most.max(lag);
        }
        found.consumers.extend(field("CONSUMER-ID").filter(|id| *id != "-").map(str::to_owned));
    }
    let mut found = Measurements::default();
    for ((group, name), topic) in topics {
        let known = (topic.known > 0).then_some(topic.lag);
        found.resources.push(
            Resource::new(&name, "queue")
                .says("group", Some(&group))
                .with("consumer_lag", known)
                .with("busiest_partition_lag", known.map(|_| topic.most))
                .with("log_end_offset", Some(topic.end))
                .with("partitions", Some(topic.partitions as f64))
                .with("consumers", Some(topic.consumers.len() as f64)),
        );
    }
    if found.resources.is_empty() {
        return Err(Refusal::new("partitions with offsets", "none")
            .remedy("save `kafka-consumer-groups --describe --all-groups`"));
    }
    if !idle.is_empty() {
        let text = "Groups without active members: nobody works off their lag.";
        found.warnings.push(Warning::new("no-consumers", text).with("groups", idle));
    }
    Ok(found)
}
