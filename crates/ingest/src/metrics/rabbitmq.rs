//! RabbitMQ's management API (LavinMQ answers alike): `/api/queues`, `/api/overview`, and `rabbitmqctl list_queues --formatter json`.

use crate::measurements::{Measurements, Resource, Warning};
use crate::read::json;
use crate::read::list::{Gather, Paths};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "rabbitmq",
    title: "RabbitMQ or LavinMQ: the answer of /api/queues or /api/overview, rabbitmqctl list_queues --formatter json",
    shape: Shape::List { fits, paths: PATHS, gather: |_: &Context| Box::<Queues>::default() },
    docs: Docs {
        versions: "RabbitMQ 3.10.8; LavinMQ by its documentation",
        used: "per queue: messages waiting and in hand, consumers, their use, rates in and out, a consumer's time per message under \
               backlog, limits",
        traps: "counts and rates are of different moments, up to 5 s apart; without traffic there are no rates; rates are 0 where the \
                metrics collector is off; a page of a long list is not all queues",
        evidence: "own run",
    },
};

/// All queues, or a page of them.
const PATHS: Paths = &[&[], &["items"]];

/// Most queues listed; further ones are counted.
const MOST_QUEUES: usize = 20_000;

fn queues(document: &Value) -> &[Value] {
    document.as_array().map_or_else(|| json::list(document, &["items"]), Vec::as_slice)
}

fn fits(document: &Value) -> Fit {
    let overview = document.get("queue_totals").is_some() && document.get("object_totals").is_some();
    let queue = |item: &Value| {
        let counts = ["messages", "messages_ready", "messages_unacknowledged"];
        json::text(item, &["name"]).is_some() && counts.iter().any(|count| item.get(count).is_some())
    };
    Fit::from(overview || queues(document).first().is_some_and(queue))
}

#[derive(Default)]
struct Queues {
    found: Measurements,
    beyond: u64,
}

impl Gather for Queues {
    fn item(&mut self, item: &Value) {
        let Some(name) = json::text(item, &["name"]) else { return };
        if self.found.resources.len() < MOST_QUEUES {
            self.found.resources.push(queue(name, item));
        } else {
            self.beyond += 1;
        }
    }

    fn finish(self: Box<Self>, document: &Value) -> Result<Measurements, Refusal> {
        let mut found = self.found;
        if let Some(totals) = document.get("queue_totals") {
            let version =
                json::text(document, &["rabbitmq_version"]).or_else(|| json::text(document, &["lavinmq_version"]));
            found.tool_version = version.map(str::to_owned);
            found.resources.push(overview(document, totals));
        }
        if found.resources.is_empty() {
            return Err(Refusal::new("at least one queue", "none")
                .remedy("save the answer of /api/queues of a broker with queues"));
        }
        if self.beyond > 0 {
            let text = "More queues than are listed; the others are left out.";
            found.warnings.push(Warning::new("queues-left-out", text).with("queues", self.beyond));
        }
        warn(&mut found, document);
        Ok(found)
    }
}

fn warn(found: &mut Measurements, document: &Value) {
    let pages = (json::number(document, &["page"]), json::number(document, &["page_count"]));
    if let (Some(page), Some(count)) = pages
        && count > 1.0
    {
        let text = "This is one page of the list: other queues are in other answers.";
        found.warnings.push(Warning::new("one-page", text).with("page", page).with("pages", count));
    }
    let growing: Vec<&str> = found
        .resources
        .iter()
        .filter(|resource| resource.figures.get("growth_per_s").is_some_and(|rate| *rate > 0.0))
        .filter(|resource| resource.figures.get("queue_length").is_some_and(|length| *length > 10.0))
        .map(|resource| resource.name.as_str())
        .collect();
    if !growing.is_empty() {
        let text = "More messages came than were handled at that moment: the backlog grew.";
        found.warnings.push(Warning::new("backlog-grows", text).with("queues", growing));
    }
}

fn queue(name: &str, item: &Value) -> Resource {
    let number = |path: &[&str]| json::number(item, path);
    let rate = |which: &str| number(&["message_stats", which, "rate"]);
    let messages = number(&["messages"]).or_else(|| {
        number(&["messages_ready"]).map(|ready| ready + number(&["messages_unacknowledged"]).unwrap_or(0.0))
    });
    let (consumers, acks) = (number(&["consumers"]), rate("ack_details"));
    let ready = number(&["messages_ready"]).unwrap_or(0.0);
    // With messages waiting no consumer is idle: each one's time per message is consumers over rate.
    let busy = consumers.zip(acks).filter(|(consumers, acks)| ready > 0.0 && *consumers > 0.0 && *acks > 0.0);
    let capacity = number(&["consumer_capacity"]).or_else(|| number(&["consumer_utilisation"]));
    Resource::new(name, "queue")
        .says("vhost", json::text(item, &["vhost"]).filter(|vhost| *vhost != "/"))
        .says("type", json::text(item, &["type"]))
        .says("state", json::text(item, &["state"]))
        .says("dead_letter", json::text(item, &["arguments", "x-dead-letter-exchange"]))
        .with("queue_length", messages)
        .with("messages_ready", number(&["messages_ready"]))
        .with("messages_unacknowledged", number(&["messages_unacknowledged"]))
        .with("consumers", consumers)
        .with("consumer_capacity", capacity)
        .with("publish_rps", rate("publish_details"))
        .with("deliver_rps", rate("deliver_get_details"))
        .with("ack_rps", acks)
        .with("redeliver_rps", rate("redeliver_details"))
        .with("growth_per_s", number(&["messages_details", "rate"]))
        .with("consumer_ms", busy.map(|(consumers, acks)| 1e3 * consumers / acks))
        .with("memory_bytes", number(&["memory"]))
        .with("max_length", number(&["arguments", "x-max-length"]))
}

fn overview(document: &Value, totals: &Value) -> Resource {
    let number = |path: &[&str]| json::number(document, path);
    Resource::new("rabbitmq", "queue")
        .says("cluster", json::text(document, &["cluster_name"]))
        .with("queue_length", json::number(totals, &["messages"]))
        .with("messages_ready", json::number(totals, &["messages_ready"]))
        .with("messages_unacknowledged", json::number(totals, &["messages_unacknowledged"]))
        .with("growth_per_s", json::number(totals, &["messages_details", "rate"]))
        .with("publish_rps", number(&["message_stats", "publish_details", "rate"]))
        .with("deliver_rps", number(&["message_stats", "deliver_get_details", "rate"]))
        .with("ack_rps", number(&["message_stats", "ack_details", "rate"]))
        .with("queues", number(&["object_totals", "queues"]))
        .with("consumers", number(&["object_totals", "consumers"]))
        .with("connections", number(&["object_totals", "connections"]))
}
