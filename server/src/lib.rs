//! The server: it serves the built app and keeps share links.
//!
//! It stores and serves, the browser computes: it knows ciphertext and sizes, never a scenario. Everything it needs is in
//! [`Config`]; [`run`] is the whole life of a server, [`Server`] the same in two steps for those who need its address.
//!
//! - [`assets`]: the app's files in memory, with their types, encodings, cache rules and the content policy they need.
//! - `routes`: what answers which path.
//! - `listen`: connections, their limits and the graceful stop.

pub mod assets;
mod config;
mod context;
mod error;
mod headers;
mod listen;
mod log;
mod observe;
mod pace;
mod places;
mod prometheus;
mod quota;
mod refusal;
mod retention;
mod room;
mod routes;
pub mod share;
mod shutdown;
pub mod store;

pub use config::{AppFiles, Config, Limits, LogFormat, ShareRules, StoreAt};
pub use context::{Clock, system_clock};
pub use error::Error;
pub use listen::Server;
pub use log::install as install_log;
pub use prometheus::{Credentials, ProxyRules, Target, TargetError};
pub use quota::PerMinute;
pub use refusal::Refusal;

/// Serves until the process is told to stop (SIGTERM, SIGINT), then drains and returns.
///
/// Writes `listening on http://ADDRESS` to standard output once it accepts connections.
///
/// # Errors
/// When the app's folder cannot be read, the address cannot be bound, or the runtime does not start.
pub fn run(config: Config) -> Result<(), Error> {
    log::install(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Runtime)?;
    runtime.block_on(async {
        let server = Server::bind(config).await?;
        announce(&server);
        server.serve(shutdown::signal()).await;
        Ok(())
    })
}

/// Scripts and the end-to-end tests wait for this line: with port 0 it is the only way to learn the address.
fn announce(server: &Server) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // A closed standard output must not keep a server from serving.
    let _ = writeln!(out, "listening on http://{}", server.address());
    let _ = out.flush();
}
