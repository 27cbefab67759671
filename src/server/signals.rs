//! Signals from the operator: stop, stop at once, read the files again.

use std::{io, thread};

use rustix::process::Signal as SignalNumber;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels the token at the first SIGTERM or SIGINT, and ends the process at the second, whatever its threads are doing:
/// signals have a thread of their own. SIGXFSZ no longer ends it either: it is
/// sent by a log file that may not grow any more, and the log counts what is lost.
///
/// `last` is called right before that end.
///
/// # Errors
/// When signals cannot be listened for.
pub fn stop_on_signal(last: fn()) -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let first = stop.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut terminate, mut interrupt) = {
        let _entered = runtime.enter();
        // Fatal unless somebody has listened; the handler stays when its listener goes.
        drop(signal(SignalKind::from_raw(SignalNumber::XFSZ.as_raw()))?);
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    let waiting = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what was accepted is finished; a second signal ends at once");
        first.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        last();
        // 128 + SIGINT, what a shell expects of a process that was interrupted.
        std::process::exit(130);
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(waiting))?;
    Ok(stop)
}

/// Stream of SIGHUPs, the usual signal to read files again; as long as one exists, the signal ends no process.
#[derive(Debug)]
pub struct Hangups(unix::Signal);

/// Starts to listen for SIGHUP; whoever has something to read again holds one of its own, and each hears every signal.
///
/// # Errors
/// When signals cannot be listened for.
pub fn on_hangup() -> io::Result<Hangups> {
    signal(SignalKind::hangup()).map(Hangups)
}

impl Hangups {
    /// Waits for the next signal; several that come close together may be heard as one.
    pub async fn next(&mut self) {
        // `None` means that no more signals can come; then there is nothing to wait for either.
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
