//! What an operator can set.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Everything a server needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub address: SocketAddr,
    /// Folder of the built app (it holds `index.html`); without it only the API answers.
    pub app: Option<PathBuf>,
    /// Send `Strict-Transport-Security`: only where every visitor comes through HTTPS.
    pub hsts: bool,
    /// How the log is written.
    pub log: LogFormat,
    /// Bounds on what one client may take.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            app: None,
            hsts: false,
            log: LogFormat::Text,
            limits: Limits::default(),
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
            head: Duration::from_secs(30),
            request: Duration::from_secs(20),
            write: Duration::from_secs(20),
            drain: Duration::from_secs(15),
        }
    }
}
