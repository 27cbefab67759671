//! Tells callers where they stand in Feishu's rate limit, in the headers of the IETF's draft
//! (draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` and `RateLimit`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use crate::callers::Caller;
use crate::feishu::Allowance;
use crate::http::operation::{Route, UpstreamApi};
use crate::http::request_context::RequestContext;
use crate::http::state::ApiState;

/// Header `RateLimit-Policy`: the limits and their windows.
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Header `RateLimit`: what is left of them now.
pub(super) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Adds both headers to the answers of a route that calls Feishu.
pub(in crate::http) fn with_rate_limit_headers(route: Route<ApiState>, state: &ApiState) -> Route<ApiState> {
    let Route { operation, handler } = route;
    let handler = match operation.upstream {
        None => handler,
        Some(api) => handler.layer(from_fn_with_state((state.clone(), api), add)),
    };
    Route { operation, handler }
}

async fn add(State((state, api)): State<(ApiState, UpstreamApi)>, request: Request, next: Next) -> Response {
    let app = request.extensions().get::<Arc<Caller>>().and_then(|caller| state.app_of(caller)).cloned();
    let caller = RequestContext::of(request.extensions()).sharing_name();
    let mut answer = next.run(request).await;
    if let Some(app) = app {
        add_headers(&app.feishu.allowances(api(&app.feishu), &caller), &mut answer);
    }
    answer
}

/// The numbers are those of the API that the route is about. All callers of the app draw on them, so they are no
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
