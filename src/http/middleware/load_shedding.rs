//! Middleware of the load shedder: lets requests in while there is quota for them, and refuses the rest at once.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::callers::Caller;
use crate::http::health::DrainState;
use crate::http::load_shedder::{Charge, ConnectionOverLimit, LoadShedder, Permit, QuotaExceeded};
use crate::http::metrics::HttpMetrics;
use crate::http::problem::{Code, Outcome, Problem};
use crate::http::request_context::RequestContext;

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
    // The gateway's own requests, such as those of tools, are part of one that was let in before.
    let permit = match request.extensions().get::<Permit>() {
        Some(permit) => permit.clone(),
        None => shedding.permit_for(&request)?,
    };
    request.extensions_mut().insert(permit.clone());
    counted(next.run(request).await, permit).map_err(|QuotaExceeded| {
        shedding.metrics.overloaded();
        // What it says of Feishu is lost with it, so nobody knows what came of a push.
        let detail =
            "The answer is too large for what the gateway can hold now. Wait as long as Retry-After says.";
        Problem::new(Code::Overloaded).detail(detail).outcome(Outcome::Unknown)
    })
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
        let name = RequestContext::of(request.extensions()).sharing_name();
        let permit = caller.and_then(|caller| self.shedder.try_acquire(&caller.app, name));
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

/// The answer with a body that counts until the caller has taken it.
///
/// # Errors
/// 503 when it is so large that the app's quota has too little left.
fn counted(answer: Response, permit: Permit) -> Result<Response, QuotaExceeded> {
    let (head, body) = answer.into_parts();
    // What is one piece of memory is counted before any of it is sent; of a stream nobody knows what will come.
    let size = body.size_hint().exact().and_then(|size| usize::try_from(size).ok());
    let reserved = size.map(|size| permit.reserve(size)).transpose()?;
    Ok(Response::from_parts(head, Body::new(CountedBody { body, permit, reserved })))
}

/// Body of an answer; its bytes count until the last of them is sent or dropped.
struct CountedBody {
    body: Body,
    permit: Permit,
    /// What a body of one piece counts for until that piece is handed on.
    reserved: Option<Charge>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let reserved = self.reserved.take();
        Poll::Ready(
            frame.map(|frame| frame.map(|frame| frame.map_data(|data| self.permit.count(data, reserved)))),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AppName;
    use axum::response::IntoResponse as _;
    use futures_util::stream;
    use http_body_util::BodyExt as _;
    use test_case::test_case;

    #[test_case(Body::from("lines"); "of one piece")]
    #[test_case(Body::from_stream(stream::iter([Ok::<_, std::io::Error>("lines")])); "that is streamed")]
    #[tokio::test]
    async fn an_answer_counts_until_its_last_byte_is_sent(body: Body) {
        let app = AppName::default();
        let shedder = LoadShedder::new(1, std::slice::from_ref(&app));
        let acquire = || shedder.try_acquire(&app, None);
        let mut body = counted(body.into_response(), acquire().unwrap()).unwrap().into_body();
        assert!(acquire().is_none());
        let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(body.frame().await.is_none());
        drop(body);
        assert!(acquire().is_none(), "it is still on its way");
        drop(data);
        assert!(acquire().is_some());
    }

    #[test]
    fn an_answer_that_does_not_fit_is_refused() {
        let app = AppName::default();
        let shedder = LoadShedder::new(1 << 20, std::slice::from_ref(&app));
        let answer = || vec![b' '; 600 * 1024].into_response();
        let first = counted(answer(), shedder.try_acquire(&app, None).unwrap());
        assert!(first.is_ok());
        assert!(counted(answer(), shedder.try_acquire(&app, None).unwrap()).is_err());
    }
}
