//! A caller of the API.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::Scopes;
use crate::domain::AppName;

/// A caller of the API, as the line of its key describes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// The name in the key file; none for an anonymous caller.
    pub name: Option<Arc<str>>,
    /// The app that its calls go to.
    pub app: AppName,
    /// What it may do.
    pub scopes: Scopes,
}

impl Caller {
    /// Somebody without a key, where that is allowed: may do everything with the app `default`.
    pub fn anonymous() -> Arc<Self> {
        static ANONYMOUS: LazyLock<Arc<Caller>> =
            LazyLock::new(|| Arc::new(Caller { name: None, app: AppName::default(), scopes: Scopes::ALL }));
        Arc::clone(&ANONYMOUS)
    }

    /// The caller's name, or `anonymous`.
    pub fn label(&self) -> Arc<str> {
        Self::label_of(self.name.as_ref())
    }

    /// The label of the caller with this name.
    pub fn label_of(name: Option<&Arc<str>>) -> Arc<str> {
        static ANONYMOUS: LazyLock<Arc<str>> = LazyLock::new(|| "anonymous".into());
        Arc::clone(name.unwrap_or(&ANONYMOUS))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} app={} scope={}", self.name.as_deref().unwrap_or("-"), self.app, self.scopes)
    }
}
