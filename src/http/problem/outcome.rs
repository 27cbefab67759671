//! Outcome of a failure: what became of Feishu's state.

/// What the caller may assume about Feishu's state after a failure (design §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing reached Feishu; its state is what it was.
    NotSent,
    /// Feishu saw the request and refused it; its state is what it was.
    Rejected,
    /// Bytes left the gateway and no answer tells what became of them.
    Unknown,
}

impl Outcome {
    /// The word of `outcome`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}
