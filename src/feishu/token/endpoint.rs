//! Asks the endpoints that hand out tokens (contract §2.1): what they have in common.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::MAX_TOKEN_CHARS;
use crate::feishu::api::Api;
use crate::feishu::classify::Success;
use crate::feishu::credentials::Credentials;
use crate::feishu::exchange::exchange;
use crate::feishu::failure::Failure;
use crate::feishu::failure_table::{Class, RetryDecision};
use crate::feishu::limits::backoff::{self, MAX_ATTEMPTS};
use crate::feishu::metrics::AppMetrics;
use crate::feishu::transport::{Request, Transport};
use crate::support::deadline::Deadline;

/// Longest that one fetch may take, attempts and pauses included. Callers have deadlines of their own.
const FETCH_TIME: Duration = Duration::from_secs(10);

/// The endpoints that hand out tokens, for one app. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct TokenEndpoint {
    pub(super) transport: Transport,
    pub(super) base_url: Arc<str>,
    pub(super) credentials: Credentials,
    pub(super) metrics: Arc<AppMetrics>,
}

/// Id and secret, as all of these endpoints want them. No `Debug`: it holds the secret.
#[derive(Serialize)]
pub(super) struct AppSecret<'a> {
    app_id: &'a str,
    app_secret: &'a str,
}

/// The part of an answer that is read.
pub(super) trait Granted: DeserializeOwned {
    /// The token, and what is left of its life in seconds.
    fn token(self) -> (SecretString, i64);
}

/// Goes straight from the answer into a secret.
pub(super) struct SecretToken(pub(super) SecretString);

impl<'de> Deserialize<'de> for SecretToken {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|token| Self(token.into()))
    }
}

impl TokenEndpoint {
    pub(super) fn app_secret(&self) -> AppSecret<'_> {
        let Credentials { app_id, app_secret } = &self.credentials;
        AppSecret { app_id, app_secret: app_secret.expose_secret() }
    }

    /// Asks for a token once.
    pub(super) async fn grant<A: Granted>(
        &self,
        api: Api,
        body: &impl Serialize,
        deadline: Deadline,
    ) -> Result<(SecretString, Duration), Failure> {
        let Success { data, log_id, http_status } = self.ask::<A>(api, body, deadline).await?;
        let (token, expire) = data.token();
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

    /// Asks one of the endpoints once.
    pub(super) async fn ask<A: DeserializeOwned>(
        &self,
        api: Api,
        body: &impl Serialize,
        deadline: Deadline,
    ) -> Result<Success<A>, Failure> {
        let request = Request::json(api, body);
        let (answer, _) = exchange(&self.transport, &self.metrics, request, None, deadline, || ()).await;
        answer.map_err(of_credentials)
    }
}

/// Tries again after transient failures.
pub(super) async fn patiently<T, F: Future<Output = Result<T, Failure>> + Send>(
    ask: impl Fn(Deadline) -> F + Send,
) -> Result<T, Failure> {
    let deadline = Deadline::after(FETCH_TIME);
    let (mut attempt, mut attempts) = (1, 0);
    loop {
        attempts += 1;
        let failure = match ask(deadline).await {
            Ok(token) => {
                tracing::debug!(attempt, "fetched a token");
                return Ok(token);
            }
            // What this one needs was tried again by itself.
            Err(failure @ Failure::NoToken { .. }) => return Err(failure),
            Err(failure) => failure,
        };
        let no_token = |cause| Failure::NoToken { cause: Box::new(cause), attempts };
        let decision = failure.row().retry;
        let pause = match decision {
            RetryDecision::Retry => backoff::quick(attempt),
            RetryDecision::RetrySlowly => backoff::slow(attempt),
            RetryDecision::WaitForReset => failure.reset().unwrap_or_else(|| backoff::unknown_reset(attempt)),

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

/// On these endpoints every refusal that is not transient means that id and secret get no token (contract §2.5).
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
