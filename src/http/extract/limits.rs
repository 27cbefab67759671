//! What the configuration allows a request to take.

use std::time::Duration;

/// What the configuration allows a request to take (design §5); the router's state gives it to the extractors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// Largest body, in bytes (`GATEWAY_REQUEST__MAX_BODY_BYTES`).
    pub max_body_bytes: usize,
    /// Longest time for a request, also to let its body arrive (`GATEWAY_REQUEST__DEADLINE_MS`).
    pub deadline: Duration,
}

impl Default for RequestLimits {
    /// The defaults of design §5: 4 MiB and 10 s.
    fn default() -> Self {
        Self { max_body_bytes: 4 << 20, deadline: Duration::from_secs(10) }
    }
}
