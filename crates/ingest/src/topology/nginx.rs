//! nginx's configuration: upstream blocks with their servers, weights and rule.
//!
//! Source: nginx documentation, "Module ngx_http_upstream_module".

use super::upstream::{Server, Upstream};
use crate::measurements::{Measurements, Warning};
use crate::read::text;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "nginx-config",
    title: "nginx: configuration with upstream blocks",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "1.x by the documentation",
        used: "per upstream: rule, servers, weights, connections at most per server, places that send to it",
        traps: "round robin unless a rule stands there; servers that are backup or down do not count; one name may resolve to several \
                addresses; `include` is not followed (use `nginx -T`)",
        evidence: "documented shape",
    },
};

/// Words of a line that are looked at.
const MOST_WORDS: usize = 20;

fn fits(head: &Head<'_>) -> Fit {
    // A configuration may stand on one line.
    let statement = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let opens = |words: &[&str]| matches!(words, ["upstream", name, rest @ ..] if name.ends_with('{') || rest.first().is_some_and(|word| word.starts_with('{')));
        (0..words.len().min(MOST_WORDS)).any(|place| opens(&words[place..]))
    };
    Fit::from(head.text().lines().any(statement))
}

/// Statements with their block depth: words and what ended them.
fn statements(text: &str) -> Vec<(Vec<String>, char)> {
    let mut all = Vec::new();
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quote, mut comment): (Option<char>, bool) = (None, false);
    for letter in text.chars() {
        match (quote, letter) {
            _ if comment => comment = letter != '\n',
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.push(letter),
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') if word.is_empty() => comment = true,
            (None, ';' | '{' | '}') => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                all.push((std::mem::take(&mut words), letter));
            }
            (None, letter) if letter.is_whitespace() => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)))
            }
            (None, letter) => word.push(letter),
        }
    }
    all
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let mut upstreams: Vec<Upstream> = Vec::new();
    let mut inside = false;
    let mut uses: Vec<(String, String)> = Vec::new();
    let mut place = String::new();
    for (words, end) in statements(text) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match (words.as_slice(), end) {
            (["upstream", name], '{') => {
                let upstream =
                    Upstream { name: (*name).to_owned(), policy: "round_robin".to_owned(), ..Upstream::default() };
                upstreams.push(upstream);
                inside = true;
            }
            (_, '}') => inside = false,
            (["location", rest @ ..], '{') => place = rest.join(" "),
            (["proxy_pass" | "grpc_pass" | "fastcgi_pass" | "uwsgi_pass", target, ..], _) => {
                let host =
                    target.split_once("://").map_or(*target, |pair| pair.1).split(['/', ':']).next().unwrap_or("");
                uses.push((host.to_owned(), place.clone()));
            }
            (words, ';') if inside => {
                if let Some(upstream) = upstreams.last_mut() {
                    setting(words, upstream);
                }
            }
            _ => {}
        }
    }
    let mut found = Measurements::default();
    for upstream in &mut upstreams {
        upstream.used_by =
            uses.iter().filter(|(host, _)| *host == upstream.name).map(|(_, place)| place.clone()).collect();
        upstream.used_by.dedup();
        if upstream.policy.is_empty() {
            let text = "This rule sends a request by its content; how evenly is not in the configuration.";
            let warning = Warning::new("uneven-balance", text).with("upstream", upstream.name.as_str());
            found.warnings.push(warning.with("rule", upstream.written.as_str()));
        }
        if !upstream.servers.is_empty() {
            found.resources.extend(upstream.resources());
        }
    }
    if found.resources.is_empty() {
        return Err(Refusal::new("an upstream block with servers", "none").remedy("save the output of `nginx -T`"));
    }
    Ok(found)
}

fn setting(words: &[&str], upstream: &mut Upstream) {
    let policy = match words {
        ["server", address, options @ ..] => {
            let value = |name: &str| options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
            upstream.servers.push(Server {
                name: (*address).to_owned(),
                address: (*address).to_owned(),
                weight: value("weight").and_then(text::number),
                max_connections: value("max_conns").and_then(text::number).filter(|most| *most > 0.0),
                backup: options.contains(&"backup"),
                down: options.contains(&"down"),
            });
            return;
        }
        ["least_conn"] | ["least_time", ..] => "least_connections",
        ["ip_hash"] => "ip_hash",
        ["hash", key, ..] if key.contains("remote_addr") => "ip_hash",
        ["hash", ..] => "",
        ["random", "two", ..] => "power_of_two",
        ["random", ..] => "random",
        _ => return,
    };
    policy.clone_into(&mut upstream.policy);
    upstream.written = words.join(" ");
}
