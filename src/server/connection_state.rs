//! The state of a connection: how many of its requests are under way.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::timeout;

/// How many requests of one connection are under way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectionState(watch::Sender<usize>);

impl ConnectionState {
    /// A request begins; it ends when the answer's body is sent or dropped.
    pub(super) fn begin(&self) -> InFlight {
        self.0.send_modify(|requests| *requests += 1);
        InFlight(self.0.clone())
    }

    /// Waits until the connection has had its time: its first request has not come within `first`, or no other one within
    /// `next` after the last answer.
    ///
    /// Requests count from this call on, and not from the first poll.
    pub(super) fn overdue(&self, first: Duration, next: Duration) -> impl Future<Output = ()> + use<> {
        let mut requests = self.0.subscribe();
        async move {
            let mut time = first;
            while let Ok(Ok(())) = timeout(time, requests.changed()).await {
                // It fails only when the connection is gone.
                let _ = requests.wait_for(|requests| *requests == 0).await;
                time = next;
            }
        }
    }

    /// Waits until no request is under way and none begins within `time`.
    pub(super) fn idle_for(&self, time: Duration) -> impl Future<Output = ()> + use<> {
        let mut requests = self.0.subscribe();
        async move {
            // Both fail only when the connection is gone.
            while requests.wait_for(|requests| *requests == 0).await.is_ok()
                && matches!(timeout(time, requests.changed()).await, Ok(Ok(())))
            {}
        }
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct InFlight(watch::Sender<usize>);

impl InFlight {
    /// The request ends with this body.
    pub(super) fn with(self, body: Body) -> AnswerBody {
        AnswerBody { body, _in_flight: self }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|requests| *requests -= 1);
    }
}

/// The body of an answer; the request is over when it is dropped.
#[derive(Debug)]
pub(super) struct AnswerBody {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    const FIRST: Duration = Duration::from_secs(10);
    const NEXT: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn the_first_request_has_less_time_than_the_next() {
        let (state, start) = (ConnectionState::default(), Instant::now());
        state.overdue(FIRST, NEXT).await;
        assert_eq!(start.elapsed(), FIRST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_rests_from_its_last_answer_on() {
        let (state, start) = (ConnectionState::default(), Instant::now());
        let requests = async {
            let first = state.begin();
            let second = state.begin();
            tokio::time::sleep(2 * NEXT).await;
            drop(first);
            tokio::time::sleep(2 * NEXT).await;
            drop(second.with(Body::from("answer")));
        };
        tokio::join!(state.overdue(FIRST, NEXT), requests);
        assert_eq!(start.elapsed(), 5 * NEXT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_time_begins_the_rest_anew() {
        let (state, start) = (ConnectionState::default(), Instant::now());
        let requests = async {
            drop(state.begin());
            tokio::time::sleep(NEXT / 3).await;
            drop(state.begin());
        };
        tokio::join!(state.overdue(FIRST, NEXT), requests);
        assert_eq!(start.elapsed(), NEXT / 3 + NEXT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_ends_waits_for_the_answers_that_it_owes() {
        let (state, start) = (ConnectionState::default(), Instant::now());
        let owed = state.begin();
        let requests = async {
            tokio::time::sleep(2 * NEXT).await;
            let late = state.begin();
            drop(owed);
            tokio::time::sleep(NEXT).await;
            drop(late);
        };
        tokio::join!(state.idle_for(FIRST), requests);
        assert_eq!(start.elapsed(), 3 * NEXT + FIRST);
    }
}
