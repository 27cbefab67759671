//! Ids are the caller's own: whatever is in them arrives as it was given.

use serde_json::json;
use test_case::test_case;

use crate::harness::documents::{instance, with};
use crate::harness::{Gateway, answer};

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
    let gateway = Gateway::start().await;
    let receipt = gateway.put(id, "?verify=true", &instance(id)).await.ok();
    assert_eq!((&receipt["instance_id"], &receipt["applied"]), (&json!(id), &json!("yes")));
    assert_eq!(gateway.feishu.sent("external_instances").await[0]["instance_id"], id);
    assert_eq!(gateway.feishu.stored(id).await["instance_id"], id);
    let preview = gateway.preview(id, "", &with(instance(id), json!({"instance_id": id}))).await;
    assert_eq!(preview.body["instance_id"], id);
}

#[tokio::test]
async fn a_plus_sign_in_the_path_is_no_space() {
    let gateway = Gateway::start().await;
    let request = gateway.request(reqwest::Method::PUT, "/v1/instances/a+b", &instance("a"));
    assert_eq!(answer(request).await.ok()["instance_id"], "a+b");
}

#[tokio::test]
async fn long_ids_are_not_refused() {
    let gateway = Gateway::start().await;
    let id = "长".repeat(500);
    gateway.put(&id, "", &instance("a")).await.ok();
    assert!(gateway.feishu.is_stored(&id).await);
}
