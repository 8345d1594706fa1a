//! One span of a trace, whatever wrote it: Jaeger, OTLP and Zipkin differ in names and units only.

use std::collections::BTreeMap;

/// Most distinct texts kept for service, operation and peer names; further ones are one.
const MOST_NAMES: usize = 20_000;

/// What a span stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Kind {
    /// Work inside a service, or not said.
    #[default]
    Internal,
    /// A request being answered.
    Server,
    /// A call being waited for.
    Client,
    /// A message being sent.
    Producer,
    /// A message being handled.
    Consumer,
}

impl Kind {
    /// The kind by its name in any of the formats (`client`, `SPAN_KIND_CLIENT`, OTLP's number as text).
    pub fn named(text: &str) -> Self {
        match text.rsplit('_').next().unwrap_or("").to_ascii_lowercase().as_str() {
            "server" | "2" => Self::Server,
            "client" | "3" => Self::Client,
            "producer" | "4" => Self::Producer,
            "consumer" | "5" => Self::Consumer,
            _ => Self::Internal,
        }
    }
}

/// Texts kept once, known by a number.
#[derive(Debug, Default)]
pub struct Names {
    texts: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Names {
    /// The number of a text.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text = if self.texts.len() < MOST_NAMES { text } else { "(other)" };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// The text of a number.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

/// A callee that writes no spans itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Number of its name.
    pub name: u32,
    /// Its component kind in the scenario format.
    pub kind: &'static str,
}

/// A span, in little memory.
#[derive(Debug, Clone)]
pub struct Span {
    /// Trace it belongs to.
    pub trace: u64,
    /// Its identifier.
    pub id: u64,
    /// Identifier of the span that caused it.
    pub parent: Option<u64>,
    /// It has the identifier of its caller (Zipkin), whose parent it names as its own.
    pub shared: bool,
    /// The cause did not wait for it.
    pub follows: bool,
    /// Number of the service's name.
    pub service: u32,
    /// Number of the endpoint's or operation's name.
    pub operation: u32,
    /// What it stands for.
    pub kind: Kind,
    /// Start in nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// Duration in nanoseconds.
    pub duration_ns: i64,
    /// It failed.
    pub error: bool,
    /// Whom it calls, by its attributes.
    pub peer: Option<Peer>,
    /// Number of the name of the queue or topic it writes to or reads from.
    pub destination: Option<u32>,
    /// It waits for messages and handles none.
    pub receives: bool,
}

impl Span {
    /// End in nanoseconds since the Unix epoch.
    pub fn end_ns(&self) -> i64 {
        self.start_ns.saturating_add(self.duration_ns)
    }
}

/// A span as a file holds it.
#[derive(Debug, Default)]
pub struct Written<'a> {
    /// Identifier of the trace, in any notation.
    pub trace: &'a str,
    /// Its identifier.
    pub id: &'a str,
    /// Identifier of its cause.
    pub parent: Option<&'a str>,
    /// See [`Span::shared`].
    pub shared: bool,
    /// See [`Span::follows`].
    pub follows: bool,
    /// The service's name.
    pub service: &'a str,
    /// The operation's name.
    pub operation: &'a str,
    /// What it stands for.
    pub kind: Kind,
    /// Start in nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// Duration in nanoseconds.
    pub duration_ns: i64,
    /// The file says that it failed.
    pub error: bool,
    /// Its attributes or tags as text.
    pub attributes: Attributes,
}

/// Attributes of a span that matter here, by name.
#[derive(Debug, Default, Clone)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Adds an attribute; long values are cut.
    pub fn add(&mut self, name: &str, value: &str) {
        if self.0.len() < 256 {
            self.0.push((name.to_owned(), value.chars().take(200).collect()));
        }
    }

    /// The value of the first of these names that is there and not empty.
    pub fn get(&self, names: &[&str]) -> Option<&str> {
        let of = |wanted: &&str| self.0.iter().find(|(name, value)| name == wanted && !value.is_empty());
        names.iter().find_map(of).map(|(_, value)| value.as_str())
    }

    /// Whether the attributes say that it failed: `error`, or an HTTP status of 400 or more.
    pub fn failed(&self) -> bool {
        let status = self.get(&["http.response.status_code", "http.status_code"]).and_then(|code| code.parse().ok());
        self.get(&["error"]).is_some_and(|value| value != "false") || status.is_some_and(|code: u16| code >= 400)
    }

    /// The endpoint by method and route, else the operation's name with identifiers collapsed.
    pub fn endpoint(&self, operation: &str) -> String {
        let method = self.get(&["http.request.method", "http.method"]).unwrap_or("");
        match self.get(&["http.route", "url.path", "http.target", "url.full", "http.url", "http.path"]) {
            Some(path) => crate::sense::names::endpoint(method, path),
            None => crate::sense::names::endpoint("", operation),
        }
    }

    /// The queue or topic, else the broker's system.
    pub fn destination(&self) -> Option<&str> {
        let broker = self.get(&["messaging.system"]);
        self.get(&["messaging.destination.name", "messaging.destination", "message_bus.destination"]).or(broker)
    }

    /// Whether the span waits for messages without handling one.
    pub fn receives(&self) -> bool {
        let operation = self.get(&["messaging.operation.type", "messaging.operation", "messaging.operation.name"]);
        matches!(operation, Some("receive" | "poll"))
    }

    /// The callee's name and kind, for calls whose callee writes no spans.
    pub fn peer(&self) -> Option<(String, &'static str)> {
        let named = self.get(&["peer.service", "service.peer.name"]);
        if let Some(system) = self.get(&["db.system.name", "db.system", "db.type"]) {
            return Some((named.map_or_else(|| self.database(system), str::to_owned), store(system)));
        }
        let (method, host) = (["http.request.method", "http.method", "rpc.system", "rpc.system.name"], self.host());
        let name = named.map(str::to_owned).or(host)?;
        let remote = named.is_some() || self.get(&method).is_some();
        remote.then_some((name, "external"))
    }

    /// The system's name, with that of the database where it is a name and not Redis' number.
    fn database(&self, system: &str) -> String {
        let name = self.get(&["db.namespace", "db.name", "db.instance"]).filter(|name| name.parse::<u32>().is_err());
        name.map_or_else(|| system.to_owned(), |name| format!("{system} {name}"))
    }

    fn host(&self) -> Option<String> {
        let url = self.get(&["url.full", "http.url"]).and_then(crate::sense::names::host);
        let host = self.get(&["server.address", "net.peer.name", "http.host"]).or(url)?;
        let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
        let name = if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host };
        (!name.is_empty()).then(|| name.to_owned())
    }
}

/// Cache or database, by the name of the system.
fn store(system: &str) -> &'static str {
    let system = system.to_ascii_lowercase();
    let caches = ["redis", "memcached", "valkey", "dragonfly", "hazelcast", "ehcache"];
    if caches.iter().any(|cache| system.contains(cache)) { "cache" } else { "database" }
}

/// Nanoseconds of whole or broken microseconds, without loss where they are whole.
pub fn from_microseconds(value: &serde_json::Value) -> Option<i64> {
    let whole = value.as_i64().map(|microseconds| microseconds.saturating_mul(1000));
    whole.or_else(|| crate::read::json::as_number(value).map(|microseconds| (microseconds * 1e3) as i64))
}

/// A number for an identifier in any notation; leading zeros do not count, for some writers drop them.
pub fn identifier(text: &str) -> u64 {
    let text = text.trim().trim_start_matches('0').as_bytes();
    // FNV-1a, 64 bits.
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Attributes {
        let mut all = Attributes::default();
        pairs.iter().for_each(|(name, value)| all.add(name, value));
        all
    }

    #[test]
    fn what_attributes_say() {
        for (pairs, peer) in [
            (&[("db.system", "postgresql"), ("db.name", "shop")][..], Some(("postgresql shop", "database"))),
            (&[("db.system.name", "redis"), ("db.namespace", "0")], Some(("redis", "cache"))),
            (&[("db.system", "mysql"), ("peer.service", "orders-db")], Some(("orders-db", "database"))),
            (&[("http.method", "GET"), ("http.url", "https://pay.example:443/v1")], Some(("pay.example", "external"))),
            (&[("http.request.method", "GET"), ("server.address", "cart")], Some(("cart", "external"))),
            (&[("net.peer.name", "10.0.0.1")], None),
            (&[], None),
        ] {
            let found = attributes(pairs).peer();
            assert_eq!(found.as_ref().map(|(name, kind)| (name.as_str(), *kind)), peer, "{pairs:?}");
        }
        assert_eq!(
            attributes(&[("http.method", "GET"), ("http.target", "/items/81?x=1")]).endpoint("x"),
            "GET /items/:id"
        );
        assert_eq!(attributes(&[]).endpoint("HTTP GET /cart/17"), "HTTP GET /cart/17");
        assert!(attributes(&[("http.status_code", "404")]).failed() && !attributes(&[("error", "false")]).failed());
        assert_eq!(identifier("00Ab12"), identifier("ab12"));
        assert_eq!([Kind::named("SPAN_KIND_CLIENT"), Kind::named("5")], [Kind::Client, Kind::Consumer]);
    }
}
