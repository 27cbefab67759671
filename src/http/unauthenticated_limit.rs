//! Bounds how many requests of one connection are served at once before any caller of it has shown a key.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests at once on a connection whose callers are unknown. Our choice: enough for a browser that opens the API's page, so
/// few that the answers which an unknown client leaves unread are little.
const UNAUTHENTICATED_REQUESTS: usize = 8;

/// The limit of one connection. Cheap to clone.
#[derive(Debug, Clone)]
pub struct UnauthenticatedLimit(Arc<Semaphore>);

impl Default for UnauthenticatedLimit {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(UNAUTHENTICATED_REQUESTS)))
    }
}

impl UnauthenticatedLimit {
    /// Waits until one more request of the connection may be served, which holds the permit until its answer is sent; there
    /// is none once a caller was authenticated.
    pub async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }

    /// A caller of the connection was authenticated: whatever waits is served.
    pub(super) fn lift(&self) {
        self.0.close();
    }
}
