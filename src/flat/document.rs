//! The schema of the flat documents: which members each object has and how each is read.

use std::borrow::Cow;

use super::members::members;
use super::slot::{AnyStr, Catalogues, Flag, Integer, List, Nested, Object, OneOf, Str, Time};
use crate::domain::{
    CachePolicy, CompleteReason, DepartmentIdType, DisplayMethod, GenerateType, InstanceStatus, Reason,
    TaskStatus, UserIdType, ViewerScope,
};

members! {
    /// The body of `putInstance` and `previewInstance` (design §2.1).
    struct RawInstance<'a> {
        instance_id: Str<'a>,
        approval_code: Str<'a>,
        status: OneOf<InstanceStatus>,
        title: Str<'a>,
        pc_link: Str<'a>,
        mobile_link: Str<'a>,
        applicant_user_id: Str<'a>,
        applicant_open_id: Str<'a>,
        applicant_name: Str<'a>,
        department_id: AnyStr<'a>,
        department_name: Str<'a>,
        form: List<Box<RawRow<'a>>>,
        started_at: Time,
        updated_at: Time,
        ended_at: Time,
        business_key: Str<'a>,
        extra: Object<'a>,
        display_method: OneOf<DisplayMethod>,
        locale: Str<'a>,
        translations: Catalogues<'a>,
        tasks: List<Box<RawTask<'a>>>,
        cc: List<Box<RawCc<'a>>>,
        trusteeship: Nested<RawTrusteeship<'a>>,
    }
}

members! {
    /// `form[]`.
    struct RawRow<'a> {
        name: Str<'a>,
        value: Str<'a>,
    }
}

members! {
    /// `tasks[]`.
    struct RawTask<'a> {
        task_id: Str<'a>,
        user_id: Str<'a>,
        open_id: Str<'a>,
        title: Str<'a>,
        pc_link: Str<'a>,
        mobile_link: Str<'a>,
        status: OneOf<TaskStatus>,
        created_at: Time,
        updated_at: Time,
        ended_at: Time,
        complete_reason: OneOf<CompleteReason>,
        extra: Object<'a>,
        action_context: Str<'a>,
        actions: List<Box<RawAction<'a>>>,
        display_method: OneOf<DisplayMethod>,
        node_id: Str<'a>,
        node_name: Str<'a>,
        exclude_from_statistics: Flag,
        generate_type: OneOf<GenerateType>,
    }
}

members! {
    /// `tasks[].actions[]`.
    struct RawAction<'a> {
        action: Str<'a>,
        label: Str<'a>,
        reason: OneOf<Reason>,
        attachment: Flag,
    }
}

members! {
    /// `cc[]`.
    struct RawCc<'a> {
        cc_id: Str<'a>,
        user_id: Str<'a>,
        open_id: Str<'a>,
        title: Str<'a>,
        pc_link: Str<'a>,
        mobile_link: Str<'a>,
        read: Flag,
        created_at: Time,
        updated_at: Time,
        extra: Object<'a>,
        display_method: OneOf<DisplayMethod>,
    }
}

members! {
    /// `trusteeship`.
    struct RawTrusteeship<'a> {
        url_token: Str<'a>,
        user_id_type: Str<'a>,
        form_detail_url: Str<'a>,
        action_definition_url: Str<'a>,
        approval_node_url: Str<'a>,
        action_callback_url: Str<'a>,
        pull_business_data_url: Str<'a>,
        cache_policy: OneOf<CachePolicy>,
        cache_varies_with_locale: Flag,
        cache_version: Integer,
    }
}

members! {
    /// The body of `upsertDefinition` (design §2.2).
    struct RawDefinition<'a> {
        definition_key: Str<'a>,
        name: Str<'a>,
        group_key: Str<'a>,
        group_name: Str<'a>,
        description: Str<'a>,
        source_name: Str<'a>,
        business_type: Str<'a>,
        pc_create_link: Str<'a>,
        mobile_create_link: Str<'a>,
        support_pc: Flag,
        support_mobile: Flag,
        support_batch_read: Flag,
        allow_batch_operate: Flag,
        exclude_from_statistics: Flag,
        action_callback_url: Str<'a>,
        action_callback_token: AnyStr<'a>,
        action_callback_key: AnyStr<'a>,
        viewers: Nested<RawViewers<'a>>,
        managers: List<Cow<'a, str>>,
        locale: Str<'a>,
        translations: Catalogues<'a>,
        user_id_type: OneOf<UserIdType>,
        department_id_type: OneOf<DepartmentIdType>,
    }
}

members! {
    /// `viewers`.
    struct RawViewers<'a> {
        scope: OneOf<ViewerScope>,
        user_ids: List<Cow<'a, str>>,
        department_ids: List<Cow<'a, str>>,
    }
}

members! {
    /// The body of `checkInstances` (design §2.2).
    struct RawVersions<'a> {
        instances: List<Box<RawVersion<'a>>>,
    }
}

members! {
    /// `instances[]`.
    struct RawVersion<'a> {
        instance_id: Str<'a>,
        updated_at: Time,
        tasks: List<Box<RawTaskVersion<'a>>>,
    }
}

members! {
    /// `instances[].tasks[]`.
    struct RawTaskVersion<'a> {
        task_id: Str<'a>,
        updated_at: Time,
    }
}
