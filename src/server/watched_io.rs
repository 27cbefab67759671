//! The bytes of a connection, with notes on what they tell, and without an end that is none.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::activity::{Activity, Phase};
use crate::http::unread;

/// A caller that closes its writing half so soon after its request has done it on purpose, and reads on; one that closes
/// later has given up. On the wire both look the same. Programs that half-close (`nc -N`, scripts with plain sockets)
/// do it in the very next call after sending.
const HALF_CLOSE_WINDOW: Duration = Duration::from_millis(100);

/// Most bytes of an unread request that are thrown away so that its caller hears the answer. Our choice: the largest body
/// that can be configured; whoever sends more has lost interest in answers.
const MOST_DISCARDED: usize = 64 * 1024 * 1024;

/// A connection's bytes on their way between the socket and hyper.
#[derive(Debug)]
pub(super) struct WatchedIo<I> {
    inner: I,
    activity: Arc<Activity>,
    /// Whether the peer can close only one half; in TLS and HTTP/2 an end is the end.
    half_closes: bool,
    /// What is written in place of hyper's own refusal.
    refusal: Refusal,
    /// Whether our half is closed.
    is_shut: bool,
    discarded: usize,
}

/// An answer to a request that could not be read.
#[derive(Debug)]
enum Refusal {
    None,
    /// The bytes of which the first so many are written.
    Writing(Vec<u8>, usize),
    Written,
}

impl<I> WatchedIo<I> {
    pub(super) fn new(inner: I, activity: Arc<Activity>, half_closes: bool) -> Self {
        Self { inner, activity, half_closes, refusal: Refusal::None, is_shut: false, discarded: 0 }
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

    /// Takes hyper's own refusal of a request out of what it writes, and puts a document in its place.
    fn explain(&mut self, bytes: &[u8]) -> bool {
        if self.activity.phase() == Phase::Busy || self.activity.is_multiplexed() {
            return false;
        }
        match refused_status(bytes).and_then(unread::answer) {
            Some(answer) => {
                self.refusal = Refusal::Writing(answer, 0);
                true
            }
            None => false,
        }
    }
}

/// The status of a refusal that hyper has written by itself. Our own refusals all have a body.
fn refused_status(bytes: &[u8]) -> Option<u16> {
    let rest = bytes.strip_prefix(b"HTTP/1.1 ")?;
    let (b'4', status) = (rest.first()?, rest.get(..3)?) else { return None };
    let is_bare = bytes.ends_with(b"\r\n\r\n")
        && bytes.windows(EMPTY.len()).any(|piece| piece.eq_ignore_ascii_case(EMPTY));
    if is_bare { std::str::from_utf8(status).ok()?.parse().ok() } else { None }
}

const EMPTY: &[u8] = b"\r\ncontent-length: 0\r\n";

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncRead for WatchedIo<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.activity.is_cut() {
            return self.poll_end(cx);
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if matches!(read, Poll::Ready(Ok(()))) {
            let received = &buffer.filled()[before..];
            if !received.is_empty() {
                self.activity.received(received);
            } else if self.waits_for_answer() {
                self.activity.half_close(cx.waker());
                return Poll::Pending;
            }
        }
        read
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> WatchedIo<I> {
    /// The end that hyper sees when the peer's time is up; the peer is told first.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.refusal, Refusal::None)
            && !self.activity.is_multiplexed()
            && let Some(answer) = unread::answer(REQUEST_TIMEOUT)
        {
            self.refusal = Refusal::Writing(answer, 0);
        }
        self.poll_refusal(cx)
    }

    /// Writes what is left of the refusal.
    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Refusal::Writing(bytes, written) = &mut self.refusal else { return Poll::Ready(Ok(())) };
        while *written < bytes.len() {
            match ready!(Pin::new(&mut self.inner).poll_write(cx, &bytes[*written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.refusal = Refusal::Written;
        Poll::Ready(Ok(()))
    }

    /// Throws away what the peer still sends. A socket that is closed with unread bytes in it is reset, and the peer
    /// loses the answer that it has not read yet.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.refusal, Refusal::None) && !self.activity.is_answered_early() {
            return Poll::Ready(Ok(()));
        }
        if self.activity.lingering_since().is_none() {
            self.activity.linger();
        }
        let mut scratch = [0; 16 * 1024];
        while self.discarded < MOST_DISCARDED {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer))?;
            match buffer.filled().len() {
                0 => break,
                more => self.discarded += more,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.activity.writing(written.is_pending());
        written
    }
}

/// The status for a head that is not complete in time (RFC 9110 §15.5.9).
const REQUEST_TIMEOUT: u16 = 408;

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WatchedIo<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.explain(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [bytes] = slices
            && self.explain(bytes)
        {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(cx))?;
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.activity.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(cx))?;
        if !self.is_shut {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
            self.is_shut = true;
        }
        self.poll_discard(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" => Some(400); "of hyper")]
    #[test_case("HTTP/1.1 404 Not Found\r\ncontent-length: 12\r\n\r\n" => None; "of our own, its body behind it")]
    #[test_case("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" => None; "no refusal")]
    #[test_case("HTTP/1.1 4" => None; "too short to tell")]
    fn refusal(bytes: &str) -> Option<u16> {
        refused_status(bytes.as_bytes())
    }
}
