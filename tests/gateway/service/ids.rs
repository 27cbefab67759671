//! Ids are the caller's own: whatever is in them arrives as it was given.

use serde_json::json;
use test_case::test_case;

use crate::service::documents::{instance, with};
use crate::service::harness::{Harness, answer};

#[test_case("plain-1")]
#[test_case("a/b//c"; "slashes")]
#[test_case("100%25"; "percent signs")]
#[test_case("报销单 2026 第1号"; "chinese and spaces")]
#[test_case("🙂👨‍👩‍👧"; "emoji")]
#[test_case("a+b&c=d?e#f;g"; "what queries are made of")]
#[test_case("a\"b\\c<d>{e}|f^g`h"; "what URLs forbid")]
#[test_case(" x "; "spaces around")]
#[tokio::test]
async fn id_in_the_path_arrives_as_it_is(id: &str) {
    let harness = Harness::start().await;
    let receipt = harness.put(id, "?verify=true", &instance(id)).await.receipt();
    assert_eq!((&receipt["instance_id"], &receipt["applied"]), (&json!(id), &json!("yes")));
    assert_eq!(harness.sent("external_instances").await[0]["instance_id"], id);
    assert_eq!(harness.stored(id).await["instance_id"], id);
    let preview = harness.preview(id, "", &with(instance(id), json!({"instance_id": id}))).await;
    assert_eq!(preview.body["instance_id"], id);
}

#[tokio::test]
async fn a_plus_sign_in_the_path_is_no_space() {
    let harness = Harness::start().await;
    let request = harness.request(reqwest::Method::PUT, "/v1/instances/a+b", &instance("a"));
    assert_eq!(answer(request).await.receipt()["instance_id"], "a+b");
}

#[tokio::test]
async fn long_ids_are_not_refused() {
    let harness = Harness::start().await;
    let id = "长".repeat(500);
    harness.put(&id, "", &instance("a")).await.receipt();
    assert!(harness.is_stored(&id).await);
}
