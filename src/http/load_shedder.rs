//! Load shedder: refuses requests whose memory would not fit beside that of the others.
//!
//! A request counts for what it holds: 32 KiB from its head on, and what exceeds these of its body as it arrives, of its
//! payload while it waits for Feishu, and of its answer until the caller has taken it. Such bytes give back to the quota
//! what they count for when they are freed (`Permit::hold`). There is no queue here: requests that were let
//! in wait for their instance's turn and for Feishu's rate, and a queue in front of these would only use up deadlines.
//! Refusing costs less than anything else that a request may ask for.
//!
//! Callers of one app share its quota: the last tenth is for those who have less than their share of it, so one caller
//! never shuts the others out.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::{AppName, ByApp};
use crate::support::fair_share::{reserve, share};

/// The least that a request counts for: its head, its connection and its task. So 4,096 small requests fit at once into
/// 128 MiB.
const LEAST_BYTES: usize = 32 * 1024;

/// A body that has been arriving for so long gives way when others need its memory. Our choice: the largest body that is
/// taken by default needs a third of it at 100 Mbit/s.
const ARRIVING_TIME: Duration = Duration::from_secs(1);

/// Load shedder: a quota of memory for the requests of each app. An app whose requests pile up, because its Feishu is slow
/// or its callers are many, leaves the quotas of the others alone.
#[derive(Debug, Clone)]
pub struct LoadShedder(Arc<ByApp<Arc<Quota>>>);

impl LoadShedder {
    /// Divides `bytes` into equal quotas.
    pub fn new(bytes: usize, apps: &[AppName]) -> Self {
        let each = bytes / apps.len().max(1);
        let quota_of =
            |app: &AppName| (app.clone(), Arc::new(Quota { bytes: each, usage: Mutex::default() }));
        Self(Arc::new(apps.iter().map(quota_of).collect()))
    }

    /// Of each app the bytes in use, and all of its quota.
    pub(super) fn usage(&self) -> impl Iterator<Item = (&AppName, (usize, usize))> {
        self.0.iter().map(|(app, quota)| (app, (quota.lock().used, quota.bytes)))
    }

    /// Permit for a request of the app by this caller, who has no name where nobody shares the app; `None` when its quota
    /// has too little left for this caller.
    pub(super) fn try_acquire(&self, app: &AppName, caller: Option<Arc<str>>) -> Option<Permit> {
        let request = Request { quota: Arc::clone(self.0.get(app)?), caller, own: Arc::default() };
        request.take(LEAST_BYTES).ok()?;
        Some(Permit(Arc::new(request)))
    }
}

/// Permit to hold a request in memory; what it counts for goes back to the quota when the last clone is dropped.
///
/// Whatever goes on without the caller, such as a push that has begun, keeps a clone for as long as it holds memory.
#[derive(Debug, Clone)]
pub(super) struct Permit(Arc<Request>);

impl Permit {
    /// The same bytes, counted until the last of them is freed; the permit is kept as long.
    ///
    /// # Errors
    /// When they do not fit; then they are dropped.
    pub(super) fn hold(&self, bytes: Bytes) -> Result<Bytes, QuotaExceeded> {
        let charge = self.reserve(bytes.len())?;
        Ok(charge.of(bytes))
    }

    /// Counts so many bytes before they are there.
    ///
    /// # Errors
    /// When they do not fit.
    pub(super) fn reserve(&self, bytes: usize) -> Result<Charge, QuotaExceeded> {
        let bytes = beyond_least(bytes);
        self.0.take(bytes)?;
        Ok(Charge { request: Arc::clone(&self.0), bytes })
    }

    /// As [`Self::hold`], for bytes that were reserved before, or that it is too late to refuse.
    pub(super) fn count(&self, bytes: Bytes, reserved: Option<Charge>) -> Bytes {
        let charge = reserved.unwrap_or_else(|| {
            let bytes = beyond_least(bytes.len());
            self.0.add(&mut self.0.quota.lock(), bytes);
            Charge { request: Arc::clone(&self.0), bytes }
        });
        charge.of(bytes)
    }

    /// Counts a body while it arrives.
    pub(super) fn arriving(&self) -> ArrivingBody {
        let evicted = CancellationToken::new();
        let mut usage = self.0.quota.lock();
        let id = usage.next_id;
        usage.next_id += 1;
        let (own, since) = (Arc::clone(&self.0.own), Instant::now());
        let caller = self.0.caller.clone();
        usage.arriving.insert(id, Arriving { since, bytes: 0, own, caller, evicted: evicted.clone() });
        drop(usage);
        ArrivingBody { request: Arc::clone(&self.0), id, evicted }
    }
}

/// A body while it arrives: it counts for what is there of it.
#[derive(Debug)]
pub(super) struct ArrivingBody {
    request: Arc<Request>,
    id: u64,
    evicted: CancellationToken,
}

impl ArrivingBody {
    /// Counts what is held of the body now.
    ///
    /// # Errors
    /// When that does not fit, or the body has given way already.
    pub(super) fn arrived(&self, bytes: usize) -> Result<(), QuotaExceeded> {
        let quota = &self.request.quota;
        let usage = &mut *quota.lock();
        // Out of the table meanwhile, so that it does not give way to itself.
        let mut arriving = usage.arriving.remove(&self.id).ok_or(QuotaExceeded)?;
        let bytes = beyond_least(bytes);
        let taken = if bytes > arriving.bytes {
            self.request.take_from(usage, bytes - arriving.bytes)
        } else {
            self.request.release(usage, arriving.bytes - bytes);
            Ok(())
        };
        if taken.is_ok() {
            arriving.bytes = bytes;
        }
        usage.arriving.insert(self.id, arriving);
        taken
    }

    /// Waits until the body must give way.
    pub(super) async fn must_give_way(&self) {
        self.evicted.cancelled().await;
    }

    /// The whole body, counted until the last of it is freed.
    ///
    /// # Errors
    /// When the body has given way already.
    pub(super) fn complete(self, bytes: Bytes) -> Result<Bytes, QuotaExceeded> {
        self.arrived(bytes.len())?;
        let arriving = self.request.quota.lock().arriving.remove(&self.id).ok_or(QuotaExceeded)?;
        let charge = Charge { request: Arc::clone(&self.request), bytes: arriving.bytes };
        Ok(charge.of(bytes))
    }
}

impl Drop for ArrivingBody {
    fn drop(&mut self) {
        let usage = &mut *self.request.quota.lock();
        if let Some(arriving) = usage.arriving.remove(&self.id) {
            self.request.release(usage, arriving.bytes);
        }
    }
}

/// The quota has not that much left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QuotaExceeded;

/// Marks, in its extensions, a request on a connection beyond the limit of connections, so that it is told so.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionOverLimit;

/// Memory that requests of one app may take at once.
#[derive(Debug)]
struct Quota {
    bytes: usize,
    usage: Mutex<Usage>,
}

#[derive(Debug, Default)]
struct Usage {
    used: usize,
    /// Of it what each caller of a shared app has.
    by_caller: HashMap<Arc<str>, usize>,
    /// Bodies that are arriving, the oldest first.
    arriving: BTreeMap<u64, Arriving>,
    next_id: u64,
}

#[derive(Debug)]
struct Arriving {
    since: Instant,
    bytes: usize,
    /// What its request counts for.
    own: Arc<AtomicUsize>,
    caller: Option<Arc<str>>,
    evicted: CancellationToken,
}

impl Usage {
    fn add(&mut self, caller: Option<&Arc<str>>, bytes: usize) {
        self.used += bytes;
        if let Some(caller) = caller {
            *self.by_caller.entry(Arc::clone(caller)).or_default() += bytes;
        }
    }

    fn release(&mut self, caller: Option<&Arc<str>>, bytes: usize) {
        self.used -= bytes;
        if let Some(caller) = caller
            && let Some(used) = self.by_caller.get_mut(caller)
        {
            *used -= bytes;
            if *used == 0 {
                self.by_caller.remove(caller);
            }
        }
    }

    /// Whether a caller would have no more than its share of `quota` with these bytes on top; always, where nobody shares.
    fn is_within_share(&self, caller: Option<&Arc<str>>, bytes: usize, quota: usize) -> bool {
        let Some(caller) = caller else { return true };
        let used = self.by_caller.get(caller).copied();
        let active = self.by_caller.len() + usize::from(used.is_none());
        used.unwrap_or(0) + bytes <= share(quota, active)
    }
}

impl Quota {
    fn lock(&self) -> MutexGuard<'_, Usage> {
        // Nothing panics while the lock is held.
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request counts for.
#[derive(Debug)]
struct Request {
    quota: Arc<Quota>,
    /// Who sent it, where others share the app.
    caller: Option<Arc<str>>,
    own: Arc<AtomicUsize>,
}

impl Request {
    fn take(&self, bytes: usize) -> Result<(), QuotaExceeded> {
        if bytes == 0 { Ok(()) } else { self.take_from(&mut self.quota.lock(), bytes) }
    }

    /// Takes bytes of the quota, and where it has too few, those of bodies that have been arriving for long. A caller above
    /// its share leaves a tenth to the others, and no body of theirs gives way to it.
    fn take_from(&self, usage: &mut Usage, bytes: usize) -> Result<(), QuotaExceeded> {
        let (caller, quota) = (self.caller.as_ref(), self.quota.bytes);
        let is_within_share = usage.is_within_share(caller, bytes, quota);
        let most = if is_within_share { quota } else { quota - reserve(quota) };
        // Alone, even the largest request is let in.
        while usage.used + bytes > most && usage.used > self.own.load(Relaxed) {
            let mut slow =
                usage.arriving.iter().take_while(|(_, body)| body.since.elapsed() >= ARRIVING_TIME);
            let slow =
                slow.find(|(_, body)| is_within_share || body.caller == self.caller).map(|(id, _)| *id);
            let Some(body) = slow.and_then(|id| usage.arriving.remove(&id)) else {
                return Err(QuotaExceeded);
            };
            body.own.fetch_sub(body.bytes, Relaxed);
            usage.release(body.caller.as_ref(), body.bytes);
            body.evicted.cancel();
        }
        self.add(usage, bytes);
        Ok(())
    }

    fn add(&self, usage: &mut Usage, bytes: usize) {
        self.own.fetch_add(bytes, Relaxed);
        usage.add(self.caller.as_ref(), bytes);
    }

    fn release(&self, usage: &mut Usage, bytes: usize) {
        self.own.fetch_sub(bytes, Relaxed);
        usage.release(self.caller.as_ref(), bytes);
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        // What is left when everything that it held has been given back.
        let least = self.own.load(Relaxed);
        self.quota.lock().release(self.caller.as_ref(), least);
    }
}

/// What bytes count for, given back on drop.
#[derive(Debug)]
pub(super) struct Charge {
    request: Arc<Request>,
    bytes: usize,
}

impl Charge {
    /// The bytes, with what they count for.
    fn of(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(HeldBytes { bytes, _charge: self })
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.request.release(&mut self.request.quota.lock(), self.bytes);
        }
    }
}

/// Bytes with what they count for.
struct HeldBytes {
    bytes: Bytes,
    _charge: Charge,
}

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What counts beyond the least that every request counts for.
fn beyond_least(bytes: usize) -> usize {
    bytes.saturating_sub(LEAST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const APP_BYTES: usize = 4 * LEAST_BYTES;

    fn shedder() -> (LoadShedder, AppName) {
        let app = AppName::default();
        (LoadShedder::new(APP_BYTES, std::slice::from_ref(&app)), app)
    }

    fn used(shedder: &LoadShedder) -> usize {
        shedder.usage().map(|(_, (used, _))| used).sum()
    }

    fn bytes(units: usize) -> Bytes {
        vec![b' '; units * LEAST_BYTES].into()
    }

    #[test]
    fn a_request_without_bytes_counts_for_the_least() {
        let (shedder, app) = shedder();
        let permits: Vec<_> = (0..4).map_while(|_| shedder.try_acquire(&app, None)).collect();
        assert_eq!((permits.len(), used(&shedder)), (4, APP_BYTES));
        assert!(shedder.try_acquire(&app, None).is_none());
        drop(permits);
        assert_eq!(used(&shedder), 0);
    }

    #[test]
    fn bytes_count_until_the_last_of_them_is_freed() {
        let (shedder, app) = shedder();
        let permit = shedder.try_acquire(&app, None).unwrap();
        let held = permit.hold(bytes(3)).unwrap();
        let part = held.slice(..1);
        drop((permit, held));
        assert_eq!(used(&shedder), 3 * LEAST_BYTES);
        drop(part);
        assert_eq!(used(&shedder), 0);
    }

    #[test]
    fn bytes_that_do_not_fit_are_refused_unless_their_request_is_alone() {
        let (shedder, app) = shedder();
        let [first, second] = [(); 2].map(|()| shedder.try_acquire(&app, None).unwrap());
        assert_eq!(first.hold(bytes(4)), Err(QuotaExceeded));
        drop(second);
        let held = first.hold(bytes(9));
        assert!(held.is_ok() && shedder.try_acquire(&app, None).is_none());
        drop(held);
        assert_eq!(used(&shedder), LEAST_BYTES);
    }

    #[test]
    fn an_announced_body_counts_for_what_has_arrived() {
        let (shedder, app) = shedder();
        let permit = shedder.try_acquire(&app, None).unwrap();
        let arriving = permit.arriving();
        assert_eq!(used(&shedder), LEAST_BYTES);
        arriving.arrived(2 * LEAST_BYTES).unwrap();
        assert_eq!(used(&shedder), 2 * LEAST_BYTES);
        let body = arriving.complete(bytes(3)).unwrap();
        assert_eq!(used(&shedder), 3 * LEAST_BYTES);
        drop(body);
        assert_eq!(used(&shedder), LEAST_BYTES);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_gives_way_and_a_fast_one_does_not() {
        let (shedder, app) = shedder();
        let [slow, fast] = [(); 2].map(|()| shedder.try_acquire(&app, None).unwrap().arriving());
        slow.arrived(3 * LEAST_BYTES).unwrap();
        assert!(fast.arrived(2 * LEAST_BYTES).is_err(), "there is no room, and nobody is slow");
        tokio::time::advance(ARRIVING_TIME).await;
        fast.arrived(2 * LEAST_BYTES).unwrap();
        assert!(slow.must_give_way().now_or_never().is_some());
        assert!(slow.arrived(LEAST_BYTES).is_err() && slow.complete(bytes(1)).is_err());
        assert_eq!(used(&shedder), 2 * LEAST_BYTES);
        assert!(fast.must_give_way().now_or_never().is_none());
        drop(fast);
        assert_eq!(used(&shedder), 0);
    }

    fn of(name: &str) -> Option<Arc<str>> {
        Some(name.into())
    }

    #[test]
    fn one_caller_never_shuts_another_out() {
        let app = AppName::default();
        let shedder = LoadShedder::new(20 * LEAST_BYTES, std::slice::from_ref(&app));
        let acquire = |caller: &str| shedder.try_acquire(&app, of(caller));
        let mut flood: Vec<_> = (0..60).map_while(|_| acquire("flood")).collect();
        assert_eq!(flood.len(), 18);
        let other: Vec<_> = (0..60).map_while(|_| acquire("other")).collect();
        assert_eq!(other.len(), 2);
        // What becomes free is for whoever has less than the share, until all have it.
        flood.truncate(9);
        assert!(acquire("flood").is_some(), "there is room for everybody");
        let more: Vec<_> = (0..60).map_while(|_| acquire("other")).collect();
        assert_eq!(more.len(), 7);
        assert!(acquire("flood").is_none());
        drop((flood, other, more));
        assert_eq!(used(&shedder), 0);
        assert!(shedder.0.get(&app).unwrap().lock().by_caller.is_empty());
    }

    #[test]
    fn the_bytes_of_one_callers_requests_count_together() {
        let app = AppName::default();
        let shedder = LoadShedder::new(20 * LEAST_BYTES, std::slice::from_ref(&app));
        let [flood, other] = ["flood", "other"].map(|caller| shedder.try_acquire(&app, of(caller)).unwrap());
        let _held = flood.hold(bytes(17)).unwrap();
        assert_eq!(shedder.try_acquire(&app, of("flood")).map(drop), None);
        assert!(flood.hold(bytes(2)).is_err());
        assert!(other.hold(bytes(3)).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_gives_way_to_no_caller_above_its_share() {
        let app = AppName::default();
        let shedder = LoadShedder::new(20 * LEAST_BYTES, std::slice::from_ref(&app));
        let [flood, other] = ["flood", "other"].map(|caller| shedder.try_acquire(&app, of(caller)).unwrap());
        let slow = other.arriving();
        slow.arrived(4 * LEAST_BYTES).unwrap();
        let _held = flood.hold(bytes(12)).unwrap();
        tokio::time::advance(ARRIVING_TIME).await;
        assert!(flood.hold(bytes(6)).is_err());
        assert!(slow.must_give_way().now_or_never().is_none());
        assert!(other.hold(bytes(6)).is_ok(), "it may take from its own");
        assert!(slow.must_give_way().now_or_never().is_some());
    }
}
