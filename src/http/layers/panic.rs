//! A panic is a bug, and the caller still gets an answer.

use std::any::Any;

use axum::body::Body;
use axum::http::Response;
use axum::response::IntoResponse;
use tower_http::catch_panic::ResponseForPanic;

use crate::http::problem::Problem;

/// Makes an `internal_error` of a panic; its message goes to the log only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caught;

#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);

impl ResponseForPanic for Caught {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, payload: Box<dyn Any + Send + 'static>) -> Response<Body> {
        // What `panic!` carries: a formatted message or a literal; anything else comes from `panic_any`.
        let message = match payload.downcast::<String>() {
            Ok(message) => *message,
            Err(payload) => (*payload.downcast_ref::<&str>().unwrap_or(&"no message")).to_owned(),
        };
        Problem::internal(Panicked(message)).into_response()
    }
}
