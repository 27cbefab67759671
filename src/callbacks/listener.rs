//! What is served on the listener that faces the internet, and its limits.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

use super::answer::{Answer, Outcome};
use super::app::{AppCallbacks, AppSetup, Handled};
use super::metrics::CallbackMetrics;
use super::store_app::{EventSetup, HandledEvent};
use crate::domain::{AppName, ByApp, Word as _};
use crate::http_client::SetupError;

/// Bytes of the largest body that is taken (design §4.1).
const LARGEST_BODY: usize = 64 << 10;

/// Bodies that are read at one time; beyond it, callers are told to come back.
const MOST_READ_AT_ONCE: usize = 256;

/// Longest that a body may take to arrive: less than what an answer may take.
const BODY_TIME: Duration = Duration::from_secs(3);

/// The callbacks of all apps. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Callbacks {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    apps: ByApp<Arc<AppCallbacks>>,
    /// The apps to which Feishu pushes events.
    events: ByApp<EventSetup>,
    reading: Semaphore,
    /// Actions that have begun: they are finished whatever Feishu does.
    tasks: TaskTracker,
    metrics: CallbackMetrics,
}

impl Callbacks {
    /// The callbacks of these apps, and what Feishu pushes to those.
    ///
    /// # Errors
    /// When no HTTPS client can be set up for a target.
    pub fn new(
        apps: impl IntoIterator<Item = AppSetup>,
        events: impl IntoIterator<Item = EventSetup>,
        metrics: CallbackMetrics,
    ) -> Result<Self, SetupError> {
        let mut by_name = ByApp::default();
        for setup in apps {
            let name = setup.name.clone();
            metrics.begin(&name);
            by_name.insert(name, Arc::new(AppCallbacks::new(setup)?));
        }
        let events: ByApp<_> = events.into_iter().map(|setup| (setup.name.clone(), setup)).collect();
        events.keys().for_each(|name| metrics.begin_events(name));
        let reading = Semaphore::new(MOST_READ_AT_ONCE);
        let shared = Shared { apps: by_name, events, reading, tasks: TaskTracker::new(), metrics };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What is served on the listener.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/livez", get(livez).fallback(only_get))
            .route("/feishu/{app}/approval-action", post(approval_action).fallback(only_post))
            .route("/feishu/{app}/events", post(event).fallback(only_post))
            .fallback(not_found)
            .with_state(self.clone())
            .layer(CatchPanicLayer::custom(broken))
    }

    /// Waits until every action that was begun is finished. For when no more can come.
    pub async fn drained(&self) {
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

async fn livez() -> &'static str {
    "ok\n"
}

async fn not_found() -> Answer {
    Outcome::UnknownApp.into()
}

async fn only_get() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, HeaderValue::from_static("GET, HEAD"))]).into_response()
}

async fn only_post() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, HeaderValue::from_static("POST"))]).into_response()
}

/// The panic itself is logged by its hook.
fn broken(_: Box<dyn std::any::Any + Send>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn approval_action(
    State(Callbacks { shared }): State<Callbacks>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let came_at = Instant::now();
    let app = name.ok().and_then(|Path(name)| shared.apps.get_key_value(name.as_str()));
    let Handled { outcome, answer, action, cause } = match app {
        None => Handled::unnamed(Outcome::UnknownApp),
        Some((_, app)) => match read(&shared, &headers, body, came_at).await {
            Ok(body) => app.handle(&body, app.deadline(came_at), &shared.tasks).await,
            Err(outcome) => Handled::unnamed(outcome),
        },
    };
    let took = came_at.elapsed();
    let name = app.map(|(name, _)| name);
    shared.metrics.count(name, outcome, took);
    let action = action.unwrap_or_default();
    tracing::info!(
        app = name.map(AppName::as_str),
        outcome = outcome.as_str(),
        status = answer.status(),
        took_ms = took.as_millis(),
        action = shown(&action.action),
        user_id = shown(&action.user_id),
        instance_id = action.instance_id,
        task_id = action.task_id,
        webhook_id = shown(&action.webhook_id),
        cause,
        "callback"
    );
    answer
}

async fn event(
    State(Callbacks { shared }): State<Callbacks>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let came_at = Instant::now();
    let app = name.ok().and_then(|Path(name)| shared.events.get_key_value(name.as_str()));
    let handled = match app {
        None => HandledEvent::from(Outcome::UnknownApp),
        Some((_, events)) => match read(&shared, &headers, body, came_at).await {
            Ok(body) => events.handle(&headers, &body).await,
            Err(outcome) => outcome.into(),
        },
    };
    let name = app.map(|(name, _)| name);
    shared.metrics.count_event(name, handled.outcome);
    tracing::info!(
        app = name.map(AppName::as_str),
        outcome = handled.outcome.as_str(),
        took_ms = came_at.elapsed().as_millis(),
        cause = handled.cause,
        "event from Feishu"
    );
    handled.answer()
}

/// What is there to be shown.
fn shown(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The body, when it is small enough and comes in time.
async fn read(shared: &Shared, headers: &HeaderMap, body: Body, came_at: Instant) -> Result<Bytes, Outcome> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LARGEST_BODY as u64) {
        return Err(Outcome::TooLarge);
    }
    let Ok(_permit) = shared.reading.try_acquire() else { return Err(Outcome::Overloaded) };
    match timeout_at(came_at + BODY_TIME, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) | Err(_) => Err(Outcome::TooLarge),
    }
}
