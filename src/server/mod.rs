//! The edge of the gateway: listens, serves connections within limits, and stops without breaking what was accepted.
//!
//! hyper-util's builder speaks HTTP. What is added to it: connections have limits (`accept`), each has its time
//! (`connection`), and the end comes in steps ([`serve`]).

mod accept;
mod connection;
mod connection_state;
mod descriptors;
mod listen;
mod options;
mod protocol;
mod request_body;
mod signals;
mod tls;

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use listen::{
    ListenError, announce, announce_admin, announce_approval_centre, announce_callbacks, listen,
};
pub use options::Options;
pub use signals::{Hangups, on_hangup, stop_on_signal};
pub use tls::{Tls, TlsError, TlsFiles};

use crate::http::health::DrainState;
use accept::Acceptor;
use connection::Connections;

/// Time that kept connections have, once the gateway no longer listens, to bring a request that is on its way. Its answer
/// is 503 `draining`; without this time the caller would find its connection cut off. Whoever rests loses nothing.
const LAST_REQUESTS: Duration = Duration::from_millis(300);

/// Serves until `stop`, then drains: `drain_state` says so at once, the listener closes after the delay, what was accepted is
/// finished within the grace period, and what is still open then is closed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    drain_state: DrainState,
    stop: CancellationToken,
    options: Options,
) {
    let (grace, drain_delay) = (options.grace, options.drain_delay);
    let closing = CancellationToken::new();
    let connections = Connections::new(router, drain_state.clone(), closing.clone(), &options);
    let acceptor = Acceptor::new(listener, connections, &options);

    tokio::select! {
        () = acceptor.run() => {}
        () = stop.cancelled() => {}
    }
    drain_state.start_draining();
    tokio::select! {
        () = acceptor.run() => {}
        () = tokio::time::sleep(drain_delay) => {}
    }
    // Before the listener closes, so that none of the last requests is let in.
    drain_state.stop_accepting();
    let open = acceptor.close();
    let _ = timeout(LAST_REQUESTS, open.ended()).await;
    closing.cancel();
    if timeout(grace, open.ended()).await.is_err() {
        tracing::warn!(
            grace_ms = grace.as_millis(),
            open = open.count(),
            "connections were still open at the end of the grace period"
        );
        open.cut().await;
    }
}
