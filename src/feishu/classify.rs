//! Classifies answers of Feishu: the code decides, never the HTTP status alone (contract §11).

use std::borrow::Cow;
use std::time::Duration;

use axum::http::header::{HeaderMap, HeaderName};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::api::PayloadPlace;
use super::echo::without_echo;
use super::envelope::{Envelope, ErrorDetails, Object, PlainSuccess, shorten};
use super::failure::{Failure, Refusal};
use super::failure_table::Class;
use super::foreign_answer::{self, is_json};
use super::transport::Exchange;
use super::wire::InstanceAnswer;

/// A success, with what support asks for when it was none after all.
#[derive(Debug)]
pub(super) struct Success<T> {
    pub(super) data: T,
    pub(super) log_id: Option<String>,
    /// Status of the answer.
    pub(super) http_status: u16,
}

/// Reads an exchange.
pub(super) fn classify<T: DeserializeOwned>(
    exchange: &Exchange,
    payload: PayloadPlace,
) -> Result<Success<T>, Failure> {
    match plain_success(exchange, payload) {
        Some(data) => {
            Ok(Success { data, log_id: log_id(&exchange.headers), http_status: exchange.http_status })
        }
        None => classify_slowly(exchange, payload),
    }
}

/// What Feishu says to a push, read as after a call: a way in for benchmarks, which have no Feishu.
///
/// # Errors
/// When the answer is no success with a payload.
#[doc(hidden)]
pub fn read_push_answer(body: Bytes) -> Result<InstanceAnswer, Failure> {
    let exchange = Exchange { http_status: 200, headers: HeaderMap::new(), body };
    classify(&exchange, PayloadPlace::MaybeData).map(|success| success.data)
}

/// The payload of an answer with which nothing is wrong: what nearly all answers are, read in one pass.
///
/// It does not look into an echo, so it takes some that [`classify_slowly`] would not.
fn plain_success<T: DeserializeOwned>(exchange: &Exchange, payload: PayloadPlace) -> Option<T> {
    if !(200..300).contains(&exchange.http_status) || !is_json(&exchange.headers) {
        return None;
    }
    let body: Cow<'_, [u8]> = match payload {
        PayloadPlace::TopLevel | PayloadPlace::Nowhere => return None,
        PayloadPlace::Data => (&*exchange.body).into(),
        PayloadPlace::MaybeData => without_echo(&exchange.body),
    };
    match serde_json::from_slice(&body).ok()? {
        Object(PlainSuccess { code: 0, data: Some(Object(data)) }) => Some(data),
        Object(PlainSuccess { .. }) => None,
    }
}

/// Any answer: finds out what is wrong with it.
pub(super) fn classify_slowly<T: DeserializeOwned>(
    exchange: &Exchange,
    payload: PayloadPlace,
) -> Result<Success<T>, Failure> {
    let http_status = exchange.http_status;
    let log_id = log_id(&exchange.headers);
    let protocol = |what: String| Failure::Protocol { what, http_status, log_id: log_id.clone() };
    let envelope = match serde_json::from_slice::<Object<Envelope<'_>>>(&exchange.body) {
        Ok(Object(envelope)) => envelope,
        Err(_) if http_status >= 500 => return Err(Failure::ServerTrouble { http_status, log_id }),
        // Not JSON, but the one status that says enough by itself.
        Err(_) if http_status == 429 => return Err(rate_limited_by_proxy(exchange, log_id)),
        Err(e) => {
            let where_it_ends = || format!("{} at line {} column {}", category(&e), e.line(), e.column());
            return Err(protocol(foreign_answer::describe(exchange).unwrap_or_else(where_it_ends)));
        }
    };
    if envelope.code != 0 {
        return Err(refused(&envelope, exchange, log_id));
    }
    if http_status >= 500 {
        return Err(Failure::ServerTrouble { http_status, log_id });
    }
    if !(200..300).contains(&http_status) {
        return Err(protocol(format!("code 0 with HTTP {http_status}")));
    }
    if !is_json(&exchange.headers) {
        return Err(protocol("a success that is not labelled application/json".to_owned()));
    }
    let data = envelope.data.map(serde_json::value::RawValue::get);
    let text = match (payload, data) {
        (PayloadPlace::TopLevel | PayloadPlace::Nowhere, _) => &exchange.body,
        (PayloadPlace::MaybeData, None) => b"{}".as_slice(),
        // Anything but an object is no answer to anything that is asked.
        (PayloadPlace::Data | PayloadPlace::MaybeData, Some(data)) if data.starts_with('{') => {
            data.as_bytes()
        }
        (PayloadPlace::Data | PayloadPlace::MaybeData, _) => {
            return Err(protocol("a success without an object under data".to_owned()));
        }
    };
    match serde_json::from_slice(text) {
        Ok(data) => Ok(Success { data, log_id, http_status }),
        Err(_) => Err(protocol("the payload of the success lacks a field or has a wrong type".to_owned())),
    }
}

fn refused(envelope: &Envelope<'_>, exchange: &Exchange, log_id: Option<String>) -> Failure {
    let message = shorten(envelope.msg.as_deref().unwrap_or_default());
    let class = Class::of_code(envelope.code, &message);
    if class == Class::Other && exchange.http_status >= 500 {
        return Failure::ServerTrouble { http_status: exchange.http_status, log_id };
    }
    let details = envelope.details();
    Failure::Refused(Box::new(Refusal {
        code: envelope.code,
        class,
        message,
        http_status: exchange.http_status,
        log_id: log_id.or_else(|| details.log_id.clone()),
        reset: reset(&exchange.headers),
        details,
    }))
}

/// Some proxy in front of Feishu refused, in words of its own.
fn rate_limited_by_proxy(exchange: &Exchange, log_id: Option<String>) -> Failure {
    Failure::Refused(Box::new(Refusal {
        // The code of a rate limit (contract §11.1); the answer itself held none.
        code: 99_991_400,
        class: Class::RateLimited,
        message: String::new(),
        http_status: exchange.http_status,
        log_id,
        reset: reset(&exchange.headers),
        details: ErrorDetails::default(),
    }))
}

/// What has Feishu's id of the exchange; the second one where the first is missing (contract §11.3).
const LOG_ID_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("x-tt-logid"), HeaderName::from_static("x-request-id")];

fn log_id(headers: &HeaderMap) -> Option<String> {
    LOG_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(name))
        .and_then(|value| value.to_str().ok())
        .map(shorten)
}

/// Longest pause that Feishu is believed to ask for: twice the longest window that is known (contract §11.4). Whatever is
/// asked for beyond that is asked for again after it.
const LONGEST_RESET_SECONDS: f64 = 120.0;

/// Contract §11.4: seconds, a decimal.
fn reset(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get("x-ogw-ratelimit-reset")?.to_str().ok()?.trim().parse().ok()?;
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST_RESET_SECONDS)))
}

fn category(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "the JSON ends too early",
        serde_json::error::Category::Data => "it is no envelope with a numeric code,",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "the body is no JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn exchange(http_status: u16, headers: &[(&'static str, &str)], body: &str) -> Exchange {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Exchange { http_status, headers: map, body: Bytes::from(body.to_owned()) }
    }

    fn reading(http_status: u16, body: &str) -> String {
        match classify::<serde_json::Value>(&exchange(http_status, &[], body), PayloadPlace::MaybeData) {
            Ok(success) => format!("ok {}", success.data),
            Err(Failure::Refused(refusal)) => format!("{:?} {}", refusal.class, refusal.code),
            Err(Failure::ServerTrouble { http_status, .. }) => format!("trouble {http_status}"),
            Err(Failure::Protocol { what, .. }) => what,
            Err(other) => format!("{other:?}"),
        }
    }

    #[test_case(200, r#"{"code":0,"msg":"success","data":{"a":1}}"# => "ok {\"a\":1}")]
    #[test_case(200, r#"{"code":0}"# => "ok {}"; "data may be absent")]
    #[test_case(200, r#"{"code":1390001,"msg":"x"}"# => "ContentRejected 1390001"; "a business error with 200")]
    #[test_case(400, r#"{"code":99991400,"msg":"x"}"# => "RateLimited 99991400"; "a rate limit with 400")]
    #[test_case(400, r#"{"code":1395001,"msg":"x"}"# => "Transient 1395001"; "a transient error with 400")]
    #[test_case(500, r#"{"code":1390001,"msg":"x"}"# => "ContentRejected 1390001"; "a known code with 500")]
    #[test_case(500, r#"{"code":77,"msg":"x"}"# => "trouble 500"; "an unknown code with 500")]
    #[test_case(504, "<html>" => "trouble 504")]
    #[test_case(429, "slow down" => "RateLimited 99991400"; "a proxy's 429")]
    #[test_case(200, "<html>" => "HTTP 200 without a media type, and no JSON object"; "HTML with 200")]
    #[test_case(404, "404 page not found" => "HTTP 404 without a media type, and no JSON object"; "unknown path")]
    #[test_case(200, "" => "HTTP 200 with nothing in it"; "empty")]
    #[test_case(200, r#"{"code":0,"data":{"#  => "the JSON ends too early at line 1 column 18"; "truncated")]
    #[test_case(200, r#"{"code":"0"}"# => "it is no envelope with a numeric code, at line 1 column 11"; "code is a string")]
    #[test_case(200, r#"[0,"success",{}]"# => "HTTP 200 without a media type, and no JSON object"; "an array in place of an object")]
    #[test_case(200, r#"[0,{"a":1}]"# => "HTTP 200 without a media type, and no JSON object"; "an array with a payload")]
    #[test_case(503, r#"{"code":0}"# => "trouble 503"; "server trouble with code 0")]
    #[test_case(400, r#"{"code":0}"# => "code 0 with HTTP 400"; "contradiction")]
    fn the_code_decides(http_status: u16, body: &str) -> String {
        reading(http_status, body)
    }

    #[test_case(r#"{"code":0}"#; "no data")]
    #[test_case(r#"{"code":0,"data":null}"#; "null")]
    #[test_case(r#"{"code":0,"data":[7]}"#; "an array")]
    fn a_success_of_a_question_has_an_object_under_data(body: &str) {
        let classified = classify::<serde_json::Value>(&exchange(200, &[], body), PayloadPlace::Data);
        assert!(matches!(classified, Err(Failure::Protocol { .. })), "{classified:?}");
    }

    #[test_case("text/html", false)]
    #[test_case("application/json; charset=utf-8", true)]
    #[test_case("Application/JSON", true)]
    fn a_success_must_be_labelled_json(content_type: &str, taken: bool) {
        let exchange = exchange(200, &[("content-type", content_type)], r#"{"code":0}"#);
        assert_eq!(classify::<serde_json::Value>(&exchange, PayloadPlace::MaybeData).is_ok(), taken);
    }

    #[test_case("1" => Some(Duration::from_secs(1)))]
    #[test_case("0.25" => Some(Duration::from_millis(250)))]
    #[test_case("1e300" => Some(Duration::from_secs(120)); "absurd")]
    #[test_case("-1" => None; "negative")]
    #[test_case("NaN" => None; "not a number")]
    #[test_case("soon" => None; "a word")]
    fn reset_seconds(value: &str) -> Option<Duration> {
        reset(&exchange(429, &[("x-ogw-ratelimit-reset", value)], "").headers)
    }
}
