//! Unix milliseconds as people read them.

use time::UtcDateTime;
use time::macros::format_description;

/// A time for people, as RFC 3339 in UTC.
pub(super) fn rfc3339(unix_millis: i64) -> String {
    let milliseconds =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    utc(unix_millis).format(milliseconds).expect("a millisecond can be written")
}

/// The moment, or 1970 when it is beyond the calendar.
pub(super) fn utc(unix_millis: i64) -> UtcDateTime {
    let time = UtcDateTime::from_unix_timestamp_nanos(i128::from(unix_millis) * 1_000_000);
    time.unwrap_or(UtcDateTime::UNIX_EPOCH)
}
