//! The bodies of `message/send` and `message/update`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::sandbox::i18n::{Resource, Text};

/// The body of `message/send`, as far as anybody sees it.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::sandbox) struct Send {
    pub(super) template_id: String,
    pub(super) user_id: Option<String>,
    pub(super) open_id: Option<String>,
    pub(super) uuid: Option<String>,
    pub(super) approval_name: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) content: Option<Content>,
    pub(super) note: Option<String>,
    pub(super) custom_title: Option<String>,
    pub(super) custom_content: Option<String>,
    pub(super) actions: Vec<Action>,
    #[serde(default)]
    pub(super) action_configs: Vec<QuickAction>,
    pub(super) action_callback: Option<CardCallback>,
    pub(super) i18n_resources: Vec<MapResource>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Content {
    pub(super) user_name: Option<String>,
    pub(super) department_name: Option<String>,
    pub(super) summaries: Vec<Summary>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Summary {
    pub(super) summary: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Action {
    pub(super) action_name: String,
    pub(super) url: Option<String>,
    pub(super) android_url: Option<String>,
    pub(super) ios_url: Option<String>,
    pub(super) pc_url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct QuickAction {
    pub(super) action_type: String,
    pub(super) action_name: Option<String>,
    #[serde(default)]
    pub(super) is_need_reason: bool,
    #[serde(default)]
    pub(super) is_reason_required: bool,
    #[serde(default)]
    pub(super) is_need_attachment: bool,
    /// The status of the card after a tap that succeeds.
    pub(super) next_status: Option<String>,
}

/// Where taps on a card go.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::sandbox) struct CardCallback {
    action_callback_url: Option<String>,
    pub(in crate::sandbox) action_callback_token: Option<String>,
    pub(in crate::sandbox) action_callback_key: Option<String>,
    pub(in crate::sandbox) action_context: Option<String>,
}

impl CardCallback {
    /// The address; an empty one is none.
    pub(in crate::sandbox) fn url(&self) -> Option<&str> {
        self.action_callback_url.as_deref().filter(|url| !url.is_empty())
    }
}

/// The texts of one locale, in the shape that messages want.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MapResource {
    pub(super) locale: String,
    pub(super) is_default: bool,
    pub(super) texts: BTreeMap<String, String>,
}

impl From<&MapResource> for Resource {
    fn from(MapResource { locale, is_default, texts }: &MapResource) -> Self {
        let texts = texts.iter().map(|(key, value)| Text { key: key.clone(), value: value.clone() });
        Self { locale: locale.clone(), is_default: *is_default, texts: texts.collect() }
    }
}

/// The body of `message/update`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::sandbox) struct Update {
    pub(super) message_id: String,
    pub(super) status: Option<String>,
    pub(super) status_name: Option<String>,
    pub(super) detail_action_name: Option<String>,
    #[serde(default)]
    pub(super) i18n_resources: Vec<MapResource>,
}
