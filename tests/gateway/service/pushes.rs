//! The main job: a flat instance goes in, Feishu shows it.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::documents::{LATER, copy, instance, task, with};
use crate::harness::{Gateway, answer};

#[tokio::test]
async fn a_pushed_instance_is_in_the_lists_of_everybody_it_concerns() {
    let gateway = Gateway::start().await;
    let document = with(instance("a"), json!({"cc": [copy("a", 1)]}));
    gateway.put("a", "", &document).await.ok();

    let todo = gateway.feishu.inbox("approver", "zh-CN").await["todo"].take();
    assert_eq!(todo[0]["title"], "Trip to Chengdu");
    assert_eq!(todo[0]["task"]["title"], "Step 1");
    assert_eq!(todo[0]["links"]["pc_link"], "https://oa.example.org/1?a=b&c=%20d");
    assert_eq!(gateway.feishu.inbox("applicant", "zh-CN").await["initiated"][0]["instance_id"], "a");
    let copies = gateway.feishu.inbox("reader", "zh-CN").await["cc"].take();
    assert_eq!(copies[0]["cc"]["title"], "For your information 1");
    assert_eq!(copies[0]["status"], "UNREAD");
}

#[tokio::test]
async fn a_decided_task_moves_from_todo_to_done() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    let decided = with(task("a", 1), json!({"status": "approved", "ended_at": LATER}));
    let changes = json!({"status": "approved", "ended_at": LATER, "updated_at": LATER, "tasks": [decided]});
    gateway.put("a", "", &with(instance("a"), changes)).await.ok();

    let inbox = gateway.feishu.inbox("approver", "zh-CN").await;
    assert_eq!(inbox["todo"], json!([]));
    assert_eq!(inbox["done"][0]["instance_status"], "APPROVED");
}

#[test_case("", &["a/t2"]; "replace is the default")]
#[test_case("?mode=replace", &["a/t2"]; "replace")]
#[test_case("?mode=update", &["a/t1", "a/t2"]; "update")]
#[tokio::test]
async fn tasks_that_a_push_does_not_name(query: &str, left: &[&str]) {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    let second = with(instance("a"), json!({"tasks": [task("a", 2)], "updated_at": LATER}));
    gateway.put("a", query, &second).await.ok();

    let stored = gateway.feishu.stored("a").await["stored"].take();
    let tasks = stored["task_list"].as_array().unwrap().iter().map(|task| task["task_id"].as_str().unwrap());
    assert_eq!(tasks.collect::<Vec<_>>(), left);
}

#[test_case("?mode=replace")]
#[test_case("?mode=update")]
#[tokio::test]
async fn preview_is_exactly_what_is_sent(query: &str) {
    let gateway = Gateway::start().await;
    let document = with(rich("a"), json!({"updated_at": LATER}));
    let preview = gateway.preview("a", query, &document).await;
    assert_eq!((preview.status, gateway.feishu.count("external_instances").await), (200, 0));
    gateway.put("a", query, &document).await.ok();
    // The sandbox shows no secret.
    let token = json!({"trusteeship_url_token": "[redacted]"});
    assert_eq!(gateway.feishu.sent("external_instances").await, [with(preview.body, token)]);
}

#[tokio::test]
async fn no_field_that_is_sent_is_unknown_to_feishu() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &rich("a")).await.ok();
    assert_eq!(gateway.feishu.requests("external_instances").await[0]["unknown_fields"], json!([]));
    let stored = gateway.feishu.stored("a").await;
    assert_eq!((&stored["unresolved"], &stored["hidden_ids"]), (&json!([]), &json!([])));
}

#[test_case("feishu", 300, 200)]
#[test_case("lark", 200, 200)]
#[tokio::test]
async fn as_many_tasks_and_copies_as_feishu_takes(region: &'static str, tasks: usize, copies: usize) {
    let gateway = Gateway::builder().set("FEISHU__REGION", region).start().await;
    let all =
        |count: usize, make: fn(&str, usize) -> Value| (0..count).map(|n| make("a", n)).collect::<Vec<_>>();
    let document = with(instance("a"), json!({"tasks": all(tasks, task), "cc": all(copies, copy)}));
    let receipt = gateway.put("a", "?verify=true", &document).await.ok();
    assert_eq!(receipt["applied"], "yes");
    assert_eq!(receipt["changes"]["tasks"]["insert"], tasks);
    assert_eq!(receipt["changes"]["cc"]["insert"], copies);

    let too_many = with(document, json!({"tasks": all(tasks + 1, task)}));
    let refused = gateway.put("a", "", &too_many).await;
    assert_eq!(refused.problem(), "422 validation_failed, not_sent");
    assert_eq!(refused.violations(), ["body /tasks: too_many"]);
}

#[tokio::test]
async fn an_invalid_document_never_reaches_feishu() {
    let gateway = Gateway::start().await;
    let invalid =
        with(instance("a"), json!({"status": "PENDING", "titel": "x", "started_at": 1_767_323_045_000_i64}));
    let refused = gateway.put("a", "?mode=merge", &invalid).await;
    assert_eq!(refused.problem(), "422 validation_failed, not_sent");
    let mut violations = refused.violations();
    violations.sort();
    insta::assert_json_snapshot!(violations, @r#"
    [
      "body /started_at: type",
      "body /status: unknown_value",
      "body /titel: unknown_field",
      "query /mode: unknown_value"
    ]
    "#);
    assert_eq!(
        (gateway.feishu.count("token").await, gateway.feishu.count("external_instances").await),
        (0, 0)
    );
}

#[test_case(json!({"instance_id": "b"}) => "422 id_mismatch, not_sent"; "another id in the body")]
#[test_case(
    json!({"status": "approved", "ended_at": LATER, "applicant_user_id": null, "tasks": []})
    => "422 would_erase, not_sent"; "the recipe for wiping"
)]
#[tokio::test]
async fn documents_with_a_refusal_of_their_own(changes: Value) -> String {
    let gateway = Gateway::start().await;
    let problem = gateway.put("a", "", &with(instance("a"), changes)).await.problem();
    assert_eq!(gateway.feishu.count("external_instances").await, 0);
    problem
}

/// A document that uses nearly every field.
fn rich(id: &str) -> Value {
    let task = with(
        task(id, 1),
        json!({
            "open_id": "ou_1", "mobile_link": "https://m.example.org/t", "complete_reason": "add_pre",
            "extra": {"b": [1.50, null, {"c": "d"}]}, "action_context": "{\"id\":1}", "display_method": "sidebar",
            "node_id": "n1", "node_name": "Manager", "exclude_from_statistics": true, "generate_type": "default",
            "actions": [
                {"action": "approve", "reason": "optional"},
                {"action": "ASK_MORE", "label": "Ask", "reason": "required", "attachment": true},
            ],
        }),
    );
    with(
        instance(id),
        json!({
            "instance_id": id, "mobile_link": "https://m.example.org/1", "applicant_open_id": "ou_2",
            "applicant_name": "Li Lei", "department_id": "", "department_name": "Sales",
            "form": [{"name": "Days", "value": "3"}, {"name": "Note", "value": ""}, {"name": "@i18n@1", "value": "🙂"}],
            "business_key": "PO-1", "extra": {"z": 10000000000000000000_u64, "a": {"b": 1e-7}},
            "display_method": "browser", "locale": "en-US",
            "translations": {"zh-CN": {"Sales": "销售部", "Days": "天数", "unused": "未用"}, "ja-JP": {"Ask": "質問"}},
            "tasks": [task], "cc": [with(copy(id, 1), json!({"read": true, "extra": {"k": 1}}))],
            "trusteeship": {
                "url_token": "tok", "user_id_type": "user_id", "form_detail_url": "https://oa.example.org/f",
                "cache_policy": "by_user", "cache_varies_with_locale": true, "cache_version": "7",
            },
        }),
    )
}

#[test_case("if-match", "*"; "any")]
#[test_case("if-match", "\"1\""; "a revision")]
#[test_case("if-match", "W/\"1\", \"2\""; "several")]
#[test_case("if-none-match", "*"; "nothing")]
#[tokio::test]
async fn a_condition_that_cannot_be_checked_without_a_ledger_is_refused(name: &str, value: &str) {
    let gateway = Gateway::start().await;
    let request = gateway.pushing("a", "", &instance("a")).header(name, value);
    assert_eq!(answer(request).await.problem(), "501 ledger_off, not_sent");
    assert!(!gateway.feishu.is_stored("a").await);
    gateway.put("a", "", &instance("a")).await.ok();
}
