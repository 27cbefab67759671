//! The exclusive right to push one instance, with its version clock.

use std::sync::Arc;
use std::time::Duration;

use super::keyed_queue::TurnGuard;
use super::version_cache::{InstanceKey, VersionCache};
use super::version_clock::VersionClock;

/// Exclusive right to push one instance, with its version clock; released on drop.
///
/// The clock is read when the turn comes and kept at every change, before the next turn can read it.
#[derive(Debug)]
pub struct InstanceTurn {
    key: InstanceKey,
    clock: VersionClock,
    versions: Arc<VersionCache>,
    _guard: TurnGuard,
    waited: Duration,
}

impl InstanceTurn {
    /// The turn that `guard` holds, after it was `waited` for so long, for the instance with this key.
    pub(super) fn new(
        key: InstanceKey,
        versions: &Arc<VersionCache>,
        guard: TurnGuard,
        waited: Duration,
    ) -> Self {
        Self { key, clock: versions.get(key), versions: Arc::clone(versions), _guard: guard, waited }
    }

    /// How long it was waited for.
    pub(super) fn waited(&self) -> Duration {
        self.waited
    }

    /// The instance's version clock.
    pub(super) fn clock(&self) -> VersionClock {
        self.clock
    }

    /// Changes the instance's version clock.
    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut VersionClock) -> T) -> T {
        let changed = change(&mut self.clock);
        self.versions.put(self.key, self.clock);
        changed
    }
}
