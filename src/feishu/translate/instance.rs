//! The flat instance becomes `external_instances` (contract §4.1).

use bytes::Bytes;

use super::oversized::{OversizedPayload, size_of_links};
use crate::domain::{
    Action, ActionKind, ApprovalInstance, ApprovalTask, CachePolicy, CarbonCopy, DisplayMethod, Extra,
    FormRow, GenerateType, Id, Links, Mode, Person, Reason, TaskStatus, Text, Timestamp, Trusteeship,
};
use crate::feishu::wire::{
    ActionConfig, CcNode, Each, EndTime, ExternalInstance, FormField, Int64, LinkPair, MAX_PAYLOAD_BYTES,
    Members, TaskNode, TooLarge, TrusteeshipCacheConfig, TrusteeshipUrls, payload,
};

/// What an instance takes in JSON beside its lists, in bytes; a guess that fits ordinary ones.
const OWN_SIZE: usize = 2048;

/// What a task or a copy takes, in bytes; likewise.
const ITEM_SIZE: usize = 512;

/// The exact payload of a push, in JSON.
///
/// `version` is what the instance is sent as; tasks and copies without a version or links of their own take over the
/// instance's, and what is finished without saying when is so since its version (design §2.1).
///
/// # Errors
/// When it would have more than [`MAX_PAYLOAD_BYTES`].
pub fn instance_payload(
    instance: &ApprovalInstance<'_>,
    mode: Mode,
    version: Timestamp,
) -> Result<Bytes, OversizedPayload> {
    // A few kilobytes of document can mean gigabytes of links: they are reckoned before anything is written.
    let links = size_of_links(instance);
    if links > MAX_PAYLOAD_BYTES {
        return Err(OversizedPayload::of(instance));
    }
    let items = instance.tasks.iter().flatten().count() + instance.cc.iter().flatten().count();
    let buffer = Vec::with_capacity(OWN_SIZE + items * ITEM_SIZE + links);
    let members = external_instance(instance, mode, version);
    let written = payload(&members, instance.locale, &instance.translations, buffer);
    written.map(Bytes::from).map_err(|TooLarge| OversizedPayload::of(instance))
}

fn external_instance<'a>(
    instance: &'a ApprovalInstance<'a>,
    mode: Mode,
    version: Timestamp,
) -> impl Members<'a> {
    let ApprovalInstance {
        instance_id,
        approval_code,
        status,
        title,
        links,
        applicant,
        applicant_name,
        department_id,
        department_name,
        form,
        started_at,
        // Resolved by the caller, who knows what was sent before: `version`.
        updated_at: _,
        ended_at,
        extra,
        display_method,
        // Both are for the texts, which the payload ends with.
        locale: _,
        translations: _,
        tasks,
        cc,
        trusteeship,
        // For the caller.
        warnings: _,
    } = instance;
    let hosted = trusteeship.as_ref().map(hosted).unwrap_or_default();
    ExternalInstance {
        update_mode: mode.wire_name(),
        approval_code: approval_code.as_str(),
        status: status.wire_name(),
        extra: extra.as_ref().map(Extra::as_str),
        instance_id: instance_id.as_str(),
        links: link_pair(links),
        title: title.as_ref(),
        form: form.as_ref().map(|rows| rows.iter().map(form_field).collect()),
        user_id: applicant.as_ref().and_then(Person::user_id),
        open_id: applicant.as_ref().and_then(Person::open_id),
        user_name: applicant_name.as_ref(),
        department_id: department_id.as_deref(),
        department_name: department_name.as_ref(),
        start_time: (*started_at).into(),
        end_time: EndTime(ended_at.or_else(|| status.is_final().then_some(version))),
        update_time: version.into(),
        display_method: display_method.map(DisplayMethod::wire_name),
        task_list: tasks
            .as_ref()
            .map(|tasks| Each(tasks.iter().map(move |task| task_node(task, links, version)))),
        cc_list: cc.as_ref().map(|copies| Each(copies.iter().map(move |copy| cc_node(copy, links, version)))),
        trusteeship_url_token: hosted.url_token,
        trusteeship_user_id_type: hosted.user_id_type,
        trusteeship_urls: hosted.urls,
        trusteeship_cache_config: hosted.cache,
    }
}

fn link_pair<'a>(links: &'a Links<'a>) -> LinkPair<'a> {
    let Links { pc, mobile } = links;
    LinkPair { pc_link: pc.as_str(), mobile_link: mobile.as_str() }
}

fn form_field<'a>(row: &'a FormRow<'a>) -> FormField<'a> {
    let FormRow { name, value } = row;
    FormField { name: name.as_ref(), value: value.as_ref() }
}

fn task_node<'a>(task: &'a ApprovalTask<'a>, inherited: &'a Links<'a>, version: Timestamp) -> TaskNode<'a> {
    let ApprovalTask {
        task_id,
        approver,
        title,
        links,
        status,
        created_at,
        updated_at,
        ended_at,
        extra,
        action_context,
        actions,
        display_method,
        node_id,
        node_name,
        exclude_from_statistics,
        generate_type,
        // For the gateway.
        notify: _,
    } = task;
    let version = updated_at.unwrap_or(version);
    TaskNode {
        task_id: task_id.as_str(),
        user_id: approver.user_id(),
        open_id: approver.open_id(),
        title: title.as_ref(),
        links: link_pair(links.as_ref().unwrap_or(inherited)),
        status: status.wire_name(),
        extra: extra.as_ref().map(Extra::as_str),
        create_time: (*created_at).into(),
        end_time: EndTime(ended_at.or_else(|| (*status != TaskStatus::Pending).then_some(version))),
        update_time: version.into(),
        action_context: action_context.as_ref().map(Id::as_str),
        action_configs: actions.as_ref().map(|all| all.iter().map(action_config).collect()),
        display_method: display_method.map(DisplayMethod::wire_name),
        exclude_statistics: *exclude_from_statistics,
        node_id: node_id.as_ref().map(Id::as_str),
        node_name: node_name.as_ref(),
        generate_type: generate_type.map(GenerateType::wire_name),
    }
}

fn action_config<'a>(action: &'a Action<'a>) -> ActionConfig<'a> {
    let Action { kind: _, reason: _, attachment } = action;
    // What the button says is `Action::label`, whatever its kind.
    let (action_type, is_need_reason, is_reason_required) = action_parts(action);
    ActionConfig {
        action_type,
        action_name: action.label(),
        is_need_reason,
        is_reason_required,
        is_need_attachment: *attachment,
    }
}

/// The word of an action, whether it asks for a reason, and whether it insists on one.
pub(super) fn action_parts<'a>(action: &'a Action<'a>) -> (&'a str, bool, bool) {
    let action_type = match &action.kind {
        ActionKind::Approve { label: _ } => "APPROVE",
        ActionKind::Reject { label: _ } => "REJECT",
        ActionKind::Custom { key, label: _ } => key.as_str(),
    };
    match action.reason {
        Reason::None => (action_type, false, false),
        Reason::Optional => (action_type, true, false),
        Reason::Required => (action_type, true, true),
    }
}

fn cc_node<'a>(copy: &'a CarbonCopy<'a>, inherited: &'a Links<'a>, version: Timestamp) -> CcNode<'a> {
    let CarbonCopy { cc_id, reader, title, links, read, created_at, updated_at, extra, display_method } =
        copy;
    CcNode {
        cc_id: cc_id.as_str(),
        user_id: reader.user_id(),
        open_id: reader.open_id(),
        links: link_pair(links.as_ref().unwrap_or(inherited)),
        read_status: if *read { "READ" } else { "UNREAD" },
        extra: extra.as_ref().map(Extra::as_str),
        title: title.as_ref().map(Text::as_str),
        create_time: (*created_at).into(),
        update_time: updated_at.unwrap_or(version).into(),
        display_method: display_method.map(DisplayMethod::wire_name),
    }
}

/// The `trusteeship_*` fields.
#[derive(Default)]
struct Hosted<'a> {
    url_token: Option<&'a str>,
    user_id_type: Option<&'static str>,
    urls: Option<TrusteeshipUrls<'a>>,
    cache: Option<TrusteeshipCacheConfig<'a>>,
}

fn hosted<'a>(trusteeship: &'a Trusteeship<'a>) -> Hosted<'a> {
    let Trusteeship {
        url_token,
        user_id_type,
        form_detail_url,
        action_definition_url,
        approval_node_url,
        action_callback_url,
        pull_business_data_url,
        cache_policy,
        cache_varies_with_locale,
        cache_version,
    } = trusteeship;
    let address = |id: &'a Option<Id<'a>>| id.as_ref().map(Id::as_str);
    let urls = TrusteeshipUrls {
        form_detail_url: address(form_detail_url),
        action_definition_url: address(action_definition_url),
        approval_node_url: address(approval_node_url),
        action_callback_url: address(action_callback_url),
        pull_business_data_url: address(pull_business_data_url),
    };
    let any_url = [
        form_detail_url,
        action_definition_url,
        approval_node_url,
        action_callback_url,
        pull_business_data_url,
    ]
    .into_iter()
    .any(Option::is_some);
    let cache = TrusteeshipCacheConfig {
        form_policy: cache_policy.map(CachePolicy::wire_name),
        form_vary_with_locale: *cache_varies_with_locale,
        form_version: cache_version.map(Int64),
    };
    let any_cache = cache_policy.is_some() || cache_varies_with_locale.is_some() || cache_version.is_some();
    Hosted {
        url_token: address(url_token),
        user_id_type: *user_id_type,
        urls: any_url.then_some(urls),
        cache: any_cache.then_some(cache),
    }
}
