//! Default retry time and outcome of each problem code.

use std::time::Duration;

use super::{Code, Outcome};

impl Code {
    /// How long a caller should wait before trying again; `None` when trying again cannot help.
    ///
    /// The spans are our choice: about as long as the cause usually lasts, and short enough that an interactive
    /// caller still waits. `upstream_rate_limited` is normally given the span that Feishu names (contract §11.4).
    pub fn default_retry_after(self) -> Option<Duration> {
        let seconds = match self {
            Self::InvalidJson
            | Self::MalformedRequest
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::PayloadTooLarge
            | Self::UnsupportedMediaType
            | Self::ValidationFailed
            | Self::IdMismatch
            | Self::WouldErase
            | Self::InvalidCursor
            | Self::Unauthorized
            | Self::Forbidden
            | Self::UpstreamRejected
            | Self::UnknownPerson
            | Self::UnknownApprovalCode
            | Self::DefinitionNotFound
            | Self::DefinitionDeleted
            | Self::InstanceNotFound
            | Self::StaleUpdate
            | Self::DocumentNotFound
            | Self::RevisionMismatch
            | Self::DocumentPending
            | Self::ImportNotFound
            | Self::ImportCanceled
            | Self::LedgerOff
            | Self::UpstreamMisconfigured
            | Self::UpstreamQuotaExhausted
            | Self::UpstreamAuthFailed
            | Self::UpstreamPermissionDenied
            | Self::UpstreamError
            | Self::InternalError => return None,
            Self::RequestTimeout | Self::UpstreamRateLimited | Self::UpstreamTimeout | Self::Overloaded => 1,
            Self::SyncConflict
            | Self::UpstreamUnavailable
            | Self::UpstreamProtocolError
            | Self::LedgerUnavailable => 2,
            Self::Draining | Self::CircuitOpen => 5,
            // Feishu pushes one some two minutes after it was asked to.
            Self::UpstreamTicketMissing => 30,
        };
        Some(Duration::from_secs(seconds))
    }

    /// What the caller may assume about Feishu's state when the maker of the problem does not know better.
    ///
    /// Where both answers are possible this is the one that claims less.
    pub fn default_outcome(self) -> Outcome {
        match self {
            Self::InvalidJson
            | Self::MalformedRequest
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::RequestTimeout
            | Self::PayloadTooLarge
            | Self::UnsupportedMediaType
            | Self::ValidationFailed
            | Self::IdMismatch
            | Self::WouldErase
            | Self::InvalidCursor
            | Self::Unauthorized
            | Self::Forbidden
            | Self::UnknownPerson
            | Self::StaleUpdate
            | Self::DocumentNotFound
            | Self::RevisionMismatch
            | Self::DocumentPending
            | Self::ImportNotFound
            | Self::ImportCanceled
            | Self::UpstreamTicketMissing
            | Self::LedgerUnavailable
            | Self::LedgerOff
            | Self::Overloaded
            | Self::Draining
            | Self::CircuitOpen => Outcome::NotSent,
            Self::UpstreamRejected
            | Self::UnknownApprovalCode
            | Self::DefinitionNotFound
            | Self::DefinitionDeleted
            | Self::InstanceNotFound
            | Self::SyncConflict
            | Self::UpstreamMisconfigured
            | Self::UpstreamRateLimited
            | Self::UpstreamQuotaExhausted
            | Self::UpstreamAuthFailed
            | Self::UpstreamPermissionDenied
            | Self::UpstreamError => Outcome::Rejected,
            // A bug may strike after the push has left as well as before.
            Self::UpstreamUnavailable
            | Self::UpstreamProtocolError
            | Self::UpstreamTimeout
            | Self::InternalError => Outcome::Unknown,
        }
    }
}
