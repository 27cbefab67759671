//! A stand-in for Feishu in the test's own process, so that it outlives the gateway.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use approval_gateway::sandbox::{Options, Sandbox};
use axum::extract::Request;
use axum::middleware::{self, Next};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::binary::process::{answer, client};

pub(crate) const APP_ID: &str = "cli_binary";
pub(crate) const APP_SECRET: &str = "app-secret-Wq7xK2";

pub(crate) struct StandIn {
    pub(crate) origin: String,
    tokens: Arc<Mutex<HashSet<String>>>,
}

impl StandIn {
    pub(crate) async fn start() -> Self {
        let credentials = Some((APP_ID.to_owned(), APP_SECRET.to_owned()));
        let sandbox = Sandbox::new(Options { credentials, ..Options::default() });
        let tokens = Arc::<Mutex<HashSet<String>>>::default();
        let seen = Arc::clone(&tokens);
        let router = sandbox.router().layer(middleware::from_fn(move |request: Request, next: Next| {
            if let Some(token) = request.headers().get("authorization") {
                let token = token.to_str().unwrap().strip_prefix("Bearer ").unwrap();
                seen.lock().unwrap().insert(token.to_owned());
            }
            next.run(request)
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, tokens }
    }

    /// The environment of a gateway in front of it.
    pub(crate) fn environment(&self) -> Vec<(&str, &str)> {
        vec![
            ("GATEWAY_LISTEN", "127.0.0.1:0"),
            ("GATEWAY_FEISHU__BASE_URL", self.origin.as_str()),
            ("GATEWAY_FEISHU__APP_ID", APP_ID),
            ("GATEWAY_FEISHU__APP_SECRET", APP_SECRET),
        ]
    }

    /// A call of the control API.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/sandbox/{path}", self.origin);
        answer(client().request(method.parse().unwrap(), url).body(body.to_string())).await
    }

    pub(crate) async fn fault(&self, fault: Value) {
        assert_eq!(self.control("POST", "faults", fault).await.0, 200);
    }

    /// How many calls of an operation it has seen.
    pub(crate) async fn count(&self, api: &str) -> u64 {
        self.control("GET", "counts", Value::Null).await.1[api].as_u64().unwrap_or(0)
    }

    /// Polls until an operation was called so often; every round is a round trip.
    pub(crate) async fn until_called(&self, api: &str, count: u64) {
        while self.count(api).await < count {
            tokio::task::yield_now().await;
        }
    }

    /// Every token that it has been shown.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap().iter().cloned().collect()
    }
}
