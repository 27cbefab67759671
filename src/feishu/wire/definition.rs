//! `POST /open-apis/approval/v4/external_approvals` (contract §3.1).

use serde::{Deserialize, Serialize};

use super::{I18nKey, Resource};

/// The request's body. Feishu resets what an update leaves out (contract §3.3), so every switch is always sent.
#[derive(Serialize)]
pub struct ExternalApproval<'a> {
    /// (i18n) Its key has at least 9 characters.
    pub approval_name: I18nKey,
    /// The *custom* code.
    pub approval_code: &'a str,
    /// The group's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_code: Option<&'a str>,
    /// (i18n)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<I18nKey>,
    /// (i18n)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<I18nKey>,
    /// How Feishu and the caller's system meet.
    pub external: External<'a>,
    /// Who may start one.
    pub viewers: Vec<Viewer<'a>>,
    /// The texts behind the keys.
    pub i18n_resources: Vec<Resource<'a>>,
    /// Who administers it.
    pub managers: Vec<&'a str>,
}

/// `external`. No `Debug`: it holds callback secrets.
#[derive(Serialize)]
pub struct External<'a> {
    /// (i18n) The source system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub biz_name: Option<I18nKey>,
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub biz_type: Option<&'a str>,
    /// Where one is started on a phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_link_mobile: Option<&'a str>,
    /// Where one is started on a computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_link_pc: Option<&'a str>,
    /// Shown on computers.
    pub support_pc: bool,
    /// Shown on phones.
    pub support_mobile: bool,
    /// Copies can be marked in bulk.
    pub support_batch_read: bool,
    /// Where quick approvals are called back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_callback_url: Option<&'a str>,
    /// Echoed in callbacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_callback_token: Option<&'a str>,
    /// Encrypts callbacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_callback_key: Option<&'a str>,
    /// Tasks can be approved in bulk.
    pub allow_batch_operate: bool,
    /// Left out of statistics.
    pub exclude_efficiency_statistics: bool,
}

/// `viewers[]`.
#[derive(Debug, Serialize)]
pub struct Viewer<'a> {
    /// `TENANT`, `DEPARTMENT`, `USER` or `NONE`.
    pub viewer_type: &'static str,
    /// For `USER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewer_user_id: Option<&'a str>,
    /// For `DEPARTMENT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewer_department_id: Option<&'a str>,
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
