//! One call from the token to the answer, in the order of contract §11.1: access, rate limit, schema, business.

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{Answer, Trace};
use super::api::Api;
use super::refusal::{FieldViolation, Refusal};
use super::schema::{self, Object, Verdict};
use super::state::State;
use super::switches::Switches;
use super::{Sandbox, check, sync, task_list, tokens};

/// A call that found its operation.
pub(super) struct Call<'a> {
    pub(super) api: Api,
    /// The path parameter, empty when the operation has none.
    pub(super) parameter: String,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
    /// Number under which the call is recorded.
    pub(super) number: u64,
}

/// The body of the token endpoint; wrong types are *invalid param* like everything else there.
#[derive(Deserialize)]
struct TokenRequest {
    #[serde(default)]
    app_id: String,
    #[serde(default)]
    app_secret: String,
}

/// The token endpoint's payload is at the top level (contract §1.2).
#[derive(Serialize)]
struct TokenAnswer {
    code: i64,
    msg: &'static str,
    tenant_access_token: String,
    expire: i64,
}

/// `data` of the answer to an upsert: the real code (contract §3.1).
#[derive(Serialize)]
struct Upserted {
    approval_code: String,
}

/// Answers a call and lets it take effect.
pub(super) fn answer(sandbox: &Sandbox, call: &Call<'_>, trace: &Trace) -> Answer {
    let outcome = match call.api {
        Api::Token => token(sandbox, call),
        _ => authorised(sandbox, call),
    };
    outcome.unwrap_or_else(|refusal| Answer::failure(refusal, trace))
}

fn token(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let request: TokenRequest =
        serde_json::from_slice(call.body).map_err(|_| Refusal::token(10003, "invalid param"))?;
    tokens::authenticate(&request.app_id, &request.app_secret, sandbox.credentials())?;
    let grant = sandbox.with(|state, now| state.tokens.grant(&request.app_id, now, &state.switches));
    Ok(Answer::json(
        0,
        &TokenAnswer { code: 0, msg: "ok", tenant_access_token: grant.token, expire: grant.expire },
    ))
}

fn authorised(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (app_id, switches) = sandbox.with(|state, now| admit(state, now, call))?;
    let read = Read { sandbox, call, switches: &switches };
    match call.api {
        Api::UpsertDefinition => {
            id_types(call)?;
            let body = read.body(&schema::DEFINITION)?;
            let approval_code = sandbox.with(|state, _| state.definitions.upsert(&app_id, body))?;
            Ok(Answer::success(&Upserted { approval_code }))
        }
        Api::GetDefinition => {
            id_types(call)?;
            sandbox.with(|state, _| {
                let definition = state.definitions.find(&app_id, &call.parameter)?;
                Ok(Answer::success(&definition.body))
            })
        }
        Api::SyncInstance => {
            let body = read.body(&schema::INSTANCE)?;
            let synced = sandbox.with(|state, now| sync::sync(state, &app_id, now, body))?;
            Ok(Answer::success(&synced))
        }
        Api::Check => {
            let body = read.body(&schema::CHECK)?;
            let differences = sandbox.with(|state, _| check::check(&state.instances, &app_id, body));
            Ok(Answer::success(&differences))
        }
        Api::TaskList => {
            let body = read.body(&schema::TASK_LIST)?;
            let (size, token) = (parameter(call, "page_size"), parameter(call, "page_token"));
            let page = sandbox
                .with(|state, _| task_list::page(state, &app_id, body, size.as_deref(), token.as_deref()))?;
            Ok(Answer::success(&page))
        }
        Api::LegacyTaskList => {
            let body = read.body(&schema::LEGACY_TASK_LIST)?;
            let page = sandbox.with(|state, _| task_list::legacy_page(state, &app_id, body))?;
            Ok(Answer::success(&page))
        }
        Api::Token | Api::QueryInstances | Api::SearchTasks | Api::SearchCc | Api::UserTasks => {
            Err(Refusal::try_later())
        }
    }
}

/// Token, scope and rate limit; answers the app and the switches that hold for this call.
fn admit(state: &mut State, now: i64, call: &Call<'_>) -> Result<(String, Switches), Refusal> {
    let switches = state.switches.clone();
    let status = StatusCode::from_u16(switches.auth_failure_http_status).unwrap_or(StatusCode::BAD_REQUEST);
    let app_id = {
        let token = bearer(call.headers).ok_or_else(|| {
            let msg = "Missing access token for authorization. Please make a request with token attached.";
            Refusal::access(status, 99991661, msg)
        })?;
        let invalid = |code| {
            let msg = "Invalid access token for authorization. Please make a request with token attached.";
            Refusal::access(status, code, msg)
        };
        match token.get(..2) {
            Some("t-") => state.tokens.app_of(token, now).ok_or_else(|| invalid(99991663))?.to_owned(),
            // Every operation here takes a tenant token (contract §1.1); the code list names 99991668 for this case.
            Some("u-") => return Err(invalid(99991668)),
            _ => return Err(invalid(99991671)),
        }
    };
    let scopes = call.api.scopes();
    if let Some(granted) = &switches.granted_scopes
        && scopes.iter().all(|scope| granted.iter().all(|known| known != scope))
    {
        return Err(Refusal::scope_missing(status, app_id, scopes));
    }
    if call.api.is_rate_limited() {
        let too_many =
            if switches.legacy_rate_limit { StatusCode::BAD_REQUEST } else { StatusCode::TOO_MANY_REQUESTS };
        state
            .rates
            .take(call.api, &app_id, now, &switches)
            .map_err(|exceeded| Refusal::rate_limited(too_many, exceeded.limit, exceeded.reset_seconds))?;
    }
    Ok((app_id, switches))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim).filter(|token| !token.is_empty())
}

/// Reads bodies through the schema layer.
struct Read<'a> {
    sandbox: &'a Sandbox,
    call: &'a Call<'a>,
    switches: &'a Switches,
}

impl Read<'_> {
    /// An empty body counts as `{}`, so that a missing one is answered with the fields that are required.
    fn body<T: DeserializeOwned>(&self, object: &Object) -> Result<T, Refusal> {
        let bytes: &[u8] = if self.call.body.is_empty() { b"{}" } else { self.call.body };
        let json: Value = serde_json::from_slice(bytes).map_err(|_| Refusal::wrong_type("body"))?;
        let Verdict { outcome, unknown_fields } = schema::check(object, json, self.switches);
        self.sandbox.with(|state, _| state.requests.note_unknown_fields(self.call.number, unknown_fields));
        serde_json::from_value(outcome?).map_err(|_| Refusal::wrong_type("body"))
    }
}

/// Checks the two id types of the definition calls (contract §1.3).
fn id_types(call: &Call<'_>) -> Result<(), Refusal> {
    let known: [(&str, &[&str]); 2] = [
        ("user_id_type", &["open_id", "union_id", "user_id"]),
        ("department_id_type", &["department_id", "open_department_id"]),
    ];
    let violations: Vec<FieldViolation> = known
        .into_iter()
        .filter_map(|(name, words)| {
            let value = parameter(call, name).filter(|value| !words.contains(&value.as_str()))?;
            let description = format!("{name} must be one of [{}]", words.join(", "));
            Some(FieldViolation { field: name.to_owned(), value, description })
        })
        .collect();
    if violations.is_empty() { Ok(()) } else { Err(Refusal::fields(violations)) }
}

/// A query parameter.
fn parameter(call: &Call<'_>, name: &str) -> Option<String> {
    call.query?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        (decode(key) == name).then(|| decode(value))
    })
}
