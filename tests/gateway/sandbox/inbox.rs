//! What people would see: lists, texts, and what is invisible (contract §1.5, §4.1).

use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{TestSandbox, instance, with};

async fn inbox_of(person: &str, pushed: Value) -> Value {
    let sandbox = TestSandbox::new();
    sandbox.push(pushed).await;
    sandbox.look(&format!("inbox/{person}")).await
}

/// Lengths of todo, done, initiated, cc.
fn lengths(inbox: &Value) -> [usize; 4] {
    ["todo", "done", "initiated", "cc"].map(|list| inbox[list].as_array().unwrap().len())
}

#[tokio::test]
async fn open_task_is_shown_with_everything_resolved() {
    let inbox = inbox_of("approver", instance()).await;
    insta::assert_json_snapshot!(inbox["todo"], @r#"
    [
      {
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "approval_name": "示例审批",
        "created_at": "2026-03-14T01:00:00.000Z",
        "department": "od-1",
        "form": [
          {
            "name": "目的地",
            "value": "成都"
          }
        ],
        "initiator": {
          "user_id": "initiator"
        },
        "instance_id": "oa-417",
        "instance_status": "PENDING",
        "links": {
          "pc_link": "https://oa.example.org/417?n1"
        },
        "source": "沙箱",
        "status": "PENDING",
        "task": {
          "actions": [
            {
              "action_type": "APPROVE",
              "is_need_attachment": false,
              "is_need_reason": false,
              "is_reason_required": false,
              "label": "APPROVE"
            },
            {
              "action_type": "ask",
              "is_need_attachment": false,
              "is_need_reason": false,
              "is_reason_required": false,
              "label": "询问"
            }
          ],
          "node_name": "主管审批",
          "task_id": "oa-417-n1",
          "title": "主管审批"
        },
        "title": "出差申请：成都",
        "updated_at": "2026-03-14T01:00:00.000Z"
      }
    ]
    "#);
}

#[test_case("initiator", [0, 0, 1, 0])]
#[test_case("approver", [1, 0, 0, 0])]
#[test_case("reader", [0, 0, 0, 1])]
#[test_case("nobody", [0, 0, 0, 0])]
#[tokio::test]
async fn each_person_sees_their_part(person: &str, expected: [usize; 4]) {
    assert_eq!(lengths(&inbox_of(person, instance()).await), expected);
}

#[test_case("PENDING", [1, 0, 0, 0])]
#[test_case("APPROVED", [0, 1, 0, 0])]
#[test_case("REJECTED", [0, 1, 0, 0])]
#[test_case("TRANSFERRED", [0, 1, 0, 0])]
#[test_case("DONE", [0, 0, 0, 0])]
#[tokio::test]
async fn status_of_a_task_decides_its_list(status: &str, expected: [usize; 4]) {
    let pushed = with(instance(), &[("/task_list/0/status", json!(status))]);
    assert_eq!(lengths(&inbox_of("approver", pushed).await), expected);
}

#[test_case("HIDDEN", 0)]
#[test_case("DELETED", 0)]
#[test_case("CANCELED", 1)]
#[test_case("TERMINATED", 1)]
#[tokio::test]
async fn hidden_and_deleted_instances_are_in_no_list(status: &str, shown: usize) {
    let pushed = with(instance(), &[("/status", json!(status))]);
    assert_eq!(lengths(&inbox_of("initiator", pushed.clone()).await)[2], shown);
    assert_eq!(lengths(&inbox_of("approver", pushed.clone()).await)[0], shown);
    assert_eq!(lengths(&inbox_of("reader", pushed).await)[3], shown);
}

#[tokio::test]
async fn open_id_finds_the_same_lists() {
    let pushed =
        with(instance(), &[("/task_list/0/user_id", Value::Null), ("/task_list/0/open_id", json!("ou_9"))]);
    assert_eq!(lengths(&inbox_of("ou_9", pushed).await), [1, 0, 0, 0]);
}

#[tokio::test]
async fn texts_follow_the_locale_and_fall_back_to_the_default() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    for (locale, title, node) in [
        ("zh-CN", "出差申请：成都", "主管审批"),
        ("en-US", "Trip to Chengdu", "主管审批"),
        ("fr-FR", "出差申请：成都", "主管审批"),
    ] {
        let inbox = sandbox.look(&format!("inbox/approver?locale={locale}")).await;
        assert_eq!(
            (&inbox["todo"][0]["title"], &inbox["todo"][0]["task"]["title"]),
            (&json!(title), &json!(node))
        );
    }
}

#[tokio::test]
async fn instance_without_title_shows_the_definitions_name() {
    let inbox = inbox_of("initiator", with(instance(), &[("/title", Value::Null)])).await;
    assert_eq!(inbox["initiated"][0]["title"], "示例审批");
}

#[tokio::test]
async fn first_three_form_rows_are_shown() {
    let row = json!({"name": "@i18n@dest"});
    let inbox = inbox_of("initiator", with(instance(), &[("/form", json!(vec![row; 4]))])).await;
    assert_eq!(inbox["initiated"][0]["form"], json!(vec![json!({"name": "目的地"}); 3]));
}

#[test_case("/task_list/0/task_id", "oa-417", "approver"; "task like the instance")]
#[test_case("/task_list/0/task_id", "oa-417", "initiator"; "instance like a task")]
#[test_case("/cc_list/0/cc_id", "oa-417-n1", "reader"; "copy like a task")]
#[test_case("/cc_list/0/cc_id", "oa-417-n1", "approver"; "task like a copy")]
#[tokio::test]
async fn colliding_ids_succeed_and_hide_what_carries_them(pointer: &str, id: &str, person: &str) {
    let inbox = inbox_of(person, with(instance(), &[(pointer, json!(id))])).await;
    assert_eq!(lengths(&inbox), [0, 0, 0, 0]);
}

#[tokio::test]
async fn collision_is_flagged_in_the_view() {
    let sandbox = TestSandbox::new();
    sandbox.push(with(instance(), &[("/cc_list/0/cc_id", json!("oa-417-n1"))])).await;
    let view = sandbox.look("instances/oa-417").await;
    assert_eq!((&view["hidden"], &view["hidden_ids"]), (&json!(false), &json!(["oa-417-n1", "oa-417-n1"])));
}

#[test_case("/department_id", json!(""), json!("(company name)"); "empty means the company")]
#[test_case("/department_id", Value::Null, Value::Null; "absent shows nothing")]
#[test_case("/department_name", json!("@i18n@city"), json!("成都"); "a name wins")]
#[tokio::test]
async fn department_is_shown_as_documented(pointer: &str, sent: Value, shown: Value) {
    let inbox = inbox_of("initiator", with(instance(), &[(pointer, sent)])).await;
    assert_eq!(inbox["initiated"][0]["department"], shown);
}

#[tokio::test]
async fn newest_is_first() {
    let sandbox = TestSandbox::new();
    for (id, time) in [("a", "2"), ("b", "3"), ("c", "1")] {
        sandbox
            .push(with(
                instance(),
                &[
                    ("/instance_id", json!(id)),
                    ("/update_time", json!(time)),
                    ("/task_list", Value::Null),
                    ("/cc_list", Value::Null),
                ],
            ))
            .await;
    }
    let inbox = sandbox.look("inbox/initiator").await;
    let ids: Vec<&Value> =
        inbox["initiated"].as_array().unwrap().iter().map(|item| &item["instance_id"]).collect();
    assert_eq!(ids, ["b", "a", "c"]);
}
