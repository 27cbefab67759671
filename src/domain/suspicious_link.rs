//! Links that are passed on as they are, but probably open nothing.

use super::Link;

impl Link<'_> {
    /// Why the link probably opens nothing, where it looks so.
    pub fn suspicion(&self) -> Option<&'static str> {
        let link = self.as_str();
        let is_unprintable = |c: char| c.is_whitespace() || c.is_control();
        // Documents have hundreds of links, and nearly all are plain ASCII.
        let is_printable = link.bytes().all(|byte| byte.is_ascii_graphic());
        let plain = if is_printable { link } else { link.trim_matches(is_unprintable) };
        if holds_placeholder(plain) {
            return Some(
                "holds the word null or undefined; probably a value was missing when it was put together",
            );
        }
        if !is_printable && link.contains(is_unprintable) {
            return Some("has blanks or control characters around it or in it");
        }
        let Some((scheme, rest)) = scheme(plain) else {
            return Some("has no scheme; write https:// in front of it");
        };
        let host = rest.trim_start_matches('/');
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let slashes = rest.len() - host.len();
        (host.is_empty() || is_web && (slashes != 2 || host.starts_with(['?', '#', ':'])))
            .then_some("has a scheme, and names no host behind it")
    }
}

/// Whether a part of the link is what programs write for a value that they do not have.
fn holds_placeholder(link: &str) -> bool {
    let is_word =
        |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b'-' | b'_' | b'~');
    let mut words = link.as_bytes().split(|byte| !is_word(byte));
    words.any(|word| word.eq_ignore_ascii_case(b"null") || word.eq_ignore_ascii_case(b"undefined"))
}

/// Whether a link says how it is opened, as in `https://`.
pub fn has_scheme(link: &str) -> bool {
    scheme(link).is_some_and(|(_, rest)| rest.starts_with("//"))
}

/// The scheme (RFC 3986 §3.1) and what follows its colon; a host with its port is none.
fn scheme(link: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = link.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let is_port = rest.starts_with(|c: char| c.is_ascii_digit()) && !matches!(scheme, "tel" | "sms");
    (is_scheme && !is_port).then_some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("https://oa.example.com/1?a=b&c=%20d#e" => false; "usual")]
    #[test_case("HTTP://oa.example.com" => false; "upper case")]
    #[test_case("lark://applink.feishu.cn/client/1" => false; "an app's scheme")]
    #[test_case("mailto:a@example.com" => false; "no host needed")]
    #[test_case("tel:+8610" => false; "telephone")]
    #[test_case("https://oa.example.com/null-object/undefined_1" => false; "longer words")]
    #[test_case("https://审批.example.com/一" => false; "Chinese")]
    #[test_case("http://" => true; "only a scheme")]
    #[test_case("https:" => true; "a scheme without slashes")]
    #[test_case("https:///leave/1" => true; "no host")]
    #[test_case("https://?id=1" => true; "no host before the query")]
    #[test_case("https:oa.example.com" => true; "slashes are missing")]
    #[test_case("lark://" => true; "only an app's scheme")]
    #[test_case("oa.example.com/1" => true; "no scheme")]
    #[test_case("oa.example.com:8080/1" => true; "a port is no scheme")]
    #[test_case("//oa.example.com/1" => true; "relative to a scheme")]
    #[test_case("/leave/1" => true; "a path")]
    #[test_case(" https://oa.example.com/1" => true; "a blank before it")]
    #[test_case("https://oa.example.com/1\n" => true; "a line break behind it")]
    #[test_case("https://oa.example.com/1\u{3000}" => true; "a wide blank behind it")]
    #[test_case("https://oa.example.com/\u{7f}1" => true; "a control character in it")]
    #[test_case("null" => true)]
    #[test_case("Undefined" => true)]
    #[test_case("https://oa.example.com/undefined" => true; "a value that was missing in the path")]
    #[test_case("https://oa.example.com/?id=null&x=1" => true; "a value that was missing in the query")]
    fn a_link_is_suspicious(link: &str) -> bool {
        Link::new(link).unwrap().suspicion().is_some()
    }
}
