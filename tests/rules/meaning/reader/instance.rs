//! The body of `external_instances` (contract §4.1).

use std::collections::{BTreeMap, BTreeSet};

use super::fields::Fields;
use super::resources::Resources;
use super::{Brand, DISPLAY_METHODS, extra, links, person, task};
use crate::meaning::model::{Copy, Instance, Row, Text};

const STATUSES: [&str; 7] =
    ["PENDING", "APPROVED", "REJECTED", "CANCELED", "DELETED", "HIDDEN", "TERMINATED"];

/// Nothing follows these (design §2.1).
const FINAL: [&str; 5] = ["approved", "rejected", "canceled", "deleted", "terminated"];

const MAX_COPIES: usize = 200;

/// In characters.
const MAX_FORM_TEXT: usize = 2048;

pub(crate) fn instance(payload: &mut Fields<'_>, texts: &Resources, brand: &Brand) -> Instance {
    let instance_id = payload.string("instance_id");
    let approval_code = payload.string("approval_code");
    let status = payload.word("status", &STATUSES);
    let started_at = payload.time("start_time");
    let updated_at = payload.time("update_time");
    let mode = payload.word("update_mode", &["REPLACE", "UPDATE"]).unwrap_or_else(|| "replace".to_owned());
    let tasks = payload
        .objects("task_list", brand.max_tasks)
        .map(|tasks| tasks.into_iter().map(|task| task::task(task, texts, &mode)).collect::<Vec<_>>());
    let cc =
        payload.objects("cc_list", MAX_COPIES).map(|copies| copies.into_iter().map(copy).collect::<Vec<_>>());
    let instance = Instance {
        instance_id: payload.required("instance_id", instance_id),
        approval_code: payload.required("approval_code", approval_code),
        status: payload.required("status", status),
        mode,
        title: texts.text(payload, "title"),
        links: links(payload),
        user_id: payload.string("user_id"),
        open_id: payload.string("open_id"),
        applicant_name: texts.text(payload, "user_name"),
        department_id: payload.any_string("department_id"),
        department_name: texts.text(payload, "department_name"),
        form: payload
            .objects("form", usize::MAX)
            .map(|rows| rows.into_iter().map(|fields| row(fields, texts)).collect()),
        started_at: payload.required("start_time", started_at),
        updated_at: payload.required("update_time", updated_at),
        ended_at: payload.end_time("end_time"),
        extra: extra(payload, "business_key"),
        display_method: payload.word("display_method", &DISPLAY_METHODS),
        locale: texts.default_locale.clone(),
        tasks,
        cc,
        trusteeship: trusteeship(payload),
    };
    if FINAL.contains(&instance.status.as_str()) && instance.ended_at.is_none() {
        payload.fault("end_time", "must not be \"0\" when nothing follows");
    }
    refuse_nobody(&instance, payload);
    refuse_collisions(&instance, payload);
    instance
}

fn refuse_nobody(instance: &Instance, payload: &Fields<'_>) {
    if instance.user_id.is_some() || instance.open_id.is_some() {
        return;
    }
    if instance.applicant_name.is_none() {
        payload.fault("user_id", "one of user_id and open_id is required");
    }
    let deserted =
        instance.tasks.as_ref().is_none_or(Vec::is_empty) && instance.cc.as_ref().is_none_or(Vec::is_empty);
    // Contract §4.5.
    if deserted && instance.mode == "replace" && FINAL.contains(&instance.status.as_str()) {
        payload.fault("user_id", "this would wipe the instance for good");
    }
}

/// Contract §4.1, uniqueness across kinds.
fn refuse_collisions(instance: &Instance, payload: &Fields<'_>) {
    let tasks = instance.tasks.iter().flatten().map(|task| &task.task_id);
    let copies = instance.cc.iter().flatten().map(|copy| &copy.cc_id);
    let mut seen = BTreeSet::new();
    for id in [&instance.instance_id].into_iter().chain(tasks).chain(copies) {
        if !seen.insert(id) {
            payload.fault("", &format!("{id} is used twice"));
        }
    }
}

fn row(mut fields: Fields<'_>, texts: &Resources) -> Row {
    let mut side = |name| {
        let text = texts.text(&mut fields, name);
        let wordings = text
            .iter()
            .flat_map(|Text { wording, elsewhere }| [wording].into_iter().chain(elsewhere.values()));
        if wordings.map(|wording| wording.chars().count()).any(|length| length > MAX_FORM_TEXT) {
            fields.fault(name, "is too long");
        }
        text
    };
    let row = Row { name: side("name"), value: side("value") };
    fields.finish();
    row
}

fn copy(mut fields: Fields<'_>) -> Copy {
    let cc_id = fields.string("cc_id");
    let (user_id, open_id) = person(&mut fields);
    let read_status = fields.word("read_status", &["READ", "UNREAD"]);
    let created_at = fields.time("create_time");
    let updated_at = fields.time("update_time");
    let copy = Copy {
        cc_id: fields.required("cc_id", cc_id),
        user_id,
        open_id,
        title: fields.string("title"),
        links: links(&mut fields),
        read: fields.required("read_status", read_status) == "read",
        created_at: fields.required("create_time", created_at),
        updated_at: fields.required("update_time", updated_at),
        extra: extra(&mut fields, "nothing that Feishu understands"),
        display_method: fields.word("display_method", &DISPLAY_METHODS),
    };
    fields.finish();
    copy
}

/// The `trusteeship_*` fields, under the names of the flat document.
fn trusteeship(payload: &mut Fields<'_>) -> BTreeMap<&'static str, String> {
    let mut settings = vec![
        ("url_token", payload.string("trusteeship_url_token")),
        ("user_id_type", payload.string("trusteeship_user_id_type")),
    ];
    if settings[1].1.as_ref().is_some_and(|kind| kind != "user_id") {
        payload.fault("trusteeship_user_id_type", "only user_id is supported");
    }
    if let Some(mut urls) = payload.object("trusteeship_urls") {
        for name in [
            "form_detail_url",
            "action_definition_url",
            "approval_node_url",
            "action_callback_url",
            "pull_business_data_url",
        ] {
            settings.push((name, urls.string(name)));
        }
        urls.finish();
    }
    if let Some(mut cache) = payload.object("trusteeship_cache_config") {
        let policies = ["DISABLE", "IMMUTABLE", "BY_NODE", "BY_USER"];
        settings.push(("cache_policy", cache.word("form_policy", &policies)));
        let varies = cache.flag("form_vary_with_locale");
        settings.push(("cache_varies_with_locale", varies.map(|flag| flag.to_string())));
        settings.push(("cache_version", cache.int64("form_version").map(|version| version.to_string())));
        cache.finish();
    }
    settings.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
