//! The flat instance (design §2.1).

use std::collections::BTreeMap;

use super::{Flat, Languages};
use crate::meaning::json::Json;
use crate::meaning::model::{Action, Copy, Instance, Links, Row, Task};

/// What a push says besides its document.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub document: Json,
    pub instance_id: String,
    /// `replace` or `update`.
    pub mode: &'static str,
    /// The configured locale, for documents that name none.
    pub default_locale: &'static str,
}

/// What the request means; `now` is the version of a document that names none.
pub(crate) fn instance(request: &Request, now: i64) -> Instance {
    let document = Flat(&request.document);
    let languages = Languages::new(document, request.default_locale);
    let links = document.links().expect("a valid instance has a link");
    let updated_at = document.time("updated_at").unwrap_or(now);
    let inherited = Inherited { languages: &languages, links: &links, updated_at };
    let status: String = document.due("status");
    let is_open = ["pending", "hidden"].contains(&status.as_str());
    Instance {
        instance_id: request.instance_id.clone(),
        approval_code: document.due("approval_code"),
        status,
        mode: request.mode.to_owned(),
        title: languages.text(document, "title"),
        user_id: document.string("applicant_user_id"),
        open_id: document.string("applicant_open_id"),
        applicant_name: languages.text(document, "applicant_name"),
        department_id: document.any_string("department_id"),
        department_name: languages.text(document, "department_name"),
        form: document
            .objects("form")
            .map(|rows| rows.into_iter().map(|flat| row(flat, &languages)).collect()),
        started_at: document.time("started_at").expect("started_at is required"),
        updated_at,
        ended_at: document.time("ended_at").or((!is_open).then_some(updated_at)),
        extra: document.extra("business_key"),
        display_method: document.string("display_method"),
        tasks: document
            .objects("tasks")
            .map(|tasks| tasks.into_iter().map(|flat| task(flat, &inherited)).collect()),
        cc: document
            .objects("cc")
            .map(|copies| copies.into_iter().map(|flat| copy(flat, &inherited)).collect()),
        trusteeship: document.get("trusteeship").map(|flat| trusteeship(Flat(flat))).unwrap_or_default(),
        locale: languages.locale.clone(),
        links,
    }
}

/// What tasks and copies take from their instance.
struct Inherited<'a> {
    languages: &'a Languages,
    links: &'a Links,
    updated_at: i64,
}

fn row(flat: Flat<'_>, languages: &Languages) -> Row {
    Row { name: languages.text(flat, "name"), value: languages.text(flat, "value") }
}

fn task(flat: Flat<'_>, inherited: &Inherited<'_>) -> Task {
    let status: String = flat.due("status");
    let updated_at = flat.time("updated_at").unwrap_or(inherited.updated_at);
    Task {
        task_id: flat.due("task_id"),
        user_id: flat.string("user_id"),
        open_id: flat.string("open_id"),
        title: inherited.languages.text(flat, "title"),
        links: flat.links().unwrap_or_else(|| inherited.links.clone()),
        created_at: flat.time("created_at").expect("created_at is required"),
        ended_at: flat.time("ended_at").or((status != "pending").then_some(updated_at)),
        updated_at,
        status,
        extra: flat.extra("complete_reason"),
        action_context: flat.string("action_context"),
        actions: flat
            .objects("actions")
            .map(|actions| actions.into_iter().map(|flat| action(flat, inherited.languages)).collect()),
        display_method: flat.string("display_method"),
        node_id: flat.string("node_id"),
        node_name: inherited.languages.text(flat, "node_name"),
        exclude_from_statistics: flat.flag("exclude_from_statistics"),
        generate_type: flat.string("generate_type"),
    }
}

fn action(flat: Flat<'_>, languages: &Languages) -> Action {
    let action = flat.due("action");
    Action {
        action: match action.as_str() {
            "approve" | "reject" => action.to_uppercase(),
            _ => action,
        },
        label: languages.text(flat, "label"),
        reason: match flat.string("reason").as_deref() {
            None | Some("none") => "none",
            Some("optional") => "optional",
            Some("required") => "required",
            Some(other) => panic!("{other} is no reason"),
        },
        attachment: flat.flag("attachment").unwrap_or(false),
    }
}

fn copy(flat: Flat<'_>, inherited: &Inherited<'_>) -> Copy {
    Copy {
        cc_id: flat.due("cc_id"),
        user_id: flat.string("user_id"),
        open_id: flat.string("open_id"),
        title: flat.string("title"),
        links: flat.links().unwrap_or_else(|| inherited.links.clone()),
        read: flat.flag("read").unwrap_or(false),
        created_at: flat.time("created_at").expect("created_at is required"),
        updated_at: flat.time("updated_at").unwrap_or(inherited.updated_at),
        extra: flat.extra("nothing that Feishu understands"),
        display_method: flat.string("display_method"),
    }
}

fn trusteeship(flat: Flat<'_>) -> BTreeMap<&'static str, String> {
    let strings = [
        "url_token",
        "user_id_type",
        "form_detail_url",
        "action_definition_url",
        "approval_node_url",
        "action_callback_url",
        "pull_business_data_url",
        "cache_policy",
    ];
    let mut settings: BTreeMap<_, _> =
        strings.into_iter().filter_map(|name| Some((name, flat.string(name)?))).collect();
    settings.extend(
        flat.flag("cache_varies_with_locale").map(|flag| ("cache_varies_with_locale", flag.to_string())),
    );
    if let Some(Json::Number(version) | Json::Text(version)) = flat.get("cache_version")
        && !version.is_empty()
    {
        settings.insert("cache_version", version.clone());
    }
    settings
}
