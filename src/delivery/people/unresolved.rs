//! Why people of a document are not known.

use std::time::Duration;

use crate::domain::{Alias, AliasKind, KnownPeople, Violation};
use crate::feishu::CallError;

/// Code of the violation for a person who is not to be found.
const UNKNOWN_PERSON: &str = "unknown_person";

/// Code of the violation for a person who is found, and whose `user_id` the app may not see.
pub const NO_USER_ID: &str = "no_user_id";

/// Why people of a document are not known yet, or not at all.
#[derive(Debug)]
pub enum NotKnown {
    /// These have to be looked up first.
    NotAsked(Vec<Alias<'static>>),
    /// Asking does not help.
    Unresolved(UnresolvedPeople),
}

/// Why people of a document are not known.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UnresolvedPeople {
    /// They could not be looked up.
    #[error(transparent)]
    Failed(#[from] LookupFailure),
    /// Feishu knows them not, or they are out of the app's sight; one entry for each.
    #[error("{} person(s) are not to be found", .0.len())]
    Unknown(Vec<Violation>),
}

/// Why people could not be looked up.
#[derive(Debug, Clone, thiserror::Error)]
#[error("people could not be looked up")]
pub struct LookupFailure {
    /// What went wrong.
    #[source]
    pub error: Box<CallError>,
    /// Whoever needs these people tries again after this time, and not before.
    pub pause: Duration,
}

impl LookupFailure {
    pub(super) fn new(error: CallError, pause: Duration) -> Self {
        Self { error: Box::new(error), pause }
    }
}

/// What was found out about the people of one document.
#[derive(Debug, Default)]
pub(super) struct Collected {
    not_asked: Vec<Alias<'static>>,
    failure: Option<LookupFailure>,
    unknown: Vec<Violation>,
}

impl Collected {
    pub(super) fn not_asked(&mut self, alias: Alias<'static>) {
        self.not_asked.push(alias);
    }

    pub(super) fn failed(&mut self, failure: LookupFailure) {
        self.failure.get_or_insert(failure);
    }

    pub(super) fn unknown(&mut self, pointer: String, kind: AliasKind) {
        let detail = match kind {
            AliasKind::Email => {
                "is the address of nobody whom the app can see: unknown to Feishu, a company mailbox, or of somebody who has left"
            }
            AliasKind::Mobile => {
                "is the mobile of nobody whom the app can see: unknown to Feishu, or of somebody who has left"
            }
            AliasKind::UnionId => {
                "is the union id of nobody whom the app can see: unknown to Feishu, of another developer's app, or of somebody who has left"
            }
        };
        self.unknown.push(Violation::body(pointer, UNKNOWN_PERSON, detail));
    }

    pub(super) fn without_user_id(&mut self, pointer: String) {
        let detail = "is somebody who is found, but whose user_id the app may not see, and this document names others by user_id";
        let hint = "name everybody by e-mail, mobile or union id, or set user_id_type to open_id, or have the operator grant contact:user.employee_id:readonly";
        self.unknown.push(Violation::body(pointer, NO_USER_ID, detail).with_hint(hint));
    }

    /// These people, if everybody is known.
    pub(super) fn none_or(self, known: KnownPeople) -> Result<KnownPeople, NotKnown> {
        let Self { not_asked, failure, unknown } = self;
        if !not_asked.is_empty() {
            return Err(NotKnown::NotAsked(not_asked));
        }
        match failure {
            Some(failure) => Err(NotKnown::Unresolved(failure.into())),
            None if unknown.is_empty() => Ok(known),
            None => Err(NotKnown::Unresolved(UnresolvedPeople::Unknown(unknown))),
        }
    }
}
