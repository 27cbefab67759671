//! Trouble of the app, and codes that nobody knows.

use std::time::Duration;

use approval_gateway::ledger::DeliveryState;
use serde_json::json;

use super::support::Kept;
use crate::harness::answer;
use crate::harness::documents::instance;

const IDS: [&str; 4] = ["a", "b", "c", "d"];

/// Time between two looks at a parked app.
const PROBE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_parked_app_costs_no_instance_an_attempt() {
    let kept = Kept::with(|builder| builder.app_secret("wrong")).await;
    for id in ["a", "b"] {
        let accepted = kept.gateway.put(id, "", &instance(id)).await;
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        assert_eq!(accepted.body["last_problem"]["code"], "upstream_auth_failed");
        assert_eq!((&accepted.body["state"], &accepted.body["attempts"]), (&json!("pending"), &json!(0)));
        assert_eq!(kept.record(id).await.attempts, 0);
    }
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 0);
}

#[tokio::test]
async fn an_app_that_was_parked_for_its_token_opens_after_a_minute_when_there_is_one() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "token", "code": 10_014, "times": 0})).await;
    for id in IDS {
        let accepted = kept.gateway.put(id, "", &instance(id)).await;
        assert_eq!((accepted.status, &accepted.body["state"]), (202, &json!("pending")), "{}", accepted.text);
    }
    assert!(kept.is_parked());
    kept.gateway.feishu.clear_faults().await;
    kept.pass(PROBE).await;
    for id in IDS {
        kept.until(id, DeliveryState::Delivered).await;
        assert_eq!(kept.record(id).await.attempts, 1);
    }
    assert!(!kept.is_parked());
}

#[tokio::test]
async fn a_parked_app_is_looked_at_once_a_minute_by_one_push_which_opens_it_for_all() {
    let kept = Kept::start().await;
    let pushes = async || kept.gateway.feishu.count("external_instances").await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "code": 99_991_672, "times": 0})).await;
    for id in IDS {
        let request = kept.gateway.pushing(id, "", &instance(id)).header("prefer", "respond-async");
        assert_eq!(answer(request).await.status, 202);
    }
    kept.until_parked().await;
    // Those that had begun before the first one failed.
    kept.until_idle().await;
    let begun = pushes().await;
    for minute in 1..=2 {
        kept.pass(PROBE).await;
        kept.gateway.feishu.until_called("external_instances", begun + minute).await;
        kept.until_idle().await;
        assert_eq!(pushes().await, begun + minute, "one push looks");
    }
    for id in IDS {
        assert_eq!(kept.record(id).await.attempts, 0);
    }
    kept.gateway.feishu.clear_faults().await;
    kept.pass(PROBE).await;
    for id in IDS {
        kept.until(id, DeliveryState::Delivered).await;
    }
    assert_eq!(pushes().await, begun + 2 + IDS.len() as u64);
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_tried_ten_times_over_a_day_and_then_refused() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "code": 1_234_567, "times": 0})).await;
    let accepted = kept.gateway.put("a", "", &instance("a")).await;
    assert_eq!((accepted.status, &accepted.body["last_problem"]["code"]), (202, &json!("upstream_error")));
    let began = kept.gateway.clock.unix_millis();
    for attempts in 1..10 {
        kept.until_attempts("a", attempts).await;
        let record = kept.record("a").await;
        assert_eq!(record.state, Some(DeliveryState::Pending), "after {attempts}");
        let wait = record.due_at.unwrap().unix_millis() - kept.gateway.clock.unix_millis();
        kept.pass(Duration::from_millis(wait.unsigned_abs())).await;
    }
    kept.until("a", DeliveryState::Refused).await;
    let hours = (kept.gateway.clock.unix_millis() - began) / 3_600_000;
    assert!((20..=24).contains(&hours), "{hours}");
    assert_eq!((kept.record("a").await.attempts, kept.gateway.feishu.count("external_instances").await), (10, 10));
    kept.gateway.feishu.clear_faults().await;
    // The same document again is a wish to try again.
    assert_eq!(kept.gateway.put("a", "", &instance("a")).await.ok()["delivery_state"], "delivered");
}

#[tokio::test]
async fn an_import_is_delivered_no_faster_than_it_asks_for() {
    let kept = Kept::start().await;
    let line = |id: &str| {
        let mut document = instance(id);
        document["instance_id"] = json!(id);
        format!("{document}\n")
    };
    let lines: String = IDS.map(line).concat();
    let imported = answer(crate::imports::support::importing(&kept.gateway, "?per_minute=2", lines)).await;
    let location = imported.header("location").unwrap().to_owned();
    for delivered in 1..=IDS.len() {
        crate::harness::until(|| async {
            kept.gateway.get(&location).await.ok()["delivered"] == json!(delivered)
        })
        .await;
        assert_eq!(kept.gateway.feishu.count("external_instances").await, 2 * delivered as u64 - 1);
        // A caller's own push does not wait for it.
        let id = format!("own-{delivered}");
        kept.gateway.put(&id, "", &instance(&id)).await.ok();
        kept.pass(Duration::from_secs(30)).await;
    }
}
