//! What the ledger knows of one instance, beside the document itself.

use serde::{Deserialize, Serialize};

use super::delivered_tasks::OpenTasks;
use super::import::ImportId;
use super::kept_people::KeptPeople;
use super::problem::StoredProblem;
use super::words::DeliveryState;
use crate::domain::{AppName, InstanceStatus, Mode, NamesPeople, Timestamp};

/// Names an instance: its app and its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceKey {
    /// The Feishu app that it belongs to.
    pub app: AppName,
    /// The caller's id of it.
    pub instance_id: String,
}

impl InstanceKey {
    /// The instance with this id in this app.
    pub fn new(app: AppName, instance_id: impl Into<String>) -> Self {
        Self { app, instance_id: instance_id.into() }
    }
}

/// Counts the accepted changes of one instance, from 1; never used twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Hash of a document's content, without its version and mode; recognises a repeated document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

/// What a push carries, and what its result is reported under.
///
/// A revision that is sent again (drift, `resend`) has a new version, so both are needed to tell results apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    /// The revision of the document that was sent.
    pub revision: Revision,
    /// The version that was sent.
    pub version: Timestamp,
}

/// Who waits for a delivery: the order in which the dispatcher serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// A caller's own push.
    Interactive,
    /// What had drifted.
    Repair,
    /// A line of this import.
    Import(ImportId),
}

impl Lane {
    /// All classes.
    pub const CLASSES: [&'static str; 3] = ["interactive", "repair", "import"];

    /// The lane's class, as metrics and the database call it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Repair => "repair",
            Self::Import(_) => "import",
        }
    }

    /// The import that the instance is delivered for.
    pub fn import(self) -> Option<ImportId> {
        match self {
            Self::Import(import) => Some(import),
            Self::Interactive | Self::Repair => None,
        }
    }
}

/// What Feishu took last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The newest revision, or one sent again, that Feishu took.
    pub attempt: Attempt,
    /// When it was reported.
    pub at: Timestamp,
}

/// What the ledger knows of one instance: what is desired, what was sent, what was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Which instance.
    pub key: InstanceKey,
    /// The definition that the document names.
    pub approval_code: String,
    /// The status that the document names.
    pub status: InstanceStatus,
    /// Whether the kept document is the whole truth, and not made of updates only.
    pub is_whole: bool,
    /// How this revision goes out.
    pub mode: Mode,
    /// The accepted changes, counted.
    pub revision: Revision,
    /// The version that this revision is, or was, sent with.
    pub version: Timestamp,
    /// The highest version that was promised, or seen in Feishu: later ones are given.
    pub clock: Timestamp,
    /// Hash of the document; of none when it was erased.
    pub hash: Option<ContentHash>,
    /// When this revision was accepted.
    pub accepted_at: Timestamp,
    /// Who sent it.
    pub caller: Option<String>,
    /// Who waits for it.
    pub lane: Lane,
    /// How far it has come; `None` when nothing is desired any more: erased, or withdrawn before it was ever sent.
    pub state: Option<DeliveryState>,
    /// When it is tried next; always there while it is pending, never else.
    pub due_at: Option<Timestamp>,
    /// Since when it has been pending; always there while it is, never else.
    pub pending_since: Option<Timestamp>,
    /// Pushes of this revision that have ended.
    pub attempts: u32,
    /// Since when its pushes have failed.
    pub failing_since: Option<Timestamp>,
    /// What became of the last failed push, or why it was refused.
    pub problem: Option<StoredProblem>,
    /// What Feishu took last.
    pub sent: Option<Sent>,
    /// The tasks that waited in it, as far as anybody noted it.
    pub open_tasks: Option<OpenTasks>,
    /// The people whom its document names by aliases, as they were found when it was sent last.
    pub people: Option<KeptPeople>,
    /// Feishu's id of the last push that it answered.
    pub log_id: Option<String>,
    /// When the check last agreed with what was sent.
    pub confirmed_at: Option<Timestamp>,
    /// When Feishu is asked what it has.
    pub check_at: Option<Timestamp>,
    /// Checks that agreed since the last push.
    pub checks: u32,
    /// When to look at the latest because an outcome was unknown; until a check agrees.
    pub doubt_at: Option<Timestamp>,
    /// Drifts since [`Self::drifts_since`].
    pub drifts: u32,
    /// When the first drift of the last day was seen.
    pub drifts_since: Option<Timestamp>,
    /// Whether what is pending repairs a drift.
    pub is_repair: bool,
    /// Whether whoever sent it was told that it will be delivered, and is told by an event when it is.
    pub is_promised: bool,
    /// Whether the document is kept; retention drops it earlier than the record.
    pub has_document: bool,
    /// Since when the approval is finished and confirmed, while its document is kept.
    pub settled_at: Option<Timestamp>,
    /// Entries that its history ever had.
    pub history_entries: u64,
}

impl DeliveryRecord {
    /// What the next push carries, and what a result must be reported under.
    pub fn desired(&self) -> Attempt {
        Attempt { revision: self.revision, version: self.version }
    }

    /// The newest revision that Feishu took.
    pub fn sent_revision(&self) -> Option<Revision> {
        self.sent.map(|sent| sent.attempt.revision)
    }

    /// A version later than everything promised or seen before: `now`, if that is.
    pub(super) fn next_version(&self, now: Timestamp) -> Timestamp {
        now.max(self.clock.next())
    }

    /// Gives the people of its document the ids that they had when it was sent last.
    pub fn resolve_people(&self, document: &mut impl NamesPeople) {
        if let Some(people) = &self.people {
            document.resolve(&people.known());
        }
    }

    /// Whether Feishu has not taken this revision.
    pub fn is_unsent(&self) -> bool {
        self.sent_revision() != Some(self.revision)
    }
}
