//! Why an upstream operation did not succeed, and what that says about Feishu's state.

use std::time::Duration;

use super::api::Api;
use super::envelope::ErrorDetails;
use super::failure_table::{Class, Outcome, ReportedAs, RetryDecision, Row};
use super::limits::circuit_breaker::BreakerOutcome;
use super::report::CallReport;
use super::transport::TransportError;

/// An operation that failed, with everything that is known about it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{api} failed after {} attempt(s)", .report.attempts)]
pub struct CallError {
    /// What was attempted.
    pub api: Api,
    /// Why the last attempt failed.
    #[source]
    pub failure: Failure,
    /// Attempts, time and log id.
    pub report: CallReport,
    /// What the caller may assume about Feishu's state.
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
    NoToken {
        /// Why the last request for one failed.
        #[source]
        cause: Box<Failure>,
        /// Requests for one.
        attempts: u32,
    },
    /// Feishu has pushed no ticket of the store app that it would take.
    #[error("Feishu has pushed no ticket of the store app yet")]
    NoTicket,
    /// The token endpoint keeps handing out a token that the API refuses.
    #[error("the token endpoint keeps handing out a token that Feishu refuses")]
    DeadToken(Box<Refusal>),
    /// The deadline passed before anything was sent.
    #[error("the deadline passed while waiting for {0}")]
    DeadlineInQueue(&'static str),
    /// Feishu's rate limit allows no call before the deadline; nothing was sent.
    #[error("Feishu's rate limit allows no call before the deadline")]
    RateExhausted {
        /// After this time the call would have been allowed.
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
    /// Feishu's error code.
    pub code: i64,
    /// Its class.
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
            Self::NoToken { cause, .. } => cause.log_id(),
            Self::Transport(_)
            | Self::NoTicket
            | Self::DeadlineInQueue(_)
            | Self::RateExhausted { .. }
            | Self::CircuitOpen { .. } => None,
        }
    }

    /// What kind of failure it is; a missing token is of the kind that it is missing for.
    pub fn class(&self) -> Class {
        match self {
            Self::Transport(error) => error.class(),
            Self::Refused(refusal) => refusal.class,
            Self::ServerTrouble { .. } => Class::ServerError,
            Self::Protocol { .. } => Class::ProtocolError,
            Self::NoToken { cause, .. } => cause.class(),
            Self::NoTicket => Class::TicketMissing,
            Self::DeadToken(_) => Class::DeadToken,
            Self::DeadlineInQueue(_) => Class::DeadlineInQueue,
            Self::RateExhausted { .. } => Class::RateExhausted,
            Self::CircuitOpen { .. } => Class::CircuitOpen,
        }
    }

    /// The problem that it is reported as.
    pub fn reported_as(&self) -> ReportedAs {
        self.class().row().reported_as
    }

    /// Its row in the failure table.
    pub(super) fn row(&self) -> Row {
        let row = self.class().row();
        match self {
            // The call itself was not sent, so of the cause only its problem and its label are left.
            Self::NoToken { .. } => Row {
                retry: RetryDecision::GiveUp,
                breaker: BreakerOutcome::Ignored,
                outcome: Outcome::NotSent,
                ..row
            },
            _ => row,
        }
    }

    /// Whether Feishu refused what was sent, rather than who sent it or when.
    pub fn is_about_content(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.class.is_about_content())
    }

    /// How long Feishu asks to wait; none when it does not say.
    pub(super) fn reset(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.reset,
            _ => None,
        }
    }
}

impl TransportError {
    fn class(&self) -> Class {
        match self {
            Self::Unsendable(_) => Class::Unsendable,
            Self::NotConnected(_) => Class::NotConnected,
            Self::Broken(_) => Class::Broken,
            Self::Truncated(_) => Class::Truncated,
            Self::TooLarge => Class::TooLarge,
            Self::OverBudget => Class::OverBudget,
            Self::TimedOut { .. } => Class::TimedOut,
        }
    }
}
