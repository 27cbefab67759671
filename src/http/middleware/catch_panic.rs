//! Turns panics into problems: a panic is a bug, and the caller still gets an answer.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};

use crate::http::problem::Problem;

/// A handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);

/// The `internal_error` for a panic; its message goes to the log only.
pub(super) fn problem(payload: Box<dyn Any + Send>) -> Response {
    // What `panic!` carries: a formatted message or a literal; anything else comes from `panic_any`.
    let message = match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast_ref::<&str>().unwrap_or(&"no message")).to_owned(),
    };
    Problem::internal(Panicked(message)).into_response()
}
