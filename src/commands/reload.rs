//! Files that are read again while `serve` runs: certificates and caller keys from time to time and at SIGHUP, the
//! configuration's log filter at SIGHUP only.

use std::time::Duration;

use tokio::sync::mpsc;

use super::log_filter::LogFilter;
use crate::callers::KeyFile;
use crate::metrics::Metrics;
use crate::server::{Hangups, Tls};
use crate::support::error_chain::ErrorChain;

/// How often certificates are looked for without a signal: platforms renew them days before they expire, and whoever
/// waits for a change by hand should not wait long.
const CERTIFICATE_INTERVAL: Duration = Duration::from_secs(30);

/// What may change while the gateway runs.
pub(super) struct Reloadable {
    pub(super) log_filter: LogFilter,
    pub(super) tls: Option<Tls>,
    pub(super) keys: Option<KeyFile>,
}

/// Looks after the files there are until it is dropped. Also without any: a SIGHUP that nobody hears ends the process.
pub(super) async fn watch(mut hangups: Hangups, reloadable: Reloadable, metrics: Metrics) {
    let Reloadable { mut log_filter, tls, keys } = reloadable;
    let (reread_keys, asked) = mpsc::channel(1);
    let watching_keys = async {
        if let Some(keys) = keys {
            keys.watch(asked, metrics.files_current.with_label_values(&["caller_keys"])).await;
        }
    };
    // Apart from each other, so that a file that hangs does not hold up the others.
    let (reread_tls, tls_asked) = mpsc::channel(1);
    let watching_tls = async {
        if let Some(tls) = tls {
            watch_certificates(tls, tls_asked, &metrics).await;
        }
    };
    let hearing = async {
        loop {
            hangups.next().await;
            tracing::info!("SIGHUP: reading files again");
            // Full: they are about to be read anyway. Closed: there are none.
            let _ = (reread_keys.try_send(()), reread_tls.try_send(()));
            log_filter.reread().await;
        }
    };
    tokio::join!(watching_keys, watching_tls, hearing);
}

/// Takes new certificates from their files, from time to time and when `asked` says so. A file that is no good changes
/// nothing.
async fn watch_certificates(tls: Tls, mut asked: mpsc::Receiver<()>, metrics: &Metrics) {
    let is_current = metrics.files_current.with_label_values(&["tls"]);
    is_current.set(1);
    loop {
        let _ = tokio::time::timeout(CERTIFICATE_INTERVAL, asked.recv()).await;
        let reloading = tls.clone();
        match tokio::task::spawn_blocking(move || reloading.reload()).await {
            Ok(Ok(changed)) => {
                is_current.set(1);
                if changed {
                    tracing::info!("new TLS certificates are in use");
                }
            }
            Ok(Err(cause)) => {
                is_current.set(0);
                let cause = ErrorChain(&cause).to_string();
                tracing::error!(
                    cause,
                    "the TLS files cannot be used; the certificates read before stay in use"
                );
            }
            Err(cause) => tracing::error!(%cause, "reading the TLS files panicked"),
        }
    }
}
