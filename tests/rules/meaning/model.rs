//! What a document says, in the caller's terms and free of every spelling: two documents mean the same when these are
//! equal.

use std::collections::BTreeMap;

use crate::meaning::json::{Json, Member};

/// What people read: the wording of the default locale, and every other wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub wording: String,
    /// By locale; a locale that reads the same as the default is left out, for readers fall back to the default.
    pub elsewhere: BTreeMap<String, String>,
}

impl Text {
    pub(crate) fn new(wording: &str, others: impl IntoIterator<Item = (String, String)>) -> Self {
        let elsewhere = others.into_iter().filter(|(_, other)| other != wording).collect();
        Self { wording: wording.to_owned(), elsewhere }
    }
}

/// Free-form data, apart from the one member that Feishu understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extra {
    /// `business_key` of an instance, `complete_reason` of a task.
    pub understood: Option<Json>,
    /// The other members in their order.
    pub others: Vec<Member>,
}

impl Extra {
    pub(crate) fn new(members: &[Member], understood: &str) -> Self {
        Self {
            understood: members.iter().find(|(name, _)| name == understood).map(|(_, value)| value.clone()),
            others: members.iter().filter(|(name, _)| name != understood).cloned().collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Links {
    pub pc: String,
    pub mobile: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    pub instance_id: String,
    pub approval_code: String,
    pub status: String,
    /// `replace` or `update`.
    pub mode: String,
    pub title: Option<Text>,
    pub links: Links,
    pub(crate) user_id: Option<String>,
    pub open_id: Option<String>,
    pub applicant_name: Option<Text>,
    pub department_id: Option<String>,
    pub department_name: Option<Text>,
    pub form: Option<Vec<Row>>,
    pub started_at: i64,
    pub updated_at: i64,
    pub ended_at: Option<i64>,
    pub extra: Option<Extra>,
    pub display_method: Option<String>,
    pub locale: String,
    pub tasks: Option<Vec<Task>>,
    pub cc: Option<Vec<Copy>>,
    /// By the flat document's names; absent settings are left out.
    pub trusteeship: BTreeMap<&'static str, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub name: Option<Text>,
    pub value: Option<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub task_id: String,
    pub(crate) user_id: Option<String>,
    pub open_id: Option<String>,
    pub title: Option<Text>,
    pub links: Links,
    pub status: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub ended_at: Option<i64>,
    pub extra: Option<Extra>,
    pub action_context: Option<String>,
    pub actions: Option<Vec<Action>>,
    pub display_method: Option<String>,
    pub node_id: Option<String>,
    pub node_name: Option<Text>,
    pub exclude_from_statistics: Option<bool>,
    pub generate_type: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Action {
    /// The word that Feishu sees and calls back with.
    pub action: String,
    pub label: Option<Text>,
    pub reason: &'static str,
    pub attachment: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    pub cc_id: String,
    pub(crate) user_id: Option<String>,
    pub open_id: Option<String>,
    /// Plain text: the same in every locale.
    pub title: Option<String>,
    pub links: Links,
    pub read: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub extra: Option<Extra>,
    pub display_method: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub definition_key: String,
    pub name: Text,
    pub group: Option<(String, Option<Text>)>,
    pub description: Option<Text>,
    pub source_name: Option<Text>,
    pub business_type: Option<String>,
    pub pc_create_link: Option<String>,
    pub mobile_create_link: Option<String>,
    /// By the flat document's names, those that are on.
    pub switches: Vec<&'static str>,
    pub callback: Option<Callback>,
    pub viewers: Viewers,
    pub managers: Vec<String>,
    pub locale: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callback {
    pub url: String,
    pub token: Option<String>,
    pub key: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Viewers {
    Everyone,
    Nobody,
    Selected { user_ids: Vec<String>, department_ids: Vec<String> },
}
