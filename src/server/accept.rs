//! Accepts connections: as many as fit, and without giving up over an error that passes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use prometheus::IntGauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Connections;
use super::{Options, descriptors};

/// Of so many connections one more is accepted beyond the limit, to be told that the gateway is overloaded. Our choice:
/// enough for callers to hear it when there are many, little beside the others' memory.
const EXCESS_SHARE: usize = 8;

/// Pause after an error of the system, such as too many open files: there is nothing to do but wait for others to end.
/// The same second that other servers wait.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// Accepts connections from the listener and lets each be served by a task of its own.
///
/// Callers beyond the limit are not left waiting, where they would only see a timeout: a few more are accepted, answered
/// `overloaded` and closed, while health checks are answered as ever. Only beyond these the listener pauses.
pub(super) struct Acceptor {
    listener: TcpListener,
    connections: Arc<Connections>,
    tasks: TaskTracker,
    cut: CancellationToken,
    permits: Arc<Semaphore>,
    open: Option<IntGauge>,
    /// Connections beyond the limit.
    excess: usize,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, connections: Connections, options: &Options) -> Self {
        let limit = descriptors::connections_that_fit(options.max_connections);
        let excess = (limit / EXCESS_SHARE).max(1);
        Self {
            listener,
            connections: Arc::new(connections),
            tasks: TaskTracker::new(),
            cut: CancellationToken::new(),
            permits: Arc::new(Semaphore::new((limit + excess).min(Semaphore::MAX_PERMITS))),
            open: options.open_connections.clone(),
            excess,
        }
    }

    /// Accepts connections for ever; may be dropped between two of them.
    pub(super) async fn run(&self) {
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return };
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    pause_after(&error).await;
                    continue;
                }
            };
            self.serve(stream, permit);
        }
    }

    /// Serves a connection in a task of its own.
    fn serve(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        // Answers are written whole, so there is nothing that Nagle's algorithm could gather; it would only delay.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "a connection broke before it was served");
            return;
        }
        let is_over_limit = self.permits.available_permits() < self.excess;
        let connections = Arc::clone(&self.connections);
        let open = self.open.clone().map(Open::new);
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            cut.run_until_cancelled(connections.serve(stream, is_over_limit)).await;
            drop((permit, open));
        });
    }

    /// Stops listening; says which connections are open.
    pub(super) fn close(self) -> OpenConnections {
        // Those who are connected already and wait to be accepted would be reset; now they are told.
        while let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned()
            && let Some(Ok((stream, _))) = self.listener.accept().now_or_never()
        {
            self.serve(stream, permit);
        }
        self.tasks.close();
        OpenConnections { tasks: self.tasks, cut: self.cut }
    }
}

/// Connections that are still open when the listener has closed.
pub(super) struct OpenConnections {
    tasks: TaskTracker,
    cut: CancellationToken,
}

impl OpenConnections {
    pub(super) fn count(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until the last one has ended.
    pub(super) async fn ended(&self) {
        self.tasks.wait().await;
    }

    /// Closes them, whatever they are doing.
    pub(super) async fn cut(self) {
        self.cut.cancel();
        self.tasks.wait().await;
    }
}

/// Counts an open connection in the gauge until it is dropped.
struct Open(IntGauge);

impl Open {
    fn new(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Pauses after an error of the system, which would come back at once; an error of one connection is over with it.
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
    tokio::time::sleep(ERROR_PAUSE).await;
}
