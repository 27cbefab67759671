//! The one parameter in a route's path.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::percent::{self, Malformed};
use crate::domain::{Location, Violation, has_control_character};
use crate::http::problem::Problem;

/// The decoded value of the route's one path parameter; it may hold anything but control characters, slashes and Chinese
/// included.
///
/// # Errors
/// 422 `validation_failed` in `path` when its percent-encoding is malformed, its bytes are not UTF-8, or a control
/// character is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathParam(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathParam {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match RawPathParams::from_request_parts(parts, state).await {
            Ok(params) => {
                let (name, value) = params.iter().next().ok_or_else(|| Problem::internal(NoParameter))?;
                // axum lets a malformed escape through as it stands, and two spellings would then name one id.
                if percent::has_bad_escape(parts.uri.path()) {
                    return Err(malformed(name, Malformed::Escape));
                }
                if has_control_character(value) {
                    let detail = format!("{name} holds a control character, which no id may have");
                    let found =
                        Violation::at(Location::Path, format!("/{name}"), "control_character", detail);
                    return Err(Problem::validation(vec![found]));
                }
                Ok(Self(value.to_owned()))
            }
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => {
                Err(malformed(parameter_name(parts), Malformed::Utf8))
            }
            Err(other) => Err(Problem::internal(other)),
        }
    }
}

/// The handler reads a path parameter that its route does not have.
#[derive(Debug, thiserror::Error)]
#[error("the route has no path parameter")]
struct NoParameter;

fn malformed(name: &str, cause: Malformed) -> Problem {
    let violation =
        Violation::at(Location::Path, format!("/{name}"), "malformed_encoding", format!("{name} {cause}"));
    Problem::validation(vec![violation])
}

/// The name between the braces of the route's template; axum's rejection knows it and does not say it.
fn parameter_name(parts: &Parts) -> &str {
    parts
        .extensions
        .get::<axum::extract::MatchedPath>()
        .and_then(|template| template.as_str().split_once('{')?.1.split_once('}'))
        .map_or("path", |(name, _)| name)
}
