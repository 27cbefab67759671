//! A gateway with two apps, `default` and `erp`, and a stand-in for each.

use std::io::Write;
use std::path::Path;

use approval_gateway::app::{App, Upstream};
use approval_gateway::clock::Clock;
use approval_gateway::config::{Config, Purpose, Sources};
use approval_gateway::domain::AppName;
use approval_gateway::feishu::{Credentials, Origins};
use approval_gateway::sandbox::{Options, SEEDED_APPROVAL_CODE, Sandbox};
use axum::Router;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// Keys, and what their lines say behind the hash.
const KEYS: [(&str, &str); 5] = [
    ("k-default", ""),
    ("k-erp", "app=erp"),
    ("k-read", "scope=read"),
    ("k-write", "scope=write"),
    ("k-erp-read", "app=erp scope=read"),
];

/// One secret for both apps, so that nothing can be told apart by it.
const SECRET: &str = "the-app-secret";

/// The largest body that can be configured, which is the room of one of two apps.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

pub(crate) struct Gateway {
    pub(crate) origin: String,
    pub(crate) default: StandIn,
    pub(crate) erp: StandIn,
    http: reqwest::Client,
}

/// A stand-in and its control API.
pub(crate) struct StandIn {
    origin: String,
    http: reqwest::Client,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

fn keys_file() -> tempfile::TempPath {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for (key, options) in KEYS {
        writeln!(file, "{key} {} {options}", hex::encode(Sha256::digest(key))).unwrap();
    }
    file.into_temp_path()
}

fn config(keys: &Path) -> Config {
    let max_body_bytes = MAX_BODY_BYTES.to_string();
    let environment = [
        ("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap()),
        ("GATEWAY_AUTH__ALLOW_ANONYMOUS", "true"),
        ("GATEWAY_FEISHU__RATE__PER_SECOND", "1"),
        ("GATEWAY_FEISHU__RATE__PER_MINUTE", "0"),
        ("GATEWAY_APPS__ERP__REGION", "lark"),
        ("GATEWAY_APPS__ERP__RATE__PER_SECOND", "0"),
        ("GATEWAY_APPS__ERP__RATE__PER_MINUTE", "0"),
        ("GATEWAY_REQUEST__MAX_BODY_BYTES", max_body_bytes.as_str()),
        ("GATEWAY_REQUEST__DEADLINE_MS", "60000"),
    ];
    let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
    Config::load(sources.with_environment(environment)).unwrap()
}

async fn stand_in(app_id: &str) -> StandIn {
    let credentials = Some((app_id.to_owned(), SECRET.to_owned()));
    let sandbox = Sandbox::new(Options { credentials, ..Options::default() });
    StandIn { origin: serve(sandbox.router()).await, http: client() }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

/// A document of which only the id and the kind matter.
pub(crate) fn instance() -> Value {
    json!({
        "approval_code": SEEDED_APPROVAL_CODE,
        "status": "pending",
        "title": "Trip",
        "pc_link": "https://oa.example.org/1",
        "applicant_user_id": "applicant",
        "started_at": "2026-01-02T03:00:00Z",
    })
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        let keys = keys_file();
        let (default, erp) = (stand_in("cli_default").await, stand_in("cli_erp").await);
        let upstream = |name: &str, app_id: &str, stand_in: &StandIn| {
            let origins = Origins { open_api: stand_in.origin.clone(), legacy: stand_in.origin.clone() };
            let credentials = Credentials { app_id: app_id.to_owned(), app_secret: SECRET.into() };
            (name.parse::<AppName>().unwrap(), Upstream { origins, credentials })
        };
        let upstreams = [upstream("default", "cli_default", &default), upstream("erp", "cli_erp", &erp)];
        // The clock stands still: only calls use up what is left of a rate.
        let clock = Clock::manual(1_767_323_045_000);
        let upstreams = approval_gateway::app::Upstreams::from_iter(upstreams);
        let app = App::build(&config(&keys), upstreams, clock, Router::new()).unwrap();
        Self { origin: serve(app.router).await, default, erp, http: client() }
    }

    /// Sends a request with one of [`KEYS`], or without any when it is empty.
    pub(crate) async fn send(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.origin));
        let request = request.header("content-type", "application/json").body(body.to_string());
        answer(if key.is_empty() { request } else { request.bearer_auth(key) }).await
    }

    pub(crate) async fn put(&self, key: &str, id: &str) -> Answer {
        self.send(key, "PUT", &format!("/v1/instances/{id}"), &instance()).await
    }

    /// The text of `/metrics`.
    pub(crate) async fn metrics(&self) -> String {
        let response = self.http.get(format!("{}/metrics", self.origin)).send().await.unwrap();
        response.text().await.unwrap()
    }

    pub(crate) async fn get(&self, key: &str, path: &str) -> Answer {
        self.send(key, "GET", path, &Value::Null).await
    }
}

impl StandIn {
    async fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let url = format!("{}/sandbox/{path}", self.origin);
        answer(self.http.request(method.parse().unwrap(), url).body(body.to_string())).await
    }

    /// Whether it has the instance.
    pub(crate) async fn has(&self, id: &str) -> bool {
        self.control("GET", &format!("instances/{id}"), &Value::Null).await.status == 200
    }

    pub(crate) async fn fault(&self, fault: Value) {
        assert_eq!(self.control("POST", "faults", &fault).await.status, 200);
    }

    pub(crate) async fn clear_faults(&self) {
        assert_eq!(self.control("DELETE", "faults", &Value::Null).await.status, 204);
    }

    /// How many calls of an operation it has seen.
    pub(crate) async fn count(&self, api: &str) -> u64 {
        self.control("GET", "counts", &Value::Null).await.body[api].as_u64().unwrap_or(0)
    }

    /// Polls until an operation was called so often; every round is a round trip.
    pub(crate) async fn until_called(&self, api: &str, count: u64) {
        while self.count(api).await < count {
            tokio::task::yield_now().await;
        }
    }
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}
