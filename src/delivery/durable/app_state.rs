//! Whether the app delivers, as this replica knows it.

use tokio::sync::watch;

use crate::ledger::StoredProblem;

/// Whether the app delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AppState {
    /// Nothing was tried yet.
    Unknown,
    /// It does.
    Open,
    /// Somebody has to do something about it.
    Parked(StoredProblem),
}

/// Whether the app delivers, as this replica knows it.
#[derive(Debug)]
pub(super) struct AppStateCell(watch::Sender<AppState>);

impl Default for AppStateCell {
    fn default() -> Self {
        Self(watch::Sender::new(AppState::Unknown))
    }
}

impl AppStateCell {
    /// Nothing is known: another replica may have told more.
    pub(super) fn forget(&self) {
        self.set(AppState::Unknown);
    }

    /// Somebody has to do something about the app.
    pub(super) fn parked(&self, problem: &StoredProblem) {
        self.set(AppState::Parked(problem.clone()));
    }

    /// Feishu took something, or looked at it.
    pub(super) fn open(&self) {
        self.set(AppState::Open);
    }

    /// Tells of every change.
    pub(super) fn watch(&self) -> watch::Receiver<AppState> {
        self.0.subscribe()
    }

    fn set(&self, state: AppState) {
        self.0.send_if_modified(|present| {
            let is_new = *present != state;
            *present = state;
            is_new
        });
    }
}
