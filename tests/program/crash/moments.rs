//! A crash at each moment in the life of a document.

use serde_json::{Value, json};
use test_case::test_case;

use super::site::{Site, accept, document, pushed_title, version};
use crate::feishu::{client, until};
use crate::process::answer;

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_waited_for_the_end_of_an_outage_is_delivered_by_the_next_gateway() {
    let site = Site::new().await;
    site.feishu.fault(json!({"down": true})).await;
    let gateway = site.start();
    let (status, told) = accept(&gateway, "a", &document("a", "one")).await;
    assert_eq!((status, &told["state"]), (202, &json!("pending")), "{told}");
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    assert_eq!(site.title("a").await, None);
    let _gateway = site.start();
    site.until_shown("a", "one").await;
}

#[test_case(false; "and lost")]
#[test_case(true; "and applied, with its result lost")]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_in_flight_is_sent_again_with_the_same_revision_and_version(is_applied: bool) {
    let site = Site::new().await;
    site.feishu.fault(json!({"api": "external_instances", "hang": true, "apply": is_applied})).await;
    let gateway = site.start();
    let (status, told) = accept(&gateway, "a", &document("a", "one")).await;
    assert_eq!((status, &told["revision"]), (202, &json!(1)), "{told}");
    site.feishu.until_called("external_instances", 1).await;
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    assert_eq!(site.title("a").await.is_some(), is_applied);
    let gateway = site.start();
    let (status, receipt) = gateway.put("a", "", &document("a", "one")).await;
    assert_eq!((status, &receipt["revision"]), (200, &json!(1)), "{receipt}");
    let pushes = site.pushes().await;
    let versions: Vec<_> = pushes.iter().map(version).collect();
    assert_eq!(versions.len(), 2, "{pushes:?}");
    assert_eq!(versions[0], versions[1]);
    assert_eq!(site.title("a").await.as_deref(), Some("one"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_committed_and_never_answered_is_delivered_and_its_repeat_changes_nothing() {
    let site = Site::new().await;
    site.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let gateway = site.start();
    let request = gateway.request("PUT", "/v1/instances/a", &document("a", "one"));
    let caller = tokio::spawn(request.send());
    // It was committed before it was sent.
    site.feishu.until_called("external_instances", 1).await;
    gateway.kill();
    assert!(caller.await.unwrap().is_err());
    drop(gateway);
    site.clear_faults().await;
    let gateway = site.start();
    site.until_shown("a", "one").await;
    let (status, receipt) = gateway.put("a", "", &document("a", "one")).await;
    assert_eq!((status, &receipt["revision"]), (200, &json!(1)), "{receipt}");
    assert_eq!(site.pushes().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_push_that_lands_after_a_newer_one_is_repaired() {
    let site = Site::new().await.with("GATEWAY_RECONCILE__INTERVAL_S", "10");
    let gateway = site.start();
    assert_eq!(gateway.put("a", "", &document("a", "old")).await.0, 200);
    gateway.kill();
    drop(gateway);
    let gateway = site.start();
    assert_eq!(gateway.put("a", "", &document("a", "new")).await.0, 200);
    let old = site.pushes().await.swap_remove(0);
    assert_eq!(pushed_title(&old), "old");
    // The network has held it back until now.
    let late = client().post(format!("{}{}", site.feishu.origin, old["path"].as_str().unwrap()));
    let token = site.feishu.tokens().into_iter().next().unwrap();
    let (status, taken) = answer(late.bearer_auth(token).body(old["body"].to_string())).await;
    assert_eq!((status, &taken["code"]), (200, &json!(0)), "{taken}");
    until(|| async {
        let pushes = site.pushes().await;
        pushes.len() > 3 && site.title("a").await.as_deref() == Some("new")
    })
    .await;
    let pushes = site.pushes().await;
    assert_eq!((pushes.len(), pushes[2]["body"].clone()), (4, old["body"].clone()));
    assert_eq!(pushes[3]["body"]["update_mode"], Value::from("REPLACE"));
}
