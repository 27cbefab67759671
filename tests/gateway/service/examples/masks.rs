//! What differs from one run to the next, and what stands for it in the examples.

use serde_json::Value;

/// The id that the examples' requests come with.
pub(super) const REQUEST_ID: &str = "01a1fda4-8693-7083-98e9-234157d645bd";

/// The answer with fixed values for Feishu's ids of exchanges and for the gateway's own version.
pub(super) fn masked(mut value: Value) -> Value {
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => {
            members.remove("git_revision");
            for (name, member) in members {
                match name.as_str() {
                    "log_id" => {
                        assert_eq!(member.as_str().map(str::len), Some(LOG_ID.len()), "{member}");
                        *member = LOG_ID.into();
                    }
                    "version" => *member = "0.1.0".into(),
                    _ => mask(member),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Feishu's id of an exchange: the time and 18 digits.
const LOG_ID: &str = "20261121102620673D66C3E5D448AF87";
