//! One upstream operation from the first attempt to the last: guards, token, replay, back-off, deadline.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::api::Api;
use super::classify::Success;
use super::client::FeishuClient;
use super::exchange::{exchange, log_id};
use super::failure::{CallError, Failure, Outcome, RetryDecision};
use super::limits::backoff::{self, MAX_ATTEMPTS};
use super::limits::circuit_breaker::{BreakerOutcome, BreakerPermit, CircuitOpen};
use super::limits::pacing::{PacingPermit, RateExhausted, Ticket};
use super::metrics::RetryReason;
use super::token::{MAX_REPLAYS, Token};
use super::transport::{Request, TransportError};
use crate::journal;
use crate::support::deadline::Deadline;

/// Less time than this says nothing about Feishu when it passes without an answer: it was the caller who was in a hurry.
///
/// Our choice, several times what an answer usually takes.
const FAIR_TIME: Duration = Duration::from_millis(500);

/// What an operation brought, and what it took.
#[derive(Debug)]
pub(super) struct Called<T> {
    pub(super) success: Success<T>,
    /// Requests that were sent.
    pub(super) attempts: u32,
}

/// Leave to send the first request now.
#[derive(Debug)]
pub(super) struct Permit {
    token: Arc<Token>,
    ticket: Ticket,
    permit: PacingPermit,
    pass: BreakerPermit,
}

impl FeishuClient {
    /// Sends `request` until it succeeds, is refused for good, or time is up.
    ///
    /// The request must be idempotent: a push is, because Feishu keeps versions (contract §11.5).
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        request: Request,
        deadline: Deadline,
    ) -> Result<Called<T>, CallError> {
        let entry = self.enter(request.api, deadline).await?;
        self.call_entered(request, entry, deadline).await
    }

    /// Waits for a token and for room in the rate limit. Dropping the future leaves no trace.
    pub(super) async fn enter(&self, api: Api, deadline: Deadline) -> Result<Permit, CallError> {
        let refused = |failure| CallError { api, failure, attempts: 0, outcome: Outcome::NotSent };
        let open = |CircuitOpen { wait }| refused(Failure::CircuitOpen { wait });
        let (limits, metrics) = (self.limits.of(api), self.metrics.of(api));
        limits.breaker.check(self.clock.unix_millis()).map_err(open)?;
        // Before the token: those who waited for it together are still served in the order in which they came.
        let ticket = limits.pacer.arrive();
        let token = self.tokens.get(deadline).await?;
        let latest = limits.latency.latest_start(deadline);
        let permit = metrics.pace(limits.pacer.enter(&ticket, latest)).await;
        let permit = permit.map_err(|RateExhausted { wait }| refused(Failure::RateExhausted { wait }))?;
        // Again, because others may have failed meanwhile; and only now is it sure that a probe will be sent.
        let now = self.clock.unix_millis();
        let pass = limits.breaker.admit(now).map_err(open)?;
        limits.retry_budget.called(now);
        Ok(Permit { token, ticket, permit, pass })
    }

    /// As [`Self::call`], by somebody who has entered already.
    pub(super) async fn call_entered<T: DeserializeOwned>(
        &self,
        request: Request,
        entry: Permit,
        deadline: Deadline,
    ) -> Result<Called<T>, CallError> {
        let time = deadline.remaining();
        let Permit { token, ticket, permit, pass } = entry;
        let called = self.attempts(request, token, &ticket, permit, deadline).await;
        let outcome = match called.as_ref().map_err(|error| &error.failure) {
            Ok(_) => BreakerOutcome::Success,
            Err(Failure::Transport(TransportError::TimedOut)) if time < FAIR_TIME => BreakerOutcome::Ignored,
            Err(failure) => failure.breaker_outcome(),
        };
        pass.report(outcome, self.clock.unix_millis());
        called
    }

    async fn attempts<T: DeserializeOwned>(
        &self,
        request: Request,
        mut token: Arc<Token>,
        ticket: &Ticket,
        mut permit: PacingPermit,
        deadline: Deadline,
    ) -> Result<Called<T>, CallError> {
        let api = request.api;
        let (limits, metrics) = (self.limits.of(api), self.metrics.of(api));
        let mut progress = Progress::default();
        loop {
            progress.sent += 1;
            let failure = match self.attempt(request.clone(), &token, deadline).await {
                Ok(success) => {
                    permit.let_through();
                    return Ok(Called { success, attempts: progress.sent });
                }
                Err(failure) => failure,
            };
            tracing::debug!(
                api = api.as_str(),
                attempt = progress.sent,
                error = &failure as &dyn std::error::Error,
                "attempt failed"
            );
            progress.uncertain |= failure.outcome() == Outcome::Unknown;
            let retry_decision = failure.retry_decision();
            let reason = match retry_decision {
                // Neither of the two is an attempt of ours: Feishu refused before it looked at the content.
                RetryDecision::WaitForReset(reset) => {
                    permit.refused(progress.pause_of_all(reset));
                    RetryReason::RateLimit
                }
                RetryDecision::FreshToken => {
                    permit.let_through();
                    // Boxed, because its place would be carried about by every call.
                    match Box::pin(self.fresh_token(&mut progress, &token, &failure, deadline)).await {
                        Ok(fresh) => token = fresh,
                        Err(Some(other)) => return Err(progress.without_token(api, other)),
                        Err(None) => return Err(progress.fail(api, failure)),
                    }
                    RetryReason::Token
                }
                RetryDecision::Retry | RetryDecision::RetrySlowly | RetryDecision::Fail => {
                    // Without an answer nobody knows whether the limit let it through.
                    if !matches!(failure, Failure::Transport(_)) {
                        permit.let_through();
                    }
                    let latest = limits.latency.latest_start(deadline);
                    let Some(pause) = progress.pause(retry_decision, latest) else {
                        return Err(progress.fail(api, failure));
                    };
                    if let Err(reason) = limits.allow_retry(self.clock.unix_millis()) {
                        metrics.not_retried(reason);
                        return Err(progress.fail(api, failure));
                    }
                    tokio::time::sleep(pause).await;
                    RetryReason::Failure
                }
            };
            let latest = limits.latency.latest_start(deadline);
            permit = match metrics.pace(limits.pacer.enter(ticket, latest)).await {
                Ok(permit) => {
                    metrics.retried(reason);
                    permit
                }
                Err(RateExhausted { wait }) => {
                    // Why it came to this says more than that there is no room for another attempt; a dead token has
                    // just been replaced, though.
                    let replaced = retry_decision == RetryDecision::FreshToken;
                    let failure = if replaced { Failure::RateExhausted { wait } } else { failure };
                    return Err(progress.fail(api, failure));
                }
            };
        }
    }

    /// The token for a replay; no other failure when there were enough.
    async fn fresh_token(
        &self,
        progress: &mut Progress,
        dead: &Arc<Token>,
        failure: &Failure,
        deadline: Deadline,
    ) -> Result<Arc<Token>, Option<Failure>> {
        match failure {
            Failure::Refused(refusal) if progress.replays < MAX_REPLAYS => {
                progress.replays += 1;
                self.tokens.replace(dead, refusal, deadline).await.map_err(Some)
            }
            _ => Err(None),
        }
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: Request,
        token: &Token,
        deadline: Deadline,
    ) -> Result<Success<T>, Failure> {
        let api = request.api;
        let (result, took) =
            exchange(&self.transport, &self.metrics, request, Some(token.bearer()), deadline).await;
        journal::note_attempt(took, log_id(&result));
        let latency = &self.limits.of(api).latency;
        match &result {
            Err(Failure::Transport(TransportError::TimedOut)) => latency.observe_timeout(took),
            Err(Failure::Transport(_)) => {}
            Ok(_) | Err(_) => latency.observe(took),
        }
        if result.as_ref().err().is_none_or(Failure::is_about_content) {
            self.tokens.proved(token);
        }
        result
    }
}

/// How far an operation has come.
#[derive(Debug, Default)]
struct Progress {
    /// Requests that went out.
    sent: u32,
    /// Failures that count as attempts: neither rate limits nor a token's replays do (design §3).
    failed: u32,
    /// Rate limits so far.
    limited: u32,
    /// Requests that were sent again with another token.
    replays: u32,
    /// Whether some attempt may have been applied.
    uncertain: bool,
}

impl Progress {
    /// How long nobody should call after a refusal.
    fn pause_of_all(&mut self, reset: Option<Duration>) -> Duration {
        self.limited += 1;
        reset.unwrap_or_else(|| backoff::unknown_reset(self.limited))
    }

    /// How long to wait before the next attempt; none when there should be no other.
    fn pause(&mut self, retry_decision: RetryDecision, latest: Deadline) -> Option<Duration> {
        self.failed += 1;
        if self.failed == MAX_ATTEMPTS {
            return None;
        }
        let pause = match retry_decision {
            RetryDecision::Retry => backoff::quick(self.failed),
            RetryDecision::RetrySlowly => backoff::slow(self.failed),
            RetryDecision::WaitForReset(_) | RetryDecision::FreshToken | RetryDecision::Fail => return None,
        };
        // Better the reason now than a timeout later.
        (pause < latest.remaining()).then_some(pause)
    }

    /// The request was refused for its token, and no other token could be had.
    fn without_token(&self, api: Api, failure: Failure) -> CallError {
        let outcome = if self.uncertain { Outcome::Unknown } else { Outcome::Rejected };
        let failure = match failure {
            known @ (Failure::DeadToken(_) | Failure::DeadlineInQueue(_)) => known,
            other => Failure::NoToken(Box::new(other)),
        };
        CallError { api, failure, attempts: self.sent, outcome }
    }

    fn fail(&self, api: Api, failure: Failure) -> CallError {
        let outcome = match failure.outcome() {
            // Content that is refused now was refused before; anything else may have come after a push that arrived.
            Outcome::Rejected if !failure.is_about_content() && self.uncertain => Outcome::Unknown,
            Outcome::NotSent if self.uncertain => Outcome::Unknown,
            Outcome::NotSent if self.sent > 1 => Outcome::Rejected,
            // Not an attempt itself, so whatever was sent is another one.
            Outcome::NotSent if self.sent > 0 && matches!(failure, Failure::RateExhausted { .. }) => {
                Outcome::Rejected
            }
            outcome => outcome,
        };
        CallError { api, failure, attempts: self.sent, outcome }
    }
}
