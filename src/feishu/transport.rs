//! One HTTP exchange with Feishu: bounded in time and size, redirects never followed.

use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::uri::{InvalidUri, PathAndQuery};
use axum::http::{self, HeaderMap, HeaderValue};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Body as _;
use serde::Serialize;

use super::api::{Api, Origin};
use super::encoding;
use super::limits::{BudgetShare, ResponseBudget};
use crate::connections::{AnswerBody, Connections, RequestError, SetupError};
use crate::pieces::Pieces;
use crate::support::deadline::Deadline;

/// Contract §1.1: the documented fixed value.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Tells Feishu's support who called.
const OURSELVES: HeaderValue =
    HeaderValue::from_static(concat!("approval-gateway/", env!("CARGO_PKG_VERSION")));

/// Largest answer that is read. A push is echoed whole (contract §4.2), so this exceeds the largest push.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Largest answer with a token that is read; a real one has some hundred bytes (contract §2.1).
const MAX_TOKEN_ANSWER_BYTES: usize = 64 * 1024;

/// Sends requests to the origins of one app. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Transport(Arc<Endpoints>);

#[derive(Debug)]
struct Endpoints {
    open_api: Connections,
    legacy: Connections,
    room: ResponseBudget,
}

/// Where Feishu is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    /// The Open API, `https://open.feishu.cn`.
    pub open_api: String,
    /// The historic approval host, `https://www.feishu.cn`.
    pub legacy: String,
}

/// One request, without what all requests share.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) api: Api,
    /// What follows the API's own path: further segments and the query, encoded.
    pub(super) suffix: String,
    /// JSON; a GET may have one, too (contract §6.1).
    pub(super) body: Option<Bytes>,
}

impl Request {
    /// A request with a JSON body and nothing behind the path.
    pub(super) fn json(api: Api, payload: &impl Serialize) -> Self {
        Self { api, suffix: String::new(), body: Some(encoding::json(payload)) }
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) http_status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why nothing usable came back.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// The request's path cannot be sent; Feishu saw nothing.
    #[error("the request to Feishu has no valid path")]
    Unsendable(#[source] Arc<InvalidUri>),
    /// No connection: Feishu saw nothing.
    #[error("could not connect to Feishu")]
    NotConnected(#[source] Arc<RequestError>),
    /// The connection broke before an answer began.
    #[error("the connection to Feishu broke before an answer came")]
    Broken(#[source] Arc<RequestError>),
    /// The answer began and broke off.
    #[error("Feishu's answer broke off")]
    Truncated(#[source] Arc<hyper::Error>),
    /// The answer is larger than any honest one.
    #[error(
        "Feishu's answer is larger than answers of its kind may be, or than the room that is left for answers"
    )]
    TooLarge,
    /// The deadline passed.
    #[error("no answer from Feishu before the deadline")]
    TimedOut,
}

impl Transport {
    /// A transport to these origins.
    pub(super) fn new(origins: &Origins) -> Result<Self, SetupError> {
        let Origins { open_api, legacy } = origins;
        let (open_api, legacy) = (connections_to(open_api)?, connections_to(legacy)?);
        Ok(Self(Arc::new(Endpoints { open_api, legacy, room: ResponseBudget::default() })))
    }

    /// Carries out one request.
    pub(super) async fn send(
        &self,
        request: Request,
        bearer: Option<&HeaderValue>,
        deadline: Deadline,
    ) -> Result<Exchange, TransportError> {
        let connections = match request.api.origin() {
            Origin::OpenApi => &self.0.open_api,
            Origin::Legacy => &self.0.legacy,
        };
        let limit = match request.api {
            Api::TenantToken => MAX_TOKEN_ANSWER_BYTES,
            _ => MAX_ANSWER_BYTES,
        };
        let exchange = async {
            let request = request.into_http(bearer)?;
            let response = connections.request(request).await.map_err(|source| match source {
                RequestError::NotConnected(_) | RequestError::Unsent(_) => {
                    TransportError::NotConnected(Arc::new(source))
                }
                RequestError::Broken(_) => TransportError::Broken(Arc::new(source)),
            })?;
            read(response, limit, self.0.room.enter()).await
        };
        tokio::time::timeout_at(deadline.instant(), exchange).await.unwrap_or(Err(TransportError::TimedOut))
    }
}

fn connections_to(origin: &str) -> Result<Connections, SetupError> {
    let invalid = |source: InvalidUri| SetupError::Origin { origin: origin.to_owned(), source };
    Connections::to(&origin.trim_end_matches('/').parse().map_err(invalid)?)
}

impl Request {
    /// The request as it is sent.
    fn into_http(self, bearer: Option<&HeaderValue>) -> Result<http::Request<Full<Bytes>>, TransportError> {
        let Self { api, suffix, body } = self;
        let path = if suffix.is_empty() {
            PathAndQuery::from_static(api.path())
        } else {
            PathAndQuery::try_from(format!("{}{suffix}", api.path()))
                .map_err(|source| TransportError::Unsendable(Arc::new(source)))?
        };
        let mut request = http::Request::new(Full::new(body.unwrap_or_default()));
        *request.method_mut() = api.method();
        *request.uri_mut() = path.into();
        let headers = request.headers_mut();
        // Documented as a fixed header of every call, those without a body included (contract §1.1).
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(USER_AGENT, OURSELVES);
        if let Some(bearer) = bearer {
            headers.insert(AUTHORIZATION, bearer.clone());
        }
        Ok(request)
    }
}

/// Reads the whole answer, as long as there is room for it.
async fn read(
    response: http::Response<AnswerBody>,
    limit: usize,
    mut taken: BudgetShare,
) -> Result<Exchange, TransportError> {
    let (head, mut body) = response.into_parts();
    if body.size_hint().lower() > limit as u64 {
        return Err(TransportError::TooLarge);
    }
    let mut pieces = Pieces::expecting(usize::try_from(body.size_hint().lower()).unwrap_or(limit));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|source| TransportError::Truncated(Arc::new(source)))?;
        let Ok(data) = frame.into_data() else { continue };
        if !taken.take(data.len()) || taken.bytes() > limit {
            return Err(TransportError::TooLarge);
        }
        pieces.push(data);
    }
    Ok(Exchange { http_status: head.status.as_u16(), headers: head.headers, body: pieces.whole() })
}
