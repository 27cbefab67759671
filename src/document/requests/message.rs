//! The flat message (design §4.3).

use super::instance::{MAX_ACTIONS, RawAction};
use crate::document::field::{AnyStr, Catalogues, Identifier, Line, List, LocaleName, OneOf, Str};
use crate::document::read::members;
use crate::domain::{MessageStatus, MessageTemplate};

/// Contract §10.1: at most five summaries.
pub(in crate::document) const MAX_SUMMARIES: usize = 5;

members! {
    /// A message of the approval bot to one person.
    ///
    /// Beyond what this schema says: each person is named in one way, by `user_id` or `open_id` (or both), `email`, `mobile`, or `union_id`; the recipient
    /// and one of `pc_link` and `mobile_link` are required, and links need a scheme, because Feishu takes no others here. `custom` needs `title`, `content` and `link_label`, and takes of
    /// the rest only the recipient, links, `note`, `dedupe_key` and texts in other languages; all other templates need `approval_name` and at least
    /// one of `summaries`. `comment`, `approved`, `comment_added`, `comment_replied` and `mentioned` need a `comment`, `reminder` a
    /// `sender_user_id`. Most headlines name a person: the subject, and the applicant without one.
    /// `actions` are for the templates of things that wait, and need the three `action_callback_*`, unless the gateway takes callbacks
    /// of the app: then it fills them in, and a tap comes to it. The rules of
    /// `InstanceInput` for `translations` hold here, too.
    struct RawMessage<'a> as MessageInput {
        /// What it is about.
        template: OneOf<MessageTemplate> { required: true },
        /// Who gets it.
        user_id: Identifier<'a> { example: "\"alice\"" },
        /// Who gets it, by the app's own id.
        open_id: Identifier<'a> { example: "\"ou_84aad35d084aa403a838cf73ee18467\"" },
        /// Who gets it, by the e-mail address in Feishu; the gateway looks it up.
        email: Identifier<'a> { example: "\"alice@example.com\"" },
        /// Who gets it, by the mobile: with `+` and country code, which those of mainland China may leave out.
        mobile: Identifier<'a> { example: "\"+8613800138000\"" },
        /// Who gets it, by the union id.
        union_id: Identifier<'a> { example: "\"on_8ed6aa67\"" },
        /// Name of the kind of approval.
        approval_name: Str<'a> { example: "\"出差申请\"" },
        /// The headline of a `custom` message.
        title: Str<'a> { example: "\"提醒\"" },
        /// The text of a `custom` message, in Markdown.
        content: Str<'a> { example: "\"出差申请 **TR-417** 今天到期\"" },
        /// Whom the headline names; the applicant when absent.
        subject_user_id: Identifier<'a> { example: "\"bob\"" },
        /// Whom the headline names, by the app's own id.
        subject_open_id: Identifier<'a> { example: "\"ou_7d8a6e6df7621556ce0d21922b676706\"" },
        /// Whom the headline names, by the e-mail address.
        subject_email: Identifier<'a> { example: "\"bob@example.com\"" },
        /// Whom the headline names, by the mobile.
        subject_mobile: Identifier<'a> { example: "\"+8613800138001\"" },
        /// Whom the headline names, by the union id.
        subject_union_id: Identifier<'a> { example: "\"on_cad4860e\"" },
        /// Who has started the approval.
        applicant_user_id: Identifier<'a> { example: "\"bob\"" },
        /// Who has started the approval, by the app's own id.
        applicant_open_id: Identifier<'a> { example: "\"ou_7d8a6e6df7621556ce0d21922b676706\"" },
        /// Who has started the approval, by the e-mail address.
        applicant_email: Identifier<'a> { example: "\"bob@example.com\"" },
        /// Who has started the approval, by the mobile.
        applicant_mobile: Identifier<'a> { example: "\"+8613800138001\"" },
        /// Who has started the approval, by the union id.
        applicant_union_id: Identifier<'a> { example: "\"on_cad4860e\"" },
        /// Name of an applicant that is no person.
        applicant_name: Str<'a> { example: "\"采购系统\"" },
        /// The applicant's department, by the tenant's own id; needed where the applicant has several.
        department_id: Identifier<'a> { example: "\"D-12\"" },
        /// The department's name.
        department_name: Str<'a> { example: "\"市场部\"" },
        /// What it is about, line by line, in Markdown.
        summaries: List<Line<'a>> { example: "[\"目的地：成都\"]", max_items: MAX_SUMMARIES },
        /// What somebody has said, in Markdown.
        comment: Str<'a> { example: "\"同意，注意安全\"" },
        /// A remark at its end.
        note: Str<'a> { example: "\"来自 OA\"" },
        /// Where its button leads on a computer; the same as on a phone when absent.
        pc_link: Str<'a> { example: "\"https://oa.example.com/417\"" },
        /// Where its button leads on a phone; the same as on a computer when absent.
        mobile_link: Str<'a> { example: "\"https://oa.example.com/m/417\"" },
        /// What the button of a `custom` message says.
        link_label: Str<'a> { example: "\"打开\"" },
        /// Who sends a `reminder`.
        sender_user_id: Identifier<'a> { example: "\"bob\"" },
        /// What the sender of a `reminder` says in the chat.
        text: Str<'a> { example: "\"请尽快处理\"" },
        /// Buttons that act.
        actions: List<RawAction<'a>> { max_items: MAX_ACTIONS },
        /// Handed back unchanged when a button is tapped.
        action_context: Identifier<'a> { example: "\"TR-417\"" },
        /// Where taps are called back; the gateway itself when absent, if it takes callbacks.
        action_callback_url: Str<'a> { example: "\"https://oa.example.com/feishu/actions\"" },
        /// Echoed in each callback, to prove where it comes from; `""` for none.
        action_callback_token: AnyStr<'a> { example: "\"s3cret-token\"" },
        /// Switches on encryption of callbacks; `""` for none.
        action_callback_key: AnyStr<'a> { example: "\"\"" },
        /// Makes sure that the recipient gets it once: a message with an equal key for the same person is not sent again for 24
        /// hours.
        dedupe_key: Identifier<'a> { example: "\"TR-417 waits\"" },
        /// The locale that the texts are written in; the default is configured. Messages know `zh-CN`, `en-US` and `ja-JP`: texts in
        /// any other are shown as if they were Chinese.
        locale: LocaleName<'a>,
        /// For other locales, what texts read like. Locales that messages do not know are left out.
        translations: Catalogues<'a> { example: "{\"en-US\":{\"出差申请\":\"Trip\"}}" },
    }
}

members! {
    /// What a to-do card says from now on. Beyond what this schema says: `status_text` is required with `custom`, and it and
    /// `link_label` are for `custom` only.
    struct RawMessageUpdate<'a> as MessageUpdateInput {
        /// What has become of the task.
        status: OneOf<MessageStatus> { required: true },
        /// The status in your own words.
        status_text: Str<'a> { example: "\"已挂起\"" },
        /// What the card's button says from now on.
        link_label: Str<'a> { example: "\"打开\"" },
        /// The locale that the texts are written in, as in `MessageInput`.
        locale: LocaleName<'a>,
        /// For other locales, what texts read like, as in `MessageInput`.
        translations: Catalogues<'a> { example: "{\"en-US\":{\"已挂起\":\"On hold\"}}" },
    }
}
