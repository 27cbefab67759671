//! What holds for every payload that the gateway would send, whatever document it was made of.

use std::collections::HashSet;

use approval_gateway::domain::{Locale, Mode, Region, Timestamp};
use approval_gateway::feishu::translate::{definition_payload, ignored_by, instance_payload};
use approval_gateway::document::{CardRules, Rejection, Rules, read_definition, read_instance, read_versions};
use serde_json::Value;

/// The version of an instance that names none: 2026-01-02T03:04:05Z.
const NOW: i64 = 1_767_323_045_000;

/// What a document is read against; one byte chooses.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    rules: Rules,
    mode: Mode,
}

impl Setting {
    /// The setting that a byte stands for.
    pub fn from_byte(byte: u8) -> Self {
        let region = if byte & 1 == 0 { Region::Feishu } else { Region::Lark };
        let mode = if byte & 2 == 0 { Mode::Replace } else { Mode::Update };
        let locales: Vec<Locale> = region.locales().collect();
        let default_locale = locales[usize::from(byte >> 2) % locales.len()];
        Self { rules: Rules { region, default_locale, update_needs_version: true, cards: CardRules::default() }, mode }
    }
}

/// Reads an instance and, if it is taken, translates it.
pub fn instance(body: &[u8], path_id: Option<&str>, setting: Setting) {
    let instance = match read_instance(body, path_id, setting.mode, setting.rules) {
        Ok(instance) => instance,
        Err(rejection) => return explained(&rejection),
    };
    let _ = ignored_by(Mode::Update, &instance);
    let version = instance.updated_at.or(Timestamp::from_unix_millis(NOW)).expect("a time after 1970");
    let payload = parsed(&instance_payload(&instance, setting.mode, version).expect("a small payload"));
    keys_have_texts(&payload, "title", instance.locale);
    for list in ["task_list", "cc_list"] {
        for item in payload[list].as_array().into_iter().flatten() {
            assert!(item["user_id"].is_string() || item["open_id"].is_string(), "{list} without a person");
            is_extra(&item["extra"]);
        }
    }
    is_extra(&payload["extra"]);
    let ids: Vec<&Value> = [("task_list", "task_id"), ("cc_list", "cc_id")]
        .into_iter()
        .flat_map(|(list, id)| payload[list].as_array().into_iter().flatten().map(move |item| &item[id]))
        .chain([&payload["instance_id"]])
        .collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "an id occurs twice");
}

/// Reads a definition and, if it is taken, translates it.
pub fn definition(body: &[u8], setting: Setting) {
    match read_definition(body, setting.rules) {
        Ok(definition) => {
            let payload = parsed(&definition_payload(&definition).expect("a small payload"));
            keys_have_texts(&payload, "approval_name", definition.locale);
        }
        Err(rejection) => explained(&rejection),
    }
}

/// Reads a list of versions.
pub fn versions(body: &[u8], setting: Setting) {
    if let Err(rejection) = read_versions(body, setting.rules) {
        explained(&rejection);
    }
}

/// A refusal names at least one violation, each at a JSON Pointer (RFC 6901).
fn explained(rejection: &Rejection) {
    let Rejection::Invalid(violations) = rejection else { return };
    assert!(!violations.is_empty(), "refused without a reason");
    for violation in violations {
        let pointer = &violation.pointer;
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?} is no JSON Pointer");
        let whole = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        assert!(whole, "{pointer:?} has half an escape");
        assert!(!violation.code.is_empty() && !violation.detail.is_empty());
    }
}

fn parsed(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).expect("a payload is valid JSON")
}

/// `extra` is a JSON object inside a string.
fn is_extra(extra: &Value) {
    let Some(text) = extra.as_str() else { return assert!(extra.is_null()) };
    let extra: &serde_json::value::RawValue = serde_json::from_str(text).expect("extra is JSON");
    assert!(extra.get().starts_with('{'), "extra is no object");
}

/// Every text of the payload is a key of the default resource, no key occurs twice, no resource is idle.
fn keys_have_texts(payload: &Value, top: &str, locale: Locale) {
    let resources = payload["i18n_resources"].as_array().expect("resources are a list");
    let (default, others): (Vec<&Value>, Vec<&Value>) =
        resources.iter().partition(|resource| resource["is_default"] == true);
    assert_eq!(default.len(), 1, "there is one default resource");
    assert_eq!(default[0]["locale"], locale.as_str());
    let known = keys(default[0]);
    let locales: HashSet<&Value> = resources.iter().map(|resource| &resource["locale"]).collect();
    assert_eq!(locales.len(), resources.len(), "a locale occurs twice");
    for resource in others {
        let translated = keys(resource);
        assert!(!translated.is_empty(), "a resource without a text");
        assert!(translated.is_subset(&known), "a translation of nothing");
    }
    let mut used = HashSet::new();
    collect(payload, top, &mut used);
    assert_eq!(used, known, "keys in fields and keys in the default resource differ");
}

fn keys(resource: &Value) -> HashSet<&str> {
    let texts = resource["texts"].as_array().expect("texts are a list");
    let keys: HashSet<&str> = texts.iter().map(|text| text["key"].as_str().expect("a key")).collect();
    assert_eq!(keys.len(), texts.len(), "a key occurs twice in one resource");
    assert!(texts.iter().all(|text| text["value"].as_str().is_some_and(|value| !value.is_empty())));
    keys
}

/// The values of all members that Feishu reads as keys (contract §1.5, the fields marked i18n).
fn collect<'p>(payload: &'p Value, top: &str, used: &mut HashSet<&'p str>) {
    let mut take = |value: &'p Value| {
        if let Some(key) = value.as_str() {
            assert!(key.starts_with("@i18n@"), "{key:?} is no key");
            used.insert(key);
        } else {
            assert!(value.is_null());
        }
    };
    for name in [top, "user_name", "department_name", "group_name", "description"] {
        take(&payload[name]);
    }
    take(&payload["external"]["biz_name"]);
    for row in payload["form"].as_array().into_iter().flatten() {
        take(&row["name"]);
        take(&row["value"]);
    }
    for task in payload["task_list"].as_array().into_iter().flatten() {
        take(&task["title"]);
        take(&task["node_name"]);
        for action in task["action_configs"].as_array().into_iter().flatten() {
            take(&action["action_name"]);
        }
    }
}
