//! Refuses what would be too much, before its body is read.
//!
//! A request weighs what it may hold in memory, and is let in while there is room. There is no queue here: requests that
//! were let in wait for their instance's lane and for Feishu's rate, and a queue in front of these would only
//! use up deadlines. Refusing costs less than anything else that a request may ask for.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::TRANSFER_ENCODING;
use axum::response::Response;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::callers::Caller;
use crate::domain::{AppName, ByApp};
use crate::http::extract::announced_length;
use crate::http::health::Readiness;
use crate::http::metrics::HttpMetrics;
use crate::http::problem::{Code, Problem};

/// The least that a request weighs: its head, its connection and its task. So 4,096 small requests fit at once into 128 MiB.
const LEAST_BYTES: usize = 32 * 1024;

/// How much is taken on at once.
#[derive(Debug, Clone)]
struct Capacity {
    room: Arc<Semaphore>,
    /// Units of [`LEAST_BYTES`].
    units: u32,
    max_body_bytes: usize,
}

impl Capacity {
    /// Room for bodies of `bytes` together, of which each has `max_body_bytes` at most.
    fn new(bytes: usize, max_body_bytes: usize) -> Self {
        let units = in_units(bytes).min(u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX));
        // A u32 always fits where the gateway runs; if it did not, the room would only be smaller.
        let room = Arc::new(Semaphore::new(usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS)));
        Self { room, units, max_body_bytes }
    }

    /// What is in use of it, and all of it.
    fn bytes(&self) -> (usize, usize) {
        let all = usize::try_from(self.units).unwrap_or(usize::MAX);
        let used = all.saturating_sub(self.room.available_permits());
        (used.saturating_mul(LEAST_BYTES), all.saturating_mul(LEAST_BYTES))
    }

    fn take(&self, headers: &HeaderMap) -> Option<OwnedSemaphorePermit> {
        // Alone, even the largest request is let in.
        let weight = self.weight(headers).min(self.units);
        Arc::clone(&self.room).try_acquire_many_owned(weight).ok()
    }

    fn weight(&self, headers: &HeaderMap) -> u32 {
        let bytes = match announced_length(headers) {
            Some(length) => self.max_body_bytes.min(length),
            None if headers.contains_key(TRANSFER_ENCODING) => self.max_body_bytes,
            None => 0,
        };
        in_units(bytes)
    }
}

fn in_units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(LEAST_BYTES).max(1)).unwrap_or(u32::MAX)
}

/// How much the API takes on for each app. Each has its own share, so that an app whose requests pile up, because its
/// Feishu is slow or its callers are many, leaves the room of the others alone.
#[derive(Debug, Clone)]
pub struct Shares(Arc<ByApp<Capacity>>);

impl Shares {
    /// Divides room for bodies of `bytes` together into equal shares.
    pub fn new(bytes: usize, max_body_bytes: usize, apps: &[AppName]) -> Self {
        let share = bytes / apps.len().max(1);
        let share_of = |app: &AppName| (app.clone(), Capacity::new(share, max_body_bytes));
        Self(Arc::new(apps.iter().map(share_of).collect()))
    }

    /// Of each app what is in use of its share, and all of it.
    pub(in crate::http) fn bytes(&self) -> impl Iterator<Item = (&AppName, (usize, usize))> {
        self.0.iter().map(|(app, share)| (app, share.bytes()))
    }

    /// Room in the share of the caller's app.
    fn take(&self, request: &Request) -> Option<OwnedSemaphorePermit> {
        let caller = request.extensions().get::<Arc<Caller>>()?;
        self.0.get(&caller.app)?.take(request.headers())
    }
}

/// Marks a request on a connection that is one more than there should be: it is told so, in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Crowded;

/// What the layer goes by.
#[derive(Debug, Clone)]
pub(in crate::http) struct Intake {
    pub(in crate::http) shares: Shares,
    pub(in crate::http) readiness: Readiness,
    pub(in crate::http) metrics: HttpMetrics,
}

/// A part of a share, which is given back when it is dropped.
pub(super) type Room = OwnedSemaphorePermit;

impl Intake {
    /// Room for the request, whose caller must be known.
    ///
    /// # Errors
    /// 503 at once when there is none, or when no more work is taken.
    pub(super) fn room_for(&self, request: &Request) -> Result<Room, Problem> {
        if !self.readiness.is_open() {
            self.metrics.draining();
            // A connection that is kept alive brings requests although nobody listens any more.
            let refused = Problem::new(Code::Draining);
            return Err(refused.detail("The gateway is shutting down and takes no new work."));
        }
        let is_crowded = request.extensions().get::<Crowded>().is_some();
        let room = if is_crowded { None } else { self.shares.take(request) };
        room.ok_or_else(|| {
            self.metrics.overloaded();
            Problem::new(Code::Overloaded).detail(if is_crowded {
                "The gateway has as many connections as it can hold. Wait as long as Retry-After says, and keep fewer of them open."
            } else {
                "The gateway has as much work as it can hold. Wait as long as Retry-After says, and have fewer requests under way."
            })
        })
    }
}

/// The answer, with the room where that is needed on: a list that is streamed goes on working after its head is sent.
pub(super) fn holding(answer: Response, room: Room) -> Response {
    let is_stream = answer.body().size_hint().exact().is_none();
    if is_stream { answer.map(|body| stream_holding(body, room)) } else { answer }
}

/// The body, with the room that is given back when it ends.
fn stream_holding(body: Body, room: Room) -> Body {
    Body::from_stream(body.into_data_stream().inspect(move |_| {
        let _held = &room;
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;
    use axum::http::header::CONTENT_LENGTH;
    use test_case::test_case;

    const MIB: usize = 1024 * 1024;

    #[test_case(None => 1; "no body")]
    #[test_case(Some((CONTENT_LENGTH, "0")) => 1; "an empty body")]
    #[test_case(Some((CONTENT_LENGTH, "32769")) => 2; "a begun unit counts")]
    #[test_case(Some((CONTENT_LENGTH, "999999999999")) => 128; "more than is ever read")]
    #[test_case(Some((TRANSFER_ENCODING, "chunked")) => 128; "a length that is not said")]
    fn weight(header: Option<(HeaderName, &str)>) -> u32 {
        let headers = header.into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect();
        Capacity::new(128 * MIB, 4 * MIB).weight(&headers)
    }

    #[test]
    fn room_is_given_back_with_the_request() {
        let capacity = Capacity::new(2 * LEAST_BYTES, MIB);
        let (first, second) = (capacity.take(&HeaderMap::new()), capacity.take(&HeaderMap::new()));
        assert!(first.is_some() && second.is_some());
        assert!(capacity.take(&HeaderMap::new()).is_none());
        drop(first);
        assert!(capacity.take(&HeaderMap::new()).is_some());
    }

    #[test]
    fn a_request_larger_than_all_room_is_let_in_alone() {
        let capacity = Capacity::new(LEAST_BYTES, 64 * MIB);
        let headers = HeaderMap::from_iter([(CONTENT_LENGTH, (64 * MIB).into())]);
        let alone = capacity.take(&headers);
        assert!(alone.is_some() && capacity.take(&headers).is_none());
    }

    #[tokio::test]
    async fn a_stream_holds_its_room_to_its_end() {
        let capacity = Capacity::new(LEAST_BYTES, MIB);
        let body = stream_holding(Body::from("lines"), capacity.take(&HeaderMap::new()).unwrap());
        assert!(capacity.take(&HeaderMap::new()).is_none());
        drop(body);
        assert!(capacity.take(&HeaderMap::new()).is_some());
    }
}
