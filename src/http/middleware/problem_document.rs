//! The one place that turns failures into documents, and logs them.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tracing::{debug, error, info, warn};

use crate::http::problem::{Code, Problem, render};
use crate::http::request_context::RequestContext;
use crate::http::request_id::request_id;
use crate::support::error_chain::ErrorChain;

/// Writes the document of a problem that comes back, and logs the failure once.
///
/// Leaves the problem's [`Code`], and what it took to come to it, in the response's extensions for the access log.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let request_id = request_id(request.extensions()).to_owned();
    let context = RequestContext::of(request.extensions());
    let mut answer = next.run(request).await;
    let Some(problem) = answer.extensions_mut().remove::<Problem>() else { return answer };
    let (mut head, _) = answer.into_parts();
    log(&problem, &request_id, context.app());
    head.extensions.insert::<Code>(problem.code());
    if let Some(report) = problem.call_report() {
        head.extensions.insert(report.clone());
    }
    render(&problem, &request_id, head)
}

/// The level says who must act: somebody here (error), Feishu or time (warn), the caller (debug; the access log has the
/// code at info). A 4xx with a cause deserves a look when a caller asks, hence info.
///
/// Details and violations may quote the document and are not logged.
fn log(problem: &Problem, request_id: &str, app: Option<&str>) {
    let code = problem.code().as_str();
    let cause = problem.logged_cause().map(|cause| ErrorChain(cause).to_string());
    let cause = cause.as_deref();
    let violations = problem.violations().len();
    let upstream = problem.upstream_answer();
    let upstream_status = upstream.and_then(|answer| answer.http_status);
    let upstream_code = upstream.and_then(|answer| answer.code);
    let log_id = upstream.and_then(|answer| answer.log_id.as_deref());
    let attempts = upstream.map(|answer| answer.attempts);
    let is_ours = problem.code().status().is_server_error();
    match (is_ours, problem.code().retryable()) {
        (true, false) => {
            error!(
                request_id,
                app, code, cause, upstream_status, upstream_code, log_id, attempts, "request failed"
            );
        }
        // A shed request must cost as little as possible, and the access log has it.
        (true, true) if cause.is_none() => debug!(request_id, code, "request turned away"),
        (true, true) => {
            warn!(
                request_id,
                app, code, cause, upstream_status, upstream_code, log_id, attempts, "request failed"
            );
        }
        (false, _) if cause.is_some() || upstream.is_some() => {
            info!(
                request_id,
                app, code, cause, upstream_status, upstream_code, log_id, attempts, "request refused"
            );
        }
        (false, _) => debug!(request_id, code, violations, "request refused"),
    }
}
