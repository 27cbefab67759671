//! Words of a push: of instances, tasks and definitions (contract §3.1, §4.1).

use super::words;

words! {
    /// How a push treats what Feishu already has (contract §4.3, §4.4).
    Mode {
        /// The document is the whole truth: what it does not name is deleted; last write wins.
        Replace = "replace" => "REPLACE",
        /// The document adds and changes what has a newer version; nothing is deleted.
        Update = "update" => "UPDATE",
    }
}

impl Default for Mode {
    /// The design's default.
    fn default() -> Self {
        Self::Replace
    }
}

words! {
    /// Where an instance stands (contract §4.1).
    InstanceStatus {
        /// Waiting for somebody.
        Pending = "pending" => "PENDING",
        /// Passed.
        Approved = "approved" => "APPROVED",
        /// Turned down.
        Rejected = "rejected" => "REJECTED",
        /// Withdrawn by its applicant.
        Canceled = "canceled" => "CANCELED",
        /// Deleted.
        Deleted = "deleted" => "DELETED",
        /// Not shown to anybody.
        Hidden = "hidden" => "HIDDEN",
        /// Ended from outside.
        Terminated = "terminated" => "TERMINATED",
    }
}

impl InstanceStatus {
    /// Whether nothing can follow, so that an end time is due (design §2.1).
    pub fn is_final(self) -> bool {
        match self {
            Self::Approved | Self::Rejected | Self::Canceled | Self::Deleted | Self::Terminated => true,
            Self::Pending | Self::Hidden => false,
        }
    }
}

words! {
    /// Where one approver's task stands (contract §4.1).
    TaskStatus {
        /// Waiting for this approver.
        Pending = "pending" => "PENDING",
        /// Approved by this approver.
        Approved = "approved" => "APPROVED",
        /// Rejected by this approver.
        Rejected = "rejected" => "REJECTED",
        /// Handed to somebody else.
        Transferred = "transferred" => "TRANSFERRED",
        /// Passed without this approver acting; invisible to them.
        Done = "done" => "DONE",
    }
}

words! {
    /// How Feishu opens a link (contract §4.1; the default is unknown).
    DisplayMethod {
        /// The system's browser.
        Browser = "browser" => "BROWSER",
        /// Feishu's side bar.
        Sidebar = "sidebar" => "SIDEBAR",
        /// The approval centre's pane.
        Normal = "normal" => "NORMAL",
        /// A hosted form (trusteeship).
        Trusteeship = "trusteeship" => "TRUSTEESHIP",
    }
}

words! {
    /// Why a task came to be (contract §4.1; Feishu only).
    GenerateType {
        /// The ordinary case.
        Default = "default" => "DEFAULT",
        /// Made for a delegate.
        ExternalConsign = "external_consign" => "EXTERNAL_CONSIGN",
    }
}

words! {
    /// Whether an approver gives a reason with an action.
    Reason {
        /// Not asked.
        None = "none" => "none",
        /// Asked, may stay empty.
        Optional = "optional" => "optional",
        /// Asked, must be given.
        Required = "required" => "required",
    }
}

words! {
    /// How a task ended, shown in the flow (contract §4.1, the nineteen words of `complete_reason`).
    CompleteReason {
        /// Approved.
        Approved = "approved" => "approved",
        /// Rejected.
        Rejected = "rejected" => "rejected",
        /// Rejected by the node's rule.
        NodeAutoReject = "node_auto_reject" => "node_auto_reject",
        /// Rolled back to a node.
        SpecificRollback = "specific_rollback" => "specific_rollback",
        /// Somebody was added beside.
        Add = "add" => "add",
        /// Somebody was added before.
        AddPre = "add_pre" => "add_pre",
        /// Somebody was added after.
        AddPost = "add_post" => "add_post",
        /// The approver was removed.
        DeleteAssignee = "delete_assignee" => "delete_assignee",
        /// Transferred.
        Forward = "forward" => "forward",
        /// Transferred on resignation.
        ForwardResign = "forward_resign" => "forward_resign",
        /// Withdrawn.
        Recall = "recall" => "recall",
        /// Deleted.
        Delete = "delete" => "delete",
        /// Transferred by an administrator.
        AdminForward = "admin_forward" => "admin_forward",
        /// Transferred by the system.
        SystemForward = "system_forward" => "system_forward",
        /// Skipped by a rule.
        AutoSkip = "auto_skip" => "auto_skip",
        /// Skipped by hand.
        ManualSkip = "manual_skip" => "manual_skip",
        /// Submitted again.
        SubmitAgain = "submit_again" => "submit_again",
        /// Started again.
        Restart = "restart" => "restart",
        /// Anything else.
        Others = "others" => "others",
    }
}

words! {
    /// How Feishu caches a hosted form (contract §4.1, `trusteeship_cache_config.form_policy`).
    CachePolicy {
        /// Not at all; the default.
        Disable = "disable" => "DISABLE",
        /// For ever.
        Immutable = "immutable" => "IMMUTABLE",
        /// Once a node.
        ByNode = "by_node" => "BY_NODE",
        /// Once a person.
        ByUser = "by_user" => "BY_USER",
    }
}

words! {
    /// Which kind of id names a person in a request (contract §1.3).
    UserIdType {
        /// Unique in the tenant, the same in all apps.
        UserId = "user_id" => "user_id",
        /// Unique in one app.
        OpenId = "open_id" => "open_id",
        /// Unique among the apps of one developer.
        UnionId = "union_id" => "union_id",
    }
}

words! {
    /// Which kind of id the calls of a hosted form carry (contract §4.1: "only `user_id` supported").
    TrusteeshipUserIdType {
        /// The tenant's own id, the only kind that Feishu supports here.
        UserId = "user_id" => "user_id",
    }
}

words! {
    /// Which kind of id names a department in a request (contract §1.3).
    DepartmentIdType {
        /// The tenant's own id.
        DepartmentId = "department_id" => "department_id",
        /// Feishu's id, `od-…`.
        OpenDepartmentId = "open_department_id" => "open_department_id",
    }
}

words! {
    /// Who may see a definition and start an approval (contract §3.1).
    ViewerScope {
        /// The whole tenant.
        Everyone = "everyone" => "TENANT",
        /// Nobody.
        Nobody = "nobody" => "NONE",
        /// The users and departments that are named.
        Selected = "selected" => "USER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Word;
    use test_case::test_case;

    #[test_case(InstanceStatus::Pending => ("PENDING", false))]
    #[test_case(InstanceStatus::Approved => ("APPROVED", true))]
    #[test_case(InstanceStatus::Rejected => ("REJECTED", true))]
    #[test_case(InstanceStatus::Canceled => ("CANCELED", true))]
    #[test_case(InstanceStatus::Deleted => ("DELETED", true))]
    #[test_case(InstanceStatus::Hidden => ("HIDDEN", false))]
    #[test_case(InstanceStatus::Terminated => ("TERMINATED", true))]
    fn an_instance_status_has_feishus_word_and_may_be_final(status: InstanceStatus) -> (&'static str, bool) {
        (status.wire_name(), status.is_final())
    }

    #[test]
    fn every_word_is_read_back_from_its_own_spelling() {
        fn check<W: Word + PartialEq + std::fmt::Debug>() {
            for word in W::ALL {
                assert_eq!(W::parse(word.as_str()), Some(*word));
            }
        }
        check::<InstanceStatus>();
        check::<TaskStatus>();
        check::<CompleteReason>();
        check::<CachePolicy>();
        check::<DisplayMethod>();
        assert_eq!(CompleteReason::ALL.len(), 19);
        assert_eq!(InstanceStatus::parse("PENDING"), None);
    }
}
