//! Points in time, whole milliseconds after 1970.

use std::borrow::Cow;
use std::fmt;

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
    /// The moment is 1970-01-01T00:00:00Z or earlier.
    #[error("must lie after 1970-01-01T00:00:00Z")]
    BeforeEpoch,
}

impl Timestamp {
    /// The first moment that can be sent.
    pub const FIRST: Self = Self(1);

    /// The moment that many milliseconds after 1970; none for zero, the past, or what RFC 3339 cannot write.
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        (millis > 0 && jiff::Timestamp::from_millisecond(millis).is_ok()).then_some(Self(millis))
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
        match shape(raw.as_bytes()) {
            Shape::Rfc3339 => {}
            Shape::NoOffset => return Err(InvalidTime::NoOffset),
            Shape::Digits => return Err(InvalidTime::UnixTime),
            Shape::Other => return Err(InvalidTime::Malformed),
        }
        let moment: jiff::Timestamp = cut_fraction(raw).parse().map_err(|_| InvalidTime::Malformed)?;
        // Rounding towards the past, so that a moment before 1970 does not become 1970 itself.
        let millis = moment.as_nanosecond().div_euclid(1_000_000);
        i64::try_from(millis).ok().and_then(Self::from_unix_millis).ok_or(InvalidTime::BeforeEpoch)
    }

    /// The RFC 3339 spelling of a Unix time in seconds or milliseconds, to show to someone who sent one.
    pub fn hint_for_unix(number: i64) -> Option<String> {
        // Ten digits last until 2286 in seconds; thirteen start in 2001 in milliseconds.
        let millis = if number.unsigned_abs() < 100_000_000_000 { number.checked_mul(1000)? } else { number };
        Self::from_unix_millis(millis).map(|time| time.to_string())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// RFC 3339 allows any number of digits in a fraction, the calendar library nine.
fn cut_fraction(raw: &str) -> Cow<'_, str> {
    const FRACTION: usize = "yyyy-mm-ddThh:mm:ss.".len();
    let digits = raw.bytes().skip(FRACTION).take_while(u8::is_ascii_digit).count();
    if digits <= 9 {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(format!("{}{}", &raw[..FRACTION + 9], &raw[FRACTION + digits..]))
}

enum Shape {
    Rfc3339,
    NoOffset,
    Digits,
    Other,
}

/// Tells RFC 3339 from the other spellings of ISO 8601 that the calendar library reads too.
fn shape(raw: &[u8]) -> Shape {
    const DATE_TIME: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    if !raw.is_empty() && raw.iter().all(u8::is_ascii_digit) {
        return Shape::Digits;
    }
    let matches = |raw: &[u8], pattern: &[u8]| {
        raw.len() == pattern.len()
            && raw.iter().zip(pattern).all(|(byte, wanted)| match wanted {
                b'd' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't'),
                b'+' => matches!(byte, b'+' | b'-'),
                other => byte == other,
            })
    };
    let Some((head, mut tail)) = raw.split_at_checked(DATE_TIME.len()) else { return Shape::Other };
    if !matches(head, DATE_TIME) {
        return Shape::Other;
    }
    if let Some(fraction) = tail.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Shape::Other;
        }
        tail = &fraction[digits..];
    }
    match tail {
        b"" => Shape::NoOffset,
        b"Z" | b"z" => Shape::Rfc3339,
        offset if matches(offset, b"+dd:dd") => Shape::Rfc3339,
        _ => Shape::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("2026-01-31T09:30:00+08:00" => Ok("2026-01-31T01:30:00.000Z".to_owned()); "offset is applied")]
    #[test_case("2026-01-31t09:30:00.1239z" => Ok("2026-01-31T09:30:00.123Z".to_owned()); "cut off to milliseconds")]
    #[test_case("2026-01-31T09:30:00.1234567890123Z" => Ok("2026-01-31T09:30:00.123Z".to_owned()); "long fraction")]
    #[test_case("2026-06-30T23:59:60Z" => Ok("2026-06-30T23:59:59.000Z".to_owned()); "leap second")]
    #[test_case("2026-01-31T09:30:00" => Err(InvalidTime::NoOffset))]
    #[test_case("2026-01-31 09:30:00Z" => Err(InvalidTime::Malformed); "space between")]
    #[test_case("20260131T093000Z" => Err(InvalidTime::Malformed); "basic format")]
    #[test_case("2026-01-31T09:30Z" => Err(InvalidTime::Malformed); "no seconds")]
    #[test_case("2026-02-30T09:30:00Z" => Err(InvalidTime::Malformed); "no such day")]
    #[test_case("2026-01-31T09:30:00+0800" => Err(InvalidTime::Malformed); "offset without colon")]
    #[test_case("1773450000000" => Err(InvalidTime::UnixTime))]
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
        fn what_is_written_is_read_back(millis in 1_i64..253_402_207_200_000) {
            let time = Timestamp::from_unix_millis(millis).unwrap();
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        }

        #[test]
        fn any_string_is_answered(raw in ".*") {
            let _ = Timestamp::parse(&raw);
        }
    }
}
