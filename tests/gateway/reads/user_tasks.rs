//! `GET /v1/users/{user_id}/tasks`.

use test_case::test_case;

use crate::reads::gateway::{Gateway, column};
use crate::reads::stand_in::{APPLICANT, APPROVER, Instance, NOW, READER, World};

#[test_case(APPROVER, "todo"; "todo")]
#[test_case(APPROVER, "done"; "done")]
#[test_case(APPLICANT, "initiated"; "initiated")]
#[test_case(READER, "unread"; "unread")]
#[test_case(READER, "read"; "read")]
#[tokio::test]
async fn each_list_holds_exactly_what_belongs_to_it(user: &str, topic: &str) {
    let world = World::of_230_days();
    let listed = |found: &&Instance| match topic {
        "todo" => found.tasks[0].status == "PENDING",
        "done" => found.tasks[0].status != "PENDING",
        "unread" => !found.copies[0].read,
        "read" => found.copies[0].read,
        _ => true,
    };
    let expected: Vec<String> = world.instances.iter().filter(listed).map(|found| found.id.clone()).collect();
    let gateway = Gateway::before(world).await;

    let found = gateway.all(&format!("/v1/users/{user}/tasks?topic={topic}"), 7).await;

    assert_eq!(column(&found, "instance_id"), expected);
    assert!(found.iter().all(|item| item["topic"] == topic));
}

#[tokio::test]
async fn lines_hold_a_whole_list() {
    let gateway = Gateway::before(World::of_230_days()).await;
    let lines = gateway.lines(&format!("/v1/users/{APPLICANT}/tasks?topic=initiated")).await;
    assert_eq!(lines.len(), 120);
}

#[test_case("PENDING", "pending", None; "running")]
#[test_case("APPROVED", "approved", None; "approved")]
#[test_case("REJECTED", "rejected", None; "rejected")]
#[test_case("CANCELED", "canceled", None; "withdrawn")]
#[test_case("TERMINATED", "terminated", None; "terminated")]
#[test_case("77", "other", Some("77"); "a new number")]
#[tokio::test]
async fn the_status_of_the_instance_is_in_our_words(pushed: &'static str, ours: &str, raw: Option<&str>) {
    // Odd and even times make the stand-in write words, numbers in strings, and numbers.
    for started in [NOW, NOW + 1, NOW + 2] {
        let gateway = Gateway::before(World::of([Instance::new("oa-1", started).status(pushed)])).await;
        let (items, _) = gateway.page(&format!("/v1/users/{APPLICANT}/tasks?topic=initiated")).await;
        assert_eq!(items[0]["instance_status"], ours);
        assert_eq!(items[0].get("instance_status_raw").and_then(serde_json::Value::as_str), raw);
    }
}

#[tokio::test]
async fn an_entry_is_shown_whole() {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW)])).await;
    let (items, _) = gateway.page(&format!("/v1/users/{APPROVER}/tasks?topic=todo")).await;
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "applicant_names": [
          "周南"
        ],
        "applicant_user_ids": [
          "b51f70ac"
        ],
        "approval_code": "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "definition_group_name": "行政",
        "feishu_definition_group_id": "7301549981002547228",
        "feishu_instance_id": "1773478800000",
        "feishu_task_id": "1773478800000000",
        "instance_code": "CODE-oa-1",
        "instance_id": "oa-1",
        "instance_status": "pending",
        "mobile_link": "https://oa.example.org/m/travel",
        "pc_link": "https://oa.example.org/travel",
        "status": "todo",
        "task_id": "oa-1-n1",
        "title": "title of oa-1",
        "topic": "todo",
        "user_id": "e7b21c9d"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_user_id_of_special_characters_arrives_as_it_is() {
    let gateway = Gateway::before(World::default()).await;
    gateway.page("/v1/users/a%26b%2F%2B%20%E5%BC%A0/tasks?topic=todo&user_id_type=open_id").await;
    let asked = gateway.asked().pop().unwrap();
    assert_eq!((asked.param("user_id"), asked.param("user_id_type")), (Some("a&b/+ 张"), Some("open_id")));
}
