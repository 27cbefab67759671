//! The circumstances of an exchange that no request and no fault of the sandbox can bring about.

use std::sync::{Arc, Mutex};

use approval_gateway::domain::{AppName, EventType};
use approval_gateway::http::extract::RequestLimits;
use approval_gateway::http::health::DrainState;
use approval_gateway::http::load_shedder::LoadShedder;
use approval_gateway::http::middleware::AuthPolicy;
use approval_gateway::http::router::{Policies, compose};
use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::ledger::{
    Cause, EventResult, Ledger as _, LedgerError, NewEvent, Outbox as _, Revision, StoredProblem,
};
use approval_gateway::metrics::Metrics;
use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use approval_gateway::support::clock::Clock;
use axum::Router;
use axum::routing::put;
use futures_util::stream;
use reqwest::{Body, Method, RequestBuilder};

use crate::harness::{Connection, Gateway, client, serve};
use crate::service::{breaker, shedding};

/// 2026-11-21T02:26:20.673Z, the day after the one that the examples tell of.
const NOW: i64 = 1_795_227_980_673;

/// The key of a caller who may read only, as the examples send it.
const READER_KEY: &str = "key-that-may-read";

/// What a stage is called in the files, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Usual,
    /// The body is announced and never ends.
    EndlessBody,
    /// The body is a byte larger than the default limit.
    LargeBody,
}

/// A gateway in the circumstances of one exchange.
pub(super) struct Stage {
    pub(super) gateway: Gateway,
    /// Where the exchange is had when it is not the usual gateway.
    elsewhere: Option<String>,
    kind: Kind,
    /// The code that a definition got; another one in each run.
    approval_code: Mutex<Option<String>>,
    _held: Vec<Connection>,
}

impl Stage {
    pub(super) async fn set(name: Option<&str>) -> Self {
        let builder = if name == Some("full") { shedding::builder() } else { Gateway::builder() };
        let mut builder = builder.clock(Clock::manual(NOW));
        if name == Some("keys") {
            builder = builder.key(READER_KEY, "scope=read");
        }
        if name == Some("store_app") {
            builder = builder.set("FEISHU__KIND", "store").set("FEISHU__TENANT_KEY", "2ed263bf32cf1651");
        }
        if let Some("ledger" | "full_ledger" | "events") = name {
            let ledger = Arc::new(MemoryLedger::new(Clock::manual(NOW)));
            if name == Some("events") {
                tell(&ledger).await;
            }
            if name == Some("full_ledger") {
                ledger.fail_with(Some(LedgerError::Full(Cause::new("no space left on device"))));
            }
            builder = builder.ledger(ledger);
        }
        let gateway = builder.start().await;
        let mut stage = Self {
            gateway,
            elsewhere: None,
            kind: Kind::Usual,
            approval_code: Mutex::default(),
            _held: Vec::new(),
        };
        match name {
            None | Some("store_app" | "keys" | "ledger" | "full_ledger" | "events") => {}
            Some("endless_body") => stage.kind = Kind::EndlessBody,
            Some("large_body") => stage.kind = Kind::LargeBody,
            Some("draining") => stage.gateway.drain_state.stop_accepting(),
            Some("full") => stage._held = shedding::fill(&stage.gateway, 0).await,
            Some("broken_upstream") => breaker::open(&stage.gateway).await,
            Some("bug") => stage.elsewhere = Some(serve(with_a_bug()).await),
            Some(other) => panic!("there is no stage {other}"),
        }
        stage
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let origin = self.elsewhere.clone().unwrap_or_else(|| self.gateway.origin());
        client().request(method, format!("{origin}{path}"))
    }

    /// The text with the code that the definition really got.
    pub(super) fn actual(&self, text: &str) -> String {
        match &*self.approval_code.lock().unwrap() {
            Some(code) => text.replace(SEEDED_APPROVAL_CODE, code),
            None => text.to_owned(),
        }
    }

    /// The text with the code that all examples have; learns it from a definition's receipt.
    pub(super) fn documented(&self, text: &str) -> String {
        let mut known = self.approval_code.lock().unwrap();
        if let Ok(receipt) = serde_json::from_str::<serde_json::Value>(text)
            && receipt.get("definition_key").is_some()
            && let Some(code) = receipt["approval_code"].as_str()
        {
            *known = Some(code.to_owned());
        }
        match &*known {
            Some(code) => text.replace(code, SEEDED_APPROVAL_CODE),
            None => text.to_owned(),
        }
    }
}

/// Two events: one that the receiver did not want, and one that it took.
async fn tell(ledger: &MemoryLedger) {
    let (app, at) = (AppName::default(), ledger.now());
    let problem = StoredProblem::new(
        "upstream_rejected",
        r#"{"detail":"Feishu answered code 99992402; correct what upstream.message and errors name."}"#,
    );
    let refused = NewEvent {
        id: "evt_7f3f6a1c9f0b4d0c8f2a6f1f6f0c3b5e".to_owned(),
        instance_id: Some("leave-1001".to_owned()),
        revision: Some(Revision(3)),
        approval_code: Some(SEEDED_APPROVAL_CODE.to_owned()),
        ..NewEvent::of_app(EventType::DeliveryRefused, at, Some(&problem))
    };
    let opened = NewEvent {
        id: "evt_0c2b7a5d1e9f4b8aa3d6c4e5f7081920".to_owned(),
        ..NewEvent::of_app(EventType::AppOpened, at, None)
    };
    let unwanted = EventResult::Unwanted { error: "HTTP 410".to_owned() };
    for (event, result) in [(refused, unwanted), (opened, EventResult::Delivered)] {
        ledger.add_event(&app, event).await.unwrap();
        let due = ledger.events_due(&app, 1).await.unwrap().items;
        ledger.report_event(&app, due[0].number, 0, result).await.unwrap();
    }
}

/// The middleware of the gateway around a route that panics.
fn with_a_bug() -> Router {
    with_middleware(
        Router::new().route("/v1/instances/{instance_id}", put(async || -> () { panic!("a bug") })),
    )
}

fn with_middleware(api: Router<RequestLimits>) -> Router {
    let limits = RequestLimits::default();
    let policies = Policies {
        auth: AuthPolicy { keys: None, allow_anonymous: true },
        cors: None,
        limits,
        load_shedder: LoadShedder::new(128 << 20, &[AppName::default()]),
    };
    compose(api, Router::new(), policies, DrainState::serving(), &Metrics::new()).with_state(limits)
}

/// Gives a request its body.
pub(super) trait SendBody {
    fn written(self, stage: &Stage, body: String) -> Self;
}

impl SendBody for RequestBuilder {
    fn written(self, stage: &Stage, body: String) -> Self {
        match stage.kind {
            Kind::Usual => self.body(body),
            Kind::LargeBody => self.body(" ".repeat((4 << 20) + 1)),
            Kind::EndlessBody => {
                self.body(Body::wrap_stream(stream::pending::<Result<String, std::io::Error>>()))
            }
        }
    }
}
