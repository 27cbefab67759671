//! A panic is a bug, and the caller still gets an answer.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;

use crate::http::problem::Problem;

#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);

/// Makes an `internal_error` of a panic; its message goes to the log only.
pub(super) fn caught(work: impl Future<Output = Response>) -> impl Future<Output = Response> {
    // What the work had is dropped with it, so nobody sees it half changed.
    AssertUnwindSafe(work).catch_unwind().map(|answer| answer.unwrap_or_else(problem))
}

fn problem(payload: Box<dyn Any + Send>) -> Response {
    // What `panic!` carries: a formatted message or a literal; anything else comes from `panic_any`.
    let message = match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast_ref::<&str>().unwrap_or(&"no message")).to_owned(),
    };
    Problem::internal(Panicked(message)).into_response()
}
