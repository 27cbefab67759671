//! State of one call while it is answered.

use axum::http::header::HeaderMap;
use bytes::Bytes;

use super::api::Api;

/// A call that found its operation.
pub(super) struct Call<'a> {
    pub(super) api: Api,
    /// The path parameter, empty when the operation has none.
    pub(super) parameter: String,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
    /// Number under which the call is recorded.
    pub(super) number: u64,
}
