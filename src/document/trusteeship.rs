//! The rules of `trusteeship`.

use super::requests::RawTrusteeship;
use crate::domain::{Trusteeship, TrusteeshipUserIdType};

/// Builds the settings of a hosted form.
pub(super) fn build(raw: RawTrusteeship<'_>) -> Trusteeship<'_> {
    let RawTrusteeship {
        url_token,
        user_id_type,
        form_detail_url,
        action_definition_url,
        approval_node_url,
        action_callback_url,
        pull_business_data_url,
        cache_policy,
        cache_varies_with_locale,
        cache_version,
    } = raw;
    Trusteeship {
        url_token: url_token.id(),
        user_id_type: user_id_type.0.optional().map(TrusteeshipUserIdType::wire_name),
        form_detail_url: form_detail_url.id(),
        action_definition_url: action_definition_url.id(),
        approval_node_url: approval_node_url.id(),
        action_callback_url: action_callback_url.id(),
        pull_business_data_url: pull_business_data_url.id(),
        cache_policy: cache_policy.0.optional(),
        cache_varies_with_locale: cache_varies_with_locale.0.optional(),
        cache_version: cache_version.0.optional(),
    }
}
