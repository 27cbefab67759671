//! Definitions, messages, cards, and the answer to who sees what.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use serde_json::{Value, json};

use super::support::{CONTACTS, Refused, complain, errors, everybody, naming, next_process, push};
use crate::durable::support::{Kept, Store};
use crate::harness::documents::{definition, with};
use crate::harness::{Feishu, Gateway, until};

/// What the sandbox has stored of a definition.
async fn stored(feishu: &Feishu, key: &str) -> Value {
    let all = feishu.control("GET", "definitions", Value::Null).await.1;
    let mut all = all["definitions"].as_array().unwrap().iter();
    all.find(|definition| definition["custom_code"] == key).unwrap()["stored"].clone()
}

#[tokio::test]
async fn viewers_and_managers_of_a_definition_are_looked_up() {
    let gateway = Gateway::start().await;
    let document = with(
        definition("a"),
        json!({
            "viewers": {"scope": "selected", "emails": ["alice@example.com"], "mobiles": ["13800138001"], "union_ids": ["on_d89jhsdh"]},
            "manager_emails": ["bob@example.com", "alice@example.com"],
        }),
    );
    gateway.define(&document).await.ok();
    let stored = stored(&gateway.feishu, "a").await;
    let viewers: Vec<_> =
        stored["viewers"].as_array().unwrap().iter().map(|viewer| viewer["viewer_user_id"].clone()).collect();
    assert_eq!(viewers, ["ou_3f1c2b", "ou_9a8b7c", "ou_1d2e3f"]);
    assert_eq!(stored["managers"], json!(["ou_9a8b7c", "ou_3f1c2b"]));
    let query =
        gateway.feishu.control("GET", "requests?api=external_approvals", Value::Null).await.1.to_string();
    assert!(query.contains("user_id_type=open_id"), "{query}");
}

#[tokio::test]
async fn people_of_a_definition_who_stand_beside_ids_are_named_by_the_same_kind() {
    let gateway = Gateway::start().await;
    let document =
        with(definition("a"), json!({"managers": ["alice"], "manager_emails": ["bob@example.com"]}));
    gateway.define(&document).await.ok();
    assert_eq!(stored(&gateway.feishu, "a").await["managers"], json!(["alice", "bob"]));
    let mixed = with(document.clone(), json!({"user_id_type": "union_id"}));
    let problem = gateway.define(&mixed).await.refused(422, "validation_failed");
    assert_eq!(errors(&problem), ["/user_id_type contradiction"]);
}

#[tokio::test]
async fn a_definition_that_names_nobody_is_refused_at_each_place() {
    let gateway = Gateway::start().await;
    let viewers = json!({"scope": "selected", "emails": ["alice@example.com", "nobody@example.com"]});
    let unknown = with(definition("a"), json!({"viewers": viewers, "manager_union_ids": ["on_nobody"]}));
    let problem = gateway.define(&unknown).await.refused(422, "unknown_person");
    assert_eq!(errors(&problem), ["/viewers/emails/1 unknown_person", "/manager_union_ids/0 unknown_person"]);
    let viewers = json!({"scope": "selected", "emails": ["alice"]});
    let others = json!({
        "viewers": viewers, "manager_mobiles": ["555"], "manager_union_ids": ["on_\u{7}", "", "o".repeat(129)],
    });
    let malformed = with(definition("a"), others);
    let problem = gateway.define(&malformed).await.refused(422, "validation_failed");
    assert_eq!(
        errors(&problem),
        [
            "/manager_union_ids/0 control_character",
            "/manager_union_ids/1 required",
            "/viewers/emails/0 invalid_email",
            "/manager_mobiles/0 invalid_mobile",
            "/manager_union_ids/2 too_long",
        ]
    );
    assert_eq!(gateway.feishu.count("external_approvals").await, 0);
}

#[tokio::test]
async fn an_app_that_may_not_see_ids_of_the_tenant_cannot_put_somebody_beside_them() {
    let gateway = Gateway::start().await;
    let scopes = ["approval:approval", "contact:user.id:readonly"];
    gateway.feishu.switch(json!({"granted_scopes": scopes})).await;
    let document =
        with(definition("a"), json!({"managers": ["alice"], "manager_emails": ["bob@example.com"]}));
    let problem = gateway.define(&document).await.refused(422, "unknown_person");
    assert_eq!(errors(&problem), ["/manager_emails/0 no_user_id"]);
    assert!(problem["errors"][0]["hint"].as_str().unwrap().contains("user_id_type"), "{problem}");
    // He is found.
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("1 person cannot be named by user_id"), "{detail}");
}

/// A message that names each of its people in another way.
fn todo_message() -> Value {
    json!({
        "template": "todo", "email": "alice@example.com", "subject_mobile": "13800138001", "applicant_union_id": "on_d89jhsdh",
        "approval_name": "Trip", "summaries": ["To Chengdu"], "pc_link": "https://oa.example.org/1",
    })
}

#[tokio::test]
async fn messages_reach_whoever_is_named() {
    let gateway = Gateway::start().await;
    let message = todo_message();
    gateway.post("/v1/messages", &message).await.ok();
    let sent = gateway.feishu.control("GET", "messages?user_id=alice", Value::Null).await.1;
    assert_eq!(sent["messages"].as_array().unwrap().len(), 1, "{sent}");
    let unknown = with(message, json!({"email": "nobody@example.com", "subject_mobile": "13800138009"}));
    let problem = gateway.post("/v1/messages", &unknown).await.refused(422, "unknown_person");
    assert_eq!(errors(&problem), ["/email unknown_person", "/subject_mobile unknown_person"]);
}

#[tokio::test]
async fn equal_messages_to_whoever_is_named_are_sent_once_whatever_ids_are_found() {
    let kept = Kept::on(Store::Sqlite, |builder| builder).await;
    let message = json!({
        "template": "custom", "email": "alice@example.com", "title": "Trip", "content": "To Chengdu",
        "link_label": "Open", "pc_link": "https://oa.example.org/1", "dedupe_key": "trip",
    });
    // Only the id in the app.
    let scopes = ["approval:approval", "approval:approval:readonly", "contact:user.id:readonly"];
    kept.gateway.feishu.switch(json!({"granted_scopes": scopes})).await;
    let first = kept.gateway.post("/v1/messages", &message).await.ok();
    kept.gateway.feishu.switch(json!({"granted_scopes": null})).await;
    let next = next_process(&kept).await;
    let second = next.post("/v1/messages", &message).await.ok();
    assert_eq!((&second["deduplicated"], &second["message_id"]), (&json!(true), &first["message_id"]));
    let to_another = with(message, json!({"email": "bob@example.com"}));
    assert_eq!(next.post("/v1/messages", &to_another).await.ok()["deduplicated"], false);
}

#[tokio::test]
async fn a_complaint_of_feishus_about_a_message_points_at_the_name_that_was_written() {
    let gateway = Gateway::start().await;
    let message = todo_message();
    for (field, pointer) in [
        ("user_id", "/email"),
        ("title_user_id", "/subject_mobile"),
        ("content.user_id", "/applicant_union_id"),
    ] {
        complain(&gateway.feishu, "message_send", 60_001, field).await;
        let problem = gateway.post("/v1/messages", &message).await.refused(422, "upstream_rejected");
        assert_eq!(errors(&problem), [format!("{pointer} upstream_rejected")], "{field}");
        gateway.feishu.control("DELETE", "faults", Value::Null).await;
    }
}

#[tokio::test]
async fn of_whoever_is_not_looked_up_yet_nobody_knows_whether_they_see_it() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": CONTACTS, "times": 0, "hang": true})).await;
    let document =
        naming("a", &json!({"applicant_email": "alice@example.com"}), &[json!({"email": "bob@example.com"})]);
    assert_eq!(kept.gateway.put_within(500, "a", &document).await.status, 202);
    let answer = kept.gateway.get("/v1/instances/a/visibility?user_id=bob").await.ok();
    let reasons = answer["reasons"].as_array().unwrap();
    let codes: Vec<_> = reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["not_delivered", "persons_unknown"], "{answer}");
}

#[tokio::test]
async fn cards_go_to_whoever_is_named() {
    let kept = Kept::with(|builder| builder.set("FEISHU__NOTIFY__TASKS", true)).await;
    push(&kept.gateway, "a", &everybody("a")).await;
    until(|| async {
        let sent = kept.gateway.feishu.control("GET", "messages", Value::Null).await.1;
        let mut to: Vec<_> = sent["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["user_id"].to_string())
            .collect();
        to.sort();
        to == ["\"bob\"", "\"carol\""]
    })
    .await;
}

#[tokio::test]
async fn whoever_is_named_is_known_by_each_id_afterwards() {
    let kept = Kept::start().await;
    let document =
        naming("a", &json!({"applicant_email": "alice@example.com"}), &[json!({"email": "bob@example.com"})]);
    push(&kept.gateway, "a", &document).await;
    let reasons = |person: &'static str| {
        let gateway = kept.gateway.clone();
        async move {
            let answer = gateway.get(&format!("/v1/instances/a/visibility?{person}")).await.ok();
            let reasons = answer["reasons"].as_array().unwrap().clone();
            reasons
                .iter()
                .map(|reason| reason["code"].as_str().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        }
    };
    let (by_user_id, by_open_id) = (reasons("user_id=bob").await, reasons("open_id=ou_9a8b7c").await);
    assert_eq!(by_user_id, by_open_id);
    assert!(!by_user_id.iter().any(|code| code.contains("other_person")), "{by_user_id:?}");
    let nobody = reasons("user_id=mallory").await;
    assert_ne!(nobody, by_user_id);
}
