//! A real server on a free port of the loopback address, stopped when dropped.
#![allow(dead_code, missing_docs, reason = "each test file uses its part")]

use reqwest::{Client, RequestBuilder, Response};
use server::{Config, Server};
use std::net::SocketAddr;
use std::path::Path;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts a server; its address and port are chosen here.
    pub async fn start(config: Config) -> Self {
        let config = Config { address: SocketAddr::from(([127, 0, 0, 1], 0)), ..config };
        let server = Server::bind(config).await.expect("bind");
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server.serve(async {
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Tells it to stop; the returned task ends when it has.
    pub fn stop(mut self) -> JoinHandle<()> {
        self.stop.take().expect("not stopped yet").send(()).expect("still serving");
        self.task
    }
}

/// Writes files (path, content) below a folder.
pub fn write_files(folder: &Path, files: &[(&str, &[u8])]) {
    for (path, content) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        std::fs::write(path, content).expect("file");
    }
}

/// Written form of the identifier whose bytes are all this number.
pub fn id_of(number: u8) -> String {
    server::share::ShareId([number; 16]).to_string()
}

/// A request that stores a version.
pub fn put(client: &Client, server: &Running, id: &str, content: &[u8], token: &str) -> RequestBuilder {
    client
        .put(server.url(&format!("/api/v1/shares/{id}")))
        .header("content-type", "application/octet-stream")
        .bearer_auth(token)
        .body(content.to_vec())
}

pub async fn bytes_of(response: Response) -> Vec<u8> {
    response.bytes().await.expect("body").to_vec()
}
