//! One attempt: send, trace, classify, measure.

use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;

use super::classify::{Success, classify};
use super::failure::Failure;
use super::metrics::{AppMetrics, AttemptOutcome};
use super::trace;
use super::transport::{Request, Transport};
use crate::support::deadline::Deadline;
use crate::support::spans;

/// Sends a request once; returns its classified answer and the time that it took.
pub(super) async fn exchange<T: DeserializeOwned>(
    transport: &Transport,
    metrics: &AppMetrics,
    request: Request,
    bearer: Option<&HeaderValue>,
    deadline: Deadline,
) -> (Result<Success<T>, Failure>, Duration) {
    let api = request.api;
    let span = spans::upstream(api.as_str(), api.method().as_str(), metrics.app.as_str());
    let asked = if bearer.is_some() { trace::asked(&request) } else { None };
    let begun = Instant::now();
    let exchange = transport.send(request, bearer, deadline).instrument(span.clone()).await;
    let took = begun.elapsed();
    trace::answered(asked, &exchange);
    let http_status = exchange.as_ref().ok().map(|exchange| exchange.http_status);
    let result = exchange.map_err(Failure::Transport).and_then(|exchange| classify(&exchange, api.payload()));
    let outcome = AttemptOutcome::of(&result);
    metrics.exchanged(api, outcome, took);
    if !span.is_disabled() {
        spans::upstream_answered(&span, outcome.as_str(), result.is_ok(), http_status, log_id(&result));
    }
    (result, took)
}

/// Feishu's id of the exchange.
pub(super) fn log_id<T>(result: &Result<Success<T>, Failure>) -> Option<&str> {
    match result {
        Ok(success) => success.log_id.as_deref(),
        Err(failure) => failure.log_id(),
    }
}
