//! The real server as a process of its own.

use crate::environment;
use crate::gateway::Gateway;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `headroom serve`, killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    gateway: Option<Gateway>,
    _data: TempDir,
    /// Where it answers, such as `http://127.0.0.1:4711`.
    pub(crate) url: String,
}

impl Server {
    /// Starts it on a free port, with more options.
    pub(crate) async fn start(more: &[String]) -> Self {
        Self::start_at("127.0.0.1:0", &environment::app(), more).await
    }

    /// Ends it.
    pub(crate) async fn stop(&mut self) {
        self.process.kill().await.expect("it ends");
    }

    /// Ends it; what stands before it answers in its place.
    pub(crate) async fn fail(&mut self) {
        self.stop().await;
        self.gateway = Some(Gateway::start(&self.address()));
    }

    /// Ends it and starts another in its place, with another app.
    pub(crate) async fn replace(&mut self, app: &Path) {
        self.stop().await;
        self.gateway = None;
        *self = Self::start_at(&self.address(), app, &[]).await;
    }

    fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }

    async fn start_at(address: &str, app: &Path, more: &[String]) -> Self {
        let data = tempfile::tempdir().expect("folder for the shares");
        let mut process = Command::new(environment::headroom())
            .args(["serve", "--addr", address, "--log", "off", "--app"])
            .arg(app)
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
        Self { process, gateway: None, _data: data, url }
    }
}
