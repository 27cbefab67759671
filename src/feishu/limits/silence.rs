//! How long an API has answered nobody, so that callers in a hurry are told from an API that hangs.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The silence of one API: requests were given up, and none was answered in between.
#[derive(Debug, Default)]
pub(in crate::feishu) struct Silence(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    answered: Option<Instant>,
    since: Option<Instant>,
}

impl Silence {
    /// Notes that an answer came, even if nobody waited for it any more.
    pub(in crate::feishu) fn answered(&self) {
        *self.lock() = State { answered: Some(Instant::now()), since: None };
    }

    /// Notes that a request was given up that began at this moment; says how long nobody has been answered.
    pub(in crate::feishu) fn given_up(&self, begun: Instant) -> Duration {
        let State { answered, since } = &mut *self.lock();
        let heard = answered.map_or(begun, |answered| answered.max(begun));
        since.get_or_insert(heard).elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_counts_from_the_first_request_that_was_given_up_since_the_last_answer() {
        let (silence, begun) = (Silence::default(), Instant::now());
        let second = Duration::from_secs(1);
        tokio::time::advance(second).await;
        assert_eq!(silence.given_up(begun), second);
        tokio::time::advance(second).await;
        assert_eq!(silence.given_up(Instant::now()), 2 * second);
        silence.answered();
        tokio::time::advance(second).await;
        assert_eq!(silence.given_up(begun), second);
    }
}
