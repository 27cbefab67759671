//! The gateway that tools ask, wherever it is.

use axum::http::{Request, Response};
use bytes::Bytes;

/// Largest answer that is read for a tool: more is nothing that a model could use.
pub const MOST_ANSWER_BYTES: usize = 1 << 20;

/// A gateway that is asked with the caller's key.
pub trait Gateway: Send + Sync + 'static {
    /// Sends a request, whose address is a path with its query, and reads the answer.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, SendError>> + Send;

    /// What only this caller and the gateway know; empty where no key is needed.
    fn caller_secret(&self) -> &[u8];
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// Nothing was sent: the gateway cannot be reached.
    Unreachable,
    /// It may have been sent; there is no answer to be had.
    NoAnswer,
    /// The answer has more than [`MOST_ANSWER_BYTES`].
    TooLarge,
}
