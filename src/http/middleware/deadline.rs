//! Enforces the deadline of a request, whatever its handler does.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::extract::{RequestLimits, asked_deadline};
use crate::http::problem::{Code, Outcome, Problem};

/// How long after the deadline the handler's own answer is waited for. The steps below keep the deadline themselves and
/// know better what has become of the request; answers may be 50 ms late (half of it is left for writing).
const SLACK: Duration = Duration::from_millis(25);

/// Sets the deadline of a request when its head is there, and answers in the handler's place when that is late.
///
/// A push that has begun is carried on. An answer that is a stream is in time when it begins.
pub(super) async fn enforce(
    State(limits): State<RequestLimits>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    // A header that cannot be read is refused where the other headers are, with everything else that is wrong.
    let Ok(deadline) = asked_deadline(request.headers(), limits) else { return Ok(next.run(request).await) };
    request.extensions_mut().insert(deadline);
    let latest = deadline.instant() + SLACK;
    tokio::time::timeout_at(latest, next.run(request)).await.map_err(|_| {
        Problem::new(Code::UpstreamTimeout)
            .detail("The answer was not ready at the deadline of the request.")
            // How far it came is known only to the handler.
            .outcome(Outcome::Unknown)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    fn routes(deadline: Duration) -> Router {
        let limits = RequestLimits { deadline, ..RequestLimits::default() };
        Router::new()
            .route("/prompt", get(|| async {}))
            .route("/never", get(std::future::pending::<()>))
            .route_layer(from_fn_with_state(limits, enforce))
    }

    async fn answer(path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes(Duration::from_millis(20)).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_handler_that_never_answers_is_answered_for() {
        let response = answer("/never").await;
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.code(), Code::UpstreamTimeout);
    }

    #[tokio::test]
    async fn a_prompt_handler_answers_itself() {
        assert_eq!(answer("/prompt").await.status(), StatusCode::OK);
    }
}
