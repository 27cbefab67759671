//! The gateway, served on a loopback port as `serve` serves it, before a sandbox for each of its apps.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod answer;
mod connection;
pub(crate) mod documents;
mod feishu;
mod inbox;
mod lists;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use approval_gateway::app::{App, LedgerSource, Upstream, Upstreams};
use approval_gateway::callbacks::CallbackSettings;
use approval_gateway::config::{Config, Purpose, Sources};
use approval_gateway::delivery::Delivery;
use approval_gateway::domain::AppName;
use approval_gateway::feishu::{Credentials, Origins};
use approval_gateway::http::health::DrainState;
use approval_gateway::ledger::Ledger;
use approval_gateway::sandbox::{Options, Sandbox, Switches};
use approval_gateway::support::clock::Clock;
use axum::Router;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(crate) use answer::{Answer, answer};
pub(crate) use connection::{Connection, exchange};
pub(crate) use feishu::options as server_options;
pub(crate) use feishu::{APP_ID, APP_SECRET, FOR_EVER, Feishu, client, client_builder, until};
pub(crate) use inbox::encoded;
pub(crate) use lists::column;

/// 2026-01-02T03:04:05Z, where the hand-set clocks of both sides start.
pub(crate) const START: i64 = 1_767_323_045_000;

/// A gateway with what is behind it; clones talk to the same one.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    /// The sandbox of the app `default`.
    pub(crate) feishu: Feishu,
    /// Those of further apps, by name.
    apps: Vec<(&'static str, Feishu)>,
    /// The clock of both sides; stands still unless it is advanced.
    pub(crate) clock: Clock,
    /// Turned off when the gateway drains.
    pub(crate) drain_state: DrainState,
    pub(crate) deliveries: Vec<Arc<Delivery>>,
    /// Clients that want a token at the start.
    pub(crate) store_apps: usize,
    /// Where Feishu's callbacks come in.
    pub(crate) callbacks: Option<SocketAddr>,
    http: reqwest::Client,
}

/// What a test wants to be different before the gateway starts.
pub(crate) struct Builder {
    /// Environment variables without `GATEWAY_`.
    settings: Vec<(String, String)>,
    /// Lines of the file of keys.
    keys: String,
    apps: Vec<&'static str>,
    tenants: Vec<&'static str>,
    feishu: Option<Feishu>,
    upstream: Option<String>,
    app_secret: String,
    clock: Clock,
    ledger: Option<Arc<dyn Ledger>>,
    callbacks: Option<CallbackSettings>,
}

impl Builder {
    /// A setting, by its environment variable without `GATEWAY_`.
    pub(crate) fn set(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.settings.push((format!("GATEWAY_{name}"), value.to_string()));
        self
    }

    /// The longest deadline of a request.
    pub(crate) fn deadline(self, deadline: Duration) -> Self {
        self.set("REQUEST__DEADLINE_MS", deadline.as_millis())
    }

    /// Calls a second and a minute; without it there is no pacing, because bursts are what most tests are about.
    pub(crate) fn rate(self, per_second: u32, per_minute: u32) -> Self {
        self.set("FEISHU__RATE__PER_SECOND", per_second).set("FEISHU__RATE__PER_MINUTE", per_minute)
    }

    /// A key, and what its line says behind the hash; nobody needs one when none is given.
    pub(crate) fn key(mut self, key: &str, options: &str) -> Self {
        writeln!(self.keys, "{key} {} {options}", hex::encode(Sha256::digest(key))).unwrap();
        self
    }

    /// A further app, with a sandbox of its own.
    pub(crate) fn app(mut self, name: &'static str) -> Self {
        self.apps.push(name);
        self
    }

    /// A further entry of the app `default`, which is a store app, for another tenant.
    pub(crate) fn tenant(mut self, name: &'static str) -> Self {
        self.tenants.push(name);
        self
    }

    /// A sandbox that others use, too.
    pub(crate) fn feishu(mut self, feishu: &Feishu) -> Self {
        self.feishu = Some(feishu.clone());
        self
    }

    /// The origin that the gateway believes to be Feishu, in place of a sandbox.
    pub(crate) fn upstream(mut self, origin: impl Into<String>) -> Self {
        self.upstream = Some(origin.into());
        self
    }

    /// The secret that the gateway uses.
    pub(crate) fn app_secret(mut self, app_secret: &str) -> Self {
        app_secret.clone_into(&mut self.app_secret);
        self
    }

    /// The clock of both sides.
    pub(crate) fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A ledger, where what is accepted is kept; without it there is none.
    pub(crate) fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// What becomes of callbacks for the app `default`; without it none are taken.
    pub(crate) fn callbacks(mut self, callbacks: CallbackSettings) -> Self {
        self.callbacks = Some(callbacks);
        self
    }

    pub(crate) async fn start(self) -> Gateway {
        let Self { settings, keys, apps, tenants, feishu, upstream, app_secret, clock, ledger, callbacks } =
            self;
        let feishu = match feishu {
            Some(feishu) => feishu,
            None => Feishu::serve(&sandbox(Some(APP_ID), &clock)).await,
        };
        let mut others = Vec::new();
        for name in apps {
            others.push((name, Feishu::serve(&sandbox(Some(&app_id(name)), &clock)).await));
        }
        let mut keys_file = tempfile::NamedTempFile::new().unwrap();
        keys_file.write_all(keys.as_bytes()).unwrap();
        let path = (!keys.is_empty()).then(|| keys_file.path().as_os_str().to_owned());
        let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() }
            .with_environment(settings)
            .with_environment(path.map(|path| ("GATEWAY_AUTH__KEYS_FILE", path)));
        let mut config = Config::load(sources).unwrap();
        for app in &mut config.apps {
            app.callbacks = callbacks.clone().filter(|_| app.name.is_default());
        }

        let origin = upstream.unwrap_or_else(|| feishu.origin.clone());
        let entries =
            tenants.into_iter().map(|name| (name, APP_ID.to_owned(), app_secret.clone(), origin.clone()));
        let entries: Vec<_> = entries.collect();
        let upstreams = others
            .iter()
            .map(|(name, feishu)| (*name, app_id(name), APP_SECRET.to_owned(), feishu.origin.clone()))
            .chain(entries)
            .chain([("default", APP_ID.to_owned(), app_secret, origin)]);
        let upstreams = upstreams.map(|(name, app_id, app_secret, origin)| {
            let origins = Origins { open_api: origin.clone(), legacy: origin };
            let credentials = Credentials { app_id, app_secret: app_secret.into() };
            (name.parse::<AppName>().unwrap(), Upstream { origins, credentials })
        });
        let upstreams = Upstreams::from_iter(upstreams);
        let ledger = ledger.map_or(LedgerSource::Nowhere, LedgerSource::Open);
        let App { router, drain_state, metrics, deliveries, callbacks, store_apps, .. } =
            App::build(&config, upstreams, ledger, clock.clone(), Router::new()).await.unwrap();
        let options = approval_gateway::server::Options {
            header_timeout: config.server.header_timeout,
            idle_timeout: config.server.idle_timeout,
            max_connections: config.server.max_connections,
            open_connections: Some(metrics.connections),
            ..feishu::options()
        };
        let address = feishu::serve(router, drain_state.clone(), options).await;
        let callbacks = match callbacks {
            Some(callbacks) => Some(serve_with(callbacks.router(), DrainState::serving()).await),
            None => None,
        };
        let store_apps = store_apps.len();
        let (apps, http) = (others, client());
        Gateway { address, feishu, apps, clock, drain_state, deliveries, store_apps, callbacks, http }
    }
}

/// The id of a further app.
fn app_id(name: &str) -> String {
    format!("cli_{name}")
}

/// A strict sandbox for one app, or for any, whose rate limits, which would go by a clock that stands still, are off.
pub(crate) fn sandbox(app_id: Option<&str>, clock: &Clock) -> Sandbox {
    let credentials = app_id.map(|app_id| (app_id.to_owned(), APP_SECRET.to_owned()));
    let switches = Switches { per_second: 0, per_minute: 0, strict: true, ..Switches::default() };
    Sandbox::new(Options { clock: clock.clone(), credentials, switches, ..Options::default() })
}

/// Serves a router that is neither gateway nor sandbox; answers its origin.
pub(crate) async fn serve(router: Router) -> String {
    format!("http://{}", serve_with(router, DrainState::serving()).await)
}

/// Serves a router that can be told to drain.
pub(crate) async fn serve_with(router: Router, drain_state: DrainState) -> SocketAddr {
    feishu::serve(router, drain_state, feishu::options()).await
}

impl Gateway {
    pub(crate) fn builder() -> Builder {
        let builder = Builder {
            settings: Vec::new(),
            keys: String::new(),
            apps: Vec::new(),
            tenants: Vec::new(),
            feishu: None,
            upstream: None,
            app_secret: APP_SECRET.to_owned(),
            clock: Clock::manual(START),
            ledger: None,
            callbacks: None,
        };
        builder.rate(0, 0)
    }

    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// The sandbox of a further app.
    pub(crate) fn app(&self, name: &str) -> &Feishu {
        &self.apps.iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same gateway, called with a key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        let header = (AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
        let http = client_builder().default_headers(HeaderMap::from_iter([header])).build().unwrap();
        Self { http, ..self.clone() }
    }

    /// Waits until so many requests are served, beside the one that asks.
    pub(crate) async fn until_serving(&self, requests: usize) {
        let line = format!("http_server_active_requests {}", requests + 1);
        until(|| async { self.get("/metrics").await.text.lines().any(|written| written == line) }).await;
    }

    /// Sends a request line as it is, and returns the answer as it is.
    pub(crate) async fn raw(&self, request_line: &str) -> String {
        let mut connection = self.connect().await;
        connection.send(format!("{request_line}\r\nHost: gateway\r\nConnection: close\r\n\r\n")).await;
        connection.rest().await
    }

    /// A connection to be written on by hand.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address).await
    }

    /// A request with JSON, to be sent by the test itself.
    pub(crate) fn request(&self, method: Method, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin()));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        request.header("content-type", "application/json").body(body)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.origin()))).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        answer(self.request(method.parse().unwrap(), path, body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path, body)).await
    }

    /// Pushes a document; `query` begins with `?` or is empty.
    pub(crate) async fn put(&self, id: &str, query: &str, document: &Value) -> Answer {
        answer(self.pushing(id, query, document)).await
    }

    /// Pushes a document with a deadline of its own.
    pub(crate) async fn put_within(&self, millis: u64, id: &str, document: &Value) -> Answer {
        answer(self.pushing(id, "", document).header("x-request-timeout-ms", millis)).await
    }

    pub(crate) fn pushing(&self, id: &str, query: &str, document: &Value) -> reqwest::RequestBuilder {
        self.request(Method::PUT, &format!("/v1/instances/{}{query}", encoded(id)), document)
    }

    pub(crate) async fn preview(&self, id: &str, query: &str, document: &Value) -> Answer {
        self.post(&format!("/v1/instances/{}/preview{query}", encoded(id)), document).await
    }

    pub(crate) async fn define(&self, document: &Value) -> Answer {
        self.post("/v1/definitions", document).await
    }
}
