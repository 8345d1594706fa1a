//! Connections: accepting, their limits, and the graceful stop.
//!
//! `axum::serve` sets no time limit for a request's head or for a client that does not read; a public server needs both, so
//! the accept loop stands here.

use crate::assets::Assets;
use crate::config::{Config, Limits};
use crate::error::Error;
use crate::routes;
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

/// A server that listens but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    limits: Limits,
}

impl Server {
    /// Reads the app and binds the address.
    ///
    /// # Errors
    /// When the app's folder cannot be read or the address cannot be bound.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        let assets = match &config.app {
            Some(folder) => Some(Assets::from_folder(folder)?),
            None => None,
        };
        let router = routes::router(&config, assets);
        let bind_error = |cause| Error::Bind { address: config.address, cause };
        let listener = TcpListener::bind(config.address).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        Ok(Self { listener, address, router, limits: config.limits })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes, then lets requests in progress finish within the drain limit.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &places) => accepted,
                () = &mut stop => break,
            };
            let Some((stream, place)) = accepted else { continue };
            let connection = graceful.watch(connection(stream, &self.router, &self.limits));
            tokio::spawn(async move {
                // A connection that ends badly is the client's affair: reset, timed out or not HTTP.
                let _ = connection.await;
                drop(place);
            });
        }
        drop(self.listener);
        tracing::info!("stopping: finishing requests in progress");
        if tokio::time::timeout(self.limits.drain, graceful.shutdown()).await.is_err() {
            tracing::warn!("stopping: some requests did not finish in time");
        }
    }
}

/// The next connection and its place among those allowed; `None` when accepting failed (then after a short pause, because
/// the usual reason is that the process has no file descriptor left).
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(cause) => {
            tracing::warn!(%cause, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

type Connection = hyper::server::conn::http1::Connection<
    TokioIo<std::pin::Pin<Box<TimeoutStream<TcpStream>>>>,
    TowerToHyperService<Router>,
>;

fn connection(stream: TcpStream, router: &Router, limits: &Limits) -> Connection {
    // Answers are written whole: waiting for more to send only adds latency.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write));
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router.clone()))
}
