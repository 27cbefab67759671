//! Outcome of one exchange, as a metric's label.

use crate::feishu::failure::Failure;
use crate::feishu::failure_table::Class;

macro_rules! outcomes {
    ($($(#[$doc:meta])* $variant:ident $word:literal,)*) => {
        /// What became of one exchange, or of a fetch of a token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::feishu) enum AttemptOutcome {
            $($(#[$doc])* $variant,)*
        }

        impl AttemptOutcome {
            /// The word in labels.
            pub(in crate::feishu) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

outcomes! {
    /// Feishu did what it was asked for.
    Ok "ok",
    /// The token is not accepted.
    TokenRefused "token_refused",
    /// Too many requests.
    RateLimited "rate_limited",
    /// The month's quota is used up.
    QuotaExhausted "quota_exhausted",
    /// The app's id or secret is wrong.
    CredentialsRefused "credentials_refused",
    /// A scope is missing, or our address is not on the list.
    PermissionDenied "permission_denied",
    /// The same instance is being written.
    Busy "busy",
    /// The tenant is not known, or does not fit the app.
    Misconfigured "misconfigured",
    /// Feishu's own trouble, with a code.
    Transient "transient",
    /// What was sent is refused.
    ContentRejected "content_rejected",
    /// No such definition or instance.
    NotFound "not_found",
    /// A code without a meaning of its own here.
    Other "other",
    /// An HTTP 5xx without a code.
    ServerError "server_error",
    /// An answer that is none.
    ProtocolError "protocol_error",
    /// No connection.
    NotConnected "not_connected",
    /// The connection broke before an answer came, or within it.
    Broken "broken",
    /// No answer before the deadline.
    TimedOut "timed_out",
    /// Nothing was sent: something else stood in the way.
    NotSent "not_sent",
}

impl AttemptOutcome {
    /// The outcome of what succeeded or failed so.
    pub(in crate::feishu) fn of<T>(result: &Result<T, Failure>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(failure) => Self::of_class(failure.class()),
        }
    }

    fn of_class(class: Class) -> Self {
        match class {
            Class::TokenRefused | Class::DeadToken => Self::TokenRefused,
            Class::RateLimited => Self::RateLimited,
            Class::QuotaExhausted => Self::QuotaExhausted,
            Class::CredentialsRefused => Self::CredentialsRefused,
            Class::PermissionDenied => Self::PermissionDenied,
            Class::Busy => Self::Busy,
            Class::Misconfigured => Self::Misconfigured,
            Class::Transient | Class::UserMissing => Self::Transient,
            Class::ContentRejected => Self::ContentRejected,
            Class::ApprovalNotFound | Class::ApprovalDeleted | Class::InstanceNotFound => Self::NotFound,
            Class::Other => Self::Other,
            Class::ServerError => Self::ServerError,
            Class::ProtocolError | Class::TooLarge => Self::ProtocolError,
            Class::NotConnected => Self::NotConnected,
            Class::Broken | Class::Truncated | Class::OverBudget => Self::Broken,
            Class::TimedOut => Self::TimedOut,
            Class::Unsendable | Class::DeadlineInQueue | Class::RateExhausted | Class::CircuitOpen => {
                Self::NotSent
            }
        }
    }
}
