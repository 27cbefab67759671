//! Files that are read again while `serve` runs: certificates and caller keys, when SIGHUP says so and by themselves.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::callers::KeyFile;
use crate::server::{Hangups, Tls};
use crate::support::error_chain::ErrorChain;

/// How often certificates are looked for without a signal: platforms renew them days before they expire, and whoever
/// waits for a change by hand should not wait long.
const CERTIFICATE_INTERVAL: Duration = Duration::from_secs(30);

/// Begins to look after the files there are. Also without any: a SIGHUP that nobody hears ends the process.
pub(super) fn start(hangups: Hangups, tls: Option<Tls>, keys: Option<KeyFile>) {
    // Nobody waits for these tasks: they watch as long as the process runs, and have nothing to finish at its end.
    let (reread_keys, asked) = mpsc::channel(1);
    if let Some(keys) = keys {
        tokio::spawn(keys.watch(asked));
    }
    tokio::spawn(hear(hangups, reread_keys, tls));
}

/// Passes each signal on to the keys, and reads certificates again then and from time to time.
async fn hear(mut hangups: Hangups, reread_keys: mpsc::Sender<()>, tls: Option<Tls>) {
    let mut look = tokio::time::interval(CERTIFICATE_INTERVAL);
    loop {
        tokio::select! {
            () = hangups.next() => {
                tracing::info!("SIGHUP: reading files again");
                // Full: the keys are about to be read anyway. Closed: there is no file of keys.
                let _ = reread_keys.try_send(());
            }
            _ = look.tick() => {}
        }
        if let Some(tls) = tls.clone() {
            reload_certificates(tls).await;
        }
    }
}

/// Takes new certificates from their files. A file that is no good changes nothing.
async fn reload_certificates(tls: Tls) {
    match tokio::task::spawn_blocking(move || tls.reload()).await {
        Ok(Ok(true)) => tracing::info!("new TLS certificates are in use"),
        Ok(Ok(false)) => {}
        Ok(Err(cause)) => {
            let cause = ErrorChain(&cause).to_string();
            tracing::error!(cause, "the TLS files cannot be used; the certificates read before stay in use");
        }
        Err(cause) => tracing::error!(%cause, "reading the TLS files panicked"),
    }
}
