//! HAProxy's configuration: backends with their servers, weights and rule.
//!
//! Source: HAProxy Configuration Manual, "balance", "server", "server-template", "default-server".

use super::upstream::{Server, Upstream};
use crate::measurements::{Measurements, Warning};
use crate::read::text;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "haproxy-config",
    title: "HAProxy: haproxy.cfg",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "2.x and 3.x by the manual",
        used: "per backend or listen section: rule, servers, weights, connections at most per server, who sends to it",
        traps: "`random` draws two servers unless it says otherwise; `balance` and `default-server` are inherited from `defaults`; backup and \
                disabled servers do not count; servers found by name resolution are as many as the template says; conditions are not followed",
        evidence: "documented shape",
    },
};

fn words(line: &str) -> Vec<&str> {
    line.split(" #").next().unwrap_or("").split_ascii_whitespace().collect()
}

fn fits(head: &Head<'_>) -> Fit {
    let mut section = false;
    for line in head.text().lines() {
        let words = words(line);
        match words.as_slice() {
            ["backend" | "listen", _, ..] if !line.starts_with([' ', '\t']) && !line.contains('{') => section = true,
            ["server", _, address, ..] if section && (address.contains(':') || address.contains('.')) => {
                return Fit::Yes;
            }
            ["server-template", ..] if section => return Fit::Yes,
            _ => {}
        }
    }
    Fit::No
}

/// The rule in the scenario format's words; `first` and hashes of the request have none.
fn policy(rule: &str) -> &'static str {
    let name = rule.split(['(', ' ']).next().unwrap_or("");
    match name {
        "roundrobin" | "static-rr" | "" => "round_robin",
        "leastconn" => "least_connections",
        "random" if rule.starts_with("random(1") && !rule.starts_with("random(1,2") => "random",
        "random" => "power_of_two",
        "source" => "ip_hash",
        _ => "",
    }
}

#[derive(Default)]
struct Section {
    upstream: Upstream,
    balance: Option<String>,
    default_server: Server,
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let mut sections: Vec<Section> = Vec::new();
    let mut defaults = Section::default();
    let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut at = ("", String::new());
    for line in text.lines() {
        let words = words(line);
        match words.as_slice() {
            [] => {}
            [head, ..] if head.starts_with('#') => {}
            [
                kind @ ("global" | "defaults" | "frontend" | "backend" | "listen" | "peers" | "resolvers" | "userlist"
                | "mailers"),
                rest @ ..,
            ] => {
                at = (kind, rest.first().copied().unwrap_or("").to_owned());
                if matches!(at.0, "backend" | "listen") {
                    let upstream = Upstream { name: at.1.clone(), ..Upstream::default() };
                    let (balance, default_server) = (defaults.balance.clone(), defaults.default_server.clone());
                    sections.push(Section { upstream, balance, default_server });
                }
            }
            ["default_backend" | "use_backend", name, ..] => {
                uses.entry((*name).to_owned()).or_default().push(at.1.clone());
            }
            words if at.0 == "defaults" => setting(words, &mut defaults),
            words if matches!(at.0, "backend" | "listen") => {
                if let Some(section) = sections.last_mut() {
                    setting(words, section);
                }
            }
            _ => {}
        }
    }
    let mut found = Measurements::default();
    for section in &mut sections {
        let upstream = &mut section.upstream;
        upstream.used_by = uses.remove(&upstream.name).unwrap_or_default();
        upstream.used_by.dedup();
        upstream.written = section.balance.clone().unwrap_or_else(|| "roundrobin".to_owned());
        upstream.policy = policy(&upstream.written).to_owned();
        if upstream.policy.is_empty() {
            let text = "This rule sends a request by its content; how evenly is not in the configuration.";
            found.warnings.push(
                Warning::new("uneven-balance", text)
                    .with("backend", upstream.name.as_str())
                    .with("rule", upstream.written.as_str()),
            );
        }
        if !upstream.servers.is_empty() {
            found.resources.extend(upstream.resources());
        }
    }
    if found.resources.is_empty() {
        return Err(Refusal::new("a backend with servers", "none").remedy("export the whole haproxy.cfg"));
    }
    Ok(found)
}

fn setting(words: &[&str], section: &mut Section) {
    match words {
        ["balance", rule @ ..] => section.balance = Some(rule.join(" ")),
        ["default-server", options @ ..] => apply(&mut section.default_server, options),
        ["server", name, address, options @ ..] => {
            let mut server = section.default_server.clone();
            (server.name, server.address) = ((*name).to_owned(), (*address).to_owned());
            apply(&mut server, options);
            section.upstream.servers.push(server);
        }
        ["server-template", prefix, range, address, options @ ..] => {
            let (first, last) = range.split_once('-').unwrap_or(("1", range));
            let (first, last): (u32, u32) = (first.parse().unwrap_or(1), last.parse().unwrap_or(0));
            for number in first..=last.min(first.saturating_add(1000)) {
                let mut server = section.default_server.clone();
                (server.name, server.address) = (format!("{prefix}{number}"), (*address).to_owned());
                apply(&mut server, options);
                section.upstream.servers.push(server);
            }
        }
        _ => {}
    }
}

fn apply(server: &mut Server, options: &[&str]) {
    let after = |name: &str| {
        let place = options.iter().position(|option| *option == name)?;
        options.get(place + 1).and_then(|value| text::number(value))
    };
    server.weight = after("weight").or(server.weight);
    server.max_connections = after("maxconn").filter(|most| *most > 0.0).or(server.max_connections);
    server.backup |= options.contains(&"backup");
    server.down |= options.contains(&"disabled");
}
