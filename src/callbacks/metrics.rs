//! What is counted of callbacks.

use std::fmt;
use std::time::Duration;

use prometheus::{HistogramVec, IntCounterVec};

use super::answer::Outcome;
use crate::domain::{AppName, Word as _};
use crate::metrics::{Metrics, counter_vec, histogram_vec, table};

/// The metrics of callbacks, of all apps. Cheap to clone.
#[derive(Clone)]
pub struct CallbackMetrics {
    callbacks: IntCounterVec,
    events: IntCounterVec,
    duration: HistogramVec,
}

impl fmt::Debug for CallbackMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackMetrics").finish_non_exhaustive()
    }
}

impl CallbackMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            callbacks: metrics.register(counter_vec(&table::CALLBACKS)),
            events: metrics.register(counter_vec(&table::PUSHED_EVENTS)),
            duration: metrics.register(histogram_vec(&table::CALLBACK_DURATION)),
        }
    }

    /// Makes all series of an app.
    pub(super) fn begin(&self, app: &AppName) {
        for outcome in Outcome::ALL.iter().copied() {
            self.callbacks.with_label_values(&[app.as_str(), outcome.as_str()]);
        }
        self.duration.with_label_values(&[app.as_str()]);
    }

    /// Makes all series of the events that Feishu pushes to an app.
    pub(super) fn begin_events(&self, app: &AppName) {
        for outcome in Outcome::ALL.iter().copied() {
            self.events.with_label_values(&[app.as_str(), outcome.as_str()]);
        }
    }

    /// Counts an event that Feishu pushed; without an app, one for none that there is.
    pub(super) fn count_event(&self, app: Option<&AppName>, outcome: Outcome) {
        self.events.with_label_values(&[app.map_or("", AppName::as_str), outcome.as_str()]).inc();
    }

    /// Counts a callback, and how long it took; without an app, one for none that there is.
    pub(super) fn count(&self, app: Option<&AppName>, outcome: Outcome, took: Duration) {
        let name = app.map_or("", AppName::as_str);
        self.callbacks.with_label_values(&[name, outcome.as_str()]).inc();
        if app.is_some() {
            self.duration.with_label_values(&[name]).observe(took.as_secs_f64());
        }
    }
}
