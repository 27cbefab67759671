//! The one shape of a successful JSON answer.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;

/// A 200 with a JSON body that ends with a newline, so that a terminal's prompt starts on its own line.
///
/// The value's own type keeps `null` out: optional members are skipped when absent.
#[derive(Debug, Clone, Copy)]
pub struct JsonResponse<T>(pub T);

impl<T: Serialize> IntoResponse for JsonResponse<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
            }
            Err(cause) => Problem::internal(cause).into_response(),
        }
    }
}
