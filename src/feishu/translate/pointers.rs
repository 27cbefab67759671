//! Where Feishu's field paths lie in the caller's own document.

use crate::domain::{AliasKind, NamesPeople};

/// One step of a path such as `task_list[0].links.pc_link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'p> {
    Name(&'p str),
    Index(&'p str),
}

/// The JSON Pointer into the flat instance for a path of `external_instances`; the whole document when unknown.
pub fn instance_pointer(path: &str) -> String {
    let steps: Vec<_> = steps(path).collect();
    let (list, index, rest) = match steps.as_slice() {
        [Step::Name("task_list"), Step::Index(index), rest @ ..] => ("tasks", *index, rest),
        [Step::Name("cc_list"), Step::Index(index), rest @ ..] => ("cc", *index, rest),
        [Step::Name("form"), Step::Index(index), rest @ ..] => ("form", *index, rest),
        rest => return pointer(&[], &instance_member(rest)),
    };
    pointer(&[list, index], &item_member(list, rest))
}

/// The JSON Pointer into the flat definition for a path of `external_approvals`; the whole document when unknown.
pub fn definition_pointer(path: &str) -> String {
    let steps: Vec<_> = steps(path).collect();
    let name = match steps.as_slice() {
        [Step::Name("approval_code")] => "definition_key",
        [Step::Name("approval_name")] => "name",
        [Step::Name("group_code")] => "group_key",
        [Step::Name("external"), Step::Name(name)] => match *name {
            "biz_name" => "source_name",
            "biz_type" => "business_type",
            "create_link_pc" => "pc_create_link",
            "create_link_mobile" => "mobile_create_link",
            "exclude_efficiency_statistics" => "exclude_from_statistics",
            same @ ("support_pc"
            | "support_mobile"
            | "support_batch_read"
            | "allow_batch_operate"
            | "action_callback_url"
            | "action_callback_token"
            | "action_callback_key") => same,
            _ => return String::new(),
        },
        [Step::Name("viewers"), ..] => "viewers",
        [Step::Name("managers"), Step::Index(index)] => return pointer(&["managers", index], ""),
        [Step::Name(same @ ("group_name" | "description" | "managers"))] => same,
        _ => return String::new(),
    };
    pointer(&[], name)
}

/// The JSON Pointer into the flat message for a path of `message/send`; the whole document when unknown.
pub fn message_pointer(path: &str) -> String {
    let steps: Vec<_> = steps(path).collect();
    let name = match steps.as_slice() {
        [Step::Name("template_id")] => "template",
        [Step::Name("custom_title")] => "title",
        [Step::Name("custom_content")] => "content",
        [Step::Name("title_user_id" | "title_user_id_type")] => "subject_user_id",
        [Step::Name("content"), Step::Name("summaries"), Step::Index(index), ..] => {
            return pointer(&["summaries", index], "");
        }
        [Step::Name("content"), Step::Name(name)] => match *name {
            "user_id" => "applicant_user_id",
            "user_name" => "applicant_name",
            same @ ("department_id" | "department_name" | "summaries") => same,
            _ => return String::new(),
        },
        [Step::Name("action_configs"), Step::Index(index), ..] => return pointer(&["actions", index], ""),
        [Step::Name("action_configs")] => "actions",
        [Step::Name("actions"), ..] => "pc_link",
        [
            Step::Name("action_callback"),
            Step::Name(
                same @ ("action_context"
                | "action_callback_url"
                | "action_callback_token"
                | "action_callback_key"),
            ),
        ] => same,
        [Step::Name("status_name")] => "status_text",
        [Step::Name("detail_action_name")] => "link_label",
        [
            Step::Name(
                same @ ("user_id" | "open_id" | "approval_name" | "comment" | "note" | "sender_user_id"
                | "text" | "status"),
            ),
        ] => same,
        _ => return String::new(),
    };
    pointer(&[], name)
}

/// The pointers of a document's aliases, for [`as_written`].
pub fn alias_pointers(document: &impl NamesPeople) -> Vec<String> {
    document.aliases().into_iter().map(|(pointer, _)| pointer).collect()
}

/// Where a document has what a pointer to an id is about: at an alias, when it names the person by that.
pub fn as_written(pointer: &str, aliases: &[String]) -> String {
    let stem = ["user_id", "open_id"].into_iter().find_map(|id| pointer.strip_suffix(id));
    let is_theirs = |alias: &&String| {
        let kind = stem.and_then(|stem| alias.strip_prefix(stem));
        kind.is_some_and(|kind| AliasKind::ALL.iter().any(|known| known.as_str() == kind))
    };
    aliases.iter().find(is_theirs).map_or(pointer, String::as_str).to_owned()
}

/// The JSON Pointer into the list of versions for a path of `external_instances/check`.
pub fn check_pointer(path: &str) -> String {
    let steps: Vec<_> = steps(path).collect();
    let (parents, rest): (Vec<&str>, &[Step<'_>]) = match steps.as_slice() {
        [Step::Name("instances"), Step::Index(i), Step::Name("tasks"), Step::Index(j), rest @ ..] => {
            (vec!["instances", i, "tasks", j], rest)
        }
        [Step::Name("instances"), Step::Index(i), rest @ ..] => (vec!["instances", i], rest),
        [Step::Name("instances")] => (vec!["instances"], &[]),
        _ => return String::new(),
    };
    let member = match rest {
        [Step::Name("update_time")] => "updated_at",
        [Step::Name(same @ ("instance_id" | "task_id" | "tasks"))] => same,
        _ => "",
    };
    pointer(&parents, member)
}

/// The JSON Pointer to the query parameter for a field of a search or of the list of statuses.
pub fn query_pointer(path: &str) -> String {
    let name = match steps(path).next() {
        Some(Step::Name(name)) => match name {
            "instance_external_id" | "instance_ids" => "instance_id",
            "group_external_id" => "definition_group",
            "approval_codes" => "approval_code",
            "user_ids" => "user_id",
            "instance_title" | "task_title" | "cc_title" => "title",
            "instance_status" | "task_status_list" => "status",
            "task_status" => "task_status",
            "read_status" => "read",
            "instance_start_time_from" | "task_start_time_from" => "started_from",
            "instance_start_time_to" | "task_start_time_to" => "started_to",
            "cc_create_time_from" => "created_from",
            "cc_create_time_to" => "created_to",
            "page_size" => "limit",
            "page_token" | "scroll_id" => "cursor",
            same @ ("user_id" | "approval_code" | "instance_code" | "locale" | "order" | "status"
            | "topic" | "user_id_type") => same,
            _ => "",
        },
        Some(Step::Index(_)) | None => "",
    };
    pointer(&[], name)
}

/// Names and indices of a path, whether it is written `a[0].b` or `a.0.b`.
fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[', ']', '/']).filter(|part| !part.is_empty()).map(|part| {
        if part.bytes().all(|byte| byte.is_ascii_digit()) { Step::Index(part) } else { Step::Name(part) }
    })
}

fn instance_member(steps: &[Step<'_>]) -> String {
    let name = match steps {
        [Step::Name("links"), Step::Name("mobile_link")] => "mobile_link",
        [Step::Name("links"), ..] => "pc_link",
        [Step::Name("user_id")] => "applicant_user_id",
        [Step::Name("open_id")] => "applicant_open_id",
        [Step::Name("user_name")] => "applicant_name",
        [Step::Name("start_time")] => "started_at",
        [Step::Name("end_time")] => "ended_at",
        [Step::Name("update_time")] => "updated_at",
        [Step::Name("task_list")] => "tasks",
        [Step::Name("cc_list")] => "cc",
        [Step::Name("trusteeship_url_token")] => "trusteeship/url_token",
        [Step::Name("trusteeship_user_id_type")] => "trusteeship/user_id_type",
        [Step::Name("trusteeship_urls"), Step::Name(name)] => return format!("trusteeship/{name}"),
        [Step::Name("trusteeship_cache_config"), Step::Name("form_policy")] => "trusteeship/cache_policy",
        [Step::Name("trusteeship_cache_config"), Step::Name("form_vary_with_locale")] => {
            "trusteeship/cache_varies_with_locale"
        }
        [Step::Name("trusteeship_cache_config"), Step::Name("form_version")] => "trusteeship/cache_version",
        [Step::Name("trusteeship_urls" | "trusteeship_cache_config"), ..] => "trusteeship",
        [
            Step::Name(
                same @ ("approval_code" | "status" | "extra" | "instance_id" | "title" | "department_id"
                | "department_name" | "display_method" | "form"),
            ),
            ..,
        ] => same,
        // Resources and modes are the gateway's own doing.
        _ => "",
    };
    name.to_owned()
}

fn item_member(list: &str, steps: &[Step<'_>]) -> String {
    let name = match steps {
        [Step::Name("links"), Step::Name("mobile_link")] => "mobile_link",
        [Step::Name("links"), ..] => "pc_link",
        [Step::Name("create_time")] => "created_at",
        [Step::Name("end_time")] => "ended_at",
        [Step::Name("update_time")] => "updated_at",
        [Step::Name("read_status")] => "read",
        [Step::Name("exclude_statistics")] => "exclude_from_statistics",
        [Step::Name("action_configs"), Step::Index(index), rest @ ..] => {
            let member = match rest {
                [Step::Name("action_type")] => "/action",
                [Step::Name("action_name")] => "/label",
                [Step::Name("is_need_reason" | "is_reason_required")] => "/reason",
                [Step::Name("is_need_attachment")] => "/attachment",
                _ => "",
            };
            return format!("actions/{index}{member}");
        }
        [Step::Name("action_configs")] => "actions",
        [Step::Name(same @ ("name" | "value"))] if list == "form" => same,
        [
            Step::Name(
                same @ ("task_id" | "cc_id" | "user_id" | "open_id" | "title" | "status" | "extra"
                | "action_context" | "display_method" | "node_id" | "node_name" | "generate_type"),
            ),
            ..,
        ] => same,
        _ => "",
    };
    name.to_owned()
}

fn pointer(parents: &[&str], member: &str) -> String {
    let member = Some(member).filter(|member| !member.is_empty());
    parents.iter().copied().chain(member).fold(String::new(), |pointer, step| pointer + "/" + step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("/tasks/0/user_id" => "/tasks/0/email"; "a user id")]
    #[test_case("/tasks/0/open_id" => "/tasks/0/email"; "an open id")]
    #[test_case("/applicant_user_id" => "/applicant_mobile"; "the applicant")]
    #[test_case("/user_id" => "/union_id"; "a recipient")]
    #[test_case("/tasks/1/user_id" => "/tasks/1/user_id"; "somebody who is named by an id")]
    #[test_case("/tasks/0/title" => "/tasks/0/title"; "what is about nobody")]
    fn written_at(pointer: &str) -> String {
        let aliases = ["/applicant_mobile", "/tasks/0/email", "/tasks/10/email", "/union_id"];
        as_written(pointer, &aliases.map(str::to_owned))
    }

    #[test_case("approval_code" => "/approval_code")]
    #[test_case("user_id" => "/applicant_user_id")]
    #[test_case("end_time" => "/ended_at")]
    #[test_case("links.mobile_link" => "/mobile_link")]
    #[test_case("task_list[2].user_id" => "/tasks/2/user_id")]
    #[test_case("task_list.2.create_time" => "/tasks/2/created_at"; "dotted index")]
    #[test_case("task_list[0].action_configs[1].action_name" => "/tasks/0/actions/1/label")]
    #[test_case("task_list[0].links" => "/tasks/0/pc_link")]
    #[test_case("task_list" => "/tasks")]
    #[test_case("cc_list[7].read_status" => "/cc/7/read")]
    #[test_case("form[0].value" => "/form/0/value")]
    #[test_case("trusteeship_cache_config.form_policy" => "/trusteeship/cache_policy")]
    #[test_case("i18n_resources[0].texts" => "")]
    #[test_case("" => ""; "nothing")]
    fn into_the_instance(path: &str) -> String {
        instance_pointer(path)
    }

    #[test_case("instances[0].update_time" => "/instances/0/updated_at")]
    #[test_case("instances[3].tasks[1].task_id" => "/instances/3/tasks/1/task_id")]
    #[test_case("instances" => "/instances")]
    fn into_the_versions(path: &str) -> String {
        check_pointer(path)
    }

    #[test_case("instance_external_id" => "/instance_id")]
    #[test_case("cc_create_time_to" => "/created_to")]
    #[test_case("approval_codes[0]" => "/approval_code")]
    #[test_case("with_revoked_instance" => "")]
    fn into_the_query(path: &str) -> String {
        query_pointer(path)
    }

    #[test_case("approval_code" => "/definition_key")]
    #[test_case("external.create_link_pc" => "/pc_create_link")]
    #[test_case("viewers[3].viewer_user_id" => "/viewers")]
    #[test_case("managers[3]" => "/managers/3")]
    #[test_case("i18n_resources" => "")]
    fn into_the_definition(path: &str) -> String {
        definition_pointer(path)
    }
}
