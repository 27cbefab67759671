//! What a tap leads to.

use serde::Serialize;
use serde_json::Value;

pub(super) const NO_TASK: &str = "no instance with such a task was pushed";
pub(super) const NO_MESSAGE: &str = "this person has got no such message";

/// What the person sees, and what was sent for it.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Seen {
    /// `success`, `refused`, `timeout` or `unreachable`.
    pub(super) result: &'static str,
    /// What is shown; nothing but a tick after a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shown: Option<String>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_status: Option<u16>,
    /// Whether it was encrypted.
    pub(super) encrypted: bool,
    /// The callback in the clear, without its token.
    pub(super) callback: Value,
    /// The answer as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<String>,
}

/// Why nothing was sent.
#[derive(Debug)]
pub(in crate::sandbox) enum NoTap {
    /// The members contradict each other.
    Unclear(&'static str),
    /// There is no such thing.
    NotFound(&'static str),
    /// The person would see no such button.
    NoButton(String),
}
