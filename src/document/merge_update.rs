//! Merges an update into the document that is kept: a pure function of their JSON.
//!
//! Both have been read before, so both are objects whose members have distinct names. Values are carried over as they are
//! written: numbers and the order of members stay.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::{RawValue, to_raw_value};

use super::raw_object::Object;

/// A text that was taken as a document before and is none.
#[derive(Debug, thiserror::Error)]
#[error("a kept document is no JSON object")]
pub struct NotMergeable(#[from] serde_json::Error);

/// The version of an instance, a task or a copy; that of the kept one is not the version of what has changed.
const VERSION: &str = "updated_at";

/// The one member whose emptiness has a meaning.
const MAY_BE_EMPTY: &str = "department_id";

/// The ways to name a person, by the members without what stands before them; both ids together are one.
const WAYS_TO_NAME: [&[&str]; 4] = [&["user_id", "open_id"], &["email"], &["mobile"], &["union_id"]];

/// The kept document with the newer one over it.
///
/// Members of the instance, of tasks and of copies go over those of the kept ones: tasks and copies by their ids,
/// translations by locale and text. Nothing is removed but the versions of what the newer one names, and what else named a
/// person whom it names in another way.
///
/// # Errors
/// When one of the two is no document.
pub fn merge_update(kept: &[u8], newer: &[u8]) -> Result<Vec<u8>, NotMergeable> {
    let mut merged: Object<'_> = serde_json::from_slice(kept)?;
    merged.remove(VERSION);
    let newer: Object<'_> = serde_json::from_slice(newer)?;
    merged.forget_names("applicant_", &newer);
    merged.put_all(newer, |name, before, newer| match name {
        "tasks" => merge_items(before, newer, "task_id").map(Some),
        "cc" => merge_items(before, newer, "cc_id").map(Some),
        "translations" => merge_catalogues(before, newer).map(Some),
        _ => Ok(None),
    })?;
    Ok(serde_json::to_vec(&merged)?)
}

fn merge_items(before: &RawValue, newer: &RawValue, id: &str) -> serde_json::Result<Box<RawValue>> {
    let mut merged: Vec<Object<'_>> = serde_json::from_str(before.get())?;
    let places: HashMap<_, _> =
        merged.iter().enumerate().filter_map(|(place, item)| Some((item.text(id)?, place))).collect();
    for item in serde_json::from_str::<Vec<Object<'_>>>(newer.get())? {
        match item.text(id).and_then(|id| places.get(&id)) {
            Some(place) => {
                let known = &mut merged[*place];
                known.remove(VERSION);
                known.forget_names("", &item);
                known.put_all(item, |_, _, _| Ok(None))?;
            }
            None => merged.push(item),
        }
    }
    to_raw_value(&merged)
}

fn merge_catalogues(before: &RawValue, newer: &RawValue) -> serde_json::Result<Box<RawValue>> {
    let mut merged: Object<'_> = serde_json::from_str(before.get())?;
    merged.put_all(serde_json::from_str(newer.get())?, |_, before, newer| {
        let mut texts: Object<'_> = serde_json::from_str(before.get())?;
        texts.put_all(serde_json::from_str(newer.get())?, |_, _, _| Ok(None))?;
        to_raw_value(&texts).map(Some)
    })?;
    to_raw_value(&merged)
}

impl Object<'_> {
    /// The text of a member.
    fn text(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        serde_json::from_str(value.get()).ok()
    }

    /// Drops what names a person whom the newer object names in another way.
    fn forget_names(&mut self, prefix: &str, newer: &Self) {
        let gives = |way: &[&str]| {
            newer.0.iter().any(|(name, value)| {
                name.strip_prefix(prefix).is_some_and(|name| way.contains(&name)) && is_given(name, value)
            })
        };
        if let Some(given) = WAYS_TO_NAME.iter().find(|way| gives(way)) {
            let is_other = |name: &str| WAYS_TO_NAME.iter().any(|way| way != given && way.contains(&name));
            self.0.retain(|(name, _)| !name.strip_prefix(prefix).is_some_and(is_other));
        }
    }

    /// Takes over what the newer object gives, in its own place where it is known; `merge` may make one value of two.
    fn put_all(
        &mut self,
        newer: Self,
        merge: impl Fn(&str, &RawValue, &RawValue) -> serde_json::Result<Option<Box<RawValue>>>,
    ) -> serde_json::Result<()> {
        let places: HashMap<_, _> =
            self.0.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
        for (name, value) in newer.0.into_iter().filter(|(name, value)| is_given(name, value)) {
            match places.get(&name) {
                Some(place) => {
                    let known = &mut self.0[*place].1;
                    let merged = if is_given(&name, known) { merge(&name, known, &value)? } else { None };
                    *known = merged.map_or(value, Cow::Owned);
                }
                None => self.0.push((name, value)),
            }
        }
        Ok(())
    }
}

/// Whether a member counts as given.
fn is_given(name: &str, value: &RawValue) -> bool {
    value.get() != "null" && (value.get() != "\"\"" || name == MAY_BE_EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#"{"a":1,"b":2}"#, r#"{"b":3,"c":4}"# => r#"{"a":1,"b":3,"c":4}"#; "members")]
    #[test_case(r#"{"a":1.50,"extra":{"n":10000000000000000000}}"#, "{}" => r#"{"a":1.50,"extra":{"n":10000000000000000000}}"#; "values as they are written")]
    #[test_case(r#"{"a":1,"b":"x"}"#, r#"{"a":null,"b":""}"# => r#"{"a":1,"b":"x"}"#; "what counts as absent")]
    #[test_case(r#"{"department_id":"d"}"#, r#"{"department_id":""}"# => r#"{"department_id":""}"#; "a meaning of its own")]
    #[test_case(r#"{"updated_at":"1","a":1}"#, r#"{"a":2}"# => r#"{"a":2}"#; "the version is not kept")]
    #[test_case(r#"{"updated_at":"1"}"#, r#"{"updated_at":"2"}"# => r#"{"updated_at":"2"}"#; "a version of its own")]
    #[test_case(
        r#"{"tasks":[{"task_id":"a","updated_at":"1","s":1,"t":1},{"task_id":"b","updated_at":"1"}]}"#,
        r#"{"tasks":[{"task_id":"c"},{"task_id":"\u0061","s":2}]}"#
        => r#"{"tasks":[{"task_id":"\u0061","s":2,"t":1},{"task_id":"b","updated_at":"1"},{"task_id":"c"}]}"#;
        "tasks by their ids"
    )]
    #[test_case(
        r#"{"applicant_user_id":"a","applicant_open_id":"o","applicant_name":"A"}"#, r#"{"applicant_email":"a@b"}"#
        => r#"{"applicant_name":"A","applicant_email":"a@b"}"#;
        "an applicant who is named in another way"
    )]
    #[test_case(
        r#"{"tasks":[{"task_id":"a","email":"a@b","s":1},{"task_id":"b","mobile":"1"}]}"#,
        r#"{"tasks":[{"task_id":"a","open_id":"o","email":null},{"task_id":"b","s":2}]}"#
        => r#"{"tasks":[{"task_id":"a","s":1,"open_id":"o"},{"task_id":"b","mobile":"1","s":2}]}"#;
        "approvers who are named in another way, and who are not"
    )]
    #[test_case(r#"{"applicant_user_id":"a"}"#, r#"{"applicant_open_id":"o"}"# => r#"{"applicant_user_id":"a","applicant_open_id":"o"}"#; "both ids of one person")]
    #[test_case(r#"{"cc":[{"cc_id":"a"}]}"#, r#"{"cc":[{"cc_id":"b"}]}"# => r#"{"cc":[{"cc_id":"a"},{"cc_id":"b"}]}"#; "copies")]
    #[test_case(r#"{"tasks":null}"#, r#"{"tasks":[{"task_id":"b"}]}"# => r#"{"tasks":[{"task_id":"b"}]}"#; "first tasks")]
    #[test_case(r#"{"tasks":[{"task_id":"b"}]}"#, r#"{"tasks":[]}"# => r#"{"tasks":[{"task_id":"b"}]}"#; "no tasks")]
    #[test_case(
        r#"{"translations":{"en-US":{"年":"year","日":"day"}}}"#,
        r#"{"translations":{"en-US":{"日":"Day"},"ja-JP":{"年":"ねん"}}}"#
        => r#"{"translations":{"en-US":{"年":"year","日":"Day"},"ja-JP":{"年":"ねん"}}}"#;
        "translations by locale and text"
    )]
    fn merged(kept: &str, newer: &str) -> String {
        String::from_utf8(merge_update(kept.as_bytes(), newer.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn what_is_no_object_is_not_merged() {
        assert!(merge_update(b"[]", b"{}").is_err());
        assert!(merge_update(b"{\"tasks\":[]}", b"{\"tasks\":3}").is_err());
    }
}
