//! What only the store on SQLite has: files, faults of the disk, groups, query plans.

mod child;
mod copies;
mod faults;
mod groups;
mod injected;
mod lists;
mod opening;
mod plans;
mod power_loss;
mod tidiness;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::{OpenError, SqliteLedger};
use crate::domain::{AppName, InstanceStatus, Mode};
use crate::ledger::{
    AcceptError, Acceptance, Accepted, Body, ContentHash, DocumentSource, InstanceKey, Ledger as _,
    LedgerMetrics, NewDocument,
};
use crate::metrics::Metrics;
use crate::support::clock::Clock;

const START: i64 = 1_800_000_000_000;

/// A directory for databases.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Where nothing waits for a disk, if there is such a place.
    fn in_memory() -> Self {
        Self(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("ledger.db")
    }

    fn open(&self) -> Arc<SqliteLedger> {
        open(&self.path()).unwrap()
    }
}

fn open(path: &Path) -> Result<Arc<SqliteLedger>, OpenError> {
    let metrics = LedgerMetrics::new(&Metrics::new());
    SqliteLedger::open(path, Clock::manual(START), metrics).map(Arc::new)
}

fn key(id: &str) -> InstanceKey {
    InstanceKey::new(AppName::default(), id)
}

fn acceptance(id: &str, content: &str) -> Acceptance {
    let mut hash = [0; 32];
    hash.iter_mut().zip(content.bytes()).for_each(|(to, byte)| *to = byte);
    let document = NewDocument {
        approval_code: "leave".to_owned(),
        status: InstanceStatus::Approved,
        hash: ContentHash(hash),
        body: Body::new(content.as_bytes()),
        tasks: Vec::new(),
        version: None,
        mode: Mode::Replace,
        is_mode_given: false,
    };
    Acceptance::new(key(id), DocumentSource::Given(document))
}

async fn accept(ledger: &SqliteLedger, id: &str, content: &str) -> Result<Accepted, AcceptError> {
    ledger.accept(acceptance(id, content)).await
}

async fn content(ledger: &SqliteLedger, id: &str) -> Option<String> {
    let kept = ledger.document(&key(id)).await.unwrap()?;
    Some(String::from_utf8(kept.body.json().unwrap()).unwrap())
}
