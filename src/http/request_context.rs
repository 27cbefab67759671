//! Context of a request: what the middleware learns about it, for the access log and metrics.

use std::sync::{Arc, OnceLock};

use axum::http::Extensions;

use crate::callers::Caller;
use crate::domain::AppName;

/// The context of one request, in its extensions. Cheap to clone: clones share what they learn.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestContext(Arc<OnceLock<Arc<Caller>>>);

impl RequestContext {
    /// The context of the request with these extensions; an empty one outside of the middleware.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Notes who calls.
    pub(super) fn authenticated(&self, caller: &Arc<Caller>) {
        // Once: a request has one caller.
        let _ = self.0.set(Arc::clone(caller));
    }

    /// The name of the caller's key; `None` for an anonymous caller and for somebody who was not let in.
    pub(super) fn caller(&self) -> Option<&str> {
        self.0.get()?.name.as_deref()
    }

    /// The name of the caller's app; `None` for somebody who was not let in.
    pub(super) fn app(&self) -> Option<&str> {
        self.0.get().map(|caller| AppName::as_str(&caller.app))
    }
}
