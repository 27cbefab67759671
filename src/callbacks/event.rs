//! What a target is told about an action.

use super::action::{Action, Attachment};
use crate::domain::{AppName, Timestamp};
use crate::schema::shown;

shown! {
    /// Somebody pressed a button of a task in Feishu: on the list, on a card, or on a search result. What Feishu did not tell, and
    /// the ledger does not know, is absent.
    pub struct ApprovalActionEvent {
        /// Always `approval.action`.
        r#type: &'static str { required: true, example: "\"approval.action\"" },
        /// The operator's name of the Feishu app.
        app: String { required: true, example: "\"default\"" },
        /// `approve`, `reject`, or the action's own key.
        action: String { required: true, example: "\"approve\"" },
        /// Who pressed it.
        user_id: String { required: true, example: "\"bob\"" },
        /// Your id of the instance.
        instance_id: Option<String> { example: "\"leave-2026-1024\"" },
        /// Your id of the task.
        task_id: Option<String> { example: "\"leave-2026-1024-1\"" },
        /// Feishu's id of the card whose button it was; a 64-bit number as text.
        message_id: Option<String> { example: "\"7301550094428135452\"" },
        /// The task's `action_context`, unchanged.
        action_context: Option<String> { example: "\"leave-2026-1024-1\"" },
        /// What was written as the reason.
        reason: Option<String> { example: "\"Enjoy your holiday\"" },
        /// What was attached.
        attachments: Vec<ActionAttachment> { required: true },
        /// When the gateway heard of it.
        received_at: Timestamp { required: true, example: "\"2026-11-29T01:30:00.120Z\"" },
    }

    /// A file that came with an action. The gateway does not fetch it.
    pub struct ActionAttachment {
        /// `image`, `attachment`, or a word that Feishu has invented since.
        kind: Option<String> { example: "\"image\"" },
        /// Its name.
        name: Option<String> { example: "\"ticket.png\"" },
        /// Its size in bytes.
        size: Option<i64> { example: "186123" },
        /// Where it is.
        url: Option<String> { example: "\"https://example.com/ticket.png\"" },
    }
}

/// The name of the event.
const TYPE: &str = "approval.action";

impl ApprovalActionEvent {
    pub(super) fn new(app: &AppName, action: Action, received_at: Timestamp) -> Self {
        let Action { action, user_id, instance_id, task_id, message_id, action_context, reason, attachments } =
            action;
        Self {
            r#type: TYPE,
            app: app.to_string(),
            action,
            user_id,
            instance_id,
            task_id,
            message_id,
            action_context,
            reason,
            attachments: attachments.into_iter().map(ActionAttachment::from).collect(),
            received_at,
        }
    }
}

impl From<Attachment> for ActionAttachment {
    fn from(Attachment { kind, name, size, url }: Attachment) -> Self {
        Self { kind, name, size, url }
    }
}
