//! RFC 3339 times, in every spelling that the standard has for one.

use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn time() -> impl Strategy<Value = String> {
    let date =
        (1971..=9998, 1..=12, 1..=28).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let date = prop_oneof![8 => date, 1 => Just("2024-02-29".to_owned()), 1 => Just("2026-12-31".to_owned())];
    let clock = (0..=23, 0..=59, 0..=59)
        .prop_map(|(hour, minute, second)| format!("{hour:02}:{minute:02}:{second:02}"));
    let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{1,9}"];
    let offset = (select(vec!['+', '-']), 0..=23, 0..=59)
        .prop_map(|(sign, hours, minutes)| format!("{sign}{hours:02}:{minutes:02}"));
    let offset = prop_oneof![
        2 => select(vec!["Z", "z", "+00:00", "-00:00", "+08:00"]).prop_map(str::to_owned),
        1 => offset,
    ];
    (date, select(vec!['T', 't']), clock, fraction, offset)
        .prop_map(|(date, t, clock, fraction, offset)| format!("{date}{t}{clock}{fraction}{offset}"))
}
