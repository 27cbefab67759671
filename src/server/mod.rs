//! The edge of the gateway: listens, serves connections within limits, and stops without breaking what was accepted.
//!
//! One task serves one connection from its first byte to its last (`connection`). What a connection is doing just now
//! is written down by whoever sees it (`activity`): bytes by `watched_io`, requests by `requests`. From that one
//! timer a connection knows whether its peer is too slow, and the drain knows whom it may close.

mod accept;
mod activity;
mod connection;
mod descriptors;
mod drain;
mod listen;
mod protocol;
mod requests;
mod signals;
mod tls;
mod watched_io;

use std::time::Duration;

use axum::Router;
use prometheus::IntGauge;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use listen::{ListenError, announce, listen};
pub use signals::{Hangups, on_hangup, stop_on_signal};
pub use tls::{Tls, TlsError, TlsFiles, trusting_ourselves};

use crate::http::health::Readiness;
use accept::Acceptor;
use drain::Stage;

/// How connections are treated.
#[derive(Debug, Clone)]
pub struct Options {
    /// Time for a request's head to arrive, from its first byte; for a new connection from its beginning.
    pub header_timeout: Duration,
    /// Time that a connection may be open without a request, or without taking a byte of an answer.
    pub idle_timeout: Duration,
    /// Connections that are served at once; callers beyond it are told that the gateway is overloaded.
    pub max_connections: usize,
    /// Time between the signal to stop and the end of listening, in which load balancers look elsewhere.
    pub drain_delay: Duration,
    /// Time for accepted requests to finish once the gateway no longer listens.
    pub grace: Duration,
    /// Speaks TLS; plain HTTP without it.
    pub tls: Option<Tls>,
    /// Where it is kept how many connections are open, if anybody asks.
    pub open_connections: Option<IntGauge>,
}

/// Serves until `stop`, then drains: `readiness` is off at once, the listener closes after the delay, and what was
/// accepted is finished within the grace period.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    readiness: Readiness,
    stop: CancellationToken,
    options: Options,
) {
    let (grace, drain_delay) = (options.grace, options.drain_delay);
    let stage = Stage::default();
    let connections = TaskTracker::new();
    let mut acceptor = Acceptor::new(listener, router, stage.clone(), connections.clone(), options);

    tokio::select! {
        () = acceptor.run() => {}
        () = stop.cancelled() => {}
    }
    readiness.leave();
    stage.leave();
    tokio::select! {
        () = acceptor.run() => {}
        () = tokio::time::sleep(drain_delay) => {}
    }
    // Before the connections are told, so that none of their callers is let in by a later look at the readiness.
    readiness.close();
    acceptor.close();
    stage.close();
    connections.close();
    if tokio::time::timeout(grace, connections.wait()).await.is_err() {
        tracing::warn!(
            grace_ms = grace.as_millis(),
            open = connections.len(),
            "connections were still open at the end of the grace period"
        );
    }
}
