//! How a number with a fraction is written.

use std::fmt::Write as _;

/// Below this, two numbers with three places are never the same `f64`: fifteen digits can be told apart.
const THOUSANDTHS: std::ops::Range<f64> = 0.0..1e15;

/// Adds a finite number with as few digits as tell it apart, as `{}` writes it.
///
/// Finding out how few do takes longer than anything else in a line. Times have three places at most, and then it is as
/// many as are left without zeros at the end.
pub(super) fn push_fraction(out: &mut String, value: f64) {
    let thousandths = (value * 1000.0).round();
    let is_exact = THOUSANDTHS.contains(&thousandths) && thousandths / 1000.0 == value;
    if !is_exact || value.is_sign_negative() {
        // Nothing fails that is written into a string.
        let _ = write!(out, "{value}");
        return;
    }
    let thousandths = thousandths as u64;
    out.push_str(itoa::Buffer::new().format(thousandths / 1000));
    let mut rest = thousandths % 1000;
    if rest > 0 {
        out.push('.');
    }
    let mut unit = 100;
    while rest > 0 {
        out.push_str(itoa::Buffer::new().format(rest / unit));
        rest %= unit;
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    fn written(value: f64) -> String {
        let mut out = String::new();
        push_fraction(&mut out, value);
        out
    }

    #[test_case(0.0 => "0"; "nothing")]
    #[test_case(-0.0 => "-0"; "less than nothing")]
    #[test_case(-1.5 => "-1.5"; "negative")]
    #[test_case(12.0 => "12"; "whole")]
    #[test_case(3.25 => "3.25"; "two places")]
    #[test_case(3.007 => "3.007"; "zeros within")]
    #[test_case(0.1 + 0.2 => "0.30000000000000004"; "many places")]
    #[test_case(1e15 => "1000000000000000"; "large")]
    #[test_case(f64::MIN_POSITIVE / 2.0 => f64::to_string(&(f64::MIN_POSITIVE / 2.0)); "subnormal")]
    fn is_written(value: f64) -> String {
        written(value)
    }

    proptest! {
        #[test]
        fn times_are_written_as_the_standard_library_writes_them(micros in 0_u64..2_000_000_000_000_000) {
            let millis = (micros as f64).round() / 1000.0;
            prop_assert_eq!(written(millis), millis.to_string());
        }

        #[test]
        fn any_number_is_written_as_the_standard_library_writes_it(value in any::<f64>()) {
            prop_assert_eq!(written(value), value.to_string());
        }
    }
}
