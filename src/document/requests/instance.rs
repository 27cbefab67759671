//! The flat instance (design §2.1).

use crate::document::field::{
    AnyStr, Catalogues, Flag, Identifier, Integer, List, LocaleName, Nested, Object, OneOf, Str, Time,
};
use crate::document::read::members;
use crate::domain::{
    CachePolicy, CompleteReason, DisplayMethod, GenerateType, InstanceStatus, Reason, TaskStatus,
    TrusteeshipUserIdType,
};

/// Contract §12.3; Lark takes 200, which its rules check.
const MAX_TASKS: usize = 300;

/// Contract §12.3.
pub(in crate::document) const MAX_CC: usize = 200;

/// Contract §4.1: "two actions per task".
pub(in crate::document) const MAX_ACTIONS: usize = 2;

/// Our own bound: Feishu documents none, and shows the first three.
pub(in crate::document) const MAX_ROWS: usize = 1000;

/// Contract §12.3: form texts of 2,048 characters; counted as Unicode code points.
pub(in crate::document) const MAX_FORM_TEXT: usize = 2048;

members! {
    /// One approval as the caller's system sees it.
    ///
    /// Optional members that are `null` count as absent, and so do empty strings, `department_id` excepted. Beyond what
    /// this schema says: the applicant is named in one way: by `applicant_user_id` or `applicant_open_id` (or both),
    /// `applicant_email`, `applicant_mobile`, or `applicant_union_id`, unless `applicant_name` stands alone for an initiator that is no person; one of `pc_link` and `mobile_link` is required; where there is no ledger,
    /// `updated_at` is required with `mode=update`; the ids of the instance, its tasks and its copies must all differ; times
    /// lie after 1970-01-01T00:00:00Z; links that run code (`javascript:`, `data:`, `vbscript:`) are refused, and so are ids
    /// with control characters.
    struct RawInstance<'a> as InstanceInput {
        /// Must equal the id of the path; may be left out.
        instance_id: Identifier<'a> { example: "\"leave-1001\"" },
        /// The code that `upsertDefinition` answered. Not the `definition_key`.
        approval_code: Identifier<'a> { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Where the approval stands.
        status: OneOf<InstanceStatus> { required: true },
        /// Shown in lists; without it Feishu shows the definition's name.
        title: Str<'a> { example: "\"年假申请\"" },
        /// Where the applicant looks at it on a computer; mirrors `mobile_link` when absent.
        pc_link: Str<'a> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where the applicant looks at it on a phone; mirrors `pc_link` when absent.
        mobile_link: Str<'a> { example: "\"https://oa.example.com/m/leave/1001\"" },
        /// The applicant's id in the tenant.
        applicant_user_id: Identifier<'a> { example: "\"alice\"" },
        /// The applicant's id in the app.
        applicant_open_id: Identifier<'a> { example: "\"ou_3f1c2b\"" },
        /// The applicant's e-mail address in Feishu, instead of an id; the gateway looks it up.
        applicant_email: Identifier<'a> { example: "\"alice@example.com\"" },
        /// The applicant's mobile, instead of an id: with `+` and country code, which those of mainland China may leave out.
        applicant_mobile: Identifier<'a> { example: "\"+8613800138000\"" },
        /// The applicant's union id, instead of an id.
        applicant_union_id: Identifier<'a> { example: "\"on_8ed6aa67\"" },
        /// Name of an initiator that is no person.
        applicant_name: Str<'a> { example: "\"Payroll run\"" },
        /// The applicant's department; the empty string shows the company's name, absent shows nothing.
        department_id: AnyStr<'a> { example: "\"od-8ec33278bc2\"" },
        /// Name of the department.
        department_name: Str<'a> { example: "\"平台研发部\"" },
        /// The summary in lists; Feishu shows the first three rows.
        form: List<RawRow<'a>> { max_items: MAX_ROWS },
        /// When it was asked for.
        started_at: Time { required: true, example: "\"2026-11-20T09:30:00+08:00\"" },
        /// The version; the default is now, and later than every version before. With `mode=update` it must be later than
        /// what was sent before, and is required where there is no ledger.
        updated_at: Time { example: "\"2026-11-20T09:30:00+08:00\"" },
        /// When it ended; the default is the version, once the status is final (approved, rejected, canceled, deleted,
        /// terminated).
        ended_at: Time { example: "\"2026-11-21T10:00:00+08:00\"" },
        /// The document's number; travels inside `extra` and must not contradict `extra.business_key`.
        business_key: Str<'a> { example: "\"LEAVE-1001\"" },
        /// Anything; handed to Feishu as a string, numbers and order of members unchanged. Nested at most 64 deep, itself
        /// included; no object may hold a member twice.
        extra: Object<'a> { example: "{\"source\":\"hr\"}" },
        /// How Feishu opens the links.
        display_method: OneOf<DisplayMethod>,
        /// The locale that the texts are written in; the default is configured.
        locale: LocaleName<'a>,
        /// For other locales, what texts read like: source text and translated text, gettext style. The keys are
        /// locales, as `locale` lists them. May be a whole catalogue; only entries whose source text occurs are sent.
        translations: Catalogues<'a> { example: "{\"en-US\":{\"年假申请\":\"Annual leave\"}}" },
        /// Who decides. With `mode=replace` tasks that are not named here are deleted in Feishu. On Lark at most 200.
        tasks: List<RawTask<'a>> { max_items: MAX_TASKS },
        /// Who reads along. With `mode=replace` copies that are not named here are deleted in Feishu.
        cc: List<RawCc<'a>> { max_items: MAX_CC },
        /// Settings of a form that Feishu hosts.
        trusteeship: Nested<RawTrusteeship<'a>>,
    }
}

members! {
    /// One line of the summary.
    struct RawRow<'a> as FormRowInput {
        /// What the value is.
        name: Str<'a> { example: "\"天数\"", max_length: MAX_FORM_TEXT },
        /// The value.
        value: Str<'a> { example: "\"3\"", max_length: MAX_FORM_TEXT },
    }
}

members! {
    /// One approver's part. Beyond what this schema says: the approver is named in one way: by `user_id` or `open_id` (or both),
    /// `email`, `mobile`, or `union_id`; links that run code are refused.
    struct RawTask<'a> as TaskInput {
        /// Should be unique in the tenant and app: begin it with the instance's id.
        task_id: Identifier<'a> { required: true, example: "\"leave-1001-t1\"" },
        /// The approver's id in the tenant.
        user_id: Identifier<'a> { example: "\"bob\"" },
        /// The approver's id in the app.
        open_id: Identifier<'a> { example: "\"ou_9a8b7c\"" },
        /// The approver's e-mail address in Feishu, instead of an id; the gateway looks it up.
        email: Identifier<'a> { example: "\"bob@example.com\"" },
        /// The approver's mobile, instead of an id: with `+` and country code, which those of mainland China may leave out.
        mobile: Identifier<'a> { example: "\"+8613800138001\"" },
        /// The approver's union id, instead of an id.
        union_id: Identifier<'a> { example: "\"on_cad4860e\"" },
        /// Name of the step.
        title: Str<'a> { example: "\"主管审批\"" },
        /// Where the approver handles it on a computer; the instance's links when neither is given.
        pc_link: Str<'a> { example: "\"https://oa.example.com/leave/1001?task=t1\"" },
        /// Where the approver handles it on a phone; the instance's links when neither is given.
        mobile_link: Str<'a> { example: "\"https://oa.example.com/m/leave/1001?task=t1\"" },
        /// Where the task stands.
        status: OneOf<TaskStatus> { required: true },
        /// When it was given to the approver.
        created_at: Time { required: true, example: "\"2026-11-20T09:30:00+08:00\"" },
        /// Its version; the instance's when absent.
        updated_at: Time { example: "\"2026-11-20T09:30:00+08:00\"" },
        /// When it ended; the default is the version, unless the task is pending.
        ended_at: Time { example: "\"2026-11-21T10:00:00+08:00\"" },
        /// How the task ended; travels inside `extra` and must not contradict `extra.complete_reason`.
        complete_reason: OneOf<CompleteReason>,
        /// Anything; handed to Feishu as a string. Nested at most 64 deep.
        extra: Object<'a> { example: "{\"level\":1}" },
        /// Handed back unchanged by a quick approval: put your own ids in it.
        action_context: Str<'a> { example: "\"leave-1001/t1\"" },
        /// Buttons of a quick approval.
        actions: List<RawAction<'a>> { max_items: MAX_ACTIONS },
        /// How Feishu opens the links.
        display_method: OneOf<DisplayMethod>,
        /// The node of the flow, stable across instances of one definition.
        node_id: Identifier<'a> { example: "\"manager\"" },
        /// The node's name.
        node_name: Str<'a> { example: "\"主管\"" },
        /// Left out of efficiency statistics.
        exclude_from_statistics: Flag { default: "false" },
        /// Why the task came to be.
        generate_type: OneOf<GenerateType>,
        /// Whether the approver gets a card of the approval bot while the task waits; what the operator has chosen for the app
        /// (`notify.tasks`) when absent. A document that differs only in this is unchanged.
        notify: Flag { example: "true" },
    }
}

members! {
    /// A button of a quick approval.
    struct RawAction<'a> as ActionInput {
        /// `approve`, `reject`, or a key of your own, which is sent and called back as it is.
        action: Str<'a> { required: true, example: "\"approve\"" },
        /// What the button says; required for a key of your own.
        label: Str<'a> { example: "\"同意\"" },
        /// Whether the approver gives a reason; `none` when absent.
        reason: OneOf<Reason>,
        /// Whether the approver must attach a file.
        attachment: Flag { default: "false" },
    }
}

members! {
    /// Somebody who reads along. Beyond what this schema says: the reader is named in one way: by `user_id` or `open_id` (or
    /// both), `email`, `mobile`, or `union_id`; links that run code are refused.
    struct RawCc<'a> as CcInput {
        /// Should be unique in the tenant and app: begin it with the instance's id.
        cc_id: Identifier<'a> { required: true, example: "\"leave-1001-c1\"" },
        /// The reader's id in the tenant.
        user_id: Identifier<'a> { example: "\"carol\"" },
        /// The reader's id in the app.
        open_id: Identifier<'a> { example: "\"ou_1d2e3f\"" },
        /// The reader's e-mail address in Feishu, instead of an id; the gateway looks it up.
        email: Identifier<'a> { example: "\"carol@example.com\"" },
        /// The reader's mobile, instead of an id: with `+` and country code, which those of mainland China may leave out.
        mobile: Identifier<'a> { example: "\"+8613800138002\"" },
        /// The reader's union id, instead of an id.
        union_id: Identifier<'a> { example: "\"on_d89jhsdh\"" },
        /// Plain text: Feishu translates no titles of copies.
        title: Str<'a> { example: "\"年假抄送\"" },
        /// Where the reader looks at it on a computer; the instance's links when neither is given.
        pc_link: Str<'a> { example: "\"https://oa.example.com/leave/1001?cc=1\"" },
        /// Where the reader looks at it on a phone; the instance's links when neither is given.
        mobile_link: Str<'a> { example: "\"https://oa.example.com/m/leave/1001?cc=1\"" },
        /// Whether it was read.
        read: Flag { default: "false" },
        /// When it was sent.
        created_at: Time { required: true, example: "\"2026-11-20T09:30:00+08:00\"" },
        /// Its version; the instance's when absent.
        updated_at: Time { example: "\"2026-11-20T09:30:00+08:00\"" },
        /// Anything; handed to Feishu as a string. Nested at most 64 deep.
        extra: Object<'a> { example: "{\"source\":\"hr\"}" },
        /// How Feishu opens the links.
        display_method: OneOf<DisplayMethod>,
    }
}

members! {
    /// Settings of a form that Feishu hosts. Feishu publishes nothing about the calls that it makes to these addresses.
    struct RawTrusteeship<'a> as TrusteeshipInput {
        /// Sent back by Feishu in its calls.
        url_token: Str<'a> { example: "\"788981c886b1c28ac29d1e68efd60683\"" },
        /// Which ids Feishu's calls carry.
        user_id_type: OneOf<TrusteeshipUserIdType>,
        /// Serves the form's details.
        form_detail_url: Str<'a> { example: "\"https://oa.example.com/hosted/form\"" },
        /// Serves the actions that a form offers.
        action_definition_url: Str<'a> { example: "\"https://oa.example.com/hosted/actions\"" },
        /// Serves the nodes of the flow.
        approval_node_url: Str<'a> { example: "\"https://oa.example.com/hosted/nodes\"" },
        /// Takes actions.
        action_callback_url: Str<'a> { example: "\"https://oa.example.com/hosted/callback\"" },
        /// Serves business data.
        pull_business_data_url: Str<'a> { example: "\"https://oa.example.com/hosted/data\"" },
        /// How long a form may be cached.
        cache_policy: OneOf<CachePolicy>,
        /// Whether the cached form differs by locale.
        cache_varies_with_locale: Flag,
        /// Version of the form; a larger one makes cached copies stale. Its decimal digits in a string are taken, too.
        cache_version: Integer { example: "7" },
    }
}
