//! The calendar that RFC 3339 writes in, from year 0 to the last millisecond of 9999.
//!
//! Our own, because the calendar library at hand ends a day before the year 9999 does, and other systems write
//! `9999-12-31` for "never". The days are counted by Howard Hinnant's algorithms (`days_from_civil` and back).

/// A civil date and time in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

const DAY_SECONDS: i64 = 86_400;

/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// Days from 0000-03-01, where the eras begin, to 1970-01-01.
const EPOCH: i64 = 719_468;

impl Civil {
    /// Seconds since 1970; none when there is no such date or time. The second may be 60, a leap second.
    pub(super) fn unix_seconds(self) -> Option<i64> {
        let Self { year, month, day, hour, minute, second } = self;
        let exists = (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..=60).contains(&second);
        // A leap second is shown as the one before it, as clocks that know none do.
        exists.then(|| days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second.min(59))
    }

    /// The date and time that many seconds after 1970.
    pub(super) fn from_unix_seconds(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(DAY_SECONDS) + EPOCH, seconds.rem_euclid(DAY_SECONDS));
        let (era, day_of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }
}

/// Days since 1970-01-01. The year begins in March, so that the leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month_from_march) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    // An era later, so that no year is below zero, where division would round up.
    let year = year + 400;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - ERA_DAYS - EPOCH
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_second_of_the_year_9999_is_one() {
        let last = Civil { year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59 };
        assert_eq!(last.unix_seconds(), Some(253_402_300_799));
        assert_eq!(Civil::from_unix_seconds(253_402_300_799), last);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_calendar_library(seconds in -62_000_000_000_i64..253_402_000_000) {
            let civil = Civil::from_unix_seconds(seconds);
            let theirs = jiff::Timestamp::from_second(seconds).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
            prop_assert_eq!(
                (civil.year, civil.month, civil.day),
                (theirs.year().into(), theirs.month().into(), theirs.day().into())
            );
            prop_assert_eq!(civil.hour * 3600 + civil.minute * 60 + civil.second, seconds.rem_euclid(DAY_SECONDS));
            prop_assert_eq!(civil.unix_seconds(), Some(seconds));
        }

        #[test]
        fn it_knows_the_same_days_as_a_calendar_library(year in 0_i64..=9999, month in 0_i64..14, day in 0_i64..33) {
            let ours = Civil { year, month, day, hour: 0, minute: 0, second: 0 }.unix_seconds().is_some();
            let small = |number: i64| i8::try_from(number).unwrap();
            let theirs = jiff::civil::Date::new(i16::try_from(year).unwrap(), small(month), small(day)).is_ok();
            prop_assert_eq!(ours, theirs);
        }
    }
}
