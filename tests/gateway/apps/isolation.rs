//! One app's trouble is no other's.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use test_case::test_case;

use crate::apps::{QUOTA, two_apps};
use crate::harness::Answer;
use crate::harness::documents::{instance, with};

#[tokio::test]
async fn an_app_whose_feishu_hangs_holds_up_nobody_else() {
    let gateway = Arc::new(two_apps().await);
    gateway.app("erp").fault(json!({"api": "any", "hang": true})).await;
    let hanging = {
        let gateway = Arc::clone(&gateway);
        tokio::spawn(async move { gateway.with_key("k-erp").put("a", "", &instance("a")).await })
    };
    gateway.app("erp").until_called("token", 1).await;
    // Even of the same instance: each app has a keyed queue of its own.
    assert_eq!(gateway.with_key("k-default").put("a", "", &instance("a")).await.status, 200);
    assert!(!hanging.is_finished());
    gateway.app("erp").clear_faults().await;
    assert_eq!(hanging.await.unwrap().status, 200);
}

#[test_case(json!({"api": "external_instances", "times": 0, "http_status": 500, "body_raw": "-"}), "circuit_open"; "broken")]
#[test_case(json!({"api": "token", "times": 0, "code": 10014, "http_status": 200, "msg": "app secret invalid"}), "upstream_auth_failed"; "locked out")]
#[tokio::test]
async fn an_app_that_fails_leaves_the_others_alone(fault: serde_json::Value, code: &str) {
    let gateway = two_apps().await;
    gateway.app("erp").fault(fault).await;
    // More than a breaker needs to open.
    let ids: Vec<_> = (0..25).map(|number| number.to_string()).collect();
    let erp = gateway.with_key("k-erp");
    join_all(ids.iter().map(async |id| erp.put(id, "", &instance(id)).await)).await;
    assert_eq!(gateway.with_key("k-erp").put("a", "", &instance("a")).await.code(), code);
    assert_eq!(gateway.with_key("k-default").put("a", "", &instance("a")).await.status, 200);
}

#[tokio::test]
async fn an_app_that_has_used_up_its_rate_leaves_the_others_theirs() {
    let gateway = two_apps().await;
    assert_eq!(gateway.with_key("k-default").put("a", "", &instance("a")).await.status, 200);
    let left = |answer: &Answer| answer.header("ratelimit").map(str::to_owned);
    let request = gateway.with_key("k-default").get("/v1/task-statuses?instance_id=a").await;
    assert!(left(&request).unwrap().contains("r=0"), "{request:?}");
    // This app is not paced at all.
    let erp = gateway.with_key("k-erp");
    for number in 0..5 {
        let answer = erp.put(&format!("e-{number}"), "", &instance("a")).await;
        assert_eq!((answer.status, left(&answer)), (200, None));
    }
}

#[tokio::test]
async fn an_app_that_fills_its_room_leaves_the_others_theirs() {
    let gateway = two_apps().await;
    gateway.app("erp").fault(json!({"api": "external_instances", "hang": true, "times": 0})).await;
    let padding = "x".repeat(QUOTA);
    let large = with(instance("large"), json!({"extra": {"padding": padding}}));
    let full = tokio::spawn(gateway.with_key("k-erp").pushing("large", "", &large).send());
    gateway.app("erp").until_called("external_instances", 1).await;
    let refused = gateway.with_key("k-erp").put("a", "", &instance("a")).await;
    assert_eq!((refused.status, refused.code()), (503, "overloaded"));
    assert_eq!(gateway.with_key("k-default").put("a", "", &instance("a")).await.status, 200);
    full.abort();
}
