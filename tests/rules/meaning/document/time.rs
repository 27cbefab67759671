//! RFC 3339 by hand, so that no calendar library is believed twice.

/// Unix milliseconds of a well-formed RFC 3339 time; what is finer is cut off.
pub(crate) fn unix_millis(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let days = days_since_1970(number(0..4), number(5..7), number(8..10));
    let seconds = number(11..13) * 3600 + number(14..16) * 60 + number(17..19);
    let rest = &text[19..];
    let digits: String = match rest.strip_prefix('.') {
        Some(fraction) => fraction.chars().take_while(char::is_ascii_digit).collect(),
        None => String::new(),
    };
    let millis: i64 = format!("{digits}000")[..3].parse().unwrap();
    ((days * 86_400 + seconds) - offset_seconds(rest)) * 1000 + millis
}

/// The offset at the end of a time.
fn offset_seconds(rest: &str) -> i64 {
    if rest.ends_with(['Z', 'z']) {
        return 0;
    }
    let offset = &rest[rest.len() - 6..];
    let size = offset[1..3].parse::<i64>().unwrap() * 3600 + offset[4..6].parse::<i64>().unwrap() * 60;
    if offset.starts_with('-') { -size } else { size }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_days_before = |year: i64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let leap_day = i64::from(is_leap && month > 2);
    (year - 1970) * 365 + leap_days_before(year) - leap_days_before(1970)
        + BEFORE[usize::try_from(month - 1).unwrap()]
        + leap_day
        + day
        - 1
}

#[cfg(test)]
mod tests {
    use super::unix_millis;
    use test_case::test_case;

    #[test_case("1970-01-01T00:00:00Z" => 0)]
    #[test_case("2000-02-29T23:59:59.9999Z" => 951_868_799_999)]
    #[test_case("2026-03-14T09:00:00+08:00" => 1_773_450_000_000)]
    #[test_case("2026-03-13T21:30:00-03:30" => 1_773_450_000_000)]
    fn a_time_is_read(text: &str) -> i64 {
        unix_millis(text)
    }
}
