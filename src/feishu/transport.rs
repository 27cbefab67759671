//! One HTTP exchange with Feishu: bounded in time and size, redirects never followed.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use bytes::{Bytes, BytesMut};
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use url::Url;

use super::api::{Api, Origin};
use super::encoding;
use super::limits::{BudgetShare, ResponseBudget, Silence};
use super::renewable_client::RenewableClient;
use super::secrets::Secrets;
use crate::http_client::{Connect, HttpClients, SetupError, server, watching_connects};
use crate::support::deadline::Deadline;

/// Content type of all requests: the documented fixed value (contract §1.1).
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Longest that one attempt may take, so that a connection that fell silent costs an attempt and not the whole deadline.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);

/// How long an exchange goes on that took too long. Our choice: long enough for what is slow, and a connection that died in
/// silence does not hold up an instance for much longer than its callers wait.
const LATE_LIMIT: Duration = Duration::from_secs(30);

/// Largest answer that is read. A push is echoed whole (contract §4.2), so this exceeds the largest push.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Largest answer with a token that is read; a real one has some hundred bytes (contract §2.1).
const MAX_TOKEN_ANSWER_BYTES: usize = 64 * 1024;

/// So much of an announced length is believed before it has come; our choice, more than usual answers have.
const BELIEVED: usize = 256 * 1024;

/// Sends requests to the origins of one app. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Transport(Arc<Endpoints>);

#[derive(Debug)]
struct Endpoints {
    /// The address of each API, in the order of their numbers; read once, because reading one costs as much as writing a
    /// small payload.
    addresses: Vec<Url>,
    http: RenewableClient,
    /// Of each API, in the same order.
    silences: Vec<Silence>,
    budget: ResponseBudget,
    secrets: Secrets,
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
    /// Where an exchange goes on that took too long, but may still do something at Feishu; else it is given up.
    pub(super) late: Option<TaskTracker>,
}

impl Request {
    /// A request with a JSON body and nothing behind the path.
    pub(super) fn json(api: Api, payload: &impl Serialize) -> Self {
        Self { api, suffix: String::new(), body: Some(encoding::json(payload)), late: None }
    }
}

/// An answer of Feishu, not read yet.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) http_status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why nothing usable came back. The library's errors say where it happened, without the address.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// The request's address cannot be sent; Feishu saw nothing.
    #[error("the request to Feishu has no valid address")]
    Unsendable(#[source] Arc<reqwest::Error>),
    /// No connection: Feishu saw nothing.
    #[error("{}", no_connection(.0))]
    NotConnected(#[source] Arc<reqwest::Error>),
    /// The connection broke before an answer began.
    #[error("the connection to Feishu broke before an answer came")]
    Broken(#[source] Arc<reqwest::Error>),
    /// The answer began and broke off, or is not encoded as it says.
    #[error("{}", unreadable(.0))]
    Truncated(#[source] Arc<reqwest::Error>),
    /// The answer is larger than any honest one.
    #[error("Feishu's answer is larger than answers of its kind may be")]
    TooLarge,
    /// Answers that are being read take all the memory that they may take together.
    #[error("Feishu's answers take more memory together than the gateway has for them")]
    OverBudget,
    /// No answer before the deadline, or within the time of one attempt.
    #[error("no answer from Feishu in time")]
    TimedOut {
        /// Whether the API has answered nobody for as long as an attempt may take; else only this caller was in a hurry.
        is_silent: bool,
    },
}

impl TransportError {
    /// Why a request brought no answer.
    fn without_answer(error: reqwest::Error) -> Self {
        let error = Arc::new(error.without_url());
        if error.is_builder() {
            Self::Unsendable(error)
        } else if error.is_connect() {
            Self::NotConnected(error)
        } else {
            Self::Broken(error)
        }
    }
}

fn no_connection(error: &reqwest::Error) -> &'static str {
    if error.is_dns() {
        "could not connect to Feishu, because DNS has no address for a host on the way"
    } else if error.is_timeout() {
        "could not connect to Feishu in time"
    } else {
        "could not connect to Feishu"
    }
}

fn unreadable(error: &reqwest::Error) -> &'static str {
    let first: &(dyn std::error::Error + 'static) = error;
    if std::iter::successors(Some(first), |cause| cause.source())
        .any(<dyn std::error::Error>::is::<hyper::Error>)
    {
        "Feishu's answer broke off"
    } else {
        "Feishu's answer is not compressed as its Content-Encoding says"
    }
}

impl Transport {
    /// A transport to these origins.
    pub(super) fn new(origins: &Origins) -> Result<Self, SetupError> {
        let clients = HttpClients::to([&server(&origins.open_api)?, &server(&origins.legacy)?])?;
        let addresses = Api::ALL.iter().map(|api| address(origins, *api)).collect::<Result<_, _>>()?;
        let http = RenewableClient::new(clients)?;
        let silences = Api::ALL.iter().map(|_| Silence::default()).collect();
        let (budget, secrets) = (ResponseBudget::default(), Secrets::default());
        Ok(Self(Arc::new(Endpoints { addresses, http, silences, budget, secrets })))
    }

    /// What no answer may be quoted with.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Carries out one request.
    pub(super) async fn send(
        &self,
        request: Request,
        bearer: Option<&HeaderValue>,
        deadline: Deadline,
        on_connect: impl Fn(),
    ) -> Result<Exchange, TransportError> {
        let http = &self.0.http;
        let (api, late) = (request.api, request.late.clone());
        let limit = if request.api.is_about_tokens() { MAX_TOKEN_ANSWER_BYTES } else { MAX_ANSWER_BYTES };
        let used = http.current();
        let begun = Instant::now();
        let request = request.into_http(&used.client, &self.0.addresses, bearer);
        let budget = self.0.budget.reserve();
        // On the heap, where it can go on without whoever waits for it.
        let mut exchange = Box::pin(async move {
            let response = request.send().await.map_err(TransportError::without_answer)?;
            read(response, limit, budget).await
        });
        let latest = deadline.min(Deadline::after(ATTEMPT_LIMIT));
        let is_connecting = AtomicBool::new(false);
        let punctual = poll_fn(|context| {
            // Where the process was stopped meanwhile, the connection may be there before anybody looks at the time.
            if is_connecting.load(Ordering::Relaxed) && Instant::now() >= latest.instant() {
                return Poll::Ready(None);
            }
            exchange.as_mut().poll(context).map(Some)
        });
        let watched = watching_connects(punctual, |step| {
            is_connecting.store(step == Connect::Begun, Ordering::Relaxed);
            if step == Connect::Begun {
                on_connect();
            }
        });
        let exchange = match tokio::time::timeout_at(latest.instant(), watched).await {
            Ok(Some(exchange)) => exchange,
            Ok(None) | Err(_) => {
                // Without a connection nothing has been sent, and nothing shall be.
                if let Some(late) = late
                    && !is_connecting.load(Ordering::Relaxed)
                {
                    let endpoints = Arc::clone(&self.0);
                    late.spawn(async move {
                        if let Ok(Ok(_)) = tokio::time::timeout(LATE_LIMIT, exchange).await {
                            endpoints.silences[api as usize].answered();
                        }
                    });
                }
                let silence = self.0.silences[api as usize].given_up(begun).max(begun.elapsed());
                Err(TransportError::TimedOut { is_silent: silence >= ATTEMPT_LIMIT })
            }
        };
        match &exchange {
            Err(TransportError::Broken(_)) => http.renew(&used),
            Err(TransportError::TimedOut { .. }) => http.unanswered(&used, begun),
            Err(TransportError::Unsendable(_) | TransportError::NotConnected(_)) => {}
            Ok(_) | Err(_) => {
                used.silence.answered();
                self.0.silences[api as usize].answered();
            }
        }
        exchange
    }
}

fn address(origins: &Origins, api: Api) -> Result<Url, SetupError> {
    let origin = match api.origin() {
        Origin::OpenApi => &origins.open_api,
        Origin::Legacy => &origins.legacy,
    };
    server(&format!("{}{}", origin.trim_end_matches('/'), api.path()))
}

impl Request {
    /// The request as it is sent.
    fn into_http(self, client: &Client, addresses: &[Url], bearer: Option<&HeaderValue>) -> RequestBuilder {
        let Self { api, suffix, body, late: _ } = self;
        let address = &addresses[api as usize];
        let mut request = if suffix.is_empty() {
            client.request(api.method(), address.clone())
        } else {
            client.request(api.method(), format!("{address}{suffix}"))
        };
        // Documented as a fixed header of every call, those without a body included (contract §1.1).
        request = request.header(CONTENT_TYPE, JSON);
        if let Some(bearer) = bearer {
            request = request.header(AUTHORIZATION, bearer);
        }
        match body {
            Some(body) => request.body(body),
            None => request,
        }
    }
}

/// Reads the whole answer, within its limit and the response budget.
async fn read(
    mut response: Response,
    limit: usize,
    mut taken: BudgetShare,
) -> Result<Exchange, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(TransportError::TooLarge);
    }
    let broke_off = |error: reqwest::Error| TransportError::Truncated(Arc::new(error.without_url()));
    let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0).min(BELIEVED));
    while let Some(piece) = response.chunk().await.map_err(broke_off)? {
        let is_within_budget = taken.take(piece.len());
        if taken.bytes() > limit {
            return Err(TransportError::TooLarge);
        }
        if !is_within_budget {
            return Err(TransportError::OverBudget);
        }
        body.extend_from_slice(&piece);
    }
    let http_status = response.status().as_u16();
    Ok(Exchange { http_status, headers: std::mem::take(response.headers_mut()), body: body.freeze() })
}
