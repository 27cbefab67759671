//! Instances: what is sent, kept, previewed, updated and patched.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use serde_json::{Value, json};
use test_case::test_case;

use super::support::{
    CONTACTS, Refused, UNION_IDS, complain, employee, errors, everybody, hire, ids, naming, next_process,
    push, stored,
};
use crate::durable::support::{Kept, Store};
use crate::harness::Gateway;
use crate::harness::documents::with;

async fn assert_everybody_is_sent(gateway: &Gateway, id: &str) {
    let stored = stored(&gateway.feishu, id).await;
    assert_eq!(ids(&stored), ("alice", "ou_3f1c2b"));
    assert_eq!(ids(&stored["task_list"][0]), ("bob", "ou_9a8b7c"));
    assert_eq!(ids(&stored["task_list"][1]), ("carol", "ou_1d2e3f"));
    assert_eq!(ids(&stored["cc_list"][0]), ("dave", "ou_5b6c7d"));
}

#[test_case(Store::Memory; "in memory")]
#[test_case(Store::Sqlite; "on sqlite")]
#[tokio::test]
async fn whoever_is_named_is_sent_by_ids_and_the_document_stays_as_it_was_written(store: Store) {
    let kept = Kept::on(store, |builder| builder).await;
    let document = everybody("a");
    push(&kept.gateway, "a", &document).await;
    assert_everybody_is_sent(&kept.gateway, "a").await;
    assert_eq!(kept.gateway.get("/v1/instances/a/document").await.ok(), document);
    let known = kept.record("a").await.people.unwrap().known();
    assert_eq!(known.len(), 4);
    let repeated = push(&kept.gateway, "a", &document).await;
    assert_eq!(repeated["unchanged"], true);
    let other = naming("a", &json!({"applicant_email": "bob@example.com"}), &[]);
    push(&kept.gateway, "a", &other).await;
    assert_eq!(ids(&stored(&kept.gateway.feishu, "a").await), ("bob", "ou_9a8b7c"));
    assert_eq!(kept.record("a").await.people.unwrap().known().len(), 1, "only those of the document");
}

#[tokio::test]
async fn without_a_ledger_they_are_looked_up_before_the_push() {
    let gateway = Gateway::start().await;
    push(&gateway, "a", &everybody("a")).await;
    assert_everybody_is_sent(&gateway, "a").await;
    let unknown = naming("b", &json!({"applicant_email": "nobody@example.com"}), &[]);
    let refused = gateway.put("b", "", &unknown).await.refused(422, "unknown_person");
    assert_eq!(refused["outcome"], "not_sent");
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn a_preview_shows_the_ids_and_sends_nothing() {
    let kept = Kept::start().await;
    let shown = kept.gateway.preview("a", "", &everybody("a")).await.ok();
    assert_eq!(ids(&shown), ("alice", "ou_3f1c2b"));
    assert_eq!(ids(&shown["task_list"][1]), ("carol", "ou_1d2e3f"));
    let unknown = naming("a", &json!({"applicant_email": "x@example.com"}), &[json!({"union_id": "on_x"})]);
    let problem = kept.gateway.preview("a", "", &unknown).await.refused(422, "unknown_person");
    assert_eq!(errors(&problem), ["/applicant_email unknown_person", "/tasks/0/union_id unknown_person"]);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 0);
}

#[tokio::test]
async fn everybody_who_is_not_to_be_found_is_told_at_once_and_nothing_is_sent() {
    let kept = Kept::start().await;
    // Nobody, out of sight, and one who has left, between two who are found.
    let approvers = [
        json!({"email": "nobody@example.com"}),
        json!({"email": "bob@example.com"}),
        json!({"mobile": "13800138004"}),
        json!({"union_id": "on_0a9f8e7d"}),
    ];
    let document = naming("a", &json!({"applicant_email": "frank@example.com"}), &approvers);
    let problem = kept.gateway.put("a", "", &document).await.refused(422, "unknown_person");
    assert_eq!(
        errors(&problem),
        [
            "/applicant_email unknown_person",
            "/tasks/0/email unknown_person",
            "/tasks/2/mobile unknown_person",
            "/tasks/3/union_id unknown_person",
        ]
    );
    assert_eq!((&problem["retryable"], &problem["outcome"]), (&json!(false), &json!("not_sent")));
    let delivery = kept.gateway.get("/v1/instances/a/delivery").await.ok();
    assert_eq!(
        (&delivery["state"], &delivery["last_problem"]["code"]),
        (&json!("refused"), &json!("unknown_person"))
    );
    assert_eq!(errors(&delivery["last_problem"]).len(), 4);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 0);
    // A corrected one is delivered.
    push(&kept.gateway, "a", &everybody("a")).await;
}

#[tokio::test]
async fn a_person_is_named_in_one_way_and_in_none_that_finds_nobody() {
    let gateway = Gateway::start().await;
    let approvers = [
        json!({"user_id": "bob", "email": "bob@example.com"}),
        json!({"email": "bob"}),
        json!({"mobile": "138 0013 8001"}),
        json!({"mobile": "4155552671"}),
        json!({"email": "bob@example.com", "mobile": "13800138001", "union_id": "on_1"}),
        json!({}),
    ];
    let document =
        naming("a", &json!({"applicant_open_id": "ou_1", "applicant_union_id": "on_1"}), &approvers);
    let problem = gateway.put("a", "", &document).await.refused(422, "validation_failed");
    assert_eq!(
        errors(&problem),
        [
            "/tasks/0/email contradiction",
            "/tasks/1/email invalid_email",
            "/tasks/2/mobile invalid_mobile",
            "/tasks/3/mobile invalid_mobile",
            "/tasks/4/mobile contradiction",
            "/tasks/4/union_id contradiction",
            "/tasks/5/user_id required",
            "/applicant_union_id contradiction",
        ]
    );
    assert_eq!(problem["errors"][2]["hint"], "write 13800138001");
    assert_eq!(gateway.feishu.count(CONTACTS).await, 0);
}

#[tokio::test]
async fn an_update_may_name_a_person_in_another_way() {
    let kept = Kept::start().await;
    let document =
        naming("a", &json!({"applicant_email": "alice@example.com"}), &[json!({"email": "bob@example.com"})]);
    push(&kept.gateway, "a", &document).await;
    let task = with(
        document["tasks"][0].clone(),
        json!({"email": null, "union_id": "on_d89jhsdh", "status": "approved"}),
    );
    let update = with(
        document.clone(),
        json!({"applicant_email": null, "applicant_user_id": "alice", "tasks": [task]}),
    );
    let answer = kept.gateway.put("a", "?mode=update", &update).await.ok();
    let warned: Vec<_> =
        answer["warnings"].as_array().unwrap().iter().map(|warning| &warning["pointer"]).collect();
    assert!(warned.contains(&&json!("/tasks/*/union_id")), "{warned:?}");
    let kept_document = kept.gateway.get("/v1/instances/a/document").await.ok();
    assert_eq!(kept_document["tasks"][0]["union_id"], "on_d89jhsdh");
    assert_eq!(
        (&kept_document["tasks"][0]["email"], &kept_document["applicant_email"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_patch_by_key_leaves_and_changes_people_who_are_named() {
    let kept = Kept::start().await;
    let document =
        naming("a", &json!({"applicant_email": "alice@example.com"}), &[json!({"email": "bob@example.com"})]);
    push(&kept.gateway, "a", &document).await;
    let patch = |body: Value| {
        let gateway = kept.gateway.clone();
        async move { gateway.send("PATCH", "/v1/instances/a", &body).await }
    };
    patch(json!({"tasks": {"a/t1": {"title": "Manager"}}})).await.ok();
    assert_eq!(ids(&stored(&kept.gateway.feishu, "a").await["task_list"][0]), ("bob", "ou_9a8b7c"));
    patch(json!({"tasks": {"a/t1": {"email": "carol@example.com"}}})).await.ok();
    assert_eq!(ids(&stored(&kept.gateway.feishu, "a").await["task_list"][0]), ("carol", "ou_1d2e3f"));
    let unknown = patch(json!({"tasks": {"a/t1": {"email": "nobody@example.com"}}})).await;
    assert_eq!(errors(&unknown.refused(422, "unknown_person")), ["/tasks/a~1t1/email unknown_person"]);
    let twice = patch(json!({"tasks": {"a/t1": {"mobile": "13800138001"}}})).await;
    assert_eq!(errors(&twice.refused(422, "validation_failed")), ["/tasks/a~1t1/mobile contradiction"]);
    patch(json!({"tasks": {"a/t1": {"mobile": "13800138001", "email": null}}})).await.ok();
    assert_eq!(ids(&stored(&kept.gateway.feishu, "a").await["task_list"][0]), ("bob", "ou_9a8b7c"));
}

#[tokio::test]
async fn an_app_that_may_not_see_ids_of_the_tenant_sends_its_own() {
    let kept = Kept::start().await;
    let scopes = ["approval:approval", "contact:user.id:readonly", "contact:contact.base:readonly"];
    kept.gateway.feishu.switch(json!({"granted_scopes": scopes})).await;
    push(&kept.gateway, "a", &everybody("a")).await;
    let stored = stored(&kept.gateway.feishu, "a").await;
    assert_eq!(ids(&stored), ("-", "ou_3f1c2b"));
    assert_eq!(ids(&stored["task_list"][1]), ("-", "ou_1d2e3f"));
}

#[tokio::test]
async fn whoever_has_left_is_still_named_by_what_was_found_before() {
    let kept = Kept::on(Store::Sqlite, |builder| builder).await;
    let feishu = &kept.gateway.feishu;
    hire(feishu, vec![employee("gina")]).await;
    let document = naming("a", &json!({"applicant_email": "gina@example.com"}), &[]);
    push(&kept.gateway, "a", &document).await;
    hire(feishu, vec![with(employee("gina"), json!({"resigned": true}))]).await;
    let next = next_process(&kept).await;
    let changed = with(document.clone(), json!({"title": "Later"}));
    assert_eq!(ids(&next.preview("a", "", &changed).await.ok()), ("gina", "ou_gina"));
    push(&next, "a", &changed).await;
    assert_eq!(ids(&stored(feishu, "a").await), ("gina", "ou_gina"));
    next.put("b", "", &document).await.refused(422, "unknown_person");
    assert_eq!((feishu.count(CONTACTS).await, feishu.count(UNION_IDS).await), (4, 0));
}

#[tokio::test]
async fn a_name_that_is_longer_than_any_is_refused_before_anybody_is_asked() {
    let kept = Kept::start().await;
    let address = |length: usize| format!("{}@example.com", "a".repeat(length - "@example.com".len()));
    let union_id = |length: usize| format!("on_{}", "a".repeat(length - "on_".len()));
    let applicant = json!({"applicant_email": address(255)});
    let approvers = [
        json!({"union_id": union_id(129)}),
        json!({"union_id": "é".repeat(65)}),
        json!({"email": address(254)}),
        json!({"union_id": union_id(128)}),
    ];
    let document = naming("a", &applicant, &approvers);
    let problem = kept.gateway.put("a", "", &document).await.refused(422, "validation_failed");
    assert_eq!(
        errors(&problem),
        ["/tasks/0/union_id too_long", "/tasks/1/union_id too_long", "/applicant_email too_long"]
    );
    let details = problem["errors"].to_string();
    assert!(details.contains("128 bytes") && details.contains("254 bytes"), "{details}");
    assert_eq!(
        (kept.gateway.feishu.count(CONTACTS).await, kept.gateway.feishu.count(UNION_IDS).await),
        (0, 0)
    );
    let longest = naming("a", &json!({"applicant_email": address(254)}), &approvers[3..]);
    kept.gateway.put("a", "", &longest).await.refused(422, "unknown_person");
}

#[tokio::test]
async fn whoever_is_remembered_is_shown_in_a_preview_when_the_lookup_fails() {
    let kept = Kept::on(Store::Sqlite, |builder| builder).await;
    push(&kept.gateway, "a", &everybody("a")).await;
    let next = next_process(&kept).await;
    kept.gateway.feishu.switch(json!({"granted_scopes": ["approval:approval"]})).await;
    assert_eq!(ids(&next.preview("a", "", &everybody("a")).await.ok()), ("alice", "ou_3f1c2b"));
    next.preview("b", "", &everybody("b")).await.refused(502, "upstream_permission_denied");
}

#[tokio::test]
async fn a_complaint_of_feishus_points_at_the_name_that_was_written() {
    let approvers = [json!({"email": "bob@example.com"}), json!({"mobile": "13800138002"})];
    let document = naming("a", &json!({"applicant_union_id": "on_d89jhsdh"}), &approvers);
    let kept = Kept::start().await;
    let direct = Gateway::start().await;
    for gateway in [&kept.gateway, &direct] {
        for (field, pointer) in [
            ("task_list[0].user_id", "/tasks/0/email"),
            ("task_list[1].open_id", "/tasks/1/mobile"),
            ("user_id", "/applicant_union_id"),
            ("task_list[0].title", "/tasks/0/title"),
        ] {
            complain(&gateway.feishu, "external_instances", 99_992_402, field).await;
            let problem = gateway.put("a", "?resend=true", &document).await.refused(422, "upstream_rejected");
            assert_eq!(errors(&problem), [format!("{pointer} upstream_rejected")], "{field}");
            gateway.feishu.control("DELETE", "faults", Value::Null).await;
        }
    }
    let delivery = kept.gateway.get("/v1/instances/a/delivery").await.ok();
    assert_eq!(errors(&delivery["last_problem"]), ["/tasks/0/title upstream_rejected"]);
}
