//! One file of a page, and how it is sent.

use std::sync::OnceLock;

use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::gzip::{gzip_is_accepted, inflated};
use crate::support::if_none_match;

/// A file of a page, with its media type and the policy that it is sent with.
#[derive(Debug)]
pub struct PageFile {
    media_type: &'static str,
    policy: &'static str,
    kept: &'static [u8],
    is_gzip: bool,
    inflated: OnceLock<Bytes>,
    entity_tag: OnceLock<HeaderValue>,
}

impl PageFile {
    /// A file that the build has compressed.
    pub const fn gzip(media_type: &'static str, kept: &'static [u8], policy: &'static str) -> Self {
        Self::new(media_type, kept, policy, true)
    }

    /// A file that compression would not make smaller.
    pub const fn plain(media_type: &'static str, kept: &'static [u8], policy: &'static str) -> Self {
        Self::new(media_type, kept, policy, false)
    }

    const fn new(media_type: &'static str, kept: &'static [u8], policy: &'static str, is_gzip: bool) -> Self {
        Self { media_type, policy, kept, is_gzip, inflated: OnceLock::new(), entity_tag: OnceLock::new() }
    }

    /// The file as it is kept where the client takes that, else inflated; 304 to one that has it.
    pub fn answer(&'static self, asked: &HeaderMap) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // Names do not change with their content, so that browsers have to ask.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ETAG, self.entity_tag().clone());
        if self.is_gzip {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if if_none_match::is_named(asked, self.entity_tag()) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        if self.is_gzip && gzip_is_accepted(asked) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            return (headers, self.kept).into_response();
        }
        (headers, self.inflated()).into_response()
    }

    /// The file without its compression. Inflating takes milliseconds, so it is done for the first client that takes no
    /// gzip, once.
    pub(super) fn inflated(&self) -> Bytes {
        let inflate = || if self.is_gzip { inflated(self.kept) } else { Bytes::from_static(self.kept) };
        self.inflated.get_or_init(inflate).clone()
    }

    /// Weak, as it stands for both codings.
    fn entity_tag(&self) -> &HeaderValue {
        self.entity_tag.get_or_init(|| {
            let hash = hex::encode(&Sha256::digest(self.kept)[..12]);
            HeaderValue::try_from(format!("W/\"{hash}\"")).expect("hexadecimal digits make a header")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::IF_NONE_MATCH;
    use test_case::test_case;

    static TEXT: PageFile = PageFile::plain("text/plain", b"text", "default-src 'none'");

    #[test_case(None => StatusCode::OK; "nothing")]
    #[test_case(Some("\"other\"") => StatusCode::OK; "another")]
    #[test_case(Some("*") => StatusCode::NOT_MODIFIED; "anything")]
    #[test_case(Some("\"982d9e3eb996f559e633f4d1\"") => StatusCode::NOT_MODIFIED; "the same")]
    #[test_case(Some("\"other\", W/\"982d9e3eb996f559e633f4d1\"") => StatusCode::NOT_MODIFIED; "among others")]
    fn who_has_the_file_is_not_sent_it_again(has: Option<&'static str>) -> StatusCode {
        let has = has.map(|has| (IF_NONE_MATCH, HeaderValue::from_static(has)));
        TEXT.answer(&HeaderMap::from_iter(has)).status()
    }
}
