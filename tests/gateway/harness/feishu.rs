//! The sandbox in Feishu's place, served by the gateway's own server, and its control API.
//!
//! The tests of the built program have it, too.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use approval_gateway::http::health::DrainState;
use approval_gateway::sandbox::Sandbox;
use approval_gateway::server;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// The app that a sandbox of the tests knows.
pub(crate) const APP_ID: &str = "cli_test";

/// Its secret.
pub(crate) const APP_SECRET: &str = "the-app-secret";

/// Nothing waits this long unless it waits for ever; only keeps a failing test from hanging.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(60);

/// A running sandbox; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Feishu {
    /// Scheme, host and port.
    pub(crate) origin: String,
    http: reqwest::Client,
    tokens: Arc<Mutex<HashSet<String>>>,
}

/// How connections are treated where a test is not about that.
pub(crate) fn options() -> server::Options {
    server::Options {
        header_timeout: FOR_EVER,
        idle_timeout: FOR_EVER,
        max_connections: 100_000,
        drain_delay: Duration::ZERO,
        grace: Duration::ZERO,
        tls: None,
        open_connections: None,
    }
}

/// Serves on a free port until the test's runtime ends.
pub(crate) async fn serve(router: Router, drain_state: DrainState, options: server::Options) -> SocketAddr {
    let (listener, address) = server::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    tokio::spawn(server::serve(listener, router, drain_state, CancellationToken::new(), options));
    address
}

/// A client without any CA store, because none is needed.
pub(crate) fn client() -> reqwest::Client {
    client_builder().build().unwrap()
}

pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_certs_only([]).no_proxy()
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

impl Feishu {
    /// Serves a sandbox.
    pub(crate) async fn serve(sandbox: &Sandbox) -> Self {
        let tokens = Arc::<Mutex<HashSet<String>>>::default();
        let seen = Arc::clone(&tokens);
        let router = sandbox.router().layer(middleware::from_fn(move |request: Request, next: Next| {
            let value = request.headers().get("authorization").and_then(|value| value.to_str().ok());
            if let Some(token) = value.and_then(|value| value.strip_prefix("Bearer ")) {
                seen.lock().unwrap().insert(token.to_owned());
            }
            next.run(request)
        }));
        let address = serve(router, DrainState::serving(), self::options()).await;
        Self { origin: format!("http://{address}"), http: client(), tokens }
    }

    /// Status and JSON of a call of the control API.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method.parse().unwrap(), format!("{}/sandbox/{path}", self.origin));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = request.body(body).timeout(FOR_EVER).send().await.unwrap();
        let (status, bytes) = (response.status().as_u16(), response.bytes().await.unwrap());
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn fault(&self, fault: Value) {
        let (status, answer) = self.control("POST", "faults", fault).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub(crate) async fn switch(&self, switches: Value) {
        let (status, answer) = self.control("PUT", "switches", switches).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// How many calls of an operation it has seen.
    pub(crate) async fn count(&self, api: &str) -> u64 {
        self.control("GET", "counts", Value::Null).await.1[api].as_u64().unwrap_or(0)
    }

    /// Waits until an operation was called so often.
    pub(crate) async fn until_called(&self, api: &str, count: u64) {
        until(|| async { self.count(api).await >= count }).await;
    }

    /// Every token that it has been shown.
    pub(crate) fn tokens(&self) -> HashSet<String> {
        self.tokens.lock().unwrap().clone()
    }
}
