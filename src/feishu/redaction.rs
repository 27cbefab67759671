//! Takes secrets out of texts, in whatever way they are written there: escaped, percent-encoded, in base64.

use std::collections::HashMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "[redacted]";

/// A shorter text occurs by chance, and hiding it everywhere would make messages unreadable.
const SHORTEST: usize = 4;

/// The same for the middle of a secret in base64, where a letter says less.
const SHORTEST_PART: usize = 8;

/// Escapes within each other that are seen through, such as an address in JSON in a page.
const LAYERS: usize = 3;

/// Longest text that is looked through, in bytes; the rest is cut off, for nothing passes on a text even nearly as long.
const LONGEST: usize = 64 * 1024;

/// Secrets to be taken out of texts.
pub(super) struct Redaction {
    /// What is looked for, in lower case, by how it begins.
    needles: HashMap<[u8; SHORTEST], Vec<Vec<u8>>>,
}

impl Redaction {
    /// Of these secrets.
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut needles: HashMap<_, Vec<_>> = HashMap::new();
        for needle in secrets.filter(|secret| secret.len() >= SHORTEST).flat_map(written) {
            if let Some(beginning) = needle.first_chunk() {
                needles.entry(*beginning).or_default().push(needle);
            }
        }
        Self { needles }
    }

    /// The text without secrets.
    pub(super) fn redacted(&self, text: &str) -> String {
        let text = &text[..text.floor_char_boundary(LONGEST)];
        let is_escaped = text.contains(['%', '\\', '&']);
        let mut found: Vec<_> = (0..=if is_escaped { LAYERS } else { 0 })
            .flat_map(|layers| {
                (0..text.len()).filter_map(move |start| self.secret_at(text.as_bytes(), start, layers))
            })
            .collect();
        found.sort_by_key(|place| place.start);
        let (mut redacted, mut end) = (String::with_capacity(text.len()), 0);
        for place in found {
            if place.start >= end {
                redacted.push_str(text.get(end..place.start).unwrap_or_default());
                redacted.push_str(HIDDEN);
            }
            end = end.max(place.end);
        }
        redacted.push_str(text.get(end..).unwrap_or_default());
        redacted
    }

    /// The longest secret that begins there, when so many layers of escapes are taken off.
    fn secret_at(&self, text: &[u8], start: usize, layers: usize) -> Option<Range<usize>> {
        let mut beginning = [0; SHORTEST];
        let mut rest = start;
        for byte in &mut beginning {
            (*byte, rest) = lower_byte(text, rest, layers)?;
        }
        let ends = self.needles.get(&beginning)?.iter().filter_map(|needle| {
            needle[SHORTEST..].iter().try_fold(rest, |at, expected| {
                let (byte, next) = lower_byte(text, at, layers)?;
                (byte == *expected).then_some(next)
            })
        });
        ends.max().map(|end| start..end)
    }
}

/// How a secret is looked for, but for escapes: as it is, and in base64, alone or within more. In lower case.
fn written(secret: &str) -> impl Iterator<Item = Vec<u8>> {
    let alone = [STANDARD, URL_SAFE, STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|base64| base64.encode(secret));
    let within = (0..3).flat_map(|before| {
        let bytes = [&[0; 3][..before], secret.as_bytes()].concat();
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|base64| {
            let encoded = base64.encode(&bytes);
            // Without the letters that say something of the neighbours, too.
            let end = encoded.len() - usize::from(bytes.len() % 3 != 0);
            encoded[(before * 8).div_ceil(6)..end].to_owned()
        })
    });
    let within = within.filter(|part| part.len() >= SHORTEST_PART);
    let all = alone.into_iter().chain(within).chain([secret.to_owned()]);
    all.map(|needle| needle.to_ascii_lowercase().into_bytes())
}

fn lower_byte(text: &[u8], at: usize, layers: usize) -> Option<(u8, usize)> {
    byte(text, at, layers).map(|(byte, next)| (byte.to_ascii_lowercase(), next))
}

/// The byte at a place when so many layers of escapes are taken off, and where the next one begins.
fn byte(text: &[u8], at: usize, layers: usize) -> Option<(u8, usize)> {
    let Some(outer) = layers.checked_sub(1) else { return Some((*text.get(at)?, at + 1)) };
    let (first, next) = byte(text, at, outer)?;
    let unescaped = match first {
        b'%' => number(text, next, outer, 16, 2),
        b'\\' => match byte(text, next, outer)? {
            (b'u', next) => number(text, next, outer, 16, 4),
            (b'x', next) => number(text, next, outer, 16, 2),
            (plain, next) => (!plain.is_ascii_alphanumeric()).then_some((plain, next)),
        },
        b'&' => entity(text, next, outer),
        _ => None,
    };
    Some(unescaped.unwrap_or((first, next)))
}

/// A number of so many digits, if it is a byte.
fn number(text: &[u8], at: usize, layers: usize, radix: u32, digits: usize) -> Option<(u8, usize)> {
    let (value, next) = (0..digits).try_fold((0, at), |(value, at), _| {
        let (digit, next) = byte(text, at, layers)?;
        Some((value * radix + char::from(digit).to_digit(radix)?, next))
    })?;
    Some((u8::try_from(value).ok()?, next))
}

/// What an entity of HTML stands for, behind its `&`, if it is a byte that may stand in a secret.
fn entity(text: &[u8], at: usize, layers: usize) -> Option<(u8, usize)> {
    /// The longest is `&#x0000002F;`, with more zeros than anybody writes.
    const LETTERS: usize = 10;
    let (mut name, mut at) = (String::new(), at);
    while name.len() <= LETTERS {
        let (letter, next) = byte(text, at, layers)?;
        at = next;
        if letter == b';' {
            break;
        }
        name.push(char::from(letter.to_ascii_lowercase()));
    }
    let value = match name.as_str() {
        "amp" => b'&',
        "lt" => b'<',
        "gt" => b'>',
        "quot" => b'"',
        "apos" => b'\'',
        "sol" => b'/',
        "plus" => b'+',
        "equals" => b'=',
        number => {
            let number = number.strip_prefix('#')?;
            let value = match number.strip_prefix('x') {
                Some(number) => u32::from_str_radix(number, 16),
                None => number.parse(),
            };
            u8::try_from(value.ok()?).ok()?
        }
    };
    Some((value, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const SECRET: &str = "Hush/1+\"<&>?~ü=";

    fn redacted(text: &str) -> String {
        Redaction::of([SECRET].into_iter()).redacted(text)
    }

    #[test_case(SECRET; "as it is")]
    #[test_case("hUSH/1+\"<&>?~ü="; "in another case")]
    #[test_case("Hush%2f1%2B%22%3C%26%3E%3F~%C3%BC%3D"; "percent-encoded")]
    #[test_case("%48%75%73%68%2F%31%2B%22%3C%26%3E%3F%7E%C3%BC%3D"; "all of it percent-encoded")]
    #[test_case("Hush%252F1%252B%2522%253C%2526%253E%253F~%25C3%25BC%253D"; "percent-encoded twice")]
    #[test_case(r#"Hush\/1+\"<&>?~ü="#; "in JSON")]
    #[test_case(r"H\u0075sh\u002F1\u002b\u0022\u003c\u0026\u003e?~ü="; "in JSON as numbers")]
    #[test_case(r"\x48ush/1+\x22<&>?~ü="; "in a string of a program")]
    #[test_case(r#"Hush\\\/1+\\\"<&>?~ü="#; "in JSON in JSON")]
    #[test_case("Hush/1+&quot;&lt;&amp;&gt;?~ü="; "in HTML")]
    #[test_case("Hush&#47;1&#x2B;&#34;&#x3c;&#038;&gt;?~ü&equals;"; "in HTML as numbers")]
    #[test_case("Hush%2F1%2B&quot;%3C&amp;%3E?~%C3%BC%3D"; "in an address in HTML")]
    #[test_case(&STANDARD.encode(SECRET); "in base64")]
    #[test_case(&STANDARD_NO_PAD.encode(SECRET); "in base64 without padding")]
    #[test_case(&URL_SAFE.encode(SECRET); "in base64 for addresses")]
    #[test_case(&URL_SAFE_NO_PAD.encode(SECRET); "in base64 for addresses without padding")]
    #[test_case(&STANDARD.encode(SECRET).replace('+', "%2B").replace('/', "%2F"); "in base64 in an address")]
    fn a_secret_is_taken_out(written: &str) {
        assert_eq!(redacted(&format!("it is ({written}), yes")), format!("it is ({HIDDEN}), yes"));
        assert_eq!(redacted(&format!("{written}{written}")), format!("{HIDDEN}{HIDDEN}"));
        assert_eq!(redacted(written), HIDDEN);
    }

    #[test_case("cli_1:", ""; "at an end")]
    #[test_case("cli_12:", ":x"; "one byte further")]
    #[test_case("cli_123:", ":xy"; "two bytes further")]
    #[test_case("", ", and more"; "at the beginning")]
    fn a_secret_within_base64_is_taken_out(before: &str, after: &str) {
        for base64 in [STANDARD, URL_SAFE] {
            let shown = redacted(&base64.encode(format!("{before}{SECRET}{after}")));
            let rest: String = shown.split(HIDDEN).collect();
            let most = (before.len() + after.len()).div_ceil(3) * 4 + 6;
            assert!(shown.contains(HIDDEN) && rest.len() <= most, "{shown}");
        }
    }

    #[test_case("Hush/1"; "a part of it")]
    #[test_case("100 % sure \\ & nothing; &#xyz; %zz \\u12 % &"; "escapes that are none")]
    #[test_case("单据 %"; "other letters")]
    #[test_case(""; "nothing")]
    fn the_rest_stays(text: &str) {
        assert_eq!(redacted(text), text);
    }

    #[test]
    fn a_very_long_text_is_cut_off() {
        let text = format!("{}{SECRET}", "ü%".repeat(LONGEST));
        assert!(redacted(&text).len() <= LONGEST);
    }
}
