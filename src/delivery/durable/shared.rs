//! What the parts of a delivery share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::acceptance::Acceptance;
use super::activity::Activity;
use super::app_state::AppStateCell;
use super::failed_push::AppTrouble;
use super::hold::{Hold, Holding};
use super::in_flight::InFlight;
use super::metrics::{AppDurableMetrics, DurableMetrics};
use super::payloads::Payloads;
use super::receiver::Receiver;
use super::replica::Replica;
use super::settings::DurableSettings;
use super::sharing::Sharing;
use super::tenure::Tenure;
use super::trouble::{Describe, Trouble};
use super::waiters::Waiters;
use crate::delivery::people::PeopleResolver;
use crate::document::Rules;
use crate::domain::{AppName, Callback, Timestamp};
use crate::feishu::FeishuClient;
use crate::ledger::{DeliveryRecord, InstanceKey, Ledger, LedgerError, Report, ReportError};

/// Pause before a result is written again that the ledger did not take.
const REPORT_PAUSE: Duration = Duration::from_secs(1);

/// What a delivery is made of.
#[derive(Debug)]
pub struct Setup {
    /// The app's Feishu client.
    pub feishu: Arc<FeishuClient>,
    /// Finds people whom documents name by aliases.
    pub people: Arc<PeopleResolver>,
    /// Where everything is kept.
    pub ledger: Arc<dyn Ledger>,
    /// What kept documents are read by.
    pub rules: Rules,
    /// This process among those that share the ledger.
    pub replica: Arc<Replica>,
    /// How to deliver.
    pub settings: DurableSettings,
    /// Under which names callers share the rate.
    pub sharing: Sharing,
    /// What trouble is called.
    pub describe: Describe,
    /// Where it is counted.
    pub metrics: DurableMetrics,
    /// Who is told of it, if anybody wants to know.
    pub receiver: Option<Arc<Receiver>>,
    /// Where taps on buttons of cards are called back; without it cards have no buttons.
    pub callback: Option<Callback<'static>>,
}

/// What the parts of a delivery share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) app: AppName,
    pub(super) feishu: Arc<FeishuClient>,
    pub(super) people: Arc<PeopleResolver>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) rules: Rules,
    pub(super) settings: DurableSettings,
    pub(super) describe: Describe,
    pub(super) metrics: AppDurableMetrics,
    pub(super) waiters: Arc<Waiters>,
    pub(super) arrivals: Arrivals,
    pub(super) hold: Holding,
    pub(super) acceptance: Acceptance,
    pub(super) activity: Activity,
    pub(super) in_flight: InFlight,
    pub(super) payloads: Payloads,
    pub(super) sharing: Sharing,
    pub(super) replica: Arc<Replica>,
    pub(super) tenure: Tenure,
    pub(super) receiver: Option<Arc<Receiver>>,
    /// Told when there may be an event to send.
    pub(super) event_news: Notify,
    pub(super) callback: Option<Callback<'static>>,
    /// Told when there may be a card to send or to change.
    pub(super) card_news: Notify,
    pub(super) app_state: AppStateCell,
    /// Cancelled when another replica is to push for the app.
    pub(super) handing_over: CancellationToken,
    /// Cancelled when no further attempt may begin.
    pub(super) stop: CancellationToken,
}

/// What has just been accepted, for the dispatcher.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    waiting: Mutex<Vec<Arrival>>,
    /// Told of those whose callers wait: they are known, so that the ledger need not be asked.
    pub(super) waiting_news: Notify,
    /// Told of all others, which the ledger has to be asked for.
    pub(super) news: Notify,
}

/// An instance whose caller waits.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) id: Arc<str>,
    pub(super) caller: Option<Arc<str>>,
}

impl Arrivals {
    /// Adds an instance whose caller waits.
    pub(super) fn push(&self, id: Arc<str>, caller: Option<Arc<str>>) {
        self.lock().push(Arrival { id, caller });
        self.waiting_news.notify_one();
    }

    /// Takes all of them out.
    pub(super) fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arrival>> {
        // Nothing panics while the lock is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup {
            feishu,
            people,
            ledger,
            rules,
            replica,
            settings,
            sharing,
            describe,
            metrics,
            receiver,
            callback,
        } = setup;
        let tenure = Tenure::new(ledger.leases().is_some());
        let metrics = metrics.of(feishu.name());
        Self {
            app: feishu.name().clone(),
            feishu,
            people,
            ledger,
            rules,
            settings,
            describe,
            metrics,
            waiters: Arc::default(),
            arrivals: Arrivals::default(),
            hold: Holding::default(),
            acceptance: Acceptance::default(),
            activity: Activity::default(),
            in_flight: InFlight::default(),
            payloads: Payloads::new(settings.payload_bytes),
            sharing,
            replica,
            tenure,
            receiver,
            event_news: Notify::new(),
            callback,
            card_news: Notify::new(),
            app_state: AppStateCell::default(),
            handing_over: CancellationToken::new(),
            stop: CancellationToken::new(),
        }
    }

    pub(super) fn key(&self, instance_id: &str) -> InstanceKey {
        InstanceKey::new(self.app.clone(), instance_id)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ledger.now()
    }

    /// The time so much later.
    pub(super) fn later(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let now = self.now();
        Timestamp::from_unix_millis(now.unix_millis().saturating_add(by)).unwrap_or(now)
    }

    /// The time so much earlier.
    pub(super) fn earlier(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Timestamp::of_clock(self.now().unix_millis().saturating_sub(by))
    }

    /// How long it is until then; nothing when it has come.
    pub(super) fn until(&self, then: Timestamp) -> Duration {
        let millis = then.unix_millis().saturating_sub(self.now().unix_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// How long ago that was; nothing when it is yet to come.
    pub(super) fn since(&self, then: Timestamp) -> Duration {
        let millis = self.now().unix_millis().saturating_sub(then.unix_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// Writes what became of a push or a check of an instance to the ledger, and tells those who do what follows.
    pub(super) async fn report(&self, report: Report) -> Result<Option<DeliveryRecord>, ReportError> {
        let announces = self.receiver.is_some();
        let reported = self.ledger.report(Report { announces, ..report }).await?;
        if announces {
            self.event_news.notify_one();
        }
        if reported.as_ref().is_some_and(|reported| reported.has_cards) {
            self.card_news.notify_one();
        }
        Ok(reported.map(|reported| reported.record))
    }

    /// Writes a result, again and again while the ledger cannot; `None` when it is lost, which repeats what it was about.
    pub(super) async fn until_written<T, W>(&self, write: impl Fn() -> W) -> Option<T>
    where
        W: Future<Output = Result<T, LedgerError>>,
    {
        loop {
            match write().await {
                Ok(written) => return Some(written),
                Err(error) => {
                    tracing::error!(app = %self.app, error = &error as &dyn std::error::Error, "a result could not be written");
                    if !error.is_transient() {
                        return None;
                    }
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(REPORT_PAUSE) => {}
            }
        }
    }

    /// Lets the app push nothing for a while.
    pub(super) fn hold(&self, trouble: &Trouble, app: AppTrouble) {
        let AppTrouble { is_parked, pause, ends_with_token } = app;
        let problem = (self.describe)(trouble);
        let code = problem.code().to_owned();
        let until = Instant::now() + pause;
        let since = self.now();
        let hold = Hold { problem, is_parked, since, until, ends_with_token, tries: 0 };
        if !self.tenure.is_held() {
            return;
        }
        self.metrics.show_parked(is_parked);
        self.tenure.has_news();
        if is_parked {
            self.app_state.parked(&hold.problem);
        }
        if self.hold.hold(hold) && is_parked {
            tracing::warn!(
                app = %self.app,
                code,
                error = trouble as &dyn std::error::Error,
                "the app is parked: what is accepted waits"
            );
        }
    }

    /// Lets the app push again.
    pub(super) fn release(&self) {
        self.metrics.show_parked(false);
        self.app_state.open();
        let released = self.hold.release();
        if released.is_some() {
            self.tenure.has_news();
        }
        if let Some(hold) = released.filter(|hold| hold.is_parked) {
            tracing::info!(app = %self.app, code = hold.problem.code(), "the app is open again");
        }
    }
}
