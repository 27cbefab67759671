//! How requests are written: values of a query or path, and JSON bodies.

use bytes::Bytes;

/// What is encoded in a query or a path: all but what RFC 3986 §2.3 calls unreserved, so that codes stay readable in
/// logs. The dot is encoded nevertheless: as a whole path segment it means something.
const ENCODED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// A value of a query or a path segment, percent-encoded.
pub(super) fn query_value(raw: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(raw, ENCODED)
}

/// The JSON of a request that is no payload of a push or an upsert, which write themselves.
pub(super) fn json(payload: &impl serde::Serialize) -> Bytes {
    // Payloads are structs, lists, strings, numbers: nothing that JSON cannot say. Feishu refuses an empty body.
    Bytes::from(serde_json::to_vec(payload).unwrap_or_default())
}
