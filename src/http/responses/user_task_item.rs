//! An entry of one of a user's lists.

use super::open_word::OpenWord;
use crate::domain::{InstanceStatus, Topic, UserTaskStatus, process_status};
use crate::feishu::wire::{UserTaskNode, UserTaskUrls};
use crate::schema::shapes::open_words;
use crate::schema::shown;

shown! {
    /// An entry of one of a user's lists.
    pub(in crate::http) struct UserTaskItem {
        /// Your id of the instance.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// Feishu's code of the instance.
        instance_code: Option<String> { example: "\"9089752A-E7E4-753C-6337-83856BA21146\"" },
        /// Feishu's id of the instance.
        feishu_instance_id: Option<String> { example: "\"7314984440410567996\"" },
        /// Your id of the task.
        task_id: Option<String> { example: "\"leave-1001-t1\"" },
        /// Feishu's id of the task.
        feishu_task_id: Option<String> { example: "\"7303544286651929637\"" },
        /// The definition that it belongs to.
        approval_code: Option<String> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// The definition's name.
        approval_name: Option<String> { example: "\"请假\"" },
        /// Feishu's id of the definition.
        approval_id: Option<String> { example: "\"7301550094428135452\"" },
        /// Feishu's id of the group that lists the definition.
        feishu_definition_group_id: Option<String> { example: "\"7301549981002547228\"" },
        /// The group's name.
        definition_group_name: Option<String> { example: "\"人事\"" },
        /// Whose list it is.
        user_id: Option<String> { example: "\"bob\"" },
        /// What people read.
        title: Option<String> { example: "\"年假申请\"" },
        /// Which list.
        topic: Option<&'static str> { example: "\"todo\"", words: Some(open_words::<Topic>) },
        /// Feishu's word, when `topic` is `other`.
        topic_raw: Option<String> { example: "\"99\"" },
        /// Where the entry stands.
        status: Option<&'static str> { example: "\"todo\"", words: Some(open_words::<UserTaskStatus>) },
        /// Feishu's word, when `status` is `other`.
        status_raw: Option<String> { example: "\"99\"" },
        /// Where the instance stands.
        instance_status: Option<&'static str> { example: "\"pending\"", words: Some(open_words::<InstanceStatus>) },
        /// Feishu's word, when `instance_status` is `other`.
        instance_status_raw: Option<String> { example: "\"99\"" },
        /// Who asked for it.
        applicant_user_ids: Vec<String> { required: true, example: "[\"alice\"]", max_items: 1000 },
        /// Their names.
        applicant_names: Vec<String> { required: true, example: "[\"李健\"]", max_items: 1000 },
        /// Where it opens on a computer.
        pc_link: Option<String> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where it opens on a phone.
        mobile_link: Option<String> { example: "\"https://oa.example.com/m/leave/1001\"" },
    }
}

impl From<UserTaskNode> for UserTaskItem {
    fn from(node: UserTaskNode) -> Self {
        let UserTaskNode {
            topic,
            user_id,
            title,
            urls: UserTaskUrls { mobile, pc },
            process_external_id,
            task_external_id,
            status,
            process_status: instance_status,
            definition_code,
            initiators,
            initiator_names,
            task_id,
            process_id,
            process_code,
            definition_group_id,
            definition_group_name,
            definition_id,
            definition_name,
        } = node;
        let topic = OpenWord::of::<Topic>(&topic);
        let status = OpenWord::of::<UserTaskStatus>(&status);
        let instance_status =
            instance_status.0.map(|word| OpenWord::from(process_status(&word))).unwrap_or_default();
        Self {
            instance_id: process_external_id.0,
            instance_code: process_code.0,
            feishu_instance_id: process_id.0,
            task_id: task_external_id.0,
            feishu_task_id: task_id.0,
            approval_code: definition_code.0,
            approval_name: definition_name.0,
            approval_id: definition_id.0,
            feishu_definition_group_id: definition_group_id.0,
            definition_group_name: definition_group_name.0,
            user_id: user_id.0,
            title: title.0,
            topic: topic.word,
            topic_raw: topic.raw,
            status: status.word,
            status_raw: status.raw,
            instance_status: instance_status.word,
            instance_status_raw: instance_status.raw,
            applicant_user_ids: initiators.into_iter().filter_map(|id| id.0).collect(),
            applicant_names: initiator_names.into_iter().filter_map(|name| name.0).collect(),
            pc_link: pc.0,
            mobile_link: mobile.0,
        }
    }
}
