//! Context of a call: on whose behalf it is made, and until when.

use std::sync::Arc;

use crate::support::deadline::Deadline;

/// Context of a call to Feishu. It travels with the call as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallContext {
    /// Name of the caller among those who share the app: their calls are sent in turn, and none may use up the rate of
    /// all. None for what the gateway does by itself, and for the caller of an app that nobody shares.
    pub caller: Option<Arc<str>>,
    /// When the call must have ended.
    pub deadline: Deadline,
}

impl CallContext {
    /// The context of a call that the gateway makes by itself.
    pub fn own(deadline: Deadline) -> Self {
        Self { caller: None, deadline }
    }

    /// The same caller with another deadline.
    #[must_use]
    pub fn until(&self, deadline: Deadline) -> Self {
        Self { caller: self.caller.clone(), deadline }
    }
}
