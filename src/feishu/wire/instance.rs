//! `POST /open-apis/approval/v4/external_instances` (contract §4).

use serde::Deserialize;

use super::json::wire;
use super::time::Int64;
use super::{EndTime, Millis};
use crate::domain::Text;

wire! {
    /// The request's body (contract §4.1), without the texts.
    pub struct ExternalInstance<'a, Tasks, Copies> {
        /// `REPLACE` or `UPDATE`; in front, so that what differs between the modes is found at once.
        pub update_mode: &'static str,
        /// The code that `external_approvals` returned.
        pub approval_code: &'a str,
        /// `PENDING` …
        pub status: &'static str,
        /// JSON, stringified.
        pub extra: Option<&'a str>,
        /// The caller's id.
        pub instance_id: &'a str,
        /// For the list of what somebody initiated.
        pub links: LinkPair<'a>,
        /// (i18n)
        pub title: Option<&'a Text<'a>>,
        /// The summary in lists.
        pub form: Option<Vec<FormField<'a>>>,
        /// The initiator.
        pub user_id: Option<&'a str>,
        /// The initiator.
        pub open_id: Option<&'a str>,
        /// (i18n) For initiators that are no users.
        pub user_name: Option<&'a Text<'a>>,
        /// `""` shows the company's name.
        pub department_id: Option<&'a str>,
        /// (i18n)
        pub department_name: Option<&'a Text<'a>>,
        /// When it began.
        pub start_time: Millis,
        /// When it ended.
        pub end_time: EndTime,
        /// The version.
        pub update_time: Millis,
        /// `BROWSER` …
        pub display_method: Option<&'static str>,
        /// Who decides: [`TaskNode`]s.
        pub task_list: Option<Tasks>,
        /// Who reads along: [`CcNode`]s.
        pub cc_list: Option<Copies>,
        /// Sent back in hosting callbacks.
        pub trusteeship_url_token: Option<&'a str>,
        /// Only `user_id`.
        pub trusteeship_user_id_type: Option<&'static str>,
        /// Addresses of a hosted form.
        pub trusteeship_urls: Option<TrusteeshipUrls<'a>>,
        /// How a hosted form is cached.
        pub trusteeship_cache_config: Option<TrusteeshipCacheConfig<'a>>,
    }
}

wire! {
    /// `links`.
    pub struct LinkPair<'a> {
        /// On computers.
        pub pc_link: &'a str,
        /// On phones.
        pub mobile_link: &'a str,
    }
}

wire! {
    /// `form[]`; both sides are (i18n).
    pub struct FormField<'a> {
        /// What the value is.
        pub name: Option<&'a Text<'a>>,
        /// The value.
        pub value: Option<&'a Text<'a>>,
    }
}

wire! {
    /// `task_list[]`.
    pub struct TaskNode<'a> {
        /// Unique inside the instance.
        pub task_id: &'a str,
        /// The approver.
        pub user_id: Option<&'a str>,
        /// The approver.
        pub open_id: Option<&'a str>,
        /// (i18n)
        pub title: Option<&'a Text<'a>>,
        /// For the to-do and done lists.
        pub links: LinkPair<'a>,
        /// `PENDING` …
        pub status: &'static str,
        /// JSON, stringified.
        pub extra: Option<&'a str>,
        /// When it was given out.
        pub create_time: Millis,
        /// When it ended.
        pub end_time: EndTime,
        /// The version.
        pub update_time: Millis,
        /// Returned in callbacks.
        pub action_context: Option<&'a str>,
        /// Quick approval.
        pub action_configs: Option<Vec<ActionConfig<'a>>>,
        /// `BROWSER` …
        pub display_method: Option<&'static str>,
        /// Left out of statistics.
        pub exclude_statistics: Option<bool>,
        /// The node.
        pub node_id: Option<&'a str>,
        /// (i18n)
        pub node_name: Option<&'a Text<'a>>,
        /// `DEFAULT` or `EXTERNAL_CONSIGN`; must not be empty.
        pub generate_type: Option<&'static str>,
    }
}

wire! {
    /// `task_list[].action_configs[]`.
    pub struct ActionConfig<'a> {
        /// `APPROVE`, `REJECT` or the caller's own.
        pub action_type: &'a str,
        /// (i18n)
        pub action_name: Option<&'a Text<'a>>,
        /// Asks for a reason.
        pub is_need_reason: bool,
        /// Insists on it.
        pub is_reason_required: bool,
        /// Insists on an attachment.
        pub is_need_attachment: bool,
    }
}

wire! {
    /// `cc_list[]`.
    pub struct CcNode<'a> {
        /// Unique inside the instance.
        pub cc_id: &'a str,
        /// The reader.
        pub user_id: Option<&'a str>,
        /// The reader.
        pub open_id: Option<&'a str>,
        /// For the list of copies.
        pub links: LinkPair<'a>,
        /// `READ` or `UNREAD`.
        pub read_status: &'static str,
        /// JSON, stringified.
        pub extra: Option<&'a str>,
        /// Plain text: the page states no (i18n) rule here.
        pub title: Option<&'a str>,
        /// When it was sent.
        pub create_time: Millis,
        /// The version.
        pub update_time: Millis,
        /// `BROWSER` …
        pub display_method: Option<&'static str>,
    }
}

wire! {
    /// `trusteeship_urls`.
    pub struct TrusteeshipUrls<'a> {
        /// Serves the form's details.
        pub form_detail_url: Option<&'a str>,
        /// Serves the actions.
        pub action_definition_url: Option<&'a str>,
        /// Serves the nodes.
        pub approval_node_url: Option<&'a str>,
        /// Takes actions.
        pub action_callback_url: Option<&'a str>,
        /// Serves business data.
        pub pull_business_data_url: Option<&'a str>,
    }
}

wire! {
    /// `trusteeship_cache_config`.
    pub struct TrusteeshipCacheConfig<'a> {
        /// `DISABLE` …
        pub form_policy: Option<&'a str>,
        /// Differs by locale.
        pub form_vary_with_locale: Option<bool>,
        /// A 64-bit integer in a string.
        pub form_version: Option<Int64>,
    }
}

/// `data` of the answer; the instance's echo in it is not read (contract §4.2).
#[derive(Debug, Default, Deserialize)]
pub struct InstanceAnswer {
    /// What became of the push.
    #[serde(default)]
    pub process_record: Reported,
}

/// Counters, when they come in the shape that SDKs have seen: undocumented, so never depended on (contract §4.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reported(pub Option<ProcessRecord>);

impl<'de> Deserialize<'de> for Reported {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}

/// `process_record` (contract §4.2, seen in SDKs only).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct ProcessRecord {
    /// The instance itself.
    pub instance: EntityRecord,
    /// Its tasks.
    pub task: EntityRecord,
    /// Its copies.
    pub cc: EntityRecord,
}

/// How many of one kind were touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct EntityRecord {
    /// New ones.
    pub insert_num: u32,
    /// Changed ones.
    pub update_num: u32,
    /// Deleted ones.
    pub delete_num: u32,
}

impl ProcessRecord {
    /// Whether nothing at all was touched.
    pub fn is_empty(self) -> bool {
        [self.instance, self.task, self.cc].into_iter().all(|record| record == EntityRecord::default())
    }
}
