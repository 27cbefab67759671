//! One HTTP exchange with Feishu: bounded in time and size, redirects never followed.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::api::Origin;
use super::{Api, encode};
use crate::deadline::Deadline;

/// Contract §1.1: the documented fixed value.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Largest answer that is read. A push is echoed whole (contract §4.2), so this exceeds the largest push.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A connection that takes longer than this to open is not worth the rest of a deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Idle connections are given up before the load balancers of this world (60 s and more) cut them.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// Sends requests to one origin.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    http: reqwest::Client,
    origins: Arc<Origins>,
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
        Self { api, suffix: String::new(), body: Some(encode(payload)) }
    }
}

/// The HTTP client could not be built.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot set up the HTTPS client; is a CA certificate store installed (package ca-certificates) or named by \
     SSL_CERT_FILE?"
)]
pub struct SetupError(#[source] reqwest::Error);

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
    /// No connection: Feishu saw nothing.
    #[error("could not connect to Feishu")]
    NotConnected(#[source] Arc<reqwest::Error>),
    /// The connection broke before an answer began.
    #[error("the connection to Feishu broke before an answer came")]
    Broken(#[source] Arc<reqwest::Error>),
    /// The answer began and broke off.
    #[error("Feishu's answer broke off")]
    Truncated(#[source] Arc<reqwest::Error>),
    /// The answer is larger than any honest one.
    #[error("Feishu's answer exceeds {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
    /// The deadline passed.
    #[error("no answer from Feishu before the deadline")]
    TimedOut,
}

impl Transport {
    /// A transport to these origins.
    pub(super) fn new(origins: &Origins) -> Result<Self, SetupError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("approval-gateway/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        let plain = |origin: &str| origin.starts_with("http://");
        if plain(&origins.open_api) && plain(&origins.legacy) {
            // Without the first the builder fails on machines that have no CA store, although none is needed. A plain
            // origin is a stand-in next door, which no proxy of HTTP_PROXY could reach; HTTPS_PROXY is honoured.
            builder = builder.tls_certs_only([]).no_proxy();
        }
        let http = builder.build().map_err(SetupError)?;
        let trimmed = |origin: &str| origin.trim_end_matches('/').to_owned();
        let origins = Origins { open_api: trimmed(&origins.open_api), legacy: trimmed(&origins.legacy) };
        Ok(Self { http, origins: Arc::new(origins) })
    }

    /// Carries out one request.
    pub(super) async fn send(
        &self,
        request: Request,
        token: Option<&SecretString>,
        deadline: Deadline,
    ) -> Result<Exchange, TransportError> {
        let Request { api, suffix, body } = request;
        let origin = match api.origin() {
            Origin::OpenApi => &self.origins.open_api,
            Origin::Legacy => &self.origins.legacy,
        };
        let mut request = self.http.request(api.method(), format!("{origin}{}{suffix}", api.path()));
        // Documented as a fixed header of every call, those without a body included (contract §1.1).
        request = request.header(CONTENT_TYPE, JSON);
        if let Some(body) = body {
            request = request.body(body);
        }
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, bearer(token));
        }
        let exchange = async {
            // The URL may name people.
            let response = request.send().await.map_err(reqwest::Error::without_url).map_err(|source| {
                if source.is_connect() || source.is_builder() {
                    TransportError::NotConnected(Arc::new(source))
                } else {
                    TransportError::Broken(Arc::new(source))
                }
            })?;
            read(response).await
        };
        tokio::time::timeout_at(deadline.instant(), exchange).await.unwrap_or(Err(TransportError::TimedOut))
    }
}

fn bearer(token: &SecretString) -> HeaderValue {
    let value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
    // Only a token with control characters fails; Feishu then answers that it is malformed.
    let mut value = value.unwrap_or(HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

async fn read(mut response: reqwest::Response) -> Result<Exchange, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > MAX_ANSWER_BYTES as u64 {
        return Err(TransportError::TooLarge);
    }
    let http_status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|source| TransportError::Truncated(Arc::new(source.without_url())))?
    {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Exchange { http_status, headers, body: body.freeze() })
}
