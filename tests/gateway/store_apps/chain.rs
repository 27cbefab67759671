//! From a ticket to a delivery, with counted calls: none, a good one, one that goes bad, several tenants, several replicas.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::Arc;
use std::time::Duration;

use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::ledger::{DeliveryState, Ledger};
use approval_gateway::support::clock::Clock;
use serde_json::{Value, json};
use test_case::test_case;

use super::support::{NEVER_MS, calls, connect, kept, push_ticket, store_app, with_ticket};
use crate::durable::support::Store;
use crate::harness::documents::instance;
use crate::harness::{APP_ID, Builder, Feishu, Gateway, START, sandbox, until};

/// A document whose version the gateway chooses.
fn document(id: &str) -> Value {
    let mut document = instance(id);
    document.as_object_mut().unwrap().remove("updated_at");
    document
}

/// The same app in two tenants, each with a key for its callers.
fn two_tenants(builder: Builder) -> Builder {
    let builder = builder.tenant("b").key("k-a", "").key("k-b", "app=b");
    builder.set("APPS__B__KIND", "store").set("APPS__B__TENANT_KEY", "tenant_b")
}

/// Accepts a document without waiting for its delivery.
async fn accept(gateway: &Gateway, id: &str) {
    let request = gateway.pushing(id, "", &document(id)).header("prefer", "respond-async");
    let answer = crate::harness::answer(request).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}

#[test_case(Store::Memory)]
#[test_case(Store::Sqlite)]
#[tokio::test]
async fn without_a_ticket_the_app_is_parked_until_feishu_has_pushed_one(store: Store) {
    let kept = kept(store).await;
    let feishu = &kept.gateway.feishu;
    connect(feishu, &kept.gateway, NEVER_MS).await;
    let accepted = kept.gateway.put_within(2_000, "i", &document("i")).await;
    assert_eq!(
        (accepted.status, &accepted.body["last_problem"]["code"]),
        (202, &json!("upstream_ticket_missing"))
    );
    kept.until_parked().await;
    assert_eq!(calls(feishu).await, [1, 0, 0]);
    let summary = kept.gateway.get("/v1/deliveries/summary").await.ok();
    assert_eq!(
        (&summary["app"]["state"], &summary["app"]["reason"]),
        (&json!("parked"), &json!("upstream_ticket_missing"))
    );
    let metrics = kept.gateway.get("/metrics").await.text;
    assert!(metrics.contains("gateway_app_parked{app=\"default\"} 1"), "{metrics}");
    assert_eq!(kept.record("i").await.attempts, 0);

    push_ticket(feishu).await;
    kept.until("i", DeliveryState::Delivered).await;
    assert_eq!((calls(feishu).await, feishu.count("external_instances").await), ([1, 1, 1], 1));
    assert!(!kept.is_parked());
    let metrics = kept.gateway.get("/metrics").await.text;
    assert!(
        metrics.contains("gateway_pushed_events_total{app=\"default\",outcome=\"accepted\"} 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_ticket_that_is_asked_for_comes_and_delivers_what_waits() {
    let kept = kept(Store::Memory).await;
    let feishu = &kept.gateway.feishu;
    connect(feishu, &kept.gateway, 0).await;
    let answer = kept.gateway.put("i", "", &document("i")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(calls(feishu).await, [1, 1, 1]);
    // Everything is cached from now on, and the next tenant token needs no ticket.
    for id in ["j", "k"] {
        assert_eq!(kept.gateway.put(id, "", &document(id)).await.status, 200);
    }
    feishu.control("POST", "tokens/revoke", Value::Null).await;
    assert_eq!(kept.gateway.put("l", "", &document("l")).await.status, 200);
    assert_eq!(calls(feishu).await, [1, 1, 2]);
}

#[tokio::test]
async fn many_callers_at_once_cost_one_chain() {
    let kept = with_ticket(|builder| builder).await;
    let feishu = &kept.gateway.feishu;
    let reads = (0..50).map(|_| kept.gateway.get("/v1/instances/i"));
    for answer in futures_util::future::join_all(reads).await {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert_eq!(calls(feishu).await, [0, 1, 1]);
}

#[test_case(Store::Memory)]
#[test_case(Store::Sqlite)]
#[tokio::test]
async fn a_ticket_that_goes_bad_is_replaced_by_one_that_is_asked_for(store: Store) {
    let kept = kept(store).await;
    let feishu = &kept.gateway.feishu;
    connect(feishu, &kept.gateway, 0).await;
    push_ticket(feishu).await;
    assert_eq!(kept.gateway.put("i", "", &document("i")).await.status, 200);
    assert_eq!(calls(feishu).await, [0, 1, 1]);
    // Every token and the ticket are worthless.
    feishu.control("POST", "store-app/revoke", Value::Null).await;
    feishu.control("POST", "tokens/revoke", Value::Null).await;
    let answer = kept.gateway.put("j", "", &document("j")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // The old token of the app, the old ticket, the question for another one, and then both tokens.
    assert_eq!(calls(feishu).await, [1, 3, 3]);
}

#[tokio::test]
async fn a_ticket_is_asked_for_once_a_minute_and_a_refused_one_is_not_tried_all_the_time() {
    let kept = with_ticket(|builder| builder).await;
    let feishu = &kept.gateway.feishu;
    feishu.fault(json!({"api": "app_token", "code": 10012, "http_status": 200, "times": 0})).await;
    accept(&kept.gateway, "i").await;
    kept.until_parked().await;
    for _ in 0..20 {
        let answer = kept.gateway.get("/v1/instances/i").await;
        assert_eq!(answer.problem(), "503 upstream_ticket_missing, not_sent, retryable");
        assert_eq!(answer.headers["retry-after"], "30");
    }
    assert_eq!(calls(feishu).await, [1, 1, 0]);
    kept.gateway.clock.advance(Duration::from_secs(59));
    assert_eq!(kept.gateway.get("/v1/instances/i").await.status, 503);
    assert_eq!(calls(feishu).await, [1, 1, 0]);
    kept.gateway.clock.advance(Duration::from_secs(1));
    feishu.until_called("app_ticket_resend", 2).await;
    assert_eq!(calls(feishu).await, [2, 2, 0]);
    assert_eq!(kept.record("i").await.attempts, 0);
}

#[tokio::test]
async fn an_app_that_is_none_of_the_store_is_told_so() {
    let kept = kept(Store::Memory).await;
    let answer = kept.gateway.get("/v1/instances/i").await;
    assert_eq!(answer.problem(), "502 upstream_auth_failed, not_sent");
    assert_eq!(answer.body["upstream"]["code"], 10016);
    assert_eq!(calls(&kept.gateway.feishu).await, [1, 0, 0]);
    let again = kept.gateway.get("/v1/instances/i").await;
    assert_eq!((again.status, calls(&kept.gateway.feishu).await), (502, [1, 0, 0]));
}

#[tokio::test]
async fn an_unknown_tenant_is_told_as_what_it_is() {
    let kept = with_ticket(|builder| builder.set("FEISHU__TENANT_KEY", "elsewhere")).await;
    let feishu = &kept.gateway.feishu;
    let answer = kept.gateway.get("/v1/instances/i").await;
    assert_eq!(answer.problem(), "502 upstream_auth_failed, not_sent");
    assert_eq!(answer.body["upstream"]["code"], 10013);
    // The token of the app is replaced once, as it could be that one.
    assert_eq!(calls(feishu).await[0], 0);
    assert!(calls(feishu).await[1] <= 2 && calls(feishu).await[2] <= 2, "{:?}", calls(feishu).await);
}

#[tokio::test]
async fn one_ticket_serves_all_tenants_and_each_has_a_world_of_its_own() {
    let ledger = Arc::new(MemoryLedger::new(Clock::manual(START)));
    let gateway = two_tenants(store_app(Gateway::builder().ledger(ledger))).start().await;
    let feishu = gateway.feishu.clone();
    connect(&feishu, &gateway, 0).await;
    let (a, b) = (gateway.with_key("k-a"), gateway.with_key("k-b"));
    let documents = [document("i"), document("j")];
    let (first, second) = tokio::join!(a.put("i", "", &documents[0]), b.put("j", "", &documents[1]));
    assert_eq!((first.status, second.status), (200, 200), "{} {}", first.text, second.text);
    assert_eq!(calls(&feishu).await, [1, 1, 2]);
    for (gateway, own, other) in [(&a, "i", "j"), (&b, "j", "i")] {
        assert_eq!(gateway.get(&format!("/v1/instances/{own}")).await.status, 200);
        assert_eq!(gateway.get(&format!("/v1/instances/{other}")).await.status, 404);
    }
    assert_eq!(calls(&feishu).await, [1, 1, 2]);
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_asked_for_once_for_all_tenants() {
    let kept = with_ticket(two_tenants).await;
    let feishu = &kept.gateway.feishu;
    // The secret is another one.
    feishu.fault(json!({"api": "app_token", "code": 10014, "http_status": 200, "times": 0})).await;
    for key in ["k-a", "k-b", "k-a"] {
        let answer = kept.gateway.with_key(key).get("/v1/instances/i").await;
        assert_eq!(answer.problem(), "502 upstream_auth_failed, not_sent", "{key}");
    }
    assert_eq!(calls(feishu).await, [0, 1, 0]);
    // Longer than any pause.
    kept.gateway.clock.advance(Duration::from_secs(6));
    assert_eq!(kept.gateway.with_key("k-b").get("/v1/instances/i").await.status, 502);
    assert_eq!(calls(feishu).await, [0, 2, 0]);
}

#[tokio::test]
async fn at_the_start_one_of_all_tenants_asks_for_the_token() {
    assert_eq!(two_tenants(store_app(Gateway::builder())).start().await.store_apps, 1);
    assert_eq!(Gateway::start().await.store_apps, 0);
}

#[tokio::test]
async fn a_replica_uses_the_ticket_that_was_pushed_to_another() {
    let clock = Clock::manual(START);
    let ledger = Arc::new(MemoryLedger::new(clock.clone()));
    let feishu = Feishu::serve(&sandbox(Some(APP_ID), &clock)).await;
    let replica = async || {
        let shared = Arc::clone(&ledger) as Arc<dyn Ledger>;
        store_app(Gateway::builder()).clock(clock.clone()).feishu(&feishu).ledger(shared).start().await
    };
    let holder = replica().await;
    let holds = async || holder.get("/metrics").await.text.contains("gateway_lease_held{app=\"default\"} 1");
    until(|| async { holds().await }).await;
    let other = replica().await;
    connect(&feishu, &other, NEVER_MS).await;
    accept(&holder, "i").await;
    feishu.until_called("app_ticket_resend", 1).await;
    assert_eq!(
        other.get("/v1/instances/i").await.problem(),
        "503 upstream_ticket_missing, not_sent, retryable"
    );
    assert_eq!(calls(&feishu).await, [1, 0, 0], "of both, one has asked");
    push_ticket(&feishu).await;
    until(|| async {
        let delivery = holder.get("/v1/instances/i/delivery").await;
        delivery.body["state"] == "delivered"
    })
    .await;
    // Each has its own token of the app: only the ticket is shared.
    assert_eq!(calls(&feishu).await, [1, 1, 1]);
    assert_eq!(other.get("/v1/instances/i").await.status, 200);
    assert_eq!(calls(&feishu).await, [1, 2, 2]);
}

#[tokio::test]
async fn without_a_ledger_the_ticket_is_kept_in_memory() {
    let gateway = store_app(Gateway::builder()).start().await;
    let feishu = gateway.feishu.clone();
    connect(&feishu, &gateway, NEVER_MS).await;
    let early = gateway.put("i", "", &instance("i")).await;
    assert_eq!(early.problem(), "503 upstream_ticket_missing, not_sent, retryable");
    assert_eq!(early.headers["retry-after"], "30");
    push_ticket(&feishu).await;
    assert_eq!(gateway.put("i", "", &instance("i")).await.status, 200);
    assert_eq!(calls(&feishu).await, [1, 1, 1]);
}

#[tokio::test]
async fn without_a_ledger_a_ticket_is_asked_for_once_a_minute_too() {
    let gateway = store_app(Gateway::builder()).start().await;
    connect(&gateway.feishu, &gateway, NEVER_MS).await;
    let times_asked = async || {
        assert_eq!(gateway.get("/v1/instances/i").await.code(), "upstream_ticket_missing");
        calls(&gateway.feishu).await[0]
    };
    assert_eq!([times_asked().await, times_asked().await], [1, 1]);
    gateway.clock.advance(Duration::from_secs(59));
    assert_eq!(times_asked().await, 1);
    gateway.clock.advance(Duration::from_secs(1));
    assert_eq!([times_asked().await, times_asked().await], [2, 2]);
}

#[tokio::test]
async fn a_ledger_that_fails_for_a_while_costs_no_ticket() {
    let kept = with_ticket(|builder| builder).await;
    let feishu = &kept.gateway.feishu;
    use approval_gateway::ledger::{Cause, LedgerError};
    kept.memory.fail_with(Some(LedgerError::Unavailable(Cause::new("away"))));
    assert_eq!(kept.gateway.get("/v1/instances/i").await.status, 404, "reads from Feishu go on");
    let (_, pushed) = feishu.control("POST", "store-app/ticket", Value::Null).await;
    assert_eq!(pushed["http_status"], 503, "Feishu sends it again");
}
