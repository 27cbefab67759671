//! The log: what is written where, set up once for the process.
//!
//! Lines go to standard error, because standard output belongs to what a command was asked for.

mod buffered;
mod export;
mod flat_json;
mod fraction;

use std::io::{self, IsTerminal};

use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer};

use self::buffered::Buffered;
use self::export::Export;
pub use self::export::ExportError;
use crate::config::{Log, LogFormat};
use crate::support::spans;
use flat_json::{FlatJson, FlatMembers};

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
    /// There is no thread for it.
    #[error("cannot start the thread that writes the log")]
    NoThread(#[source] io::Error),
    /// Traces cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// Ends the log: on drop the last lines are written.
#[derive(Debug)]
#[must_use = "the log loses its last lines without"]
pub struct Ending {
    export: Option<Export>,
}

impl Ending {
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

impl Drop for Ending {
    fn drop(&mut self) {
        flush();
    }
}

/// Starts logging to standard error, for the whole process.
///
/// # Errors
/// When the filter is not understood, or when the process has a log already, which then stays as it is.
pub fn init(log: &Log) -> Result<Ending, TelemetryError> {
    let filter = filter(log)?;
    let lines = lines(&filter)?;
    let layers = tracing_subscriber::registry().with(filter).with(layer(log, lines.clone(), use_colours()));
    layers.try_init().map_err(TelemetryError::AlreadySet)?;
    lines.is_of_the_process();
    Ok(Ending { export: None })
}

/// As [`init`], and hands spans to the trace collector at `endpoint` with requests that run on `runtime`.
///
/// # Errors
/// As [`init`], and when no client for the collector can be set up.
pub fn init_with_traces(log: &Log, endpoint: &str, runtime: Handle) -> Result<Ending, TelemetryError> {
    let filter = filter(log)?;
    let export = Export::to(endpoint, runtime)?;
    let lines = lines(&filter)?;
    // Each layer has a filter of its own: what the log does not want is exported nevertheless.
    let layers = tracing_subscriber::registry()
        .with(layer(log, lines.clone(), use_colours()).with_filter(filter))
        .with(export.layer());
    layers.try_init().map_err(TelemetryError::AlreadySet)?;
    lines.is_of_the_process();
    Ok(Ending { export: Some(export) })
}

/// The way to standard error; with more than the usual lines, each goes there at once.
fn lines(filter: &EnvFilter) -> Result<Buffered, TelemetryError> {
    let debugging = filter.max_level_hint().is_none_or(|level| level > LevelFilter::INFO);
    Buffered::before(io::stderr(), debugging).map_err(TelemetryError::NoThread)
}

/// Writes the lines that have not been written yet; for whoever ends the process at once.
pub fn flush() {
    buffered::flush();
}

/// Colours are for people, and not for those who set `NO_COLOR` (<https://no-color.org>).
fn use_colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// What the configuration asks for, without the spans that are not for the log.
fn filter(log: &Log) -> Result<EnvFilter, TelemetryError> {
    let directives = format!("{},{}=off", log.filter, spans::TARGET);
    EnvFilter::try_new(directives)
        .map_err(|source| TelemetryError::Filter { filter: log.filter.clone(), source })
}

fn layer<S, W>(log: &Log, writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // A line that cannot be written is lost. Reporting that on standard error, which is where it could not be written,
    // would panic: a full disk would end requests, and leave the signal to stop unheard.
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).log_internal_errors(false);
    match log.format {
        LogFormat::Text => layer.with_ansi(colours).boxed(),
        LogFormat::Json => layer.with_ansi(false).fmt_fields(FlatMembers).event_format(FlatJson).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
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
        let log = Log { format, filter: filter.to_owned() };
        let lines = layer(&log, move || writer.clone(), false);
        let subscriber = tracing_subscriber::registry().with(super::filter(&log).unwrap()).with(lines);
        tracing::subscriber::with_default(subscriber, act);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn json(act: impl FnOnce()) -> Value {
        let mut line: Value = serde_json::from_str(&written(LogFormat::Json, "info", act)).unwrap();
        let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(timestamp.as_str().unwrap().ends_with('Z'), "not a UTC time: {timestamp}");
        line
    }

    #[test]
    fn json_lines_carry_the_fields_of_the_event_and_of_every_span_around_it() {
        let line = json(|| {
            let _request = tracing::info_span!("request", request_id = "r-1", attempt = 1).entered();
            let _push = tracing::info_span!("push", attempt = 2).entered();
            tracing::info!(target: "gateway", listen = "127.0.0.1:1", port = 1, "listening");
        });
        insta::assert_json_snapshot!(line, @r#"
        {
          "attempt": 2,
          "level": "INFO",
          "listen": "127.0.0.1:1",
          "message": "listening",
          "port": 1,
          "request_id": "r-1",
          "target": "gateway"
        }
        "#);
    }

    #[test]
    fn json_fields_cannot_pass_for_the_lines_own_members() {
        let line = json(|| tracing::warn!(target: "gateway", level = "fake", timestamp = "fake", "real"));
        insta::assert_json_snapshot!(line, @r#"
        {
          "level": "WARN",
          "level_": "fake",
          "message": "real",
          "target": "gateway",
          "timestamp_": "fake"
        }
        "#);
    }

    #[test]
    fn json_field_of_a_span_cannot_pass_for_the_message_of_the_event() {
        let line = json(|| {
            let _span = tracing::info_span!("request", message = "fake", messages = 2).entered();
            tracing::info!(target: "gateway", "real");
        });
        insta::assert_json_snapshot!(line, @r#"
        {
          "level": "INFO",
          "message": "real",
          "message_": "fake",
          "messages": 2,
          "target": "gateway"
        }
        "#);
    }

    #[test]
    fn json_keeps_types_and_escapes_what_it_must() {
        let line = json(|| {
            let error = io::Error::other("broken\tpipe");
            tracing::info!(
                target: "gateway",
                text = "a \"quoted\" back\\slash\u{1}ü",
                fraction = 0.25,
                nothing = Option::<&str>::None,
                endless = f64::INFINITY,
                truth = true,
                error = &error as &dyn std::error::Error,
                "line\nbreak"
            );
        });
        insta::assert_json_snapshot!(line, @r#"
        {
          "endless": "inf",
          "error": "broken\tpipe",
          "fraction": 0.25,
          "level": "INFO",
          "message": "line\nbreak",
          "target": "gateway",
          "text": "a \"quoted\" back\\slash\u0001ü",
          "truth": true
        }
        "#);
    }

    #[test]
    fn json_lines_are_the_same_to_the_byte() {
        let line = written(LogFormat::Json, "info", || {
            tracing::info!(
                target: "gateway",
                { path = "/v1/\"名\"\\\u{1}\r\n\u{7f}\u{1f600}", status = 200_u16, offset = -7, duration_ms = 12.5, whole = 3.0 },
                "tab\tin \"a\" line"
            );
        });
        let (time, rest) = line.split_at(r#"{"timestamp":"2026-01-31T09:30:00.123456Z""#.len());
        let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, r#"{"timestamp":"0000-00-00T00:00:00.000000Z""#);
        let expected = concat!(
            r#","level":"INFO","target":"gateway","message":"tab\u0009in \"a\" line","#,
            r#""path":"/v1/\"名\"\\\u0001\u000d\n"#,
            "\u{7f}\u{1f600}",
            r#"","status":200,"offset":-7,"duration_ms":12.5,"whole":3}"#,
            "\n"
        );
        assert_eq!(rest, expected);
    }

    #[test]
    fn a_field_that_is_recorded_later_replaces_the_one_before() {
        let line = json(|| {
            let span = tracing::info_span!("request", caller = "nobody").entered();
            span.record("caller", "erp");
            tracing::info!(target: "gateway", "known");
        });
        assert_eq!(line["caller"], "erp");
    }

    #[test]
    fn spans_for_a_collector_are_not_in_the_log() {
        let lines = written(LogFormat::Json, "trace", || {
            let _span = crate::support::spans::request("GET", "/v1/cc", "r-1").entered();
            tracing::info!("inside");
        });
        assert!(!lines.contains("r-1"), "{lines}");
    }

    #[test]
    fn json_starts_with_the_time_and_stays_on_one_line() {
        let lines = written(LogFormat::Json, "info", || tracing::info!("two\nlines"));
        assert!(lines.starts_with("{\"timestamp\":\""), "{lines}");
        assert_eq!(lines.lines().count(), 1, "{lines}");
        assert!(lines.ends_with('\n'), "{lines}");
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
}
