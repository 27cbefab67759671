//! Pacing, the rate limiter: calls to one API are sent no faster than Feishu takes them, callers in turn.
//!
//! Everybody who calls takes a [`PacingTicket`] first. The calls of one caller are served in the order of their tickets, so
//! that a call which Feishu refused comes back to the head of its caller's line with the ticket that it has. The callers who
//! wait are served in turn ([`queue`]), and a tenth of the minute is kept for those who had less than their share
//! ([`shares`]). Only calls that nobody is ahead of look at the [`schedule`]; whatever moves them on wakes them. A call that
//! nobody is ahead of costs one short lock.
//!
//! The crate governor was considered: it keeps a rate, but has no order among those who wait, no deadline to refuse by,
//! no pause that holds for all, and no rate that changes. What would be left of it is the arithmetic.

mod earlier_calls;
mod learned_rate;
mod queue;
mod rate;
mod schedule;
mod shares;
mod sliding_window;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub use self::earlier_calls::{EarlierCalls, UntoldCalls};
use self::queue::{CallerName, Queue};
pub use self::rate::{Allowance, Rate};
use self::schedule::Schedule;
use self::shares::Shares;
use crate::support::deadline::Deadline;

/// Paces the calls to one API of one app.
#[derive(Debug)]
pub(in crate::feishu) struct Pacer {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rate: Rate,
    schedule: Schedule,
    shares: Shares,
    next_ticket: u64,
    queue: Queue,
}

/// A place in the order in which its caller's calls arrived, kept for all attempts of one operation.
#[derive(Debug)]
pub(in crate::feishu) struct PacingTicket {
    caller: CallerName,
    number: u64,
}

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
    /// Nobody is ahead: nobody else can have this moment.
    WaitUntil(Instant),
    /// Somebody is ahead, and wakes those who come next when leaving.
    WaitForTurn,
}

impl Pacer {
    pub(in crate::feishu) fn new(rate: Rate) -> Self {
        let state = State {
            rate,
            schedule: Schedule::new(rate),
            shares: Shares::new(rate.per_minute),
            next_ticket: 0,
            queue: Queue::default(),
        };
        Self { state: Mutex::new(state) }
    }

    /// A ticket behind all others of this caller.
    pub(in crate::feishu) fn ticket(&self, caller: Option<Arc<str>>) -> PacingTicket {
        let mut state = self.lock();
        state.next_ticket += 1;
        PacingTicket { caller, number: state.next_ticket }
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
            state.queue.add(&ticket.caller, ticket.number, Arc::clone(&waker));
            waker
        };
        let _place = Place { pacer: self, ticket };
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

    /// Until when this caller has to stand back for others. Whoever has a permit in nobody's name asks before giving it away.
    pub(in crate::feishu) fn share_free_at(&self, caller: &CallerName) -> Option<Instant> {
        let now = Instant::now();
        Some(self.lock().shares.free_at(caller, 0, 0, now)).filter(|free_at| *free_at > now)
    }

    /// Counts what was permitted in nobody's name for this caller, whose place the ticket becomes.
    pub(in crate::feishu) fn name(&self, ticket: &mut PacingTicket, caller: CallerName) {
        self.lock().shares.take(&caller, Instant::now());
        ticket.caller = caller;
    }

    /// Takes back what was permitted to the caller of a ticket and is not sent.
    pub(in crate::feishu) fn give_back(&self, ticket: &PacingTicket, mut permit: PacingPermit) {
        permit.is_settled = true;
        let mut state = self.lock();
        state.schedule.give_back(permit.nth);
        state.shares.give_back(&ticket.caller);
        state.queue.wake_first();
    }

    /// What is left of each window that is configured, for this caller.
    pub(in crate::feishu) fn allowances(&self, caller: &Option<Arc<str>>) -> Vec<Allowance> {
        let (state, now) = (&mut *self.lock(), Instant::now());
        let mut allowances = state.schedule.allowances(now);
        let left = state.shares.left(caller, now);
        for minute in allowances.iter_mut().filter(|allowance| allowance.window == shares::WINDOW) {
            minute.remaining = minute.remaining.min(left);
        }
        allowances
    }

    /// Sends no more than one part of so many of the rate from now on: other processes send the others.
    pub(in crate::feishu) fn share(&self, parts: u32) {
        let mut state = self.lock();
        let State { schedule, shares, queue, rate, .. } = &mut *state;
        schedule.share(parts);
        shares.set_limit(if rate.per_minute == 0 { 0 } else { (rate.per_minute / parts.max(1)).max(1) });
        // Some of those who wait may go at once, or not fit their deadlines any more.
        queue.wake_all();
    }

    /// How many calls were sent in each of the last seconds, those of the last one first.
    pub(in crate::feishu) fn sent(&self) -> Vec<u32> {
        self.lock().schedule.sent(Instant::now())
    }

    /// Goes on after another process, which had all of the rate.
    pub(in crate::feishu) fn resume(&self, earlier: &EarlierCalls) {
        let mut state = self.lock();
        state.schedule.resume(earlier, Instant::now());
        state.queue.wake_first();
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
        let State { schedule, shares, queue, .. } = &mut *state;
        let PacingTicket { caller, number } = ticket;
        let mut free_at =
            |caller, ahead, own| shares.free_at(caller, ahead, own, now).max(schedule.free_at(ahead, now));
        let own = queue.own_ahead(caller, *number);
        let first = free_at(caller, 0, 0);
        // A caller who has to stand back for its share is ahead of nobody who has not.
        let others = queue.others_ahead(caller, *number, own);
        let others = others.filter(|(other, calls)| *calls > 0 && free_at(other, 0, 0) <= first);
        let ahead = own + others.map(|(_, calls)| calls).sum::<usize>();
        let free_at = free_at(caller, ahead, own);
        if free_at.max(now) >= deadline.instant() {
            return Err(RateExhausted { wait: free_at - now });
        }
        if ahead > 0 {
            return Ok(Step::WaitForTurn);
        }
        if free_at > now {
            return Ok(Step::WaitUntil(free_at));
        }
        let nth = schedule.take(now);
        shares.take(caller, now);
        queue.served(caller);
        // What each of them has left may have changed.
        queue.wake_first();
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
        let mut state = self.pacer.lock();
        state.schedule.connecting(self.nth);
        state.queue.wake_first();
    }

    /// Notes that Feishu let the call through, whatever it made of it.
    pub(in crate::feishu) fn let_through(mut self) {
        self.is_settled = true;
        let mut state = self.pacer.lock();
        state.schedule.let_through(self.nth, Instant::now());
        state.queue.wake_first();
    }

    /// Notes that Feishu refused the call for its rate, and asked to wait. It holds for all calls to the API.
    pub(in crate::feishu) fn refused(mut self, wait: Duration) {
        self.is_settled = true;
        let mut state = self.pacer.lock();
        state.schedule.refused(self.nth, wait, Instant::now());
        // Some of those who wait may not fit their deadlines any more.
        state.queue.wake_all();
    }
}

impl Drop for PacingPermit {
    /// Whatever was sent with it is on its way no longer.
    fn drop(&mut self) {
        if !self.is_settled {
            let mut state = self.pacer.lock();
            state.schedule.ended(self.nth, Instant::now());
            state.queue.wake_first();
        }
    }
}

/// A place in the queue, given back on drop.
struct Place<'a> {
    pacer: &'a Pacer,
    ticket: &'a PacingTicket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let PacingTicket { caller, number } = self.ticket;
        self.pacer.lock().queue.remove(caller, *number);
    }
}

#[cfg(test)]
mod tests {
    use super::shares::named;
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
        acquire_for(pacer, None).await
    }

    async fn acquire_for(pacer: &Arc<Pacer>, caller: CallerName) -> Result<PacingPermit, RateExhausted> {
        pacer.acquire(&pacer.ticket(caller), soon()).await
    }

    #[tokio::test]
    async fn what_is_given_back_is_free_again_for_all_and_for_its_caller() {
        let pacer = pacer(2, 10);
        let ticket = pacer.ticket(named("a"));
        let permit = pacer.acquire(&ticket, soon()).await.unwrap();
        permit.connecting();
        acquire(&pacer).await.unwrap().let_through();
        assert!(acquire(&pacer).now_or_never().is_none(), "the second is full");
        let before = pacer.allowances(&named("a"));
        pacer.give_back(&ticket, permit);
        let after = pacer.allowances(&named("a"));
        assert!(
            after.iter().zip(&before).all(|(after, before)| after.remaining > before.remaining),
            "{after:?}"
        );
        assert!(acquire(&pacer).now_or_never().is_some());
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
        let tickets: Vec<_> = (0..4).map(|_| pacer.ticket(None)).collect();
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
        let ahead: Vec<_> =
            tickets.iter().map(|ticket| pacer.lock().queue.own_ahead(&None, ticket.number)).collect();
        assert_eq!(ahead, [0, 1, 2, 3]);
        pacer.lock().schedule = Schedule::new(Rate { per_second: 0, per_minute: 1 });
        assert!((&mut late[0]).now_or_never().is_none(), "not before the head");
        pacer.lock().queue.wake_all();
        assert!(first.now_or_never().is_some_and(|acquired| acquired.is_ok()));
    }

    #[tokio::test]
    async fn the_next_is_woken_when_the_head_leaves() {
        let pacer = pacer(0, 0);
        pause(&pacer).await;
        let day = Deadline::after(Duration::from_secs(86_400));
        let tickets = [pacer.ticket(None), pacer.ticket(None)];
        let mut head = Box::pin(pacer.acquire(&tickets[0], day));
        let mut next = Box::pin(pacer.acquire(&tickets[1], day));
        assert!((&mut head).now_or_never().is_none() && (&mut next).now_or_never().is_none());
        pacer.lock().schedule = Schedule::new(Rate::OFF);
        drop(head);
        assert!(next.now_or_never().is_some_and(|acquired| acquired.is_ok()));
    }

    #[tokio::test]
    async fn whether_one_more_fits_depends_on_what_is_ahead_of_this_callers_call() {
        let pacer = pacer(1, 0);
        let _permit = acquire(&pacer).await.unwrap();
        let flood = (0..60).map(|_| Box::pin(acquire_for(&pacer, named("flood"))));
        let mut waiting: Vec<_> = flood.collect();
        let refused = waiting.iter_mut().filter_map(FutureExt::now_or_never).count();
        assert_eq!(refused, 31, "29 fit into 30 seconds, one a second");
        let mut other: Vec<_> = (0..20).map(|_| Box::pin(acquire_for(&pacer, named("other")))).collect();
        let refused = other.iter_mut().filter_map(FutureExt::now_or_never).count();
        assert_eq!(refused, 6, "every second one of 29 seconds is its own");
    }

    #[tokio::test]
    async fn a_minute_that_one_caller_has_filled_has_a_tenth_left_for_another() {
        let pacer = pacer(0, 20);
        let taken = |caller: &str| {
            let calls = (0..30).map(|_| acquire_for(&pacer, named(caller)).now_or_never());
            calls.filter(|call| matches!(call, Some(Ok(_)))).count()
        };
        assert_eq!(taken("flood"), 18);
        assert_eq!(taken("other"), 2);
        assert_eq!(taken("flood"), 0);
    }

    #[tokio::test]
    async fn what_nobody_shares_is_used_up_by_its_only_caller() {
        let pacer = pacer(0, 20);
        let calls = (0..30).map(|_| acquire(&pacer).now_or_never());
        assert_eq!(calls.filter(|call| matches!(call, Some(Ok(_)))).count(), 20);
    }

    /// Calls one after another for ten seconds, and answers how many were let go.
    async fn calls_of(pacer: &Arc<Pacer>, caller: &str) -> usize {
        let end = Instant::now() + Duration::from_secs(10);
        let mut sent = 0;
        while Instant::now() < end {
            acquire_for(pacer, named(caller)).await.unwrap().let_through();
            sent += 1;
        }
        sent
    }

    #[tokio::test(start_paused = true)]
    async fn one_caller_at_a_time_gets_as_much_as_sixty_of_another() {
        let pacer = pacer(10, 0);
        let flood = futures_util::future::join_all((0..60).map(|_| calls_of(&pacer, "flood")));
        let (_, other) = tokio::join!(flood, calls_of(&pacer, "other"));
        assert!((45..=60).contains(&other), "{other} of 110");
    }
}
