//! Why an app pushes nothing for a while: parked, or asked to wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::domain::Timestamp;
use crate::ledger::StoredProblem;

/// Time between two looks at a parked app (design §3.1).
pub(super) const PROBE: Duration = Duration::from_secs(60);

/// Two ends of a hold that are no further apart than this are the same.
const IMPRECISION: Duration = Duration::from_millis(200);

/// An app that pushes nothing for a while. Its instances wait, and none of them loses an attempt.
#[derive(Debug, Clone)]
pub struct Hold {
    /// The reason.
    pub problem: StoredProblem,
    /// Whether somebody has to do something about it; else it passes by itself.
    pub is_parked: bool,
    /// Since when.
    pub since: Timestamp,
    /// When it is looked at again.
    pub(super) until: Instant,
    /// Whether a token alone shows that it is over.
    pub(super) ends_with_token: bool,
    /// How often in a row it was looked at in vain.
    pub(super) tries: u32,
}

impl Hold {
    /// Whether this is the one that is told of; its end is known with the precision of a question to the ledger.
    fn is_as_told(&self, told: &Self) -> bool {
        let apart = self.until.max(told.until) - self.until.min(told.until);
        self.problem == told.problem && self.since == told.since && apart < IMPRECISION
    }
}

/// The hold of one app, if there is one.
#[derive(Debug)]
pub(super) struct Holding(watch::Sender<Option<Arc<Hold>>>);

impl Default for Holding {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Holding {
    /// The present hold.
    pub(super) fn get(&self) -> Option<Arc<Hold>> {
        self.0.borrow().clone()
    }

    /// Tells of every change.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Arc<Hold>>> {
        self.0.subscribe()
    }

    /// Holds the app, or holds it longer; `since` and `tries` go on from a hold of the same kind. Says whether it is new.
    pub(super) fn hold(&self, mut hold: Hold) -> bool {
        let mut is_new = true;
        self.0.send_modify(|present| {
            if let Some(present) = present.as_ref().filter(|present| present.is_parked == hold.is_parked) {
                is_new = present.problem.code() != hold.problem.code();
                hold.since = present.since;
                hold.tries = present.tries + u32::from(present.until <= Instant::now());
                hold.until = hold.until.max(present.until);
            }
            *present = Some(Arc::new(hold));
        });
        is_new
    }

    /// Shows the hold that another replica tells of, or none.
    pub(super) fn show(&self, told: Option<Hold>) {
        self.0.send_if_modified(|present| {
            let is_same = match (present.as_deref(), &told) {
                (None, None) => true,
                (Some(present), Some(told)) => present.is_as_told(told),
                _ => false,
            };
            if !is_same {
                *present = told.map(Arc::new);
            }
            !is_same
        });
    }

    /// Ends the hold. Says which one that was.
    pub(super) fn release(&self) -> Option<Arc<Hold>> {
        if self.0.borrow().is_none() {
            return None;
        }
        self.0.send_replace(None)
    }
}
