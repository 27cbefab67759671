//! The body of an answer, which keeps the connection for the next request when it has come to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::SendRequest;

use super::kept::Kept;

/// The body of an answer. Dropped before its end, it takes its HTTP/1 connection with it: what is left of the answer would
/// be in the way of the next one.
#[derive(Debug)]
pub struct AnswerBody {
    body: Incoming,
    /// The connection that it comes over, and where that is kept; absent for HTTP/2, and behind the end.
    connection: Option<(SendRequest<super::Body>, Arc<Kept>)>,
}

impl AnswerBody {
    /// A body that comes over an HTTP/1 connection.
    pub(super) fn over(body: Incoming, sender: SendRequest<super::Body>, kept: &Arc<Kept>) -> Self {
        let mut body = Self { body, connection: Some((sender, Arc::clone(kept))) };
        if body.is_end_stream() {
            body.keep_connection();
        }
        body
    }

    /// A body that comes over a connection that others use, too.
    pub(super) fn shared(body: Incoming) -> Self {
        Self { body, connection: None }
    }

    fn keep_connection(&mut self) {
        if let Some((sender, kept)) = self.connection.take() {
            kept.keep(sender);
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(_)) if !self.is_end_stream() => {}
            Some(Ok(_)) | None => self.keep_connection(),
            Some(Err(_)) => self.connection = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
