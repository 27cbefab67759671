//! One attempt: send, trace, classify, measure.

use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;

use super::api::Api;
use super::classify::{Success, classify};
use super::failure::Failure;
use super::metrics::{AppMetrics, AttemptOutcome};
use super::secrets::Secrets;
use super::trace;
use super::transport::{Exchange, Request, Transport};
use crate::support::deadline::Deadline;
use crate::support::spans;

/// Sends a request once; returns its classified answer and the time that it took.
pub(super) async fn exchange<T: DeserializeOwned>(
    transport: &Transport,
    metrics: &AppMetrics,
    request: Request,
    bearer: Option<&HeaderValue>,
    deadline: Deadline,
    on_connect: impl Fn(),
) -> (Result<Success<T>, Failure>, Duration) {
    let api = request.api;
    let span = spans::upstream(api.as_str(), api.method().as_str(), metrics.app.as_str());
    let asked = if bearer.is_some() { trace::asked(&request) } else { None };
    let begun = Instant::now();
    let sent = request.body.clone();
    let exchange = transport.send(request, bearer, deadline, on_connect).instrument(span.clone()).await;
    let took = begun.elapsed();
    let http_status = exchange.as_ref().ok().map(|exchange| exchange.http_status);
    let (exchange, result) = match exchange {
        Ok(exchange) => {
            let (exchange, result) = read(exchange, transport.secrets(), api, &sent.unwrap_or_default());
            (Ok(exchange), result)
        }
        Err(error) => (Err(error.clone()), Err(Failure::Transport(error))),
    };
    trace::answered(asked, &exchange);
    let outcome = AttemptOutcome::of(&result);
    metrics.exchanged(api, outcome, took);
    if !span.is_disabled() {
        spans::upstream_answered(&span, outcome.as_str(), result.is_ok(), http_status, log_id(&result));
    }
    (result, took)
}

/// Classifies an answer. What is passed on of one that is no success quotes no secret.
pub(super) fn read<T: DeserializeOwned>(
    exchange: Exchange,
    secrets: &Secrets,
    api: Api,
    sent: &[u8],
) -> (Exchange, Result<Success<T>, Failure>) {
    let result = classify(&exchange, api.payload());
    if result.is_ok() {
        return (exchange, result);
    }
    let Exchange { http_status, mut headers, body } = exchange;
    let body = secrets.hidden_in(&mut headers, body, sent);
    let exchange = Exchange { http_status, headers, body };
    let result = classify(&exchange, api.payload());
    (exchange, result)
}

/// Feishu's id of the exchange.
pub(super) fn log_id<T>(result: &Result<Success<T>, Failure>) -> Option<&str> {
    match result {
        Ok(success) => success.log_id.as_deref(),
        Err(failure) => failure.log_id(),
    }
}
