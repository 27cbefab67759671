//! Context of a request: what the middleware learns about it, for the access log and metrics.

use std::sync::{Arc, OnceLock};

use axum::http::Extensions;

use crate::callers::Caller;
use crate::domain::AppName;

/// The context of one request, in its extensions. Cheap to clone: clones share what they learn.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestContext(Arc<OnceLock<Authenticated>>);

/// Who calls.
#[derive(Debug)]
struct Authenticated {
    caller: Arc<Caller>,
    /// Whether the app has other callers, too.
    is_sharing: bool,
}

impl RequestContext {
    /// The context of the request with these extensions; an empty one outside of the middleware.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Notes who calls, and whether the app has other callers, too.
    pub(super) fn authenticated(&self, caller: &Arc<Caller>, is_sharing: bool) {
        // Once: a request has one caller.
        let _ = self.0.set(Authenticated { caller: Arc::clone(caller), is_sharing });
    }

    /// The name of the caller's key; `None` for an anonymous caller and for somebody who was not let in.
    pub(super) fn caller(&self) -> Option<&str> {
        self.0.get()?.caller.name.as_deref()
    }

    /// The name of the caller's app; `None` for somebody who was not let in.
    pub(super) fn app(&self) -> Option<&str> {
        self.0.get().map(|known| AppName::as_str(&known.caller.app))
    }

    /// The name under which the caller shares the app's rate and memory with others; `None` for its only caller.
    pub(super) fn sharing_name(&self) -> Option<Arc<str>> {
        self.0.get().filter(|known| known.is_sharing).map(|known| known.caller.label())
    }

    /// App and caller as metrics name them; `None` for somebody who was not let in.
    pub(super) fn labels(&self) -> Option<(&AppName, Arc<str>)> {
        self.0.get().map(|known| (&known.caller.app, known.caller.label()))
    }
}
