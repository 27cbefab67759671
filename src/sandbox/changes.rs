//! Tells browsers when something has changed, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

/// Streams at one time; each keeps a connection. Our choice: more tabs than anybody opens.
pub(super) const MAX_STREAMS: usize = 32;

/// Time between two comments that keep proxies from taking a quiet stream for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Time between two events, however much changes.
const PAUSE: Duration = Duration::from_millis(100);

/// One browser that hears of changes.
pub(super) struct Subscription {
    pub(super) changes: watch::Receiver<u64>,
    pub(super) stop: CancellationToken,
    /// Counts the stream while it lives.
    pub(super) _place: OwnedSemaphorePermit,
}

/// A first event at once, and one for each change, or for several that come close together; the data is how many changes
/// there were.
pub(super) fn stream(subscription: Subscription) -> Response {
    let events = stream::unfold((subscription, true), |(mut subscription, is_first)| async move {
        let Subscription { changes, stop, .. } = &mut subscription;
        let changed = async {
            if is_first {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
            changes.changed().await.is_ok()
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            is_open = changed => if !is_open { return None },
        }
        let number = *changes.borrow_and_update();
        let event = Event::default().event("change").data(number.to_string());
        Some((Ok::<_, Infallible>(event), (subscription, false)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
