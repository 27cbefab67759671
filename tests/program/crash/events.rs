//! Outgoing events of gateways that are killed, and of gateways that share a ledger.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use approval_gateway::http::health::DrainState;
use approval_gateway::support::standard_webhooks::{SigningSecret, signature};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::postgres;
use super::replicas::holds;
use super::site::{Site, accept, document};
use super::writers::SEED;
use crate::feishu::{self, FOR_EVER, until};
use crate::process::{Running, file};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What a system does with an event that it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// It takes it.
    Take,
    /// It is out of order.
    Fail,
    /// It says nothing, ever.
    Hang,
}

/// What it was sent.
#[derive(Debug, Clone)]
struct Told {
    id: String,
    /// Type and instance.
    about: (String, String),
    revision: u64,
    is_taken: bool,
}

/// A system that is told of events.
#[derive(Clone)]
struct Receiver {
    told: Arc<Mutex<Vec<Told>>>,
    does: Arc<Mutex<Box<dyn FnMut() -> Does + Send>>>,
}

impl Receiver {
    /// A receiver, and a site whose gateways tell it of events; the secret's file is gone with the third.
    async fn of(site: Site) -> (Self, Site, tempfile::TempPath) {
        let receiver = Self { told: Arc::default(), does: Arc::new(Mutex::new(Box::new(|| Does::Take))) };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        let address = feishu::serve(router, DrainState::serving(), feishu::options()).await;
        let secret = file(SECRET);
        let site = site
            .with("GATEWAY_FEISHU__WEBHOOKS__URL", &format!("http://{address}/"))
            .with("GATEWAY_FEISHU__WEBHOOKS__SECRET_FILE", secret.to_str().unwrap());
        (receiver, site, secret)
    }

    fn does(&self, does: impl FnMut() -> Does + Send + 'static) {
        *self.does.lock().unwrap() = Box::new(does);
    }

    fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    async fn until_told(&self, times: usize) {
        until(|| async {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            self.told().len() >= times
        })
        .await;
    }

    /// Waits until each of these was taken: type, instance and revision.
    async fn until_taken(&self, wanted: &[(&str, &str, u64)]) {
        until(|| async {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            let told = self.told();
            wanted.iter().all(|(kind, id, revision)| {
                told.iter().any(|told| {
                    told.is_taken
                        && (told.about.0.as_str(), told.about.1.as_str()) == (*kind, *id)
                        && told.revision == *revision
                })
            })
        })
        .await;
    }

    /// Nothing goes past an event that was not taken yet, and an event has one name however often it is sent.
    fn check_order(&self) {
        let mut last_taken = BTreeMap::<String, u64>::new();
        let mut first_open = BTreeMap::<String, u64>::new();
        let mut names = BTreeMap::new();
        for told in self.told() {
            let (kind, instance) = told.about.clone();
            let name =
                names.entry((kind, instance.clone(), told.revision)).or_insert_with(|| told.id.clone());
            assert_eq!(*name, told.id, "{told:?}");
            if let Some(open) = first_open.get(&instance) {
                assert!(told.revision <= *open, "{told:?} went past revision {open}");
            }
            if told.is_taken {
                first_open.remove(&instance);
                let last = last_taken.entry(instance).or_default();
                *last = (*last).max(told.revision);
            } else if last_taken.get(&instance).is_none_or(|last| told.revision > *last) {
                first_open.insert(instance, told.revision);
            }
        }
    }
}

async fn receive(State(receiver): State<Receiver>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| parts.headers[name].to_str().unwrap();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    let secrets = [SigningSecret::parse(SECRET).unwrap()];
    assert_eq!(header("webhook-signature"), signature(&secrets, id, timestamp, &body));
    let event: Value = serde_json::from_slice(&body).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let does = (receiver.does.lock().unwrap())();
    receiver.told.lock().unwrap().push(Told {
        id: id.to_owned(),
        about: (text(&event["type"]), text(&event["data"]["instance_id"])),
        revision: event["data"]["revision"].as_u64().unwrap_or_default(),
        is_taken: does == Does::Take,
    });
    match does {
        Does::Take => StatusCode::OK,
        Does::Fail => StatusCode::INTERNAL_SERVER_ERROR,
        Does::Hang => std::future::pending().await,
    }
}

/// From now on Feishu refuses the content of every push, so that each makes an event.
async fn refuse_all(site: &Site) {
    let fault = json!({"api": "external_instances", "code": 99_992_402, "msg": "no", "times": 0});
    site.feishu.fault(fault).await;
}

/// The revision that was refused; none when nobody answered.
async fn push_refused(gateway: &Running, id: &str, title: &str) -> Option<u64> {
    let request = gateway.request("PUT", &format!("/v1/instances/{id}"), &document(id, title));
    let response = request.timeout(FOR_EVER).send().await.ok()?;
    assert_eq!(response.status(), 422, "{id}: {title}");
    let request = gateway.request("GET", &format!("/v1/instances/{id}/delivery"), &Value::Null);
    let response = request.timeout(FOR_EVER).send().await.ok()?;
    let delivery: Value = serde_json::from_slice(&response.bytes().await.ok()?).unwrap();
    assert_eq!(delivery["state"], "refused", "{delivery}");
    delivery["revision"].as_u64()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_under_way_is_sent_again_by_the_next_gateway_and_in_order() {
    let (receiver, site, _secret) = Receiver::of(Site::new().await).await;
    refuse_all(&site).await;
    receiver.does(|| Does::Hang);
    let gateway = site.start();
    for (id, title) in [("a", "one"), ("a", "two"), ("b", "one")] {
        assert!(push_refused(&gateway, id, title).await.is_some());
    }
    // One about each instance: the second about `a` waits for the first.
    receiver.until_told(2).await;
    gateway.kill();
    drop(gateway);
    let before = receiver.told();
    receiver.does(|| Does::Take);
    let gateway = site.start();
    let refused = "delivery.refused";
    receiver.until_taken(&[(refused, "a", 1), (refused, "a", 2), (refused, "b", 1)]).await;
    assert_eq!(receiver.told().len(), before.len() + 3, "{:?}", receiver.told());
    receiver.check_order();
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_202_and_then_killed_is_told_when_the_next_gateway_has_delivered_it() {
    let (receiver, site, _secret) = Receiver::of(Site::new().await).await;
    site.feishu.fault(json!({"down": true})).await;
    let gateway = site.start();
    assert_eq!(accept(&gateway, "at once", &document("at once", "one")).await.0, 202);
    let waiting = gateway.request("PUT", "/v1/instances/in%20vain", &document("in vain", "one"));
    assert_eq!(waiting.header("x-request-timeout-ms", 300).send().await.unwrap().status(), 202);
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    let gateway = site.start();
    receiver.until_taken(&[("delivery.delivered", "at once", 1), ("delivery.delivered", "in vain", 1)]).await;
    assert_eq!(gateway.stop().await.code, Some(0));
}

/// Instances, each written by a caller of its own.
const WRITERS: usize = 4;

/// How often the gateway is killed.
const KILLS: u32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_told_at_least_once_and_in_order_however_often_the_gateway_is_killed() {
    let (receiver, site, _secret) = Receiver::of(Site::new().await).await;
    refuse_all(&site).await;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut unsteady = fastrand::Rng::with_seed(SEED);
    receiver.does(move || *unsteady.choice(&[Does::Take, Does::Take, Does::Fail, Does::Hang]).unwrap());
    let refused = Mutex::new(Vec::new());
    for round in 0..KILLS {
        let gateway = site.start();
        let acknowledged = Semaphore::new(0);
        let write = async |writer: usize| {
            for number in 0.. {
                let id = format!("event-{writer}");
                let Some(revision) = push_refused(&gateway, &id, &format!("{round} {number}")).await else {
                    return;
                };
                refused.lock().unwrap().push((id, revision));
                acknowledged.add_permits(1);
            }
        };
        let killing = async {
            let enough = acknowledged.acquire_many(random.u32(4..24));
            tokio::time::timeout(FOR_EVER, enough).await.unwrap().unwrap().forget();
            gateway.kill();
        };
        tokio::join!(join_all((0..WRITERS).map(write)), killing);
    }
    receiver.does(|| Does::Take);
    let gateway = site.start();
    // What failed a moment ago would wait for its next attempt.
    let filter = json!({"state": ["pending"]});
    let retry = gateway.request("POST", "/v1/events/retry", &filter).send().await.unwrap();
    assert_eq!(retry.status(), 200);
    let refused = refused.into_inner().unwrap();
    let wanted: Vec<_> =
        refused.iter().map(|(id, revision)| ("delivery.refused", id.as_str(), *revision)).collect();
    receiver.until_taken(&wanted).await;
    receiver.check_order();
    assert_eq!(gateway.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_on_postgresql_send_each_event_in_order_also_when_one_is_killed() {
    let Some((site, _)) = postgres::site().await else { return };
    let (receiver, site, _secret) = Receiver::of(site).await;
    refuse_all(&site).await;
    let [first, second] = [site.start(), site.start()];
    let refused = "delivery.refused";
    let mut wanted = Vec::new();
    for title in ["one", "two", "three"] {
        for (gateway, id) in [(&first, "a"), (&second, "b"), (&first, "b"), (&second, "a")] {
            let revision = push_refused(gateway, id, &format!("{title} {}", gateway.pid())).await.unwrap();
            wanted.push((refused, id, revision));
        }
    }
    receiver.until_taken(&wanted).await;
    assert_eq!(receiver.told().len(), wanted.len(), "each was sent once: {:?}", receiver.told());
    // Whichever sends is killed while the receiver says nothing.
    receiver.does(|| Does::Hang);
    push_refused(&first, "a", "four").await.unwrap();
    push_refused(&second, "a", "five").await.unwrap();
    receiver.until_told(wanted.len() + 1).await;
    let sends = holds(&first).await;
    let (killed, other) = if sends { (first, second) } else { (second, first) };
    killed.kill();
    drop(killed);
    receiver.does(|| Does::Take);
    receiver.until_taken(&[(refused, "a", 7), (refused, "a", 8)]).await;
    receiver.check_order();
    assert_eq!(other.stop().await.code, Some(0));
}
