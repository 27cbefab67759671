//! How RFC 3339 writes a moment in UTC.
//!
//! Digit by digit, because every answer and every line of the log has one: through `core::fmt`, which is called for each
//! number and each hyphen, it takes several times as long.

use super::calendar::Civil;

/// A moment in UTC as RFC 3339 writes it; made on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Rfc3339 {
    text: [u8; LONGEST],
    length: usize,
}

/// Where the places of the second begin.
const PLACES: usize = "yyyy-mm-ddThh:mm:ss.".len();

/// With microseconds.
const LONGEST: usize = PLACES + "ffffffZ".len();

impl Rfc3339 {
    /// With three places of the second: `2026-01-31T09:30:00.123Z`. The year must have four digits.
    pub fn with_millis(unix_millis: i64) -> Self {
        Self::new(unix_millis.div_euclid(1000), unix_millis.rem_euclid(1000), 3)
    }

    /// With six places of the second: `2026-01-31T09:30:00.123456Z`. The year must have four digits.
    pub fn with_micros(unix_micros: i64) -> Self {
        Self::new(unix_micros.div_euclid(1_000_000), unix_micros.rem_euclid(1_000_000), 6)
    }

    fn new(unix_seconds: i64, fraction: i64, places: usize) -> Self {
        let Civil { year, month, day, hour, minute, second } = Civil::from_unix_seconds(unix_seconds);
        debug_assert!((0..=9999).contains(&year), "the year {year} has no four digits");
        let mut text = *b"yyyy-mm-ddThh:mm:ss.ffffffZ";
        let end = PLACES + places;
        write(&mut text[..4], year);
        write(&mut text[5..7], month);
        write(&mut text[8..10], day);
        write(&mut text[11..13], hour);
        write(&mut text[14..16], minute);
        write(&mut text[17..19], second);
        write(&mut text[PLACES..end], fraction);
        text[end] = b'Z';
        Self { text, length: end + 1 }
    }

    /// The written moment.
    pub fn as_str(&self) -> &str {
        // It is ASCII.
        str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

/// Writes the last digits of a number, as many as there is room for.
#[inline]
fn write(room: &mut [u8], mut number: i64) {
    for place in room.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case(0 => "1970-01-01T00:00:00.000000Z")]
    #[test_case(1_700_000_000_000_001 => "2023-11-14T22:13:20.000001Z")]
    #[test_case(253_402_300_799_999_999 => "9999-12-31T23:59:59.999999Z")]
    fn with_micros(unix_micros: i64) -> String {
        Rfc3339::with_micros(unix_micros).as_str().to_owned()
    }

    proptest! {
        #[test]
        fn it_writes_what_a_calendar_library_writes(micros in -62_000_000_000_000_000_i64..253_402_000_000_000_000) {
            let (ours, theirs) =
                (Rfc3339::with_micros(micros), jiff::Timestamp::from_microsecond(micros).unwrap());
            prop_assert_eq!(ours.as_str(), format!("{theirs:.6}"));
            let millis = micros / 1000;
            let (ours, theirs) =
                (Rfc3339::with_millis(millis), jiff::Timestamp::from_millisecond(millis).unwrap());
            prop_assert_eq!(ours.as_str(), format!("{theirs:.3}"));
        }
    }
}
