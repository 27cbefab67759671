//! The log: what is written where, set up once for the process.
//!
//! Lines go to standard error, because standard output belongs to what a command was asked for. Nobody waits for them:
//! see `line_queue`.

mod export;
mod line_queue;

use std::error::Error;
use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};
use std::sync::{LazyLock, Mutex, PoisonError};

use prometheus::IntCounter;
use tokio::runtime::Handle;
use tracing::{Subscriber, error};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::reload;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry};

use self::export::Export;
pub use self::export::ExportError;
use self::line_queue::LineQueue;
use crate::config::{Log, LogFormat};
use crate::metrics::{counter, table};
use crate::support::error_chain::ErrorChain;
use crate::support::spans;

/// Lines of the log that were dropped: it belongs to the process, as the log does.
static DROPPED_LINES: LazyLock<IntCounter> = LazyLock::new(|| counter(&table::LOG_LINES_DROPPED));

/// Flushes the log's last lines when dropped.
static WRITING: Mutex<Option<WorkerGuard>> = Mutex::new(None);

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter's directives are not understood.
    #[error("the log filter \"{filter}\" is not understood")]
    Filter {
        /// The directives.
        filter: String,
        /// Which of them is wrong.
        source: ParseError,
    },
    /// Something else in this process logs already.
    #[error("the log is set up already")]
    AlreadySet(#[source] TryInitError),
    /// Traces cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// The log of the process; on drop its last lines are written.
#[derive(Debug)]
#[must_use = "the log loses its last lines without"]
pub struct LogGuard {
    export: Option<Export>,
    filter: FilterHandle,
}

/// Changes which lines are written while the process runs.
#[derive(Debug, Clone)]
pub struct FilterHandle(reload::Handle<EnvFilter, Registry>);

impl FilterHandle {
    /// From now on these directives decide; they are those of [`Log::filter`].
    ///
    /// # Errors
    /// When they are not understood; then nothing changes.
    pub fn set(&self, directives: &str) -> Result<(), TelemetryError> {
        // The only failure is that the log is gone, and then there is nothing to filter.
        let _ = self.0.reload(filter(directives)?);
        Ok(())
    }
}

impl LogGuard {
    /// What changes the filter.
    pub fn filter(&self) -> FilterHandle {
        self.filter.clone()
    }

    /// Hands on the spans that have not been handed on yet, and writes the last lines.
    ///
    /// On the runtime of [`init_with_traces`], on which the requests to the collector run.
    pub async fn end(mut self) {
        if let Some(export) = self.export.take() {
            // It blocks until the collector has answered, so it must not block the runtime.
            let _ = tokio::task::spawn_blocking(move || drop(export)).await;
        }
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        flush();
    }
}

/// Starts logging to standard error, for the whole process.
///
/// # Errors
/// When the filter is not understood, or when the process has a log already, which then stays as it is.
pub fn init(log: &Log) -> Result<LogGuard, TelemetryError> {
    start(log, None)
}

/// As [`init`], and hands spans to the trace collector at `endpoint` with requests that run on `runtime`.
///
/// # Errors
/// As [`init`], and when no client for the collector can be set up.
pub fn init_with_traces(log: &Log, endpoint: &str, runtime: Handle) -> Result<LogGuard, TelemetryError> {
    start(log, Some(Export::to(endpoint, runtime)?))
}

fn start(log: &Log, export: Option<Export>) -> Result<LogGuard, TelemetryError> {
    let (filter, handle) = reload::Layer::new(filter(&log.filter)?);
    let (lines, writing) = LineQueue::before(io::stderr(), &DROPPED_LINES);
    // Each layer has a filter of its own: what the log does not want is exported nevertheless.
    let mut layers = vec![layer(log.format, lines, use_colours()).with_filter(filter).boxed()];
    layers.extend(export.as_ref().map(Export::layer));
    tracing_subscriber::registry().with(layers).try_init().map_err(TelemetryError::AlreadySet)?;
    *WRITING.lock().unwrap_or_else(PoisonError::into_inner) = Some(writing);
    Ok(LogGuard { export, filter: FilterHandle(handle) })
}

/// Writes the lines that wait, for a second at most, and ends the log; for whoever ends the process at once.
pub fn flush() {
    let writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Not under the lock: whoever is in a still greater hurry finds nothing to wait for.
    drop(writing);
}

/// The count of lines that were dropped because nobody read the log in time, or it could not be written.
pub fn dropped_lines() -> IntCounter {
    DROPPED_LINES.clone()
}

/// Sends the messages of panics to the log: on standard error they would be no lines of it, and could block.
pub fn log_panics() {
    panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let message = panic.payload_as_str().unwrap_or("no message");
        error!(location = panic.location().map(tracing::field::display), "panicked: {message}");
    }));
}

/// Says on standard error why the program does not start, in the format of the log that it would have had.
#[expect(clippy::print_stderr, reason = "there is no log, or it has ended")]
pub fn report_failure(format: LogFormat, failure: &(dyn Error + 'static)) {
    let cause = ErrorChain(failure);
    match format {
        LogFormat::Text => eprintln!("{}: {cause}", env!("CARGO_PKG_NAME")),
        LogFormat::Json => {
            let line = tracing_subscriber::registry().with(layer(format, io::stderr, false));
            tracing::subscriber::with_default(line, || error!(%cause, "cannot start"));
        }
    }
}

/// Whether the log has colours: on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).
fn use_colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The configured log filter, without the spans that are for the trace collector only.
fn filter(directives: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(format!("{directives},{}=off", spans::TARGET))
        .map_err(|source| TelemetryError::Filter { filter: directives.to_owned(), source })
}

fn layer<S, W>(format: LogFormat, writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // A line that cannot be written is lost. Reporting that on standard error, which is where it could not be written,
    // would panic: a full disk would end requests, and leave the signal to stop unheard.
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).log_internal_errors(false);
    match format {
        LogFormat::Text => layer.with_ansi(colours).boxed(),
        LogFormat::Json => layer.with_ansi(false).json().flatten_event(true).with_current_span(false).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::process::Command;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use test_case::test_case;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, filter: &str, act: impl FnOnce()) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let filter = super::filter(filter).unwrap();
        let lines = layer(format, move || writer.clone(), false).with_filter(filter);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), act);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_are_flat_and_have_the_fields_of_spans_in_a_list() {
        let lines = written(LogFormat::Json, "debug", || {
            let _request = tracing::debug_span!("request", request_id = "r-1").entered();
            let error = io::Error::other("broken\tpipe");
            tracing::info!(
                target: "gateway",
                port = 1,
                duration_ms = 12.5,
                nothing = Option::<&str>::None,
                error = &error as &dyn Error,
                "two\nlines"
            );
        });
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let mut line: Value = serde_json::from_str(&lines).unwrap();
        let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        let shape: String =
            timestamp.as_str().unwrap().chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
        insta::assert_json_snapshot!(line, @r#"
        {
          "duration_ms": 12.5,
          "error": "broken\tpipe",
          "level": "INFO",
          "message": "two\nlines",
          "port": 1,
          "spans": [
            {
              "name": "request",
              "request_id": "r-1"
            }
          ],
          "target": "gateway"
        }
        "#);
    }

    #[test]
    fn spans_for_a_collector_are_not_in_the_log() {
        let lines = written(LogFormat::Json, "trace", || {
            let _span = crate::support::spans::request("GET", "/v1/cc", "r-1").entered();
            tracing::info!("inside");
        });
        assert!(lines.contains("inside") && !lines.contains("r-1"), "{lines}");
    }

    #[test]
    fn text_has_no_colour_codes_unless_asked_for() {
        let lines = written(LogFormat::Text, "info", || tracing::info!(port = 1, "listening"));
        assert!(lines.contains("listening port=1"), "{lines}");
        assert!(!lines.contains('\u{1b}'), "{lines}");
    }

    #[test_case(LogFormat::Text)]
    #[test_case(LogFormat::Json)]
    fn filtered_lines_are_not_written(format: LogFormat) {
        let lines = written(format, "warn", || tracing::info!("quiet"));
        assert_eq!(lines, "");
    }

    #[test]
    fn filter_that_is_not_understood_is_an_error() {
        let log = Log { format: LogFormat::Text, filter: "a=b=c".to_owned() };
        let error = init(&log).unwrap_err();
        assert_eq!(error.to_string(), "the log filter \"a=b=c\" is not understood");
    }

    /// Says that the test below runs in a process of its own.
    const OWN_PROCESS: &str = "PANIC_IN_A_PROCESS_OF_ITS_OWN";

    #[test]
    fn a_panic_is_a_line_of_the_log() {
        // The log and what is done with panics belong to the process, so this test starts itself in one of its own.
        if std::env::var_os(OWN_PROCESS).is_some() {
            let _log = init(&Log { format: LogFormat::Json, filter: "info".to_owned() }).unwrap();
            log_panics();
            let _ = std::thread::spawn(|| panic!("with {} words", 2)).join();
            return;
        }
        let name = "telemetry::tests::a_panic_is_a_line_of_the_log";
        let mut test = Command::new(std::env::current_exe().unwrap());
        let output = test.args(["--exact", name]).env(OWN_PROCESS, "yes").output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        let line: Value = serde_json::from_str(&log).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&"ERROR".into(), &"panicked: with 2 words".into()));
        assert!(line["location"].as_str().unwrap().starts_with(file!()), "{line}");
    }
}
