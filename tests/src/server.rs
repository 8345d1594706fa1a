//! The real server as a process of its own.

use crate::environment;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `headroom serve`, killed when dropped.
pub(crate) struct Server {
    _process: Child,
    _data: TempDir,
    /// Where it answers, such as `http://127.0.0.1:4711`.
    pub(crate) url: String,
}

impl Server {
    /// Starts it on a free port, with more options.
    pub(crate) async fn start(more: &[String]) -> Self {
        let data = tempfile::tempdir().expect("folder for the shares");
        let mut process = Command::new(environment::headroom())
            .args(["serve", "--addr", "127.0.0.1:0", "--log", "off", "--app"])
            .arg(environment::app())
            .arg("--data")
            .arg(data.path().join("shares.db"))
            .args(more)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let line = lines.next_line().await.expect("readable").expect("the server says where it listens");
        let url = line.strip_prefix("listening on ").expect("the announcement").to_owned();
        Self { _process: process, _data: data, url }
    }
}
