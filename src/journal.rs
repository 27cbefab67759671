//! What is noted about a request while it is served, for its line of the access log.
//!
//! Whoever serves a request notes what it has done in the request's journal, however deep below the API it works. The
//! journal is a task-local value: it needs no parameter and costs two stores a poll. A task that works on for a request
//! is given the journal with [`handed_on`].

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::future::Either;

use crate::domain::AppName;

tokio::task_local! {
    static CURRENT: Arc<Journal>;
}

/// What became known about one request.
#[derive(Debug, Default)]
pub struct Journal {
    caller: OnceLock<Arc<str>>,
    app: OnceLock<AppName>,
    attempts: AtomicU32,
    upstream_micros: AtomicU64,
    log_id: Mutex<Option<Box<str>>>,
}

/// The end of a request's dealings with Feishu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamUse {
    /// Requests that were sent, token requests not counted.
    pub attempts: u32,
    /// Time that Feishu took for them; pauses and queues not counted.
    pub took: Duration,
    /// Feishu's id of the last exchange that had one.
    pub log_id: Option<Box<str>>,
}

impl Journal {
    /// The name of the caller's key; `None` for an anonymous one.
    pub fn caller(&self) -> Option<&str> {
        self.caller.get().map(AsRef::as_ref)
    }

    /// The name of the caller's app; `None` for somebody who was not let in.
    pub fn app(&self) -> Option<&str> {
        self.app.get().map(AppName::as_str)
    }

    /// What was asked of Feishu; `None` when nothing was.
    pub fn upstream(&self) -> Option<UpstreamUse> {
        let attempts = self.attempts.load(Ordering::Relaxed);
        let log_id = || self.log_id.lock().unwrap_or_else(PoisonError::into_inner).take();
        (attempts > 0).then(|| UpstreamUse {
            attempts,
            took: Duration::from_micros(self.upstream_micros.load(Ordering::Relaxed)),
            log_id: log_id(),
        })
    }
}

/// Serves a request that this is the journal of.
pub fn kept<F: Future>(journal: Arc<Journal>, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(journal, work)
}

/// Lets a task of its own go on with the journal of the present one.
pub fn handed_on<F: Future>(work: F) -> impl Future<Output = F::Output> {
    match CURRENT.try_with(Arc::clone) {
        Ok(journal) => Either::Left(CURRENT.scope(journal, work)),
        Err(_) => Either::Right(work),
    }
}

/// Notes who calls, and for which app; an anonymous caller has no name.
pub fn note_caller(name: Option<&Arc<str>>, app: &AppName) {
    note(|journal| {
        if let Some(name) = name {
            let _ = journal.caller.set(Arc::clone(name));
        }
        let _ = journal.app.set(app.clone());
    });
}

/// The app that was noted for the present request.
pub fn noted_app() -> Option<AppName> {
    CURRENT.try_with(|journal| journal.app.get().cloned()).ok().flatten()
}

/// Notes a request to Feishu, with Feishu's id of it.
pub fn note_attempt(took: Duration, log_id: Option<&str>) {
    note(|journal| {
        journal.attempts.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        journal.upstream_micros.fetch_add(micros, Ordering::Relaxed);
        if let Some(log_id) = log_id {
            *journal.log_id.lock().unwrap_or_else(PoisonError::into_inner) = Some(log_id.into());
        }
    });
}

/// Outside of a request, as in a renewal of the token, there is nothing to note in.
fn note(write: impl FnOnce(&Journal)) {
    let _ = CURRENT.try_with(|journal| write(journal));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_task_notes_that_works_on_for_the_request_is_in_its_journal() {
        let journal = Arc::<Journal>::default();
        kept(Arc::clone(&journal), async {
            note_attempt(Duration::from_millis(3), Some("LOG-1"));
            let task = tokio::spawn(handed_on(async { note_attempt(Duration::from_millis(4), None) }));
            task.await.unwrap();
        })
        .await;
        note_attempt(Duration::from_secs(1), Some("of nobody"));
        let seen = journal.upstream().unwrap();
        assert_eq!(
            seen,
            UpstreamUse { attempts: 2, took: Duration::from_millis(7), log_id: Some("LOG-1".into()) }
        );
    }

    #[test]
    fn a_request_that_never_came_to_feishu_has_nothing_of_it() {
        assert_eq!(Journal::default().upstream(), None);
    }
}
