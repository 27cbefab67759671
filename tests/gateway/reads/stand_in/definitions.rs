//! `GET external_approvals/:approval_code` (contract §3.2, samples 13–15).

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::world::CODE;
use super::{Answer, Asked, Refusal};

pub(crate) const PATH: &str = "/open-apis/approval/v4/external_approvals/";

/// The caller's own code of the definition.
pub(crate) const DEFINITION_KEY: &str = "acme-travel-request-v1";

/// A definition that somebody deleted.
pub(crate) const DELETED_CODE: &str = "0C9D3A77-44B1-4E2F-9A6E-D8F05B1C7E30";

/// What Feishu answers in clear and nobody may see.
pub(crate) const SECRETS: [&str; 2] = ["cbt-6f1d93", "cbk-9b42ed"];

/// What people wrote.
pub(crate) const TEXTS: [&str; 4] = ["出差申请", "行政", "国内与国际出差", "Travel request"];

pub(crate) fn answer(asked: &Asked) -> Answer {
    asked.only(&["user_id_type"])?;
    asked.no_body()?;
    asked.user_id_type()?;
    let code = asked.path.strip_prefix(PATH).unwrap_or_default();
    match &*percent_decode_str(code).decode_utf8_lossy() {
        "" => return Err(Refusal::undocumented("no approval code")),
        CODE => {}
        DELETED_CODE => return Err(Refusal::Code(400, 1_390_016, "approval is deleted")),
        _ => return Err(Refusal::Code(400, 1_390_002, "approval code not found")),
    }
    let [token, key] = SECRETS;
    let [name, group, description, english] = TEXTS;
    Ok(json!({
        "approval_name": "@i18n@travel_name",
        "approval_code": DEFINITION_KEY,
        "group_code": "acme-oa",
        "group_name": "@i18n@group_oa",
        "description": "@i18n@travel_desc",
        "external": {
            "biz_name": "",
            "biz_type": "travel",
            "create_link_pc": "https://oa.example.org/travel/new",
            "create_link_mobile": "",
            "support_pc": true,
            "support_mobile": true,
            "support_batch_read": true,
            "enable_mark_readed": false,
            "enable_quick_operate": false,
            "action_callback_url": "https://gateway.example.org/feishu/approval/action",
            "action_callback_token": token,
            "action_callback_key": key,
            "allow_batch_operate": true,
            "exclude_efficiency_statistics": false,
        },
        "viewers": [
            // The example of the documents shows both ids in one entry.
            {"viewer_type": "DEPARTMENT", "viewer_department_id": "od-4be0c1f77a9d2e53", "viewer_user_id": "zz"},
            {"viewer_type": "USER", "viewer_user_id": "e7b21c9d", "viewer_department_id": ""},
        ],
        "i18n_resources": [
            {"locale": "en-US", "is_default": false, "texts": [{"key": "@i18n@travel_name", "value": english}]},
            {"locale": "zh-CN", "is_default": true, "texts": [
                {"key": "@i18n@travel_name", "value": name},
                {"key": "@i18n@group_oa", "value": group},
                {"key": "@i18n@travel_desc", "value": description},
            ]},
        ],
        "managers": ["c03f5a8e"],
    }))
}
