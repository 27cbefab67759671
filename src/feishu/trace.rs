//! Shows upstream requests and answers to somebody who debugs, without secrets and without what people wrote.
//!
//! Everything goes to the log target [`TARGET`] at level `trace`; `serve --trace-upstream` turns it on.

use serde_json::Value;

use super::api::Api;
use super::transport::{Exchange, Request, TransportError};

/// The log target of upstream exchanges.
pub const TARGET: &str = "approval_gateway::upstream";

/// Members whose values are ids, words, times or numbers that help and give nothing away.
///
/// What is not listed is shown by its length only: a new field is hidden until somebody decides otherwise. Messages are
/// not listed, because they may quote what they complain about.
const SHOWN: [&str; 49] = [
    "approval_code",
    "approval_codes",
    "approval_id",
    "action_type",
    "cc_id",
    "code",
    "create_time",
    "display_method",
    "end_time",
    "external_id",
    "field",
    "form_policy",
    "generate_type",
    "group_code",
    "group_external_id",
    "has_more",
    "id",
    "instance_code",
    "instance_external_id",
    "instance_id",
    "instance_ids",
    "instance_start_time_from",
    "instance_start_time_to",
    "instance_status",
    "is_default",
    "key",
    "locale",
    "log_id",
    "logid",
    "node_id",
    "order",
    "process_code",
    "process_external_id",
    "process_id",
    "process_status",
    "read_status",
    "serial_id",
    "start_time",
    "status",
    "subject",
    "task_external_id",
    "task_id",
    "task_status",
    "task_status_list",
    "topic",
    "trusteeship_user_id_type",
    "update_mode",
    "update_time",
    "viewer_type",
];

/// A request as it is shown, when anybody looks.
pub(super) struct Asked {
    api: Api,
    suffix: String,
    body: String,
}

/// Takes down a request; free when the target is off.
pub(super) fn asked(request: &Request) -> Option<Asked> {
    tracing::enabled!(target: TARGET, tracing::Level::TRACE).then(|| Asked {
        api: request.api,
        suffix: without_secrets(&request.suffix),
        body: request.body.as_deref().map(redacted).unwrap_or_default(),
    })
}

/// Writes a request and what came back.
pub(super) fn answered(asked: Option<Asked>, exchange: &Result<Exchange, TransportError>) {
    let Some(Asked { api, suffix, body }) = asked else { return };
    let (status, answer) = match exchange {
        Ok(exchange) => (Some(exchange.http_status), redacted(&exchange.body)),
        Err(error) => (None, error.to_string()),
    };
    tracing::trace!(
        target: TARGET,
        method = %api.method(),
        path = api.path(),
        suffix,
        request = body,
        http_status = status,
        answer,
        "upstream exchange"
    );
}

/// Page tokens and user ids of a query give nothing away but their length; codes and sizes are shown.
fn without_secrets(suffix: &str) -> String {
    let Some((path, query)) = suffix.split_once('?') else { return suffix.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name @ ("page_size" | "user_id_type" | "department_id_type" | "topic"), value)) => {
            format!("{name}={value}")
        }
        Some((name, value)) => format!("{name}={}", hidden(value)),
        None => hidden(pair),
    });
    format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))
}

/// JSON with its texts replaced by their lengths.
fn redacted(json: &[u8]) -> String {
    match serde_json::from_slice::<Value>(json) {
        Ok(mut value) => {
            redact(&mut value, false);
            value.to_string()
        }
        Err(_) => format!("({} bytes that are no JSON)", json.len()),
    }
}

fn redact(value: &mut Value, shown: bool) {
    match value {
        Value::String(text) if !shown && !text.is_empty() => *text = hidden(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, shown)),
        // An i18n key is shown, its wording is not: both are members of `texts`.
        Value::Object(members) => {
            for (name, member) in members {
                redact(member, SHOWN.contains(&name.as_str()));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn hidden(text: &str) -> String {
    format!("({} characters)", text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_secrets_and_links_are_shown_by_length_and_ids_as_they_are() {
        let json = r#"{"instance_id":"i-1","title":"@i18n@k","links":{"pc_link":"https://x"},"status":"PENDING",
            "extra":"{\"salary\":1}","external":{"action_callback_token":"hush"},
            "i18n_resources":[{"locale":"zh-CN","texts":[{"key":"@i18n@k","value":"工资"}]}]}"#;
        insta::assert_snapshot!(redacted(json.as_bytes()), @r#"{"external":{"action_callback_token":"(4 characters)"},"extra":"(12 characters)","i18n_resources":[{"locale":"zh-CN","texts":[{"key":"@i18n@k","value":"(2 characters)"}]}],"instance_id":"i-1","links":{"pc_link":"(9 characters)"},"status":"PENDING","title":"(7 characters)"}"#);
    }

    #[test]
    fn what_is_no_json_is_counted() {
        assert_eq!(redacted(b"<html>"), "(6 bytes that are no JSON)");
    }

    #[test]
    fn a_query_keeps_its_sizes_and_hides_its_tokens() {
        assert_eq!(
            without_secrets("/C1?page_size=50&page_token=abc&user_id=u1"),
            "/C1?page_size=50&page_token=(3 characters)&user_id=(2 characters)"
        );
    }
}
