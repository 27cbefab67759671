//! Rules that instances, tasks and copies share: who it is about, and where a click leads.

use std::borrow::Cow;

use super::field::{Field, Identifier, Str};
use super::report::Report;
use crate::domain::{Alias, AliasKind, Id, Link, Links, Person, Text, WarningCode};

impl<'a> Str<'a> {
    /// The string as an identifier.
    pub(super) fn id(self) -> Option<Id<'a>> {
        self.0.optional().and_then(Id::new)
    }

    /// The string as a text that people read; warns of one that looks like a key of Feishu's.
    pub(super) fn text(self, name: &'static str, report: &mut Report) -> Option<Text<'a>> {
        let text = self.0.optional()?;
        if text.starts_with("@i18n@") {
            report.within_name(name, |report| {
                report.warn(
                    WarningCode::LooksLikeI18nKey,
                    "begins with @i18n@ and is shown as it is; write the text itself",
                );
            });
        }
        Text::new(text)
    }

    /// The string as an address; one that runs code is reported and treated as given.
    pub(super) fn link(self, name: &'static str, report: &mut Report) -> Option<Link<'a>> {
        let link = self.0.optional().and_then(Link::new)?;
        if link.runs_code() {
            report.within_name(name, |report| {
                report.violate("unsafe_link", "runs code instead of opening a page; write an https address");
            });
        } else if let Some(detail) = link.suspicion() {
            report.within_name(name, |report| report.warn(WarningCode::SuspiciousLink, detail));
        }
        Some(link)
    }
}

impl<'a> Identifier<'a> {
    /// The id, if there is one.
    pub(super) fn id(self) -> Option<Id<'a>> {
        self.0.optional().and_then(Id::new)
    }

    /// The id; reports the member as missing when it is absent.
    pub(super) fn required_id(self, name: &'static str, report: &mut Report) -> Option<Id<'a>> {
        self.0.required(name, report).and_then(Id::new)
    }

    fn is_open_id(&self) -> Option<bool> {
        match &self.0 {
            Field::Present(id) => Some(id.starts_with("ou_")),
            Field::Absent | Field::Invalid => None,
        }
    }
}

/// How the members are called that name one person.
#[derive(Debug, Clone, Copy)]
pub(super) struct MemberNames {
    user_id: &'static str,
    open_id: &'static str,
    email: &'static str,
    mobile: &'static str,
    union_id: &'static str,
}

/// Those of whoever has a task, reads along, or gets a message.
pub(super) const OWN: MemberNames = MemberNames {
    user_id: "user_id",
    open_id: "open_id",
    email: "email",
    mobile: "mobile",
    union_id: "union_id",
};

/// Those of whoever has asked for something.
pub(super) const APPLICANT: MemberNames = MemberNames {
    user_id: "applicant_user_id",
    open_id: "applicant_open_id",
    email: "applicant_email",
    mobile: "applicant_mobile",
    union_id: "applicant_union_id",
};

/// Those of whom a headline names.
pub(super) const SUBJECT: MemberNames = MemberNames {
    user_id: "subject_user_id",
    open_id: "subject_open_id",
    email: "subject_email",
    mobile: "subject_mobile",
    union_id: "subject_union_id",
};

/// The members that name one person.
#[derive(Debug)]
pub(super) struct Naming<'a> {
    pub(super) names: MemberNames,
    pub(super) user_id: Identifier<'a>,
    pub(super) open_id: Identifier<'a>,
    pub(super) email: Identifier<'a>,
    pub(super) mobile: Identifier<'a>,
    pub(super) union_id: Identifier<'a>,
}

impl<'a> Naming<'a> {
    /// Whether any of them is there.
    pub(super) fn is_given(&self) -> bool {
        self.schemes().iter().any(|(_, is_given)| *is_given)
    }

    /// The ways to name a person, each by its first member, and whether it is used. Both ids together are one of them.
    fn schemes(&self) -> [(&'static str, bool); 4] {
        let Self { names, user_id, open_id, email, mobile, union_id } = self;
        let ids = if user_id.0.is_given() { names.user_id } else { names.open_id };
        [
            (ids, user_id.0.is_given() || open_id.0.is_given()),
            (names.email, email.0.is_given()),
            (names.mobile, mobile.0.is_given()),
            (names.union_id, union_id.0.is_given()),
        ]
    }

    /// The person, who must be named.
    pub(super) fn required(self, report: &mut Report) -> Option<Person<'a>> {
        if !self.is_given() {
            let detail = "one of user_id, open_id, email, mobile and union_id is required";
            report.missing(self.names.user_id, detail);
        }
        self.person(report)
    }

    /// The person, if there is one; warns of an id that stands in the other's place.
    pub(super) fn person(self, report: &mut Report) -> Option<Person<'a>> {
        for (name, _) in self.schemes().into_iter().filter(|(_, is_given)| *is_given).skip(1) {
            report.within_name(name, |report| {
                report.violate(
                    "contradiction",
                    "names the same person once more; write an id (or both), or an e-mail address, or a mobile, or a union id",
                );
            });
        }
        let Self { names, user_id, open_id, email, mobile, union_id } = self;
        if user_id.is_open_id() == Some(true) {
            report.within_name(names.user_id, |report| {
                report.warn(
                    WarningCode::LooksLikeOpenId,
                    "begins with ou_, as an open_id does; Feishu would find nobody",
                );
            });
        }
        if open_id.is_open_id() == Some(false) {
            report.within_name(names.open_id, |report| {
                report.warn(
                    WarningCode::LooksLikeUserId,
                    "does not begin with ou_, as every open_id does; it may be a user_id",
                );
            });
        }
        let aliases = [
            (names.email, email, AliasKind::Email),
            (names.mobile, mobile, AliasKind::Mobile),
            (names.union_id, union_id, AliasKind::UnionId),
        ];
        let alias = aliases.into_iter().fold(None, |found, (name, written, kind)| {
            let written = written.0.optional().and_then(|value| alias(kind, value, name, report));
            found.or(written)
        });
        Person::new(user_id.id(), open_id.id()).or(alias.map(Person::by))
    }
}

/// An alias; one by which Feishu finds nobody is reported.
fn alias<'a>(
    kind: AliasKind,
    value: Cow<'a, str>,
    name: &'static str,
    report: &mut Report,
) -> Option<Alias<'a>> {
    match misspelling(kind, &value) {
        None => Some(Alias { kind, value }),
        Some((code, detail, hint)) => {
            report.within_name(name, |report| report.violate_with_hint(code, detail, hint));
            None
        }
    }
}

/// Most bytes of an address (RFC 5321 §4.5.3.1.3, without the brackets around it). This bound and the next are ours: Feishu documents none,
/// and may refuse the call for all names that are asked about together with one that is too long for it.
const MOST_OF_EMAIL: usize = 254;

/// Most bytes of a union id.
const MOST_OF_UNION_ID: usize = 128;

/// Why Feishu finds nobody by this name, and what was probably meant.
pub(super) fn misspelling(
    kind: AliasKind,
    value: &str,
) -> Option<(&'static str, Cow<'static, str>, Option<String>)> {
    let too_long = |most: usize| {
        let detail = format!("has {} bytes; at most {most} bytes are looked up", value.len());
        Some(("too_long", detail.into(), None))
    };
    match kind {
        AliasKind::Email if value.len() > MOST_OF_EMAIL => too_long(MOST_OF_EMAIL),
        AliasKind::UnionId if value.len() > MOST_OF_UNION_ID => too_long(MOST_OF_UNION_ID),
        AliasKind::Email if !is_email(value) => {
            Some(("invalid_email", "is no e-mail address: NAME@DOMAIN without blanks".into(), None))
        }
        AliasKind::Mobile if !is_mobile(value) => Some((
            "invalid_mobile",
            "is no mobile that Feishu knows: the 11 digits of one in mainland China, else + with country code and number; digits only".into(),
            probable_mobile(value),
        )),
        AliasKind::Email | AliasKind::Mobile | AliasKind::UnionId => None,
    }
}

/// No more than what makes an address: Feishu documents no rules of its own.
fn is_email(value: &str) -> bool {
    let parts = value.split_once('@');
    !value.contains(char::is_whitespace)
        && parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

/// Feishu takes a number without a country code for one of mainland China (field notes).
fn is_mobile(value: &str) -> bool {
    match value.strip_prefix('+') {
        // The longest numbers there are have 15 digits (ITU-T E.164); shorter than this none is in use.
        Some(international) => is_digits(international) && (7..=15).contains(&international.len()),
        None => is_chinese(value),
    }
}

fn is_chinese(value: &str) -> bool {
    is_digits(value) && value.len() == 11 && value.starts_with('1')
}

fn is_digits(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number as Feishu wants it, where only its spelling differs.
fn probable_mobile(value: &str) -> Option<String> {
    let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let plain = match plain.strip_prefix("00") {
        Some(international) => format!("+{international}"),
        None => plain,
    };
    let candidates = [plain.clone(), format!("+{plain}")];
    let meant = candidates.into_iter().find(|candidate| match candidate.strip_prefix("+86") {
        Some(chinese) => is_chinese(chinese),
        None => is_mobile(candidate) && (*candidate == plain),
    })?;
    Some(format!("write {meant}"))
}

/// What a click on an instance, a task or a copy opens, if anything is written.
pub(super) fn links<'a>(pc_link: Str<'a>, mobile_link: Str<'a>, report: &mut Report) -> Option<Links<'a>> {
    let (pc, mobile) = (pc_link.link("pc_link", report), mobile_link.link("mobile_link", report));
    Links::mirrored(pc, mobile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("alice@example.com" => true)]
    #[test_case("a.b+c@sub.example.com" => true; "dots and a tag")]
    #[test_case("张三@例子.公司" => true; "letters of any script")]
    #[test_case("alice" => false; "no domain")]
    #[test_case("@example.com" => false; "no name")]
    #[test_case("alice@" => false; "nothing behind it")]
    #[test_case("alice@a@b" => false; "two signs")]
    #[test_case("alice @example.com" => false; "a blank")]
    #[test_case("alice\u{3000}@example.com" => false; "a wide blank")]
    #[test_case("alice＠example.com" => false; "a wide sign")]
    fn an_address_is_taken(value: &str) -> bool {
        misspelling(AliasKind::Email, value).is_none()
    }

    #[test_case("13800138000" => None; "mainland China")]
    #[test_case("+8613800138000" => None; "mainland China with its code")]
    #[test_case("+14155552671" => None; "abroad")]
    #[test_case("138 0013 8000" => Some(Some("write 13800138000".to_owned())); "blanks")]
    #[test_case("+86 138-0013-8000" => Some(Some("write +8613800138000".to_owned())); "dashes")]
    #[test_case("008613800138000" => Some(Some("write +8613800138000".to_owned())); "zeros in place of the sign")]
    #[test_case("8613800138000" => Some(Some("write +8613800138000".to_owned())); "no sign")]
    #[test_case("4155552671" => Some(None); "abroad without a country code")]
    #[test_case("1380013800" => Some(None); "a digit short")]
    #[test_case("+1" => Some(None); "a country code alone")]
    #[test_case("+" => Some(None); "a sign alone")]
    #[test_case("+1234567890123456" => Some(None); "longer than any")]
    #[test_case("１３８００１３８０００" => Some(None); "wide digits")]
    #[test_case("13800138000 ext 5" => Some(None); "letters")]
    fn a_mobile_is_refused_with_what_was_meant(value: &str) -> Option<Option<String>> {
        misspelling(AliasKind::Mobile, value).map(|(_, _, hint)| hint)
    }
}
