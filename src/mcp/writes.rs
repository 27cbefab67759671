//! Writes in two calls: the first shows what would be sent, the second names the digest of that and sends it.

use axum::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use axum::http::{Method, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::arguments::{Arguments, request};
use super::digest::{Basis, Intent, Refused, VALID};
use super::gateway::Gateway;
use super::results::Outcome;
use super::tools::Tool;
use crate::document::{self, PatchKeys, Rejection};
use crate::domain::Violation;

/// What JSON is declared as.
const JSON: &str = "application/json";

/// Carries out either call.
///
/// # Errors
/// What it came to when it was refused.
pub(super) async fn write<G: Gateway>(
    gateway: &G,
    tool: &Tool,
    arguments: &Arguments,
    now: i64,
) -> Result<Outcome, Outcome> {
    let body = arguments.body();
    let intent = Intent {
        tool: tool.name,
        instance_id: arguments.text("instance_id"),
        mode: arguments.text("mode"),
        body: &body,
    };
    let secret = gateway.caller_secret();
    match arguments.text("digest") {
        "" => {
            let (basis, payload) = show(gateway, tool, arguments, &body).await?;
            Ok(Outcome::done()
                .not_sent()
                .with("digest", intent.digest(secret, basis, now).into())
                .with("valid_for_seconds", VALID.as_secs().into())
                .with(
                    "next",
                    "nothing was sent; to send it, call again with the same arguments and this digest".into(),
                )
                .and_data(json!({ "would_send": payload })))
        }
        digest => {
            let basis = intent.check(secret, digest, now).map_err(|refused| refusal(refused).not_sent())?;
            let mut request = arguments.request();
            if let Some((name, value)) = condition(basis) {
                request.headers_mut().insert(name, value);
            }
            Ok(Outcome::of(&gateway.send(request).await?))
        }
    }
}

fn refusal(refused: Refused) -> Outcome {
    match refused {
        Refused::Wrong => Outcome::failed("wrong_digest").with(
            "hint",
            "this digest is not of these arguments and this caller; call without digest, look at what would be sent, and \
             name the digest of that"
                .into(),
        ),
        Refused::Expired => Outcome::failed("expired_digest").with(
            "hint",
            "call without digest, and look at what would be sent now".into(),
        ),
    }
}

/// What must be kept still when it is sent.
fn condition(basis: Basis) -> Option<(HeaderName, HeaderValue)> {
    match basis {
        Basis::Revision(revision) => Some((IF_MATCH, HeaderValue::try_from(format!("\"{revision}\"")).ok()?)),
        Basis::Nothing => Some((IF_NONE_MATCH, HeaderValue::from_static("*"))),
        Basis::NoLedger => None,
    }
}

/// What is kept now, and what would be sent.
async fn show<G: Gateway>(
    gateway: &G,
    tool: &Tool,
    arguments: &Arguments,
    body: &Bytes,
) -> Result<(Basis, Value), Outcome> {
    let document = arguments.path("/v1/instances/{instance_id}/document");
    let kept = gateway.send(request(Method::GET, &document, JSON, Bytes::new())).await?;
    let refused = || Outcome::of(&kept).not_sent();
    let basis = basis(&kept)
        .ok_or_else(|| if kept.status().is_success() { Outcome::no_gateway() } else { refused() })?;
    if tool.method == Method::PUT {
        return Ok((basis, preview(gateway, arguments, body.clone(), None).await?));
    }
    if !kept.status().is_success() {
        return Err(refused());
    }
    let patched = document::patch_instance(kept.body(), body).map_err(|rejection| match rejection {
        Rejection::NotJson(_) => Outcome::failed("kept_document_unreadable").not_sent(),
        Rejection::Invalid(violations) => violated(&violations),
    })?;
    if !patched.violations().is_empty() {
        return Err(violated(patched.violations()));
    }
    let payload = preview(gateway, arguments, patched.document.into(), Some(&patched.keys)).await?;
    Ok((basis, payload))
}

/// What the answer to `getDocument` says is kept; none when it says nothing of that.
fn basis(kept: &Response<Bytes>) -> Option<Basis> {
    if kept.status().is_success() {
        let tag = kept.headers().get(ETAG)?.to_str().ok()?;
        return tag.trim_matches('"').parse().ok().map(Basis::Revision);
    }
    let problem: Value = serde_json::from_slice(kept.body()).ok()?;
    match problem["code"].as_str()? {
        "document_not_found" => Some(Basis::Nothing),
        "ledger_off" => Some(Basis::NoLedger),
        _ => None,
    }
}

/// The payload of a document; `keys` are those of the patch that it was made with.
///
/// # Errors
/// What is wrong with the document.
async fn preview<G: Gateway>(
    gateway: &G,
    arguments: &Arguments,
    document: Bytes,
    keys: Option<&PatchKeys>,
) -> Result<Value, Outcome> {
    let route = "/v1/instances/{instance_id}/preview";
    let target = format!("{}{}", arguments.path(route), arguments.query());
    let answer = gateway.send(request(Method::POST, &target, JSON, document)).await?;
    let Ok(mut content) = serde_json::from_slice::<Value>(answer.body()) else {
        return Err(Outcome::of(&answer));
    };
    if answer.status().is_success() {
        return Ok(content);
    }
    // The agent has seen the patch, and not what it makes of the document.
    if let (Some(keys), Some(errors)) = (keys, content.get_mut("errors").and_then(Value::as_array_mut)) {
        for pointer in errors.iter_mut().filter_map(|error| error.get_mut("pointer")) {
            *pointer = keys.keyed(pointer.as_str().unwrap_or_default()).into();
        }
    }
    Err(Outcome::answered(answer.status(), content).not_sent())
}

/// What is wrong with a patch, as the operation would say it.
fn violated(violations: &[Violation]) -> Outcome {
    let errors: Vec<_> = violations
        .iter()
        .map(|Violation { location, pointer, code, detail, hint }| {
            let mut error =
                json!({"in": location.as_str(), "pointer": pointer, "code": code, "detail": detail});
            if let Some(hint) = hint {
                error["hint"] = json!(hint);
            }
            error
        })
        .collect();
    Outcome::failed("validation_failed").not_sent().and_data(json!({ "errors": errors }))
}
