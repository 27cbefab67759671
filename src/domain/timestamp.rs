//! Points in time, whole milliseconds after 1970.

use std::fmt;

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcDateTime};

use super::written_time::{WrittenTime, understand};

/// The last millisecond that RFC 3339 can write: 9999-12-31T23:59:59.999Z.
const LAST: i64 = 253_402_300_799_999;

/// Most characters of a written time: 44 digits after the second, where nine are nanoseconds.
pub const LONGEST_TIME: usize = 64;

/// A moment, in Unix milliseconds; always after 1970 because Feishu reads `"0"` as *open* (design §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a string is no usable time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTime {
    /// The string is not RFC 3339.
    #[error("must be an RFC 3339 time with its offset, such as \"2026-01-31T09:30:00+08:00\"")]
    Malformed,
    /// The string lacks `Z` or `+hh:mm`.
    #[error("lacks its offset: end it with \"Z\" or an offset such as \"+08:00\"")]
    NoOffset,
    /// The string is a number of seconds or milliseconds.
    #[error("is a Unix time, not an RFC 3339 time")]
    UnixTime,
    /// The string is longer than any time.
    #[error("has more than {LONGEST_TIME} characters")]
    TooLong,
    /// The moment is 1970-01-01T00:00:00Z or earlier.
    #[error("must lie after 1970-01-01T00:00:00Z")]
    BeforeEpoch,
    /// The moment is later than any that can be written in UTC.
    #[error("must not lie after 9999-12-31T23:59:59Z")]
    TooLate,
}

impl Timestamp {
    /// The first moment that can be sent.
    pub const FIRST: Self = Self(1);

    /// The moment that many milliseconds after 1970; none for zero, the past, or what RFC 3339 cannot write.
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        (1..=LAST).contains(&millis).then_some(Self(millis))
    }

    /// The moment that a clock shows, in milliseconds after 1970. A clock before 1970 is none: the first moment that can be
    /// sent is then as good as any.
    pub fn of_clock(unix_millis: i64) -> Self {
        Self::from_unix_millis(unix_millis).unwrap_or(Self::FIRST)
    }

    /// Milliseconds since 1970, UTC.
    pub fn unix_millis(self) -> i64 {
        self.0
    }

    /// The next moment that can be told apart.
    #[must_use]
    pub fn next(self) -> Self {
        Self::from_unix_millis(self.0.saturating_add(1)).unwrap_or(self)
    }

    /// Reads an RFC 3339 time; what is finer than a millisecond is cut off.
    ///
    /// # Errors
    /// Says which of the rules the string breaks.
    pub fn parse(raw: &str) -> Result<Self, InvalidTime> {
        if raw.len() > LONGEST_TIME {
            return Err(InvalidTime::TooLong);
        }
        let read = read(raw).ok_or_else(|| {
            if !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit()) {
                InvalidTime::UnixTime
            } else if read(&format!("{raw}Z")).is_some() {
                InvalidTime::NoOffset
            } else {
                InvalidTime::Malformed
            }
        })?;
        match read.unix_timestamp() * 1_000 + i64::from(read.millisecond()) {
            ..=0 => Err(InvalidTime::BeforeEpoch),
            millis => Self::from_unix_millis(millis).ok_or(InvalidTime::TooLate),
        }
    }

    /// What to write instead of a string that [`Self::parse`] refuses, where that can be known.
    pub fn hint_for(raw: &str) -> Option<String> {
        if raw.len() > LONGEST_TIME {
            return None;
        }
        if let Some(time) = raw.parse().ok().and_then(Self::hint_for_unix) {
            return Some(format!("did you mean {time:?}?"));
        }
        let WrittenTime { rfc3339, has_offset } = understand(raw)?;
        Self::parse(&rfc3339).ok().filter(|_| rfc3339 != raw)?;
        let which = if has_offset { "" } else { " Write the offset that is meant" };
        Some(format!("did you mean {rfc3339:?}?{which}"))
    }

    /// The RFC 3339 spelling of a Unix time in seconds or milliseconds, to show to someone who sent one.
    pub fn hint_for_unix(number: i64) -> Option<String> {
        // Ten digits last until 2286 in seconds; thirteen start in 2001 in milliseconds.
        let millis = if number.unsigned_abs() < 100_000_000_000 { number.checked_mul(1000)? } else { number };
        Self::from_unix_millis(millis).map(|time| time.to_string())
    }
}

/// RFC 3339 in UTC, with milliseconds.
const WRITTEN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UtcDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000);
        let written = time.map_err(|_| fmt::Error)?.format(WRITTEN).map_err(|_| fmt::Error)?;
        f.pad(&written)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads an RFC 3339 time as the library does, but with nothing other than `T` between date and time, and with any leap second,
/// which counts as the second before it.
fn read(raw: &str) -> Option<OffsetDateTime> {
    if !matches!(raw.as_bytes().get(DATE..=DATE)?, b"T" | b"t") {
        return None;
    }
    if raw.get(SECOND..SECOND + 2) == Some("60") {
        let mut without = raw.to_owned();
        without.replace_range(SECOND..SECOND + 2, "59");
        return OffsetDateTime::parse(&without, &Rfc3339).ok();
    }
    OffsetDateTime::parse(raw, &Rfc3339).ok()
}

/// Characters of a date.
const DATE: usize = "yyyy-mm-dd".len();

/// Where the second stands.
const SECOND: usize = "yyyy-mm-ddThh:mm:".len();

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("2026-01-31T09:30:00+08:00" => Ok("2026-01-31T01:30:00.000Z".to_owned()); "offset is applied")]
    #[test_case("2026-01-31t09:30:00.1239z" => Ok("2026-01-31T09:30:00.123Z".to_owned()); "cut off to milliseconds")]
    #[test_case("2026-01-31T09:30:00.1234567890123Z" => Ok("2026-01-31T09:30:00.123Z".to_owned()); "long fraction")]
    #[test_case(&format!("2026-01-31T09:30:00.{}Z", "1".repeat(43)) => Ok("2026-01-31T09:30:00.111Z".to_owned()); "longest fraction")]
    #[test_case(&format!("2026-01-31T09:30:00.{}Z", "1".repeat(44)) => Err(InvalidTime::TooLong); "a fraction too long")]
    #[test_case("2026-06-30T23:59:60Z" => Ok("2026-06-30T23:59:59.000Z".to_owned()); "leap second")]
    #[test_case("2026-01-31T09:30:00" => Err(InvalidTime::NoOffset))]
    #[test_case("2026-06-29T12:00:60.5+08:00" => Ok("2026-06-29T04:00:59.500Z".to_owned()); "leap second at any time")]
    #[test_case("2026-06-30T23:59:61Z" => Err(InvalidTime::Malformed); "no such second")]
    #[test_case("2026-01-31 09:30:00Z" => Err(InvalidTime::Malformed); "space between")]
    #[test_case("2026-01-31é09:30:00Z" => Err(InvalidTime::Malformed); "a letter between")]
    #[test_case("2026-01-31T09:30:00.Z" => Err(InvalidTime::Malformed); "no digit behind the point")]
    #[test_case("2026-01-31T09:30:00Zé" => Err(InvalidTime::Malformed); "something behind it")]
    #[test_case("0000-01-01T00:00:00+23:59" => Err(InvalidTime::BeforeEpoch); "before the year 0")]
    #[test_case("20260131T093000Z" => Err(InvalidTime::Malformed); "basic format")]
    #[test_case("2026-01-31T09:30Z" => Err(InvalidTime::Malformed); "no seconds")]
    #[test_case("2026-02-30T09:30:00Z" => Err(InvalidTime::Malformed); "no such day")]
    #[test_case("2026-01-31T09:30:00+0800" => Err(InvalidTime::Malformed); "offset without colon")]
    #[test_case("1773450000000" => Err(InvalidTime::UnixTime))]
    #[test_case("9999-12-31T23:59:59.9999Z" => Ok("9999-12-31T23:59:59.999Z".to_owned()); "never")]
    #[test_case("9999-12-31T23:59:59-08:00" => Err(InvalidTime::TooLate); "after never")]
    #[test_case("2026-01-31T09:30:00+24:00" => Err(InvalidTime::Malformed); "no such offset")]
    #[test_case("2026-01-31T24:00:00Z" => Err(InvalidTime::Malformed); "no such hour")]
    #[test_case("1970-01-01T00:00:00Z" => Err(InvalidTime::BeforeEpoch))]
    #[test_case("1970-01-01T00:00:00.0009Z" => Err(InvalidTime::BeforeEpoch); "rounds to the epoch")]
    #[test_case("1969-12-31T23:59:59.9999Z" => Err(InvalidTime::BeforeEpoch))]
    #[test_case("" => Err(InvalidTime::Malformed); "empty")]
    fn parse(raw: &str) -> Result<String, InvalidTime> {
        Timestamp::parse(raw).map(|time| time.to_string())
    }

    #[test_case(1_773_450_000 => Some("2026-03-14T01:00:00.000Z".to_owned()); "seconds")]
    #[test_case(1_773_450_000_000 => Some("2026-03-14T01:00:00.000Z".to_owned()); "milliseconds")]
    #[test_case(0 => None)]
    fn hint_for_unix(number: i64) -> Option<String> {
        Timestamp::hint_for_unix(number)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(millis in 1_i64..=LAST) {
            let time = Timestamp::from_unix_millis(millis).unwrap();
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        }

        #[test]
        fn an_offset_and_more_digits_change_only_the_spelling(
            millis in 86_400_000_i64..=LAST - 86_400_000,
            minutes in -1439_i64..1440,
            finer in "[0-9]{0,40}",
            small: bool,
        ) {
            let time = Timestamp::from_unix_millis(millis).unwrap();
            let local = Timestamp::from_unix_millis(millis + minutes * 60_000).unwrap().to_string();
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
            let text = format!("{}{finer}{sign}{hours:02}:{rest:02}", local.trim_end_matches('Z'));
            let text = if small { text.to_lowercase() } else { text };
            let expected = if text.len() > LONGEST_TIME { Err(InvalidTime::TooLong) } else { Ok(time) };
            prop_assert_eq!(Timestamp::parse(&text), expected, "{}", text);
        }

        #[test]
        fn any_string_is_answered(raw in ".*") {
            let _ = Timestamp::parse(&raw);
        }
    }
}
