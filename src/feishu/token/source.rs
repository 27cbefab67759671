//! Asks Feishu for a tenant token (contract §2.1).

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{MAX_TOKEN_CHARS, Source};
use crate::feishu::api::Api;
use crate::feishu::classify::Success;
use crate::feishu::credentials::Credentials;
use crate::feishu::exchange::exchange;
use crate::feishu::failure::Failure;
use crate::feishu::failure_table::{Class, RetryDecision};
use crate::feishu::limits::backoff::{self, MAX_ATTEMPTS};
use crate::feishu::metrics::{AppMetrics, AttemptOutcome};
use crate::feishu::transport::{Request, Transport};
use crate::support::deadline::Deadline;

/// Longest that one fetch may take, attempts and pauses included. Callers have deadlines of their own.
const FETCH_TIME: Duration = Duration::from_secs(10);

/// Fetches tokens of one app from Feishu.
#[derive(Debug)]
pub(in crate::feishu) struct TokenSource {
    transport: Transport,
    base_url: Arc<str>,
    credentials: Credentials,
    metrics: Arc<AppMetrics>,
}

/// The request's body. No `Debug`: it holds the secret.
#[derive(Serialize)]
struct TokenRequest<'a> {
    app_id: &'a str,
    app_secret: &'a str,
}

/// The part of the answer that is read.
#[derive(Deserialize)]
pub(in crate::feishu) struct TokenAnswer {
    tenant_access_token: SecretToken,
    expire: i64,
}

/// Goes straight from the answer into a secret.
struct SecretToken(SecretString);

impl<'de> Deserialize<'de> for SecretToken {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|token| Self(token.into()))
    }
}

impl Source for TokenSource {
    async fn fetch(&self) -> Result<(SecretString, Duration), Failure> {
        let fetched = self.fetch_patiently().await;
        self.metrics.refreshed_token(AttemptOutcome::of(&fetched));
        fetched
    }
}

impl TokenSource {
    pub(in crate::feishu) fn new(
        transport: Transport,
        base_url: &str,
        credentials: Credentials,
        metrics: Arc<AppMetrics>,
    ) -> Self {
        transport.secrets().add_lasting(&credentials.app_secret);
        Self { transport, base_url: base_url.into(), credentials, metrics }
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(super) fn app_id(&self) -> &str {
        &self.credentials.app_id
    }

    pub(super) fn app_secret(&self) -> &SecretString {
        &self.credentials.app_secret
    }

    /// Tries again after transient failures.
    async fn fetch_patiently(&self) -> Result<(SecretString, Duration), Failure> {
        let deadline = Deadline::after(FETCH_TIME);
        let (mut attempt, mut attempts) = (1, 0);
        loop {
            attempts += 1;
            let failure = match self.ask(deadline).await {
                Ok(token) => {
                    tracing::debug!(attempt, "fetched a tenant token");
                    return Ok(token);
                }
                Err(failure) => failure,
            };
            let no_token = |cause| Failure::NoToken { cause: Box::new(cause), attempts };
            let decision = failure.row().retry;
            let pause = match decision {
                RetryDecision::Retry => backoff::quick(attempt),
                RetryDecision::RetrySlowly => backoff::slow(attempt),
                RetryDecision::WaitForReset => {
                    failure.reset().unwrap_or_else(|| backoff::unknown_reset(attempt))
                }

                RetryDecision::FreshToken | RetryDecision::GiveUp => return Err(no_token(failure)),
            };
            // Waiting for a rate limit is no attempt (design §3).
            let counts = decision != RetryDecision::WaitForReset;
            if (counts && attempt == MAX_ATTEMPTS) || pause >= deadline.remaining() {
                return Err(no_token(failure));
            }
            attempt += u32::from(counts);
            tokio::time::sleep(pause).await;
        }
    }

    async fn ask(&self, deadline: Deadline) -> Result<(SecretString, Duration), Failure> {
        let body = TokenRequest {
            app_id: &self.credentials.app_id,
            app_secret: self.credentials.app_secret.expose_secret(),
        };
        let request = Request::json(Api::TenantToken, &body);
        let (answer, _) = exchange(&self.transport, &self.metrics, request, None, deadline, || ()).await;
        let Success {
            data: TokenAnswer { tenant_access_token: SecretToken(token), expire },
            log_id,
            http_status,
        } = answer.map_err(of_credentials)?;
        let life = u64::try_from(expire).ok().filter(|seconds| *seconds > 0);
        let length = token.expose_secret().len();
        match life {
            // A day is far beyond the documented two hours; it only keeps sums from overflowing.
            Some(seconds) if (1..=MAX_TOKEN_CHARS).contains(&length) => {
                self.transport.secrets().add(&token);
                Ok((token, Duration::from_secs(seconds.min(86_400))))
            }
            _ => Err(Failure::Protocol {
                what: "a token without length or life".to_owned(),
                http_status,
                log_id,
            }),
        }
    }
}

/// On this endpoint every refusal that is not transient means that id and secret get no token (contract §2.5).
fn of_credentials(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(mut refusal) => {
            let is_kept = matches!(
                refusal.class,
                Class::RateLimited
                    | Class::QuotaExhausted
                    | Class::Transient
                    | Class::Busy
                    | Class::PermissionDenied
            );
            if !is_kept {
                refusal.class = Class::CredentialsRefused;
            }
            Failure::Refused(refusal)
        }
        other => other,
    }
}
