//! `GET …/external_approvals/:approval_code` (contract §3.2).

use std::fmt;

use serde::Deserialize;

use super::Loose;

/// `data`: the fields of an upsert, texts as keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StoredDefinition {
    /// (i18n)
    pub approval_name: Loose,
    /// The *custom* code: the path has the real one.
    pub approval_code: Loose,
    /// The group's code.
    pub group_code: Loose,
    /// (i18n)
    pub group_name: Loose,
    /// (i18n)
    pub description: Loose,
    /// How Feishu and the caller's system meet.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub external: StoredExternal,
    /// Who may start one.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub viewers: Vec<StoredViewer>,
    /// The texts behind the keys.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub i18n_resources: Vec<StoredResource>,
    /// Who administers it.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub managers: Vec<Loose>,
}

/// `external`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StoredExternal {
    /// (i18n)
    pub biz_name: Loose,
    /// The category.
    pub biz_type: Loose,
    /// Where one is started on a computer.
    pub create_link_pc: Loose,
    /// Where one is started on a phone.
    pub create_link_mobile: Loose,
    /// Shown on computers.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub support_pc: bool,
    /// Shown on phones.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub support_mobile: bool,
    /// Copies can be marked in bulk.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub support_batch_read: bool,
    /// Where quick approvals are called back.
    pub action_callback_url: Loose,
    /// Returned in clear, kept as a flag.
    pub action_callback_token: IsSet,
    /// Returned in clear, kept as a flag.
    pub action_callback_key: IsSet,
    /// Tasks can be approved in bulk.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub allow_batch_operate: bool,
    /// Left out of statistics.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub exclude_efficiency_statistics: bool,
}

/// Whether a secret is set; the secret itself is dropped while it is read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct IsSet(pub bool);

impl fmt::Debug for IsSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "set" } else { "not set" })
    }
}

impl<'de> Deserialize<'de> for IsSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Loose::deserialize(deserializer).map(|secret| Self(secret.0.is_some()))
    }
}

/// `viewers[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StoredViewer {
    /// `TENANT`, `DEPARTMENT`, `USER` or `NONE`.
    pub viewer_type: Loose,
    /// For `USER`.
    pub viewer_user_id: Loose,
    /// For `DEPARTMENT`.
    pub viewer_department_id: Loose,
}

/// `i18n_resources[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StoredResource {
    /// The locale's word.
    pub locale: Loose,
    /// Whether the others fall back to this one.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub is_default: bool,
    /// Keys and wordings.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub texts: Vec<StoredText>,
}

/// `i18n_resources[].texts[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StoredText {
    /// The key.
    pub key: Loose,
    /// The wording.
    pub value: Loose,
}
