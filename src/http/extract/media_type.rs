//! Whether the headers declare a body that can be read: JSON, UTF-8, not compressed.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};

use crate::http::problem::{Code, Problem};

/// Accepts `application/json` and `application/*+json`, with no charset but UTF-8 (RFC 8259 §8.1), uncompressed.
///
/// # Errors
/// 415 `unsupported_media_type` whose detail shows the header to send.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    require(headers, "application/json", "JSON in UTF-8", is_json_type)
}

/// Accepts newline-delimited JSON under its usual names, with no charset but UTF-8, uncompressed.
///
/// # Errors
/// As for [`require_json`].
pub(super) fn require_lines(headers: &HeaderMap) -> Result<(), Problem> {
    require(headers, "application/x-ndjson", "newline-delimited JSON in UTF-8", is_lines_type)
}

fn require(
    headers: &HeaderMap,
    usual: &str,
    meaning: &str,
    is_type: fn(&str) -> bool,
) -> Result<(), Problem> {
    let encodings = headers.get_all(CONTENT_ENCODING);
    if encodings.iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported("The body is compressed; send it as it is, without Content-Encoding.")
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (None, _) => {
            Err(unsupported(&format!("The Content-Type header is missing; add Content-Type: {usual}")))
        }
        (Some(_), Some(_)) => Err(unsupported(&format!(
            "There is more than one Content-Type header; send only Content-Type: {usual}"
        ))),
        (Some(value), None) if value.to_str().is_ok_and(|value| is_utf8(value, is_type)) => Ok(()),
        (Some(_), None) => Err(unsupported(&format!(
            "The Content-Type header names something other than {meaning}; send Content-Type: {usual}"
        ))),
    }
}

fn unsupported(detail: &str) -> Problem {
    Problem::new(Code::UnsupportedMediaType).detail(detail)
}

fn is_utf8(value: &str, is_type: fn(&str) -> bool) -> bool {
    let mut pieces = value.split(';').map(str::trim);
    pieces.next().is_some_and(is_type) && pieces.all(is_harmless_parameter)
}

/// No name is registered; these are in use.
fn is_lines_type(essence: &str) -> bool {
    let names =
        ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"];
    names.iter().any(|name| essence.eq_ignore_ascii_case(name))
}

fn is_json_type(essence: &str) -> bool {
    let Some((kind, subtype)) = essence.split_once('/') else { return false };
    let is_suffixed = || {
        subtype
            .rsplit_once('+')
            .is_some_and(|(own, suffix)| !own.is_empty() && suffix.eq_ignore_ascii_case("json"))
    };
    kind.eq_ignore_ascii_case("application") && (subtype.eq_ignore_ascii_case("json") || is_suffixed())
}

/// Every parameter but a charset is ignored, as RFC 8259 §11 defines none.
fn is_harmless_parameter(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let charset = value.trim().trim_matches('"');
            charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
        }
        Some(_) | None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("application/json" => true; "plain")]
    #[test_case("APPLICATION/Json" => true; "any case")]
    #[test_case("application/json; charset=UTF-8" => true; "utf-8")]
    #[test_case("application/json;charset=\"utf-8\"" => true; "quoted charset")]
    #[test_case("application/json; version=1" => true; "another parameter")]
    #[test_case("application/vnd.acme+json" => true; "structured suffix")]
    #[test_case("application/json; charset=gbk" => false; "another charset")]
    #[test_case("application/+json" => false; "suffix alone")]
    #[test_case("application/jsonp" => false; "longer word")]
    #[test_case("text/json" => false; "text")]
    #[test_case("application/x-www-form-urlencoded" => false; "form, what curl sends by default")]
    #[test_case("" => false; "empty")]
    fn json(value: &str) -> bool {
        is_utf8(value, is_json_type)
    }
}
