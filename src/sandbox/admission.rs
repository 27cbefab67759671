//! Who may call: token, scope and rate limit, before anything of the body is looked at (contract §11.1, §13.3, §13.9).

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap};

use super::call::Call;
use super::refusal::Refusal;
use super::state::State;
use super::switches::Switches;

/// Token, scope and rate limit; answers the app and the switches that hold for this call.
pub(super) fn admit(state: &mut State, now: i64, call: &Call<'_>) -> Result<(String, Switches), Refusal> {
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
