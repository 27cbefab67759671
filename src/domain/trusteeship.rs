//! Forms that Feishu hosts on behalf of the caller's system.

use super::{CachePolicy, Id};

/// Settings of a hosted form, sent as Feishu's `trusteeship_*` fields (contract §4.1).
///
/// Feishu publishes nothing about the callbacks behind the addresses (contract §8.3); they are passed on as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trusteeship<'a> {
    /// Sent back by Feishu in hosting callbacks.
    pub url_token: Option<Id<'a>>,
    /// Which ids hosting callbacks carry; Feishu supports `user_id` only.
    pub user_id_type: Option<&'static str>,
    /// Serves the form's details.
    pub form_detail_url: Option<Id<'a>>,
    /// Serves the actions that a form offers.
    pub action_definition_url: Option<Id<'a>>,
    /// Serves the nodes of the flow.
    pub approval_node_url: Option<Id<'a>>,
    /// Takes actions.
    pub action_callback_url: Option<Id<'a>>,
    /// Serves business data.
    pub pull_business_data_url: Option<Id<'a>>,
    /// How long a form may be cached.
    pub cache_policy: Option<CachePolicy>,
    /// Whether the cached form differs by locale.
    pub cache_varies_with_locale: Option<bool>,
    /// Version of the form; a larger one makes cached copies stale.
    pub cache_version: Option<i64>,
}
