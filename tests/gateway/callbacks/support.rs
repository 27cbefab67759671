//! A gateway whose callbacks go to a target of the test, and Feishu's part in them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use approval_gateway::callbacks::{CallbackSettings, Proof, TargetFormat};
use approval_gateway::support::standard_webhooks::{SigningSecret, signature};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::durable::support::{Kept, Store};
use crate::harness::{Builder, FOR_EVER, client, documents, serve, until};

/// Where the callbacks of the only app come in.
pub(super) const PATH: &str = "/feishu/default/approval-action";

pub(super) const TOKEN: &str = "the-callback-token";
pub(super) const KEY: &str = "the-encrypt-key";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How the target answers one request.
#[derive(Clone)]
pub(super) enum Reply {
    /// With this status and JSON.
    Json(u16, Value),
    /// With a redirect.
    Redirect(String),
    /// With this status, and bytes without end.
    Endless(u16),
    /// With this status and JSON, but not before the test lets it.
    Later(u16, Value),
}

/// What the target has heard.
#[derive(Clone)]
pub(super) struct Heard {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Heard {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether it is signed by this secret and no other.
    pub(super) fn is_signed(&self) -> bool {
        let (id, timestamp) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let secret = SigningSecret::parse(SECRET).unwrap();
        signature(&[secret], id, timestamp.parse().unwrap(), &self.body) == self.header("webhook-signature")
    }
}

/// The operator's own system.
#[derive(Clone, Default)]
pub(super) struct Target {
    heard: Arc<Mutex<Vec<Heard>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    released: Arc<tokio::sync::Notify>,
}

impl Target {
    async fn start() -> (Self, String) {
        let target = Self::default();
        let origin = serve(Router::new().fallback(hear).with_state(target.clone())).await;
        (target, origin)
    }

    /// Answers the next request so; others with 200.
    pub(super) fn reply(&self, reply: Reply) {
        self.replies.lock().unwrap().push_back(reply);
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(super) fn last(&self) -> Heard {
        self.heard().last().unwrap().clone()
    }

    pub(super) async fn until_heard(&self, count: usize) {
        until(|| async { self.heard().len() >= count }).await;
    }

    /// Answers one request that hangs.
    pub(super) fn release(&self) {
        self.released.notify_one();
    }
}

async fn hear(State(target): State<Target>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    target.heard.lock().unwrap().push(Heard { headers: parts.headers, body });
    let reply = target.replies.lock().unwrap().pop_front();
    let response =
        |status: u16| Response::builder().status(status).header("content-type", "application/json");
    match reply.unwrap_or(Reply::Json(200, json!({}))) {
        Reply::Json(status, body) => response(status).body(body.to_string().into()).unwrap(),
        Reply::Redirect(to) => response(302).header("location", to).body(Body::empty()).unwrap(),
        Reply::Endless(status) => {
            let zeros = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 65_536])));
            response(status).body(Body::from_stream(zeros)).unwrap()
        }
        Reply::Later(status, body) => {
            target.released.notified().await;
            response(status).body(body.to_string().into()).unwrap()
        }
    }
}

/// The settings of a test's callbacks.
fn settings(target: &str) -> CallbackSettings {
    CallbackSettings {
        proof: Proof { tokens: vec![TOKEN.into()], encrypt_keys: Vec::new() },
        public_url: Some("https://callbacks.example.com".to_owned()),
        target: target.parse().unwrap(),
        format: TargetFormat::Gateway,
        secrets: vec![SigningSecret::parse(SECRET).unwrap()],
    }
}

/// The same with bodies that are encrypted.
pub(super) fn with_key(mut settings: CallbackSettings) -> CallbackSettings {
    settings.proof.encrypt_keys = vec![KEY.into()];
    settings
}

/// A target, and the settings of callbacks that go there.
pub(super) async fn target() -> (Target, CallbackSettings) {
    let (target, origin) = Target::start().await;
    let settings = settings(&format!("{origin}/actions?from=feishu"));
    (target, settings)
}

/// A gateway with a ledger, and callbacks that go to a target.
pub(super) struct Site {
    pub(super) kept: Kept,
    pub(super) target: Target,
    http: reqwest::Client,
}

impl Site {
    pub(super) async fn start() -> Self {
        Self::with(|settings| settings, |builder| builder).await
    }

    pub(super) async fn encrypted() -> Self {
        Self::with(with_key, |builder| builder).await
    }

    pub(super) async fn with(
        change: impl FnOnce(CallbackSettings) -> CallbackSettings,
        builder: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        Self::on(Store::Memory, change, builder).await
    }

    /// On a ledger of this kind.
    pub(super) async fn on(
        store: Store,
        change: impl FnOnce(CallbackSettings) -> CallbackSettings,
        builder: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let (target, settings) = target().await;
        let settings = change(settings);
        let kept = Kept::on(store, |built| builder(built).callbacks(settings)).await;
        Self { kept, target, http: client() }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.kept.gateway.callbacks.unwrap()
    }

    /// What Feishu is answered: status and JSON.
    pub(super) async fn send_to(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address());
        let request = self.http.post(url).header("content-type", "application/json").body(body);
        let response = request.timeout(FOR_EVER).send().await.unwrap();
        let (status, bytes) = (response.status().as_u16(), response.bytes().await.unwrap());
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(super) async fn send(&self, body: &Value) -> (u16, Value) {
        self.send_to(PATH, body.to_string()).await
    }

    /// The status of a GET on the listener of callbacks.
    pub(super) async fn get(&self, path: &str) -> u16 {
        let request = self.http.get(format!("http://{}{path}", self.address())).timeout(FOR_EVER);
        request.send().await.unwrap().status().as_u16()
    }

    /// Pushes an instance with one task `ID-1` of this person, in a state.
    pub(super) async fn push(&self, id: &str, task: Value) {
        let mut document = documents::instance(id);
        document["status"] = "pending".into();
        document["tasks"] = Value::Array(vec![task]);
        document.as_object_mut().unwrap().remove("updated_at");
        let answer = self.kept.gateway.put(id, "", &document).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// A pending task of a document, whose approver is `bob`.
pub(super) fn task(id: &str) -> Value {
    json!({
        "task_id": id, "user_id": "bob", "status": "pending", "created_at": "2026-01-01T00:00:00Z",
        "actions": [{"action": "approve"}, {"action": "reject", "reason": "required"}],
        "action_context": format!("context of {id}"),
    })
}

/// Puts other values of members into an object.
pub(crate) fn with(mut object: Value, members: Value) -> Value {
    if let Value::Object(members) = members {
        members.into_iter().for_each(|(name, value)| object[name] = value);
    }
    object
}

/// A tap on the list of tasks.
pub(super) fn list(instance_id: &str, task_id: &str) -> Value {
    json!({
        "action_type": "APPROVE", "user_id": "bob", "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "instance_id": instance_id, "task_id": task_id, "action_context": format!("context of {task_id}"),
        "token": TOKEN,
    })
}

/// A tap on a card, as a live service saw it.
pub(super) fn card(context: &str) -> Value {
    json!({
        "action_type": "APPROVE", "user_id": "bob", "message_id": 7_301_550_094_428_135_453_i64,
        "action_context": context, "token": TOKEN,
    })
}

/// A body as Feishu encrypts it.
pub(crate) fn sealed(text: &str, key: &str) -> String {
    let iv = [7; 16];
    let key = Sha256::digest(key.as_bytes());
    let sealed =
        cbc::Encryptor::<aes::Aes256>::new(&key, &iv.into()).encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    BASE64_STANDARD.encode([iv.as_slice(), &sealed].concat())
}

/// The most that an answer may take.
pub(super) const LIMIT: Duration = Duration::from_secs(8);
