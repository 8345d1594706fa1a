//! What can be typed. The text here is the command's help.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// How far can it grow, what breaks first, and what will it cost?
///
/// Scenarios are JSON or YAML files; `-` is standard input. Exit codes: 0 fine, 1 an objective is missed, 2 the input is
/// bad, 3 an internal fault.
#[derive(Debug, Parser)]
#[command(name = "headroom", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check a scenario and list all its problems
    Validate(Validate),
    /// Serve the app
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Answer with JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", env = "HEADROOM_ADDR")]
    pub(crate) addr: SocketAddr,
    /// Folder of the built app [default: `dist` here, or `app` beside the program]
    #[arg(long, value_name = "FOLDER", env = "HEADROOM_APP")]
    pub(crate) app: Option<PathBuf>,
    /// File that keeps the shares of short links, `none` for no short links, `memory` to forget them at the end
    /// [default: `headroom/shares.db` in the user's data folder]
    #[arg(long, value_name = "FILE", env = "HEADROOM_DATA")]
    pub(crate) data: Option<String>,
    /// Number of proxies in front whose X-Forwarded-For is trusted
    #[arg(long, value_name = "NUMBER", default_value_t = 0, env = "HEADROOM_PROXIES")]
    pub(crate) proxies: usize,
    /// Tell browsers to use HTTPS only (set it when all visitors come through HTTPS)
    #[arg(long, env = "HEADROOM_HSTS")]
    pub(crate) hsts: bool,
    /// How the log is written to standard error
    #[arg(long, value_enum, default_value = "text", env = "HEADROOM_LOG")]
    pub(crate) log: Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
    /// Nothing
    Off,
}
