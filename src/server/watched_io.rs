//! The bytes of a connection, with notes on what they tell, and without an end that is none.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::activity::{Activity, Phase};

/// A caller that closes its writing half so soon after its request has done it on purpose, and reads on; one that closes
/// later has given up. On the wire both look the same. Programs that half-close (`nc -N`, scripts with plain sockets)
/// do it in the very next call after sending.
const HALF_CLOSE_WINDOW: Duration = Duration::from_millis(100);

/// A connection's bytes on their way between the socket and hyper.
#[derive(Debug)]
pub(super) struct WatchedIo<I> {
    inner: I,
    activity: Arc<Activity>,
    /// Whether the peer can close only one half; in TLS and HTTP/2 an end is the end.
    half_closes: bool,
}

impl<I> WatchedIo<I> {
    pub(super) fn new(inner: I, activity: Arc<Activity>, half_closes: bool) -> Self {
        Self { inner, activity, half_closes }
    }

    /// Whether an end of the incoming bytes is to be kept from hyper, which would take the caller for gone.
    fn waits_for_answer(&self) -> bool {
        let activity = &self.activity;
        self.half_closes
            && activity.phase() == Phase::Busy
            && !activity.is_multiplexed()
            && (activity.is_half_closed()
                || activity.complete_for().is_some_and(|age| age <= HALF_CLOSE_WINDOW))
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncRead for WatchedIo<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.activity.is_cut() {
            // hyper sees an end and closes.
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if matches!(read, Poll::Ready(Ok(()))) {
            if buffer.filled().len() > before {
                self.activity.received();
            } else if self.waits_for_answer() {
                self.activity.half_close(cx.waker());
                return Poll::Pending;
            }
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> WatchedIo<I> {
    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.activity.writing(written.is_pending());
        written
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for WatchedIo<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.activity.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
