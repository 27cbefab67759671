//! What each kind of failure means for us: the one table (contract §2.5, §4.6, §11.1, §11.5).
//!
//! [`Class::of_code`] gives each of Feishu's codes its class, [`Class::row`] each class its row: whether it is tried again, what
//! it says about the API, what it says about Feishu's state, as which problem it is reported, and its label in metrics.

use super::limits::circuit_breaker::BreakerOutcome;

/// A kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    // Feishu's refusals, by code.
    /// The token is not accepted: evict it, fetch another, replay.
    TokenRefused,
    /// Too many requests: wait for the reset.
    RateLimited,
    /// The month's quota is used up.
    QuotaExhausted,
    /// The app's id or secret is wrong, or the app is not enabled for the tenant.
    CredentialsRefused,
    /// The app lacks a scope, or our address is not on its list.
    PermissionDenied,
    /// The same instance is being written: back off and try again.
    Busy,
    /// Code 1390014 in its newer meaning; tried again like [`Class::Busy`], then a configuration error.
    Misconfigured,
    /// Feishu's own trouble: back off and try again.
    Transient,
    /// A user who is said not to exist, which comes and goes on live systems: back off and try again.
    UserMissing,
    /// What was sent is refused.
    ContentRejected,
    /// No such definition.
    ApprovalNotFound,
    /// The definition was deleted.
    ApprovalDeleted,
    /// No such instance.
    InstanceNotFound,
    /// Any other code.
    Other,

    // Answers without a code that could be read.
    /// An HTTP 5xx.
    ServerError,
    /// An answer that is not what the documents promise.
    ProtocolError,

    // No answer.
    /// The request has no valid address, which is a mistake of ours.
    Unsendable,
    /// No connection.
    NotConnected,
    /// The connection broke before an answer began.
    Broken,
    /// The answer began and broke off.
    Truncated,
    /// The answer is larger than any honest one.
    TooLarge,
    /// Our own budget for answers is used up.
    OverBudget,
    /// No answer in time.
    TimedOut,

    // Nothing was sent.
    /// Feishu has pushed no ticket of the store app.
    TicketMissing,
    /// The token endpoint keeps handing out a token that the API refuses.
    DeadToken,
    /// The deadline passed in a queue.
    DeadlineInQueue,
    /// Feishu's rate limit allows no call before the deadline.
    RateExhausted,
    /// The circuit breaker is open.
    CircuitOpen,
}

/// What to do after a failed attempt (contract §11.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// Fetch another token and replay.
    FreshToken,
    /// Wait for the rate window.
    WaitForReset,
    /// Try again after a short pause.
    Retry,
    /// Try again after a second or more: Feishu wants the same instance left alone for a while.
    RetrySlowly,
    /// Give up.
    GiveUp,
}

/// What the caller may assume about Feishu's state; of several attempts, the greatest holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing was sent.
    NotSent,
    /// Feishu refused it.
    Rejected,
    /// It may or may not have been applied.
    Unknown,
}

/// The problem that a failure is reported as: one of those in the catalogue of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportedAs {
    /// `upstream_auth_failed`.
    AuthFailed,
    /// `upstream_ticket_missing`.
    TicketMissing,
    /// `upstream_permission_denied`.
    PermissionDenied,
    /// `upstream_rate_limited`.
    RateLimited,
    /// `upstream_quota_exhausted`.
    QuotaExhausted,
    /// `sync_conflict`.
    SyncConflict,
    /// `upstream_misconfigured`.
    Misconfigured,
    /// `upstream_unavailable`.
    Unavailable,
    /// `upstream_rejected`.
    Rejected,
    /// `unknown_approval_code`; `definition_not_found` or `definition_deleted` where the code is in the path.
    UnknownApprovalCode,
    /// `instance_not_found`.
    InstanceNotFound,
    /// `upstream_error`.
    UnknownCode,
    /// `upstream_protocol_error`.
    ProtocolError,
    /// `upstream_timeout`.
    Timeout,
    /// `circuit_open`.
    CircuitOpen,
    /// `overloaded`.
    Overloaded,
    /// `internal_error`.
    Internal,
}

impl ReportedAs {
    /// Whether it lasts until somebody has done something about it, such as granted a scope.
    pub fn needs_operator(self) -> bool {
        matches!(self, Self::AuthFailed | Self::PermissionDenied | Self::QuotaExhausted | Self::Misconfigured)
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) retry: RetryDecision,
    pub(super) breaker: BreakerOutcome,
    pub(super) outcome: Outcome,
    pub(super) reported_as: ReportedAs,
    /// The outcome of an attempt in the labels of metrics and in spans.
    pub(super) label: &'static str,
}

impl Class {
    /// The class of a non-zero code; the message matters for one of them only.
    #[rustfmt::skip]
    pub(super) fn of_code(code: i64, message: &str) -> Self {
        match code {
            99_991_661 | 99_991_663 | 99_991_664 | 99_991_668 | 99_991_671 | 99_991_677 => Self::TokenRefused,
            99_991_400 => Self::RateLimited,
            99_991_403 => Self::QuotaExhausted,
            10_003 | 10_005 | 10_012..=10_015 | 20_002 | 99_991_543
            // The app is disabled, its tenant is not valid, it is not available in the tenant.
            | 99_991_662 | 99_991_665 | 99_991_673 => Self::CredentialsRefused,
            99_991_401 | 99_991_672 | 99_991_676 | 99_991_679 => Self::PermissionDenied,
            // The others among these: none is about what was sent.
            99_991_661..=99_991_679 => Self::CredentialsRefused,
            60_014 => Self::Busy,
            1_390_014 if says_too_soon(message) => Self::Busy,
            1_390_014 => Self::Misconfigured,
            1_395_001 | 2_200 | 5_000 | 65_001 => Self::Transient,
            20_008 => Self::UserMissing,
            // The one code of the approval bot (contract §10).
            60_001 | 1_390_001 | 1_390_004 | 9_499 | 99_992_351..=99_992_381 | 99_992_402
            // A person whom the app must not see, and an id that is none (field notes).
            | 41_050 | 41_012 => Self::ContentRejected,
            1_390_002 => Self::ApprovalNotFound,
            1_390_016 => Self::ApprovalDeleted,
            1_390_003 => Self::InstanceNotFound,
            _ => Self::Other,
        }
    }

    /// What follows from a failure of this class.
    ///
    /// Only Feishu's own trouble counts for the circuit breaker. A refusal of the content shows that the API works; one that comes
    /// before the API is reached (contract §11.1, order of validation) and one of our own limits show nothing.
    #[rustfmt::skip]
    pub(super) fn row(self) -> Row {
        use BreakerOutcome::{Failure, Ignored, Success};
        use Outcome::{NotSent, Rejected, Unknown};
        use RetryDecision::{FreshToken, GiveUp, Retry, RetrySlowly, WaitForReset};

        let (retry, breaker, outcome, reported_as, label) = match self {
            //                          then          breaker  Feishu's  reported as                      label
            //                                                 state
            Self::TokenRefused       => (FreshToken,   Ignored, Rejected, ReportedAs::AuthFailed,           "token_refused"),
            Self::RateLimited        => (WaitForReset, Ignored, Rejected, ReportedAs::RateLimited,          "rate_limited"),
            Self::QuotaExhausted     => (GiveUp,       Ignored, Rejected, ReportedAs::QuotaExhausted,       "quota_exhausted"),
            Self::CredentialsRefused => (GiveUp,       Ignored, Rejected, ReportedAs::AuthFailed,           "credentials_refused"),
            Self::PermissionDenied   => (GiveUp,       Ignored, Rejected, ReportedAs::PermissionDenied,     "permission_denied"),
            Self::Busy               => (RetrySlowly,  Success, Rejected, ReportedAs::SyncConflict,         "busy"),
            Self::Misconfigured      => (RetrySlowly,  Success, Rejected, ReportedAs::Misconfigured,        "misconfigured"),
            Self::Transient          => (RetrySlowly,  Failure, Unknown,  ReportedAs::Unavailable,          "transient"),
            Self::UserMissing        => (RetrySlowly,  Success, Rejected, ReportedAs::Unavailable,          "transient"),
            Self::ContentRejected    => (GiveUp,       Success, Rejected, ReportedAs::Rejected,             "content_rejected"),
            Self::ApprovalNotFound   => (GiveUp,       Success, Rejected, ReportedAs::UnknownApprovalCode,  "not_found"),
            Self::ApprovalDeleted    => (GiveUp,       Success, Rejected, ReportedAs::UnknownApprovalCode,  "not_found"),
            Self::InstanceNotFound   => (GiveUp,       Success, Rejected, ReportedAs::InstanceNotFound,     "not_found"),
            Self::Other              => (GiveUp,       Success, Rejected, ReportedAs::UnknownCode,          "other"),

            Self::ServerError        => (Retry,        Failure, Unknown,  ReportedAs::Unavailable,          "server_error"),
            Self::ProtocolError      => (GiveUp,       Failure, Unknown,  ReportedAs::ProtocolError,        "protocol_error"),

            Self::Unsendable         => (GiveUp,       Ignored, NotSent,  ReportedAs::Internal,             "not_sent"),
            Self::NotConnected       => (Retry,        Failure, NotSent,  ReportedAs::Unavailable,          "not_connected"),
            Self::Broken             => (Retry,        Failure, Unknown,  ReportedAs::Unavailable,          "broken"),
            Self::Truncated          => (GiveUp,       Failure, Unknown,  ReportedAs::ProtocolError,        "broken"),
            Self::TooLarge           => (GiveUp,       Failure, Unknown,  ReportedAs::ProtocolError,        "protocol_error"),
            Self::OverBudget         => (GiveUp,       Ignored, Unknown,  ReportedAs::Overloaded,           "broken"),
            Self::TimedOut           => (Retry,        Failure, Unknown,  ReportedAs::Timeout,              "timed_out"),

            Self::TicketMissing      => (GiveUp,       Ignored, NotSent,  ReportedAs::TicketMissing,        "not_sent"),
            Self::DeadToken          => (GiveUp,       Ignored, Rejected, ReportedAs::AuthFailed,           "token_refused"),
            Self::DeadlineInQueue    => (GiveUp,       Ignored, NotSent,  ReportedAs::Timeout,              "not_sent"),
            Self::RateExhausted      => (GiveUp,       Ignored, NotSent,  ReportedAs::RateLimited,          "not_sent"),
            Self::CircuitOpen        => (GiveUp,       Ignored, NotSent,  ReportedAs::CircuitOpen,          "not_sent"),
        };
        Row { retry, breaker, outcome, reported_as, label }
    }

    /// What a failure of this class says about Feishu's state.
    pub fn outcome(self) -> Outcome {
        self.row().outcome
    }

    /// Whether Feishu refused who asked.
    pub(super) fn is_about_credentials(self) -> bool {
        matches!(self, Self::CredentialsRefused | Self::TokenRefused)
    }

    /// Whether Feishu refused what was sent, rather than who sent it or when.
    pub(super) fn is_about_content(self) -> bool {
        matches!(
            self,
            Self::ContentRejected | Self::ApprovalNotFound | Self::ApprovalDeleted | Self::InstanceNotFound
        )
    }
}

/// Code 1390014 has had two meanings; only its message tells them apart (contract §4.6).
fn says_too_soon(message: &str) -> bool {
    message.to_ascii_lowercase().contains("short period") || message.contains("短时间")
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(99_991_663, "" => Class::TokenRefused)]
    #[test_case(99_991_668, "" => Class::TokenRefused)]
    #[test_case(99_991_677, "" => Class::TokenRefused)]
    #[test_case(99_991_662, "" => Class::CredentialsRefused; "the app is disabled")]
    #[test_case(99_991_665, "" => Class::CredentialsRefused; "the tenant is not valid")]
    #[test_case(99_991_673, "" => Class::CredentialsRefused; "the app is not available in the tenant")]
    #[test_case(99_991_670, "" => Class::CredentialsRefused; "an unknown one among those about tokens and apps")]
    #[test_case(99_991_400, "" => Class::RateLimited)]
    #[test_case(10_014, "" => Class::CredentialsRefused)]
    #[test_case(20_008, "" => Class::UserMissing)]
    #[test_case(1_390_014, "tenant_id not found" => Class::Misconfigured)]
    #[test_case(1_390_014, "Do not synchronize the same approval instance for a short period of time!" => Class::Busy)]
    #[test_case(1_395_001, "" => Class::Transient)]
    #[test_case(99_992_364, "" => Class::ContentRejected)]
    #[test_case(41_050, "" => Class::ContentRejected; "a person out of sight")]
    #[test_case(41_012, "" => Class::ContentRejected; "an id of a person that is none")]
    #[test_case(99_992_402, "" => Class::ContentRejected)]
    #[test_case(1_390_009, "" => Class::Other)]
    fn class_of(code: i64, message: &str) -> Class {
        Class::of_code(code, message)
    }

    #[test]
    fn what_is_about_content_is_final_and_shows_that_the_api_works() {
        for class in
            [Class::ContentRejected, Class::ApprovalNotFound, Class::ApprovalDeleted, Class::InstanceNotFound]
        {
            let Row { retry, breaker, outcome, .. } = class.row();
            assert!(class.is_about_content());
            assert_eq!(
                (retry, breaker, outcome),
                (RetryDecision::GiveUp, BreakerOutcome::Success, Outcome::Rejected)
            );
        }
    }

    #[test_case(Class::OverBudget; "our own budget")]
    #[test_case(Class::RateExhausted; "our own pacing")]
    #[test_case(Class::DeadlineInQueue; "our own queue")]
    #[test_case(Class::Unsendable; "our own mistake")]
    fn what_is_ours_says_nothing_about_feishu(class: Class) {
        assert_eq!(class.row().breaker, BreakerOutcome::Ignored);
    }
}
