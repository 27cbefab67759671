//! Drains unread request bodies so that clients can read the answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::EXPECT;
use axum::http::{Request, Version};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Most bytes that are thrown away so that a caller hears its answer. Our choice: the largest body that can be configured;
/// whoever sends more has lost interest in answers.
const DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// Time for a caller to send what is thrown away.
const DISCARDING_TIME: Duration = Duration::from_secs(2);

/// The request with a body that is read to its end even when it is refused unread.
///
/// Many callers read no answer before they have sent everything, and a connection that is closed with unread bytes in it
/// is reset, so that the answer is lost. HTTP/2 needs none of that, and who waits to be asked for the body
/// (`Expect: 100-continue`) must not be asked for it.
pub(super) fn read_to_its_end(request: Request<Incoming>) -> Request<Body> {
    if request.version() >= Version::HTTP_2 || request.headers().contains_key(EXPECT) {
        return request.map(Body::new);
    }
    request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(RequestBody(Some(body))) })
}

/// Request body that is drained on drop.
struct RequestBody(Option<Incoming>);

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.0.as_mut().map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        let mut rest = Limited::new(body, DISCARDED_BYTES);
        runtime.spawn(timeout(DISCARDING_TIME, async move { while let Some(Ok(_)) = rest.frame().await {} }));
    }
}
