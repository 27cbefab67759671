//! HTTP settings of hyper for every connection: limits of heads, streams and pings.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

/// Largest head of an HTTP/1 request, in bytes. Our choice: enough for the longest URI that hyper takes (64 KiB),
/// because a list of task statuses may name a hundred ids in its query, and for as many headers.
///
/// The limit is looked at between two readings: a somewhat larger head may pass.
const HEAD_BYTES: usize = 192 * 1024;

/// Largest list of headers of an HTTP/2 request, in bytes; the same as for HTTP/1.
const HEADER_LIST_BYTES: u32 = 192 * 1024;

/// Requests at once on one HTTP/2 connection. Our choice: Feishu takes some 17 pushes a second of an app, so more at once
/// only wait. Fewer are served while no caller of the connection is known: see [`crate::http::UnauthenticatedLimit`].
const STREAMS: u32 = 64;

/// Streams that the peer opened and reset before they were accepted, after which the connection ends: the answer to
/// floods of resets (CVE-2023-44487). h2's default.
const PENDING_RESETS: usize = 20;

/// Streams that we had to reset for the peer's mistakes, after which the connection ends; h2's default.
const LOCAL_RESETS: usize = 1024;

/// What may be buffered of one HTTP/2 answer, in bytes. Our choice: the window that peers have at the start, so that a
/// connection buffers 4 MiB at most.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// An HTTP/2 peer that is silent for so long is asked whether it is still there, and has as long to answer. Our choice:
/// shorter than the minute after which firewalls forget a connection.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// Time to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// hyper's builder with these settings. It writes no dates, because it would panic where the clock is set before 1970.
pub(super) fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // Who writes no more has gone: on the wire both look the same.
        .half_close(false)
        // It would also run while a kept connection rests, and only once the protocol is known: see `connection_state`.
        .header_read_timeout(None)
        .auto_date_header(false)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(PENDING_RESETS)
        .max_local_error_reset_streams(LOCAL_RESETS)
        .max_header_list_size(HEADER_LIST_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}
