//! Result of a call to Feishu, with its attempts, time and log id.

use std::time::Duration;

/// Result of a call that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called<T> {
    /// What Feishu answered.
    pub data: T,
    /// Feishu's id of the exchange that succeeded.
    pub log_id: Option<String>,
    /// Attempts, time and log id.
    pub report: CallReport,
}

/// Attempts, time and log id of a call, whether it succeeded or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallReport {
    /// Requests that were sent; those for a token only when there was none to be had, and nothing else was sent.
    pub attempts: u32,
    /// Time that Feishu took for them; pauses and queues not counted.
    pub upstream_time: Duration,
    /// Feishu's id of the last exchange that had one.
    pub log_id: Option<String>,
}

impl CallReport {
    /// Counts one exchange.
    pub(super) fn exchanged(&mut self, took: Duration, log_id: Option<&str>) {
        self.attempts += 1;
        self.upstream_time += took;
        if let Some(log_id) = log_id {
            self.log_id = Some(log_id.to_owned());
        }
    }

    /// This operation and the one after it.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            attempts: self.attempts + later.attempts,
            upstream_time: self.upstream_time + later.upstream_time,
            log_id: later.log_id.or(self.log_id),
        }
    }
}

impl<T> Called<T> {
    /// The same operation, its answer read otherwise.
    pub(super) fn map<U>(self, read: impl FnOnce(T) -> U) -> Called<U> {
        Called { data: read(self.data), log_id: self.log_id, report: self.report }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_every_exchange_and_keeps_the_last_id() {
        let mut first = CallReport::default();
        first.exchanged(Duration::from_millis(3), Some("LOG-1"));
        first.exchanged(Duration::from_millis(4), None);
        let mut second = CallReport::default();
        second.exchanged(Duration::from_millis(5), None);
        let both = first.then(second);
        let expected = CallReport {
            attempts: 3,
            upstream_time: Duration::from_millis(12),
            log_id: Some("LOG-1".into()),
        };
        assert_eq!(both, expected);
    }
}
