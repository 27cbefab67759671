//! Hands requests from a connection to the router, and keeps the connection's notes of them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body as AnyBody, Bytes};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Request, Response, Version};
use axum::routing::future::RouteFuture;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tower::Service as _;

use super::activity::{Activity, InFlight};
use super::drain::Stage;
use crate::http::load_shedder::ConnectionOverLimit;

/// What hyper calls for each request of one connection.
#[derive(Debug)]
pub(super) struct Requests {
    pub(super) router: Router,
    pub(super) activity: Arc<Activity>,
    pub(super) stage: Stage,
    /// Whether the connection is one more than there should be.
    pub(super) crowded: bool,
}

impl hyper::service::Service<Request<Incoming>> for Requests {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let version = request.version();
        let has_body = !request.body().is_end_stream();
        let in_flight = self.activity.begin(version == Version::HTTP_2, has_body);
        let mut request = request.map(|body| {
            if has_body {
                AnyBody::new(WatchedBody { body, activity: Arc::clone(&self.activity) })
            } else {
                AnyBody::empty()
            }
        });
        if self.crowded {
            request.extensions_mut().insert(ConnectionOverLimit);
        }
        // HTTP/2 has its own way to say it.
        let stage = (version < Version::HTTP_2).then(|| self.stage.clone());
        let answer = self.router.clone().call(request);
        Answering { answer, in_flight: Some(in_flight), stage, crowded: self.crowded }
    }
}

/// An answer in the making; whoever drops it has lost interest, and the request ends.
pub(super) struct Answering {
    answer: RouteFuture<Infallible>,
    in_flight: Option<InFlight>,
    /// Absent where connections are not closed by a header.
    stage: Option<Stage>,
    crowded: bool,
}

impl Future for Answering {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Poll::Ready(Ok(mut response)) = Pin::new(&mut self.answer).poll(cx) else { return Poll::Pending };
        if self.stage.as_ref().is_some_and(|stage| self.crowded || stage.is_leaving()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let in_flight = self.in_flight.take();
        Poll::Ready(Ok(response.map(|body| Answer { body, _in_flight: in_flight })))
    }
}

/// The body of an answer; the request is over when it is dropped.
#[derive(Debug)]
pub(super) struct Answer {
    body: AnyBody,
    _in_flight: Option<InFlight>,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a request, which notes its end.
#[derive(Debug)]
struct WatchedBody {
    body: Incoming,
    activity: Arc<Activity>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let is_last = match &frame {
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(None) => true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if is_last {
            self.activity.body_complete();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
