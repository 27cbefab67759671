//! Under which name callers share the rate of their app.

use std::fmt;
use std::sync::Arc;

/// Tells under which name a caller shares the rate of its app; keys, and with them the number of callers, change while the
/// gateway runs. None for the only caller: nobody is there to stand back for. Given by the layer that knows the keys.
#[derive(Clone)]
pub struct Sharing(Arc<NameOf>);

/// The name under which a caller shares, by the name of its key.
type NameOf = dyn Fn(Option<&Arc<str>>) -> Option<Arc<str>> + Send + Sync;

impl Sharing {
    /// Tells what this function tells.
    pub fn new(name: impl Fn(Option<&Arc<str>>) -> Option<Arc<str>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(name))
    }

    /// The name under which a caller shares; `caller` is that of its key, if it has one.
    pub(super) fn name(&self, caller: Option<&Arc<str>>) -> Option<Arc<str>> {
        (self.0)(caller)
    }
}

impl fmt::Debug for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sharing")
    }
}
