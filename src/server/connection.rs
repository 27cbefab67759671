//! One connection, from its first byte to its last.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsAcceptor;

use super::activity::{Activity, Phase};
use super::drain::Stage;
use super::requests::Requests;
use super::watched_io::WatchedIo;
use super::{Options, Tls, protocol};

/// Time that a connection may still bring a request when the gateway closes, counted from its last answer. A caller that
/// is busy on it has the next one under way, and would find it cut off; whoever rested longer loses nothing.
const LINGER: Duration = Duration::from_millis(300);

/// Time for a peer to take notice that its connection is closed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time for the head of a request on a connection that should not be there: its place is worth more than its caller's
/// leisure.
const CROWDED_HEADER_TIMEOUT: Duration = Duration::from_secs(2);

/// How a connection is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guest {
    /// It may stay.
    Regular,
    /// It is one more than there should be, and goes after one answer.
    Crowded,
}

/// What all connections have in common.
pub(super) struct Connections {
    builder: Builder<TokioExecutor>,
    router: Router,
    stage: Stage,
    limits: Limits,
    tls: Option<Tls>,
}

/// How long a connection may take.
#[derive(Debug, Clone, Copy)]
struct Limits {
    head: Duration,
    idle: Duration,
}

impl Connections {
    pub(super) fn new(router: Router, stage: Stage, options: Options) -> Self {
        let limits = Limits { head: options.header_timeout, idle: options.idle_timeout };
        Self { builder: protocol::builder(), router, stage, limits, tls: options.tls }
    }

    /// Serves a connection to its end.
    pub(super) async fn serve(&self, stream: TcpStream, guest: Guest) {
        match &self.tls {
            // Boxed, because its place, twice as large, would be kept for every connection without TLS.
            Some(tls) => Box::pin(self.serve_tls(tls, stream, guest)).await,
            None => self.converse(stream, guest, true).await,
        }
    }

    async fn serve_tls(&self, tls: &Tls, stream: TcpStream, guest: Guest) {
        let handshake = TlsAcceptor::from(tls.current()).accept(stream);
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(self.limits.head, handshake) => shaken,
            () = self.stage.closing() => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.converse(stream, guest, false).await,
            Ok(Err(cause)) => tracing::debug!(%cause, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Speaks HTTP. The timer is set anew only when something is due earlier than it was set for, so that an ordinary
    /// request does not touch it.
    async fn converse<I>(&self, io: I, guest: Guest, half_closes: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Arc::new(Activity::new());
        let crowded = guest == Guest::Crowded;
        let head = if crowded { self.limits.head.min(CROWDED_HEADER_TIMEOUT) } else { self.limits.head };
        let mut watch = Watch {
            activity: Arc::clone(&activity),
            limits: Limits { head, ..self.limits },
            is_last: crowded,
            closing: false,
            told: None,
        };
        let io = TokioIo::new(WatchedIo::new(io, Arc::clone(&activity), half_closes));
        let requests = Requests { router: self.router.clone(), activity, stage: self.stage.clone(), crowded };
        let mut connection = pin!(self.builder.serve_connection(io, requests));
        let mut closing = pin!(self.stage.closing());
        let mut set_for = Instant::now() + watch.limits.head;
        let mut timer = pin!(sleep_until(set_for));
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                    log_end(ended);
                    return Poll::Ready(());
                }
                watch.closing = watch.closing || closing.as_mut().poll(cx).is_ready();
                let (due, step) = watch.next();
                if due < set_for {
                    set_for = due;
                    timer.as_mut().reset(due);
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let now = Instant::now();
                if due > now {
                    set_for = due;
                    timer.as_mut().reset(due);
                    continue;
                }
                match step {
                    Step::Look => {
                        set_for = now + watch.limits.idle;
                        timer.as_mut().reset(set_for);
                    }
                    Step::Close => {
                        watch.told = Some(now);
                        connection.as_mut().graceful_shutdown();
                    }
                    Step::Cut if !watch.activity.is_cut() => watch.activity.cut(),
                    Step::Cut | Step::Drop => return Poll::Ready(()),
                }
            }
        })
        .await;
    }
}

/// Peers that break off are everyday life on a network.
fn log_end(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(cause) = ended {
        tracing::debug!(%cause, "a connection broke");
    }
}

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing; it is looked at again later.
    Look,
    /// It ends as soon as it owes nothing.
    Close,
    /// It ends because a head does not come to its end.
    Cut,
    /// It ends at once.
    Drop,
}

/// What decides how long a connection goes on.
struct Watch {
    activity: Arc<Activity>,
    limits: Limits,
    /// Whether its first answer is its last.
    is_last: bool,
    /// Whether the gateway closes.
    closing: bool,
    /// When it was told to end.
    told: Option<Instant>,
}

impl Watch {
    /// What is due next, and when.
    fn next(&self) -> (Instant, Step) {
        let Self { activity, limits, .. } = self;
        let since = activity.since();
        if let Some(lingering) = activity.lingering_since() {
            return (lingering + PATIENCE, Step::Drop);
        }
        if let Some(stalled) = activity.stalled_since() {
            return (stalled + limits.idle, Step::Drop);
        }
        match (activity.phase(), self.told) {
            (Phase::Busy, None) if self.closing || self.is_last => (since, Step::Close),
            (Phase::Busy, _) => (since + limits.idle, Step::Look),
            (Phase::Head, None) if self.closing => (since, Step::Close),
            (Phase::Head, _) => (since + limits.head, Step::Cut),
            (Phase::Fresh | Phase::Idle, Some(told)) => (told.max(since) + PATIENCE, Step::Drop),
            // GOAWAY lets a multiplexed connection end without a gap.
            (Phase::Idle, None) if self.closing && activity.is_multiplexed() => (since, Step::Close),
            (Phase::Fresh | Phase::Idle, None) if self.closing => (since + LINGER, Step::Close),
            (Phase::Fresh, None) => (since + limits.head, Step::Close),
            (Phase::Idle, None) => (since + limits.idle, Step::Close),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { head: Duration::from_secs(10), idle: Duration::from_secs(75) };

    /// What is due next, and how long after the phase began.
    fn next(watch: &Watch) -> (Duration, Step) {
        let (due, step) = watch.next();
        (due - watch.activity.since(), step)
    }

    fn watch() -> Watch {
        Watch {
            activity: Arc::new(Activity::new()),
            limits: LIMITS,
            is_last: false,
            closing: false,
            told: None,
        }
    }

    #[test]
    fn who_sends_nothing_or_no_whole_head_has_the_same_time() {
        let watch = watch();
        assert_eq!(next(&watch), (LIMITS.head, Step::Close));
        watch.activity.received(b"GET");
        assert_eq!(next(&watch), (LIMITS.head, Step::Cut));
    }

    #[test]
    fn a_connection_rests_longer_than_a_head_may_take() {
        let watch = watch();
        drop(watch.activity.begin(false, false));
        assert_eq!(next(&watch), (LIMITS.idle, Step::Close));
    }

    #[test]
    fn a_request_is_left_to_its_own_deadline() {
        let watch = watch();
        let _request = watch.activity.begin(false, false);
        assert_eq!(next(&watch).1, Step::Look);
    }

    #[test]
    fn a_peer_that_takes_nothing_of_its_answer_is_dropped() {
        let watch = watch();
        let _request = watch.activity.begin(false, false);
        watch.activity.writing(true);
        assert_eq!(watch.next().1, Step::Drop);
        watch.activity.writing(false);
        assert_eq!(watch.next().1, Step::Look);
    }

    #[test]
    fn closing_waits_for_a_moment_where_a_request_may_be_under_way() {
        let mut watch = watch();
        drop(watch.activity.begin(false, false));
        watch.closing = true;
        assert_eq!(next(&watch), (LINGER, Step::Close));
        let _request = watch.activity.begin(false, false);
        assert_eq!(next(&watch), (Duration::ZERO, Step::Close));
    }

    #[test]
    fn a_multiplexed_connection_that_rests_is_closed_at_once() {
        let mut watch = watch();
        drop(watch.activity.begin(true, false));
        watch.closing = true;
        assert_eq!(next(&watch), (Duration::ZERO, Step::Close));
    }

    #[test]
    fn the_first_answer_in_a_crowd_is_the_last() {
        let watch = Watch { is_last: true, ..watch() };
        let _request = watch.activity.begin(false, false);
        assert_eq!(next(&watch).1, Step::Close);
    }

    #[test]
    fn who_was_told_to_end_and_does_not_is_dropped() {
        let mut watch = watch();
        drop(watch.activity.begin(false, false));
        watch.told = Some(watch.activity.since());
        assert_eq!(next(&watch), (PATIENCE, Step::Drop));
    }
}
