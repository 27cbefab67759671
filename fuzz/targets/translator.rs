//! The translator takes every document that the rules allow; here documents are built so that most of them are.
#![no_main]

use approval_gateway_fuzz::{Setting, definition, instance};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

/// A text that occurs often, or any.
#[derive(Debug, Arbitrary)]
enum Text {
    Common(u8),
    Any(String),
}

/// A member that is there, `null`, or absent.
type Maybe<T> = Option<Option<T>>;

#[derive(Debug, Arbitrary)]
struct Task {
    title: Maybe<Text>,
    open_id: Option<Text>,
    status: u8,
    reason: Option<u8>,
    extra: Option<Vec<(Text, f64)>>,
    context: Option<Text>,
    actions: Option<Vec<(u8, Option<Text>, Option<u8>)>>,
    node: Option<(Text, Text)>,
    display: Option<u8>,
    link: Option<Text>,
}

#[derive(Debug, Arbitrary)]
struct Document {
    setting: u8,
    is_definition: bool,
    status: u8,
    ended: bool,
    versioned: bool,
    title: Maybe<Text>,
    applicant_name: Option<Text>,
    department: Option<(Text, Text)>,
    form: Maybe<Vec<(Maybe<Text>, Maybe<Text>)>>,
    business_key: Option<Text>,
    extra: Option<Vec<(Text, f64)>>,
    locale: Option<u8>,
    translations: Vec<(u8, Vec<(Text, Text)>)>,
    tasks: Option<Vec<Task>>,
    cc: Option<Vec<(Maybe<Text>, Option<bool>)>>,
    hosted: Option<(Text, u8, i64)>,
}

const LOCALES: [&str; 5] = ["zh-CN", "en-US", "ja-JP", "de-DE", "zh-TW"];
const TEXTS: [&str; 8] = ["请假", "Leave", "", "@i18n@title", "\u{0}", "👩‍👩‍👧", " ", "Approve"];
const TIME: &str = "2026-01-02T03:04:05+08:00";

fn text(text: &Text) -> Value {
    match text {
        Text::Common(number) => TEXTS[usize::from(*number) % TEXTS.len()].into(),
        Text::Any(any) => any.as_str().into(),
    }
}

fn word(words: &[&'static str], number: u8) -> Value {
    words[usize::from(number) % words.len()].into()
}

fn locale(number: u8) -> Value {
    word(&LOCALES, number)
}

/// Puts a member where it is there; an outer `Some` around nothing is `null`.
fn put(members: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        members[name] = value;
    }
}

fn maybe(value: &Maybe<Text>) -> Option<Value> {
    value.as_ref().map(|value| value.as_ref().map_or(Value::Null, text))
}

fn extra(members: &Option<Vec<(Text, f64)>>) -> Option<Value> {
    let members = members.as_ref()?.iter();
    let pairs =
        members.map(|(name, number)| (text(name).as_str().unwrap_or_default().to_owned(), json!(number)));
    Some(Value::Object(pairs.collect()))
}

fn task(number: usize, task: &Task) -> Value {
    let statuses = ["pending", "approved", "rejected", "transferred", "done"];
    let mut members = json!({
        "task_id": format!("t{number}"), "user_id": "u", "created_at": TIME, "ended_at": TIME,
        "status": word(&statuses, task.status),
    });
    put(&mut members, "title", maybe(&task.title));
    put(&mut members, "open_id", task.open_id.as_ref().map(text));
    put(&mut members, "complete_reason", task.reason.map(|number| word(&["approved", "others"], number)));
    put(&mut members, "extra", extra(&task.extra));
    put(&mut members, "action_context", task.context.as_ref().map(text));
    put(&mut members, "node_id", task.node.as_ref().map(|(id, _)| text(id)));
    put(&mut members, "node_name", task.node.as_ref().map(|(_, name)| text(name)));
    put(&mut members, "display_method", task.display.map(|number| word(&["browser", "sidebar"], number)));
    put(&mut members, "pc_link", task.link.as_ref().map(text));
    let action = |(kind, label, reason): &(u8, Option<Text>, Option<u8>)| {
        let mut action = json!({"action": word(&["approve", "reject", "mine", "APPROVE"], *kind)});
        put(&mut action, "label", label.as_ref().map(text));
        put(&mut action, "reason", reason.map(|number| word(&["none", "optional", "required"], number)));
        action
    };
    put(&mut members, "actions", task.actions.as_ref().map(|all| all.iter().take(3).map(action).collect()));
    members
}

fn translations(catalogues: &[(u8, Vec<(Text, Text)>)]) -> Value {
    let catalogue = |pairs: &[(Text, Text)]| -> Value {
        let pairs = pairs.iter().map(|(source, wording)| (text(source), text(wording)));
        pairs
            .map(|(source, wording)| (source.as_str().unwrap_or_default().to_owned(), wording))
            .collect::<Map<_, _>>()
            .into()
    };
    let all = catalogues.iter();
    all.map(|(number, pairs)| (locale(*number).as_str().unwrap_or_default().to_owned(), catalogue(pairs)))
        .collect::<Map<_, _>>()
        .into()
}

fn instance_of(document: &Document) -> Value {
    let statuses = ["pending", "approved", "rejected", "canceled", "deleted", "hidden", "terminated"];
    let mut members = json!({
        "instance_id": "i", "approval_code": "c", "pc_link": "https://oa.example.org/1",
        "started_at": TIME, "status": word(&statuses, document.status),
        "translations": translations(&document.translations),
    });
    put(&mut members, "ended_at", document.ended.then(|| TIME.into()));
    put(&mut members, "updated_at", document.versioned.then(|| TIME.into()));
    put(&mut members, "title", maybe(&document.title));
    let applicant = document.applicant_name.is_none().then(|| "u".into());
    put(&mut members, "applicant_user_id", applicant);
    put(&mut members, "applicant_name", document.applicant_name.as_ref().map(text));
    put(&mut members, "department_id", document.department.as_ref().map(|(id, _)| text(id)));
    put(&mut members, "department_name", document.department.as_ref().map(|(_, name)| text(name)));
    let row = |(name, value): &(Maybe<Text>, Maybe<Text>)| {
        let mut row = json!({});
        put(&mut row, "name", maybe(name));
        put(&mut row, "value", maybe(value));
        row
    };
    let rows = |rows: &Vec<_>| rows.iter().map(row).collect::<Value>();
    put(&mut members, "form", document.form.as_ref().map(|all| all.as_ref().map_or(Value::Null, rows)));
    put(&mut members, "business_key", document.business_key.as_ref().map(text));
    put(&mut members, "extra", extra(&document.extra));
    put(&mut members, "locale", document.locale.map(locale));
    let tasks = document.tasks.as_ref();
    put(
        &mut members,
        "tasks",
        tasks.map(|all| all.iter().enumerate().map(|(number, one)| task(number, one)).collect()),
    );
    let copy = |(number, (title, read)): (usize, &(Maybe<Text>, Option<bool>))| {
        let mut copy = json!({"cc_id": format!("c{number}"), "open_id": "o", "created_at": TIME});
        put(&mut copy, "title", maybe(title));
        put(&mut copy, "read", read.map(Value::Bool));
        copy
    };
    put(&mut members, "cc", document.cc.as_ref().map(|all| all.iter().enumerate().map(copy).collect()));
    let hosted = document.hosted.as_ref().map(|(token, policy, version)| {
        let policy = word(&["disable", "immutable", "by_node", "by_user"], *policy);
        json!({"url_token": text(token), "cache_policy": policy, "cache_version": version})
    });
    put(&mut members, "trusteeship", hosted);
    members
}

fn definition_of(document: &Document) -> Value {
    let viewers = json!({"scope": word(&["everyone", "nobody"], document.status)});
    let mut members = json!({
        "definition_key": "k", "name": "请假", "support_pc": true, "viewers": viewers,
        "translations": translations(&document.translations),
    });
    put(&mut members, "group_key", document.department.as_ref().map(|(key, _)| text(key)));
    put(&mut members, "group_name", document.department.as_ref().map(|(_, name)| text(name)));
    put(&mut members, "description", maybe(&document.title));
    put(&mut members, "source_name", document.applicant_name.as_ref().map(text));
    put(&mut members, "business_type", document.business_key.as_ref().map(text));
    put(&mut members, "locale", document.locale.map(locale));
    members
}

fuzz_target!(|document: Document| {
    let setting = Setting::from_byte(document.setting);
    if document.is_definition {
        definition(definition_of(&document).to_string().as_bytes(), setting);
    } else {
        instance(instance_of(&document).to_string().as_bytes(), None, setting);
    }
});
