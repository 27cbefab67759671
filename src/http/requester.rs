//! Who sends a request, as the ledger keeps it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::request_id::request_id;
use crate::callers::Caller;

/// The name of the caller's key, and the id of the request.
#[derive(Debug, Clone)]
pub(super) struct Requester {
    /// None for an anonymous caller.
    pub(super) caller: Option<Arc<str>>,
    /// None outside of the middleware that gives every request one.
    pub(super) request_id: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Requester {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Arc<Caller>>().and_then(|caller| caller.name.clone());
        let request_id = Some(request_id(&parts.extensions)).filter(|id| !id.is_empty());
        Ok(Self { caller, request_id: request_id.map(str::to_owned) })
    }
}
