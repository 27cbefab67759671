//! Listens, serves, and stops without breaking what was accepted.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}; is the port taken? port 0 picks a free one")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// Opens a listener; port 0 picks a free one.
///
/// # Errors
/// When the address is taken, or not one of this machine's.
pub async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let opened = async {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    opened.await.map_err(|source| ListenError { address, source })
}

/// Says where the gateway listens: one line on standard output for scripts, and the field `listen` of a log line.
///
/// # Errors
/// When standard output is closed.
pub fn announce(address: SocketAddr) -> io::Result<()> {
    tracing::info!(listen = %address, "listening");
    let mut output = io::stdout().lock();
    writeln!(output, "listening on http://{address}")?;
    // Scripts read the line through a pipe, which would keep it back.
    output.flush()
}

/// Serves until `stop`, then lets what was accepted finish for at most `grace`.
///
/// # Errors
/// When the listener breaks for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let stopping = stop.clone();
    let server =
        axum::serve(listener, router).with_graceful_shutdown(async move { stopping.cancelled().await });
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = async { server.await } => served,
        () = overdue => {
            tracing::warn!(grace_ms = grace.as_millis(), "connections were still open at the end of the grace period");
            Ok(())
        }
    }
}

/// Cancels the token at the first SIGTERM or SIGINT, and ends the process at the second.
///
/// `last` is called right before that end.
///
/// # Errors
/// When signals cannot be listened for.
pub fn stop_on_signal(last: fn()) -> io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!(
            "stopping: no new work is taken, what was accepted is finished; a second signal ends at once"
        );
        first.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        last();
        // 128 + SIGINT, what a shell expects of a process that was interrupted.
        std::process::exit(130);
    });
    Ok(stop)
}
