//! What one sender of messages or events has under way.

use std::collections::HashMap;
use std::future;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};

/// Time for what is under way when the process ends; what is broken off is sent again.
const LAST_LIMIT: Duration = Duration::from_secs(2);

/// What a sender has under way, each under the name of what it is about, and what comes of it.
#[derive(Debug)]
pub(super) struct Sending<K, T> {
    about: HashMap<Id, K>,
    tasks: JoinSet<T>,
}

impl<K, T> Default for Sending<K, T> {
    fn default() -> Self {
        Self { about: HashMap::new(), tasks: JoinSet::new() }
    }
}

impl<K: PartialEq, T: Send + 'static> Sending<K, T> {
    /// How many are under way.
    pub(super) fn len(&self) -> usize {
        self.about.len()
    }

    /// Whether something about this is under way.
    pub(super) fn has(&self, about: &K) -> bool {
        self.about.values().any(|other| other == about)
    }

    /// Begins something about this.
    pub(super) fn begin(&mut self, about: K, sending: impl Future<Output = T> + Send + 'static) {
        let task = self.tasks.spawn(sending);
        self.about.insert(task.id(), about);
    }

    /// What came of the next that ends; `None` when it broke off. Waits for ever while nothing is under way.
    pub(super) async fn ended(&mut self) -> Option<T> {
        let Some(ended) = self.tasks.join_next_with_id().await else { return future::pending().await };
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        self.about.remove(&id);
        ended.ok().map(|(_, found)| found)
    }

    /// Waits for what is under way, but not for long, and breaks off the rest.
    pub(super) async fn finish(mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_LIMIT, all).await;
    }
}
