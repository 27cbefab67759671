//! Accepting a document: what is asked, and what became of it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::body::Body;
use super::error::LedgerError;
use super::import::ImportId;
use super::record::{ContentHash, DeliveryRecord, InstanceKey, Revision};
use super::task::NewTask;
use crate::domain::{InstanceStatus, Mode, Timestamp};

/// A document to accept, with all that the ledger must know of it.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// The definition that it names.
    pub approval_code: String,
    /// The status that it names.
    pub status: InstanceStatus,
    /// Hash of its content, without version and mode.
    pub hash: ContentHash,
    /// The document itself.
    pub body: Body,
    /// Its tasks.
    pub tasks: Vec<NewTask>,
    /// The version that the caller gave.
    pub version: Option<Timestamp>,
    /// How it shall go out.
    pub mode: Mode,
    /// Whether the caller named the mode: only then another mode makes an equal document a new one.
    pub is_mode_given: bool,
}

/// What the ledger keeps of an instance: the record, and the document that is desired.
#[derive(Debug, Clone)]
pub struct Kept {
    /// All but the document.
    pub record: DeliveryRecord,
    /// The document.
    pub body: Body,
}

/// Makes a document of the kept one (`None` when none is kept), inside the transaction that accepts it.
///
/// It may be called again, with a newer kept document, where a transaction has to be repeated. It runs while other writers
/// wait: it must not block.
pub type MakeDocument = Arc<dyn Fn(Option<&Kept>) -> Result<NewDocument, Rejection> + Send + Sync>;

/// Where the document to accept comes from.
#[derive(Clone)]
pub enum DocumentSource {
    /// It is there, whatever is kept.
    Given(NewDocument),
    /// It is made of the kept one: a patch, or an update that is merged.
    Made(MakeDocument),
}

impl fmt::Debug for DocumentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(document) => f.debug_tuple("Given").field(document).finish(),
            Self::Made(_) => f.write_str("Made"),
        }
    }
}

/// Why no document could be made: an error of whoever made the function.
pub struct Rejection(Box<dyn Any + Send>);

impl Rejection {
    /// Wraps an error of the layer above.
    pub fn new<E: Send + 'static>(error: E) -> Self {
        Self(Box::new(error))
    }

    /// The error that was wrapped, if it is one of this type.
    ///
    /// # Errors
    /// Gives the rejection back when it holds another type.
    pub fn downcast<E: Send + 'static>(self) -> Result<E, Self> {
        self.0.downcast().map(|error| *error).map_err(Self)
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rejection")
    }
}

/// What a caller expects to be kept (`If-Match`, `If-None-Match`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Any document (`*`).
    Any,
    /// The document of one of these revisions.
    OneOf(Vec<Revision>),
    /// No document (`If-None-Match: *`).
    Nothing,
    /// The document of none of these revisions, or no document.
    NoneOf(Vec<Revision>),
}

impl IfMatch {
    /// Whether this revision is expected; `None` when no document is kept.
    pub(super) fn holds(&self, kept: Option<Revision>) -> bool {
        match self {
            Self::Any => kept.is_some(),
            Self::OneOf(revisions) => kept.is_some_and(|kept| revisions.contains(&kept)),
            Self::Nothing => kept.is_none(),
            Self::NoneOf(revisions) => kept.is_none_or(|kept| !revisions.contains(&kept)),
        }
    }
}

/// A wish to have a document accepted.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// Of which instance.
    pub key: InstanceKey,
    /// The document.
    pub document: DocumentSource,
    /// What must be kept for it to be accepted.
    pub if_match: Option<IfMatch>,
    /// Whether an unchanged document is sent all the same.
    pub resend: bool,
    /// The import that it is a line of; without one it is a caller's own push.
    pub import: Option<ImportId>,
    /// Whether the document's tasks are kept in a way that [`TaskClue`](super::TaskClue)s find.
    pub knows_tasks: bool,
    /// Whether whoever sends it is told at once that it will be delivered: then an event tells when it is.
    pub is_promised: bool,
    /// Who sends it.
    pub caller: Option<String>,
    /// The request that it came with.
    pub request_id: Option<String>,
}

impl Acceptance {
    /// A caller's own push of a document, without conditions.
    pub fn new(key: InstanceKey, document: DocumentSource) -> Self {
        Self {
            key,
            document,
            if_match: None,
            resend: false,
            import: None,
            knows_tasks: false,
            is_promised: false,
            caller: None,
            request_id: None,
        }
    }
}

/// How an accepted document compares with what was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedAs {
    /// It differs: a new revision.
    Changed,
    /// It is equal to one that still waits, and keeps that one's revision.
    Waiting,
    /// The same, but it waited for another import: from now on it waits for this one.
    TakenOver,
    /// It is equal to one that was refused or in conflict, sent again on request: same revision, pending again.
    Again,
    /// It is equal to what was delivered: nothing is done.
    Unchanged,
}

/// An accepted document: on disk when this is seen.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The instance as it is now.
    pub record: DeliveryRecord,
    /// How the document compares with what was kept before.
    pub accepted_as: AcceptedAs,
    /// Whether the caller's version was raised, because the instance had that one or a later one already.
    pub is_version_raised: bool,
}

/// Why a document was not accepted; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Another revision is kept than the caller expects.
    #[error("the kept document has another revision")]
    RevisionMismatch {
        /// The revision of the kept document; absent without one.
        kept: Option<Revision>,
    },
    /// The update is not later than what the instance has.
    #[error("the update is stale")]
    Stale {
        /// The latest version that was promised, or seen in Feishu.
        latest: Timestamp,
    },
    /// The function that makes the document gave none.
    #[error("no document could be made")]
    Rejected(Rejection),
    /// The import is not there or was canceled.
    #[error("the import takes no more lines")]
    ImportClosed,
    /// The store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
