//! JSON response of a request that succeeded.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;

/// Initial capacity of the body: the answer to a push has less, and most lists do.
const USUAL_BYTES: usize = 1024;

/// A 200 with a JSON body that ends with a newline, so that a terminal's prompt starts on its own line.
///
/// The value's own type keeps `null` out: optional members are skipped when absent.
#[derive(Debug, Clone, Copy)]
pub struct JsonResponse<T>(pub T);

impl<T: Serialize> IntoResponse for JsonResponse<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => {
                bytes.push(b'\n');
                ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
            }
            Err(cause) => Problem::internal(cause).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Code;
    use std::collections::BTreeMap;

    #[test]
    fn value_that_json_cannot_hold_is_our_bug() {
        let no_json = BTreeMap::from([(vec![1], "a key must be a string")]);
        let response = JsonResponse(no_json).into_response();
        let problem = response.extensions().get::<Problem>().map(Problem::code);
        assert_eq!(problem, Some(Code::InternalError));
    }
}
