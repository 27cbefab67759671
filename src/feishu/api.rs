//! The upstream operations that the gateway uses.

use std::fmt;

/// One upstream API; limits, breakers and metrics are kept for each (contract §11.4: per API × app × tenant).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// Fetch a tenant token (contract §2.1).
    TenantToken,
    /// Push an instance (contract §4.1).
    SyncInstance,
    /// Compare versions (contract §5).
    CheckInstances,
    /// Create or update a definition (contract §3.1).
    UpsertDefinition,
}

impl Api {
    /// Path below the base URL.
    pub fn path(self) -> &'static str {
        match self {
            Self::TenantToken => "/open-apis/auth/v3/tenant_access_token/internal",
            Self::SyncInstance => "/open-apis/approval/v4/external_instances",
            Self::CheckInstances => "/open-apis/approval/v4/external_instances/check",
            Self::UpsertDefinition => "/open-apis/approval/v4/external_approvals",
        }
    }

    /// Short name for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantToken => "tenant_access_token",
            Self::SyncInstance => "external_instances",
            Self::CheckInstances => "external_instances/check",
            Self::UpsertDefinition => "external_approvals",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
