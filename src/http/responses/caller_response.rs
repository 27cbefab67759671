//! Who the gateway takes a caller for.

use crate::callers::{Caller, Scope};
use crate::schema::shown;

shown! {
    /// Who the gateway takes the caller for.
    pub(in crate::http) struct CallerResponse {
        /// The name of the key; absent without one.
        name: Option<String> { example: "\"erp\"" },
        /// The app that calls with it are for.
        app: String { required: true, example: "\"default\"" },
        /// What it may do: `read`, `write`, `operate`.
        scopes: Vec<String> { required: true, example: "[\"read\", \"write\"]", max_items: 3 },
    }
}

impl From<&Caller> for CallerResponse {
    fn from(caller: &Caller) -> Self {
        let scopes = Scope::ALL.into_iter().filter(|scope| caller.scopes.contains(*scope));
        Self {
            name: caller.name.as_deref().map(str::to_owned),
            app: caller.app.to_string(),
            scopes: scopes.map(|scope| scope.as_str().to_owned()).collect(),
        }
    }
}
