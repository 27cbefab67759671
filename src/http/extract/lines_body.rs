//! A body of lines, to be read while it comes.

use axum::body::Body;
use axum::extract::{FromRequest, Request};

use super::media_type::require_lines;
use crate::http::problem::Problem;

/// The body, unread: declared as newline-delimited JSON.
///
/// # Errors
/// 415 `unsupported_media_type`.
#[derive(Debug)]
pub struct LinesBody(pub Body);

impl<S: Sync> FromRequest<S> for LinesBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_lines(request.headers())?;
        Ok(Self(request.into_body()))
    }
}
