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

/// What a time begins with, up to its minutes; digits stand where this has zeros.
const SHAPE: [u8; 16] = *b"0000-00-00t00:00";

/// Added to what a place has above [`SHAPE`], this passes fifteen when the place has more than it may: nine for a digit,
/// else nothing. More than fifteen shows in the upper half of the byte.
const ROOM: [u8; 16] = [6, 6, 6, 6, 15, 6, 6, 15, 6, 6, 15, 6, 6, 15, 6, 6];

/// Takes an RFC 3339 time apart: date and time, milliseconds, minutes east of UTC.
fn read(raw: &[u8]) -> Result<(Civil, i64, i64), InvalidTime> {
    let (head, tail) = raw.split_first_chunk().ok_or(InvalidTime::Malformed)?;
    let [b':', s1, s0, tail @ ..] = tail else { return Err(InvalidTime::Malformed) };
    let pairs = pairs(*head).ok_or(InvalidTime::Malformed)?;
    let civil = Civil {
        year: i64::from(pairs[0]) * 100 + i64::from(pairs[2]),
        month: pairs[5].into(),
        day: pairs[8].into(),
        hour: pairs[11].into(),
        minute: pairs[14].into(),
        second: number([*s1, *s0])?,
    };
    let (millis, zone) = match tail.strip_prefix(b".") {
        None => (0, tail),
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (digits, zone) = fraction.split_at(digits);
            if digits.is_empty() {
                return Err(InvalidTime::Malformed);
            }
            let digit = |nth| i64::from(digits.get(nth).map_or(0, |byte| byte - b'0'));
            (digit(0) * 100 + digit(1) * 10 + digit(2), zone)
        }
    };
    let offset = match zone {
        b"" => return Err(InvalidTime::NoOffset),
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h0, b':', m1, m0] => {
            let (hours, minutes) = (number([*h1, *h0])?, number([*m1, *m0])?);
            if hours > 23 || minutes > 59 {
                return Err(InvalidTime::Malformed);
            }
            let offset = hours * 60 + minutes;
            if *sign == b'-' { -offset } else { offset }
        }
        _ => return Err(InvalidTime::Malformed),
    };
    Ok((civil, millis, offset))
}

/// For each place of [`SHAPE`] the number that is written there and in the next place; none if the text is not like that.
///
/// All at once, as hundreds of times may be in a document: a byte of the number is a place of the text.
#[inline]
fn pairs(text: [u8; 16]) -> Option<[u8; 16]> {
    // The letter in the tenth place may be a capital.
    let text = u128::from_le_bytes(text) | 0x20 << (10 * 8);
    let digits = text ^ u128::from_le_bytes(SHAPE);
    let beyond = (digits | digits.wrapping_add(u128::from_le_bytes(ROOM))) & u128::from_le_bytes([0xF0; 16]);
    // No byte is above nine, so none reaches into the next.
    (beyond == 0).then(|| (digits * 10 + (digits >> 8)).to_le_bytes())
}

/// The number that two digits write.
#[inline]
fn number(digits: [u8; 2]) -> Result<i64, InvalidTime> {
    let [tens, ones] = digits.map(|byte| byte.wrapping_sub(b'0'));
    // No branch for each digit.
    if (tens < 10) & (ones < 10) { Ok(i64::from(tens * 10 + ones)) } else { Err(InvalidTime::Malformed) }
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
        /// Where two digits of one number stand.
        const NUMBERS: [usize; 6] = [0, 2, 5, 8, 11, 14];
        for (place, shape) in SHAPE.iter().enumerate() {
            for byte in 0..=u8::MAX {
                let mut text = *b"2026-01-31T09:30";
                text[place] = byte;
                let fits = match shape {
                    b'0' => byte.is_ascii_digit(),
                    b't' => matches!(byte, b'T' | b't'),
                    other => byte == *other,
                };
                let written =
                    |at: usize| std::str::from_utf8(&text[at..at + 2]).unwrap().parse::<u8>().unwrap();
                let expected = fits.then(|| NUMBERS.map(written));
                assert_eq!(pairs(text).map(|pairs| NUMBERS.map(|at| pairs[at])), expected, "{text:?}");
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
        fn it_reads_what_a_calendar_library_reads(
            nanos in 172_800_000_000_000_i128..253_402_000_000_000_000_000,
            minutes in -1439_i32..1440,
            places in 0_usize..10,
            is_utc: bool,
            small: bool,
        ) {
            let minutes = if is_utc { 0 } else { minutes };
            let time = jiff::Timestamp::from_nanosecond(nanos).unwrap();
            let civil = jiff::tz::Offset::from_seconds(minutes * 60).unwrap().to_datetime(time);
            let sign = if minutes < 0 { '-' } else { '+' };
            let zone = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            let text = format!("{civil:.places$}{}", if is_utc { "Z" } else { &zone });
            let text = if small { text.to_lowercase() } else { text };
            let shown: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(Timestamp::parse(&text).map(Timestamp::unix_millis), Ok(shown.as_millisecond()), "{}", text);
        }

        #[test]
        fn any_string_is_answered(raw in ".*") {
            let _ = Timestamp::parse(&raw);
        }
    }
}
