//! Closed sets of words, each with our spelling and Feishu's.

/// One word of a closed vocabulary.
pub trait Word: Sized + Copy + 'static {
    /// Every word, in the order of the documents.
    const ALL: &'static [Self];

    /// Our spelling, lower case.
    fn as_str(self) -> &'static str;

    /// The word with this spelling.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == word)
    }
}

/// A word of Feishu's that may be one we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<W> {
    /// One of ours.
    Word(W),
    /// One that Feishu has invented since; kept as it came.
    Other(String),
}

/// A vocabulary that Feishu spells differently from surface to surface (contract §12.2).
pub trait FeishuWord: Word {
    /// The word behind any of Feishu's spellings.
    fn from_feishu(word: &str) -> Option<Self>;
}

impl<W: FeishuWord> Known<W> {
    /// Reads any spelling of Feishu's.
    pub fn from_feishu(word: &str) -> Self {
        W::from_feishu(word).map_or_else(|| Self::Other(word.to_owned()), Self::Word)
    }
}

/// Defines a vocabulary: our word, and Feishu's.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $ours:literal => $feishu:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$word_doc])* $variant,)+ }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $ours),+ }
            }
        }

        impl $name {
            /// The word that Feishu's documents list.
            pub fn wire_name(self) -> &'static str {
                match self { $(Self::$variant => $feishu),+ }
            }
        }
    };
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
    /// Which kind of id names a department in a request (contract §1.3).
    DepartmentIdType {
        /// The tenant's own id.
        DepartmentId = "department_id" => "department_id",
        /// Feishu's id, `od-…`.
        OpenDepartmentId = "open_department_id" => "open_department_id",
    }
}

words! {
    /// Where a task stands, as searches tell it (contract §7.2: more words than a push may use).
    FoundTaskStatus {
        /// Waiting for this approver.
        Pending = "pending" => "PENDING",
        /// Approved by this approver.
        Approved = "approved" => "APPROVED",
        /// Rejected by this approver.
        Rejected = "rejected" => "REJECTED",
        /// Handed to somebody else.
        Transferred = "transferred" => "TRANSFERRED",
        /// Passed without this approver acting.
        Done = "done" => "DONE",
        /// Left out because the same person has another task.
        RmRepeat = "rm_repeat" => "RM_REPEAT",
        /// Handled in some way.
        Processed = "processed" => "PROCESSED",
        /// Not shown to anybody.
        Hidden = "hidden" => "HIDDEN",
    }
}

words! {
    /// Which instances a search finds (contract §7.1: another spelling than a push).
    InstanceStatusFilter {
        /// Waiting for somebody.
        Pending = "pending" => "PENDING",
        /// Passed.
        Approved = "approved" => "APPROVED",
        /// Turned down.
        Rejected = "rejected" => "REJECT",
        /// Withdrawn.
        Canceled = "canceled" => "RECALL",
        /// Deleted.
        Deleted = "deleted" => "DELETED",
        /// Any.
        All = "all" => "ALL",
    }
}

words! {
    /// Which tasks a search finds (contract §7.2).
    TaskStatusFilter {
        /// Waiting for this approver.
        Pending = "pending" => "PENDING",
        /// Rejected by this approver.
        Rejected = "rejected" => "REJECTED",
        /// Approved by this approver.
        Approved = "approved" => "APPROVED",
        /// Handed to somebody else.
        Transferred = "transferred" => "TRANSFERRED",
        /// Passed without this approver acting.
        Done = "done" => "DONE",
        /// Left out because the same person has another task.
        RmRepeat = "rm_repeat" => "RM_REPEAT",
        /// Handled in some way.
        Processed = "processed" => "PROCESSED",
        /// Any.
        All = "all" => "ALL",
    }
}

words! {
    /// In which order tasks are found (contract §7.2 `order`; the wire name is a number).
    TaskOrder {
        /// Latest change first.
        UpdatedDesc = "updated_desc" => "0",
        /// Earliest change first.
        UpdatedAsc = "updated_asc" => "1",
        /// Latest start first; the default.
        StartedDesc = "started_desc" => "2",
        /// Earliest start first.
        StartedAsc = "started_asc" => "3",
    }
}

words! {
    /// One of a user's lists (contract §7.4).
    Topic {
        /// Waiting for the user, 待办.
        Todo = "todo" => "1",
        /// Handled by the user, 已办.
        Done = "done" => "2",
        /// Started by the user, 已发起.
        Initiated = "initiated" => "3",
        /// Copies not read yet.
        Unread = "unread" => "17",
        /// Copies that were read.
        Read = "read" => "18",
    }
}

words! {
    /// Where an entry of a user's list stands (contract §7.4 `status`).
    UserTaskStatus {
        /// Waiting for the user.
        Todo = "todo" => "1",
        /// Handled.
        Done = "done" => "2",
        /// A copy not read yet.
        Unread = "unread" => "17",
        /// A copy that was read.
        Read = "read" => "18",
        /// Still going on.
        Processing = "processing" => "33",
        /// Withdrawn.
        Canceled = "canceled" => "34",
    }
}

/// Feishu's spellings of words that it spells in several ways, beside the one of a push (contract §12.2, §7.4).
fn other_spelling(word: &str) -> &str {
    match word {
        "reject" => "rejected",
        "recall" | "cancelled" | "withdrawn" => "canceled",
        "forwarded" => "transferred",
        "running" => "pending",
        other => other,
    }
}

impl FeishuWord for InstanceStatus {
    fn from_feishu(word: &str) -> Option<Self> {
        Self::parse(other_spelling(&word.to_ascii_lowercase()))
    }
}

impl FeishuWord for FoundTaskStatus {
    fn from_feishu(word: &str) -> Option<Self> {
        Self::parse(other_spelling(&word.to_ascii_lowercase()))
    }
}

/// `process_status`: a number (contract §7.4), though the page's example shows words.
pub fn process_status(word: &str) -> Known<InstanceStatus> {
    let status = match word {
        // "None"; the vocabulary table lists it as hidden (contract §12.2).
        "0" => InstanceStatus::Hidden,
        "1" => InstanceStatus::Pending,
        "2" => InstanceStatus::Approved,
        "3" => InstanceStatus::Rejected,
        "4" => InstanceStatus::Canceled,
        "5" => InstanceStatus::Terminated,
        word => return Known::from_feishu(word),
    };
    Known::Word(status)
}

/// Numbers in the documents, words in their example: both are read.
fn by_number_or_word<W: Word>(word: &str, wire_name: fn(W) -> &'static str) -> Option<W> {
    let lower = word.to_ascii_lowercase();
    let by_number = W::ALL.iter().copied().find(|known| wire_name(*known) == word);
    by_number.or_else(|| W::parse(other_spelling(&lower)))
}

impl FeishuWord for Topic {
    fn from_feishu(word: &str) -> Option<Self> {
        by_number_or_word(word, Self::wire_name)
    }
}

impl FeishuWord for UserTaskStatus {
    fn from_feishu(word: &str) -> Option<Self> {
        by_number_or_word(word, Self::wire_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test_case("pending" => Known::Word(InstanceStatus::Pending))]
    #[test_case("PENDING" => Known::Word(InstanceStatus::Pending); "as pushed")]
    #[test_case("REJECT" => Known::Word(InstanceStatus::Rejected); "as filtered")]
    #[test_case("RECALL" => Known::Word(InstanceStatus::Canceled); "recall")]
    #[test_case("CANCELLED" => Known::Word(InstanceStatus::Canceled); "as the bot says")]
    #[test_case("canceled" => Known::Word(InstanceStatus::Canceled); "as found")]
    #[test_case("ARCHIVED" => Known::Other("ARCHIVED".to_owned()); "a new word")]
    fn instance_status_is_read_in_every_spelling(word: &str) -> Known<InstanceStatus> {
        Known::from_feishu(word)
    }

    #[test_case("1" => Known::Word(UserTaskStatus::Todo))]
    #[test_case("Todo" => Known::Word(UserTaskStatus::Todo); "as in the example")]
    #[test_case("34" => Known::Word(UserTaskStatus::Canceled))]
    #[test_case("99" => Known::Other("99".to_owned()))]
    fn user_task_status_is_read_as_number_and_word(word: &str) -> Known<UserTaskStatus> {
        Known::from_feishu(word)
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
