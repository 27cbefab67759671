//! `POST /open-apis/approval/v4/external_approvals` (contract §3.1).

use serde::Deserialize;

use super::json::wire;
use crate::domain::Text;

wire! {
    /// The request's body (contract §3.1), without the texts.
    ///
    /// Feishu resets what an update leaves out (contract §3.3), so every switch is always sent.
    pub struct ExternalApproval<'a> {
        /// (i18n) Its key has at least 9 characters.
        pub approval_name: &'a Text<'a>,
        /// The *custom* code.
        pub approval_code: &'a str,
        /// The group's code.
        pub group_code: Option<&'a str>,
        /// (i18n)
        pub group_name: Option<&'a Text<'a>>,
        /// (i18n)
        pub description: Option<&'a Text<'a>>,
        /// How Feishu and the caller's system meet.
        pub external: External<'a>,
        /// Who may start one.
        pub viewers: Vec<Viewer<'a>>,
        /// Who administers it.
        pub managers: Vec<&'a str>,
    }
}

wire! {
    /// `external`; it holds callback secrets.
    pub struct External<'a> {
        /// (i18n) The source system.
        pub biz_name: Option<&'a Text<'a>>,
        /// The category.
        pub biz_type: Option<&'a str>,
        /// Where one is started on a phone.
        pub create_link_mobile: Option<&'a str>,
        /// Where one is started on a computer.
        pub create_link_pc: Option<&'a str>,
        /// Shown on computers.
        pub support_pc: bool,
        /// Shown on phones.
        pub support_mobile: bool,
        /// Copies can be marked in bulk.
        pub support_batch_read: bool,
        /// Where quick approvals are called back.
        pub action_callback_url: Option<&'a str>,
        /// Echoed in callbacks.
        pub action_callback_token: Option<&'a str>,
        /// Encrypts callbacks.
        pub action_callback_key: Option<&'a str>,
        /// Tasks can be approved in bulk.
        pub allow_batch_operate: bool,
        /// Left out of statistics.
        pub exclude_efficiency_statistics: bool,
    }
}

wire! {
    /// `viewers[]`.
    pub struct Viewer<'a> {
        /// `TENANT`, `DEPARTMENT`, `USER` or `NONE`.
        pub viewer_type: &'static str,
        /// For `USER`.
        pub viewer_user_id: Option<&'a str>,
        /// For `DEPARTMENT`.
        pub viewer_department_id: Option<&'a str>,
    }
}

/// `data` of the answer.
#[derive(Debug, Deserialize)]
pub struct DefinitionAnswer {
    /// The *real* code, the one that pushes use.
    #[serde(deserialize_with = "not_empty")]
    pub approval_code: String,
}

/// A success without a code would leave the caller with nothing to push to.
fn not_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let code = String::deserialize(deserializer)?;
    if code.is_empty() { Err(serde::de::Error::custom("an empty code")) } else { Ok(code) }
}
