//! The flat definition (design §2.2).

use std::borrow::Cow;

use crate::document::field::{AnyStr, Catalogues, Flag, Identifier, List, LocaleName, Nested, OneOf, Str};
use crate::document::read::members;
use crate::domain::{DepartmentIdType, QuickApproval, UserIdType, ViewerScope};

/// Contract §3.1: the custom code has at most 128 characters.
pub(in crate::document) const MAX_KEY: usize = 128;

/// Contract §12.3: viewers and managers, 200 each.
pub(in crate::document) const MAX_PERSONS: usize = 200;

members! {
    /// A kind of approval. Feishu resets what an upsert leaves out, so always send the whole definition.
    ///
    /// Beyond what this schema says: `group_name` needs `group_key`; one of `support_pc` and `support_mobile`
    /// must be true; with `action_callback_url`, `action_callback_token` and `action_callback_key` must be there, `""` for
    /// none, and without it neither may be set. Viewers and managers take at most 200 each, however they are named. The rules of
    /// `InstanceInput` for `translations` hold here, too. What `getDefinition` answered can be sent back; only secrets that Feishu has must be added.
    struct RawDefinition<'a> as DefinitionInput {
        /// Your own code: the same one updates, another one creates. Feishu answers a different one, the `approval_code`.
        definition_key: Identifier<'a> { required: true, example: "\"hr-leave\"", max_length: MAX_KEY },
        /// Name of the kind of approval.
        name: Str<'a> { required: true, example: "\"请假\"" },
        /// Feishu's code, as it was answered. Changes nothing: the `definition_key` says which definition it is. But the answer
        /// then says whether Feishu has `created` another one.
        approval_code: Identifier<'a> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Your code of the group that lists it; an unknown one creates the group, and then needs a name.
        group_key: Identifier<'a> { example: "\"hr\"" },
        /// Name of the group.
        group_name: Str<'a> { example: "\"人事\"" },
        /// What it is for.
        description: Str<'a> { example: "\"年假、病假、事假\"" },
        /// Name of the system it comes from; Feishu writes "from" before it.
        source_name: Str<'a> { example: "\"人事系统\"" },
        /// Free category of the business.
        business_type: Str<'a> { example: "\"leave\"" },
        /// Where an approval is started on a computer; without it the definition is not shown there.
        /// Links that run code are refused.
        pc_create_link: Str<'a> { example: "\"https://oa.example.com/leave/new\"" },
        /// Where an approval is started on a phone; without it the definition is not shown there.
        /// Links that run code are refused.
        mobile_create_link: Str<'a> { example: "\"https://oa.example.com/m/leave/new\"" },
        /// Shown on computers.
        support_pc: Flag { example: "true", default: "false" },
        /// Shown on phones.
        support_mobile: Flag { example: "true", default: "false" },
        /// Copies can be marked as read in bulk.
        support_batch_read: Flag { default: "false" },
        /// Tasks can be approved in bulk.
        allow_batch_operate: Flag { default: "false" },
        /// Left out of efficiency statistics.
        exclude_from_statistics: Flag { default: "false" },
        /// With `gateway` quick approvals come to this gateway, which checks them and relays them to your system: it fills in
        /// address, token and key, so none of the following may be set.
        quick_approval: OneOf<QuickApproval>,
        /// Where quick approvals are called back.
        action_callback_url: Str<'a> { example: "\"https://oa.example.com/feishu/actions\"" },
        /// Echoed in each callback, to prove where it comes from; `""` for none. Never returned.
        action_callback_token: AnyStr<'a> { example: "\"s3cret-token\"" },
        /// Switches on encryption of callbacks; `""` for none. Never returned.
        action_callback_key: AnyStr<'a> { example: "\"\"" },
        /// As `getDefinition` answers it: with `false` the token may be left out, with `true` it must be given again.
        has_action_callback_token: Flag { example: "false" },
        /// As `getDefinition` answers it: with `false` the key may be left out, with `true` it must be given again.
        has_action_callback_key: Flag { example: "false" },
        /// Who may see it and start an approval.
        viewers: Nested<RawViewers<'a>> { required: true },
        /// Who administers it.
        managers: List<Cow<'a, str>> { example: "[\"alice\"]", max_items: MAX_PERSONS },
        /// The same by e-mail addresses, which the gateway looks up.
        manager_emails: List<Cow<'a, str>> { example: "[\"alice@example.com\"]", max_items: MAX_PERSONS },
        /// The same by mobiles: with `+` and country code, which those of mainland China may leave out.
        manager_mobiles: List<Cow<'a, str>> { example: "[\"+8613800138000\"]", max_items: MAX_PERSONS },
        /// The same by union ids.
        manager_union_ids: List<Cow<'a, str>> { example: "[\"on_8ed6aa67\"]", max_items: MAX_PERSONS },
        /// The locale that the texts are written in; the default is configured.
        locale: LocaleName<'a>,
        /// For other locales, what texts read like: source text and translated text. The keys are locales, as `locale` lists
        /// them.
        translations: Catalogues<'a> { example: "{\"en-US\":{\"请假\":\"Leave\"}}" },
        /// Which ids `viewers` and `managers` hold; `user_id` when absent. Beside people who are named by e-mail, mobile or union id
        /// they cannot be union ids.
        user_id_type: OneOf<UserIdType>,
        /// Which department ids `viewers` holds; `open_department_id` when absent.
        department_id_type: OneOf<DepartmentIdType>,
    }
}

members! {
    /// Who may see a definition. Beyond what this schema says: `selected` needs at least one user or department, and takes at
    /// most 200 of all together; the other scopes take none.
    struct RawViewers<'a> as DefinitionViewersInput {
        /// Everyone, nobody, or those who are named.
        scope: OneOf<ViewerScope> { required: true },
        /// People, with the scope `selected`.
        user_ids: List<Cow<'a, str>> { example: "[\"alice\",\"bob\"]", max_items: MAX_PERSONS },
        /// People by e-mail addresses, which the gateway looks up.
        emails: List<Cow<'a, str>> { example: "[\"alice@example.com\"]", max_items: MAX_PERSONS },
        /// People by mobiles: with `+` and country code, which those of mainland China may leave out.
        mobiles: List<Cow<'a, str>> { example: "[\"+8613800138000\"]", max_items: MAX_PERSONS },
        /// People by union ids.
        union_ids: List<Cow<'a, str>> { example: "[\"on_8ed6aa67\"]", max_items: MAX_PERSONS },
        /// Departments, with the scope `selected`.
        department_ids: List<Cow<'a, str>> { example: "[]", max_items: MAX_PERSONS },
    }
}
