//! `tenant_access_token/internal` (contract §2.1), and what holds for every other call (§1.1).

use serde_json::{Value, json};

use super::{APP_ID, Answer, Asked, Refusal};

pub(crate) const PATH: &str = "/open-apis/auth/v3/tenant_access_token/internal";

const TOKEN: &str = "t-g204bq6tN3XWYUEKQJ5V2MRDL7ZAHSPO4CIF81";

pub(crate) fn issue(asked: &Asked) -> Answer {
    let given: Value = asked.json()?;
    if asked.method != "POST" || !asked.query.is_empty() {
        return Err(Refusal::undocumented("a token is asked for by POST, without a query"));
    }
    // Any secret will do: two gateways of one test have different ones.
    if given["app_id"] != APP_ID || given["app_secret"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::undocumented("not the app, or no secret"));
    }
    Ok(json!({"code": 0, "msg": "ok", "tenant_access_token": TOKEN, "expire": 7200}))
}

/// The header of every other call.
pub(crate) fn judge(asked: &Asked) -> Result<(), Refusal> {
    match asked.header("authorization") {
        Some(value) if value == format!("Bearer {TOKEN}") => Ok(()),
        _ => Err(Refusal::undocumented("no tenant token")),
    }
}
