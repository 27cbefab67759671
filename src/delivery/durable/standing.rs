//! Whether the app delivers, as this replica knows it.

use tokio::sync::watch;

use crate::ledger::StoredProblem;

/// Whether the app delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing was tried yet.
    Unknown,
    /// It does.
    Open,
    /// Somebody has to do something about it.
    Parked(StoredProblem),
}

/// Whether the app delivers, as this replica knows it.
#[derive(Debug)]
pub(super) struct AppStanding(watch::Sender<Standing>);

impl Default for AppStanding {
    fn default() -> Self {
        Self(watch::Sender::new(Standing::Unknown))
    }
}

impl AppStanding {
    /// Nothing is known: another replica may have told more.
    pub(super) fn forget(&self) {
        self.set(Standing::Unknown);
    }

    /// Somebody has to do something about the app.
    pub(super) fn parked(&self, problem: &StoredProblem) {
        self.set(Standing::Parked(problem.clone()));
    }

    /// Feishu took something, or looked at it.
    pub(super) fn open(&self) {
        self.set(Standing::Open);
    }

    /// Tells of every change.
    pub(super) fn watch(&self) -> watch::Receiver<Standing> {
        self.0.subscribe()
    }

    fn set(&self, standing: Standing) {
        self.0.send_if_modified(|present| {
            let is_new = *present != standing;
            *present = standing;
            is_new
        });
    }
}
