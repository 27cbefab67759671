//! One upstream operation from the permit to the last attempt: limits, token, retries, deadline.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::api::Api;
use super::classify::Success;
use super::client::FeishuClient;
use super::context::CallContext;
use super::exchange::{exchange, log_id};
use super::failure::{CallError, Failure};
use super::failure_table::{Outcome, RetryDecision};
use super::limits::ApiLimits;
use super::limits::backoff::{self, MAX_ATTEMPTS};
use super::limits::circuit_breaker::{BreakerOutcome, BreakerPermit, CircuitOpen};
use super::limits::pacing::{PacingPermit, PacingTicket, RateExhausted};
use super::metrics::RetryReason;
use super::report::{CallReport, Called};
use super::token::{MAX_REPLAYS, Token};
use super::transport::{Request, TransportError};
use crate::support::deadline::Deadline;

/// Permit to make one call to Feishu, retries included.
///
/// Dropped unused, it leaves no trace at Feishu.
#[derive(Debug)]
pub struct Permit {
    token: Arc<Token>,
    ticket: PacingTicket,
    pacing: PacingPermit,
    breaker: BreakerPermit,
}

impl Permit {
    /// Says that what is sent with it leaves some time after it was given: when it arrives is known at its end only.
    pub fn delay(&self) {
        self.pacing.connecting();
    }
}

impl FeishuClient {
    /// Sends `request` until it succeeds, is refused for good, or time is up.
    ///
    /// The request must be idempotent: a push is, because Feishu keeps versions (contract §11.5).
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        request: Request,
        context: &CallContext,
    ) -> Result<Called<T>, CallError> {
        let permit = self.permit(request.api, context).await?;
        self.call_with(permit, request, context.deadline, &|| true).await
    }

    /// Waits for a token and for a place in the rate limit, which callers get in turn. Dropping the future leaves no trace.
    ///
    /// # Errors
    /// When the circuit breaker is open, there is no token, or the rate allows no call before the deadline.
    pub async fn permit(&self, api: Api, context: &CallContext) -> Result<Permit, CallError> {
        let CallContext { caller, deadline } = context;
        let open = |CircuitOpen { wait }| CallError::not_sent(api, Failure::CircuitOpen { wait });
        let limits = self.limits.of(api);
        limits.breaker.check(self.clock.monotonic_millis()).map_err(open)?;
        // Before the token: those who waited for it together are still served in the order in which they came.
        let ticket = limits.pacer.ticket(caller.clone());
        let token = self.tokens.get(*deadline).await?;
        let latest = limits.latency.latest_start(*deadline);
        let pacing = self.metrics.of(api).pace(limits.pacer.acquire(&ticket, latest)).await;
        let pacing = pacing
            .map_err(|RateExhausted { wait }| CallError::not_sent(api, Failure::RateExhausted { wait }))?;
        // Again, because others may have failed meanwhile; and only now is it sure that a probe will be sent.
        let now = self.clock.monotonic_millis();
        let breaker = limits.breaker.admit(now).map_err(open)?;
        limits.retry_budget.called(now);
        Ok(Permit { token, ticket, pacing, breaker })
    }

    /// Until when a caller has to stand back from an API for the others who share its rate; `None` when it need not.
    pub fn share_free_at(&self, api: Api, caller: &Option<Arc<str>>) -> Option<Instant> {
        self.limits.of(api).pacer.share_free_at(caller)
    }

    /// Gives a permit that was taken in nobody's name to a caller: what is sent with it is part of that caller's share.
    #[must_use]
    pub fn give_permit(&self, api: Api, mut permit: Permit, caller: Option<Arc<str>>) -> Permit {
        if caller.is_some() {
            self.limits.of(api).pacer.name(&mut permit.ticket, caller);
        }
        permit
    }

    /// Gives back a permit with which nothing is sent after all: its place in the rate is free again.
    pub fn give_back(&self, api: Api, permit: Permit) {
        let Permit { token: _, ticket, pacing, breaker: _ } = permit;
        self.limits.of(api).pacer.give_back(&ticket, pacing);
    }

    /// Makes a call with a permit taken before, as long as `may_send` says right before each attempt that it may be sent.
    pub(super) async fn call_with<T: DeserializeOwned>(
        &self,
        permit: Permit,
        request: Request,
        deadline: Deadline,
        may_send: &(dyn Fn() -> bool + Sync),
    ) -> Result<Called<T>, CallError> {
        let Permit { token, ticket, pacing, breaker } = permit;
        let limits = self.limits.of(request.api);
        let mut call = Call::new(self, request.api, token, ticket, deadline);
        let mut pacing = pacing;
        let result = loop {
            if !may_send() {
                break Err(call.fail(Failure::DeadlineInQueue("the right to send")));
            }
            let bearer = Some(call.token.bearer());
            let connecting = || pacing.connecting();
            let exchange =
                exchange(&self.transport, &self.metrics, request.clone(), bearer, deadline, connecting);
            let (answer, took) = exchange.await;
            call.note(&answer, took);
            match answer {
                Ok(Success { data, log_id, .. }) => {
                    pacing.let_through();
                    break Ok(Called { data, log_id, report: call.report });
                }
                // Boxed, because the place of what is rare would be carried about by every call.
                Err(failure) => match Box::pin(call.next_permit(failure, pacing, limits)).await {
                    Ok(permit) => pacing = permit,
                    Err(error) => break Err(error),
                },
            }
        };
        breaker.report(call.breaker_outcome, self.clock.monotonic_millis());
        result
    }
}

/// State of one call across its attempts.
struct Call<'a> {
    client: &'a FeishuClient,
    api: Api,
    deadline: Deadline,
    token: Arc<Token>,
    ticket: PacingTicket,
    report: CallReport,
    /// Failures that count as attempts: neither rate limits nor a token's replays do (design §3).
    failed: u32,
    /// Rate limits so far.
    limited: u32,
    /// Requests that were sent again with another token.
    replays: u32,
    /// What is known of Feishu's state after all attempts: what one of them may have done, none after it can undo.
    outcome: Outcome,
    /// Outcome for the circuit breaker: that of the last attempt which says something about the API.
    breaker_outcome: BreakerOutcome,
}

impl<'a> Call<'a> {
    fn new(
        client: &'a FeishuClient,
        api: Api,
        token: Arc<Token>,
        ticket: PacingTicket,
        deadline: Deadline,
    ) -> Self {
        Self {
            client,
            api,
            deadline,
            token,
            ticket,
            report: CallReport::default(),
            failed: 0,
            limited: 0,
            replays: 0,
            outcome: Outcome::NotSent,
            breaker_outcome: BreakerOutcome::Ignored,
        }
    }

    /// Learns from an attempt, whatever came of it.
    fn note<T>(&mut self, answer: &Result<Success<T>, Failure>, took: Duration) {
        self.report.exchanged(took, log_id(answer));
        let latency = &self.client.limits.of(self.api).latency;
        match answer {
            Err(Failure::Transport(TransportError::TimedOut { .. })) => latency.observe_timeout(took),
            Err(Failure::Transport(_)) => {}
            Ok(_) | Err(_) => latency.observe(took),
        }
        if answer.as_ref().err().is_none_or(Failure::is_about_content) {
            self.client.tokens.proved(&self.token);
        }
        let outcome = match answer {
            Ok(_) => BreakerOutcome::Success,
            // The caller was in a hurry: that says nothing about Feishu.
            Err(Failure::Transport(TransportError::TimedOut { is_silent: false })) => BreakerOutcome::Ignored,
            Err(failure) => failure.row().breaker,
        };
        if outcome != BreakerOutcome::Ignored {
            self.breaker_outcome = outcome;
        }
    }

    /// Waits for what another attempt needs: another token, a pause, a permit; or says why there is none.
    async fn next_permit(
        &mut self,
        failure: Failure,
        pacing: PacingPermit,
        limits: &ApiLimits,
    ) -> Result<PacingPermit, CallError> {
        let api = self.api;
        tracing::debug!(
            api = api.as_str(),
            attempt = self.report.attempts,
            error = &failure as &dyn std::error::Error,
            "attempt failed"
        );
        self.outcome = self.outcome.max(failure.row().outcome);
        let metrics = self.client.metrics.of(api);
        let decision = failure.row().retry;
        let reason = match decision {
            // Neither of the two is an attempt of ours: Feishu refused before it looked at the content.
            RetryDecision::WaitForReset => {
                self.limited += 1;
                let reset = failure.reset().unwrap_or_else(|| backoff::unknown_reset(self.limited));
                pacing.refused(reset);
                RetryReason::RateLimit
            }
            RetryDecision::FreshToken => {
                pacing.let_through();
                self.token = self.fresh_token(failure.clone()).await?;
                RetryReason::Token
            }
            RetryDecision::Retry | RetryDecision::RetrySlowly | RetryDecision::GiveUp => {
                // Without an answer nobody knows whether the limit let it through.
                match failure {
                    Failure::Transport(_) => drop(pacing),
                    _ => pacing.let_through(),
                }
                let Some(pause) = self.pause(decision, limits.latency.latest_start(self.deadline)) else {
                    return Err(self.fail(failure));
                };
                if let Err(reason) = limits.allow_retry(self.client.clock.monotonic_millis()) {
                    metrics.not_retried(reason);
                    return Err(self.fail(failure));
                }
                tokio::time::sleep(pause).await;
                RetryReason::Failure
            }
        };
        let latest = limits.latency.latest_start(self.deadline);
        match metrics.pace(limits.pacer.acquire(&self.ticket, latest)).await {
            Ok(permit) => {
                metrics.retried(reason);
                Ok(permit)
            }
            // Why it came to this says more than that no other attempt is allowed in time; a dead token has just been
            // replaced, though.
            Err(RateExhausted { wait }) if decision == RetryDecision::FreshToken => {
                Err(self.fail(Failure::RateExhausted { wait }))
            }
            Err(RateExhausted { .. }) => Err(self.fail(failure)),
        }
    }

    /// The token for a replay.
    async fn fresh_token(&mut self, failure: Failure) -> Result<Arc<Token>, CallError> {
        let refusal = match failure {
            Failure::Refused(refusal) if self.replays < MAX_REPLAYS => refusal,
            other => return Err(self.fail(other)),
        };
        self.replays += 1;
        let replaced = self.client.tokens.replace(&self.token, &refusal, self.deadline).await;
        replaced.map_err(|failure| {
            // The request was refused for its token, and no other token could be had.
            self.fail(failure)
        })
    }

    /// How long to wait before the next attempt; none when there should be no other.
    fn pause(&mut self, decision: RetryDecision, latest: Deadline) -> Option<Duration> {
        self.failed += 1;
        if self.failed == MAX_ATTEMPTS {
            return None;
        }
        let pause = match decision {
            RetryDecision::Retry => backoff::quick(self.failed),
            RetryDecision::RetrySlowly => backoff::slow(self.failed),
            RetryDecision::WaitForReset | RetryDecision::FreshToken | RetryDecision::GiveUp => return None,
        };
        // Better the reason now than a timeout later.
        (pause < latest.remaining()).then_some(pause)
    }

    /// The end of the operation.
    fn fail(&mut self, failure: Failure) -> CallError {
        let report = std::mem::take(&mut self.report);
        CallError { api: self.api, failure, report, outcome: self.outcome }
    }
}
