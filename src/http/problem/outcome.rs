//! What a failure left behind in Feishu.

use serde::Serialize;

/// What the caller may assume about Feishu's state after a failure (design §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing reached Feishu; its state is what it was.
    NotSent,
    /// Feishu saw the request and refused it; its state is what it was.
    Rejected,
    /// Feishu took the request, and only something after that failed.
    Applied,
    /// Bytes left the gateway and no answer tells what became of them.
    Unknown,
}
