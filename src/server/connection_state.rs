//! The state of a connection: how many of its requests are under way, and whether the peer takes their answers.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, timeout};

use crate::http::UnauthenticatedLimit;

/// How much of an HTTP/2 answer is handed on at once, so that it shows whether the peer takes any. Our choice: as much as
/// is buffered of it.
const PIECE_BYTES: usize = 64 * 1024;

/// How many requests of one connection are under way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectionState {
    requests: watch::Sender<usize>,
    answers: Arc<Mutex<Answers>>,
}

/// Answers that wait for the peer to take more of them: since when each.
#[derive(Debug, Default)]
struct Answers {
    waiting: HashMap<u64, Instant>,
    next_id: u64,
}

impl ConnectionState {
    /// A request begins; it ends when the answer's body is sent or dropped.
    pub(super) fn begin(&self) -> InFlight {
        self.requests.send_modify(|requests| *requests += 1);
        InFlight { requests: self.requests.clone(), permit: None }
    }

    /// The body of an answer of HTTP/2, which shows when the peer takes none of it: see [`Self::stalled`].
    ///
    /// HTTP/1 needs none of that: there the peer takes nothing of the whole connection.
    pub(super) fn watched(&self, body: Body) -> Body {
        let mut answers = lock(&self.answers);
        let id = answers.next_id;
        answers.next_id += 1;
        answers.waiting.insert(id, Instant::now());
        drop(answers);
        Body::new(WatchedBody { body, rest: Bytes::new(), id, answers: Arc::clone(&self.answers) })
    }

    /// Waits until the peer has taken nothing of one of its answers for `time`, or somewhat longer.
    pub(super) fn stalled(&self, time: Duration) -> impl Future<Output = ()> + use<> {
        let answers = Arc::clone(&self.answers);
        async move {
            while lock(&answers).waiting.values().all(|since| since.elapsed() < time) {
                tokio::time::sleep(time / 4).await;
            }
        }
    }

    /// Waits until the connection has had its time: its first request has not come within `first`, or no other one within
    /// `next` after the last answer.
    ///
    /// Requests count from this call on, and not from the first poll.
    pub(super) fn overdue(&self, first: Duration, next: Duration) -> impl Future<Output = ()> + use<> {
        let mut requests = self.requests.subscribe();
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
        let mut requests = self.requests.subscribe();
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
pub(super) struct InFlight {
    requests: watch::Sender<usize>,
    /// What it may be served by; see [`UnauthenticatedLimit`].
    permit: Option<OwnedSemaphorePermit>,
}

impl InFlight {
    /// Waits until the request may be served.
    pub(super) async fn permitted(&mut self, limit: &UnauthenticatedLimit) {
        self.permit = limit.permit().await;
    }

    /// The request ends with this body.
    pub(super) fn with(self, body: Body) -> AnswerBody {
        AnswerBody { body, _in_flight: self }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.requests.send_modify(|requests| *requests -= 1);
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

fn lock(answers: &Mutex<Answers>) -> MutexGuard<'_, Answers> {
    // Nothing panics while the lock is held.
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The body of an answer in small pieces; it notes since when nobody has asked for the next one.
struct WatchedBody {
    body: Body,
    /// What is there of the body and was not handed on yet.
    rest: Bytes,
    id: u64,
    answers: Arc<Mutex<Answers>>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // The peer takes something; while there is nothing to send, it is not the peer who is waited for.
        lock(&self.answers).waiting.remove(&self.id);
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        let piece = self.rest.split_to(length);
        lock(&self.answers).waiting.insert(self.id, Instant::now());
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        lock(&self.answers).waiting.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    const FIRST: Duration = Duration::from_secs(10);
    const NEXT: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_stalled_when_nothing_is_taken_of_it_for_too_long() {
        let state = ConnectionState::default();
        let mut body = state.watched(Body::from(vec![b'x'; 3 * PIECE_BYTES]));
        let stalled = state.stalled(FIRST);
        for _ in 0..2 {
            tokio::time::sleep(FIRST / 2).await;
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), PIECE_BYTES);
        }
        let taken = Instant::now();
        stalled.await;
        assert!((FIRST..2 * FIRST).contains(&taken.elapsed()), "{:?}", taken.elapsed());
        drop(body);
        assert!(state.stalled(FIRST).now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_nothing_to_send_is_not_stalled() {
        let state = ConnectionState::default();
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let mut body = state.watched(Body::from_stream(never));
        assert!(body.frame().now_or_never().is_none());
        tokio::time::sleep(2 * FIRST).await;
        assert!(state.stalled(FIRST).now_or_never().is_none());
    }

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
