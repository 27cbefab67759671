//! Log lines as flat JSON objects, which is what log collectors index best.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Writes time, level, target, message and then every field, those of the spans around the event included.
///
/// An inner span's field replaces an outer one's of the same name, and the event's replaces both. It relies on fields
/// being formatted by `JsonFields`.
pub(super) struct FlatJson;

/// The line's own members, in this order; `message` is the event's.
#[derive(Serialize)]
struct Line {
    timestamp: String,
    level: &'static str,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// Members that a field must not pass for; such a field gets an underscore at its end.
const OWN_MEMBERS: [&str; 4] = ["timestamp", "level", "target", "message"];

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
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;

        let mut own = String::new();
        context.field_format().format_fields(Writer::new(&mut own), event)?;
        let mut own = members(&own);
        let message = own.remove("message");

        let mut fields = Map::new();
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            if let Some(formatted) = span.extensions().get::<FormattedFields<N>>() {
                fields.extend(members(&formatted.fields).into_iter().map(kept_apart));
            }
        }
        fields.extend(own.into_iter().map(kept_apart));

        let metadata = event.metadata();
        let line = Line {
            timestamp,
            level: metadata.level().as_str(),
            target: metadata.target().to_owned(),
            message,
            fields,
        };
        writeln!(writer, "{}", serde_json::to_string(&line).map_err(|_| fmt::Error)?)
    }
}

/// The members of an object that `JsonFields` wrote; a span without fields has none.
fn members(object: &str) -> Map<String, Value> {
    serde_json::from_str(object).unwrap_or_default()
}

fn kept_apart((name, value): (String, Value)) -> (String, Value) {
    if OWN_MEMBERS.contains(&name.as_str()) { (format!("{name}_"), value) } else { (name, value) }
}
