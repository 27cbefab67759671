//! Flat documents that most tests start from.

use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use serde_json::{Value, json};

/// The version of [`instance`].
pub(crate) const VERSION: &str = "2026-01-02T03:04:05.000Z";

/// A version later than [`VERSION`].
pub(crate) const LATER: &str = "2026-01-02T03:04:06.000Z";

/// A pending instance with one task for `approver`, begun by `applicant`.
pub(crate) fn instance(id: &str) -> Value {
    json!({
        "approval_code": SEEDED_APPROVAL_CODE,
        "status": "pending",
        "title": "Trip to Chengdu",
        "pc_link": "https://oa.example.org/1?a=b&c=%20d",
        "applicant_user_id": "applicant",
        "started_at": "2026-01-02T03:00:00Z",
        "updated_at": VERSION,
        "tasks": [task(id, 1)],
    })
}

/// A pending task for `approver`.
pub(crate) fn task(instance_id: &str, number: usize) -> Value {
    json!({
        "task_id": format!("{instance_id}/t{number}"),
        "user_id": "approver",
        "title": format!("Step {number}"),
        "status": "pending",
        "created_at": "2026-01-02T03:00:01Z",
    })
}

/// An unread copy for `reader`.
pub(crate) fn copy(instance_id: &str, number: usize) -> Value {
    json!({
        "cc_id": format!("{instance_id}/c{number}"),
        "user_id": "reader",
        "title": format!("For your information {number}"),
        "created_at": "2026-01-02T03:00:02Z",
    })
}

/// The document with some members changed; `null` removes one.
pub(crate) fn with(mut document: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    let members = document.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => drop(members.remove(&name)),
            value => drop(members.insert(name, value)),
        }
    }
    document
}

/// A definition that everybody sees, with a callback.
pub(crate) fn definition(key: &str) -> Value {
    json!({
        "definition_key": key,
        "name": "Business trip",
        "group_key": "travel",
        "group_name": "Travel",
        "source_name": "OA",
        "support_pc": true,
        "support_mobile": true,
        "action_callback_url": "https://oa.example.org/callback",
        "action_callback_token": "callback-token",
        "action_callback_key": "callback-key",
        "viewers": {"scope": "everyone"},
        "translations": {"zh-CN": {}, "en-US": {}},
    })
}
