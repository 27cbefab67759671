//! What a caller is told about a push that Feishu took.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::Gateway;
use crate::harness::documents::{LATER, VERSION, copy, instance, task, with};

/// The receipt without the id that differs every time.
fn lasting(mut receipt: Value) -> Value {
    assert!(receipt.as_object_mut().unwrap().remove("log_id").is_some_and(|id| id.is_string()));
    receipt
}

#[tokio::test]
async fn a_first_push_counts_what_was_inserted_and_claims_no_more() {
    let gateway = Gateway::start().await;
    let receipt = gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(gateway.feishu.count("check").await, 0);
    insta::assert_json_snapshot!(lasting(receipt), @r#"
    {
      "applied": "unknown",
      "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
      "changes": {
        "cc": {
          "delete": 0,
          "insert": 0,
          "update": 0
        },
        "instance": {
          "delete": 0,
          "insert": 1,
          "update": 0
        },
        "tasks": {
          "delete": 0,
          "insert": 1,
          "update": 0
        }
      },
      "instance_id": "a",
      "mode": "replace",
      "updated_at": "2026-01-02T03:04:05.000Z",
      "warnings": []
    }
    "#);
}

#[tokio::test]
async fn a_verified_push_is_applied() {
    let gateway = Gateway::start().await;
    let receipt = gateway.put("a", "?verify=true", &instance("a")).await.ok();
    assert_eq!((&receipt["applied"], &receipt["verification"]["status"]), (&json!("yes"), &json!("in_sync")));
    assert_eq!(receipt["verification"]["stale"], json!([]));
    assert_eq!(gateway.feishu.count("check").await, 1);
}

#[tokio::test]
async fn an_update_with_an_older_task_differs_and_names_the_task() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    let older = with(task("a", 1), json!({"updated_at": "2026-01-02T03:04:04Z"}));
    let update = with(instance("a"), json!({"updated_at": LATER, "tasks": [older]}));
    let receipt = gateway.put("a", "?mode=update&verify=true", &update).await.ok();
    insta::assert_json_snapshot!(lasting(receipt), @r#"
    {
      "applied": "no",
      "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
      "changes": {
        "cc": {
          "delete": 0,
          "insert": 0,
          "update": 0
        },
        "instance": {
          "delete": 0,
          "insert": 0,
          "update": 1
        },
        "tasks": {
          "delete": 0,
          "insert": 0,
          "update": 0
        }
      },
      "instance_id": "a",
      "mode": "update",
      "updated_at": "2026-01-02T03:04:06.000Z",
      "verification": {
        "stale": [
          {
            "feishu_updated_at": "2026-01-02T03:04:06.000Z",
            "instance_id": "a",
            "state": "current",
            "tasks": [
              {
                "feishu_updated_at": "2026-01-02T03:04:05.000Z",
                "state": "ahead",
                "task_id": "a/t1"
              }
            ]
          }
        ],
        "status": "differs"
      },
      "warnings": [
        {
          "code": "ignored_by_update",
          "detail": "is taken by Feishu when it first sees the instance, task or copy, and ignored in later updates; use mode=replace to change it",
          "pointer": "/tasks/*/user_id"
        },
        {
          "code": "ignored_by_update",
          "detail": "is taken by Feishu when it first sees the instance, task or copy, and ignored in later updates; use mode=replace to change it",
          "pointer": "/tasks/*/created_at"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_push_whose_check_fails_is_still_a_success() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "check", "code": 1390001, "times": 0})).await;
    let receipt = gateway.put("a", "?verify=true", &instance("a")).await.ok();
    let verification = json!({"status": "unavailable", "stale": [], "problem_code": "upstream_rejected"});
    assert_eq!((&receipt["applied"], &receipt["verification"]), (&json!("unknown"), &verification));
}

#[tokio::test]
async fn a_push_whose_check_never_answers_is_still_a_success() {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(json!({"api": "check", "hang": true})).await;
    let request = gateway.request(reqwest::Method::PUT, "/v1/instances/a?verify=true", &instance("a"));
    let receipt = crate::harness::answer(request.header("x-request-timeout-ms", 2000)).await.ok();
    assert_eq!(receipt["verification"]["problem_code"], "upstream_timeout");
}

#[test_case(true => json!("no"); "by the counters it changed nothing")]
#[test_case(false => json!("unknown"); "without counters nobody knows")]
#[tokio::test]
async fn an_update_that_was_sent_before(process_record: bool) -> Value {
    let gateway = Gateway::start().await;
    gateway.feishu.switch(json!({"process_record": process_record})).await;
    gateway.put("a", "?mode=update", &instance("a")).await.ok();
    gateway.put("a", "?mode=update", &instance("a")).await.ok()["applied"].take()
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_does_not_claim_that_nothing_was_applied() {
    let gateway = Gateway::start().await;
    gateway
        .feishu
        .fault(json!({"api": "external_instances", "close": "before_headers", "apply": true}))
        .await;
    let receipt = gateway.put("a", "?mode=update", &instance("a")).await.ok();
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
    assert_eq!(receipt["applied"], "unknown");
    assert_eq!(
        gateway.feishu.stored("a").await["stored"]["title"].as_str().map(|key| &key[..6]),
        Some("@i18n@")
    );
}

#[tokio::test]
async fn fields_that_an_update_cannot_change_are_named() {
    let gateway = Gateway::start().await;
    let named = with(task("a", 1), json!({"node_id": "n", "node_name": "Manager"}));
    let document = with(instance("a"), json!({"department_name": "Sales", "tasks": [named]}));
    let first = gateway.put("a", "?mode=update", &document).await.ok();
    assert_eq!(first["warnings"], json!([]), "everything was new");
    let later = with(document, json!({"updated_at": LATER}));
    let second = gateway.put("a", "?mode=update", &later).await.ok();
    let named = [
        "/department_name",
        "/tasks/*/user_id",
        "/tasks/*/created_at",
        "/tasks/*/node_id",
        "/tasks/*/node_name",
    ];
    assert_eq!(warned(&second), named.map(|pointer| format!("{pointer} ignored_by_update")));
}

#[tokio::test]
async fn the_receipt_names_the_version_that_was_sent() {
    let gateway = Gateway::start().await;
    let offset = with(instance("a"), json!({"updated_at": "2026-01-02T11:04:05.0009+08:00"}));
    let receipt = gateway.put("a", "", &offset).await.ok();
    assert_eq!(receipt["updated_at"], VERSION);
    assert_eq!(gateway.feishu.sent("external_instances").await[0]["update_time"], "1767323045000");
}

#[test_case(json!({"instance": {"insert_num": 1}}); "only the kinds that were touched")]
#[test_case(json!({"instance": {"insert_num": 1}, "task": null, "cc": null}); "nulls")]
#[test_case(json!({"instance": {"insert_num": "1"}, "task": {}, "cc": {}}); "numbers in strings")]
#[test_case(json!([]); "another shape")]
#[tokio::test]
async fn undocumented_counters_never_turn_a_success_into_a_failure(process_record: Value) {
    let gateway = Gateway::start().await;
    let data = json!({"data": {}, "process_record": process_record});
    gateway.feishu.fault(json!({"api": "external_instances", "code": 0, "data": data, "apply": true})).await;
    gateway.put("a", "", &instance("a")).await.ok();
}

/// The warnings of a receipt, each as `pointer code`.
fn warned(receipt: &Value) -> Vec<String> {
    let warnings = receipt["warnings"].as_array().unwrap().iter();
    let short = |warning: &Value| {
        assert!(warning["detail"].is_string(), "{warning}");
        format!("{} {}", warning["pointer"].as_str().unwrap(), warning["code"].as_str().unwrap())
    };
    warnings.map(short).collect()
}

#[test_case(
    json!({"status": "approved", "ended_at": LATER}) => vec!["/tasks/0/status open_tasks"];
    "an ended instance with a pending task"
)]
#[test_case(
    json!({"status": "terminated", "ended_at": LATER, "tasks": [with(task("a", 1), json!({"status": "done", "ended_at": LATER}))]})
    => Vec::<String>::new();
    "an ended instance whose task has ended"
)]
#[test_case(json!({"applicant_user_id": "ou_1"}) => vec!["/applicant_user_id looks_like_open_id"]; "an open_id in user_id")]
#[test_case(
    json!({"applicant_open_id": "u1"}) => vec!["/applicant_open_id looks_like_user_id"];
    "a user_id in open_id"
)]
#[test_case(
    json!({"tasks": [with(task("a", 1), json!({"user_id": "ou_1"}))]}) => vec!["/tasks/0/user_id looks_like_open_id"];
    "in a task"
)]
#[test_case(
    json!({"cc": [with(copy("a", 1), json!({"user_id": null, "open_id": "on_1"}))]})
    => vec!["/cc/0/open_id looks_like_user_id"];
    "in a copy"
)]
#[test_case(json!({"title": "@i18n@1"}) => vec!["/title looks_like_i18n_key"]; "a title that looks like a key")]
#[test_case(
    json!({"form": [{"name": "a", "value": "b"}, {"name": "c", "value": "@i18n@x"}]})
    => vec!["/form/1/value looks_like_i18n_key"];
    "a form value that looks like a key"
)]
#[test_case(json!({"pc_link": "http://"}) => vec!["/pc_link suspicious_link"]; "only a scheme")]
#[test_case(
    json!({"pc_link": null, "mobile_link": "oa.example.org/1"}) => vec!["/mobile_link suspicious_link"];
    "no scheme, and the link that mirrors it is not named"
)]
#[test_case(
    json!({"tasks": [with(task("a", 1), json!({"pc_link": " https://oa.example.org "}))]})
    => vec!["/tasks/0/pc_link suspicious_link"];
    "blanks around the link of a task"
)]
#[test_case(json!({"updated_at": "2026-01-04T03:04:05Z"}) => vec!["/updated_at version_in_future"]; "a version in two days")]
#[test_case(json!({"updated_at": "2026-01-03T03:04:05Z"}) => Vec::<String>::new(); "a version in a day")]
#[test_case(
    json!({"tasks": [with(task("a", 1), json!({"updated_at": "2027-01-04T03:04:05Z"}))]})
    => vec!["/tasks/0/updated_at version_in_future"];
    "a task's version in a year"
)]
#[tokio::test]
async fn what_is_doubtful_is_taken_with_a_warning(changes: Value) -> Vec<String> {
    let gateway = Gateway::start().await;
    warned(&gateway.put("a", "", &with(instance("a"), changes)).await.ok())
}

#[tokio::test]
async fn three_hundred_open_tasks_are_warned_about_briefly() {
    let gateway = Gateway::start().await;
    let tasks: Vec<_> = (1..=300).map(|number| task("a", number)).collect();
    let ended = json!({"status": "canceled", "ended_at": LATER, "tasks": tasks, "title": "@i18n@"});
    let warnings = warned(&gateway.put("a", "", &with(instance("a"), ended)).await.ok());
    assert_eq!(warnings.len(), 22);
    assert_eq!(warnings[20..], ["/title looks_like_i18n_key", " more_warnings"]);
}
