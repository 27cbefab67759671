//! What can go wrong with a delivery, and who turns it into words.

use std::sync::Arc;

use crate::delivery::people::UnresolvedPeople;
use crate::document::Rejection;
use crate::domain::Timestamp;
use crate::feishu::translate::OversizedPayload;
use crate::feishu::{CallError, StaleInstance};
use crate::ledger::{LedgerError, StoredProblem};

/// The code of a delivery that was given up because Feishu loses it whenever it is delivered.
pub const DOES_NOT_STICK: &str = "does_not_stick";

/// Why a delivery, or the whole app, is in trouble.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// A call to Feishu failed.
    #[error("a call to Feishu failed")]
    Call(#[source] CallError),
    /// Feishu did not take a push, or nobody knows.
    #[error("a push failed")]
    Push {
        /// Why.
        #[source]
        error: Box<CallError>,
        /// Pointers of the aliases in the document, in whose place Feishu got ids.
        aliases: Arc<[String]>,
    },
    /// The kept document is none that this program reads.
    #[error("the kept document cannot be read")]
    Unreadable(#[source] Rejection),
    /// The kept document makes a payload that is too large by now.
    #[error("the payload of the kept document is too large")]
    Oversized(#[source] OversizedPayload),
    /// People are not known whom the kept document names.
    #[error("people of the document are not known")]
    People(#[source] UnresolvedPeople),
    /// The ledger could not be read.
    #[error("the ledger failed")]
    Ledger(#[source] LedgerError),
    /// What another replica has kept of it.
    #[error("the delivery failed, as another replica found")]
    Stored(StoredProblem),
    /// Feishu has something else than was delivered.
    #[error("Feishu has something else than was delivered")]
    Drift(StaleInstance),
    /// What was delivered was gone again and again.
    #[error("what is delivered does not stick")]
    DoesNotStick(StaleInstance),
    /// Feishu has a newer version, of somebody else.
    #[error("Feishu has a newer version")]
    Ahead {
        /// That version, where it is known.
        version: Option<Timestamp>,
    },
}

/// Turns trouble into the problem that callers read. Given by the layer that has the catalogue of problems.
pub type Describe = fn(&Trouble) -> StoredProblem;
