//! Why an upstream operation did not succeed, and what that says about Feishu's state.

use std::time::Duration;

use super::api::Api;
use super::codes::Class;
use super::envelope::ErrorDetails;
use super::limits::circuit_breaker::BreakerOutcome;
use super::report::CallReport;
use super::transport::TransportError;

/// What the caller may assume about Feishu's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent.
    NotSent,
    /// Feishu refused it.
    Rejected,
    /// It may or may not have been applied.
    Unknown,
}

/// An operation that failed, with everything that is known about it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{api} failed after {} attempt(s)", .report.attempts)]
pub struct CallError {
    /// What was attempted.
    pub api: Api,
    /// Why the last attempt failed.
    #[source]
    pub failure: Failure,
    /// What it took.
    pub report: CallReport,
    /// What may be assumed.
    pub outcome: Outcome,
}

/// Why an attempt failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// No usable answer.
    #[error("the exchange failed")]
    Transport(#[source] TransportError),
    /// Feishu answered with a code.
    #[error("Feishu answered with code {}", .0.code)]
    Refused(Box<Refusal>),
    /// An HTTP 5xx without a code.
    #[error("Feishu answered HTTP {http_status}")]
    ServerTrouble {
        /// The status.
        http_status: u16,
        /// Feishu's id of the exchange.
        log_id: Option<String>,
    },
    /// An answer that is not what the documents promise.
    #[error("Feishu's answer is not what its documents promise: {what}")]
    Protocol {
        /// What is wrong with it; quotes nothing of it.
        what: String,
        /// The status.
        http_status: u16,
        /// Feishu's id of the exchange.
        log_id: Option<String>,
    },
    /// No token could be had.
    #[error("no tenant token")]
    NoToken(#[source] Box<Failure>),
    /// The token endpoint keeps handing out a token that the API refuses.
    #[error("the token endpoint keeps handing out a token that Feishu refuses")]
    DeadToken(Box<Refusal>),
    /// The deadline passed before anything was sent.
    #[error("the deadline passed while waiting for {0}")]
    DeadlineInQueue(&'static str),
    /// Feishu's rate limit leaves no room before the deadline; nothing was sent.
    #[error("Feishu's rate limit leaves no room before the deadline")]
    RateExhausted {
        /// After this time there would have been room.
        wait: Duration,
    },
    /// The API keeps failing and is not asked for a while; nothing was sent.
    #[error("Feishu's API keeps failing and is left alone for a while")]
    CircuitOpen {
        /// After this time it is tried again.
        wait: Duration,
    },
}

/// Feishu's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The number.
    pub code: i64,
    /// What the number means for us.
    pub class: Class,
    /// Feishu's words, shortened.
    pub message: String,
    /// The HTTP status, which decides nothing.
    pub http_status: u16,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
    /// From `x-ogw-ratelimit-reset`.
    pub reset: Option<Duration>,
    /// What the `error` object told.
    pub details: ErrorDetails,
}

/// What to do about a failed attempt (contract §11.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// Fetch another token and replay once.
    FreshToken,
    /// Wait for the rate window; `None` when Feishu did not say how long.
    WaitForReset(Option<Duration>),
    /// Try again after a short pause.
    Retry,
    /// Try again after a second or more: Feishu wants the same instance left alone for a while.
    RetrySlowly,
    /// Give up.
    Fail,
}

impl CallError {
    /// The error of an operation for which nothing was sent.
    pub(super) fn not_sent(api: Api, failure: Failure) -> Self {
        Self { api, failure, report: CallReport::default(), outcome: Outcome::NotSent }
    }

    /// The same error, at the end of an operation that has taken `earlier` before.
    pub(super) fn after(mut self, earlier: &CallReport) -> Self {
        self.report = earlier.clone().then(self.report);
        self
    }

    /// The error of an operation whose deadline passed while it waited for `waited_for`.
    pub(crate) fn deadline_in_queue(api: Api, waited_for: &'static str) -> Self {
        Self::not_sent(api, Failure::DeadlineInQueue(waited_for))
    }
}

impl Failure {
    /// Feishu's id of the exchange that failed.
    pub(super) fn log_id(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) | Self::DeadToken(refusal) => refusal.log_id.as_deref(),
            Self::ServerTrouble { log_id, .. } | Self::Protocol { log_id, .. } => log_id.as_deref(),
            Self::NoToken(cause) => cause.log_id(),
            Self::Transport(_)
            | Self::DeadlineInQueue(_)
            | Self::RateExhausted { .. }
            | Self::CircuitOpen { .. } => None,
        }
    }

    pub(super) fn retry_decision(&self) -> RetryDecision {
        match self {
            Self::Transport(
                TransportError::NotConnected(_) | TransportError::Broken(_) | TransportError::TimedOut,
            )
            | Self::ServerTrouble { .. } => RetryDecision::Retry,
            Self::Refused(refusal) => match refusal.class {
                Class::TokenRefused => RetryDecision::FreshToken,
                Class::RateLimited => RetryDecision::WaitForReset(refusal.reset),
                class if class.is_retryable() => RetryDecision::RetrySlowly,
                _ => RetryDecision::Fail,
            },
            Self::Transport(
                TransportError::Unsendable(_) | TransportError::Truncated(_) | TransportError::TooLarge,
            )
            | Self::Protocol { .. }
            | Self::NoToken(_)
            | Self::DeadToken(_)
            | Self::DeadlineInQueue(_)
            | Self::RateExhausted { .. }
            | Self::CircuitOpen { .. } => RetryDecision::Fail,
        }
    }

    /// Whether Feishu refused what was sent, rather than who sent it or when.
    pub(super) fn is_about_content(&self) -> bool {
        match self {
            Self::Refused(refusal) => match refusal.class {
                Class::ContentRejected
                | Class::ApprovalNotFound
                | Class::ApprovalDeleted
                | Class::InstanceNotFound => true,
                Class::TokenRefused
                | Class::RateLimited
                | Class::QuotaExhausted
                | Class::CredentialsRefused
                | Class::PermissionDenied
                | Class::Busy
                | Class::Misconfigured
                | Class::Transient
                | Class::Other => false,
            },
            _ => false,
        }
    }

    /// What this says about the API: only its own trouble counts, not what it refuses, nor who stopped us elsewhere.
    pub(super) fn breaker_outcome(&self) -> BreakerOutcome {
        match self {
            Self::Transport(TransportError::Unsendable(_)) => BreakerOutcome::Ignored,
            Self::Transport(_) | Self::ServerTrouble { .. } | Self::Protocol { .. } => {
                BreakerOutcome::Failure
            }
            Self::Refused(refusal) => match refusal.class {
                Class::Transient => BreakerOutcome::Failure,
                Class::ContentRejected
                | Class::ApprovalNotFound
                | Class::ApprovalDeleted
                | Class::InstanceNotFound
                | Class::Busy
                | Class::Misconfigured
                | Class::Other => BreakerOutcome::Success,
                // Refused before the API itself was reached (contract §11.1, order of validation).
                Class::TokenRefused
                | Class::RateLimited
                | Class::QuotaExhausted
                | Class::CredentialsRefused
                | Class::PermissionDenied => BreakerOutcome::Ignored,
            },
            Self::NoToken(_)
            | Self::DeadToken(_)
            | Self::DeadlineInQueue(_)
            | Self::RateExhausted { .. }
            | Self::CircuitOpen { .. } => BreakerOutcome::Ignored,
        }
    }

    /// What this attempt says about Feishu's state.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Transport(TransportError::Unsendable(_) | TransportError::NotConnected(_))
            | Self::NoToken(_)
            | Self::DeadlineInQueue(_)
            | Self::RateExhausted { .. }
            | Self::CircuitOpen { .. } => Outcome::NotSent,
            Self::Transport(
                TransportError::Broken(_)
                | TransportError::Truncated(_)
                | TransportError::TooLarge
                | TransportError::TimedOut,
            )
            | Self::ServerTrouble { .. }
            | Self::Protocol { .. } => Outcome::Unknown,
            // Feishu's own trouble: it does not say how far it came.
            Self::Refused(refusal) if refusal.class == Class::Transient => Outcome::Unknown,
            Self::Refused(_) | Self::DeadToken(_) => Outcome::Rejected,
        }
    }
}
