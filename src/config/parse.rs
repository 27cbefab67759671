//! From a value as given to a value with a type, or to the sentence that says what is allowed.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use url::Url;

use super::value::Raw;

/// Why a value is refused.
#[derive(Debug)]
pub(super) struct Expected {
    /// What is allowed; follows the words "must be".
    pub(super) what: String,
    /// What was probably meant.
    pub(super) suggestion: Option<String>,
}

pub(super) type Parsed<T> = Result<T, Expected>;

/// Refuses a value, with what is allowed.
pub(super) fn expected<T>(what: impl Into<Cow<'static, str>>) -> Parsed<T> {
    Err(Expected { what: what.into().into_owned(), suggestion: None })
}

/// Text that is not empty.
pub(super) fn text(raw: &Raw) -> Parsed<String> {
    match raw.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => expected("text that is not empty"),
    }
}

/// One word: an app id with a blank or a line break in it is a copying accident that Feishu answers obscurely.
pub(super) fn one_word(raw: &Raw) -> Parsed<String> {
    match raw.as_str() {
        Some(word) if !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Ok(word.to_owned())
        }
        _ => expected("text without blanks or line breaks, and not empty"),
    }
}

/// The path of a file; relative ones start at the working directory.
pub(super) fn path(raw: &Raw) -> Parsed<PathBuf> {
    match raw.as_str() {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => expected("the path of a file"),
    }
}

/// A whole number within bounds.
pub(super) fn whole_number(range: RangeInclusive<u64>) -> impl FnOnce(&Raw) -> Parsed<u64> {
    move |raw| match raw.as_whole_number() {
        Some(number) if range.contains(&number) => Ok(number),
        _ => expected(format!("a whole number from {} to {}", range.start(), range.end())),
    }
}

/// `true` or `false`.
pub(super) fn truth(raw: &Raw) -> Parsed<bool> {
    raw.as_bool().map_or_else(|| expected("true or false"), Ok)
}

/// An IP address with a port.
pub(super) fn socket_address(raw: &Raw) -> Parsed<SocketAddr> {
    match raw.as_str().and_then(|text| text.parse().ok()) {
        Some(address) => Ok(address),
        None => expected(
            "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080 (host names are not looked up)",
        ),
    }
}

/// One of several words.
pub(super) fn one_of<T: Copy>(words: &[(&str, T)], raw: &Raw) -> Parsed<T> {
    match raw.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text)) {
        Some((_, value)) => Ok(*value),
        None => expected(alternatives(words.iter().map(|(word, _)| *word))),
    }
}

/// `"a"`, `"a" or "b"`, `"a", "b" or "c"`.
fn alternatives<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = words.map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

/// The origin of a web server, in its canonical spelling and without a slash at the end.
pub(super) fn web_origin(raw: &Raw) -> Parsed<String> {
    let Some(url) = raw.as_str().and_then(|text| Url::parse(text).ok()) else { return not_an_origin() };
    let is_bare = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_bare { Ok(url.origin().ascii_serialization()) } else { not_an_origin() }
}

/// The address of a web server, which may have a path.
pub(super) fn web_address(raw: &Raw) -> Parsed<String> {
    let Some(url) = raw.as_str().and_then(|text| Url::parse(text).ok()) else { return not_an_address() };
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_plain { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { not_an_address() }
}

fn not_an_address<T>() -> Parsed<T> {
    expected("an http or https address, such as http://127.0.0.1:4318")
}

fn not_an_origin<T>() -> Parsed<T> {
    expected("an http or https origin without a path, such as https://open.feishu.cn")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn typed(text: &str) -> Raw {
        Raw::Text(text.to_owned())
    }

    #[test_case("https://open.feishu.cn" => Some("https://open.feishu.cn".to_owned()))]
    #[test_case("https://Open.Feishu.cn:443/" => Some("https://open.feishu.cn".to_owned()); "canonical spelling")]
    #[test_case("http://127.0.0.1:8081" => Some("http://127.0.0.1:8081".to_owned()))]
    #[test_case("http://[::1]:8081" => Some("http://[::1]:8081".to_owned()))]
    #[test_case("open.feishu.cn" => None; "no scheme")]
    #[test_case("ftp://open.feishu.cn" => None; "another scheme")]
    #[test_case("https://open.feishu.cn/open-apis" => None; "a path")]
    #[test_case("https://me:pw@open.feishu.cn" => None; "a password")]
    #[test_case("https://open.feishu.cn/?a=b" => None; "a query")]
    #[test_case("https://open.feishu.cn/#a" => None; "a fragment")]
    #[test_case("" => None; "nothing")]
    fn origin(text: &str) -> Option<String> {
        web_origin(&typed(text)).ok()
    }

    #[test_case("0" => Some(0))]
    #[test_case("10" => Some(10))]
    #[test_case("11" => None; "above the range")]
    #[test_case("-1" => None; "negative")]
    #[test_case("+1" => None; "a sign")]
    #[test_case("1_0" => None; "an underscore")]
    #[test_case(" 1" => None; "a blank")]
    #[test_case("1.0" => None; "a fraction")]
    #[test_case("" => None; "nothing")]
    #[test_case("99999999999999999999999" => None; "beyond 64 bits")]
    fn number_up_to_ten(text: &str) -> Option<u64> {
        whole_number(0..=10)(&typed(text)).ok()
    }

    #[test_case("true" => Some(true))]
    #[test_case("false" => Some(false))]
    #[test_case("True" => None)]
    #[test_case("1" => None)]
    #[test_case("yes" => None)]
    fn truth_of(text: &str) -> Option<bool> {
        truth(&typed(text)).ok()
    }

    #[test]
    fn a_file_must_use_the_types_of_toml() {
        let quoted = Raw::Toml(toml::Value::String("10".to_owned()));
        let bare = Raw::Toml(toml::Value::Integer(10));
        assert!(whole_number(0..=10)(&quoted).is_err());
        assert!(whole_number(0..=10)(&bare).is_ok());
    }
}
