//! The rules of a definition.

use std::borrow::Cow;

use secrecy::SecretString;

use super::field::{AnyStr, Field, Flag, Identifier, List, Nested, OneOf, Str};
use super::persons::misspelling;
use super::report::Report;
use super::requests::{MAX_KEY, MAX_PERSONS, RawDefinition, RawViewers};
use super::rules::Rules;
use super::translations::{locale, wordings};
use crate::domain::{
    Alias, AliasKind, ApprovalDefinition, Callback, DefinitionRole, DepartmentIdType, Group, Id,
    NamedInDefinition, QuickApproval, UserIdType, ViewerScope, Viewers, Warnings,
};

/// Applies every rule that spans members; `None` when a violation made a value impossible.
pub(super) fn build<'a>(
    mut raw: RawDefinition<'a>,
    rules: Rules,
    report: &mut Report,
) -> Option<ApprovalDefinition<'a>> {
    let own_locale = locale(std::mem::take(&mut raw.locale), rules, report);
    let wordings = wordings(std::mem::take(&mut raw.translations), own_locale, rules, report);
    wordings.refuse_other_wording(texts_of(&raw), report);
    let RawDefinition {
        definition_key,
        approval_code,
        name,
        group_key,
        group_name,
        description,
        source_name,
        business_type,
        pc_create_link,
        mobile_create_link,
        support_pc,
        support_mobile,
        support_batch_read,
        allow_batch_operate,
        exclude_from_statistics,
        quick_approval,
        action_callback_url,
        action_callback_token,
        action_callback_key,
        has_action_callback_token,
        has_action_callback_key,
        viewers: raw_viewers,
        managers,
        manager_emails,
        manager_mobiles,
        manager_union_ids,
        // Read above.
        locale: _,
        translations: _,
        user_id_type,
        department_id_type,
    } = raw;
    let definition_key = key(definition_key, report);
    if !name.0.is_given() {
        report.missing("name", "is required");
    }
    let name = name.text("name", report);
    let group = group(group_key, group_name, report);
    let pc_create_link = pc_create_link.link("pc_create_link", report);
    let mobile_create_link = mobile_create_link.link("mobile_create_link", report);
    refuse_invisible(&support_pc, &support_mobile, report);
    let on = |flag: Flag| flag.0.optional().unwrap_or(false);
    let token = Secret::new("action_callback_token", action_callback_token, &has_action_callback_token);
    let key = Secret::new("action_callback_key", action_callback_key, &has_action_callback_key);
    let quick_approval = quick_approval.0.optional();
    let callback = match quick_approval {
        None => callback(action_callback_url, token, key, report),
        Some(QuickApproval::Gateway) => {
            refuse_own_callback(&action_callback_url, &[&token, &key], report);
            None
        }
    };
    let mut named = Vec::new();
    let viewers = viewers(raw_viewers, &mut named, report);
    let managers = ids(managers, "managers", report).unwrap_or_default();
    let manager_aliases = [
        ("manager_emails", manager_emails, AliasKind::Email),
        ("manager_mobiles", manager_mobiles, AliasKind::Mobile),
        ("manager_union_ids", manager_union_ids, AliasKind::UnionId),
    ];
    let before = named.len();
    for (name, list, kind) in manager_aliases {
        let aliases = aliases(list, name, kind, report);
        named.extend(aliases.into_iter().map(|(pointer, alias)| NamedInDefinition {
            role: DefinitionRole::Manager,
            pointer,
            alias,
        }));
    }
    if named.len() > before {
        refuse_too_many("managers", managers.len() + named.len() - before, report);
    }
    let user_id_type =
        user_id_type_beside(user_id_type, &named, !has_no_ids(&managers, viewers.as_ref()), report);
    Some(ApprovalDefinition {
        definition_key: definition_key?,
        approval_code: approval_code.id(),
        name: name?,
        group,
        description: description.text("description", report),
        source_name: source_name.text("source_name", report),
        business_type: business_type.id(),
        pc_create_link,
        mobile_create_link,
        support_pc: on(support_pc),
        support_mobile: on(support_mobile),
        support_batch_read: on(support_batch_read),
        allow_batch_operate: on(allow_batch_operate),
        exclude_from_statistics: on(exclude_from_statistics),
        callback,
        quick_approval,
        viewers: viewers?,
        managers,
        named,
        locale: own_locale?,
        translations: wordings.others,
        user_id_type,
        department_id_type: department_id_type.or(DepartmentIdType::OpenDepartmentId),
        warnings: Warnings::default(),
    })
}

/// Every text of the document that people read.
fn texts_of<'r>(raw: &'r RawDefinition<'_>) -> impl Iterator<Item = &'r str> {
    let texts = [&raw.name, &raw.group_name, &raw.description, &raw.source_name];
    texts.into_iter().filter_map(|text| match &text.0 {
        Field::Present(text) => Some(text.as_ref()),
        Field::Absent | Field::Invalid => None,
    })
}

/// Contract §3.1: not both false, and both are false unless they are sent.
fn refuse_invisible(support_pc: &Flag, support_mobile: &Flag, report: &mut Report) {
    const DETAIL: &str = "one of support_pc and support_mobile must be true";
    match (&support_pc.0, &support_mobile.0) {
        // One that could not be read has been reported already.
        (Field::Present(true) | Field::Invalid, _) | (_, Field::Present(true) | Field::Invalid) => {}
        (Field::Absent, _) => report.missing("support_pc", DETAIL),
        (Field::Present(false), _) => {
            report.within_name("support_pc", |report| report.violate("contradiction", DETAIL));
        }
    }
}

fn key<'a>(raw: Identifier<'a>, report: &mut Report) -> Option<Id<'a>> {
    let key = raw.required_id("definition_key", report)?;
    let length = key.as_str().chars().count();
    if length > MAX_KEY {
        report.within_name("definition_key", |report| {
            report.violate("too_long", format!("has {length} characters; Feishu takes {MAX_KEY}"));
        });
    }
    Some(key)
}

/// Feishu takes the key of a group that it knows without a name, and never a name without a key (field reports).
fn group<'a>(key: Identifier<'a>, name: Str<'a>, report: &mut Report) -> Option<Group<'a>> {
    if name.0.is_given() && !key.0.is_given() {
        report.missing("group_key", "is required together with group_name");
    }
    let name = name.text("group_name", report);
    Some(Group { key: key.id()?, name })
}

/// A secret of the callback, as the document has it.
pub(super) struct Secret<'a> {
    name: &'static str,
    written: AnyStr<'a>,
    /// Whether Feishu has one, when the document was read from there; the gateway keeps none.
    at_feishu: Option<bool>,
}

impl<'a> Secret<'a> {
    pub(super) fn new(name: &'static str, written: AnyStr<'a>, at_feishu: &Flag) -> Self {
        let at_feishu = match at_feishu.0 {
            Field::Present(has) => Some(has),
            Field::Absent | Field::Invalid => None,
        };
        Self { name, written, at_feishu }
    }

    /// Whether the document says what it is.
    fn is_set(&self) -> bool {
        matches!(&self.written.0, Field::Present(text) if !text.is_empty())
    }

    /// The secret beside an address; reports one that is missing.
    fn required(self, report: &mut Report) -> Option<SecretString> {
        match (self.written.0.is_given(), self.at_feishu) {
            (true, _) | (false, Some(false)) => {}
            (false, Some(true)) => report.missing(
                self.name,
                "must be given again: Feishu has one, which the gateway does not keep; write \"\" to remove it",
            ),
            (false, None) => report.missing(
                self.name,
                "is required together with action_callback_url; write \"\" for none",
            ),
        }
        let secret = self.written.0.optional().filter(|secret| !secret.is_empty());
        secret.map(|secret| SecretString::from(secret.into_owned()))
    }
}

/// The gateway fills in what belongs to the callback.
fn refuse_own_callback(url: &Str<'_>, secrets: &[&Secret<'_>], report: &mut Report) {
    let names = url.0.is_given().then_some("action_callback_url");
    let set = secrets.iter().filter(|secret| secret.is_set()).map(|secret| secret.name);
    for name in names.into_iter().chain(set) {
        report.within_name(name, |report| {
            let detail =
                "is filled in by the gateway where quick_approval is \"gateway\"; leave one of them out";
            report.violate("contradiction", detail);
        });
    }
}

/// Contract §3.3: an upsert resets what it leaves out, so a forgotten token would disarm the callback in silence.
pub(super) fn callback<'a>(
    url: Str<'a>,
    token: Secret<'a>,
    key: Secret<'a>,
    report: &mut Report,
) -> Option<Callback<'a>> {
    if !url.0.is_given() {
        if let Some(Secret { name, .. }) = [&token, &key].into_iter().find(|secret| secret.is_set()) {
            report.missing("action_callback_url", format!("is required together with {name}"));
        }
        return None;
    }
    let (token, key) = (token.required(report), key.required(report));
    Some(Callback { url: url.id()?, token, key })
}

/// Whether nobody is named by an id.
fn has_no_ids(managers: &[Id<'_>], viewers: Option<&Viewers<'_>>) -> bool {
    let has_viewers = matches!(viewers, Some(Viewers::Selected { user_ids, .. }) if !user_ids.is_empty());
    managers.is_empty() && !has_viewers
}

/// The kind of all ids that are sent: people who are looked up are named by the same kind as those beside them.
fn user_id_type_beside(
    written: OneOf<UserIdType>,
    named: &[NamedInDefinition<'_>],
    has_ids: bool,
    report: &mut Report,
) -> UserIdType {
    let written = written.or(UserIdType::UserId);
    if named.is_empty() {
        return written;
    }
    if !has_ids {
        // Every app may see these.
        return UserIdType::OpenId;
    }
    if written == UserIdType::UnionId {
        report.within_name("user_id_type", |report| {
            let detail = "must be user_id or open_id where people are named by e-mail, mobile or union id beside ids; \
                          union ids go into union_ids and manager_union_ids";
            report.violate("contradiction", detail);
        });
    }
    written
}

/// Names of one kind, with their places.
fn aliases<'a>(
    raw: List<Cow<'a, str>>,
    name: &'static str,
    kind: AliasKind,
    report: &mut Report,
) -> Vec<(String, Alias<'a>)> {
    let Some(items) = raw.0.optional() else { return Vec::new() };
    let mut found = Vec::with_capacity(items.kept.len());
    for (index, value) in items.kept.into_iter().enumerate() {
        let Some(value) = value.optional() else { continue };
        match misspelling(kind, &value) {
            None => found.push((format!("/{name}/{index}"), Alias { kind, value })),
            Some((code, detail, hint)) => {
                report.within_item(name, index, |report| report.violate_with_hint(code, detail, hint));
            }
        }
    }
    found
}

fn refuse_too_many(name: &'static str, count: usize, report: &mut Report) {
    if count > MAX_PERSONS {
        report.within_name(name, |report| {
            report.violate("too_many", format!("{count} people are named; Feishu takes {MAX_PERSONS}"));
        });
    }
}

fn viewers<'a>(
    raw: Nested<RawViewers<'a>>,
    named: &mut Vec<NamedInDefinition<'a>>,
    report: &mut Report,
) -> Option<Viewers<'a>> {
    if !raw.0.is_given() {
        report.missing("viewers", "is required: without it Feishu shows the definition to nobody");
    }
    let RawViewers { scope, user_ids, emails, mobiles, union_ids, department_ids } = *raw.0.optional()?;
    report.within_name("viewers", |report| {
        let scope = scope.0.required("scope", report);
        let all = [&user_ids, &emails, &mobiles, &union_ids, &department_ids];
        let unreadable = all.into_iter().any(|list| match &list.0 {
            Field::Absent => false,
            Field::Invalid => true,
            Field::Present(items) => items.kept.iter().any(|item| matches!(item, Field::Invalid)),
        });
        let (user_ids, department_ids) =
            (ids(user_ids, "user_ids", report), ids(department_ids, "department_ids", report));
        let lists = [
            ("emails", emails, AliasKind::Email),
            ("mobiles", mobiles, AliasKind::Mobile),
            ("union_ids", union_ids, AliasKind::UnionId),
        ];
        let mut given = 0;
        for (name, list, kind) in lists {
            given += list.len();
            named.extend(aliases(list, name, kind, report).into_iter().map(|(pointer, alias)| {
                NamedInDefinition { role: DefinitionRole::Viewer, pointer: format!("/viewers{pointer}"), alias }
            }));
        }
        let selected = given + [&user_ids, &department_ids].into_iter().flatten().map(Vec::len).sum::<usize>();
        match scope? {
            ViewerScope::Selected => {
                // What could not be read has been reported already.
                if selected == 0 && !unreadable {
                    report.missing(
                        "user_ids",
                        "somebody is required with scope \"selected\": user_ids, emails, mobiles, union_ids or department_ids",
                    );
                }
                if selected > MAX_PERSONS {
                    let detail =
                        format!("names {selected} users and departments; Feishu takes {MAX_PERSONS}");
                    report.violate("too_many", detail);
                }
                Some(Viewers::Selected {
                    user_ids: user_ids.unwrap_or_default(),
                    department_ids: department_ids.unwrap_or_default(),
                })
            }
            everyone_or_nobody => {
                if selected > 0 {
                    report.within_name("scope", |report| {
                        report.violate(
                            "contradiction",
                            "must be \"selected\" when users or departments are named",
                        );
                    });
                }
                Some(match everyone_or_nobody {
                    ViewerScope::Nobody => Viewers::Nobody,
                    ViewerScope::Everyone | ViewerScope::Selected => Viewers::Everyone,
                })
            }
        }
    })
}

fn ids<'a>(raw: List<Cow<'a, str>>, name: &'static str, report: &mut Report) -> Option<Vec<Id<'a>>> {
    let items = raw.0.optional()?;
    if items.total > MAX_PERSONS {
        report.within_name(name, |report| {
            report.violate(
                "too_many",
                format!("holds {} elements; at most {MAX_PERSONS} are taken", items.total),
            );
        });
    }
    Some(items.kept.into_iter().filter_map(|id| id.optional().and_then(Id::new)).collect())
}
