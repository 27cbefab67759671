//! `message/send` and `message/update` of the approval bot (contract §10).

use serde::Deserialize;

use super::json::{Wire, Writer, wire};
use crate::domain::Text;

wire! {
    /// The body of `message/send` (contract §10.1), without the texts.
    pub struct Message<'a> {
        /// What it is about.
        pub template_id: &'static str,
        /// Who gets it.
        pub user_id: Option<&'a str>,
        /// Who gets it.
        pub open_id: Option<&'a str>,
        /// Equal ones are sent once.
        pub uuid: &'a str,
        /// (i18n)
        pub approval_name: Option<&'a Text<'a>>,
        /// Whom the headline names.
        pub title_user_id: Option<&'a str>,
        /// `user_id` or `open_id`.
        pub title_user_id_type: Option<&'static str>,
        /// (i18n) In Markdown.
        pub comment: Option<&'a Text<'a>>,
        /// What it is about.
        pub content: Option<MessageBody<'a>>,
        /// (i18n)
        pub note: Option<&'a Text<'a>>,
        /// Who sends a reminder.
        pub sender_user_id: Option<&'a str>,
        /// What the sender says.
        pub text: Option<&'a str>,
        /// (i18n)
        pub custom_title: Option<&'a Text<'a>>,
        /// (i18n) In Markdown.
        pub custom_content: Option<&'a Text<'a>>,
        /// Buttons that open something.
        pub actions: Vec<MessageAction<'a>>,
        /// Buttons that act.
        pub action_configs: Option<Vec<MessageActionConfig<'a>>>,
        /// Who is told of a tap; it holds secrets.
        pub action_callback: Option<ActionCallback<'a>>,
    }
}

wire! {
    /// `content`.
    pub struct MessageBody<'a> {
        /// The applicant.
        pub user_id: Option<&'a str>,
        /// `user_id` or `open_id`.
        pub user_id_type: Option<&'static str>,
        /// The tenant's own id, never Feishu's.
        pub department_id: Option<&'a str>,
        /// (i18n)
        pub user_name: Option<&'a Text<'a>>,
        /// (i18n)
        pub department_name: Option<&'a Text<'a>>,
        /// One to five.
        pub summaries: Vec<Summary<'a>>,
    }
}

wire! {
    /// `content.summaries[]`.
    pub struct Summary<'a> {
        /// (i18n) In Markdown.
        pub summary: &'a Text<'a>,
    }
}

wire! {
    /// `actions[]`; Feishu wants all four addresses.
    pub struct MessageAction<'a> {
        /// What the button says.
        pub action_name: ActionName<'a>,
        /// Anywhere else.
        pub url: &'a str,
        /// On Android.
        pub android_url: &'a str,
        /// On iOS.
        pub ios_url: &'a str,
        /// On computers.
        pub pc_url: &'a str,
    }
}

/// What a button that opens something says.
pub enum ActionName<'a> {
    /// Feishu's own word.
    Detail,
    /// (i18n)
    Named(&'a Text<'a>),
}

impl<'a> Wire<'a> for ActionName<'a> {
    fn write(&self, out: &mut Writer<'a>) {
        match self {
            Self::Detail => "DETAIL".write(out),
            Self::Named(text) => text.write(out),
        }
    }
}

wire! {
    /// `action_configs[]`.
    pub struct MessageActionConfig<'a> {
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
        /// What the card says after a tap that was taken.
        pub next_status: Option<&'static str>,
    }
}

wire! {
    /// `action_callback`.
    pub struct ActionCallback<'a> {
        /// Where taps are called back.
        pub action_callback_url: &'a str,
        /// Echoed in callbacks.
        pub action_callback_token: Option<&'a str>,
        /// Encrypts callbacks.
        pub action_callback_key: Option<&'a str>,
        /// Returned in callbacks.
        pub action_context: Option<&'a str>,
    }
}

wire! {
    /// The body of `message/update` (contract §10.2), without the texts.
    pub struct MessageChange<'a> {
        /// Which message.
        pub message_id: &'a str,
        /// `APPROVED` …
        pub status: &'static str,
        /// (i18n) For `CUSTOM`.
        pub status_name: Option<&'a Text<'a>>,
        /// (i18n) For `CUSTOM`.
        pub detail_action_name: Option<&'a Text<'a>>,
    }
}

/// `data` of the answer to `message/send`.
#[derive(Debug, Deserialize)]
pub struct MessageAnswer {
    /// The message.
    pub message_id: String,
}
