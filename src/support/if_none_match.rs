//! Whether a client has what it asks for already.

use axum::http::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};

/// Whether `If-None-Match` names this tag (RFC 9110 §13.1.2), weakly; what is no tag names nothing.
pub(crate) fn is_named(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = opaque(tag.as_bytes());
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut named = lines.flat_map(|line| line.split(',')).map(str::trim);
    named.any(|named| named == "*" || opaque(named.as_bytes()) == tag)
}

/// A tag without the mark of a weak one.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(&[] => false; "nothing")]
    #[test_case(&["\"3\""] => true; "the same")]
    #[test_case(&["W/\"3\""] => true; "weakly the same")]
    #[test_case(&["\"1\", \"3\""] => true; "among others")]
    #[test_case(&["\"1\"", "\"3\""] => true; "in another line")]
    #[test_case(&["*"] => true; "anything")]
    #[test_case(&["\"33\""] => false; "another")]
    #[test_case(&["3"] => false; "no tag")]
    fn named(lines: &[&'static str]) -> bool {
        let lines = lines.iter().map(|line| (IF_NONE_MATCH, HeaderValue::from_static(line)));
        let headers = HeaderMap::from_iter(lines);
        let [strong, weak] =
            ["\"3\"", "W/\"3\""].map(|tag| is_named(&headers, &HeaderValue::from_static(tag)));
        assert_eq!(strong, weak);
        strong
    }
}
