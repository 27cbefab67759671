//! Numbers beyond every range: valid JSON, and nothing that a member could take.

use super::Rejection;

/// How the JSON library's message for one begins.
const OUT_OF_RANGE: &str = "number out of range";

/// What stands in for such a number: no whole number, so that every member refuses it.
const STAND_IN: &str = "0.5";

/// The result of a reading; of one that failed at such a number, the violations of a tamer copy instead.
///
/// Whoever wrote one is told where, and what else is wrong.
pub(super) fn beyond_range<T>(
    first: Result<T, Rejection>,
    text: &str,
    again: impl FnOnce(&str) -> Result<(), Rejection>,
) -> Result<T, Rejection> {
    match first {
        Err(Rejection::NotJson(message)) if message.starts_with(OUT_OF_RANGE) => match again(&tamed(text)) {
            Err(violations @ Rejection::Invalid(_)) => Err(violations),
            Ok(()) | Err(Rejection::NotJson(_)) => Err(Rejection::NotJson(message)),
        },
        other => other,
    }
}

/// A copy in which long numbers and those with an exponent are replaced, outside of strings.
///
/// Good for finding violations, not for its values.
fn tamed(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        tamed.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('"') { end_of_string(rest) } else { end_of_number(rest) };
        let (token, behind) = rest.split_at(end);
        let is_number = !token.starts_with('"');
        tamed.push_str(if is_number && (token.len() > 300 || token.contains(['e', 'E'])) {
            STAND_IN
        } else {
            token
        });
        rest = behind;
    }
    tamed.push_str(rest);
    tamed
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let inner = text.char_indices().skip(1);
    let quote = inner.into_iter().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    quote.map_or(text.len(), |(at, _)| at + 1)
}

fn end_of_number(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#"{"a":1e400,"b":[-1E+999]}"# => r#"{"a":0.5,"b":[0.5]}"#; "exponents")]
    #[test_case(r#"{"1e400":"\"1e400\\","b":12}"# => r#"{"1e400":"\"1e400\\","b":12}"#; "strings are left alone")]
    fn tame(text: &str) -> String {
        tamed(text)
    }
}
