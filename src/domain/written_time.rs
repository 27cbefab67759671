//! Times as people and programs write them when they do not write RFC 3339, to show them what to write.

/// A time that was understood although it is not RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenTime {
    /// What to write, with an offset; not checked to exist.
    pub(super) rfc3339: String,
    /// Whether the offset was there; else it is that of China.
    pub(super) has_offset: bool,
}

/// The offset that is shown where none was written.
const USUAL_OFFSET: &str = "+08:00";

/// Understands a date with or without a time and an offset, in the spellings of common libraries.
pub(super) fn understand(raw: &str) -> Option<WrittenTime> {
    // Java adds the zone's name behind the offset.
    let raw = raw.split('[').next()?.trim();
    let mut rest = Rest(raw);
    let year = rest.digits(4, 4)?;
    let least = if rest.begins_with_digit() { 2 } else { 1 };
    rest.skip_one(&['-', '/', '.', '年']);
    let month = rest.digits(least, 2)?;
    rest.skip_one(&['-', '/', '.', '月']);
    let day = rest.digits(least, 2)?;
    rest.skip_one(&['日']);
    rest.skip_blanks();
    rest.skip_one(&['T', 't', ',']);
    rest.skip_blanks();
    let (clock, offset) = if rest.0.is_empty() {
        ("00:00:00".to_owned(), None)
    } else {
        let hour = rest.digits(1, 2)?;
        rest.skip_one(&[':', '：', '时', '.']);
        let minute = rest.digits(2, 2)?;
        rest.skip_one(&[':', '：', '分']);
        let second = rest.digits(2, 2).unwrap_or("00");
        rest.skip_one(&['秒']);
        let fraction = rest.fraction();
        (format!("{hour:0>2}:{minute}:{second}{fraction}"), offset(rest.0)?)
    };
    let has_offset = offset.is_some();
    let offset = offset.unwrap_or_else(|| USUAL_OFFSET.to_owned());
    Some(WrittenTime { rfc3339: format!("{year}-{month:0>2}-{day:0>2}T{clock}{offset}"), has_offset })
}

/// The offset behind a time, in the spelling of RFC 3339; the inner `None` when there is none.
fn offset(raw: &str) -> Option<Option<String>> {
    let lost_plus = raw.starts_with(' ');
    let raw = raw.trim();
    if raw.is_empty() {
        return Some(None);
    }
    let upper = raw.to_ascii_uppercase();
    let named = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT")).unwrap_or(&upper).trim();
    if matches!(named, "Z" | "") {
        return Some(Some("Z".to_owned()));
    }
    let (sign, digits) = match (named.strip_prefix('+'), named.strip_prefix(['-', '−'])) {
        (Some(digits), _) => ('+', digits),
        (None, Some(digits)) => ('-', digits),
        // In a query a plus sign means a space.
        (None, None) if lost_plus => ('+', named),
        (None, None) => return None,
    };
    let mut rest = Rest(digits);
    let hours = rest.digits(1, 2)?;
    rest.skip_one(&[':']);
    let minutes = rest.digits(2, 2).unwrap_or("00");
    rest.0.is_empty().then(|| Some(format!("{sign}{hours:0>2}:{minutes}")))
}

/// What is not understood yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Digits, at most `most` and not fewer than `least`.
    fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits)
    }

    fn begins_with_digit(&self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_digit())
    }

    fn skip_one(&mut self, separators: &[char]) {
        self.0 = self.0.strip_prefix(separators).unwrap_or(self.0);
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// What is finer than a second, with its point; at most nanoseconds.
    fn fraction(&mut self) -> String {
        let Some(behind) = self.0.strip_prefix(['.', ',']) else { return String::new() };
        let mut rest = Rest(behind);
        let Some(digits) = rest.digits(1, 9) else { return String::new() };
        self.0 = rest.0.trim_start_matches(|c: char| c.is_ascii_digit());
        format!(".{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("2026-09-01 09:30:00" => Some("2026-09-01T09:30:00+08:00".to_owned()); "a blank, and no offset")]
    #[test_case("2026-09-01T09:30:00" => Some("2026-09-01T09:30:00+08:00".to_owned()); "no offset")]
    #[test_case("2026-09-01T09:30:00+0800" => Some("2026-09-01T09:30:00+08:00".to_owned()); "an offset without its colon")]
    #[test_case("2026-09-01T09:30:00.123+0000" => Some("2026-09-01T09:30:00.123+00:00".to_owned()); "as Jackson writes")]
    #[test_case("2026-09-01 09:30:00 +08:00" => Some("2026-09-01T09:30:00+08:00".to_owned()); "blanks")]
    #[test_case("2026-09-01T09:30:00 08:00" => Some("2026-09-01T09:30:00+08:00".to_owned()); "a plus that was lost")]
    #[test_case("2026-09-01T09:30:00-5" => Some("2026-09-01T09:30:00-05:00".to_owned()); "an hour of one digit")]
    #[test_case("2026-09-01T09:30:00 UTC+8" => Some("2026-09-01T09:30:00+08:00".to_owned()); "named")]
    #[test_case("2026-09-01 09:30:00 utc" => Some("2026-09-01T09:30:00Z".to_owned()); "utc")]
    #[test_case("2026-09-01T09:30+08:00[Asia/Shanghai]" => Some("2026-09-01T09:30:00+08:00".to_owned()); "as Java writes")]
    #[test_case("2026-09-01T09:30Z" => Some("2026-09-01T09:30:00Z".to_owned()); "no seconds")]
    #[test_case("2026-09-01" => Some("2026-09-01T00:00:00+08:00".to_owned()); "a date")]
    #[test_case("2026/9/1 9:30" => Some("2026-09-01T09:30:00+08:00".to_owned()); "slashes and single digits")]
    #[test_case("2026年9月1日 9时30分" => Some("2026-09-01T09:30:00+08:00".to_owned()); "Chinese")]
    #[test_case("20260901T093000Z" => Some("2026-09-01T09:30:00Z".to_owned()); "the basic format")]
    #[test_case("20260901" => Some("2026-09-01T00:00:00+08:00".to_owned()); "a date in eight digits")]
    #[test_case("2026-09-01 09:30:00,5" => Some("2026-09-01T09:30:00.5+08:00".to_owned()); "a comma")]
    #[test_case("yesterday" => None)]
    #[test_case("2026" => None; "a year")]
    #[test_case("2026-09-01T09:30:00 CST" => None; "a zone of several meanings")]
    #[test_case("2026-09-01T09:30:00é" => None; "something else behind it")]
    #[test_case("" => None; "empty")]
    fn understood(raw: &str) -> Option<String> {
        understand(raw).map(|time| time.rfc3339)
    }
}
