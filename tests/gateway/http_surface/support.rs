//! A small API behind the real middleware, served by the real server, and answers as text.

use std::net::SocketAddr;
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
use axum::http::{Request, StatusCode, request};
use axum::routing::{get, post, put};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::harness::{self, Answer, Gateway, exchange};

/// Small, so that a test needs few bytes to pass it.
pub(crate) const MAX_BODY_BYTES: usize = 1024;

pub(crate) const KEY: &str = "correct-horse";

/// The id of a thing whose PUT is never answered.
pub(crate) const UNANSWERED: &str = "unanswered";

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
    if id == UNANSWERED {
        std::future::pending::<()>().await;
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

/// The small API or the whole gateway, served; ends with the test's runtime.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    /// Turned off when it drains.
    pub(crate) drain_state: DrainState,
}

impl From<Gateway> for App {
    /// The whole gateway, for tests that need no route of the small API.
    fn from(Gateway { address, drain_state, .. }: Gateway) -> Self {
        Self { address, drain_state }
    }
}

impl App {
    /// The whole gateway with the usual settings.
    pub(crate) async fn gateway() -> Self {
        Gateway::start().await.into()
    }

    pub(crate) async fn start(auth: AuthPolicy, limits: RequestLimits) -> Self {
        let api = Router::new()
            .route("/v1/things/{thing_id}", put(put_thing).get(get_thing))
            .route("/v1/panic", post(panic_with_secret))
            .route("/v1/failure", get(fail_in_every_way));
        let load_shedder = LoadShedder::new(128 << 20, &[AppName::default()]);
        let policies = Policies { auth, cors: None, limits, load_shedder };
        let drain_state = DrainState::serving();
        let router = compose(api, Router::new(), policies, drain_state.clone(), &Metrics::new());
        let address = harness::serve_with(router.with_state(limits), drain_state.clone()).await;
        Self { address, drain_state }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(exchange(self.address, request).await.into()).await
    }

    /// Sends a request without a body.
    pub(crate) async fn ask(&self, method: &str, uri: &str) -> Answer {
        self.send(request(method, uri).body(Body::empty()).unwrap()).await
    }
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

/// The usual application.
pub(crate) async fn app() -> App {
    App::start(policy(true, true), limits()).await
}

/// Sends a request to the usual application.
pub(crate) async fn send(request: Request<Body>) -> Answer {
    app().await.send(request).await
}

/// Sends a request without a body to the usual application.
pub(crate) async fn ask(method: &str, uri: &str) -> Answer {
    app().await.ask(method, uri).await
}

/// A request with a fixed id, so that answers can be compared.
pub(crate) fn request(method: &str, uri: &str) -> request::Builder {
    Request::builder().method(method).uri(uri).header("X-Request-Id", "test-1")
}

impl Answer {
    /// Status, the headers that matter, and the body with one member a line, sorted.
    pub(crate) fn show(&self) -> String {
        let mut lines = vec![StatusCode::from_u16(self.status).unwrap().to_string()];
        for name in ["content-type", "allow", "retry-after", "www-authenticate", "accept-encoding"] {
            lines.extend(self.header(name).map(|value| format!("{name}: {value}")));
        }
        assert!(self.text.is_empty() || self.text.ends_with('\n'), "a body ends with a newline");
        let mut document = self.body.clone();
        document.sort_all_objects();
        let body = if document.is_null() { self.text.clone() } else { format!("{document:#}") };
        lines.extend([String::new(), body]);
        lines.join("\n")
    }

    /// What tells a problem from others with its code: the headers that go with it, and what it says.
    pub(crate) fn says(&self) -> String {
        let problem = self.problem();
        let headers = ["allow", "www-authenticate", "accept-encoding"];
        let headers = headers.iter().filter_map(|name| Some(format!("{name}: {}", self.header(name)?)));
        let detail = self.body["detail"].as_str().unwrap().to_owned();
        std::iter::once(problem).chain(headers).chain([detail]).collect::<Vec<_>>().join("\n")
    }
}
