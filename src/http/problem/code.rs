//! The stable words that programs branch on, each with its one status.

use std::fmt;
use std::str::FromStr;

use axum::http::StatusCode;

/// What went wrong, as a stable word; one code always has one status (design §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The body's bytes are not JSON.
    InvalidJson,
    /// The request breaks the rules of HTTP.
    MalformedRequest,
    /// No such route, or no such page of the catalogue.
    NotFound,
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// The body did not arrive within the deadline.
    RequestTimeout,
    /// The body is larger than the configured limit.
    PayloadTooLarge,
    /// The body is not declared to be plain UTF-8 JSON.
    UnsupportedMediaType,
    /// Fields or parameters break a rule.
    ValidationFailed,
    /// The body names another instance than the path.
    IdMismatch,
    /// The document is Feishu's recipe for wiping an instance.
    WouldErase,
    /// The cursor belongs to another list or is damaged.
    InvalidCursor,
    /// The caller's key is missing or wrong.
    Unauthorized,
    /// The caller is known but may not do this.
    Forbidden,
    /// Feishu refuses what the document says.
    UpstreamRejected,
    /// Feishu knows nobody by an e-mail address, a mobile or a union id of the body.
    UnknownPerson,
    /// Feishu knows no definition with the `approval_code` of the body.
    UnknownApprovalCode,
    /// Feishu knows no definition with the code in the path.
    DefinitionNotFound,
    /// The definition in the path was deleted in Feishu.
    DefinitionDeleted,
    /// Feishu knows no instance with the id in the path.
    InstanceNotFound,
    /// A newer version of the instance was sent already.
    StaleUpdate,
    /// The ledger keeps no document of the instance.
    DocumentNotFound,
    /// Another revision is kept than the caller expects.
    RevisionMismatch,
    /// The document still waits to be delivered.
    DocumentPending,
    /// There is no import with the id in the path.
    ImportNotFound,
    /// The import was canceled, which is final.
    ImportCanceled,
    /// Feishu is still busy with the last push of this instance.
    SyncConflict,
    /// Feishu does not know the tenant, or the app does not fit it.
    UpstreamMisconfigured,
    /// Feishu's rate limit allows no call before the deadline.
    UpstreamRateLimited,
    /// The tenant's monthly quota of API calls is used up.
    UpstreamQuotaExhausted,
    /// Feishu refuses the gateway's own credentials.
    UpstreamAuthFailed,
    /// Feishu has pushed no ticket of the store app, without which it gives no token.
    UpstreamTicketMissing,
    /// The gateway's app lacks a scope, or its address is not allowed.
    UpstreamPermissionDenied,
    /// Feishu answered a code that has no meaning of its own here.
    UpstreamError,
    /// Feishu cannot be reached or fails inside.
    UpstreamUnavailable,
    /// Feishu's answer is not what its documents promise.
    UpstreamProtocolError,
    /// Feishu did not answer before the deadline.
    UpstreamTimeout,
    /// The ledger cannot be written or read.
    LedgerUnavailable,
    /// The operation needs a ledger, and the gateway has none.
    LedgerOff,
    /// The gateway has more work than it can hold.
    Overloaded,
    /// The gateway is shutting down.
    Draining,
    /// The gateway has stopped asking a Feishu API that keeps failing.
    CircuitOpen,
    /// A bug of the gateway.
    InternalError,
}

impl Code {
    /// Every code, in the order of design §2.3.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            Self::InvalidJson,
            Self::MalformedRequest,
            Self::UnsupportedMediaType,
            Self::PayloadTooLarge,
            Self::RequestTimeout,
            Self::NotFound,
            Self::MethodNotAllowed,
            Self::ValidationFailed,
            Self::IdMismatch,
            Self::WouldErase,
            Self::InvalidCursor,
            Self::Unauthorized,
            Self::Forbidden,
            Self::UpstreamRejected,
            Self::UnknownPerson,
            Self::UnknownApprovalCode,
            Self::DefinitionNotFound,
            Self::DefinitionDeleted,
            Self::InstanceNotFound,
            Self::StaleUpdate,
            Self::DocumentNotFound,
            Self::RevisionMismatch,
            Self::DocumentPending,
            Self::ImportNotFound,
            Self::ImportCanceled,
            Self::SyncConflict,
            Self::UpstreamMisconfigured,
            Self::UpstreamRateLimited,
            Self::UpstreamQuotaExhausted,
            Self::UpstreamAuthFailed,
            Self::UpstreamTicketMissing,
            Self::UpstreamPermissionDenied,
            Self::UpstreamError,
            Self::UpstreamUnavailable,
            Self::UpstreamProtocolError,
            Self::UpstreamTimeout,
            Self::LedgerUnavailable,
            Self::LedgerOff,
            Self::Overloaded,
            Self::Draining,
            Self::CircuitOpen,
            Self::InternalError,
        ]
        .into_iter()
    }

    /// The word in the body's `code` and at the end of its `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::MalformedRequest => "malformed_request",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::ValidationFailed => "validation_failed",
            Self::IdMismatch => "id_mismatch",
            Self::WouldErase => "would_erase",
            Self::InvalidCursor => "invalid_cursor",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::UpstreamRejected => "upstream_rejected",
            Self::UnknownPerson => "unknown_person",
            Self::UnknownApprovalCode => "unknown_approval_code",
            Self::DefinitionNotFound => "definition_not_found",
            Self::DefinitionDeleted => "definition_deleted",
            Self::InstanceNotFound => "instance_not_found",
            Self::StaleUpdate => "stale_update",
            Self::DocumentNotFound => "document_not_found",
            Self::RevisionMismatch => "revision_mismatch",
            Self::DocumentPending => "document_pending",
            Self::ImportNotFound => "import_not_found",
            Self::ImportCanceled => "import_canceled",
            Self::SyncConflict => "sync_conflict",
            Self::UpstreamMisconfigured => "upstream_misconfigured",
            Self::UpstreamRateLimited => "upstream_rate_limited",
            Self::UpstreamQuotaExhausted => "upstream_quota_exhausted",
            Self::UpstreamAuthFailed => "upstream_auth_failed",
            Self::UpstreamTicketMissing => "upstream_ticket_missing",
            Self::UpstreamPermissionDenied => "upstream_permission_denied",
            Self::UpstreamError => "upstream_error",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::UpstreamProtocolError => "upstream_protocol_error",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::LedgerUnavailable => "ledger_unavailable",
            Self::LedgerOff => "ledger_off",
            Self::Overloaded => "overloaded",
            Self::Draining => "draining",
            Self::CircuitOpen => "circuit_open",
            Self::InternalError => "internal_error",
        }
    }

    /// The HTTP status, chosen by who must act: 4xx the caller, 5xx the operator or Feishu.
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidJson | Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound
            | Self::DefinitionNotFound
            | Self::InstanceNotFound
            | Self::DocumentNotFound
            | Self::ImportNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::StaleUpdate | Self::SyncConflict | Self::DocumentPending | Self::ImportCanceled => {
                StatusCode::CONFLICT
            }
            Self::RevisionMismatch => StatusCode::PRECONDITION_FAILED,
            Self::LedgerOff => StatusCode::NOT_IMPLEMENTED,
            Self::DefinitionDeleted => StatusCode::GONE,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed
            | Self::IdMismatch
            | Self::WouldErase
            | Self::InvalidCursor
            | Self::UpstreamRejected
            | Self::UnknownPerson
            | Self::UnknownApprovalCode => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UpstreamRateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UpstreamMisconfigured
            | Self::UpstreamAuthFailed
            | Self::UpstreamPermissionDenied
            | Self::UpstreamError
            | Self::UpstreamProtocolError => StatusCode::BAD_GATEWAY,
            Self::UpstreamQuotaExhausted
            | Self::UpstreamTicketMissing
            | Self::UpstreamUnavailable
            | Self::LedgerUnavailable
            | Self::Overloaded
            | Self::Draining
            | Self::CircuitOpen => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn retryable(self) -> bool {
        self.default_retry_after().is_some()
    }

    /// The path that explains the code; the `type` of the problem document.
    pub fn type_path(self) -> String {
        format!("/v1/problems/{self}")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is no problem code of this gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no problem code of the gateway")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, UnknownCode> {
        Self::all().find(|code| code.as_str() == word).ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    /// The table of design §2.3, written a second time on purpose.
    #[test_case("invalid_json", 400, false)]
    #[test_case("malformed_request", 400, false)]
    #[test_case("unsupported_media_type", 415, false)]
    #[test_case("payload_too_large", 413, false)]
    #[test_case("request_timeout", 408, true)]
    #[test_case("not_found", 404, false)]
    #[test_case("method_not_allowed", 405, false)]
    #[test_case("validation_failed", 422, false)]
    #[test_case("id_mismatch", 422, false)]
    #[test_case("would_erase", 422, false)]
    #[test_case("invalid_cursor", 422, false)]
    #[test_case("unauthorized", 401, false)]
    #[test_case("forbidden", 403, false)]
    #[test_case("upstream_rejected", 422, false)]
    #[test_case("unknown_person", 422, false)]
    #[test_case("unknown_approval_code", 422, false)]
    #[test_case("definition_not_found", 404, false)]
    #[test_case("definition_deleted", 410, false)]
    #[test_case("instance_not_found", 404, false)]
    #[test_case("stale_update", 409, false)]
    #[test_case("document_not_found", 404, false)]
    #[test_case("revision_mismatch", 412, false)]
    #[test_case("document_pending", 409, false)]
    #[test_case("import_not_found", 404, false)]
    #[test_case("import_canceled", 409, false)]
    #[test_case("sync_conflict", 409, true)]
    #[test_case("upstream_misconfigured", 502, false)]
    #[test_case("upstream_rate_limited", 429, true)]
    #[test_case("upstream_quota_exhausted", 503, false)]
    #[test_case("upstream_auth_failed", 502, false)]
    #[test_case("upstream_permission_denied", 502, false)]
    #[test_case("upstream_error", 502, false)]
    #[test_case("upstream_unavailable", 503, true)]
    #[test_case("upstream_protocol_error", 502, true)]
    #[test_case("upstream_timeout", 504, true)]
    #[test_case("ledger_unavailable", 503, true)]
    #[test_case("ledger_off", 501, false)]
    #[test_case("overloaded", 503, true)]
    #[test_case("draining", 503, true)]
    #[test_case("circuit_open", 503, true)]
    #[test_case("internal_error", 500, false)]
    fn code_has_the_status_and_retryability_of_the_contract(word: &str, status: u16, retryable: bool) {
        let code: Code = word.parse().expect("the word names a code");
        assert_eq!((code.status().as_u16(), code.retryable()), (status, retryable));
    }

    #[test]
    fn every_code_is_listed_once() {
        let mut listed: Vec<Code> = Code::all().collect();
        listed.sort_unstable();
        listed.dedup();
        // The enum's last variant has the highest discriminant, so a variant missing from the list shows here.
        assert_eq!((listed.len(), Code::all().count()), (Code::InternalError as usize + 1, listed.len()));
    }

    #[test]
    fn unknown_word_is_no_code() {
        assert_eq!("Invalid_JSON".parse::<Code>(), Err(UnknownCode));
    }
}
