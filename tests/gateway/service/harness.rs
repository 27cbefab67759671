//! A gateway and a stand-in for Feishu on free ports, and short ways to talk to both.

use std::collections::HashSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use approval_gateway::app::{App, Upstream};
use approval_gateway::clock::Clock;
use approval_gateway::config::{Config, Purpose, Sources};
use approval_gateway::feishu::{Credentials, Origins};
use approval_gateway::http::health::Readiness;
use approval_gateway::sandbox::{Options, Sandbox};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// 2026-01-02T03:04:05Z, where the hand-set clocks of both sides start.
pub(crate) const START: i64 = 1_767_323_045_000;

pub(crate) const SECRET: &str = "the-app-secret";

/// Nothing waits this long unless it waits for ever; only keeps a failing test from hanging.
const FOR_EVER: Duration = Duration::from_secs(60);

/// A gateway with its own stand-in.
#[derive(Clone)]
pub(crate) struct Harness {
    gateway: String,
    sandbox: String,
    http: reqwest::Client,
    /// The clock of both sides; stands still unless it is advanced.
    pub(crate) clock: Clock,
    /// Turned off when the gateway drains.
    pub(crate) readiness: Readiness,
    tokens: Arc<Mutex<HashSet<String>>>,
}

/// What a test may want to be different.
pub(crate) struct Setup {
    /// The longest deadline of a request.
    pub(crate) deadline: Duration,
    /// The origin that the gateway believes to be Feishu; the stand-in's own when absent.
    pub(crate) upstream: Option<String>,
    /// The secret that the gateway uses.
    pub(crate) app_secret: &'static str,
    pub(crate) region: &'static str,
    /// Calls a second and a minute; no pacing by default, because bursts are what most tests are about.
    pub(crate) rate: [u32; 2],
    pub(crate) max_body_bytes: usize,
    /// Where the clocks stand (Unix milliseconds).
    pub(crate) start: i64,
    /// The callers' keys; nobody needs one when absent.
    pub(crate) keys_file: Option<PathBuf>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            upstream: None,
            app_secret: SECRET,
            region: "feishu",
            rate: [0, 0],
            max_body_bytes: 4 * 1024 * 1024,
            start: START,
            keys_file: None,
        }
    }
}

/// An answer of the gateway.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Serves on a free port until the test's runtime ends; answers the origin.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A client without any CA store, because none is needed.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

/// Polls until the answer is yes; every round is a round trip, so nothing sleeps.
pub(crate) async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let polling = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(FOR_EVER, polling).await.unwrap();
}

pub(crate) fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

impl Harness {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let clock = Clock::manual(setup.start);
        let tokens = Arc::<Mutex<HashSet<String>>>::default();
        let credentials = Some(("cli_test".to_owned(), SECRET.to_owned()));
        let sandbox = Sandbox::new(Options { clock: clock.clone(), credentials, ..Options::default() });
        let seen = Arc::clone(&tokens);
        let router = sandbox.router().layer(middleware::from_fn(move |request: Request, next: Next| {
            if let Some(token) = request.headers().get("authorization") {
                seen.lock().unwrap().insert(token.to_str().unwrap().to_owned());
            }
            next.run(request)
        }));
        let sandbox = serve(router).await;

        let deadline = setup.deadline.as_millis().to_string();
        let [per_second, per_minute] = setup.rate.map(|calls| calls.to_string());
        let max_body_bytes = setup.max_body_bytes.to_string();
        let environment = [
            ("GATEWAY_REQUEST__DEADLINE_MS", deadline.as_str()),
            ("GATEWAY_FEISHU__REGION", setup.region),
            ("GATEWAY_FEISHU__RATE__PER_SECOND", per_second.as_str()),
            ("GATEWAY_FEISHU__RATE__PER_MINUTE", per_minute.as_str()),
            ("GATEWAY_REQUEST__MAX_BODY_BYTES", max_body_bytes.as_str()),
        ];
        let keys_file = setup.keys_file.map(|path| path.into_os_string().into_string().unwrap());
        let keys_file = keys_file.as_deref().map(|path| ("GATEWAY_AUTH__KEYS_FILE", path));
        let environment = environment.into_iter().chain(keys_file);
        let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
        let config = Config::load(sources.with_environment(environment)).unwrap();
        let origin = setup.upstream.unwrap_or_else(|| sandbox.clone());
        let upstream = Upstream {
            origins: Origins { open_api: origin.clone(), legacy: origin },
            credentials: Credentials { app_id: "cli_test".to_owned(), app_secret: setup.app_secret.into() },
        };
        let app = App::build(&config, upstream, clock.clone(), Router::new()).unwrap();
        let readiness = app.readiness;
        let gateway = serve(app.router).await;
        let harness = Self { gateway, sandbox, http: client(), clock, readiness, tokens };
        // The stand-in's rate limits go by a clock that stands still.
        harness.switch(json!({"per_second": 0, "per_minute": 0, "region": setup.region})).await;
        harness
    }

    /// Scheme, host and port of the gateway.
    pub(crate) fn origin(&self) -> &str {
        &self.gateway
    }

    /// Host and port of the gateway, for tests that speak to it without an HTTP client.
    pub(crate) fn gateway_address(&self) -> &str {
        self.gateway.trim_start_matches("http://")
    }

    /// A request to the gateway, to be sent by the test itself.
    pub(crate) fn request(&self, method: Method, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.gateway));
        request.header("content-type", "application/json").body(body.to_string())
    }

    /// Pushes a document; `query` begins with `?` or is empty.
    /// Status, content type and text of an answer that needs no JSON.
    pub(crate) async fn plain(&self, path: &str) -> (u16, String, String) {
        let response = self.http.get(format!("{}{path}", self.gateway)).send().await.unwrap();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        (response.status().as_u16(), content_type, response.text().await.unwrap())
    }

    /// The text of an answer.
    pub(crate) async fn text(&self, path: &str) -> String {
        self.plain(path).await.2
    }

    pub(crate) async fn put(&self, id: &str, query: &str, document: &Value) -> Answer {
        answer(self.request(Method::PUT, &path(id, query), document)).await
    }

    /// Pushes a document with a deadline of its own.
    pub(crate) async fn put_within(&self, millis: u64, id: &str, document: &Value) -> Answer {
        let request = self.request(Method::PUT, &path(id, ""), document);
        answer(request.header("x-request-timeout-ms", millis)).await
    }

    pub(crate) async fn preview(&self, id: &str, query: &str, document: &Value) -> Answer {
        answer(self.request(Method::POST, &format!("/v1/instances/{}/preview{query}", encoded(id)), document))
            .await
    }

    pub(crate) async fn define(&self, document: &Value) -> Answer {
        answer(self.request(Method::POST, "/v1/definitions", document)).await
    }

    /// A call of the stand-in's control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.http.request(method, format!("{}/sandbox/{path}", self.sandbox));
        answer(request.body(body.map(Value::to_string).unwrap_or_default())).await
    }

    pub(crate) async fn fault(&self, fault: Value) {
        let answer = self.control(Method::POST, "faults", Some(&fault)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(crate) async fn clear_faults(&self) {
        assert_eq!(self.control(Method::DELETE, "faults", None).await.status, 204);
    }

    pub(crate) async fn switch(&self, switches: Value) {
        let answer = self.control(Method::PUT, "switches", Some(&switches)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(crate) async fn revoke_tokens(&self) {
        assert_eq!(self.control(Method::POST, "tokens/revoke", None).await.status, 200);
    }

    /// How many calls of an operation the stand-in has seen.
    pub(crate) async fn count(&self, api: &str) -> u64 {
        self.control(Method::GET, "counts", None).await.body[api].as_u64().unwrap_or(0)
    }

    /// The bodies that an operation was sent, in the order of arrival.
    pub(crate) async fn sent(&self, api: &str) -> Vec<Value> {
        self.requests(api).await.into_iter().map(|mut call| call["body"].take()).collect()
    }

    /// The recorded calls of an operation, in the order of arrival.
    pub(crate) async fn requests(&self, api: &str) -> Vec<Value> {
        let answer = self.control(Method::GET, &format!("requests?api={api}"), None).await;
        answer.body["requests"].as_array().unwrap().clone()
    }

    /// What Feishu would hold.
    pub(crate) async fn stored(&self, id: &str) -> Value {
        self.control(Method::GET, &format!("instances/{}", encoded(id)), None).await.body
    }

    pub(crate) async fn is_stored(&self, id: &str) -> bool {
        self.control(Method::GET, &format!("instances/{}", encoded(id)), None).await.status == 200
    }

    /// What one person would see.
    pub(crate) async fn inbox(&self, person: &str, locale: &str) -> Value {
        let path = format!("inbox/{}?locale={locale}", encoded(person));
        self.control(Method::GET, &path, None).await.body
    }

    pub(crate) async fn definitions(&self) -> Value {
        self.control(Method::GET, "definitions", None).await.body["definitions"].take()
    }

    pub(crate) async fn delete_definition(&self, approval_code: &str) {
        let path = format!("definitions/{approval_code}");
        assert_eq!(self.control(Method::DELETE, &path, None).await.status, 204);
    }

    /// Every `Authorization` header that the stand-in has been shown.
    pub(crate) fn tokens_seen(&self) -> usize {
        self.tokens.lock().unwrap().len()
    }
}

impl Answer {
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.headers.get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap())
    }

    /// The receipt of a push that succeeded.
    pub(crate) fn receipt(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Status, code and outcome of a problem on one line; checks what holds for every problem.
    pub(crate) fn problem(&self) -> String {
        let Self { status, headers, body } = self;
        assert_eq!(headers["content-type"], "application/problem+json", "{body}");
        assert_eq!(body["status"], *status);
        assert_eq!(body["type"], format!("/v1/problems/{}", body["code"].as_str().unwrap()));
        assert_eq!(headers["x-request-id"].to_str().unwrap(), body["request_id"].as_str().unwrap());
        assert_eq!(body["retryable"], self.retry_after().is_some(), "{headers:?} {body}");
        let (code, outcome) = (body["code"].as_str().unwrap(), body["outcome"].as_str().unwrap());
        let again = if self.retry_after().is_some() { ", retryable" } else { "" };
        format!("{status} {code}, {outcome}{again}")
    }

    /// Pointers and codes of the violations.
    pub(crate) fn violations(&self) -> Vec<String> {
        let violations = self.body["errors"].as_array().cloned().unwrap_or_default();
        let line = |violation: &Value| {
            let text = |name: &str| violation[name].as_str().unwrap().to_owned();
            format!("{} {}: {}", text("in"), text("pointer"), text("code"))
        };
        violations.iter().map(line).collect()
    }
}

fn path(id: &str, query: &str) -> String {
    format!("/v1/instances/{}{query}", encoded(id))
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = tokio::time::timeout(FOR_EVER, request.send()).await.unwrap().unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status, headers, body }
}
