//! A layer that is one async function around whatever stands inside.
//!
//! axum's `from_fn` copies the services inside of it for every request, and those copy the ones inside of them. Here they
//! are shared, so that a layer costs the same however many there are.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use axum::routing::Route;
use futures_util::FutureExt as _;
use futures_util::future::Map;
use tower::{Layer, Service};

/// Makes a layer of a function that takes the request and what stands inside.
pub(super) fn around<F, Answer>(function: F) -> Around<F>
where
    F: Fn(Request, Inside) -> Answer,
{
    Around(function)
}

/// The layer.
#[derive(Debug, Clone)]
pub(in crate::http) struct Around<F>(F);

/// The function with what stands inside. Cheap to clone.
#[derive(Debug)]
pub(in crate::http) struct Surrounded<F>(Arc<(F, Route)>);

/// What stands inside of a layer; it can be asked once for each request.
#[derive(Debug)]
pub(in crate::http) struct Inside(Route);

impl Inside {
    /// The answer to a request that goes on.
    pub(super) fn answer(mut self, request: Request) -> impl Future<Output = Response> {
        self.0.call(request).map(|answer| match answer {
            Ok(answer) => answer,
            Err(never) => match never {},
        })
    }
}

impl<F: Clone> Layer<Route> for Around<F> {
    type Service = Surrounded<F>;

    fn layer(&self, inside: Route) -> Surrounded<F> {
        Surrounded(Arc::new((self.0.clone(), inside)))
    }
}

impl<F> Clone for Surrounded<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F, Answer> Service<Request> for Surrounded<F>
where
    F: Fn(Request, Inside) -> Answer,
    Answer: Future<Output = Response>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Map<Answer, fn(Response) -> Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routes are always ready: they look whether there is room once they have the request.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (function, inside) = &*self.0;
        function(request, Inside(inside.clone())).map(Ok)
    }
}
