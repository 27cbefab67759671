//! Work that is finished even when whoever waits for it goes away.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Instrument as _;

use crate::journal;

/// Goes on with `work` in a task of its own when the future that comes out is dropped before its end.
///
/// Nearly everybody waits to the end, and needs no task for it. `tracker` knows of the work until it is finished. Poll the
/// future or drop it: as long as nobody does either, the work stands still.
pub(super) fn carried_on<W>(work: W, tracker: &TaskTracker) -> CarriedOn<W::Output>
where
    W: Future<Output: Send> + Send + 'static,
{
    CarriedOn(Some((Box::pin(work), tracker.token())))
}

/// The future of [`carried_on`]; the work is there until it is finished.
pub(super) struct CarriedOn<T: Send + 'static>(Option<(Work<T>, TaskTrackerToken)>);

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> Future for CarriedOn<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Away while it runs: what has panicked cannot be carried on.
        let Some((mut work, token)) = mem::take(&mut self.0) else { return Poll::Pending };
        let polled = work.as_mut().poll(cx);
        if polled.is_pending() {
            self.0 = Some((work, token));
        }
        polled
    }
}

impl<T: Send + 'static> Drop for CarriedOn<T> {
    fn drop(&mut self) {
        // Without a runtime nothing goes on anywhere.
        if let (Some((work, token)), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            let work = async move {
                drop(work.await);
                drop(token);
            };
            runtime.spawn(journal::handed_on(work).in_current_span());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Journal;
    use futures_util::FutureExt as _;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn whoever_waits_gets_what_comes_out() {
        let tracker = TaskTracker::new();
        let (begin, begun) = oneshot::channel();
        let mut work = carried_on(async { begun.await.unwrap() }, &tracker);
        assert_eq!((&mut work).now_or_never(), None);
        assert_eq!(tracker.len(), 1);
        begin.send("done").unwrap();
        assert_eq!(work.await, "done");
        assert!(tracker.is_empty());
    }

    #[tokio::test]
    async fn what_has_begun_is_finished_when_nobody_waits_any_more() {
        let tracker = TaskTracker::new();
        let (begin, begun) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let mut work = carried_on(async { end.send(begun.await.unwrap()).unwrap() }, &tracker);
        assert_eq!((&mut work).now_or_never(), None);
        drop(work);
        assert_eq!(tracker.len(), 1, "the tracker waits for it");
        begin.send("done").unwrap();
        assert_eq!(ended.await, Ok("done"));
        tracker.close();
        tracker.wait().await;
    }

    #[tokio::test]
    async fn what_is_carried_on_notes_in_the_journal_of_the_request_that_it_began_in() {
        let tracker = TaskTracker::new();
        let journal = Arc::<Journal>::default();
        let (begin, begun) = oneshot::channel();
        let work = async {
            begun.await.unwrap();
            journal::note_attempt(Duration::from_millis(1), None);
        };
        let mut request = Box::pin(journal::kept(Arc::clone(&journal), carried_on(work, &tracker)));
        assert_eq!((&mut request).now_or_never(), None);
        drop(request);
        begin.send(()).unwrap();
        tracker.close();
        tracker.wait().await;
        assert_eq!(journal.upstream().map(|upstream| upstream.attempts), Some(1));
    }

    #[tokio::test]
    async fn what_has_panicked_is_over() {
        let tracker = TaskTracker::new();
        let work = carried_on(async { panic!("a bug") }, &tracker);
        let caught = std::panic::AssertUnwindSafe(work).catch_unwind().await;
        assert!(caught.is_err());
        assert!(tracker.is_empty());
    }
}
