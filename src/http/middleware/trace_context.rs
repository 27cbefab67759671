//! The caller's trace, so that our log lines can be found from theirs.

use axum::http::{HeaderMap, HeaderName};

/// The header that carries the caller's trace.
pub(super) const HEADER: HeaderName = HeaderName::from_static("traceparent");

/// What a valid W3C `traceparent` header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceParent<'a> {
    /// 32 hexadecimal digits.
    pub(super) trace_id: &'a str,
    /// The caller's span, 16 hexadecimal digits.
    pub(super) span_id: &'a str,
    /// Two hexadecimal digits.
    pub(super) flags: &'a str,
}

/// Reads the header `traceparent` (Trace Context §3.2); `None` for anything that is not valid.
pub(super) fn trace_parent(headers: &HeaderMap) -> Option<TraceParent<'_>> {
    let mut values = headers.get_all(HEADER).iter();
    let (value, None) = (values.next()?.to_str().ok()?, values.next()) else { return None };
    let mut pieces = value.split('-');
    let (version, trace, parent, flags) = (pieces.next()?, pieces.next()?, pieces.next()?, pieces.next()?);
    // Version ff is forbidden; only versions after 00 may append more.
    let version_fits = is_hex(version, 2) && version != "ff" && (version != "00" || pieces.next().is_none());
    let ids_fit = is_hex(trace, 32) && !is_zero(trace) && is_hex(parent, 16) && !is_zero(parent);
    (version_fits && ids_fit && is_hex(flags, 2)).then_some(TraceParent {
        trace_id: trace,
        span_id: parent,
        flags,
    })
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use test_case::test_case;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" => true; "the example of the standard")]
    #[test_case("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more" => true; "a later version")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more" => false; "version 00 has no more")]
    #[test_case("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" => false; "forbidden version")]
    #[test_case("00-00000000000000000000000000000000-00f067aa0ba902b7-01" => false; "zero trace")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01" => false; "zero parent")]
    #[test_case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01" => false; "upper case")]
    #[test_case("garbage" => false; "garbage")]
    fn valid(value: &'static str) -> bool {
        let headers =
            HeaderMap::from_iter([("traceparent".parse().unwrap(), HeaderValue::from_static(value))]);
        trace_parent(&headers).is_some_and(|parent| parent.trace_id == TRACE)
    }
}
