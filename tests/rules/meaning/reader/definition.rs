//! The body of `external_approvals` (contract §3.1).

use super::fields::Fields;
use super::resources::Resources;
use crate::meaning::json::Json;
use crate::meaning::model::{Callback, Definition, Text, Viewers};

/// In characters.
const MAX_CODE: usize = 128;

const MAX_PERSONS: usize = 200;

pub(crate) fn definition(payload: &mut Fields<'_>, texts: &Resources) -> Definition {
    let code = payload.string("approval_code");
    let definition_key = payload.required("approval_code", code);
    if definition_key.chars().count() > MAX_CODE {
        payload.fault("approval_code", "is too long");
    }
    let name = texts.text(payload, "approval_name");
    if name.is_none() {
        payload.fault("approval_name", "is required");
    }
    // Field reports: a code alone names a known group, a name alone is refused.
    let group = match (payload.string("group_code"), texts.text(payload, "group_name")) {
        (Some(code), name) => Some((code, name)),
        (None, None) => None,
        _ => {
            payload.fault("group_code", "is required beside a name");
            None
        }
    };
    let description = texts.text(payload, "description");
    let external = payload.object("external");
    if external.is_none() {
        payload.fault("external", "is required");
    }
    let none = Json::Object(Vec::new());
    let mut external = external.unwrap_or_else(|| Fields::new("/external".to_owned(), &none, payload.faults));
    let definition = Definition {
        definition_key,
        name: name.unwrap_or_else(|| Text::new("", [])),
        group,
        description,
        source_name: texts.text(&mut external, "biz_name"),
        business_type: external.string("biz_type"),
        pc_create_link: external.string("create_link_pc"),
        mobile_create_link: external.string("create_link_mobile"),
        switches: switches(&mut external),
        callback: callback(&mut external),
        viewers: viewers(payload),
        managers: managers(payload),
        locale: texts.default_locale.clone(),
    };
    external.finish();
    definition
}

fn switches(external: &mut Fields<'_>) -> Vec<&'static str> {
    let mut on = Vec::new();
    for (theirs, ours) in [
        ("support_pc", "support_pc"),
        ("support_mobile", "support_mobile"),
        ("support_batch_read", "support_batch_read"),
        ("allow_batch_operate", "allow_batch_operate"),
        ("exclude_efficiency_statistics", "exclude_from_statistics"),
    ] {
        if external.flag(theirs).unwrap_or_default() {
            on.push(ours);
        }
    }
    if !on.contains(&"support_pc") && !on.contains(&"support_mobile") {
        external.fault("support_pc", "one of support_pc and support_mobile must be true");
    }
    on
}

fn callback(external: &mut Fields<'_>) -> Option<Callback> {
    let url = external.string("action_callback_url");
    let token = external.string("action_callback_token");
    let key = external.string("action_callback_key");
    if url.is_none() && (token.is_some() || key.is_some()) {
        external.fault("action_callback_url", "nothing is called back without an address");
    }
    Some(Callback { url: url?, token, key })
}

fn viewers(payload: &mut Fields<'_>) -> Viewers {
    // Contract §3.1: absent means visible to nobody.
    let Some(entries) = payload.objects("viewers", MAX_PERSONS) else { return Viewers::Nobody };
    let mut kinds = Vec::new();
    let (mut user_ids, mut department_ids) = (Vec::new(), Vec::new());
    for mut entry in entries {
        let kind = entry.word("viewer_type", &["TENANT", "DEPARTMENT", "USER", "NONE"]);
        let kind = entry.required("viewer_type", kind);
        let (user, department) = match kind.as_str() {
            "user" => (entry.string("viewer_user_id"), None),
            "department" => (None, entry.string("viewer_department_id")),
            _ => (None, None),
        };
        match (kind.as_str(), &user, &department) {
            ("user", None, _) => entry.fault("viewer_user_id", "is required"),
            ("department", _, None) => entry.fault("viewer_department_id", "is required"),
            _ => {}
        }
        user_ids.extend(user);
        department_ids.extend(department);
        kinds.push(kind);
        entry.finish();
    }
    match kinds.as_slice() {
        [] => Viewers::Nobody,
        [one] if one == "tenant" => Viewers::Everyone,
        [one] if one == "none" => Viewers::Nobody,
        several => {
            if several.iter().any(|kind| kind == "tenant" || kind == "none") {
                payload
                    .fault("viewers", "TENANT and NONE stand alone, else one of the entries has no effect");
            }
            Viewers::Selected { user_ids, department_ids }
        }
    }
}

fn managers(payload: &mut Fields<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    for id in payload.items("managers", MAX_PERSONS).unwrap_or_default() {
        match id {
            Json::Text(id) if !id.is_empty() => ids.push(id.clone()),
            _ => payload.fault("managers", "must hold ids"),
        }
    }
    ids
}
