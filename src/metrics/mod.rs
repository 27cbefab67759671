//! What is counted and measured, and its text for Prometheus.
//!
//! [`table`] lists every metric. Those who measure make theirs once, at the start, and register them here.
//!
//! The crate prometheus was chosen because its histograms are atomics: prometheus-client locks at every observation, and
//! the exporter of the facade `metrics` keeps every observation until it is asked.

pub mod table;

use std::fmt;

use prometheus::core::Collector;
use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use table::Metric;

/// The content type of [`Metrics::text`]: the text format of Prometheus.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where an observed time (seconds) is sorted in: from what the gateway itself takes to more than a usual deadline.
pub const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Where a time is sorted in that may be anything from milliseconds to the day of an outage.
const LAG_SECONDS: [f64; 17] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 3_600.0, 21_600.0,
    86_400.0,
];

/// Why a metric of the table cannot fail to be made.
const WELL_FORMED: &str = "the table's names and labels are well-formed, which a test of it holds";

/// All metrics of one gateway. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    /// Connections that are open, for whoever accepts them.
    pub connections: IntGauge,
    /// Whether what is in use is what the files hold, for whoever reads them again.
    pub files_current: IntGaugeVec,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// The metrics of the process and of the build; others are added by those who measure.
    pub fn new() -> Self {
        let registry = Registry::new();
        let metrics = Self {
            registry,
            connections: gauge(&table::CONNECTIONS),
            files_current: gauge_vec(&table::FILES_CURRENT),
        };
        #[cfg(target_os = "linux")]
        metrics.register_boxed(Box::new(prometheus::process_collector::ProcessCollector::for_self()));
        metrics.register(metrics.connections.clone());
        metrics.register(metrics.files_current.clone());
        let revision = option_env!("GATEWAY_GIT_REVISION").unwrap_or("");
        let build = metrics.register(gauge_vec(&table::BUILD_INFO));
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), revision]).set(1);
        metrics
    }

    /// Registers a collector, and returns it.
    ///
    /// # Panics
    /// When one of its metrics is there already.
    pub fn register<C: Collector + Clone + 'static>(&self, collector: C) -> C {
        self.register_boxed(Box::new(collector.clone()));
        collector
    }

    fn register_boxed(&self, collector: Box<dyn Collector>) {
        self.registry.register(collector).expect("every metric of the table is registered once");
    }

    /// All metrics as text, with what they are now.
    ///
    /// # Errors
    /// When two metrics contradict each other, which is a bug.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Times of a metric, in seconds.
pub fn histogram_vec(metric: &Metric) -> HistogramVec {
    let options = HistogramOpts::new(metric.name, metric.help).buckets(SECONDS.to_vec());
    HistogramVec::new(options, metric.labels).expect(WELL_FORMED)
}

/// Times of a metric that are hours where something is out of order, in seconds.
pub fn lag_histogram_vec(metric: &Metric) -> HistogramVec {
    let options = HistogramOpts::new(metric.name, metric.help).buckets(LAG_SECONDS.to_vec());
    HistogramVec::new(options, metric.labels).expect(WELL_FORMED)
}

/// Times or sizes of a metric without labels, sorted into these buckets.
pub fn histogram(metric: &Metric, buckets: &[f64]) -> Histogram {
    let options = HistogramOpts::new(metric.name, metric.help).buckets(buckets.to_vec());
    Histogram::with_opts(options).expect(WELL_FORMED)
}

/// Counts of a metric.
pub fn counter_vec(metric: &Metric) -> IntCounterVec {
    IntCounterVec::new(options(metric), metric.labels).expect(WELL_FORMED)
}

/// Whole numbers of a metric that go up and down.
pub fn gauge_vec(metric: &Metric) -> IntGaugeVec {
    IntGaugeVec::new(options(metric), metric.labels).expect(WELL_FORMED)
}

/// Fractions of a metric that go up and down.
pub fn float_gauge_vec(metric: &Metric) -> GaugeVec {
    GaugeVec::new(options(metric), metric.labels).expect(WELL_FORMED)
}

/// The count of a metric without labels.
pub fn counter(metric: &Metric) -> IntCounter {
    IntCounter::with_opts(options(metric)).expect(WELL_FORMED)
}

/// The whole number of a metric without labels.
pub fn gauge(metric: &Metric) -> IntGauge {
    IntGauge::with_opts(options(metric)).expect(WELL_FORMED)
}

fn options(metric: &Metric) -> Opts {
    Opts::new(metric.name, metric.help)
}

#[cfg(test)]
mod tests {
    use super::table::{Kind, METRICS};
    use super::*;

    #[test]
    fn every_metric_of_the_table_can_be_made() {
        for metric in &METRICS {
            match metric.kind {
                Kind::Histogram => drop(histogram_vec(metric)),
                Kind::Counter => drop(counter_vec(metric)),
                Kind::Gauge => drop((gauge_vec(metric), float_gauge_vec(metric))),
            }
        }
    }

    #[test]
    fn counters_are_called_totals_and_nothing_else_is() {
        let wrong =
            METRICS.iter().filter(|metric| (metric.kind == Kind::Counter) != metric.name.ends_with("_total"));
        assert_eq!(wrong.map(|metric| metric.name).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn the_text_has_the_build_and_the_process() {
        let text = Metrics::new().text().unwrap();
        assert!(text.contains("gateway_build_info{git_revision=\"\",version=\"0.1.0\"} 1\n"), "{text}");
        assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
    }
}
