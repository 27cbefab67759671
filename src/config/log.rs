//! How and what to log.

use super::log_format::LogFormat;
use super::reader::{Noted, Reader};
use super::{parse, schema};

/// How and what to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Shape of the lines.
    pub format: LogFormat,
    /// Which lines are written: directives that `tracing_subscriber::EnvFilter` understands.
    pub filter: String,
}

/// The shape that was asked for, or this one.
pub(super) fn format(reader: &mut Reader, default_format: LogFormat) -> Result<LogFormat, Noted> {
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    reader.value_or(&schema::LOG_FORMAT, |raw| parse::one_of(&formats, raw), || default_format)
}
