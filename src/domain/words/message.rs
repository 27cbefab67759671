//! Words of the approval bot's messages (contract §10).

use super::words;

words! {
    /// What a message of the approval bot is about; Feishu has a headline of its own for each.
    MessageTemplate {
        /// Something waits for the recipient.
        Todo = "todo" => "1008",
        /// Something waits for the recipient, and nobody has started it.
        TodoWithoutApplicant = "todo_without_applicant" => "1028",
        /// The recipient was added as an approver.
        AddedAsApprover = "added_as_approver" => "1009",
        /// A task was transferred to the recipient.
        Transferred = "transferred" => "1010",
        /// A task was delegated to the recipient.
        Delegated = "delegated" => "1011",
        /// An approval was rolled back to the recipient.
        RolledBack = "rolled_back" => "1012",
        /// Somebody reminds the recipient by hand.
        Reminder = "reminder" => "1013",
        /// An approver has left the company; for their manager.
        ApproverResigned = "approver_resigned" => "1020",
        /// The recipient's approval was approved.
        Approved = "approved" => "1004",
        /// The recipient's approval was rejected.
        Rejected = "rejected" => "1003",
        /// An approval was withdrawn.
        Withdrawn = "withdrawn" => "1015",
        /// The recipient reads along.
        Cc = "cc" => "1016",
        /// The recipient reads along by a rule.
        SystemCc = "system_cc" => "1026",
        /// An approval was shared with the recipient.
        Shared = "shared" => "1024",
        /// The recipient's approval was commented on.
        Comment = "comment" => "1001",
        /// A comment was added.
        CommentAdded = "comment_added" => "1027",
        /// A comment of the recipient was answered.
        CommentReplied = "comment_replied" => "1017",
        /// A comment mentions the recipient.
        Mentioned = "mentioned" => "1018",
        /// An approval was saved as a to-do.
        Saved = "saved" => "1002",
        /// The recipient's approval was submitted.
        Submitted = "submitted" => "1005",
        /// An approval is about to be closed.
        ClosingSoon = "closing_soon" => "1006",
        /// An approval was closed.
        Closed = "closed" => "1007",
        /// The applicant has left the company; for their manager.
        ApplicantResigned = "applicant_resigned" => "1019",
        /// A title and a text of your own.
        Custom = "custom" => "1021",
    }
}

impl MessageTemplate {
    /// Whether the headline names a person, so that one must be sent.
    pub fn needs_subject(self) -> bool {
        match self {
            // A to-do may leave the person out, and has another headline then.
            Self::Todo
            | Self::TodoWithoutApplicant
            | Self::Shared
            | Self::Submitted
            | Self::ClosingSoon
            | Self::Closed
            | Self::Custom => false,
            Self::AddedAsApprover
            | Self::Transferred
            | Self::Delegated
            | Self::RolledBack
            | Self::Reminder
            | Self::ApproverResigned
            | Self::Approved
            | Self::Rejected
            | Self::Withdrawn
            | Self::Cc
            | Self::SystemCc
            | Self::Comment
            | Self::CommentAdded
            | Self::CommentReplied
            | Self::Mentioned
            | Self::Saved
            | Self::ApplicantResigned => true,
        }
    }

    /// Whether a headline without a subject of its own may name the applicant.
    pub fn may_name_the_applicant(self) -> bool {
        self.needs_subject() || self == Self::Todo
    }

    /// Whether the message shows a comment, so that one must be sent.
    pub fn needs_comment(self) -> bool {
        matches!(
            self,
            Self::Comment | Self::Approved | Self::CommentReplied | Self::Mentioned | Self::CommentAdded
        )
    }

    /// Whether its card may have buttons that act.
    pub fn takes_actions(self) -> bool {
        matches!(
            self,
            Self::Todo
                | Self::TodoWithoutApplicant
                | Self::AddedAsApprover
                | Self::Transferred
                | Self::Delegated
                | Self::RolledBack
                | Self::Reminder
                | Self::ApproverResigned
        )
    }
}

words! {
    /// What a to-do card says of its task from now on.
    MessageStatus {
        /// Approved.
        Approved = "approved" => "APPROVED",
        /// Rejected.
        Rejected = "rejected" => "REJECTED",
        /// The approval was withdrawn.
        Canceled = "canceled" => "CANCELLED",
        /// Handed to somebody else.
        Transferred = "transferred" => "FORWARDED",
        /// Rolled back.
        RolledBack = "rolled_back" => "ROLLBACK",
        /// Others were added.
        Added = "added" => "ADD",
        /// The task is gone.
        Deleted = "deleted" => "DELETED",
        /// Settled without this person.
        Processed = "processed" => "PROCESSED",
        /// A word of your own.
        Custom = "custom" => "CUSTOM",
    }
}
