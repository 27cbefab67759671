//! Content codings: whether a caller takes gzip, and what to send when not.

use std::io::Read as _;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use bytes::Bytes;
use flate2::read::GzDecoder;

/// Whether the caller said that it takes gzip (RFC 9110 §12.5.3). One that says nothing may be unable to inflate, as curl
/// without `--compressed` is, so silence is no.
pub(super) fn gzip_is_accepted(headers: &HeaderMap) -> bool {
    let (mut gzip, mut anything) = (None, None);
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for coding in accepted.flat_map(|value| value.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        match name.as_str() {
            "gzip" | "x-gzip" => gzip = Some(quality),
            "*" => anything = Some(quality),
            _ => {}
        }
    }
    gzip.or(anything).is_some_and(|quality| quality > 0.0)
}

/// A file without its compression.
pub(super) fn inflated(gzip: &[u8]) -> Bytes {
    let mut bytes = Vec::new();
    GzDecoder::new(gzip)
        .read_to_end(&mut bytes)
        .expect("the build compresses the files, and tests inflate each");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use test_case::test_case;

    use super::*;

    #[test_case("gzip, deflate, br, zstd" => true; "as browsers ask")]
    #[test_case("br, GZIP;q=0.1" => true; "least wanted")]
    #[test_case("x-gzip" => true; "by its old name")]
    #[test_case("*" => true; "anything")]
    #[test_case("br" => false; "another")]
    #[test_case("gzip;q=0, *" => false; "refused")]
    #[test_case("identity, *;q=0" => false; "plain only")]
    fn gzip_is_sent_to_those_who_name_it(accept_encoding: &'static str) -> bool {
        gzip_is_accepted(&HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static(accept_encoding),
        )]))
    }

    #[test]
    fn whoever_names_no_coding_gets_no_gzip() {
        assert!(!gzip_is_accepted(&HeaderMap::new()));
    }
}
