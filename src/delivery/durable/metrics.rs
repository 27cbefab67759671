//! What is counted of deliveries with a ledger.

use std::fmt;
use std::time::Duration;

use prometheus::{GaugeVec, Histogram, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec};

use crate::domain::{AppName, Word as _};
use crate::feishu::{StaleInstance, VersionState};
use crate::ledger::{DeliveryState, Epoch, LedgerSize, Summary};
use crate::metrics::{Metrics, counter_vec, float_gauge_vec, gauge, gauge_vec, lag_histogram_vec, table};

/// The metrics of deliveries with a ledger, of all apps. Cheap to clone.
#[derive(Clone)]
pub struct DurableMetrics {
    sent: HistogramVec,
    confirmed: HistogramVec,
    deliveries: IntGaugeVec,
    oldest: GaugeVec,
    retries: IntCounterVec,
    drifts: IntCounterVec,
    parked: IntGaugeVec,
    events_pending: IntGaugeVec,
    events_oldest: GaugeVec,
    events_sent: IntCounterVec,
    cards_pending: IntGaugeVec,
    cards_oldest: GaugeVec,
    cards_tried: IntCounterVec,
    lease_held: IntGaugeVec,
    lease_epoch: IntGaugeVec,
    lease_takeovers: IntCounterVec,
    lease_lost: IntCounterVec,
    replicas: IntGauge,
    bytes: IntGaugeVec,
    disk_free: IntGauge,
    disk_total: IntGauge,
}

impl fmt::Debug for DurableMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableMetrics").finish_non_exhaustive()
    }
}

/// Classes of lanes, as [`Summary`] counts them.
const CLASSES: [&str; 3] = ["interactive", "repair", "import"];

/// What becomes of an attempt to send an event.
const EVENT_OUTCOMES: [&str; 3] = ["delivered", "failed", "dead"];

/// What becomes of an attempt to send or change a card.
const CARD_OUTCOMES: [&str; 4] = ["sent", "updated", "failed", "given_up"];

/// Kinds of drift.
const KINDS: [&str; 4] = ["missing", "behind", "other_version", "task"];

impl DurableMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            sent: metrics.register(lag_histogram_vec(&table::DELIVERY_SENT)),
            confirmed: metrics.register(lag_histogram_vec(&table::DELIVERY_CONFIRMED)),
            deliveries: metrics.register(gauge_vec(&table::DELIVERIES)),
            oldest: metrics.register(float_gauge_vec(&table::DELIVERY_OLDEST)),
            retries: metrics.register(counter_vec(&table::DELIVERY_RETRIES)),
            drifts: metrics.register(counter_vec(&table::DRIFTS)),
            parked: metrics.register(gauge_vec(&table::PARKED)),
            events_pending: metrics.register(gauge_vec(&table::EVENTS_PENDING)),
            events_oldest: metrics.register(float_gauge_vec(&table::EVENTS_OLDEST)),
            events_sent: metrics.register(counter_vec(&table::EVENTS_SENT)),
            cards_pending: metrics.register(gauge_vec(&table::CARDS_PENDING)),
            cards_oldest: metrics.register(float_gauge_vec(&table::CARDS_OLDEST)),
            cards_tried: metrics.register(counter_vec(&table::CARDS_TRIED)),
            lease_held: metrics.register(gauge_vec(&table::LEASE_HELD)),
            lease_epoch: metrics.register(gauge_vec(&table::LEASE_EPOCH)),
            lease_takeovers: metrics.register(counter_vec(&table::LEASE_TAKEOVERS)),
            lease_lost: metrics.register(counter_vec(&table::LEASE_LOST)),
            replicas: metrics.register(gauge(&table::REPLICAS)),
            bytes: metrics.register(gauge_vec(&table::LEDGER_BYTES)),
            disk_free: metrics.register(gauge(&table::LEDGER_DISK_FREE)),
            disk_total: metrics.register(gauge(&table::LEDGER_DISK)),
        }
    }

    /// Shows how many replicas are alive.
    pub(super) fn show_replicas(&self, live: u32) {
        self.replicas.set(live.into());
    }

    /// Those of one app; all of its series are there from now on.
    pub(crate) fn of(&self, app: &AppName) -> AppDurableMetrics {
        let app_metrics = AppDurableMetrics {
            all: self.clone(),
            app: app.to_string(),
            sent: self.sent.with_label_values(&[app.as_str()]),
            confirmed: self.confirmed.with_label_values(&[app.as_str()]),
        };
        app_metrics.show(&Summary::default(), Duration::ZERO);
        app_metrics.show_parked(false);
        app_metrics.show_events(0, Duration::ZERO);
        for outcome in EVENT_OUTCOMES {
            self.events_sent.with_label_values(&[app.as_str(), outcome]);
        }
        app_metrics.show_cards(0, Duration::ZERO);
        for outcome in CARD_OUTCOMES {
            self.cards_tried.with_label_values(&[app.as_str(), outcome]);
        }
        for gauge in [&self.lease_held, &self.lease_epoch] {
            gauge.with_label_values(&[app.as_str()]).set(0);
        }
        for counter in [&self.lease_takeovers, &self.lease_lost] {
            counter.with_label_values(&[app.as_str()]);
        }
        app_metrics.show_size(&LedgerSize::default());
        for class in CLASSES {
            self.retries.with_label_values(&[app.as_str(), class]);
        }
        for kind in KINDS {
            self.drifts.with_label_values(&[app.as_str(), kind]);
        }
        app_metrics
    }
}

/// The metrics of the deliveries of one app.
#[derive(Debug)]
pub(crate) struct AppDurableMetrics {
    all: DurableMetrics,
    app: String,
    sent: Histogram,
    confirmed: Histogram,
}

impl AppDurableMetrics {
    /// Shows how the deliveries stand.
    pub(super) fn show(&self, summary: &Summary, oldest: Duration) {
        for state in DeliveryState::ALL {
            for class in CLASSES {
                let count = summary.counts.get(&(*state, class)).copied().unwrap_or(0);
                let gauge = self.all.deliveries.with_label_values(&[&*self.app, state.as_str(), class]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        self.all.oldest.with_label_values(&[&*self.app]).set(oldest.as_secs_f64());
    }

    /// Shows how large the ledger is.
    pub(super) fn show_size(&self, size: &LedgerSize) {
        let whole = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.all.bytes.with_label_values(&["database"]).set(whole(size.database));
        self.all.bytes.with_label_values(&["wal"]).set(whole(size.wal));
        self.all.disk_free.set(whole(size.disk_free.unwrap_or(0)));
        self.all.disk_total.set(whole(size.disk_total.unwrap_or(0)));
    }

    /// Shows how many events wait, and for how long the oldest has.
    pub(super) fn show_events(&self, pending: u64, oldest: Duration) {
        let pending = i64::try_from(pending).unwrap_or(i64::MAX);
        self.all.events_pending.with_label_values(&[&*self.app]).set(pending);
        self.all.events_oldest.with_label_values(&[&*self.app]).set(oldest.as_secs_f64());
    }

    /// Counts an attempt to send an event.
    pub(super) fn event_sent(&self, outcome: &'static str) {
        self.all.events_sent.with_label_values(&[&*self.app, outcome]).inc();
    }

    /// Counts events that were given up because too many waited.
    pub(super) fn events_given_up(&self, count: u64) {
        self.all.events_sent.with_label_values(&[&*self.app, "dead"]).inc_by(count);
    }

    /// Shows how many cards wait, and for how long the oldest has.
    pub(super) fn show_cards(&self, waiting: u64, oldest: Duration) {
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        self.all.cards_pending.with_label_values(&[&*self.app]).set(waiting);
        self.all.cards_oldest.with_label_values(&[&*self.app]).set(oldest.as_secs_f64());
    }

    /// Counts an attempt to send or change a card.
    pub(super) fn card_tried(&self, outcome: &'static str) {
        self.all.cards_tried.with_label_values(&[&*self.app, outcome]).inc();
    }

    /// Shows whether the app is parked.
    pub(super) fn show_parked(&self, is_parked: bool) {
        self.all.parked.with_label_values(&[&*self.app]).set(is_parked.into());
    }

    /// Shows that this replica has the lease, and counts where it had it from another.
    pub(super) fn lease_taken(&self, epoch: Epoch, is_change: bool) {
        self.all.lease_held.with_label_values(&[&*self.app]).set(1);
        self.all.lease_epoch.with_label_values(&[&*self.app]).set(epoch.0);
        self.all.lease_takeovers.with_label_values(&[&*self.app]).inc_by(is_change.into());
    }

    /// Shows that this replica gave the lease back.
    pub(super) fn lease_given_back(&self) {
        self.all.lease_held.with_label_values(&[&*self.app]).set(0);
        self.show_parked(false);
    }

    /// Counts a lease that was lost.
    pub(super) fn lease_lost(&self) {
        self.lease_given_back();
        self.all.lease_lost.with_label_values(&[&*self.app]).inc();
    }

    /// Counts a delivery, and how long after its acceptance it came.
    pub(super) fn delivered(&self, after: Duration) {
        self.sent.observe(after.as_secs_f64());
    }

    /// Counts a first agreement of the check, and how long after the delivery it came.
    pub(super) fn confirmed(&self, after: Duration) {
        self.confirmed.observe(after.as_secs_f64());
    }

    /// Counts an attempt that failed and is repeated.
    pub(super) fn retried(&self, class: &'static str) {
        self.all.retries.with_label_values(&[&*self.app, class]).inc();
    }

    /// Counts a drift.
    pub(super) fn drifted(&self, stale: &StaleInstance) {
        let kind = match stale.state {
            VersionState::Missing => "missing",
            VersionState::Behind => "behind",
            VersionState::Ahead => "other_version",
            VersionState::Current => "task",
        };
        self.all.drifts.with_label_values(&[&*self.app, kind]).inc();
    }
}
