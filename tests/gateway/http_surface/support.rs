//! A small application behind the real layers, and answers as text.

use std::path::Path;
use std::time::Duration;

use approval_gateway::callers::{CallerKeys, KeyRing};
use approval_gateway::domain::AppName;
use approval_gateway::http::JsonResponse;
use approval_gateway::http::extract::{JsonBody, PathParam, QueryParams, RequestLimits, TimeoutHeader};
use approval_gateway::http::health::DrainState;
use approval_gateway::http::load_shedder::LoadShedder;
use approval_gateway::http::middleware::AuthPolicy;
use approval_gateway::http::problem::{Code, Outcome, Problem, Upstream};
use approval_gateway::http::router::{Policies, compose};
use approval_gateway::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, request};
use axum::routing::{get, post, put};
use http_body_util::BodyExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

/// Small, so that a test needs few bytes to pass it.
pub(crate) const MAX_BODY_BYTES: usize = 1024;

pub(crate) const KEY: &str = "correct-horse";

#[derive(Serialize)]
struct Seen {
    id: String,
    verify: bool,
    bytes: usize,
    within_limit: bool,
}

async fn put_thing(
    PathParam(id): PathParam,
    query: QueryParams,
    TimeoutHeader(deadline): TimeoutHeader,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<Seen>, Problem> {
    let mut query = query.reader();
    let verify = query.flag("verify").unwrap_or(false);
    let violations = query.finish();
    if !violations.is_empty() {
        return Err(Problem::validation(violations));
    }
    let within_limit = deadline.remaining() <= RequestLimits::default().deadline;
    Ok(JsonResponse(Seen { id, verify, bytes: body.len(), within_limit }))
}

async fn get_thing(PathParam(id): PathParam) -> JsonResponse<String> {
    JsonResponse(id)
}

async fn panic_with_secret() -> JsonResponse<String> {
    panic!("the secret is hunter2")
}

#[derive(Debug, thiserror::Error)]
#[error("pushing the instance got no answer")]
struct NoAnswer(#[source] std::io::Error);

async fn fail_in_every_way() -> Problem {
    Problem::new(Code::UpstreamUnavailable)
        .detail("Feishu refused the connection.")
        .outcome(Outcome::NotSent)
        .retry_after(Duration::from_millis(2500))
        .upstream(Upstream {
            http_status: Some(400),
            code: Some(1_395_001),
            message: Some("system busy".to_owned()),
            log_id: Some("2026LOG".to_owned()),
            attempts: 3,
        })
        .cause(NoAnswer(std::io::Error::other("connection reset")))
}

pub(crate) fn app_with(policy: AuthPolicy, drain_state: DrainState, limits: RequestLimits) -> Router {
    let api = Router::new()
        .route("/v1/things/{thing_id}", put(put_thing).get(get_thing))
        .route("/v1/panic", post(panic_with_secret))
        .route("/v1/failure", get(fail_in_every_way));
    let load_shedder = LoadShedder::new(128 << 20, limits.max_body_bytes, &[AppName::default()]);
    let policies = Policies { auth: policy, cors: None, limits, load_shedder };
    compose(api, Router::new(), policies, drain_state, &Metrics::new()).with_state(limits)
}

pub(crate) fn policy(with_keys: bool, allow_anonymous: bool) -> AuthPolicy {
    let keys = || {
        let line = format!("erp {}", hex::encode(Sha256::digest(KEY)));
        KeyRing::new(CallerKeys::parse(&line, Path::new("keys"), &[AppName::default()]).unwrap())
    };
    AuthPolicy { keys: with_keys.then(keys), allow_anonymous }
}

pub(crate) fn limits() -> RequestLimits {
    RequestLimits { max_body_bytes: MAX_BODY_BYTES, ..RequestLimits::default() }
}

pub(crate) fn app() -> Router {
    app_with(policy(true, true), DrainState::serving(), limits())
}

/// A request with a fixed id, so that answers can be compared.
pub(crate) fn request(method: &str, uri: &str) -> request::Builder {
    Request::builder().method(method).uri(uri).header("X-Request-Id", "test-1")
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> String {
        let document: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        document["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status, the headers that matter, and the body with one member a line, sorted.
    pub(crate) fn show(&self) -> String {
        let mut lines = vec![self.status.to_string()];
        for name in ["content-type", "allow", "retry-after", "www-authenticate", "accept-encoding"] {
            lines.extend(self.header(name).map(|value| format!("{name}: {value}")));
        }
        assert!(self.body.is_empty() || self.body.ends_with('\n'), "a body ends with a newline");
        let body = match serde_json::from_str::<serde_json::Value>(&self.body) {
            Ok(mut document) => {
                document.sort_all_objects();
                serde_json::to_string_pretty(&document).unwrap()
            }
            Err(_) => self.body.clone(),
        };
        lines.push(String::new());
        lines.push(body);
        lines.join("\n")
    }
}

pub(crate) async fn send(app: Router, request: Request<Body>) -> Answer {
    let (head, body) = app.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, headers: head.headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// Sends a request without a body to the usual application.
pub(crate) async fn ask(method: &str, uri: &str) -> Answer {
    send(app(), request(method, uri).body(Body::empty()).unwrap()).await
}
