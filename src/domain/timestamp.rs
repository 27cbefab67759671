//! Points in time, whole milliseconds after 1970.

use std::fmt;

use super::calendar::Civil;
use super::rfc3339::Rfc3339;

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
        let (civil, millis, offset_minutes) = read(raw.as_bytes()).map_err(|wrong| {
            let is_number = !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { InvalidTime::UnixTime } else { wrong }
        })?;
        let seconds = civil.unix_seconds().ok_or(InvalidTime::Malformed)? - offset_minutes * 60;
        match seconds * 1000 + millis {
            ..=0 => Err(InvalidTime::BeforeEpoch),
            millis => Self::from_unix_millis(millis).ok_or(InvalidTime::TooLate),
        }
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
        f.pad(Rfc3339::with_millis(self.0).as_str())
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Rfc3339::with_millis(self.0).as_str())
    }
}

/// A time that is written out: milliseconds, and an offset in digits.
type WrittenOut = [u8; "0000-00-00T00:00:00.000+00:00".len()];

/// What such a time begins with, up to its minutes; digits stand where this has zeros.
const HEAD: [u8; 16] = *b"0000-00-00t00:00";

/// What it ends with, from the colon before its minutes on.
const TAIL: [u8; 16] = *b":00:00.000+00:00";

/// Takes an RFC 3339 time apart: date and time, milliseconds, minutes east of UTC.
fn read(raw: &[u8]) -> Result<(Civil, i64, i64), InvalidTime> {
    // Hundreds of times may be in a document; most systems write them out.
    if let Some(parts) = raw.try_into().ok().and_then(read_written_out) {
        return Ok(parts);
    }
    let (text, zone) = write_out(raw).ok_or(InvalidTime::Malformed)?;
    let parts = read_written_out(&text).ok_or(InvalidTime::Malformed)?;
    if zone.is_empty() { Err(InvalidTime::NoOffset) } else { Ok(parts) }
}

/// Writes a time out, and says which zone it had; none when something is where it cannot be.
fn write_out(raw: &[u8]) -> Option<(WrittenOut, &[u8])> {
    let (date_and_time, rest) = raw.split_at_checked("0000-00-00T00:00:00".len())?;
    let (fraction, zone) = match rest.strip_prefix(b".") {
        None => (&b"0"[..], rest),
        Some(rest) => rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()),
    };
    let offset = match zone {
        b"" | b"Z" | b"z" => b"+00:00",
        offset => offset,
    };
    let mut text = *b"0000-00-00T00:00:00.000+00:00";
    text[..date_and_time.len()].copy_from_slice(date_and_time);
    // What is finer than a millisecond is cut off.
    let millis = fraction.get(..3).unwrap_or(fraction);
    text[20..20 + millis.len()].copy_from_slice(millis);
    text[23..].copy_from_slice(<&[u8; 6]>::try_from(offset).ok()?);
    (!fraction.is_empty()).then_some((text, zone))
}

/// Takes a time apart that is written out; none if it is not.
#[inline]
fn read_written_out(text: &WrittenOut) -> Option<(Civil, i64, i64)> {
    let (head, tail) = (u128::from_le_bytes(*text.first_chunk()?), u128::from_le_bytes(*text.last_chunk()?));
    // In the tenth places of both: the letter may be a capital, and the sign a minus, which differs from a plus by these bits.
    let is_west = text[23] == b'-';
    let sign = if is_west { u128::from(b'+' ^ b'-') } else { 0 };
    let head = pairs(head | 0x20 << (10 * 8), HEAD)?;
    let tail = pairs(tail ^ sign << (10 * 8), TAIL)?;
    let civil = Civil {
        year: i64::from(head[0]) * 100 + i64::from(head[2]),
        month: head[5].into(),
        day: head[8].into(),
        hour: head[11].into(),
        minute: head[14].into(),
        second: tail[4].into(),
    };
    let millis = i64::from(tail[7]) * 10 + i64::from(text[22] - b'0');
    let (hours, minutes) = (i64::from(tail[11]), i64::from(tail[14]));
    let offset = hours * 60 + minutes;
    (hours < 24 && minutes < 60).then_some((civil, millis, if is_west { -offset } else { offset }))
}

/// For each place of a shape the number that is written there and in the next place; none if the text is not like that.
///
/// All at once: a byte of the number is a place of the text.
#[inline]
fn pairs(text: u128, shape: [u8; 16]) -> Option<[u8; 16]> {
    // Added to what a place has above the shape, this passes fifteen when the place has more than it may: nine for a digit,
    // else nothing. More than fifteen shows in the upper half of the byte.
    let room = u128::from_le_bytes(shape.map(|place| if place == b'0' { 15 - 9 } else { 15 }));
    let digits = text ^ u128::from_le_bytes(shape);
    let beyond = (digits | digits.wrapping_add(room)) & u128::from_le_bytes([0xF0; 16]);
    // No byte is above nine, so none reaches into the next.
    (beyond == 0).then(|| (digits * 10 + (digits >> 8)).to_le_bytes())
}

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
    #[test_case("2026-01-31 09:30:00Z" => Err(InvalidTime::Malformed); "space between")]
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

    #[test]
    fn every_byte_fits_its_place_or_nothing_is_read() {
        /// What may stand in each place, where a digit is a zero.
        const PLACES: &str = "0000-00-00T00:00:00.000+00:00";
        let time = *b"2026-01-21T09:30:15.123+03:00";
        let (civil, millis, offset) = read_written_out(&time).unwrap();
        assert_eq!((civil.unix_seconds(), millis, offset), (Some(1_768_987_815), 123, 180));
        for (place, kind) in PLACES.char_indices() {
            for byte in 0..=u8::MAX {
                let mut text = time;
                text[place] = byte;
                let fits = match kind {
                    // Offsets end at 23:59.
                    '0' => {
                        byte.is_ascii_digit()
                            && !(place == 24 && byte > b'2')
                            && !(place == 27 && byte > b'5')
                    }
                    'T' => matches!(byte, b'T' | b't'),
                    '+' => matches!(byte, b'+' | b'-'),
                    other => byte == other as u8,
                };
                assert_eq!(read_written_out(&text).is_some(), fits, "{}", text.escape_ascii());
            }
        }
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
        fn it_reads_what_a_calendar_library_reads(millis in 1_i64..253_402_000_000_000, minutes in -1439_i32..1440, places in 0_usize..10) {
            let offset = jiff::tz::Offset::from_seconds(minutes * 60).unwrap();
            let time = jiff::Timestamp::from_millisecond(millis).unwrap();
            let civil = offset.to_datetime(time);
            prop_assume!(civil.year() >= 0);
            let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            let text = format!("{civil:.places$}{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            let shown: jiff::Timestamp = text.parse().unwrap();
            let read = Timestamp::parse(&text).map(Timestamp::unix_millis);
            prop_assert_eq!(read.unwrap_or_default(), shown.as_millisecond().max(0), "{}", text);
        }

        #[test]
        fn any_string_is_answered(raw in ".*") {
            let _ = Timestamp::parse(&raw);
        }
    }
}
