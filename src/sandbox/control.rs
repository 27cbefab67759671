//! The control API under `/sandbox`: look inside, break things, turn switches, move the clock.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::definitions::DefinitionBody;
use super::directory::People;
use super::faults::Fault;
use super::i18n::{Lexicon, Translations};
use super::running::{DEFAULT_APP_ID, Sandbox};
use super::store_app::StoreApp;
use super::switches::Switches;
use super::tap::{NoTap, Tap};
use super::{changes, inbox, messages, persons, view};
use crate::pages::{self, approval_centre};

type Path = Result<axum::extract::Path<String>, PathRejection>;
type Query<T> = Result<axum::extract::Query<T>, QueryRejection>;
type Answer = Result<Response, Problem>;

/// The page of the approval centre and the routes of the control API; every path below `/sandbox` is answered here, unknown ones
/// with a problem. `console` is where the page may send people who miss something in it.
pub(super) fn router(sandbox: Sandbox, console: Option<&'static str>) -> Router {
    pages::routes("sandbox", approval_centre())
        .route("/sandbox/links", get(async move || json(&Links { console })).fallback(wrong_method))
        .route("/sandbox/instances/{instance_id}", get(instance).fallback(wrong_method))
        .route("/sandbox/persons", get(persons).fallback(wrong_method))
        .route("/sandbox/directory", get(directory).put(put_people).fallback(wrong_method))
        .route("/sandbox/inbox/{user_id}", get(user_inbox).fallback(wrong_method))
        .route("/sandbox/messages", get(messages).fallback(wrong_method))
        .route("/sandbox/changes", get(changes).fallback(wrong_method))
        .route("/sandbox/definitions", get(definitions).fallback(wrong_method))
        .route("/sandbox/definitions/{approval_code}", delete(delete_definition).fallback(wrong_method))
        .route("/sandbox/faults", get(faults).post(add_fault).delete(clear_faults).fallback(wrong_method))
        .route("/sandbox/tap", post(tap).fallback(wrong_method))
        .route("/sandbox/tokens/revoke", post(revoke_tokens).fallback(wrong_method))
        .route("/sandbox/store-app", get(store_app).put(set_store_app).fallback(wrong_method))
        .route("/sandbox/store-app/ticket", post(push_ticket).fallback(wrong_method))
        .route("/sandbox/store-app/revoke", post(revoke_tickets).fallback(wrong_method))
        .route("/sandbox/requests", get(requests).delete(clear_requests).fallback(wrong_method))
        .route("/sandbox/counts", get(counts).fallback(wrong_method))
        .route("/sandbox/switches", get(switches).put(set_switches).fallback(wrong_method))
        .route("/sandbox/clock", get(clock).post(advance_clock).fallback(wrong_method))
        .route("/sandbox/reset", post(reset).fallback(wrong_method))
        .route("/sandbox/{*path}", axum::routing::any(unknown))
        .with_state(sandbox)
}

/// A refusal of the control API, as RFC 9457 problem.
struct Problem {
    status: StatusCode,
    detail: String,
}

#[derive(Serialize)]
struct ProblemBody<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    fn bad(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, detail: detail.into() }
    }

    fn not_found(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, detail: detail.into() }
    }
}

/// What axum's extractors and serde refuse is the caller's mistake.
impl<E: std::error::Error> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::bad(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or_default();
        let body = ProblemBody { title, status: self.status.as_u16(), detail: &self.detail };
        (self.status, [(CONTENT_TYPE, "application/problem+json")], line(&body)).into_response()
    }
}

fn json(body: &impl Serialize) -> Answer {
    Ok(([(CONTENT_TYPE, "application/json")], line(body)).into_response())
}

/// JSON with a newline at its end, for terminals.
fn line(body: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(body).expect("structs and maps with string keys always serialise");
    bytes.push(b'\n');
    bytes
}

/// Reads a body whatever its media type says: curl sends a form's by default.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    Ok(serde_json::from_slice(body)?)
}

async fn wrong_method() -> Problem {
    Problem { status: StatusCode::METHOD_NOT_ALLOWED, detail: "this path takes other methods".to_owned() }
}

async fn unknown() -> Problem {
    Problem::not_found("no such path in the sandbox's control API")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichApp {
    app_id: Option<String>,
}

async fn instance(State(sandbox): State<Sandbox>, path: Path, query: Query<WhichApp>) -> Answer {
    let id = path?.0;
    let app_id = query?.0.app_id;
    let shown = sandbox.with(|state, _| {
        let stored = match &app_id {
            Some(app_id) => state.instances.get(app_id, &id),
            None => state.instances.get_of_any_app(&id),
        };
        stored.map(|stored| view::view(state, stored))
    });
    json(&shown.ok_or_else(|| Problem::not_found("no instance with this id was pushed"))?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichLocale {
    locale: Option<String>,
}

/// What else there is beside the sandbox.
#[derive(Serialize)]
struct Links {
    /// The path of the gateway's console; none where the sandbox runs by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<&'static str>,
}

async fn persons(State(sandbox): State<Sandbox>, query: Query<WhichLocale>) -> Answer {
    let locale = query?.0.locale;
    json(&sandbox.with(|state, _| persons::persons(state, locale.as_deref())))
}

async fn directory(State(sandbox): State<Sandbox>) -> Answer {
    json(&sandbox.with(|state, _| state.directory.all()))
}

async fn put_people(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let people: People = read(&body)?;
    sandbox.with(|state, _| state.directory.put(people)).map_err(Problem::bad)?;
    directory(State(sandbox)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichLines {
    locale: Option<String>,
    limit: Option<usize>,
}

async fn user_inbox(State(sandbox): State<Sandbox>, path: Path, query: Query<WhichLines>) -> Answer {
    let person = path?.0;
    let WhichLines { locale, limit } = query?.0;
    json(&sandbox.with(|state, _| inbox::inbox(state, &person, locale.as_deref(), limit)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichMessages {
    user_id: Option<String>,
    locale: Option<String>,
    limit: Option<usize>,
}

async fn messages(State(sandbox): State<Sandbox>, query: Query<WhichMessages>) -> Answer {
    let WhichMessages { user_id, locale, limit } = query?.0;
    let shown = sandbox.with(|state, _| {
        messages::messages_of(&state.messages, user_id.as_deref(), locale.as_deref(), limit)
    });
    json(&std::collections::BTreeMap::from([("messages", shown)]))
}

/// Never ends by itself.
async fn changes(State(sandbox): State<Sandbox>) -> Answer {
    let subscription = sandbox.subscribe().ok_or_else(|| Problem {
        status: StatusCode::SERVICE_UNAVAILABLE,
        detail: format!("{} browsers listen already; close one", changes::MAX_STREAMS),
    })?;
    Ok(changes::stream(subscription))
}

#[derive(Serialize)]
struct Definitions {
    definitions: Vec<DefinitionView>,
}

#[derive(Serialize)]
struct DefinitionView {
    approval_code: String,
    custom_code: String,
    approval_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    deleted: bool,
    approval_name: Translations,
    stored: DefinitionBody,
}

async fn definitions(State(sandbox): State<Sandbox>) -> Answer {
    let definitions = sandbox.with(|state, _| {
        let all = state.definitions.all().map(|definition| DefinitionView {
            approval_code: definition.real_code.clone(),
            custom_code: definition.body.approval_code.clone(),
            approval_id: definition.approval_id.clone(),
            app_id: definition.app_id.clone(),
            deleted: definition.deleted,
            approval_name: Lexicon::new(&definition.body.i18n_resources)
                .everywhere(&definition.body.approval_name),
            stored: definition.body.clone(),
        });
        all.collect()
    });
    json(&Definitions { definitions })
}

async fn delete_definition(State(sandbox): State<Sandbox>, path: Path) -> Answer {
    let code = path?.0;
    if sandbox.with(|state, _| state.definitions.delete(&code)) {
        sandbox.announce_change();
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::not_found("no definition has this real code"))
    }
}

#[derive(Serialize)]
struct Faults {
    faults: Vec<Fault>,
}

async fn faults(State(sandbox): State<Sandbox>) -> Answer {
    json(&Faults { faults: sandbox.with(|state, _| state.faults.all().to_vec()) })
}

async fn add_fault(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let fault: Fault = read(&body)?;
    let is_down = fault.down;
    sandbox.with(|state, _| state.faults.add(fault)).map_err(Problem::bad)?;
    if is_down {
        // A call that hangs has lost its connection, too.
        sandbox.release();
    }
    faults(State(sandbox)).await
}

async fn clear_faults(State(sandbox): State<Sandbox>) -> Answer {
    sandbox.with(|state, _| state.faults.clear());
    sandbox.release();
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn tap(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let tap: Tap = read(&body)?;
    match tap.press(&sandbox).await {
        Ok(seen) => json(&seen),
        Err(NoTap::Unclear(why)) => Err(Problem::bad(why)),
        Err(NoTap::NotFound(why)) => Err(Problem::not_found(why)),
        Err(NoTap::NoButton(why)) => Err(Problem { status: StatusCode::CONFLICT, detail: why }),
    }
}

#[derive(Serialize)]
struct Revoked {
    revoked: usize,
}

async fn revoke_tokens(State(sandbox): State<Sandbox>) -> Answer {
    json(&Revoked { revoked: sandbox.with(|state, now| state.tokens.revoke_all(now)) })
}

/// What is known of the store app, without its secrets.
async fn store_app(State(sandbox): State<Sandbox>) -> Answer {
    let app = sandbox.with(|state, _| state.store_apps.app.clone());
    let hidden = || "***".to_owned();
    json(&app.map(|app| StoreApp { token: hidden(), encrypt_key: app.encrypt_key.map(|_| hidden()), ..app }))
}

/// Makes the app a store app, or with `null` a company's own.
async fn set_store_app(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let app: Option<StoreApp> = read(&body)?;
    sandbox.with(|state, _| state.store_apps.app = app);
    store_app(State(sandbox)).await
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WhichTicket {
    app_id: Option<String>,
}

/// Pushes a new ticket, as Feishu does every hour; those before are worthless then.
async fn push_ticket(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let WhichTicket { app_id } = if body.is_empty() { WhichTicket::default() } else { read(&body)? };
    let known = || sandbox.credentials().map(|(app_id, _)| app_id.clone());
    let app_id = app_id.or_else(known).unwrap_or_else(|| DEFAULT_APP_ID.to_owned());
    let event = sandbox.ticket_event(&app_id, true);
    let event = event.ok_or_else(|| Problem::not_found("there is no store app; PUT /sandbox/store-app"))?;
    json(&event.push().await)
}

/// Makes every ticket worthless, and the tokens that were had with it.
async fn revoke_tickets(State(sandbox): State<Sandbox>) -> Answer {
    json(&Revoked { revoked: sandbox.with(|state, now| state.store_apps.revoke(now)) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichRequests {
    api: Option<String>,
}

async fn requests(State(sandbox): State<Sandbox>, query: Query<WhichRequests>) -> Answer {
    let api = query?.0.api;
    let calls: Vec<_> = sandbox.with(|state, _| {
        let wanted = state.requests.all().filter(|call| api.as_deref().is_none_or(|api| api == call.api));
        wanted.cloned().collect()
    });
    json(&std::collections::BTreeMap::from([("requests", calls)]))
}

async fn clear_requests(State(sandbox): State<Sandbox>) -> Answer {
    sandbox.with(|state, _| state.requests.clear());
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn counts(State(sandbox): State<Sandbox>) -> Answer {
    json(&sandbox.with(|state, _| state.requests.counts().clone()))
}

async fn switches(State(sandbox): State<Sandbox>) -> Answer {
    json(&sandbox.with(|state, _| state.switches.clone()))
}

/// Changes the switches that the body names and leaves the others; `null` resets one to its default.
async fn set_switches(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let changes: Map<String, Value> = read(&body)?;
    let changed = sandbox.with(|state, _| -> Result<Switches, Problem> {
        let Value::Object(mut all) = serde_json::to_value(&state.switches)? else {
            return Err(Problem::bad("switches are an object"));
        };
        for (name, value) in changes {
            match value {
                Value::Null => drop(all.remove(&name)),
                value => drop(all.insert(name, value)),
            }
        }
        let switches: Switches = serde_json::from_value(Value::Object(all))?;
        if !(200..=599).contains(&switches.auth_failure_http_status) {
            return Err(Problem::bad("auth_failure_http_status must be between 200 and 599"));
        }
        state.switches = switches.clone();
        Ok(switches)
    });
    json(&changed?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

#[derive(Serialize)]
struct Now {
    now: String,
}

async fn clock(State(sandbox): State<Sandbox>) -> Answer {
    json(&Now { now: super::times::rfc3339(sandbox.with(|_, now| now)) })
}

async fn advance_clock(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let Advance { advance_ms } = read(&body)?;
    // A century is as far as anybody needs, and keeps sums of times far from overflow.
    let by = Duration::from_millis(advance_ms).min(Duration::from_secs(100 * 366 * 86_400));
    sandbox.with(|state, _| {
        let by = i64::try_from(by.as_millis()).unwrap_or_default();
        state.clock_offset = state.clock_offset.saturating_add(by);
    });
    clock(State(sandbox)).await
}

/// Back to the start, switches included.
async fn reset(State(sandbox): State<Sandbox>) -> Answer {
    let initial = sandbox.initial_state();
    sandbox.with(|state, _| *state = initial);
    sandbox.announce_change();
    sandbox.release();
    Ok(StatusCode::NO_CONTENT.into_response())
}
