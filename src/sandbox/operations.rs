//! One call from the token to the answer, in the order of contract §11.1: access, rate limit, schema, business.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Answer;
use super::api::Api;
use super::call::Call;
use super::directory::AskedUsers;
use super::query::Query;
use super::refusal::Refusal;
use super::running::Sandbox;
use super::schema::{self, CheckResult, Object};
use super::search::{self, Asker, PageQuery, UserTaskQuery};
use super::switches::Switches;
use super::trace::Trace;
use super::{admission, check, sync, task_list, tokens};

/// The body of the token endpoint; wrong types are *invalid param* like everything else there.
#[derive(Deserialize)]
struct TokenRequest {
    #[serde(default)]
    app_id: String,
    #[serde(default)]
    app_secret: String,
    #[serde(default)]
    app_ticket: String,
}

/// The body of the request for a store app's token of a tenant.
#[derive(Deserialize)]
struct StoreTokenRequest {
    #[serde(default)]
    app_access_token: String,
    #[serde(default)]
    tenant_key: String,
}

#[derive(Serialize)]
struct AppTokenAnswer {
    code: i64,
    msg: &'static str,
    app_access_token: String,
    expire: i64,
}

/// The answer of those who hand nothing out.
#[derive(Serialize)]
struct Done {
    code: i64,
    msg: &'static str,
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
        Api::ResendTicket => resend_ticket(sandbox, call),
        Api::AppToken => app_token(sandbox, call),
        Api::StoreToken => store_token(sandbox, call),
        _ => authorised(sandbox, call),
    };
    outcome.unwrap_or_else(|refusal| Answer::failure(refusal, trace))
}

fn token(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let request = authenticated(sandbox, call)?;
    let grant = sandbox.with(|state, now| state.tokens.grant("t-", &request.app_id, now, &state.switches));
    Ok(Answer::json(
        0,
        &TokenAnswer { code: 0, msg: "ok", tenant_access_token: grant.token, expire: grant.expire },
    ))
}

/// A ticket comes some time later, as an event.
fn resend_ticket(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let app_id = authenticated(sandbox, call)?.app_id;
    let refused = || Refusal::token(10016, "app ticket resend fail: not a store app");
    tokio::spawn(sandbox.ticket_event(&app_id, false).ok_or_else(refused)?.push_later());
    Ok(Answer::json(0, &Done { code: 0, msg: "ok" }))
}

fn app_token(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let TokenRequest { app_id, app_ticket, .. } = authenticated(sandbox, call)?;
    let grant = sandbox.with(|state, now| {
        let switches = state.switches.clone();
        state.store_apps.app_token(&app_id, &app_ticket, now, &switches)
    })?;
    let answer = AppTokenAnswer { code: 0, msg: "ok", app_access_token: grant.token, expire: grant.expire };
    Ok(Answer::json(0, &answer))
}

fn store_token(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let request: StoreTokenRequest =
        serde_json::from_slice(call.body).map_err(|_| Refusal::token(10003, "invalid param"))?;
    let grant = sandbox.with(|state, now| {
        let world = state.store_apps.tenant(&request.app_access_token, &request.tenant_key, now)?;
        Ok(state.tokens.grant("t-", &world, now, &state.switches))
    })?;
    Ok(Answer::json(
        0,
        &TokenAnswer { code: 0, msg: "ok", tenant_access_token: grant.token, expire: grant.expire },
    ))
}

fn authenticated(sandbox: &Sandbox, call: &Call<'_>) -> Result<TokenRequest, Refusal> {
    let request: TokenRequest =
        serde_json::from_slice(call.body).map_err(|_| Refusal::token(10003, "invalid param"))?;
    tokens::authenticate(&request.app_id, &request.app_secret, sandbox.credentials())?;
    Ok(request)
}

fn authorised(sandbox: &Sandbox, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (app_id, switches) = sandbox.with(|state, now| admission::admit(state, now, call))?;
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
            let mut query = Query::new(call.query);
            let size = query.page_size(1, task_list::DEFAULT_PAGE, task_list::MAX_PAGE);
            let token = query.get("page_token");
            query.finish()?;
            let page =
                sandbox.with(|state, _| task_list::page(state, &app_id, body, size, token.as_deref()))?;
            Ok(Answer::success(&page))
        }
        Api::LegacyTaskList => {
            let body = read.body(&schema::LEGACY_TASK_LIST)?;
            let page = sandbox.with(|state, _| task_list::legacy_page(state, &app_id, body))?;
            Ok(Answer::success(&page))
        }
        Api::QueryInstances => {
            let page = page_query(call)?;
            let body = read.body(&schema::INSTANCE_SEARCH)?;
            let found = sandbox.with(|state, now| {
                search::query_instances(Asker { state, app_id: &app_id, now }, &body, &page)
            })?;
            Ok(Answer::success(&found))
        }
        Api::SearchTasks => {
            let page = page_query(call)?;
            let body = read.body(&schema::TASK_SEARCH)?;
            let found = sandbox.with(|state, now| {
                search::search_tasks(Asker { state, app_id: &app_id, now }, &body, &page)
            })?;
            Ok(Answer::success(&found))
        }
        Api::SearchCc => {
            let page = page_query(call)?;
            let body = read.body(&schema::CC_SEARCH)?;
            let found = sandbox
                .with(|state, now| search::search_cc(Asker { state, app_id: &app_id, now }, &body, &page))?;
            Ok(Answer::success(&found))
        }
        Api::UserTasks => {
            let mut query = Query::new(call.query);
            let asked = UserTaskQuery::read(&mut query);
            query.finish()?;
            let found = sandbox
                .with(|state, now| search::user_tasks(Asker { state, app_id: &app_id, now }, &asked))?;
            Ok(Answer::success(&found))
        }
        Api::SendMessage => {
            let body = read.message(&schema::MESSAGE)?;
            let sent =
                sandbox.with(|state, now| state.messages.send(&app_id, now, body, state.switches.region))?;
            Ok(Answer::success(&sent))
        }
        Api::UpdateMessage => {
            let body = read.message(&schema::MESSAGE_UPDATE)?;
            let sent = sandbox.with(|state, now| state.messages.update(&app_id, now, body))?;
            Ok(Answer::success(&sent))
        }
        Api::FindUsers => {
            let mut query = Query::new(call.query);
            let id_type = query.user_id_type();
            query.finish()?;
            let body = read.body(&schema::FIND_USERS)?;
            Ok(Answer::success(&sandbox.with(|state, _| state.directory.find(body, id_type, &switches))))
        }
        Api::ReadUsers => {
            let asked = AskedUsers::read(Query::new(call.query))?;
            Ok(Answer::success(&sandbox.with(|state, _| state.directory.read(&asked, &switches))))
        }
        Api::Token | Api::ResendTicket | Api::AppToken | Api::StoreToken => {
            Err(Refusal::business(99991201, "path not found"))
        }
    }
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
        let CheckResult { outcome, dropped } = schema::check(object, json, self.switches);
        let outcome = match dropped.first().filter(|_| self.switches.strict) {
            Some(field) => Err(Refusal::undocumented(field)),
            None => outcome,
        };
        self.sandbox.with(|state, _| state.requests.note_dropped(self.call.number, dropped));
        serde_json::from_value(outcome?).map_err(|_| Refusal::wrong_type("body"))
    }

    /// The body of a call of the bot, which refuses everything in its own way (contract §10).
    fn message<T: DeserializeOwned>(&self, object: &Object) -> Result<T, Refusal> {
        self.body(object).map_err(|refusal| Refusal::message(refusal.summary()))
    }
}

/// Checks the two id types of the definition calls (contract §1.3).
fn id_types(call: &Call<'_>) -> Result<(), Refusal> {
    let mut query = Query::new(call.query);
    query.user_id_type();
    query.word("department_id_type", &["department_id", "open_department_id"]);
    query.finish()
}

/// The page parameters of a search.
fn page_query(call: &Call<'_>) -> Result<PageQuery, Refusal> {
    let mut query = Query::new(call.query);
    let page = PageQuery::of_search(&mut query);
    query.finish()?;
    Ok(page)
}
