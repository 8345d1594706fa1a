//! Connections: accepting, their limits, and the graceful stop.
//!
//! `axum::serve` sets no time limit for a request's head or for a client that does not read; a public server needs both, so
//! the accept loop stands here.

use crate::assets::Assets;
use crate::config::{AppFiles, Config, Limits, StoreAt};
use crate::context::Context;
use crate::error::Error;
use crate::observe::Metrics;
use crate::pace::Paced;
use crate::places::{Place, Places};
use crate::prometheus::Proxy;
use crate::retention;
use crate::routes;
use crate::store::{Memory, Postgres, Sqlite, Store};
use axum::Router;
use axum::http::Request;
use axum::routing::future::RouteFuture;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// A server that listens but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    limits: Limits,
    context: Option<Context>,
    proxy: Option<Proxy>,
    metrics: Metrics,
}

impl Server {
    /// Reads the app and binds the address.
    ///
    /// # Errors
    /// When the app's folder cannot be read or the address cannot be bound.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        let assets = match &config.app {
            Some(AppFiles::Folder(folder)) => Some(Assets::from_folder(folder)?),
            Some(AppFiles::Carried(files)) => Some(Assets::carried(files())),
            None => None,
        };
        let context = open_store(&config.store).await?.map(|store| {
            let (rules, clock) = (config.shares.clone(), config.clock.clone());
            Context::new(store, rules, config.proxies, clock)
        });
        if let Some(context) = &context {
            context.measure().await;
        }
        let proxy = match config.targets.as_slice() {
            [] => None,
            targets => Some(Proxy::new(targets, config.proxy.clone()).map_err(|_| Error::Proxy)?),
        };
        let metrics = Metrics::default();
        let router = routes::router(&config, assets, context.clone(), proxy.clone(), metrics.clone());
        let bind_error = |cause| Error::Bind { address: config.address, cause };
        let listener = TcpListener::bind(config.address).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let per_address = config.limits.per_address.filter(|_| config.proxies == 0);
        let limits = Limits { per_address, ..config.limits };
        Ok(Self { listener, address, router, limits, context, proxy, metrics })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes, then lets requests in progress finish within the drain limit.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Places::new(self.limits.connections, self.limits.per_address));
        let retention = tokio::spawn(retention::keep(self.context, self.proxy));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &places) => accepted,
                () = &mut stop => break,
            };
            let Some((stream, peer, place)) = accepted else { continue };
            let connection = graceful.watch(connection(stream, peer, &self.router, &self.limits));
            let open = self.metrics.connection();
            tokio::spawn(async move {
                // A connection that ends badly is the client's affair: reset, timed out or not HTTP.
                let _ = connection.await;
                drop((place, open));
            });
        }
        drop(self.listener);
        retention.abort();
        tracing::info!("stopping: finishing requests in progress");
        if tokio::time::timeout(self.limits.drain, graceful.shutdown()).await.is_err() {
            tracing::warn!("stopping: some requests did not finish in time");
        }
    }
}

/// The next connection and its place among those allowed; `None` when its address has as many as it may, or when accepting
/// failed (then after a short pause, because the usual reason is that the process has no file descriptor left).
async fn accept(listener: &TcpListener, places: &Arc<Places>) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = places.any().await?;
    match listener.accept().await {
        Ok((stream, peer)) => places.give(place, peer.ip()).map(|place| (stream, peer, place)),
        Err(cause) => {
            tracing::warn!(%cause, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The router, told who asks.
#[derive(Debug)]
struct WithPeer {
    router: Router,
    peer: SocketAddr,
}

impl hyper::service::Service<Request<Incoming>> for WithPeer {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(Peer(self.peer));
        tower::Service::call(&mut self.router.clone(), request)
    }
}

async fn open_store(place: &StoreAt) -> Result<Option<Arc<dyn Store>>, Error> {
    Ok(match place {
        StoreAt::Nowhere => None,
        StoreAt::Memory => Some(Arc::new(Memory::default())),
        StoreAt::File(path) => {
            let failed = |cause| Error::Store { place: path.display().to_string(), cause };
            Some(Arc::new(Sqlite::open(path).map_err(failed)?))
        }
        StoreAt::Postgres { url, authority } => {
            let failed = |cause| Error::Store { place: "database".to_owned(), cause };
            Some(Arc::new(Postgres::connect(url, authority.as_deref()).await.map_err(failed)?))
        }
    })
}

type Connection = hyper::server::conn::http1::Connection<TokioIo<Paced<TcpStream>>, WithPeer>;

fn connection(stream: TcpStream, peer: SocketAddr, router: &Router, limits: &Limits) -> Connection {
    // Answers are written whole: waiting for more to send only adds latency.
    let _ = stream.set_nodelay(true);
    let stream = Paced::new(stream, limits.write);
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), WithPeer { router: router.clone(), peer })
}
