//! What a connection is doing just now, and since when.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is open and has sent nothing yet.
    Fresh,
    /// A request's head is arriving.
    Head,
    /// A request is being answered; its deadline sees to it that this ends.
    Busy,
    /// The last answer is given, and nothing of the next request is there.
    Idle,
}

impl Phase {
    fn of(number: u8) -> Self {
        match number {
            0 => Self::Fresh,
            1 => Self::Head,
            2 => Self::Busy,
            _ => Self::Idle,
        }
    }
}

/// What a connection is doing, written by its bytes and its requests, read by its one timer.
///
/// Requests of one HTTP/2 connection run in tasks of their own, hence the atomics. They guard no other memory, so the
/// weakest ordering will do.
#[derive(Debug)]
pub(super) struct Activity {
    born: Instant,
    phase: AtomicU8,
    /// When the phase began; all times are milliseconds since `born`.
    since: AtomicU64,
    in_flight: AtomicU32,
    multiplexed: AtomicBool,
    /// When the whole request was there; `NEVER` while some of its body is missing.
    complete: AtomicU64,
    /// Since when the peer takes nothing of what is written; `NEVER` when it does.
    stalled: AtomicU64,
    /// Since when what still comes is thrown away.
    lingering: AtomicU64,
    half_closed: AtomicBool,
    too_slow: AtomicBool,
    reader: AtomicWaker,
}

const NEVER: u64 = u64::MAX;

/// How an HTTP/2 connection begins (RFC 9113 §3.4); no HTTP/1 method does.
const HTTP_2_PREFACE: &[u8] = b"PRI";

impl Activity {
    /// A connection that has just been opened.
    pub(super) fn new() -> Self {
        Self {
            born: Instant::now(),
            phase: AtomicU8::new(Phase::Fresh as u8),
            since: AtomicU64::new(0),
            in_flight: AtomicU32::new(0),
            multiplexed: AtomicBool::new(false),
            complete: AtomicU64::new(NEVER),
            stalled: AtomicU64::new(NEVER),
            lingering: AtomicU64::new(NEVER),
            half_closed: AtomicBool::new(false),
            too_slow: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        Phase::of(self.phase.load(Relaxed))
    }

    /// When the phase began.
    pub(super) fn since(&self) -> Instant {
        self.born + Duration::from_millis(self.since.load(Relaxed))
    }

    /// Since when the peer takes nothing of what is written.
    pub(super) fn stalled_since(&self) -> Option<Instant> {
        self.moment(&self.stalled)
    }

    /// Since when what still comes is thrown away.
    pub(super) fn lingering_since(&self) -> Option<Instant> {
        self.moment(&self.lingering)
    }

    fn moment(&self, millis: &AtomicU64) -> Option<Instant> {
        match millis.load(Relaxed) {
            NEVER => None,
            millis => Some(self.born + Duration::from_millis(millis)),
        }
    }

    /// Whether it is HTTP/2.
    pub(super) fn is_multiplexed(&self) -> bool {
        self.multiplexed.load(Relaxed)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }

    fn enter(&self, phase: Phase) {
        self.since.store(self.now(), Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    /// Bytes have come. Frames of an HTTP/2 connection are no heads, so they change nothing there.
    pub(super) fn received(&self, bytes: &[u8]) {
        match self.phase() {
            Phase::Fresh => {
                self.multiplexed.store(bytes.starts_with(HTTP_2_PREFACE), Relaxed);
                self.phase.store(Phase::Head as u8, Relaxed);
            }
            // The rest of a body that nobody wanted is no head, either.
            Phase::Idle if !self.is_multiplexed() && !self.is_answered_early() => self.enter(Phase::Head),
            Phase::Head | Phase::Busy | Phase::Idle => {}
        }
    }

    /// The peer has taken something of what is written, or refuses to.
    pub(super) fn writing(&self, is_stalled: bool) {
        let was_stalled = self.stalled.load(Relaxed) != NEVER;
        if is_stalled != was_stalled {
            self.stalled.store(if is_stalled { self.now() } else { NEVER }, Relaxed);
        }
    }

    /// A request's head is complete; the request ends when the answer is dropped.
    pub(super) fn begin(self: &Arc<Self>, multiplexed: bool, has_body: bool) -> InFlight {
        if multiplexed {
            self.multiplexed.store(true, Relaxed);
        }
        self.in_flight.fetch_add(1, Relaxed);
        self.enter(Phase::Busy);
        self.complete.store(if has_body { NEVER } else { self.since.load(Relaxed) }, Relaxed);
        InFlight(Arc::clone(self))
    }

    /// An answer was given before the whole request was there.
    pub(super) fn is_answered_early(&self) -> bool {
        self.phase() == Phase::Idle && !self.is_multiplexed() && self.complete.load(Relaxed) == NEVER
    }

    /// What still comes is thrown away from now on.
    pub(super) fn linger(&self) {
        self.lingering.store(self.now(), Relaxed);
    }

    /// The last of the request's body has come.
    pub(super) fn body_complete(&self) {
        self.complete.store(self.now(), Relaxed);
    }

    /// How long ago the last of the request has come.
    pub(super) fn complete_for(&self) -> Option<Duration> {
        match self.complete.load(Relaxed) {
            NEVER => None,
            millis => Some(Duration::from_millis(self.now().saturating_sub(millis))),
        }
    }

    /// The peer writes no more and still reads; its answer is owed.
    pub(super) fn half_close(&self, reader: &std::task::Waker) {
        self.half_closed.store(true, Relaxed);
        self.reader.register(reader);
    }

    /// Whether the peer is known to write no more.
    pub(super) fn is_half_closed(&self) -> bool {
        self.half_closed.load(Relaxed)
    }

    /// Everything that was to be written is; a reader that was kept from seeing the end may see it now.
    pub(super) fn flushed(&self) {
        if self.half_closed.load(Relaxed) && self.phase() == Phase::Idle {
            self.reader.wake();
        }
    }

    /// The peer has used up its time for a head.
    pub(super) fn cut(&self) {
        self.too_slow.store(true, Relaxed);
    }

    /// Whether the peer has used up its time for a head.
    pub(super) fn is_cut(&self) -> bool {
        self.too_slow.load(Relaxed)
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Relaxed) == 1 {
            self.0.enter(Phase::Idle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_goes_from_head_to_answer_to_rest() {
        let activity = Arc::new(Activity::new());
        assert_eq!(activity.phase(), Phase::Fresh);
        activity.received(b"GET");
        assert_eq!(activity.phase(), Phase::Head);
        let request = activity.begin(false, false);
        activity.received(b"GET");
        assert_eq!(activity.phase(), Phase::Busy);
        drop(request);
        assert_eq!(activity.phase(), Phase::Idle);
        activity.received(b"GET");
        assert_eq!(activity.phase(), Phase::Head);
    }

    #[test]
    fn a_multiplexed_connection_rests_after_its_last_request() {
        let activity = Arc::new(Activity::new());
        let (first, second) = (activity.begin(true, false), activity.begin(true, false));
        drop(first);
        assert_eq!(activity.phase(), Phase::Busy);
        drop(second);
        activity.received(b"GET");
        assert_eq!(activity.phase(), Phase::Idle);
    }

    #[test]
    fn the_rest_of_a_body_that_nobody_wanted_is_no_head() {
        let activity = Arc::new(Activity::new());
        drop(activity.begin(false, true));
        activity.received(b"body");
        assert!(activity.is_answered_early());
    }

    #[test]
    fn a_request_is_complete_once_its_body_is() {
        let activity = Arc::new(Activity::new());
        let _request = activity.begin(false, true);
        assert_eq!(activity.complete_for(), None);
        activity.body_complete();
        assert!(activity.complete_for().is_some());
    }
}
