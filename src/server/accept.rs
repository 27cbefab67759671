//! Takes connections in: as many as fit, and without giving up over an error that passes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt as _;
use prometheus::IntGauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::connection::{Connections, Guest};
use super::drain::Stage;
use super::{Options, descriptors};

/// Of so many connections one more is taken in beyond the limit, to be told that the gateway is overloaded. Our choice:
/// enough for callers to hear it in a crowd, little beside the others' memory.
const CROWD_SHARE: usize = 8;

/// Pause after an error of the system, such as too many open files: there is nothing to do but wait for others to end.
/// The same second that other servers wait.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Takes connections from the listener and lets each be served by a task of its own.
///
/// Callers beyond the limit are not left waiting at the door, where they would only see a timeout: a few more are let
/// in, answered `overloaded` and sent away, while health checks are answered as ever. Only beyond these the listener
/// pauses.
pub(super) struct Acceptor {
    listener: TcpListener,
    connections: Arc<Connections>,
    tasks: TaskTracker,
    places: Arc<Semaphore>,
    open: Option<IntGauge>,
    /// Places beyond the limit.
    crowd: usize,
}

impl Acceptor {
    pub(super) fn new(
        listener: TcpListener,
        router: Router,
        stage: Stage,
        tasks: TaskTracker,
        options: Options,
    ) -> Self {
        let limit = descriptors::connections_that_fit(options.max_connections);
        let crowd = (limit / CROWD_SHARE).max(1);
        let places = Arc::new(Semaphore::new((limit + crowd).min(Semaphore::MAX_PERMITS)));
        let open = options.open_connections.clone();
        let connections = Arc::new(Connections::new(router, stage, options));
        Self { listener, connections, tasks, places, open, crowd }
    }

    /// Takes connections in for ever; may be dropped between two of them.
    pub(super) async fn run(&mut self) {
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, _)) => self.welcome(stream, place),
                Err(error) => pause_after(&error).await,
            }
        }
    }

    /// Takes in those who have connected already, and stops listening: whoever waits at the door would be cut off.
    pub(super) fn close(self) {
        while let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            match self.listener.accept().now_or_never() {
                Some(Ok((stream, _))) => self.welcome(stream, place),
                Some(Err(_)) | None => break,
            }
        }
    }

    fn welcome(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        // Answers are written whole, so there is nothing that Nagle's algorithm could gather; it would only delay.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "a connection broke before it was served");
            return;
        }
        let guest =
            if self.places.available_permits() < self.crowd { Guest::Crowded } else { Guest::Regular };
        let connections = Arc::clone(&self.connections);
        let seat = Seat::new(place, self.open.clone());
        self.tasks.spawn(async move {
            connections.serve(stream, guest).await;
            drop(seat);
        });
    }
}

/// What an open connection takes up; it is given back however the connection ends.
struct Seat {
    _place: OwnedSemaphorePermit,
    open: Option<IntGauge>,
}

impl Seat {
    fn new(place: OwnedSemaphorePermit, open: Option<IntGauge>) -> Self {
        open.iter().for_each(IntGauge::inc);
        Self { _place: place, open }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.open.iter().for_each(IntGauge::dec);
    }
}

/// An error of one connection is over with it; one of the system would come back at once.
async fn pause_after(error: &io::Error) {
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    ) {
        return;
    }
    tracing::error!(cause = %error, "connections cannot be accepted; trying again in a second");
    tokio::time::sleep(BACK_OFF).await;
}
