//! Rules that instances, tasks and copies share: who it is about, and where a click leads.

use super::field::Str;
use super::report::Report;
use crate::domain::{Id, Link, Links, Person, Text};

impl<'a> Str<'a> {
    /// The string as an identifier.
    pub(super) fn id(self) -> Option<Id<'a>> {
        self.0.optional().and_then(Id::new)
    }

    /// The string as an identifier; reports the member as missing when it is absent.
    pub(super) fn required_id(self, name: &'static str, report: &mut Report) -> Option<Id<'a>> {
        self.0.required(name, report).and_then(Id::new)
    }

    /// The string as a text that people read.
    pub(super) fn text(self) -> Option<Text<'a>> {
        self.0.optional().and_then(Text::new)
    }

    /// The string as an address; one that runs code is reported and treated as given.
    pub(super) fn link(self, name: &'static str, report: &mut Report) -> Option<Link<'a>> {
        let link = self.0.optional().and_then(Link::new)?;
        if link.runs_code() {
            report.within_name(name, |report| {
                report.violate("unsafe_link", "runs code instead of opening a page; write an https address");
            });
        }
        Some(link)
    }
}

/// The person behind a `user_id` and an `open_id`, one of which must be there.
pub(super) fn person<'a>(user_id: Str<'a>, open_id: Str<'a>, report: &mut Report) -> Option<Person<'a>> {
    if !user_id.0.is_given() && !open_id.0.is_given() {
        report.missing("user_id", "one of user_id and open_id is required");
    }
    Person::new(user_id.id(), open_id.id())
}

/// What a click on an instance, a task or a copy opens, if anything is written.
pub(super) fn links<'a>(pc_link: Str<'a>, mobile_link: Str<'a>, report: &mut Report) -> Option<Links<'a>> {
    let (pc, mobile) = (pc_link.link("pc_link", report), mobile_link.link("mobile_link", report));
    Links::mirrored(pc, mobile)
}
