//! History and deliveries: filters, pages, lines.

use approval_gateway::delivery::durable::all_warned;
use approval_gateway::document::{CardRules, Rules};
use approval_gateway::domain::{Locale, Region, Warnings};
use approval_gateway::ledger::Revision;
use serde_json::{Value, json};

use super::{of, patch, push_in_vain, refuse_pushes};
use crate::durable::support::Kept;
use crate::harness::documents::{instance, with};
use crate::harness::{Builder, column};

#[tokio::test]
async fn the_history_tells_what_happened_newest_first() {
    let kept = Kept::with(|builder| builder.key("k", "").set("AUTH__ALLOW_ANONYMOUS", false)).await;
    let kept = Kept { gateway: kept.gateway.with_key("k"), ..kept };
    kept.gateway.put("a", "", &instance("a")).await.ok();
    refuse_pushes(&kept).await;
    assert_eq!(patch(&kept, "a", &json!({"title": "x"})).await.status, 422);
    let items = kept.gateway.all(&(of("a", "history") + "?"), 100).await;
    assert_eq!(column(&items, "event"), ["refused", "accepted", "delivered", "accepted"]);
    let revisions: Vec<_> = items.iter().map(|item| item["revision"].as_i64().unwrap()).collect();
    assert_eq!(revisions, [2, 2, 1, 1]);
    assert_eq!(items[0]["problem"]["code"], "upstream_rejected");
    assert_eq!(items[0]["problem"]["upstream"]["code"], 99_992_402);
    assert_eq!((&items[1]["caller"], items[1]["request_id"].is_string()), (&json!("k"), true));
    assert!(items[2].get("caller").is_none() && items[2]["log_id"].is_string());
    assert_eq!(items[3]["at"], "2026-01-02T03:04:05.000Z");
}

#[tokio::test]
async fn a_long_history_comes_in_pages_and_as_lines() {
    let kept = Kept::start().await;
    for number in 1..=7 {
        let document = with(instance("a"), json!({"title": format!("Trip {number}"), "updated_at": null}));
        kept.gateway.put("a", "", &document).await.ok();
    }
    let path = of("a", "history");
    let all = kept.gateway.all(&format!("{path}?"), 200).await;
    assert_eq!(all.len(), 14);
    assert_eq!(kept.gateway.all(&format!("{path}?"), 3).await, all);
    assert_eq!(kept.gateway.lines(&path).await, all);
}

/// Five delivered, one refused, one that waits; the last ones by another caller.
async fn some_deliveries() -> Kept {
    // Nothing is confirmed by itself while the lists are compared.
    let keys =
        |builder: Builder| builder.key("erp-key", "").key("oa-key", "").set("RECONCILE__INTERVAL_S", 0);
    let kept = Kept::with(keys).await;
    let erp = kept.gateway.with_key("erp-key");
    for number in 1..=5 {
        kept.gateway.clock.advance(std::time::Duration::from_secs(60));
        erp.put(&format!("d{number}"), "", &instance(&format!("d{number}"))).await.ok();
    }
    let oa = Kept { gateway: kept.gateway.with_key("oa-key"), ..kept };
    refuse_pushes(&oa).await;
    assert_eq!(oa.gateway.put("r", "", &instance("r")).await.status, 422);
    oa.gateway.feishu.clear_faults().await;
    push_in_vain(&oa, "p").await;
    oa
}

async fn found(kept: &Kept, query: &str) -> Vec<String> {
    column(&kept.gateway.all(&format!("/v1/deliveries?{query}"), 200).await, "instance_id")
}

#[tokio::test]
async fn deliveries_are_found_by_state_caller_problem_and_time() {
    let kept = some_deliveries().await;
    assert_eq!(found(&kept, "").await, ["p", "r", "d5", "d4", "d3", "d2", "d1"]);
    assert_eq!(found(&kept, "state=refused").await, ["r"]);
    assert_eq!(found(&kept, "state=refused&state=pending").await, ["p", "r"]);
    assert_eq!(found(&kept, "caller=oa-key").await, ["p", "r"]);
    assert_eq!(found(&kept, "problem=upstream_rejected").await, ["r"]);
    assert_eq!(found(&kept, "problem=upstream_unavailable&state=refused").await, Vec::<String>::new());
    assert_eq!(found(&kept, "approval_code=unknown").await, Vec::<String>::new());
    let between = "accepted_from=2026-01-02T03:06:05Z&accepted_to=2026-01-02T03:08:05Z";
    assert_eq!(found(&kept, between).await, ["d3", "d2"], "the later end is not part of it");
}

#[tokio::test]
async fn deliveries_come_in_pages_and_as_lines() {
    let kept = some_deliveries().await;
    let all = kept.gateway.all("/v1/deliveries?", 200).await;
    assert_eq!(kept.gateway.all("/v1/deliveries?", 2).await, all);
    assert_eq!(kept.gateway.lines("/v1/deliveries").await, all);
    let delivered = kept.gateway.all("/v1/deliveries?state=delivered", 2).await;
    assert_eq!(kept.gateway.lines("/v1/deliveries?state=delivered").await, delivered);
    assert_eq!(delivered.len(), 5);
}

#[tokio::test]
async fn a_delivery_that_changes_while_it_is_listed_has_the_warnings_of_the_revision_that_is_shown() {
    let kept = Kept::start().await;
    let pushed = async |link: &str| {
        let document = with(instance("a"), json!({"pc_link": link, "updated_at": null}));
        kept.gateway.put("a", "", &document).await.ok();
        kept.record("a").await
    };
    let found = pushed("oa.example.com/1").await;
    pushed("https://oa.example.com/1").await;
    let rules = Rules {
        region: Region::Feishu,
        default_locale: Locale::ZH_CN,
        update_needs_version: false,
        cards: CardRules::default(),
    };
    let [(shown, warnings)] =
        all_warned(&*kept.ledger, vec![found], rules).await.unwrap().try_into().unwrap();
    assert_eq!((shown.revision, warnings), (Revision(2), Some(Warnings::default())));
}

#[tokio::test]
async fn a_delivery_of_the_list_is_the_one_of_its_instance() {
    let kept = some_deliveries().await;
    for id in ["d1", "r", "p"] {
        let listed = kept.gateway.all("/v1/deliveries?", 200).await;
        let listed = listed.iter().find(|item| item["instance_id"] == id).unwrap();
        assert_eq!(kept.gateway.get(&of(id, "delivery")).await.ok(), *listed);
    }
    let pending = kept.gateway.get(&of("p", "delivery")).await.ok();
    assert_eq!((&pending["state"], &pending["caller"]), (&json!("pending"), &json!("oa-key")));
    assert_eq!(pending["last_problem"]["code"], "upstream_unavailable");
    assert!(pending["next_attempt_at"].is_string() && pending.get("delivered_revision").is_none());
    let delivered = kept.gateway.get(&of("d1", "delivery")).await.ok();
    assert_eq!((&delivered["delivered_revision"], delivered.get("last_problem")), (&json!(1), None));
}

#[tokio::test]
async fn the_deliveries_of_one_app_are_not_those_of_another() {
    let kept = Kept::with(|builder| {
        builder.app("erp").set("APPS__ERP__REGION", "feishu").key("own", "").key("other", "app=erp")
    })
    .await;
    kept.gateway.with_key("own").put("a", "", &instance("a")).await.ok();
    let other = kept.gateway.with_key("other");
    assert_eq!(other.all("/v1/deliveries?", 10).await, Vec::<Value>::new());
    for what in ["delivery", "document", "history"] {
        assert_eq!(other.get(&of("a", what)).await.refusal(), (404, "document_not_found"));
    }
}
