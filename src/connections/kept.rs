//! Connections that have nothing to do just now.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Body;

/// A connection that has rested so long is not used again: the load balancers of this world (60 s and more) may be about to
/// cut it. It is closed the next time somebody looks, which is within the same time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// The way into an open connection.
#[derive(Debug)]
pub(super) enum Sender {
    /// For one request at a time.
    Http1(http1::SendRequest<Body>),
    /// Shared by all.
    Http2(http2::SendRequest<Body>),
}

/// Connections to one origin that are open and free.
#[derive(Debug, Default)]
pub(super) struct Kept {
    idle: Mutex<Idle>,
    /// Tells somebody who is opening a connection that one is free.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Idle {
    /// With the moment since which each rests; whichever rests longest is first.
    http1: VecDeque<(http1::SendRequest<Body>, Instant)>,
    /// With the moment of its last request.
    http2: Option<(http2::SendRequest<Body>, Instant)>,
    /// Whether somebody looks after those that rest too long.
    is_swept: bool,
}

impl Kept {
    /// The connection that has rested least, so that those that are too many rest until they are given up.
    pub(super) fn take(&self) -> Option<Sender> {
        self.idle().take(Instant::now())
    }

    /// Keeps a connection whose answer has come to its end.
    pub(super) fn keep(self: &Arc<Self>, mut sender: http1::SendRequest<Body>) {
        if sender.is_ready() {
            return self.rest(sender);
        }
        if sender.is_closed() {
            return;
        }
        // The server may have answered before it had read the request, of which the rest is in the way.
        let kept = Arc::clone(self);
        tokio::spawn(async move {
            if let Ok(Ok(())) = tokio::time::timeout(IDLE_TIMEOUT, sender.ready()).await {
                kept.rest(sender);
            }
        });
    }

    /// Waits until a connection may have become free.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Keeps a connection over which the next request may be sent at once.
    pub(super) fn rest(self: &Arc<Self>, sender: http1::SendRequest<Body>) {
        let mut idle = self.idle();
        idle.http1.push_back((sender, Instant::now()));
        self.sweep(&mut idle);
        self.freed.notify_one();
    }

    /// Lets everybody use an HTTP/2 connection, unless there is one already; gives the one that is used.
    pub(super) fn share(self: &Arc<Self>, sender: http2::SendRequest<Body>) -> Sender {
        let mut idle = self.idle();
        if let Some(earlier) = idle.shared(Instant::now()) {
            return Sender::Http2(earlier);
        }
        idle.http2 = Some((sender.clone(), Instant::now()));
        self.sweep(&mut idle);
        self.freed.notify_waiters();
        Sender::Http2(sender)
    }

    /// Lets nobody use the HTTP/2 connection any more, because it takes no more requests.
    pub(super) fn unshare(&self) {
        self.idle().http2 = None;
    }

    /// Sees to it that connections are given up even when no request ever comes again.
    fn sweep(self: &Arc<Self>, idle: &mut Idle) {
        if std::mem::replace(&mut idle.is_swept, true) {
            return;
        }
        let kept = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE_TIMEOUT).await;
                let Some(kept) = kept.upgrade() else { return };
                let mut idle = kept.idle();
                idle.give_up_old(Instant::now());
                if idle.http1.is_empty() && idle.http2.is_none() {
                    idle.is_swept = false;
                    return;
                }
            }
        });
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open and free.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        let idle = self.idle();
        let shared = idle.http2.iter().filter(|(sender, _)| !sender.is_closed()).count();
        shared + idle.http1.iter().filter(|(sender, _)| !sender.is_closed()).count()
    }

    /// What is done from time to time, as if it were later.
    #[cfg(test)]
    pub(super) fn give_up_after(&self, time: Duration) {
        self.idle().give_up_old(Instant::now() + time);
    }
}

impl Idle {
    fn take(&mut self, now: Instant) -> Option<Sender> {
        if let Some(sender) = self.shared(now) {
            return Some(Sender::Http2(sender));
        }
        while let Some((sender, since)) = self.http1.pop_back() {
            if !sender.is_closed() && now - since < IDLE_TIMEOUT {
                return Some(Sender::Http1(sender));
            }
        }
        None
    }

    fn shared(&mut self, now: Instant) -> Option<http2::SendRequest<Body>> {
        self.forget_old_http2(now);
        let (sender, used) = self.http2.as_mut()?;
        *used = now;
        Some(sender.clone())
    }

    fn give_up_old(&mut self, now: Instant) {
        let young = self.http1.partition_point(|(_, since)| now - *since >= IDLE_TIMEOUT);
        self.http1.drain(..young);
        self.forget_old_http2(now);
    }

    fn forget_old_http2(&mut self, now: Instant) {
        self.http2.take_if(|(sender, used)| sender.is_closed() || now - *used >= IDLE_TIMEOUT);
    }
}
