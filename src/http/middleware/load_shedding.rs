//! Middleware of the load shedder: lets requests in while there is quota for them, and refuses the rest at once.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;

use crate::callers::Caller;
use crate::http::health::DrainState;
use crate::http::load_shedder::{ConnectionOverLimit, LoadShedder, Permit};
use crate::http::metrics::HttpMetrics;
use crate::http::problem::{Code, Problem};

/// State of the load-shedding middleware.
#[derive(Debug, Clone)]
pub(in crate::http) struct LoadShedding {
    pub(in crate::http) shedder: LoadShedder,
    pub(in crate::http) drain_state: DrainState,
    pub(in crate::http) metrics: HttpMetrics,
}

/// Answers 503 when the caller's app has no quota left, or when no more work is taken. The caller must be known.
pub(super) async fn shed(
    State(shedding): State<LoadShedding>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let permit = shedding.permit_for(&request)?;
    request.extensions_mut().insert(permit.clone());
    Ok(holding(next.run(request).await, permit))
}

impl LoadShedding {
    fn permit_for(&self, request: &Request) -> Result<Permit, Problem> {
        if !self.drain_state.is_accepting() {
            self.metrics.draining();
            // A connection that is kept alive brings requests although nobody listens any more.
            let refused = Problem::new(Code::Draining);
            return Err(refused.detail("The gateway is shutting down and takes no new work."));
        }
        let is_over_limit = request.extensions().get::<ConnectionOverLimit>().is_some();
        let caller = request.extensions().get::<Arc<Caller>>().filter(|_| !is_over_limit);
        let permit = caller.and_then(|caller| self.shedder.try_acquire(&caller.app, request.headers()));
        permit.ok_or_else(|| {
            self.metrics.overloaded();
            Problem::new(Code::Overloaded).detail(if is_over_limit {
                "The gateway has as many connections as it can hold. Wait as long as Retry-After says, and keep fewer of them open."
            } else {
                "The gateway has as much work as it can hold. Wait as long as Retry-After says, and have fewer requests under way."
            })
        })
    }
}

/// The answer, with the permit where that is needed on: a list that is streamed goes on working after its head is sent.
fn holding(answer: Response, permit: Permit) -> Response {
    let is_stream = answer.body().size_hint().exact().is_none();
    if is_stream { answer.map(|body| stream_holding(body, permit)) } else { answer }
}

/// The body, with the permit that is given back when it ends.
fn stream_holding(body: Body, permit: Permit) -> Body {
    Body::from_stream(body.into_data_stream().inspect(move |_| {
        let _held = &permit;
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AppName;
    use axum::http::HeaderMap;

    #[tokio::test]
    async fn a_stream_holds_its_permit_to_its_end() {
        let app = AppName::default();
        let shedder = LoadShedder::new(1, 1, std::slice::from_ref(&app));
        let acquire = || shedder.try_acquire(&app, &HeaderMap::new());
        let body = stream_holding(Body::from("lines"), acquire().unwrap());
        assert!(acquire().is_none());
        drop(body);
        assert!(acquire().is_some());
    }
}
