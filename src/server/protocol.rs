//! How strictly HTTP is spoken: what hyper allows on one connection.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

/// Largest head of an HTTP/1 request, in bytes. Our choice: room for the longest URI that hyper takes (64 KiB),
/// because a list of task statuses may name a hundred ids in its query, and for as many headers.
///
/// hyper has one limit for all that it buffers, so this is also the largest piece that a document comes in. Even a large one
/// should be one piece on a connection that is used again, as then it need not be copied. The limit is looked at between two
/// readings: a somewhat larger head may pass.
const HEAD_BYTES: usize = 192 * 1024;

/// Largest list of headers of an HTTP/2 request, in bytes; the same as for HTTP/1.
const HEADER_LIST_BYTES: u32 = 192 * 1024;

/// Requests at once on one HTTP/2 connection; hyper's default.
const STREAMS: u32 = 200;

/// Streams that the peer opened and reset before they were accepted, after which the connection ends: the answer to
/// floods of resets (CVE-2023-44487). h2's default.
const PENDING_RESETS: usize = 20;

/// Streams that we had to reset for the peer's mistakes, after which the connection ends; h2's default.
const LOCAL_RESETS: usize = 1024;

/// What may be buffered of one HTTP/2 answer, in bytes; hyper's default.
const SEND_BUFFER_BYTES: usize = 400 * 1024;

/// An HTTP/2 peer that is silent for so long is asked whether it is still there, and has as long to answer. Our choice:
/// shorter than the minute after which firewalls forget a connection.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// Time to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// hyper, set up for every connection.
pub(super) fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // An end of the incoming bytes is judged before hyper sees it; what it sees ends the request.
        .half_close(false)
        // Ours tells an idle connection from a slow head, and allocates nothing for each request.
        .header_read_timeout(None)
        // The number of headers keeps hyper's limit of 100: setting it would cost an allocation for each request.
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(PENDING_RESETS)
        .max_local_error_reset_streams(LOCAL_RESETS)
        .max_header_list_size(HEADER_LIST_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}
