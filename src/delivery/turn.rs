//! The turn of one instance: nobody else pushes it, and its version clock is at hand.

use std::sync::Arc;

use super::keyed_queue::TurnGuard;
use super::version_cache::{InstanceKey, VersionCache};
use super::version_clock::VersionClock;

/// The turn to push one instance; dropped, it goes to the next push of that instance.
///
/// The clock is read when the turn comes and kept at every change, before the next turn can read it.
#[derive(Debug)]
pub(super) struct Turn {
    key: InstanceKey,
    clock: VersionClock,
    versions: Arc<VersionCache>,
    _guard: TurnGuard,
}

impl Turn {
    /// The turn that `guard` holds for the instance with this key.
    pub(super) fn new(key: InstanceKey, versions: &Arc<VersionCache>, guard: TurnGuard) -> Self {
        Self { key, clock: versions.get(key), versions: Arc::clone(versions), _guard: guard }
    }

    /// What is known of the instance's versions.
    pub(super) fn clock(&self) -> VersionClock {
        self.clock
    }

    /// Changes what is known of the instance's versions.
    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut VersionClock) -> T) -> T {
        let changed = change(&mut self.clock);
        self.versions.put(self.key, self.clock);
        changed
    }
}
