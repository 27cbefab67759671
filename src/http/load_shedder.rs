//! Load shedder: refuses requests that would take too much memory, before their bodies are read.
//!
//! A request weighs what it may hold in memory, and is let in while its app's quota has that much. There is no queue here:
//! requests that were let in wait for their instance's turn and for Feishu's rate, and a queue in front of these would only
//! use up deadlines. Refusing costs less than anything else that a request may ask for.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::TRANSFER_ENCODING;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::extract::announced_length;
use crate::domain::{AppName, ByApp};

/// The least that a request weighs: its head, its connection and its task. So 4,096 small requests fit at once into 128 MiB.
const LEAST_BYTES: usize = 32 * 1024;

/// Load shedder: a quota of memory for the requests of each app. An app whose requests pile up, because its Feishu is slow
/// or its callers are many, leaves the quotas of the others alone.
#[derive(Debug, Clone)]
pub struct LoadShedder(Arc<ByApp<Quota>>);

/// Permit to hold a request in memory; its weight goes back to the quota when the last clone is dropped.
///
/// Whatever goes on without the caller, such as a push that has begun, keeps a clone for as long as it holds memory.
#[derive(Debug, Clone)]
pub(super) struct Permit(
    #[expect(dead_code, reason = "it is there to be dropped")] Arc<OwnedSemaphorePermit>,
);

impl LoadShedder {
    /// Divides `bytes` into equal quotas, for requests of which each has a body of `max_body_bytes` at most.
    pub fn new(bytes: usize, max_body_bytes: usize, apps: &[AppName]) -> Self {
        let each = bytes / apps.len().max(1);
        let quota_of = |app: &AppName| (app.clone(), Quota::new(each, max_body_bytes));
        Self(Arc::new(apps.iter().map(quota_of).collect()))
    }

    /// Of each app the bytes in use, and all of its quota.
    pub(super) fn usage(&self) -> impl Iterator<Item = (&AppName, (usize, usize))> {
        self.0.iter().map(|(app, quota)| (app, quota.usage()))
    }

    /// Permit for a request of the app; `None` when its quota has too little left.
    pub(super) fn try_acquire(&self, app: &AppName, headers: &HeaderMap) -> Option<Permit> {
        self.0.get(app)?.try_acquire(headers)
    }
}

/// Marks, in its extensions, a request on a connection beyond the limit of connections, so that it is told so.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionOverLimit;

/// Memory that requests of one app may take at once.
#[derive(Debug, Clone)]
struct Quota {
    permits: Arc<Semaphore>,
    /// Units of [`LEAST_BYTES`].
    units: u32,
    max_body_bytes: usize,
}

impl Quota {
    fn new(bytes: usize, max_body_bytes: usize) -> Self {
        let units = in_units(bytes).min(u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX));
        // A u32 always fits where the gateway runs; if it did not, the quota would only be smaller.
        let permits = Arc::new(Semaphore::new(usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS)));
        Self { permits, units, max_body_bytes }
    }

    fn usage(&self) -> (usize, usize) {
        let all = usize::try_from(self.units).unwrap_or(usize::MAX);
        let used = all.saturating_sub(self.permits.available_permits());
        (used.saturating_mul(LEAST_BYTES), all.saturating_mul(LEAST_BYTES))
    }

    fn try_acquire(&self, headers: &HeaderMap) -> Option<Permit> {
        // Alone, even the largest request is let in.
        let weight = self.weight(headers).min(self.units);
        let permit = Arc::clone(&self.permits).try_acquire_many_owned(weight).ok()?;
        Some(Permit(Arc::new(permit)))
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
        Quota::new(128 * MIB, 4 * MIB).weight(&headers)
    }

    #[test]
    fn the_quota_gets_back_what_a_request_weighed_when_it_ends() {
        let quota = Quota::new(2 * LEAST_BYTES, MIB);
        let (first, second) = (quota.try_acquire(&HeaderMap::new()), quota.try_acquire(&HeaderMap::new()));
        assert!(first.is_some() && second.is_some());
        assert!(quota.try_acquire(&HeaderMap::new()).is_none());
        drop(first);
        assert!(quota.try_acquire(&HeaderMap::new()).is_some());
    }

    #[test]
    fn a_request_larger_than_the_whole_quota_is_let_in_alone() {
        let quota = Quota::new(LEAST_BYTES, 64 * MIB);
        let headers = HeaderMap::from_iter([(CONTENT_LENGTH, (64 * MIB).into())]);
        let alone = quota.try_acquire(&headers);
        assert!(alone.is_some() && quota.try_acquire(&headers).is_none());
    }
}
