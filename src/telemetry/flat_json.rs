//! Log lines as flat JSON objects, which is what log collectors index best.
//!
//! Nothing is parsed and nothing is built up: members go straight into the line's buffer. A span keeps its fields as
//! finished members, one a line, which works because JSON has no line breaks inside of texts.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Writes time, level, target, message and then every field, those of the spans around the event included.
///
/// An inner span's field replaces an outer one's of the same name, and the event's replaces both.
pub(super) struct FlatJson;

/// Keeps the fields of a span as [`FlatJson`] reads them.
pub(super) struct FlatMembers;

/// Members that a field must not pass for; such a field gets an underscore at its end.
const OWN_MEMBERS: [&str; 3] = ["timestamp", "level", "target"];

/// How the member begins that is the event's own; a span's field of the name gets an underscore, too.
const MESSAGE: &str = "\"message";

impl<S, N> FormatEvent<S, N> for FlatJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        writer.write_str("\",\"level\":\"")?;
        writer.write_str(metadata.level().as_str())?;
        writer.write_str("\",\"target\":\"")?;
        Escaped(&mut writer).write_str(metadata.target())?;
        writer.write_char('"')?;

        let mut scope = context.event_scope().into_iter().flat_map(Scope::from_root).peekable();
        if scope.peek().is_none() {
            let mut members = Members { out: &mut writer, before: ",", after: "", result: Ok(()) };
            event.record(&mut members);
            members.result?;
        } else {
            let mut lines = String::new();
            for span in scope {
                if let Some(formatted) = span.extensions().get::<FormattedFields<FlatMembers>>() {
                    push_members_of_span(&mut lines, &formatted.fields);
                }
            }
            let mut members = Members { out: &mut lines, before: "", after: "\n", result: Ok(()) };
            event.record(&mut members);
            members.result?;
            write_last_of_each_name(&mut writer, &lines)?;
        }
        writer.write_str("}\n")
    }
}

fn push_members_of_span(lines: &mut String, members: &str) {
    for line in members.lines() {
        match line.strip_prefix(MESSAGE).filter(|value| value.starts_with("\":")) {
            Some(value) => lines.extend(["\"message_", value]),
            None => lines.push_str(line),
        }
        lines.push('\n');
    }
}

/// Writes members, one a line, but of several with the same name only the last.
fn write_last_of_each_name(writer: &mut Writer<'_>, lines: &str) -> fmt::Result {
    let name = |line: &str| line.split("\":").next().map(str::len);
    let mut rest = lines;
    while let Some((line, later)) = rest.split_once('\n') {
        let name = &line[..name(line).unwrap_or(0)];
        let is_replaced =
            later.lines().any(|other| other.strip_prefix(name).is_some_and(|value| value.starts_with("\":")));
        if !is_replaced {
            writer.write_char(',')?;
            writer.write_str(line)?;
        }
        rest = later;
    }
    Ok(())
}

impl<'w> FormatFields<'w> for FlatMembers {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut members = Members { out: &mut writer, before: "", after: "\n", result: Ok(()) };
        fields.record(&mut members);
        members.result
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// Writes each field as a member of an object.
struct Members<'a> {
    out: &'a mut dyn fmt::Write,
    before: &'static str,
    after: &'static str,
    result: fmt::Result,
}

impl Members<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result) {
        if self.result.is_ok() {
            self.result = self.write(field.name(), value);
        }
    }

    fn write(&mut self, name: &str, value: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result) -> fmt::Result {
        self.out.write_str(self.before)?;
        self.out.write_char('"')?;
        Escaped(self.out).write_str(name)?;
        self.out.write_str(if OWN_MEMBERS.contains(&name) { "_\":" } else { "\":" })?;
        value(self.out)?;
        self.out.write_str(self.after)
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        self.member(field, |out| {
            out.write_char('"')?;
            Escaped(out).write_fmt(text)?;
            out.write_char('"')
        });
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.member(field, |out| write!(out, "{value}"));
        } else {
            self.text(field, format_args!("{value}"));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |out| {
            out.write_char('"')?;
            Escaped(out).write_str(value)?;
            out.write_char('"')
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}

/// Writes what belongs between the quotes of a JSON text.
struct Escaped<'a>(&'a mut dyn fmt::Write);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        // What needs escaping is ASCII, so the text is cut between characters only.
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
            self.0.write_str(&rest[..at])?;
            match rest.as_bytes()[at] {
                b'"' => self.0.write_str("\\\"")?,
                b'\\' => self.0.write_str("\\\\")?,
                b'\n' => self.0.write_str("\\n")?,
                control => write!(self.0, "\\u{control:04x}")?,
            }
            rest = &rest[at + 1..];
        }
        self.0.write_str(rest)
    }
}
