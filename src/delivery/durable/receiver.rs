//! The system that events of an app are sent to.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use url::Url;

use crate::support::error_chain::ErrorChain;
use crate::support::standard_webhooks::{self, SigningSecret};

/// Time for one attempt. Less than what a lease is kept at the end for what is under way.
const LIMIT: Duration = Duration::from_secs(10);

/// A receiver is not left alone for longer than this, whatever it asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// The system that events of an app are sent to.
pub struct Receiver {
    /// What sends; it must follow no redirects.
    pub client: Client,
    /// Where to; it may hold a secret.
    pub url: Url,
    /// All of them sign.
    pub secrets: Vec<SigningSecret>,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

/// Why an event was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) kind: RefusalKind,
    /// For people; neither body nor address are in it.
    pub(super) error: String,
    /// For how long it asks to be left alone.
    pub(super) pause: Option<Duration>,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalKind {
    /// This event is tried again.
    Again,
    /// Everything goes more slowly.
    TooFast,
    /// This event is not wanted.
    Unwanted,
}

impl Receiver {
    /// Sends an event once. Of the answer only status and headers are looked at, so it may be of any length.
    pub(super) async fn send(&self, id: &str, now_millis: i64, body: Bytes) -> Result<(), Refusal> {
        let timestamp = now_millis / 1_000;
        let again = |error: String| Refusal { kind: RefusalKind::Again, error, pause: None };
        let request = standard_webhooks::request(&self.client, &self.url, &self.secrets, id, timestamp, body);
        match tokio::time::timeout(LIMIT, request.send()).await {
            Err(_) => Err(again("no answer in time".to_owned())),
            Ok(Err(error)) => Err(again(ErrorChain(&error.without_url()).to_string())),
            Ok(Ok(response)) if response.status().is_success() => Ok(()),
            Ok(Ok(response)) => Err(refusal(response.status(), response.headers())),
        }
    }
}

fn refusal(status: StatusCode, headers: &HeaderMap) -> Refusal {
    let kind = match status {
        StatusCode::GONE => RefusalKind::Unwanted,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            RefusalKind::TooFast
        }
        _ => RefusalKind::Again,
    };
    let pause = headers.get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?.trim()));
    Refusal { kind, error: format!("HTTP {}", status.as_u16()), pause }
}

/// Seconds, or the date when they are over.
fn retry_after(value: &str) -> Option<Duration> {
    let pause = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
            until.saturating_sub(SystemTime::now().duration_since(UNIX_EPOCH).ok()?)
        }
    };
    Some(pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("120" => Some(120); "seconds")]
    #[test_case("86400" => Some(3_600); "a day is too long")]
    #[test_case("Sun, 06 Nov 1994 08:49:37 GMT" => Some(0); "a date that is over")]
    #[test_case("Fri, 31 Dec 9999 23:59:59 GMT" => Some(3_600); "a date that is far away")]
    #[test_case("soon" => None)]
    #[test_case("-1" => None)]
    fn pauses_that_are_asked_for(value: &str) -> Option<u64> {
        retry_after(value).map(|pause| pause.as_secs())
    }

    #[test_case(301 => RefusalKind::Again; "a redirect")]
    #[test_case(400 => RefusalKind::Again)]
    #[test_case(410 => RefusalKind::Unwanted)]
    #[test_case(429 => RefusalKind::TooFast)]
    #[test_case(500 => RefusalKind::Again)]
    #[test_case(502 => RefusalKind::TooFast)]
    #[test_case(504 => RefusalKind::TooFast)]
    fn statuses(status: u16) -> RefusalKind {
        refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new()).kind
    }
}
