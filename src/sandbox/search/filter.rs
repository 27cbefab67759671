//! The filters that the three searches share (contract §7).

use serde::{Deserialize, Serialize};

use super::ids::instance_code;
use crate::sandbox::definitions::Definition;
use crate::sandbox::documents::Instance;
use crate::sandbox::instances::Stored;
use crate::sandbox::int64::Int64;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::State;

/// Longest time window: 30 days, in milliseconds (contract §7).
const MAX_WINDOW_MILLIS: i64 = 30 * 86_400_000;

/// Filters of every search; one of the first five must be given.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Common {
    pub(super) user_id: Option<String>,
    approval_code: Option<String>,
    instance_code: Option<String>,
    instance_external_id: Option<String>,
    group_external_id: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) with_revoked_instance: bool,
}

/// Who asks, and when.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) state: &'a State,
    pub(crate) app_id: &'a str,
    pub(crate) now: i64,
}

/// An instance that the shared filters let through.
pub(crate) struct Candidate<'a> {
    pub(super) stored: &'a Stored,
    /// The document as searches know it by now.
    pub(super) instance: &'a Instance,
    pub(super) definition: &'a Definition,
}

impl Candidate<'_> {
    /// Whether it is dropped after paging (contract §7).
    pub(super) fn is_withdrawn(&self) -> bool {
        self.instance.status == "CANCELED"
    }
}

impl Common {
    /// The instances of this app that match `approval_code` ∪ `group_external_id` and `instance_code` ∪
    /// `instance_external_id`.
    ///
    /// Unknown codes are errors (contract §7); that an unknown own id finds nothing instead is our choice.
    pub(super) fn candidates<'a>(&self, asker: Asker<'a>) -> Result<Vec<Candidate<'a>>, Refusal> {
        let Asker { state, app_id, now } = asker;
        let keys = [
            &self.user_id,
            &self.approval_code,
            &self.instance_code,
            &self.instance_external_id,
            &self.group_external_id,
        ];
        if keys.into_iter().all(Option::is_none) {
            return Err(Refusal::param("param is invalid"));
        }
        if let Some(code) = &self.approval_code {
            state.definitions.find(app_id, code)?;
        }
        let own = || state.instances.all().filter(|stored| stored.app_id == app_id);
        if let Some(code) = &self.instance_code
            && own().all(|stored| instance_code(stored) != *code)
        {
            return Err(Refusal::business(1390003, "instance code not found"));
        }
        let found = own().filter_map(|stored| {
            let instance = stored.searchable(now, state.switches.search_delay_ms)?;
            let definition = state.definitions.of_instance(&instance.approval_code)?;
            let candidate = Candidate { stored, instance, definition };
            (self.names_definition(&candidate) && self.names_instance(&candidate)).then_some(candidate)
        });
        Ok(found.collect())
    }

    fn names_definition(&self, candidate: &Candidate<'_>) -> bool {
        let definition = candidate.definition;
        either(
            self.approval_code.as_ref().map(|code| *code == definition.real_code),
            self.group_external_id.as_ref().map(|group| Some(group) == definition.body.group_code.as_ref()),
        )
    }

    fn names_instance(&self, candidate: &Candidate<'_>) -> bool {
        either(
            self.instance_code.as_ref().map(|code| *code == instance_code(candidate.stored)),
            self.instance_external_id.as_ref().map(|id| *id == candidate.instance.instance_id),
        )
    }
}

/// A union of two filters, of which absent ones say nothing.
fn either(one: Option<bool>, other: Option<bool>) -> bool {
    match (one, other) {
        (None, None) => true,
        (one, other) => one == Some(true) || other == Some(true),
    }
}

/// A time window: both ends or none, at most 30 days, both inclusive (the last is our choice).
#[derive(Debug, Clone, Copy)]
pub(super) struct Window(Option<(Int64, Int64)>);

impl Window {
    /// Refuses half a window, a reversed one and one that is too long; that it is 1390001 is inferred.
    pub(super) fn new(from: Option<Int64>, to: Option<Int64>) -> Result<Self, Refusal> {
        match (from, to) {
            (None, None) => Ok(Self(None)),
            (Some(from), Some(to)) if from <= to && to.0 - from.0 <= MAX_WINDOW_MILLIS => {
                Ok(Self(Some((from, to))))
            }
            _ => Err(Refusal::param("param is invalid")),
        }
    }

    /// Whether a time lies inside.
    pub(super) fn contains(self, time: Int64) -> bool {
        self.0.is_none_or(|(from, to)| from <= time && time <= to)
    }
}
