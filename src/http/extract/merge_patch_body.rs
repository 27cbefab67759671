//! The body of a merge patch.

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use super::{JsonBody, RequestLimits};
use crate::http::problem::{Code, Problem};

/// The whole body, unread: declared as a merge patch (RFC 7396) or as plain JSON; otherwise as [`JsonBody`].
///
/// # Errors
/// As for [`JsonBody`]; 415 also for other kinds of JSON, such as the patches of RFC 6902, which mean something else.
#[derive(Debug, Clone)]
pub struct MergePatchBody(pub Bytes);

/// What a merge patch is declared as.
const MERGE_PATCH: HeaderValue = HeaderValue::from_static("application/merge-patch+json");

impl<S> FromRequest<S> for MergePatchBody
where
    RequestLimits: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_other_json = is_other_json(request.headers().get(CONTENT_TYPE));
        let accepted = |problem: Problem| match problem.code() {
            // RFC 5789 §2.2.
            Code::UnsupportedMediaType => {
                problem.header(HeaderName::from_static("accept-patch"), MERGE_PATCH)
            }
            _ => problem,
        };
        if is_other_json {
            let detail = "The Content-Type header names another kind of JSON; send Content-Type: application/merge-patch+json";
            return Err(accepted(Problem::new(Code::UnsupportedMediaType).detail(detail)));
        }
        JsonBody::from_request(request, state).await.map(|JsonBody(body)| Self(body)).map_err(accepted)
    }
}

fn is_other_json(declared: Option<&HeaderValue>) -> bool {
    let Some(declared) = declared.and_then(|value| value.to_str().ok()) else { return false };
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.ends_with("+json") && essence != "application/merge-patch+json"
}
