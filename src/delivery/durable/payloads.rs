//! Bounds the memory of pushes: documents are read one at a time, and payloads on their way are bounded by their bytes.

use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// What bytes are counted in, so that their number fits into that of a semaphore's permits.
const UNIT: usize = 1_024;

/// Bounds the memory of the pushes of one app. A document of a few kilobytes may make a payload of megabytes.
#[derive(Debug)]
pub(super) struct Payloads {
    /// A document that was read takes several times its bytes.
    reading: Semaphore,
    held: Arc<Semaphore>,
    /// Units of `held`.
    all: usize,
}

impl Payloads {
    /// Lets payloads of so many bytes be held at once.
    pub(super) fn new(bytes: usize) -> Self {
        let all = bytes.div_ceil(UNIT).clamp(1, u32::MAX as usize);
        Self { reading: Semaphore::new(1), held: Arc::new(Semaphore::new(all)), all }
    }

    /// Waits for the turn to read a document and to make its payload.
    pub(super) async fn reading(&self) -> Reading<'_> {
        Reading { payloads: self, _turn: self.reading.acquire().await.ok() }
    }
}

/// The turn to read a document; dropped, it is the next one's.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    payloads: &'a Payloads,
    /// There is always one: the semaphore is never closed.
    _turn: Option<SemaphorePermit<'a>>,
}

impl Reading<'_> {
    /// The payload, counted until the last of it is freed. Waits until it fits beside those that are under way; the largest
    /// goes alone.
    pub(super) async fn hold(self, payload: Bytes) -> Bytes {
        let Payloads { held, all, .. } = self.payloads;
        let units = payload.len().div_ceil(UNIT).min(*all);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let permit = Arc::clone(held).acquire_many_owned(units).await.ok();
        Bytes::from_owner(Held { payload, _permit: permit })
    }
}

/// A payload with what it counts for.
struct Held {
    payload: Bytes,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn payload(units: usize) -> Bytes {
        vec![b' '; units * UNIT].into()
    }

    #[tokio::test]
    async fn payloads_on_their_way_are_bounded_by_their_bytes() {
        let payloads = Payloads::new(4 * UNIT);
        let first = payloads.reading().await.hold(payload(3)).await;
        let small = payloads.reading().await.hold(payload(1)).await;
        let waiting = payloads.reading().await.hold(payload(1));
        let mut waiting = Box::pin(waiting);
        assert!((&mut waiting).now_or_never().is_none());
        assert!(payloads.reading().now_or_never().is_none(), "no other document is read meanwhile");
        let part = first.slice(..1);
        drop(first);
        assert!((&mut waiting).now_or_never().is_none(), "a part of it is still there");
        drop(part);
        assert_eq!(waiting.await.len(), UNIT);
        drop(small);
    }

    #[tokio::test]
    async fn the_largest_goes_alone() {
        let payloads = Payloads::new(4 * UNIT);
        let small = payloads.reading().await.hold(payload(1)).await;
        let mut largest = Box::pin(payloads.reading().await.hold(payload(9)));
        assert!((&mut largest).now_or_never().is_none());
        drop(small);
        assert_eq!(largest.await.len(), 9 * UNIT);
        assert!(payloads.reading().now_or_never().is_some());
    }
}
