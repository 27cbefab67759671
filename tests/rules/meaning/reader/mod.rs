//! A strict reader of Feishu's payloads, written from its documents alone.
//!
//! It refuses whatever the documents do not know or do not allow, and says what the rest means. It shares nothing with
//! the code that writes payloads.

mod definition;
mod fields;
mod instance;
mod resources;
mod task;

use std::collections::BTreeMap;

use crate::meaning::json::Json;
use crate::meaning::model::{Definition, Extra, Instance, Links};
use fields::{Faults, Fields};
use resources::Resources;
pub(crate) use resources::Wordings;

/// What differs between the two brands (contract §11.6).
pub(crate) struct Brand {
    pub max_tasks: usize,
    pub locales: &'static [&'static str],
}

pub(crate) const FEISHU: Brand = Brand {
    max_tasks: 300,
    locales: &[
        "zh-CN", "en-US", "ja-JP", "zh-HK", "zh-TW", "de-DE", "es-ES", "fr-FR", "id-ID", "it-IT", "ko-KR",
        "pt-BR", "th-TH", "vi-VN", "ms-MY", "ru-RU",
    ],
};

pub(crate) const LARK: Brand = Brand { max_tasks: 200, locales: &["zh-CN", "en-US", "ja-JP"] };

/// What a payload says, and how each of its keys reads.
#[derive(Debug)]
pub(crate) struct Reading<T> {
    pub meaning: T,
    pub keys: BTreeMap<String, Wordings>,
}

/// Reads the body of `external_instances`; else everything that is wrong with it.
pub(crate) fn read_instance(payload: &str, brand: &Brand) -> Result<Reading<Instance>, Vec<String>> {
    read(payload, brand, |payload, resources| instance::instance(payload, resources, brand))
}

/// Reads the body of `external_approvals`; else everything that is wrong with it.
pub(crate) fn read_definition(payload: &str, brand: &Brand) -> Result<Reading<Definition>, Vec<String>> {
    read(payload, brand, definition::definition)
}

fn read<T>(
    payload: &str,
    brand: &Brand,
    meaning: impl FnOnce(&mut Fields<'_>, &Resources) -> T,
) -> Result<Reading<T>, Vec<String>> {
    let faults = Faults::default();
    let json = Json::parse(payload).ok_or_else(|| vec!["no JSON".to_owned()])?;
    let mut payload = Fields::new(String::new(), &json, &faults);
    let resources = Resources::read(&mut payload, brand);
    let meaning = meaning(&mut payload, &resources);
    let keys = resources.finish(&payload);
    payload.finish();
    let faults = faults.into_inner();
    if faults.is_empty() { Ok(Reading { meaning, keys }) } else { Err(faults) }
}

const DISPLAY_METHODS: [&str; 4] = ["BROWSER", "SIDEBAR", "NORMAL", "TRUSTEESHIP"];

/// `links`: both are always sent (contract §4.1: the table and its note disagree on which one may be missing).
fn links(owner: &mut Fields<'_>) -> Links {
    let Some(mut fields) = owner.object("links") else { return owner.required("links", None) };
    let (pc, mobile) = (fields.string("pc_link"), fields.string("mobile_link"));
    let links = Links { pc: fields.required("pc_link", pc), mobile: fields.required("mobile_link", mobile) };
    fields.finish();
    links
}

/// `extra`: a JSON object, as a string.
fn extra(owner: &mut Fields<'_>, understood: &str) -> Option<Extra> {
    let text = owner.string("extra")?;
    match Json::parse(&text) {
        Some(Json::Object(members)) => Some(Extra::new(&members, understood)),
        _ => {
            owner.fault("extra", "must hold a JSON object");
            None
        }
    }
}

/// The two ids of a person, at least one of which is there.
fn person(owner: &mut Fields<'_>) -> (Option<String>, Option<String>) {
    let ids = (owner.string("user_id"), owner.string("open_id"));
    if ids == (None, None) {
        owner.fault("user_id", "one of user_id and open_id is required");
    }
    ids
}
