//! Instances with a push under way: none of them is pushed a second time meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Instances with a push under way.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<HashMap<Arc<str>, Outcome>>);

/// Whether it is known what became of a push, of which something may still reach Feishu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Awaited,
    /// Nothing is pushed yet: people are looked up whom the document names.
    LookingUp,
    Known,
}

impl InFlight {
    /// Notes that an instance is pushed from now on.
    pub(super) fn begin(&self, id: &Arc<str>) {
        self.lock().insert(Arc::clone(id), Outcome::Awaited);
    }

    /// Notes that people are looked up before anything is pushed.
    pub(super) fn look_up(&self, id: &str) {
        if let Some(outcome) = self.lock().get_mut(id) {
            *outcome = Outcome::LookingUp;
        }
    }

    /// Notes that it is known what became of the push.
    pub(super) fn know(&self, id: &str) {
        if let Some(outcome) = self.lock().get_mut(id) {
            *outcome = Outcome::Known;
        }
    }

    /// Notes that nothing of the push is under way any more.
    pub(super) fn end(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Whether something of a push of this instance is under way.
    pub(super) fn has(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// Whether an instance is pushed, and it is not known yet what becomes of that.
    pub(super) fn awaits(&self, id: &str) -> bool {
        matches!(self.lock().get(id), Some(Outcome::Awaited | Outcome::LookingUp))
    }

    /// Whether so many are pushed, those aside that wait for lookups.
    pub(super) fn has_pushes(&self, many: usize) -> bool {
        let all = self.lock();
        // Mostly that is seen without a walk.
        let pushed = || all.values().filter(|outcome| **outcome != Outcome::LookingUp);
        all.len() >= many && pushed().take(many).count() == many
    }

    /// How many are pushed or wait for lookups.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Outcome>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
