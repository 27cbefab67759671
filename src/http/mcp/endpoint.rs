//! `POST /mcp`: each call of a tool is a request to the gateway's own router with the key of its
//! caller.
//!
//! It is the stateless form of MCP's streamable HTTP: a request, and its answer as JSON. What is wrong with the request as such
//! is a problem document like everywhere; what MCP has words for is answered in JSON-RPC.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use axum::response::Response as Answer;
use axum::routing::post;
use axum::{Extension, Router};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Body as HttpBody;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::de::IgnoredAny;
use tower::ServiceExt as _;

use super::McpAccess;
use crate::callers::{Caller, Scope};
use crate::http::extract::{JsonBody, QueryParams, RequestLimits, TIMEOUT_HEADER_NAME, TimeoutHeader};
use crate::http::load_shedder::{Permit, QuotaExceeded};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::nothing_wrong;
use crate::http::request_id::REQUEST_ID_HEADER;
use crate::mcp::{Gateway, MOST_ANSWER_BYTES, McpServer, SendError};
use crate::support::deadline::Deadline;

/// Largest message: far more than a document with all tasks that Feishu takes.
const MOST_BYTES: usize = 2 << 20;

/// How many times its bytes a message takes while it is read as a tree. Our estimate, for a list of small numbers.
const TREE_BYTES: usize = 16;

/// How much earlier a tool's own request must be answered: time for wrapping the answer.
const WRAPPING: Duration = Duration::from_millis(50);

/// What answers `/mcp`.
#[derive(Clone)]
struct Endpoint {
    router: Router,
    limits: RequestLimits,
    access: McpAccess,
}

impl FromRef<Endpoint> for RequestLimits {
    fn from_ref(endpoint: &Endpoint) -> Self {
        endpoint.limits
    }
}

/// The route of the tools in front of `router`, which must know every operation that they call; there always is one where the
/// program was built with them.
pub(in crate::http) fn routes(router: Router, limits: RequestLimits, access: McpAccess) -> Option<Router> {
    let limits = RequestLimits { max_body_bytes: limits.max_body_bytes.min(MOST_BYTES), ..limits };
    Some(Router::new().route("/mcp", post(answer)).with_state(Endpoint { router, limits, access }))
}

async fn answer(
    State(Endpoint { router, limits: _, access }): State<Endpoint>,
    Extension(caller): Extension<Arc<Caller>>,
    Extension(permit): Extension<Permit>,
    TimeoutHeader(deadline): TimeoutHeader,
    mut headers: HeaderMap,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    nothing_wrong(query.reader().finish())?;
    refuse_origin(&headers, access.origins.as_deref())?;
    let _tree = permit.reserve(body.len().saturating_mul(TREE_BYTES)).map_err(|QuotaExceeded| {
        Problem::new(Code::Overloaded).detail(
            "The gateway has too little memory left for the message. Wait as long as Retry-After says.",
        )
    })?;
    // The library may take a list for a message.
    if is_list(&body) {
        return Err(no_message(&body));
    }
    let gateway = OwnRouter::new(router, &headers, deadline, permit);
    let allow_writes = access.allow_writes && caller.scopes.contains(Scope::Write);
    let service = StreamableHttpService::new(
        move || Ok(McpServer::new(gateway.clone(), allow_writes, access.clock.clone())),
        Arc::new(NeverSessionManager::default()),
        // Host and origin are looked at here like on all routes.
        StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(MOST_BYTES)
            .disable_allowed_hosts(),
    );
    // Answers are never streamed, so nobody needs to say that they may be.
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut request = Request::post("/mcp").body(Full::new(body.clone())).map_err(Problem::internal)?;
    *request.headers_mut() = headers;
    answered(service.handle(request).await, &body)
}

/// Refuses what a web page sends that may not call: a browser that was led to believe that the gateway is the page's own
/// server asks nobody.
fn refuse_origin(headers: &HeaderMap, allowed: Option<&[String]>) -> Result<(), Problem> {
    let Some(allowed) = allowed else { return Ok(()) };
    let is_allowed =
        |origin: &HeaderValue| allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes());
    if headers.get_all(ORIGIN).iter().all(is_allowed) {
        return Ok(());
    }
    let detail = "Web pages of this origin may not call. The operator allows some by cors.allowed_origins.";
    Err(Problem::new(Code::Forbidden).detail(detail))
}

/// What is wrong with a body that is no message: only now it is looked at whether it is JSON.
fn no_message(body: &[u8]) -> Problem {
    match serde_json::from_slice::<IgnoredAny>(body) {
        Err(error) => Problem::new(Code::InvalidJson).detail(format!("The body is not valid JSON: {error}.")),
        Ok(_) if is_list(body) => not_a_message("Send one message a request: MCP has no batches."),
        Ok(_) => not_a_message("The body is JSON, and no message of MCP (JSON-RPC 2.0)."),
    }
}

fn is_list(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"[")
}

fn not_a_message(detail: &str) -> Problem {
    Problem::new(Code::MalformedRequest).detail(detail)
}

/// The library's answer to this body; what it says in plain text becomes a problem.
fn answered(
    answer: Response<impl HttpBody<Data = Bytes, Error = Infallible> + Send + 'static>,
    body: &[u8],
) -> Result<Answer, Problem> {
    let (head, told) = answer.into_parts();
    let is_json = head.headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes() == b"application/json");
    match head.status {
        status if status.is_success() || is_json => Ok(Response::from_parts(head, Body::new(told))),
        StatusCode::BAD_REQUEST => {
            Err(not_a_message("The header MCP-Protocol-Version names no version of MCP that is spoken here."))
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Err(no_message(body)),
        status => Err(Problem::internal(UnexpectedAnswer(status))),
    }
}

/// An answer of the library that it does not give to such requests.
#[derive(Debug, thiserror::Error)]
#[error("the library for MCP answered {0}")]
struct UnexpectedAnswer(StatusCode);

/// The gateway's own router, asked with the key of a caller.
#[derive(Clone)]
struct OwnRouter {
    router: Router,
    /// What goes along with each request.
    headers: HeaderMap,
    secret: Bytes,
    deadline: Deadline,
    /// That of the message: a second one for each call might never be had where messages hold all that there are.
    permit: Permit,
}

impl OwnRouter {
    fn new(router: Router, received: &HeaderMap, deadline: Deadline, permit: Permit) -> Self {
        let passed = [AUTHORIZATION, REQUEST_ID_HEADER, HeaderName::from_static("traceparent")];
        let headers =
            passed.into_iter().filter_map(|name| Some((name.clone(), received.get(&name)?.clone())));
        let secret = received.get(AUTHORIZATION).map(|key| Bytes::copy_from_slice(key.as_bytes()));
        Self { router, headers: headers.collect(), secret: secret.unwrap_or_default(), deadline, permit }
    }
}

impl Gateway for OwnRouter {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        request.headers_mut().extend(self.headers.clone());
        request.extensions_mut().insert(self.permit.clone());
        let millis = self.deadline.earlier_by(WRAPPING).remaining().as_millis().max(1);
        if let Ok(millis) = HeaderValue::try_from(millis.to_string()) {
            request.headers_mut().insert(TIMEOUT_HEADER_NAME, millis);
        }
        let Ok(answer) = self.router.clone().oneshot(request.map(Body::from)).await;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MOST_ANSWER_BYTES).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { SendError::TooLarge } else { SendError::NoAnswer }
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    fn caller_secret(&self) -> &[u8] {
        &self.secret
    }
}
