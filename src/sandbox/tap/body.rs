//! The callback of a tap: its three shapes (contract §8.1).

use serde_json::{Map, Value, json};

/// Where somebody taps, which decides what the callback names.
pub(super) enum Named<'a> {
    /// The list of tasks on a phone: all ids.
    List { approval_code: &'a str, instance_id: &'a str, task_id: &'a str },
    /// A card of the bot: its message id, which is a number of 64 bits, and no other id (field notes).
    Card { message_id: u64 },
    /// A search result: the task's id alone.
    Search { approval_code: &'a str, task_id: &'a str },
}

/// What a callback tells.
pub(super) struct Tapped<'a> {
    pub(super) named: Named<'a>,
    pub(super) user_id: &'a str,
    pub(super) action_type: &'a str,
    pub(super) action_context: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) attachments: &'a [Value],
    pub(super) token: &'a str,
}

/// The body in the clear.
pub(super) fn plain(tapped: &Tapped<'_>) -> Value {
    let mut body = Map::from_iter([
        ("action_type".to_owned(), json!(tapped.action_type)),
        ("user_id".to_owned(), json!(tapped.user_id)),
    ]);
    let mut add = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    match tapped.named {
        Named::List { approval_code, instance_id, task_id } => {
            add("approval_code", json!(approval_code));
            add("instance_id", json!(instance_id));
            add("task_id", json!(task_id));
        }
        Named::Card { message_id } => add("message_id", json!(message_id)),
        Named::Search { approval_code, task_id } => {
            add("approval_code", json!(approval_code));
            add("id", json!(task_id));
        }
    }
    if let Some(context) = tapped.action_context {
        add("action_context", json!(context));
    }
    if let Some(reason) = tapped.reason {
        add("reason", json!(reason));
    }
    if !tapped.attachments.is_empty() {
        add("attachments", json!(tapped.attachments));
    }
    add("token", json!(tapped.token));
    Value::Object(body)
}
