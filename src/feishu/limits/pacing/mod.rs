//! Pacing, the rate limiter: calls to one API are sent no faster than Feishu takes them, first come first served.
//!
//! Everybody who calls takes a [`PacingTicket`] first. Tickets are served in order, so that a call which Feishu refused comes
//! back to the head of the queue with the ticket that it has. Only the head looks at the [`schedule`]; whoever leaves,
//! served or not, wakes the next. A call that nobody is ahead of costs one short lock.
//!
//! The crate governor was considered: it keeps a rate, but has no order among those who wait, no deadline to refuse by,
//! no pause that holds for all, and no rate that changes. What would be left of it is the arithmetic.

mod learned_rate;
mod rate;
mod schedule;
mod sliding_window;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub use self::rate::{Allowance, Rate};
use self::schedule::Schedule;
use crate::support::deadline::Deadline;

/// Paces the calls to one API of one app.
#[derive(Debug)]
pub(in crate::feishu) struct Pacer {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    schedule: Schedule,
    next_ticket: u64,
    /// Those who wait, by their tickets.
    queue: BTreeMap<u64, Arc<Notify>>,
}

/// A place in the order of arrival, kept for all attempts of one operation.
#[derive(Debug)]
pub(in crate::feishu) struct PacingTicket(u64);

/// Permit of the rate limiter to send one attempt now.
#[derive(Debug)]
pub(in crate::feishu) struct PacingPermit {
    pacer: Arc<Pacer>,
    nth: u64,
    /// Whether it is known what Feishu made of the attempt.
    is_settled: bool,
}

/// The rate allows no call before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) struct RateExhausted {
    /// After this time the call would have been allowed.
    pub(in crate::feishu) wait: Duration,
}

/// Next step of a caller in the queue.
enum Step {
    Go(PacingPermit),
    /// The head: nobody else can have this moment.
    WaitUntil(Instant),
    /// Somebody is ahead, and wakes the next when leaving.
    WaitForTurn,
}

impl Pacer {
    pub(in crate::feishu) fn new(rate: Rate) -> Self {
        let state = State { schedule: Schedule::new(rate), next_ticket: 0, queue: BTreeMap::new() };
        Self { state: Mutex::new(state) }
    }

    /// A ticket behind all others.
    pub(in crate::feishu) fn ticket(&self) -> PacingTicket {
        let mut state = self.lock();
        state.next_ticket += 1;
        PacingTicket(state.next_ticket)
    }

    /// Waits until a call may be sent. Dropping the future gives the place in the queue back.
    ///
    /// # Errors
    /// At once when no call will be allowed before the deadline.
    pub(in crate::feishu) async fn acquire(
        self: &Arc<Self>,
        ticket: &PacingTicket,
        deadline: Deadline,
    ) -> Result<PacingPermit, RateExhausted> {
        let waker = {
            let mut state = self.lock();
            match self.step(&mut state, ticket, deadline)? {
                Step::Go(permit) => return Ok(permit),
                Step::WaitUntil(_) | Step::WaitForTurn => {}
            }
            let waker = Arc::new(Notify::new());
            state.queue.insert(ticket.0, Arc::clone(&waker));
            waker
        };
        let _place = Place { pacer: self, ticket: ticket.0 };
        loop {
            let step = self.step(&mut self.lock(), ticket, deadline)?;
            let until = match step {
                Step::Go(permit) => return Ok(permit),
                Step::WaitUntil(moment) => moment,
                Step::WaitForTurn => deadline.instant(),
            };
            // Woken or not, the next step looks again.
            let _ = tokio::time::timeout_at(until, waker.notified()).await;
        }
    }

    /// What is left of each window that is configured.
    pub(in crate::feishu) fn allowances(&self) -> Vec<Allowance> {
        self.lock().schedule.allowances(Instant::now())
    }

    /// How many wait, and how many calls a second may be sent; no number without pacing.
    pub(in crate::feishu) fn queue_and_rate(&self) -> (usize, Option<f64>) {
        let state = self.lock();
        (state.queue.len(), state.schedule.calls_per_second(Instant::now()))
    }

    fn step(
        self: &Arc<Self>,
        state: &mut State,
        ticket: &PacingTicket,
        deadline: Deadline,
    ) -> Result<Step, RateExhausted> {
        let now = Instant::now();
        // Counted from the end, because most have just arrived there.
        let ahead = state.queue.len() - state.queue.range(ticket.0..).count();
        let free_at = state.schedule.free_at(ahead, now);
        if free_at.max(now) >= deadline.instant() {
            return Err(RateExhausted { wait: free_at - now });
        }
        if ahead > 0 {
            return Ok(Step::WaitForTurn);
        }
        if free_at > now {
            return Ok(Step::WaitUntil(free_at));
        }
        let nth = state.schedule.take(now);
        Ok(Step::Go(PacingPermit { pacer: Arc::clone(self), nth, is_settled: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; even if it did, the schedule and the queue stand by themselves.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PacingPermit {
    /// Notes that the attempt has to open a connection: it counts as arriving until it has ended.
    pub(in crate::feishu) fn connecting(&self) {
        self.pacer.lock().schedule.connecting(self.nth);
    }

    /// Notes that Feishu let the call through, whatever it made of it.
    pub(in crate::feishu) fn let_through(mut self) {
        self.is_settled = true;
        self.pacer.lock().schedule.let_through(self.nth, Instant::now());
    }

    /// Notes that Feishu refused the call for its rate, and asked to wait. It holds for all calls to the API.
    pub(in crate::feishu) fn refused(mut self, wait: Duration) {
        self.is_settled = true;
        let mut state = self.pacer.lock();
        state.schedule.refused(self.nth, wait, Instant::now());
        // Some of those who wait may not fit their deadlines any more.
        state.queue.values().for_each(|waker| waker.notify_one());
    }
}

impl Drop for PacingPermit {
    /// Whatever was sent with it is on its way no longer.
    fn drop(&mut self) {
        if !self.is_settled {
            self.pacer.lock().schedule.ended(self.nth, Instant::now());
        }
    }
}

/// A place in the queue, given back on drop.
struct Place<'a> {
    pacer: &'a Pacer,
    ticket: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pacer.lock();
        state.queue.remove(&self.ticket);
        if let Some((next, waker)) = state.queue.first_key_value()
            && *next > self.ticket
        {
            waker.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const ONE_AN_HOUR: Duration = Duration::from_secs(3_600);

    fn pacer(per_second: u32, per_minute: u32) -> Arc<Pacer> {
        Arc::new(Pacer::new(Rate { per_second, per_minute }))
    }

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(30))
    }

    async fn acquire(pacer: &Arc<Pacer>) -> Result<PacingPermit, RateExhausted> {
        pacer.acquire(&pacer.ticket(), soon()).await
    }

    /// Stops the pacer for good, but not for those with a day to wait.
    async fn pause(pacer: &Arc<Pacer>) {
        acquire(pacer).await.unwrap().refused(ONE_AN_HOUR);
    }

    #[tokio::test]
    async fn a_free_way_is_taken_at_once() {
        let pacer = pacer(50, 1_000);
        assert!((0..50).all(|_| acquire(&pacer).now_or_never().is_some_and(|acquired| acquired.is_ok())));
    }

    #[tokio::test]
    async fn whoever_cannot_fit_the_deadline_is_refused_at_once() {
        let pacer = pacer(0, 1);
        acquire(&pacer).await.unwrap().let_through();
        let RateExhausted { wait } = acquire(&pacer).now_or_never().unwrap().unwrap_err();
        assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60), "{wait:?}");
    }

    #[tokio::test]
    async fn those_who_wait_count_when_it_is_said_whether_one_more_fits() {
        let pacer = pacer(1, 0);
        let permit = acquire(&pacer).await.unwrap();
        let mut waiting: Vec<_> = (0..40).map(|_| Box::pin(acquire(&pacer))).collect();
        let refused = waiting.iter_mut().filter_map(FutureExt::now_or_never);
        // 29 fit into 30 seconds, one a second.
        assert_eq!(refused.filter(Result::is_err).count(), 11);
        drop(permit);
    }

    #[tokio::test]
    async fn one_refusal_pauses_everybody_even_those_who_wait_already() {
        let pacer = pacer(2, 0);
        let first = acquire(&pacer).await.unwrap();
        acquire(&pacer).await.unwrap().let_through();
        let mut waiting = Box::pin(acquire(&pacer));
        assert!((&mut waiting).now_or_never().is_none());
        first.refused(ONE_AN_HOUR);
        assert!(waiting.await.is_err(), "the one who waited");
        assert!(acquire(&pacer).now_or_never().unwrap().is_err(), "a newcomer");
    }

    #[tokio::test]
    async fn whoever_leaves_the_queue_gives_the_place_back() {
        let pacer = pacer(1, 0);
        let _permit = acquire(&pacer).await.unwrap();
        let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(acquire(&pacer))).collect();
        assert!(waiting.iter_mut().all(|acquiring| acquiring.now_or_never().is_none()));
        assert_eq!(pacer.lock().queue.len(), 5);
        drop(waiting);
        assert_eq!(pacer.lock().queue.len(), 0);
    }

    #[tokio::test]
    async fn the_order_is_that_of_arrival_and_the_refused_come_first() {
        let pacer = pacer(0, 0);
        let tickets: Vec<_> = (0..4).map(|_| pacer.ticket()).collect();
        pause(&pacer).await;
        let day = Deadline::after(Duration::from_secs(86_400));
        let mut late: Vec<_> =
            tickets[1..].iter().map(|ticket| Box::pin(pacer.acquire(ticket, day))).collect();
        for acquiring in late.iter_mut().rev() {
            assert!(acquiring.now_or_never().is_none());
        }
        // The oldest ticket comes back last, and stands at the head all the same.
        let mut first = Box::pin(pacer.acquire(&tickets[0], day));
        assert!((&mut first).now_or_never().is_none());
        let order: Vec<_> = pacer.lock().queue.keys().copied().collect();
        assert_eq!(order, tickets.iter().map(|ticket| ticket.0).collect::<Vec<_>>());
        pacer.lock().schedule = Schedule::new(Rate { per_second: 0, per_minute: 1 });
        assert!((&mut late[0]).now_or_never().is_none(), "not before the head");
        pacer.lock().queue[&tickets[0].0].notify_one();
        assert!(first.now_or_never().is_some_and(|acquired| acquired.is_ok()));
    }

    #[tokio::test]
    async fn the_next_is_woken_when_the_head_leaves() {
        let pacer = pacer(0, 0);
        pause(&pacer).await;
        let day = Deadline::after(Duration::from_secs(86_400));
        let tickets = [pacer.ticket(), pacer.ticket()];
        let mut head = Box::pin(pacer.acquire(&tickets[0], day));
        let mut next = Box::pin(pacer.acquire(&tickets[1], day));
        assert!((&mut head).now_or_never().is_none() && (&mut next).now_or_never().is_none());
        pacer.lock().schedule = Schedule::new(Rate::OFF);
        drop(head);
        assert!(next.now_or_never().is_some_and(|acquired| acquired.is_ok()));
    }
}
