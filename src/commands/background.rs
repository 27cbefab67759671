//! Tasks that run beside a command's own work, all ended together.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The background tasks of a command.
#[derive(Debug, Default)]
pub(super) struct Background {
    tasks: TaskTracker,
    end: CancellationToken,
}

impl Background {
    /// Runs a task until it is done, or dropped at the end.
    pub(super) fn spawn<F: Future + Send + 'static>(&self, task: F)
    where
        F::Output: Send,
    {
        self.tasks.spawn(self.end.clone().run_until_cancelled_owned(task));
    }

    /// Runs a task that is told of the end and finishes by itself.
    pub(super) fn spawn_until_done<F: Future<Output = ()> + Send + 'static>(
        &self,
        task: impl FnOnce(CancellationToken) -> F,
    ) {
        self.tasks.spawn(task(self.end.clone()));
    }

    /// Ends all tasks, and waits until they have.
    pub(super) async fn end(self) {
        self.end.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
