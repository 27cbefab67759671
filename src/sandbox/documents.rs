//! An instance as Feishu receives, stores and echoes it (contract §4.1).
//!
//! Names are the wire's, letter for letter. What is absent stays absent in the echo.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::i18n::Resource;
use super::int64::Int64;

/// The body of `POST external_instances`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Instance {
    pub(super) approval_code: String,
    pub(super) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extra: Option<String>,
    pub(super) instance_id: String,
    pub(super) links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form: Option<Vec<FormRow>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) department_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) department_name: Option<String>,
    pub(super) start_time: Int64,
    pub(super) end_time: Int64,
    pub(super) update_time: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) update_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_list: Option<Vec<Task>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cc_list: Option<Vec<Cc>>,
    pub(super) i18n_resources: Vec<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trusteeship_url_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trusteeship_user_id_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trusteeship_urls: Option<TrusteeshipUrls>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trusteeship_cache_config: Option<TrusteeshipCache>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_region: Option<String>,
}

/// Where a click leads.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pc_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mobile_link: Option<String>,
}

/// One row of the summary; both are keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FormRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
}

/// One entry of `task_list`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    pub(super) links: Links,
    pub(super) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extra: Option<String>,
    pub(super) create_time: Int64,
    pub(super) end_time: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) update_time: Option<Int64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_configs: Option<Vec<ActionConfig>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exclude_statistics: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) generate_type: Option<String>,
}

/// One quick action of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ActionConfig {
    pub(super) action_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_need_reason: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_reason_required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_need_attachment: Option<bool>,
}

/// One entry of `cc_list`; its title is plain text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cc {
    pub(super) cc_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_id: Option<String>,
    pub(super) links: Links,
    pub(super) read_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extra: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    pub(super) create_time: Int64,
    pub(super) update_time: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_method: Option<String>,
}

/// Hosted documents: where Feishu would ask (contract §8.3).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TrusteeshipUrls {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form_detail_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_definition_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approval_node_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_callback_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pull_business_data_url: Option<String>,
}

/// Hosted documents: how long Feishu may keep an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TrusteeshipCache {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form_vary_with_locale: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form_version: Option<Int64>,
}

impl Instance {
    /// The tasks, none when the field is absent.
    pub(super) fn tasks(&self) -> &[Task] {
        self.task_list.as_deref().unwrap_or_default()
    }

    /// The copies, none when the field is absent.
    pub(super) fn ccs(&self) -> &[Cc] {
        self.cc_list.as_deref().unwrap_or_default()
    }

    /// The last effective version of a task.
    ///
    /// What Feishu takes for a task without `update_time` is unknown (contract §14.9); we take the instance's.
    pub(super) fn version_of(&self, task: &Task) -> Int64 {
        task.update_time.unwrap_or(self.update_time)
    }
}

/// Writes a shared document as what it is; serde leaves that out without its `rc` feature.
pub(super) fn shared<S: Serializer>(instance: &Arc<Instance>, serializer: S) -> Result<S::Ok, S::Error> {
    instance.serialize(serializer)
}
