//! The limits within which connections are served.

use std::time::Duration;

use prometheus::IntGauge;

use super::Tls;

/// Limits and timeouts of connections.
#[derive(Debug, Clone)]
pub struct Options {
    /// Time for the head of a connection's first request, and before that for a TLS handshake.
    pub header_timeout: Duration,
    /// Time from an answer to the head of the next request, and for a peer to take something of an answer: of HTTP/2, of
    /// each.
    pub idle_timeout: Duration,
    /// Connections that are served at once; callers beyond it are told that the gateway is overloaded.
    pub max_connections: usize,
    /// Time between the signal to stop and the end of listening, in which load balancers look elsewhere.
    pub drain_delay: Duration,
    /// Time for accepted requests to finish once the gateway no longer listens.
    pub grace: Duration,
    /// Speaks TLS; plain HTTP without it.
    pub tls: Option<Tls>,
    /// Where it is kept how many connections are open, if anybody asks.
    pub open_connections: Option<IntGauge>,
}
