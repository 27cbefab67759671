//! Percent-encoding, read strictly: what is not well formed is refused, never guessed.

/// Why a percent-encoded text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// A `%` without two hexadecimal digits behind it.
    #[error("has a % that two hexadecimal digits do not follow; write a literal % as %25")]
    Escape,
    /// The bytes are no text.
    #[error("is not UTF-8 once percent-decoded")]
    Utf8,
}

/// Decodes `%XX`.
pub(super) fn decode(raw: &str) -> Result<String, Malformed> {
    if has_bad_escape(raw) {
        return Err(Malformed::Escape);
    }
    let decoded = percent_encoding::percent_decode_str(raw).decode_utf8().map_err(|_| Malformed::Utf8)?;
    Ok(decoded.into_owned())
}

/// Decodes one name or value of a query string, where `+` is a space (the form encoding that every client library uses).
pub(super) fn decode_query(raw: &str) -> Result<String, Malformed> {
    decode(&raw.replace('+', " "))
}

/// Whether a `%` stands without two hexadecimal digits behind it.
pub(super) fn has_bad_escape(raw: &str) -> bool {
    raw.split('%').skip(1).any(|rest| {
        let digits = rest.as_bytes().get(..2);
        !digits.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("a%2Fb" => Ok("a/b".to_owned()); "slash")]
    #[test_case("%E5%AE%A1" => Ok("审".to_owned()); "chinese")]
    #[test_case("a+b" => Ok("a+b".to_owned()); "plus stays in a path")]
    #[test_case("%2525" => Ok("%25".to_owned()); "decoded once")]
    #[test_case("100%" => Err(Malformed::Escape); "bare percent")]
    #[test_case("%zz" => Err(Malformed::Escape); "no digits")]
    #[test_case("%a" => Err(Malformed::Escape); "one digit")]
    #[test_case("%ff" => Err(Malformed::Utf8); "no text")]
    fn decoded(raw: &str) -> Result<String, Malformed> {
        decode(raw)
    }

    #[test]
    fn plus_is_a_space_in_a_query() {
        assert_eq!(decode_query("a+b%2B"), Ok("a b+".to_owned()));
    }
}
