//! Words of searches and lists, which Feishu spells in other ways (contract §7, §12.2).

use super::{FeishuWord, InstanceStatus, Known, Word, words};

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
}
