//! Log lines as flat JSON objects, which is what log collectors index best.
//!
//! Nothing is parsed and no value is built: members go into one string, which is written at once, and texts, numbers and
//! the time do so without `core::fmt`, as there is a line for every request. A span keeps its fields as finished members, one a
//! line, which works because JSON has no line breaks inside of texts.

use std::fmt::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::fraction::push_fraction;
use crate::domain::Rfc3339;
use crate::support::json_text::plain_end;

/// Writes time, level, target, message and then every field, those of the spans around the event included.
///
/// An inner span's field replaces an outer one's of the same name, and the event's replaces both.
pub(super) struct FlatJson;

/// Keeps the fields of a span as [`FlatJson`] reads them.
pub(super) struct FlatMembers;

/// Members that a field must not pass for; such a field gets an underscore at its end.
const OWN_MEMBERS: [&str; 3] = ["timestamp", "level", "target"];

/// Longer than most lines, in bytes.
const USUAL_LINE: usize = 512;

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
        let mut line = String::with_capacity(USUAL_LINE);
        line.extend(["{\"timestamp\":\"", now().as_str()]);
        line.extend(["\",\"level\":\"", metadata.level().as_str()]);
        line.push_str("\",\"target\":\"");
        push_escaped(&mut line, metadata.target());
        line.push('"');

        let mut scope = context.event_scope().into_iter().flat_map(Scope::from_root).peekable();
        if scope.peek().is_none() {
            event.record(&mut Members { out: &mut line, before: ",", after: "" });
        } else {
            let mut members = String::new();
            for span in scope {
                if let Some(formatted) = span.extensions().get::<FormattedFields<FlatMembers>>() {
                    push_members_of_span(&mut members, &formatted.fields);
                }
            }
            event.record(&mut Members { out: &mut members, before: "", after: "\n" });
            push_last_of_each_name(&mut line, &members);
        }
        line.push_str("}\n");
        writer.write_str(&line)
    }
}

fn now() -> Rfc3339 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Rfc3339::with_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
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

/// Adds members, which are one a line, but of several with the same name only the last.
fn push_last_of_each_name(out: &mut String, lines: &str) {
    let name = |line: &str| line.split("\":").next().map(str::len);
    let mut rest = lines;
    while let Some((line, later)) = rest.split_once('\n') {
        let name = &line[..name(line).unwrap_or(0)];
        let is_replaced =
            later.lines().any(|other| other.strip_prefix(name).is_some_and(|value| value.starts_with("\":")));
        if !is_replaced {
            out.extend([",", line]);
        }
        rest = later;
    }
}

impl<'w> FormatFields<'w> for FlatMembers {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut members = String::new();
        fields.record(&mut Members { out: &mut members, before: "", after: "\n" });
        writer.write_str(&members)
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// Adds each field as a member of an object.
struct Members<'a> {
    out: &'a mut String,
    before: &'static str,
    after: &'static str,
}

impl Members<'_> {
    fn member(&mut self, field: &Field, push_value: impl FnOnce(&mut String)) {
        let name = field.name();
        self.out.extend([self.before, "\""]);
        push_escaped(self.out, name);
        self.out.push_str(if OWN_MEMBERS.contains(&name) { "_\":" } else { "\":" });
        push_value(self.out);
        self.out.push_str(self.after);
    }

    fn integer(&mut self, field: &Field, value: impl itoa::Integer) {
        self.member(field, |out| out.push_str(itoa::Buffer::new().format(value)));
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        self.member(field, |out| {
            out.push('"');
            // What cannot be shown is cut off; there is nobody to tell.
            let _ = Escaped(out).write_fmt(text);
            out.push('"');
        });
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.member(field, |out| push_fraction(out, value));
        } else {
            self.text(field, format_args!("{value}"));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.integer(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.integer(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.integer(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.integer(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |out| out.push_str(if value { "true" } else { "false" }));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |out| {
            out.push('"');
            push_escaped(out, value);
            out.push('"');
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}

/// Adds what belongs between the quotes of a JSON text.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_escaped(self.0, text);
        Ok(())
    }
}

fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_end(rest.as_bytes(), 0));
        out.push_str(plain);
        let Some(byte) = special.as_bytes().first() else { return };
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            control => out.extend(["\\u00", &hex::encode([*control])]),
        }
        // What needs escaping is ASCII, so the text is cut between characters only.
        rest = &special[1..];
    }
}
