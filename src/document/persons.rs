//! Rules that instances, tasks and copies share: who it is about, and where a click leads.

use super::field::{Field, Identifier, Str};
use super::report::Report;
use crate::domain::{Id, Link, Links, Person, Text, WarningCode};

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

/// The person behind a `user_id` and an `open_id`, one of which must be there.
pub(super) fn person<'a>(
    user_id: Identifier<'a>,
    open_id: Identifier<'a>,
    report: &mut Report,
) -> Option<Person<'a>> {
    if !user_id.0.is_given() && !open_id.0.is_given() {
        report.missing("user_id", "one of user_id and open_id is required");
    }
    named(("user_id", user_id), ("open_id", open_id), report)
}

/// The person behind the members with these names, if any is there; warns of an id that stands in the other's place.
pub(super) fn named<'a>(
    (user_name, user_id): (&'static str, Identifier<'a>),
    (open_name, open_id): (&'static str, Identifier<'a>),
    report: &mut Report,
) -> Option<Person<'a>> {
    if user_id.is_open_id() == Some(true) {
        report.within_name(user_name, |report| {
            report.warn(
                WarningCode::LooksLikeOpenId,
                "begins with ou_, as an open_id does; Feishu would find nobody",
            );
        });
    }
    if open_id.is_open_id() == Some(false) {
        report.within_name(open_name, |report| {
            report.warn(
                WarningCode::LooksLikeUserId,
                "does not begin with ou_, as every open_id does; it may be a user_id",
            );
        });
    }
    Person::new(user_id.id(), open_id.id())
}

/// What a click on an instance, a task or a copy opens, if anything is written.
pub(super) fn links<'a>(pc_link: Str<'a>, mobile_link: Str<'a>, report: &mut Report) -> Option<Links<'a>> {
    let (pc, mobile) = (pc_link.link("pc_link", report), mobile_link.link("mobile_link", report));
    Links::mirrored(pc, mobile)
}
