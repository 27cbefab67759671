//! One approval: who asked for what, who decides, who reads along.

use super::{
    Alias, ApprovalTask, DisplayMethod, Extra, Id, InstanceStatus, KnownPeople, Links, Locale, NamesPeople,
    Person, Text, Timestamp, Translations, Trusteeship, Warnings,
};

/// A valid instance (design §2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalInstance<'a> {
    /// The caller's id, unique per tenant and app.
    pub instance_id: Id<'a>,
    /// The code that Feishu returned for the definition.
    pub approval_code: Id<'a>,
    /// Where the approval stands.
    pub status: InstanceStatus,
    /// Shown in lists; Feishu shows the definition's name when absent.
    pub title: Option<Text<'a>>,
    /// Where the applicant looks at it.
    pub links: Links<'a>,
    /// The applicant; none for an initiator that is no person.
    pub applicant: Option<Person<'a>>,
    /// Name of an initiator that is no person.
    pub applicant_name: Option<Text<'a>>,
    /// The applicant's department; the empty string means the company's name (contract §4.1).
    pub department_id: Option<std::borrow::Cow<'a, str>>,
    /// Name of the department.
    pub department_name: Option<Text<'a>>,
    /// The summary in lists; `None` leaves the field out.
    pub form: Option<Vec<FormRow<'a>>>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// Its version; `None` means *now*, and in any case later than what was sent before.
    pub updated_at: Option<Timestamp>,
    /// When it ended; `None` means *now* when the status is final, else not yet.
    pub ended_at: Option<Timestamp>,
    /// Free-form data, `business_key` included.
    pub extra: Option<Extra<'a>>,
    /// How the links open.
    pub display_method: Option<DisplayMethod>,
    /// The language of the document's texts.
    pub locale: Locale,
    /// The texts in other languages.
    pub translations: Translations<'a>,
    /// Who decides; `None` leaves the field out.
    pub tasks: Option<Vec<ApprovalTask<'a>>>,
    /// Who reads along; `None` leaves the field out.
    pub cc: Option<Vec<CarbonCopy<'a>>>,
    /// Settings of a hosted form.
    pub trusteeship: Option<Trusteeship<'a>>,
    /// What its writer should look at.
    pub warnings: Warnings,
}

impl NamesPeople for ApprovalInstance<'_> {
    fn aliases(&self) -> Vec<(String, Alias<'_>)> {
        let applicant = self.applicant.as_ref().and_then(Person::alias);
        let applicant = applicant.map(|alias| (format!("/applicant_{}", alias.kind.as_str()), alias.clone()));
        let tasks = self.tasks.iter().flatten().enumerate().filter_map(|(index, task)| {
            let alias = task.approver.alias()?;
            Some((format!("/tasks/{index}/{}", alias.kind.as_str()), alias.clone()))
        });
        let copies = self.cc.iter().flatten().enumerate().filter_map(|(index, copy)| {
            let alias = copy.reader.alias()?;
            Some((format!("/cc/{index}/{}", alias.kind.as_str()), alias.clone()))
        });
        applicant.into_iter().chain(tasks).chain(copies).collect()
    }

    fn resolve(&mut self, known: &KnownPeople) {
        let tasks = self.tasks.iter_mut().flatten().map(|task| &mut task.approver);
        let copies = self.cc.iter_mut().flatten().map(|copy| &mut copy.reader);
        self.applicant.iter_mut().chain(tasks).chain(copies).for_each(|person| person.resolve(known));
    }
}

/// One line of the summary (contract §4.1 `form[]`; both sides are optional there).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow<'a> {
    /// What the value is.
    pub name: Option<Text<'a>>,
    /// The value.
    pub value: Option<Text<'a>>,
}

/// Somebody who reads along, a cc (contract §4.1 `cc_list[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarbonCopy<'a> {
    /// Unique among the ids of the document.
    pub cc_id: Id<'a>,
    /// The reader.
    pub reader: Person<'a>,
    /// Plain text upstream: no key, no translation.
    pub title: Option<Text<'a>>,
    /// Where the reader looks at it; the instance's links when absent.
    pub links: Option<Links<'a>>,
    /// Whether it was read.
    pub read: bool,
    /// When it was sent.
    pub created_at: Timestamp,
    /// Its version; the instance's when absent.
    pub updated_at: Option<Timestamp>,
    /// Free-form data.
    pub extra: Option<Extra<'a>>,
    /// How the links open.
    pub display_method: Option<DisplayMethod>,
}
