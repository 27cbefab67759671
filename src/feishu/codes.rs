//! What Feishu's numbers mean for us: the one table (contract §2.5, §4.6, §11.1).

/// What a non-zero `code` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The token is not accepted: evict it, fetch another, replay once.
    TokenRefused,
    /// Too many requests: wait for the reset.
    RateLimited,
    /// The month's quota is used up.
    QuotaExhausted,
    /// The app's id or secret is wrong.
    CredentialsRefused,
    /// The app lacks a scope, or our address is not on its list.
    PermissionDenied,
    /// The same instance is being written: back off and try again.
    Busy,
    /// Code 1390014 in its newer meaning; tried again like [`Class::Busy`], then a configuration error.
    Misconfigured,
    /// Feishu's own trouble: back off and try again.
    Transient,
    /// What was sent is refused.
    ContentRejected,
    /// No such definition.
    ApprovalNotFound,
    /// The definition was deleted.
    ApprovalDeleted,
    /// No such instance.
    InstanceNotFound,
    /// Anything else.
    Other,
}

impl Class {
    /// Whether a second try may succeed (contract §11.5).
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Busy | Self::Misconfigured | Self::Transient => true,
            Self::TokenRefused
            | Self::RateLimited
            | Self::QuotaExhausted
            | Self::CredentialsRefused
            | Self::PermissionDenied
            | Self::ContentRejected
            | Self::ApprovalNotFound
            | Self::ApprovalDeleted
            | Self::InstanceNotFound
            | Self::Other => false,
        }
    }
}

impl Class {
    /// Classifies a non-zero code; the message matters for one of them only.
    pub(super) fn of_code(code: i64, message: &str) -> Self {
        match code {
            99_991_661 | 99_991_663 | 99_991_664 | 99_991_671 => Class::TokenRefused,
            99_991_400 => Class::RateLimited,
            99_991_403 => Class::QuotaExhausted,
            10_003 | 10_005 | 10_012..=10_015 | 20_002 | 99_991_543 => Class::CredentialsRefused,
            99_991_401 | 99_991_672 | 99_991_676 | 99_991_679 => Class::PermissionDenied,
            60_014 => Class::Busy,
            1_390_014 if says_too_soon(message) => Class::Busy,
            1_390_014 => Class::Misconfigured,
            1_395_001 | 2_200 | 5_000 | 65_001 => Class::Transient,
            1_390_001 | 1_390_004 | 9_499 | 99_992_351..=99_992_381 | 99_992_402 => Class::ContentRejected,
            1_390_002 => Class::ApprovalNotFound,
            1_390_016 => Class::ApprovalDeleted,
            1_390_003 => Class::InstanceNotFound,
            _ => Class::Other,
        }
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
    #[test_case(99_991_400, "" => Class::RateLimited)]
    #[test_case(10_014, "" => Class::CredentialsRefused)]
    #[test_case(1_390_014, "tenant_id not found" => Class::Misconfigured)]
    #[test_case(1_390_014, "Do not synchronize the same approval instance for a short period of time!" => Class::Busy)]
    #[test_case(1_395_001, "" => Class::Transient)]
    #[test_case(99_992_364, "" => Class::ContentRejected)]
    #[test_case(99_992_402, "" => Class::ContentRejected)]
    #[test_case(1_390_009, "" => Class::Other)]
    fn class_of(code: i64, message: &str) -> Class {
        Class::of_code(code, message)
    }
}
