//! Counts how people are found.

use std::fmt;

use prometheus::IntCounterVec;

use crate::domain::AppName;
use crate::metrics::{Metrics, counter_vec, table};

/// The metrics of the people of all apps. Cheap to clone.
#[derive(Clone)]
pub struct PeopleMetrics {
    resolved: IntCounterVec,
    looked_up: IntCounterVec,
}

impl fmt::Debug for PeopleMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeopleMetrics").finish_non_exhaustive()
    }
}

/// Where a person whom a document names was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// In Feishu, not long ago.
    Found,
    /// In what the ledger remembers of the document.
    Remembered,
    /// Not at all.
    Nowhere,
}

impl Source {
    const ALL: [Self; 3] = [Self::Found, Self::Remembered, Self::Nowhere];

    fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Remembered => "remembered",
            Self::Nowhere => "unknown",
        }
    }
}

/// What became of a lookup.
const OUTCOMES: [&str; 2] = ["answered", "failed"];

impl PeopleMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            resolved: metrics.register(counter_vec(&table::PEOPLE_RESOLVED)),
            looked_up: metrics.register(counter_vec(&table::PEOPLE_LOOKED_UP)),
        }
    }

    /// The metrics of one app; every series begins at 0.
    pub(super) fn of(&self, app: &AppName) -> AppPeopleMetrics {
        for source in Source::ALL {
            self.resolved.with_label_values(&[app.as_str(), source.as_str()]);
        }
        for outcome in OUTCOMES {
            self.looked_up.with_label_values(&[app.as_str(), outcome]);
        }
        AppPeopleMetrics { app: app.clone(), all: self.clone() }
    }
}

/// The metrics of one app's people.
#[derive(Debug, Clone)]
pub(super) struct AppPeopleMetrics {
    app: AppName,
    all: PeopleMetrics,
}

impl AppPeopleMetrics {
    /// Counts somebody whom a document names.
    pub(super) fn resolved(&self, source: Source) {
        self.all.resolved.with_label_values(&[self.app.as_str(), source.as_str()]).inc();
    }

    /// Counts the names of one lookup.
    pub(super) fn looked_up(&self, names: usize, is_answered: bool) {
        let outcome = OUTCOMES[usize::from(!is_answered)];
        let names = u64::try_from(names).unwrap_or(u64::MAX);
        self.all.looked_up.with_label_values(&[self.app.as_str(), outcome]).inc_by(names);
    }
}
