//! The log: what is written where, set up once for the process.
//!
//! Lines go to standard error, because standard output belongs to what a command was asked for.

mod flat_json;

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::{Log, LogFormat};
use flat_json::FlatJson;

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
}

/// Starts logging to standard error, for the whole process.
///
/// # Errors
/// When the filter is not understood, or when the process has a log already, which then stays as it is.
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    subscriber(log, std::io::stderr, use_colours())?.try_init().map_err(TelemetryError::AlreadySet)
}

/// Colours are for people, and not for those who set `NO_COLOR` (<https://no-color.org>).
fn use_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn subscriber<W>(
    log: &Log,
    writer: W,
    colours: bool,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&log.filter)
        .map_err(|source| TelemetryError::Filter { filter: log.filter.clone(), source })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // A line that cannot be written is lost. Reporting that on standard error, which is where it could not be written,
    // would panic: a full disk would end requests, and leave the signal to stop unheard.
    let builder = builder.log_internal_errors(false);
    Ok(match log.format {
        LogFormat::Text => Box::new(builder.with_ansi(colours).finish()),
        LogFormat::Json => {
            Box::new(builder.with_ansi(false).fmt_fields(JsonFields::new()).event_format(FlatJson).finish())
        }
    })
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
        let subscriber = subscriber(&log, move || writer.clone(), false).unwrap();
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
