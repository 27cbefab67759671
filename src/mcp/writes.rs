//! Writes in two calls: the first shows what would be sent, the second names the digest of that and sends it.

use axum::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use axum::http::{Method, Response};
use bytes::Bytes;
use futures_util::future::try_join;
use serde_json::{Value, json};

use super::arguments::{Arguments, request};
use super::digest::{Basis, Intent, Refused, VALID};
use super::gateway::{Gateway, SendError};
use super::results::Outcome;
use super::tools::Tool;
use crate::callers::Scope;
use crate::document::{self, PatchKeys, Rejection};
use crate::domain::Violation;

/// What JSON is declared as.
const JSON: &str = "application/json";

/// What is said of a first call.
const NEXT: &str = "nothing was sent; to send it, call again with the same arguments and this digest";

/// What is said of the first call for a patch: only the gateway knows whether it has ever had the whole document.
const OF_PATCHES: &str =
    "the whole document that the patch makes; sent as UPDATE where the gateway has had only updates of it";

/// What is said of a key without the scope.
const NO_SCOPE: &str = "the key may not write: the operator gives it the scope write";

/// What is said of a second call without an answer.
const UNKNOWN: &str = "it is unknown whether it was sent: look at get_delivery";

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
            let shown = show(gateway, tool, arguments, &body).await;
            let (basis, payload) = shown.map_err(Outcome::not_sent)?;
            let shown = Outcome::done()
                .not_sent()
                .with("digest", intent.digest(secret, basis, now).into())
                .with("valid_for_seconds", VALID.as_secs().into())
                .with("next", NEXT.into())
                .and_data(json!({ "would_send": payload }));
            Ok(if tool.method == Method::PATCH { shown.with("note", OF_PATCHES.into()) } else { shown })
        }
        digest => {
            let basis = intent.check(secret, digest, now).map_err(|refused| refusal(refused).not_sent())?;
            let mut request = arguments.request();
            if let Some((name, value)) = condition(basis) {
                request.headers_mut().insert(name, value);
            }
            Ok(Outcome::of(&gateway.send(request).await.map_err(unanswered)?))
        }
    }
}

/// Why there is no answer to what may have been sent.
fn unanswered(error: SendError) -> Outcome {
    let failed = Outcome::from(error);
    match error {
        SendError::Unreachable => failed,
        SendError::NoAnswer | SendError::TooLarge => failed.with("hint", UNKNOWN.into()),
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
///
/// # Errors
/// Why the second call would not send it.
async fn show<G: Gateway>(
    gateway: &G,
    tool: &Tool,
    arguments: &Arguments,
    body: &Bytes,
) -> Result<(Basis, Value), Outcome> {
    let read = |method, target: &str| gateway.send(request(method, target, JSON, Bytes::new()));
    // With a key that may only read, everything would look well until the second call.
    let caller = read(Method::GET, "/v1/caller");
    let document = arguments.path("/v1/instances/{instance_id}/document");
    if tool.method == Method::PUT {
        // The revision is all that is needed, and the document may be larger than what is read for a tool.
        let (caller, mut kept) = try_join(caller, read(Method::HEAD, &document)).await?;
        may_write(&caller)?;
        if !kept.status().is_success() {
            // Without a body nothing says what is wrong.
            kept = read(Method::GET, &document).await?;
        }
        return Ok((basis(&kept)?, preview(gateway, arguments, body.clone(), None).await?));
    }
    let (caller, kept) = try_join(caller, read(Method::GET, &document)).await?;
    may_write(&caller)?;
    let basis @ Basis::Revision(_) = basis(&kept)? else { return Err(Outcome::of(&kept)) };
    let patched = document::patch_instance(kept.body(), body).map_err(|rejection| match rejection {
        Rejection::NotJson(_) => Outcome::failed("kept_document_unreadable"),
        Rejection::Invalid(violations) => violated(&violations),
    })?;
    if !patched.violations().is_empty() {
        return Err(violated(patched.violations()));
    }
    let payload = preview(gateway, arguments, patched.document.into(), Some(&patched.keys)).await?;
    Ok((basis, payload))
}

/// Refuses a caller who may not write, as the operation would.
fn may_write(caller: &Response<Bytes>) -> Result<(), Outcome> {
    let told: Value = serde_json::from_slice(caller.body()).unwrap_or_default();
    match told["scopes"].as_array().filter(|_| caller.status().is_success()) {
        Some(scopes) if scopes.iter().any(|scope| scope == Scope::Write.as_str()) => Ok(()),
        Some(_) => Err(Outcome::failed("forbidden").with("hint", NO_SCOPE.into())),
        None => Err(Outcome::of(caller)),
    }
}

/// What the answer to `getDocument` says is kept.
///
/// # Errors
/// When it says nothing of that.
fn basis(kept: &Response<Bytes>) -> Result<Basis, Outcome> {
    if kept.status().is_success() {
        let tag = kept.headers().get(ETAG).and_then(|tag| tag.to_str().ok()?.trim_matches('"').parse().ok());
        return tag.map(Basis::Revision).ok_or_else(Outcome::no_gateway);
    }
    let problem: Value = serde_json::from_slice(kept.body()).unwrap_or_default();
    match problem["code"].as_str() {
        Some("document_not_found") => Ok(Basis::Nothing),
        Some("ledger_off") => Ok(Basis::NoLedger),
        _ => Err(Outcome::of(kept)),
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
    Err(Outcome::answered(answer.status(), content))
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
    Outcome::failed("validation_failed").and_data(json!({ "errors": errors }))
}
