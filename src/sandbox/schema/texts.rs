//! The rules between the fields that carry a key and the resources that carry its text (contract §1.5).
//!
//! Documented: a key begins with `@i18n@`; the default locale defines every key used; `approval_name`'s key has at least
//! nine characters. Our choice where the documents are silent: plain text and a number of defaults other than one are
//! refused, and so are they as 99992402.

use std::collections::HashMap;

use serde_json::Value;

use crate::sandbox::refusal::FieldViolation;

/// Every key begins with it (contract §1.5).
const KEY_PREFIX: &str = "@i18n@";

/// A field that names a text by its key.
pub(crate) struct KeyUse {
    /// Path of the field.
    pub(crate) path: String,
    /// The key it holds.
    pub(crate) key: String,
    /// Least length of the key in characters.
    pub(crate) min: usize,
    /// Most characters of the text behind it, 0 = no limit.
    pub(crate) max_text: usize,
}

/// Checks resources of any shape against the keys that the rest of the body uses.
pub(crate) fn check_texts(resources: Option<&Value>, uses: &[KeyUse], violations: &mut Vec<FieldViolation>) {
    let Some(resources) = resources.and_then(Value::as_array) else { return };
    let mut report = |field: String, value: &str, description: String| {
        violations.push(FieldViolation { field, value: value.to_owned(), description });
    };
    let defaults = || resources.iter().filter(|resource| resource["is_default"] == true);
    if defaults().count() != 1 {
        let description = "exactly one of i18n_resources must have is_default true".to_owned();
        report("i18n_resources".to_owned(), &defaults().count().to_string(), description);
    }
    for (index, resource) in resources.iter().enumerate() {
        for (place, (key, _)) in texts(resource).enumerate() {
            if !key.starts_with(KEY_PREFIX) {
                let field = format!("i18n_resources[{index}].texts[{place}].key");
                report(field.clone(), key, format!("{field} must start with {KEY_PREFIX}"));
            }
        }
    }
    let known = longest_texts(resources);
    for KeyUse { path, key, min, max_text } in uses {
        if !key.starts_with(KEY_PREFIX) {
            report(path.clone(), key, format!("{path} must be a key that starts with {KEY_PREFIX}"));
            continue;
        }
        if key.chars().count() < *min {
            report(path.clone(), key, format!("the min length of {path} is {min}"));
        }
        let text = known.get(key.as_str()).copied().unwrap_or_default();
        if !text.in_default_locale {
            report(path.clone(), key, format!("{path} has no text in the default locale"));
        }
        if *max_text > 0 && text.longest > *max_text {
            report(path.clone(), key, format!("the max length of the text of {path} is {max_text}"));
        }
    }
}

/// What is known of a key over all locales.
#[derive(Clone, Copy, Default)]
struct Text {
    in_default_locale: bool,
    longest: usize,
}

fn longest_texts(resources: &[Value]) -> HashMap<&str, Text> {
    let mut known: HashMap<&str, Text> = HashMap::new();
    for resource in resources {
        for (key, value) in texts(resource) {
            let text = known.entry(key).or_default();
            text.in_default_locale |= resource["is_default"] == true;
            text.longest = text.longest.max(value.chars().count());
        }
    }
    known
}

/// A list of keys and values, or a map of them.
fn texts(resource: &Value) -> impl Iterator<Item = (&str, &str)> {
    let listed = resource["texts"].as_array().into_iter().flatten();
    let mapped = resource["texts"].as_object().into_iter().flatten();
    let listed = listed.filter_map(|text| Some((text["key"].as_str()?, text["value"].as_str()?)));
    listed.chain(mapped.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))))
}
