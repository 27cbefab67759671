//! Which instance an item of a search belongs to.

use crate::feishu::wire::{FoundApproval, FoundGroup, FoundInstance};
use crate::schema::shown;

shown! {
    /// Which instance an item belongs to.
    pub(super) struct InstanceIdentity {
        /// Your id of the instance.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// Feishu's code of the instance.
        instance_code: Option<String> { example: "\"9089752A-E7E4-753C-6337-83856BA21146\"" },
        /// The definition that it belongs to.
        approval_code: Option<String> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// The definition's name.
        approval_name: Option<String> { example: "\"请假\"" },
        /// Feishu's id of the definition.
        approval_id: Option<String> { example: "\"7301550094428135452\"" },
        /// Whether it is a third-party approval.
        is_external: Option<bool> { example: "true" },
        /// Your code of the group that lists the definition.
        definition_group: Option<String> { example: "\"hr\"" },
        /// The group's name.
        definition_group_name: Option<String> { example: "\"人事\"" },
    }
}

impl InstanceIdentity {
    pub(super) fn new(approval: FoundApproval, group: FoundGroup, instance: &mut FoundInstance) -> Self {
        let FoundApproval { code, name, is_external, approval_id } = approval;
        let FoundGroup { external_id, name: group_name } = group;
        Self {
            instance_id: instance.external_id.0.take(),
            instance_code: instance.code.0.take(),
            approval_code: code.0,
            approval_name: name.0,
            approval_id: approval_id.0,
            is_external: is_external.flag(),
            definition_group: external_id.0,
            definition_group_name: group_name.0,
        }
    }
}
