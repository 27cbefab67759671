//! The rules of `trusteeship`.

use super::document::RawTrusteeship;
use super::report::Report;
use crate::domain::Trusteeship;

/// Contract §4.1: "only `user_id` supported".
const USER_ID: &str = "user_id";

/// Builds the settings of a hosted form.
pub(super) fn build<'a>(raw: RawTrusteeship<'a>, report: &mut Report) -> Trusteeship<'a> {
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
    let user_id_type = user_id_type.0.optional().map(|word| {
        if word != USER_ID {
            report.within_name("user_id_type", |report| {
                report
                    .violate("unknown_value", "must be \"user_id\", the only kind that Feishu supports here");
            });
        }
        USER_ID
    });
    Trusteeship {
        url_token: url_token.id(),
        user_id_type,
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
