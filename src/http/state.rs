//! What the handlers of the API share.

use axum::extract::FromRef;

use super::cursor::CursorKey;
use super::extract::RequestLimits;
use crate::feishu::FeishuClient;
use crate::flat::Rules;

/// What the handlers of the API share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// The way to Feishu.
    pub feishu: FeishuClient,
    /// What documents are read against.
    pub rules: Rules,
    /// What a request may take.
    pub limits: RequestLimits,
    /// Seals cursors.
    pub cursors: CursorKey,
}

impl FromRef<ApiState> for RequestLimits {
    fn from_ref(state: &ApiState) -> Self {
        state.limits
    }
}
