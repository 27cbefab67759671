//! Outgoing events, seen by the system that is told.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use approval_gateway::ledger::sqlite::SqliteLedger;
use approval_gateway::ledger::{DeliveryState, Ledger, LedgerMetrics};
use approval_gateway::metrics::Metrics;
use approval_gateway::support::clock::Clock;
use approval_gateway::support::standard_webhooks::{SigningSecret, signature};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::{Value, json};

use super::support::Kept;
use crate::harness::documents::instance;
use crate::harness::{Builder, Gateway, START, answer, serve, until};

/// Two secrets, as while they are changed.
const SECRETS: &str =
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

/// What the receiver answers.
#[derive(Debug, Clone, Copy)]
enum Say {
    Status(u16),
    /// 429, and for how many seconds it wants to be left alone.
    RetryAfter(u32),
    /// 302 to another address of its own.
    Redirect,
    /// 200, and then a body without an end.
    Endless,
    /// Nothing, ever.
    Nothing,
}

/// What was received.
#[derive(Debug, Clone)]
struct Told {
    path: String,
    id: String,
    body: Value,
}

/// A system that is told of events.
#[derive(Clone)]
struct Receiver {
    told: Arc<Mutex<Vec<Told>>>,
    /// What is answered first; 200 after that, or whatever `always` says.
    script: Arc<Mutex<VecDeque<Say>>>,
    always: Arc<Mutex<Say>>,
    origin: String,
    secret_file: Arc<tempfile::NamedTempFile>,
}

impl Receiver {
    async fn start() -> Self {
        let secret_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret_file.path(), SECRETS).unwrap();
        let mut receiver = Self {
            told: Arc::default(),
            script: Arc::default(),
            always: Arc::new(Mutex::new(Say::Status(200))),
            origin: String::new(),
            secret_file: Arc::new(secret_file),
        };
        receiver.origin = serve(Router::new().fallback(receive).with_state(receiver.clone())).await;
        receiver
    }

    fn say(&self, next: impl IntoIterator<Item = Say>) {
        self.script.lock().unwrap().extend(next);
    }

    fn always(&self, say: Say) {
        *self.always.lock().unwrap() = say;
    }

    fn configure(&self, builder: Builder) -> Builder {
        builder
            .set("FEISHU__WEBHOOKS__URL", format!("{}/events?from=gateway", self.origin))
            .set("FEISHU__WEBHOOKS__SECRET_FILE", self.secret_file.path().display())
    }

    async fn gateway(&self) -> crate::durable::support::Kept {
        Kept::with(|builder| self.configure(builder)).await
    }

    fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    async fn until_told(&self, times: usize) -> Vec<Told> {
        until(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.told().len() >= times
        })
        .await;
        self.told()
    }

    /// Types, instances and revisions of what was received.
    async fn until_heard(&self, times: usize) -> Vec<String> {
        let told = self.until_told(times).await;
        told.iter().map(|told| heard(&told.body)).collect()
    }
}

fn heard(body: &Value) -> String {
    let data = &body["data"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", text(&body["type"]), text(&data["instance_id"]), data["revision"])
}

async fn receive(State(receiver): State<Receiver>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let id = verified(&parts.headers, &body);
    let told = Told { path: parts.uri.to_string(), id, body: serde_json::from_slice(&body).unwrap() };
    receiver.told.lock().unwrap().push(told);
    let scripted = receiver.script.lock().unwrap().pop_front();
    let say = scripted.unwrap_or_else(|| *receiver.always.lock().unwrap());
    match say {
        Say::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Say::RetryAfter(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
        }
        Say::Redirect => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
        Say::Endless => {
            let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 64 << 10])));
            Body::from_stream(chunks).into_response()
        }
        Say::Nothing => std::future::pending().await,
    }
}

/// The id of what came in, signed with both secrets.
fn verified(headers: &HeaderMap, body: &[u8]) -> String {
    let header = |name: &str| headers[name].to_str().unwrap();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    let secrets: Vec<_> = SECRETS.lines().map(|line| SigningSecret::parse(line).unwrap()).collect();
    assert_eq!(header("webhook-signature"), signature(&secrets, id, timestamp, body));
    assert_eq!(header("content-type"), "application/json");
    id.to_owned()
}

/// Feishu refuses whatever comes next.
async fn refuse_all(gateway: &Gateway) {
    let fault = json!({"api": "external_instances", "code": 99_992_402, "msg": "no", "times": 0});
    gateway.feishu.fault(fault).await;
}

async fn push_refused(gateway: &Gateway, id: &str, title: &str) {
    let mut document = instance(id);
    document["title"] = title.into();
    assert_eq!(gateway.put(id, "", &document).await.problem(), "422 upstream_rejected, rejected");
}

async fn events(gateway: &Gateway, query: &str) -> Vec<Value> {
    let page = gateway.get(&format!("/v1/events{query}")).await.ok();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_refusal_is_told_once_and_signed() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    push_refused(&kept.gateway, "a", "one").await;
    let [told] = receiver.until_told(1).await.try_into().unwrap();
    assert_eq!((heard(&told.body), &*told.path), ("delivery.refused a 1".to_owned(), "/events?from=gateway"));
    let data = &told.body["data"];
    assert_eq!((&data["app"], &data["state"]), (&json!("default"), &json!("refused")));
    assert_eq!(data["problem"]["code"], "upstream_rejected");
    assert!(data["problem"]["detail"].as_str().unwrap().contains("99992402"), "{data}");
    assert!(told.id.starts_with("evt_"), "{}", told.id);
    until(|| async { events(&kept.gateway, "?state=delivered").await.len() == 1 }).await;
    let [event] = events(&kept.gateway, "").await.try_into().unwrap();
    assert_eq!((&event["event_id"], &event["attempts"]), (&json!(told.id), &json!(1)));
    let metrics = kept.gateway.get("/metrics").await.text;
    assert!(metrics.contains("gateway_events_sent_total{app=\"default\",outcome=\"delivered\"} 1"));
}

#[tokio::test]
async fn a_delivery_is_told_only_when_the_answer_was_202() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    let gateway = &kept.gateway;
    gateway.put("told by the answer", "", &instance("told by the answer")).await.ok();
    let at_once = gateway.pushing("at once", "", &instance("at once")).header("prefer", "respond-async");
    assert_eq!(answer(at_once).await.status, 202);
    assert_eq!(receiver.until_heard(1).await, ["delivery.delivered at once 1"]);
    // Whoever waits in vain is told afterwards.
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    assert_eq!(gateway.put_within(1_000, "in vain", &instance("in vain")).await.status, 202);
    gateway.feishu.clear_faults().await;
    gateway.clock.advance(Duration::from_secs(600));
    kept.until("in vain", DeliveryState::Delivered).await;
    assert_eq!(receiver.until_heard(2).await[1], "delivery.delivered in vain 1");
}

#[tokio::test]
async fn nothing_goes_past_an_event_that_failed_but_others_do() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    receiver.say([Say::Status(500)]);
    push_refused(&kept.gateway, "a", "one").await;
    until(|| async { events(&kept.gateway, "").await[0]["attempts"] == 1 }).await;
    push_refused(&kept.gateway, "a", "two").await;
    push_refused(&kept.gateway, "b", "one").await;
    assert_eq!(receiver.until_heard(2).await[1], "delivery.refused b 1");
    until(|| async { !events(&kept.gateway, "?state=delivered").await.is_empty() }).await;
    kept.gateway.clock.advance(Duration::from_secs(1));
    let told = receiver.until_told(4).await;
    let heard: Vec<_> = told[2..].iter().map(|told| heard(&told.body)).collect();
    assert_eq!(heard, ["delivery.refused a 1", "delivery.refused a 2"]);
    assert_eq!(told[2].id, told[0].id, "it keeps its name");
}

#[tokio::test]
async fn an_event_that_is_not_wanted_ends_and_can_be_sent_again() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    receiver.say([Say::Status(410)]);
    push_refused(&kept.gateway, "a", "one").await;
    until(|| async { events(&kept.gateway, "?state=dead").await.len() == 1 }).await;
    let [dead] = events(&kept.gateway, "?state=dead&type=delivery.refused&instance_id=a").await.try_into().unwrap();
    assert_eq!((&dead["attempts"], &dead["last_error"]), (&json!(1), &json!("HTTP 410")));
    assert!(events(&kept.gateway, "?instance_id=b").await.is_empty());
    let retried = kept.gateway.post("/v1/events/retry", &json!({"type": ["delivery.refused"]})).await.ok();
    assert_eq!(retried["retried"], 1);
    let told = receiver.until_told(2).await;
    assert_eq!(told[0].id, told[1].id);
    until(|| async { events(&kept.gateway, "?state=delivered").await.len() == 1 }).await;
    let retry = async |filter: Value| kept.gateway.post("/v1/events/retry", &filter).await.ok()["retried"].clone();
    assert_eq!(retry(json!({"instance_id": "a"})).await, 0);
    assert_eq!(retry(json!({"instance_id": "a", "state": ["delivered"]})).await, 1);
    receiver.until_told(3).await;
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    receiver.say([Say::RetryAfter(1_800)]);
    push_refused(&kept.gateway, "a", "one").await;
    until(|| async { events(&kept.gateway, "").await[0]["attempts"] == 1 }).await;
    push_refused(&kept.gateway, "b", "one").await;
    let [b, a] = events(&kept.gateway, "").await.try_into().unwrap();
    assert_eq!((&a["state"], &a["last_error"]), (&json!("pending"), &json!("HTTP 429")));
    assert_eq!(a["next_attempt_at"], "2026-01-02T03:34:05.000Z");
    assert_eq!((&b["state"], &b["attempts"]), (&json!("pending"), &json!(0)), "everything waits");
    assert_eq!(receiver.told().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_an_endless_answer_is_not() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    receiver.say([Say::Redirect, Say::Endless]);
    push_refused(&kept.gateway, "a", "one").await;
    until(|| async { events(&kept.gateway, "").await[0]["last_error"] == "HTTP 302" }).await;
    kept.gateway.clock.advance(Duration::from_secs(1));
    until(|| async { events(&kept.gateway, "?state=delivered").await.len() == 1 }).await;
    assert!(receiver.told().iter().all(|told| told.path.starts_with("/events")));
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_nothing_else() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    receiver.say([Say::Nothing]);
    push_refused(&kept.gateway, "a", "one").await;
    receiver.until_told(1).await;
    push_refused(&kept.gateway, "b", "one").await;
    assert_eq!(receiver.until_heard(2).await[1], "delivery.refused b 1");
    kept.pass(Duration::from_secs(10)).await;
    until(|| async { events(&kept.gateway, "?instance_id=a").await[0]["last_error"] == "no answer in time" })
        .await;
}

#[tokio::test]
async fn after_three_days_an_event_is_dead() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    refuse_all(&kept.gateway).await;
    receiver.always(Say::Status(500));
    push_refused(&kept.gateway, "a", "one").await;
    until(|| async { events(&kept.gateway, "").await[0]["attempts"] == 1 }).await;
    kept.gateway.clock.advance(Duration::from_secs(3 * 24 * 3_600));
    until(|| async { events(&kept.gateway, "?state=dead").await.len() == 1 }).await;
    assert_eq!(receiver.told().len(), 2);
    assert_eq!(events(&kept.gateway, "").await[0]["last_error"], "HTTP 500");
}

#[tokio::test]
async fn a_parked_app_is_told_and_that_it_is_open_again() {
    let receiver = Receiver::start().await;
    let kept = receiver.gateway().await;
    kept.gateway.feishu.fault(json!({"api": "token", "code": 10_014, "times": 0})).await;
    assert_eq!(kept.gateway.put("a", "", &instance("a")).await.status, 202);
    assert_eq!(kept.gateway.put("b", "", &instance("b")).await.status, 202);
    let [parked] = receiver.until_told(1).await.try_into().unwrap();
    let data = &parked.body["data"];
    assert_eq!((&parked.body["type"], &data["state"]), (&json!("app.parked"), &json!("parked")));
    assert_eq!((&data["problem"]["code"], data.get("instance_id")), (&json!("upstream_auth_failed"), None));
    kept.gateway.feishu.clear_faults().await;
    kept.pass(Duration::from_secs(60)).await;
    let mut heard = receiver.until_heard(4).await.split_off(1);
    heard.sort_unstable();
    assert_eq!(heard, ["app.opened  null", "delivery.delivered a 1", "delivery.delivered b 1"]);
}

#[tokio::test]
async fn without_a_receiver_nothing_is_written() {
    let kept = Kept::start().await;
    refuse_all(&kept.gateway).await;
    push_refused(&kept.gateway, "a", "one").await;
    assert!(events(&kept.gateway, "").await.is_empty());
}

#[tokio::test]
async fn without_a_ledger_there_are_no_events() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.get("/v1/events").await.problem(), "501 ledger_off, not_sent");
    let filter = json!({"state": ["dead"]});
    assert_eq!(gateway.post("/v1/events/retry", &filter).await.problem(), "501 ledger_off, not_sent");
}

#[tokio::test]
async fn events_are_seen_with_read_and_sent_again_with_operate() {
    let receiver = Receiver::start().await;
    let kept = Kept::with(|builder| {
        let builder = receiver.configure(builder);
        builder.key("a-reader", "scope=read").key("a-writer", "scope=read,write").key("an-operator", "scope=operate")
    })
    .await;
    let filter = json!({"state": ["dead"]});
    assert_eq!(kept.gateway.with_key("a-reader").get("/v1/events").await.status, 200);
    assert_eq!(kept.gateway.with_key("a-writer").post("/v1/events/retry", &filter).await.status, 403);
    assert_eq!(kept.gateway.with_key("an-operator").post("/v1/events/retry", &filter).await.status, 200);
}

#[tokio::test]
async fn what_was_not_taken_is_sent_by_the_next_gateway() {
    let receiver = Receiver::start().await;
    receiver.always(Say::Status(503));
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(START);
    let start = async || {
        let path = directory.path().join("ledger.db");
        let ledger = SqliteLedger::open(&path, clock.clone(), LedgerMetrics::new(&Metrics::new())).unwrap();
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        let builder = Gateway::builder().clock(clock.clone()).ledger(Arc::clone(&ledger));
        (receiver.configure(builder).start().await, ledger)
    };
    let (first, ledger) = start().await;
    refuse_all(&first).await;
    for (id, title) in [("a", "one"), ("a", "two"), ("b", "one")] {
        push_refused(&first, id, title).await;
    }
    receiver.until_told(2).await;
    for delivery in &first.deliveries {
        delivery.drained().await;
    }
    ledger.close().await;
    receiver.always(Say::Status(200));
    let before = receiver.told().len();
    clock.advance(Duration::from_secs(600));
    let (second, _ledger) = start().await;
    until(|| async { events(&second, "?state=delivered").await.len() == 3 }).await;
    let told = receiver.told().split_off(before);
    let of_a: Vec<_> = told.iter().map(|told| heard(&told.body)).filter(|text| text.contains(" a ")).collect();
    assert_eq!(of_a, ["delivery.refused a 1", "delivery.refused a 2"]);
}
