//! What an operator can set.

use crate::context::{Clock, system_clock};
use crate::prometheus::{ProxyRules, Target};
use crate::quota::PerMinute;
use crate::share::Seconds;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// Everything a server needs to know before it starts.
#[derive(Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where the built app is; without it only the API answers.
    pub app: Option<AppFiles>,
    /// Send `Strict-Transport-Security`: only where every visitor comes through HTTPS.
    pub hsts: bool,
    /// How the log is written.
    pub log: LogFormat,
    /// Bounds on what one client may take.
    pub limits: Limits,
    /// Where shares are kept.
    pub store: StoreAt,
    /// What shares may be like.
    pub shares: ShareRules,
    /// Number of proxies in front whose `X-Forwarded-For` is trusted; 0 takes the peer's address.
    pub proxies: usize,
    /// Metrics servers that visitors may query.
    pub targets: Vec<Target>,
    /// Bounds on such queries.
    pub proxy: ProxyRules,
    /// Where the current time comes from.
    pub clock: Clock,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            app: None,
            hsts: false,
            log: LogFormat::Text,
            limits: Limits::default(),
            store: StoreAt::Nowhere,
            shares: ShareRules::default(),
            proxies: 0,
            targets: Vec::new(),
            proxy: ProxyRules::default(),
            clock: system_clock(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("address", &self.address).field("app", &self.app).finish_non_exhaustive()
    }
}

/// Where the built app is.
#[derive(Debug, Clone)]
pub enum AppFiles {
    /// In a folder, which holds `index.html`.
    Folder(PathBuf),
    /// In the program itself: each file's path from the root, such as `/index.html`, with its content.
    Carried(fn() -> BTreeMap<String, Cow<'static, [u8]>>),
}

/// Where shares are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreAt {
    /// Nowhere: there are no short links.
    Nowhere,
    /// In memory, gone when the process ends.
    Memory,
    /// In one SQLite file.
    File(PathBuf),
    /// In PostgreSQL.
    Postgres {
        /// Its address (`postgres://…`); `sslmode` says whether the connection is encrypted.
        url: String,
        /// File with the authorities that may sign its certificate; without it those the system trusts.
        authority: Option<PathBuf>,
    },
}

/// What shares may be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRules {
    /// Largest version in bytes.
    pub share_bytes: u64,
    /// Most bytes in all, expired ones included.
    pub total_bytes: u64,
    /// Days a share lives when nothing else is wished.
    pub default_days: u32,
    /// Most days a share may live.
    pub longest_days: u32,
    /// Reads a minute from one address.
    pub reads: PerMinute,
    /// Writes a minute from one address.
    pub writes: PerMinute,
}

impl ShareRules {
    /// Seconds a share lives when nothing else is wished.
    pub(crate) fn default_seconds(&self) -> Seconds {
        Seconds::from(self.default_days) * 86_400
    }

    /// Most seconds a share may live.
    pub(crate) fn longest_seconds(&self) -> Seconds {
        Seconds::from(self.longest_days) * 86_400
    }
}

impl Default for ShareRules {
    fn default() -> Self {
        Self {
            share_bytes: 2 << 20,
            total_bytes: 10 << 30,
            default_days: 365,
            longest_days: 5 * 365,
            reads: PerMinute(NonZeroU32::new(600)),
            writes: PerMinute(NonZeroU32::new(60)),
        }
    }
}

/// How the log is written to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// Nothing.
    Off,
}

/// Bounds on what one client may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections open at once; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Connections open at once from one address (IPv6: from one /64); further ones are closed. `None` is without limit, and
    /// so is a server behind proxies, where all connections are theirs.
    pub per_address: Option<NonZeroU32>,
    /// Longest time for a request's head to arrive, also how long an idle connection is kept.
    pub head: Duration,
    /// Longest time for a request's body and its answer's preparation.
    pub request: Duration,
    /// Longest stall of a client that does not read its answer.
    pub write: Duration,
    /// Longest wait for requests in progress when stopping.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            per_address: NonZeroU32::new(512),
            head: Duration::from_secs(30),
            request: Duration::from_secs(20),
            write: Duration::from_secs(20),
            drain: Duration::from_secs(15),
        }
    }
}
