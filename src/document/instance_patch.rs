//! Changes a kept document by a merge patch (RFC 7396), in which tasks and copies are objects keyed by their ids.

use std::borrow::Cow;
use std::collections::HashMap;

use super::json::{Json, NotJson};
use super::read::Members as _;
use super::report::{Report, push_escaped};
use super::requests::{RawCc, RawInstance, RawTask};
use super::tree::{Member, Node, quoted};
use super::{ID_MISMATCH, Rejection, Rules, read_instance, text};
use crate::domain::{ApprovalInstance, Mode, Violation};
use crate::support::suggestion::did_you_mean;

/// A list of the document that a patch sees as an object.
struct KeyedList {
    name: &'static str,
    id: &'static str,
    members: &'static [&'static str],
    example: &'static str,
}

const TASKS: KeyedList = KeyedList {
    name: "tasks",
    id: "task_id",
    members: RawTask::NAMES,
    example: r#"{"tasks": {"TASK_ID": {"status": "approved"}}}"#,
};

const CC: KeyedList = KeyedList {
    name: "cc",
    id: "cc_id",
    members: RawCc::NAMES,
    example: r#"{"cc": {"CC_ID": {"read": true}}}"#,
};

/// A kept document with a patch applied; [`Self::read`] says whether it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// The document.
    pub document: Vec<u8>,
    /// How places in it are called in the patch.
    pub keys: PatchKeys,
    /// What is wrong with the patch itself.
    violations: Vec<Violation>,
}

impl Patched {
    /// What is wrong with the patch itself, whatever it makes of the document.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Reads the document like any other with this id and mode; pointers, of warnings too, are those of the patch.
    ///
    /// # Errors
    /// Everything that is wrong with the patch and with what it makes of the document.
    pub fn read<'a>(
        &'a self,
        path_id: &'a str,
        mode: Mode,
        rules: Rules,
    ) -> Result<ApprovalInstance<'a>, Rejection> {
        match read_instance(&self.document, Some(path_id), mode, rules) {
            Ok(mut instance) if self.violations.is_empty() => {
                for warning in instance.warnings.listed_mut() {
                    warning.pointer = self.keys.keyed(&warning.pointer);
                }
                Ok(instance)
            }
            Ok(_) => Err(Rejection::Invalid(self.violations.clone())),
            Err(Rejection::Invalid(found)) => {
                let keyed =
                    |found: Violation| Violation { pointer: self.keys.keyed(&found.pointer), ..found };
                Err(Rejection::Invalid(
                    self.violations.iter().cloned().chain(found.into_iter().map(keyed)).collect(),
                ))
            }
            Err(other) => Err(other),
        }
    }
}

/// The ids by which a patch names the elements of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchKeys {
    tasks: Vec<String>,
    cc: Vec<String>,
}

impl PatchKeys {
    /// The pointer into the patch for one into the document: `/tasks/0/status` becomes `/tasks/ID/status`.
    pub fn keyed(&self, pointer: &str) -> String {
        let place = |list: &KeyedList, ids: &[String]| {
            let rest = pointer.strip_prefix('/')?.strip_prefix(list.name)?.strip_prefix('/')?;
            let (index, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let mut keyed = format!("/{}/", list.name);
            push_escaped(&mut keyed, ids.get(index.parse::<usize>().ok()?)?);
            Some(keyed + rest)
        };
        place(&TASKS, &self.tasks).or_else(|| place(&CC, &self.cc)).unwrap_or_else(|| pointer.to_owned())
    }
}

/// Applies a patch to the kept document of an instance.
///
/// The versions of whatever is patched are dropped unless the patch gives them: the next push gives new ones.
///
/// # Errors
/// When the patch is no JSON, or no object.
pub fn patch_instance(kept: &[u8], patch: &[u8]) -> Result<Patched, Rejection> {
    let mut report = Report::new();
    let patch = whole(text(patch)?, &mut report)?;
    let Node::Object(patch) = patch else {
        report.violate("type", "must be an object: a merge patch");
        return Err(Rejection::Invalid(report.into_violations()));
    };
    // It was valid when it was accepted, so nothing new is to be found in it.
    let kept = whole(text(kept)?, &mut Report::new())?;
    let mut keys = PatchKeys::default();
    let merged = merge_document(kept, patch, &mut keys, &mut report)
        .map_err(|NotJson| Rejection::NotJson("the kept document cannot be read".to_owned()))?;
    Ok(Patched { document: merged.to_bytes(), keys, violations: report.into_violations() })
}

fn whole<'a>(text: &'a str, report: &mut Report) -> Result<Node<'a>, Rejection> {
    let mut json = Json::new(text);
    Node::read(&mut json, report)
        .and_then(|whole| json.end().map(|()| whole))
        .map_err(|wrong| Rejection::NotJson(wrong.in_words(text)))
}

/// The document with a patch applied.
fn merge_document<'a>(
    mut kept: Node<'a>,
    mut patch: Vec<Member<'a>>,
    keys: &mut PatchKeys,
    report: &mut Report,
) -> Result<Node<'a>, NotJson> {
    refuse_unknown_nulls(&patch, RawInstance::NAMES, report);
    for (list, ids) in [(TASKS, &mut keys.tasks), (CC, &mut keys.cc)] {
        let patched = patch.iter().position(|(name, _)| name == list.name).map(|at| patch.remove(at).1);
        let before = take(&mut kept, list.name);
        let elements = list.merge(before.as_ref(), patched, ids, report)?;
        if let (Some(elements), Node::Object(members)) = (elements, &mut kept) {
            members.push((Cow::Borrowed(list.name), elements));
        }
    }
    take(&mut kept, "updated_at");
    Ok(merge(Some(kept), Node::Object(patch)))
}

impl KeyedList {
    /// The list with its part of a patch applied; `None` when there is no list.
    fn merge<'a>(
        &self,
        kept: Option<&Node<'a>>,
        patch: Option<Node<'a>>,
        ids: &mut Vec<String>,
        report: &mut Report,
    ) -> Result<Option<Node<'a>>, NotJson> {
        let elements = match kept {
            Some(Node::Text(text)) => Node::elements(text, &mut Report::new())?,
            Some(Node::Object(_)) | None => Vec::new(),
        };
        let id = |element: &Node<'_>| element.member(self.id).and_then(Node::string).unwrap_or_default();
        let mut elements: Vec<_> = elements.into_iter().map(|element| (id(&element), element)).collect();
        match patch {
            None if kept.is_none() => return Ok(None),
            None => {}
            Some(Node::Object(patch)) => elements = self.merge_elements(elements, patch, report),
            Some(null) if null.is_null() => return Ok(None),
            Some(_) => report.within_name(self.name, |report| {
                let hint = Some(self.example.to_owned());
                report.violate_with_hint("type", "must be an object with ids as names, in a patch", hint);
            }),
        }
        let mut text = String::from("[");
        for (index, (_, element)) in elements.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            element.write(&mut text);
        }
        text.push(']');
        *ids = elements.into_iter().map(|(id, _)| id).collect();
        Ok(Some(Node::Text(Cow::Owned(text))))
    }

    /// The elements with their patches applied; those that are new come last.
    fn merge_elements<'a>(
        &self,
        kept: Vec<(String, Node<'a>)>,
        patch: Vec<Member<'a>>,
        report: &mut Report,
    ) -> Vec<(String, Node<'a>)> {
        let mut merged = Vec::with_capacity(kept.len() + patch.len());
        let mut patch = Patch::new(patch);
        for (id, element) in kept {
            let element = match patch.take(&id) {
                None => Some(element),
                Some(change) => self.merge_element(&id, Some(element), change, report),
            };
            merged.extend(element.map(|element| (id, element)));
        }
        for (id, change) in patch.rest() {
            let element = self.merge_element(&id, None, change, report);
            merged.extend(element.map(|element| (id.into_owned(), element)));
        }
        merged
    }

    /// An element with its patch applied; `None` when it is removed.
    fn merge_element<'a>(
        &self,
        id: &str,
        kept: Option<Node<'a>>,
        change: Node<'a>,
        report: &mut Report,
    ) -> Option<Node<'a>> {
        let is_removal = change.is_null();
        let Node::Object(mut members) = change else {
            if !is_removal {
                report.within_name(self.name, |report| {
                    report.within_key(id, |report| {
                        report.violate("type", "must be an object, or null, which removes it");
                    });
                });
            }
            return None;
        };
        report.within_name(self.name, |report| {
            report.within_key(id, |report| {
                refuse_unknown_nulls(&members, self.members, report);
                let own = members.iter().find(|(name, _)| name == self.id).map(|(_, own)| own);
                if own.is_some_and(|own| own.string().as_deref() != Some(id)) {
                    report.within_name(self.id, |report| {
                        report.violate(ID_MISMATCH, "differs from the name of this object; leave it out");
                    });
                }
            });
        });
        members.retain(|(name, _)| name != self.id);
        let own_id = || (Cow::Borrowed(self.id), Node::Text(Cow::Owned(quoted(id))));
        let mut element = kept.unwrap_or_else(|| Node::Object(vec![own_id()]));
        take(&mut element, "updated_at");
        Some(merge(Some(element), Node::Object(members)))
    }
}

/// A value with a patch applied (RFC 7396).
fn merge<'a>(kept: Option<Node<'a>>, patch: Node<'a>) -> Node<'a> {
    let Node::Object(patch) = patch else { return patch };
    let kept = match kept {
        Some(Node::Object(members)) => members,
        Some(Node::Text(_)) | None => Vec::new(),
    };
    let mut patch = Patch::new(patch);
    let mut merged = Vec::with_capacity(kept.len());
    for (name, value) in kept {
        match patch.take(&name) {
            None => merged.push((name, value)),
            Some(null) if null.is_null() => {}
            Some(change) => merged.push((name, merge(Some(value), change))),
        }
    }
    let new = patch.rest().filter(|(_, value)| !value.is_null());
    merged.extend(new.map(|(name, value)| (name, merge(None, value))));
    Node::Object(merged)
}

/// The members of a patch, to be looked up by their names.
struct Patch<'a> {
    members: Vec<Option<Member<'a>>>,
    places: HashMap<Cow<'a, str>, usize>,
}

impl<'a> Patch<'a> {
    fn new(members: Vec<Member<'a>>) -> Self {
        let places = members.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        Self { members: members.into_iter().map(Some).collect(), places }
    }

    fn take(&mut self, name: &str) -> Option<Node<'a>> {
        let member = self.places.get(name).and_then(|at| self.members.get_mut(*at))?;
        member.take().map(|(_, value)| value)
    }

    /// Those that were not taken, in their order.
    fn rest(self) -> impl Iterator<Item = Member<'a>> {
        self.members.into_iter().flatten()
    }
}

/// Takes a member out of an object.
fn take<'a>(object: &mut Node<'a>, name: &str) -> Option<Node<'a>> {
    let Node::Object(members) = object else { return None };
    let at = members.iter().position(|(of, _)| of == name)?;
    Some(members.remove(at).1)
}

/// Refuses to remove what no document can have: the name is misspelt. Names that are given values are seen later.
fn refuse_unknown_nulls(patch: &[Member<'_>], names: &'static [&'static str], report: &mut Report) {
    for (name, _) in patch.iter().filter(|(name, value)| value.is_null() && !names.contains(&&**name)) {
        let hint = did_you_mean(name, names.iter().copied());
        report.within_key(name, |report| {
            report.violate_with_hint("unknown_field", "is not a field of this object", hint);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::CardRules;
    use crate::domain::{Locale, Region};
    use serde_json::{Value, json};
    use test_case::test_case;

    fn kept() -> Value {
        json!({
            "approval_code": "C", "status": "pending", "title": "Leave", "pc_link": "https://oa.example.com/1",
            "applicant_user_id": "alice", "started_at": "2026-11-20T09:30:00+08:00",
            "updated_at": "2026-11-20T09:31:00+08:00", "extra": {"a": {"b": 1, "c": 2}},
            "tasks": [
                {"task_id": "t1", "user_id": "bob", "status": "pending", "created_at": "2026-11-20T09:30:00+08:00",
                 "updated_at": "2026-11-20T09:31:00+08:00"},
                {"task_id": "t2", "user_id": "eve", "status": "pending", "created_at": "2026-11-20T09:30:00+08:00",
                 "updated_at": "2026-11-20T09:31:00+08:00"},
            ],
        })
    }

    fn patch(kept: &Value, patch: &str) -> Result<Value, Vec<(String, &'static str)>> {
        let rules = Rules {
            region: Region::Feishu,
            default_locale: Locale::ZH_CN,
            update_needs_version: true,
            cards: CardRules::default(),
        };
        let patched = patch_instance(kept.to_string().as_bytes(), patch.as_bytes());
        match patched
            .and_then(|patched| patched.read("i1", Mode::Replace, rules).map(|_| patched.document.clone()))
        {
            Ok(document) => Ok(serde_json::from_slice(&document).unwrap()),
            Err(Rejection::Invalid(found)) => {
                Err(found.into_iter().map(|found| (found.pointer, found.code)).collect())
            }
            Err(Rejection::NotJson(what)) => panic!("{what}"),
        }
    }

    #[test]
    fn one_task_changes_another_goes_and_the_rest_stays() {
        let change = r#"{"title": "Annual leave", "tasks": {"t1": {"title": "Manager"}, "t2": null}}"#;
        let mut expected = kept();
        expected["title"] = json!("Annual leave");
        expected["tasks"] = json!([{
            "task_id": "t1", "user_id": "bob", "status": "pending", "created_at": "2026-11-20T09:30:00+08:00",
            "title": "Manager",
        }]);
        expected.as_object_mut().unwrap().remove("updated_at");
        assert_eq!(patch(&kept(), change), Ok(expected));
    }

    #[test]
    fn versions_stay_where_nothing_is_patched_and_where_the_patch_gives_them() {
        let change = r#"{"updated_at": "2026-11-21T00:00:00Z", "tasks": {"t1": {"title": "Manager"}}}"#;
        let patched = patch(&kept(), change).unwrap();
        assert_eq!(patched["updated_at"], "2026-11-21T00:00:00Z");
        assert_eq!(patched["tasks"][0].get("updated_at"), None);
        assert_eq!(patched["tasks"][1]["updated_at"], kept()["tasks"][1]["updated_at"]);
    }

    #[test]
    fn a_new_key_adds_a_task() {
        let task = r#"{"user_id": "dan", "status": "pending", "created_at": "2026-11-21T09:30:00+08:00"}"#;
        let patched = patch(&kept(), &format!(r#"{{"tasks": {{"t/3": {task}}}}}"#)).unwrap();
        assert_eq!(patched["tasks"][2]["task_id"], "t/3");
        assert_eq!(patched["tasks"][2]["user_id"], "dan");
    }

    #[test]
    fn objects_are_merged_and_numbers_stay_as_they_are_written() {
        let kept = kept().to_string().replace(r#""b":1"#, r#""b":1.50"#);
        let rules = Rules {
            region: Region::Feishu,
            default_locale: Locale::ZH_CN,
            update_needs_version: true,
            cards: CardRules::default(),
        };
        let change = br#"{"extra": {"a": {"c": null, "d": 1e3}}}"#;
        let patched = patch_instance(kept.as_bytes(), change).unwrap();
        patched.read("i1", Mode::Replace, rules).unwrap();
        let document = String::from_utf8(patched.document).unwrap();
        assert!(document.contains(r#""extra":{"a":{"b":1.50,"d":1e3}}"#), "{document}");
    }

    #[test_case("[]", "", "type"; "no object")]
    #[test_case("null", "", "type"; "nothing")]
    #[test_case(r#"{"tasks": []}"#, "/tasks", "type"; "a list")]
    #[test_case(r#"{"tasks": {"t1": []}}"#, "/tasks/t1", "type"; "a task that is none")]
    #[test_case(r#"{"tasks": {"t1": {"status": "done!"}}}"#, "/tasks/t1/status", "unknown_value"; "a wrong value")]
    #[test_case(r#"{"tasks": {"t/9": {"user_id": "x", "status": "pending"}}}"#, "/tasks/t~19/created_at", "required"; "a new task without what it needs")]
    #[test_case(r#"{"tasks": {"t1": {"task_id": "t2"}}}"#, "/tasks/t1/task_id", "id_mismatch"; "another id")]
    #[test_case(r#"{"titel": null}"#, "/titel", "unknown_field"; "removes what cannot be there")]
    #[test_case(r#"{"tasks": {"t1": {"titel": null}}}"#, "/tasks/t1/titel", "unknown_field"; "removes from a task what cannot be there")]
    #[test_case(r#"{"title": "a", "title": "b"}"#, "/title", "duplicate_field"; "twice")]
    #[test_case(r#"{"started_at": null}"#, "/started_at", "required"; "removes what is required")]
    fn bad_patches_are_refused_at_their_own_pointers(change: &str, pointer: &str, code: &'static str) {
        assert_eq!(patch(&kept(), change), Err(vec![(pointer.to_owned(), code)]));
    }

    #[test]
    fn an_empty_list_stays_one_and_null_removes_it() {
        let gone = patch(&kept(), r#"{"tasks": {"t1": null, "t2": null, "t3": null}}"#).unwrap();
        assert_eq!(gone["tasks"], json!([]));
        assert_eq!(patch(&kept(), r#"{"tasks": null}"#).unwrap().get("tasks"), None);
    }

    #[test]
    fn a_deep_patch_is_refused() {
        let deep = format!("{}1{}", r#"{"extra":"#.repeat(200), "}".repeat(200));
        assert!(patch(&kept(), &deep).unwrap_err().iter().any(|(_, code)| *code == "too_deep"));
    }
}
