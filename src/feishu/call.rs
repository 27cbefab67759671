//! One upstream operation from the first attempt to the last: token, replay, back-off, deadline.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Api;
use super::backoff::{self, MAX_ATTEMPTS};
use super::client::FeishuClient;
use super::failure::{CallError, Failure, Outcome, Remedy};
use super::judge::{Success, judge};
use super::token::Token;
use super::trace;
use super::transport::Request;
use crate::deadline::Deadline;

/// Spread of those who wait for the same reset.
const RESET_JITTER: Duration = Duration::from_millis(100);

/// What an operation brought, and what it took.
#[derive(Debug)]
pub(super) struct Called<T> {
    pub(super) success: Success<T>,
    /// Requests that were sent.
    pub(super) attempts: u32,
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
        let api = request.api;
        let mut token = self.tokens.get(deadline).await?;
        let mut progress = Progress::default();
        loop {
            progress.sent += 1;
            let failure = match self.attempt(request.clone(), &token, deadline).await {
                Ok(success) => return Ok(Called { success, attempts: progress.sent }),
                Err(failure) => failure,
            };
            tracing::debug!(
                api = api.as_str(),
                attempt = progress.sent,
                error = &failure as &dyn std::error::Error,
                "attempt failed"
            );
            progress.uncertain |= failure.outcome() == Outcome::Unknown;
            match (failure.remedy(), &failure) {
                // Not an attempt of ours: Feishu refused before it looked at the content.
                (Remedy::FreshToken, Failure::Refused(refusal)) if !progress.replayed => {
                    progress.replayed = true;
                    match self.tokens.replace(&token, refusal, deadline).await {
                        Ok(fresh) => token = fresh,
                        Err(failure) => return Err(progress.without_token(api, failure)),
                    }
                }
                (remedy, _) => match progress.pause(remedy, deadline) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(progress.fail(api, failure)),
                },
            }
        }
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: Request,
        token: &Token,
        deadline: Deadline,
    ) -> Result<Success<T>, Failure> {
        let payload = request.api.payload();
        let asked = trace::asked(&request);
        let exchange = self.transport.send(request, Some(token.value()), deadline).await;
        trace::answered(asked, &exchange);
        judge(&exchange.map_err(Failure::Transport)?, payload)
    }
}

/// How far an operation has come.
#[derive(Debug, Default)]
struct Progress {
    /// Requests that went out.
    sent: u32,
    /// Failures that count as attempts: neither rate limits nor the token's replay do (design §3).
    failed: u32,
    /// Rate limits so far.
    limited: u32,
    /// Whether the one replay with a fresh token was used.
    replayed: bool,
    /// Whether some attempt may have been applied.
    uncertain: bool,
}

impl Progress {
    /// How long to wait before the next attempt; none when there should be no other.
    fn pause(&mut self, remedy: Remedy, deadline: Deadline) -> Option<Duration> {
        let pause = match remedy {
            Remedy::WaitForReset(reset) => {
                self.limited += 1;
                // Jitter, so that those who were refused together do not come back in the same millisecond.
                reset.map_or_else(
                    || backoff::unknown_reset(self.limited),
                    |reset| reset + backoff::jitter(RESET_JITTER),
                )
            }
            Remedy::Retry | Remedy::RetrySlowly => {
                self.failed += 1;
                if self.failed == MAX_ATTEMPTS {
                    return None;
                }
                if remedy == Remedy::Retry { backoff::quick(self.failed) } else { backoff::slow(self.failed) }
            }
            Remedy::FreshToken | Remedy::Fail => return None,
        };
        // Better the reason now than a timeout later.
        (pause < deadline.remaining()).then_some(pause)
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
            outcome => outcome,
        };
        CallError { api, failure, attempts: self.sent, outcome }
    }
}
