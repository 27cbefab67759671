//! Tells callers where they stand in Feishu's rate limit, in the headers of the IETF's draft
//! (draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` and `RateLimit`.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use crate::callers::Caller;
use crate::feishu::{Allowance, Api, FeishuClient};
use crate::http::state::{ApiState, ServedApp};

/// What may be sent in which span.
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is left of it now.
pub(super) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Adds both headers to the answer of a route that calls Feishu.
pub(super) async fn add(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let asked = asked(&state, &request);
    let mut answer = next.run(request).await;
    if let Some((app, api)) = asked {
        add_headers(&app.feishu.allowances(api), &mut answer);
    }
    answer
}

/// The caller's app and the API that the request's route is about, if it calls Feishu.
fn asked(state: &ApiState, request: &Request) -> Option<(Arc<ServedApp>, Api)> {
    let app = state.app_of(request.extensions().get::<Arc<Caller>>()?)?;
    let route = request.extensions().get::<MatchedPath>()?;
    let api = api_of(&app.feishu, request.method(), route.as_str())?;
    Some((Arc::clone(app), api))
}

/// The numbers are those of the API that the route is about. They are shared by all callers of the app, so they are no
/// promise. A window without a configured limit is left out.
fn add_headers(allowances: &[Allowance], answer: &mut Response) {
    if allowances.is_empty() {
        return;
    }
    let headers = answer.headers_mut();
    for (name, text) in [(POLICY, policy(allowances)), (LIMIT, limit(allowances))] {
        // Always fits: names and numbers are ASCII.
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}

/// The API that a route is about; a check after a push is not what the push is about.
fn api_of(feishu: &FeishuClient, method: &Method, route: &str) -> Option<Api> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    match (method.as_str(), route) {
        ("PUT", "/v1/instances/{instance_id}") => Some(Api::SyncInstance),
        ("GET", "/v1/instances/{instance_id}" | "/v1/task-statuses") => Some(feishu.statuses_api()),
        ("POST", "/v1/instance-checks") => Some(Api::CheckInstances),
        ("POST", "/v1/definitions") => Some(Api::UpsertDefinition),
        ("GET", "/v1/definitions/{approval_code}") => Some(Api::GetDefinition),
        ("GET", "/v1/instances") => Some(Api::QueryInstances),
        ("GET", "/v1/tasks") => Some(Api::SearchTasks),
        ("GET", "/v1/cc") => Some(Api::SearchCc),
        ("GET", "/v1/users/{user_id}/tasks") => Some(Api::QueryUserTasks),
        _ => None,
    }
}

fn policy(allowances: &[Allowance]) -> String {
    join(allowances.iter().map(|allowance| {
        let Allowance { name, limit, window, .. } = allowance;
        format!("\"{name}\";q={limit};w={}", window.as_secs())
    }))
}

fn limit(allowances: &[Allowance]) -> String {
    join(allowances.iter().map(|allowance| {
        let Allowance { name, remaining, reset, .. } = allowance;
        // A begun second counts, as in `Retry-After`.
        let seconds = reset.as_secs() + u64::from(reset.subsec_nanos() > 0);
        format!("\"{name}\";r={remaining};t={seconds}")
    }))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn headers_are_lists_of_named_windows_in_whole_seconds() {
        let second = Allowance {
            name: "second",
            limit: 50,
            window: Duration::from_secs(1),
            remaining: 0,
            reset: Duration::from_millis(20),
        };
        let minute = Allowance {
            name: "minute",
            limit: 1_000,
            window: Duration::from_secs(60),
            remaining: 950,
            reset: Duration::from_secs(59),
        };
        assert_eq!(policy(&[second, minute]), r#""second";q=50;w=1, "minute";q=1000;w=60"#);
        assert_eq!(limit(&[second, minute]), r#""second";r=0;t=1, "minute";r=950;t=59"#);
    }
}
