//! `GET /v1/tasks`: statuses and orders.

use std::cmp::Reverse;

use serde_json::Value;
use test_case::test_case;

use crate::reads::gateway::{Gateway, column};
use crate::reads::pages::SPAN;
use crate::reads::stand_in::{CODE, Instance, NOW, World};

/// Ids of visible tasks of a world with one of these statuses, newest first.
fn tasks_with(world: &World, statuses: &[&str]) -> Vec<String> {
    let shown = world.instances.iter().filter(|instance| instance.status != "CANCELED");
    let tasks = shown.flat_map(|instance| &instance.tasks);
    tasks.filter(|task| statuses.contains(&task.status)).map(|task| task.id.clone()).collect()
}

#[test_case(&["pending"]; "pending")]
#[test_case(&["approved"]; "approved")]
#[test_case(&["rejected"]; "rejected")]
#[test_case(&["transferred"]; "transferred")]
#[test_case(&["done"]; "done")]
#[test_case(&["done", "pending"]; "two of them")]
#[test_case(&["approved", "rejected", "transferred"]; "three of them")]
#[tokio::test]
async fn a_search_by_status_finds_exactly_those(statuses: &[&str]) {
    let world = World::of_230_days();
    let upper: Vec<String> = statuses.iter().map(|status| status.to_uppercase()).collect();
    let expected = tasks_with(&world, &upper.iter().map(String::as_str).collect::<Vec<_>>());
    let gateway = Gateway::before(world).await;

    let filter: String = statuses.iter().map(|status| format!("&status={status}")).collect();
    let found = gateway.all(&format!("/v1/tasks?approval_code={CODE}{filter}"), 50).await;

    assert_eq!(column(&found, "task_id"), expected);
    assert!(found.iter().all(|item| statuses.contains(&item["status"].as_str().unwrap())));
}

#[test_case("rm_repeat"; "left out as a repetition")]
#[test_case("processed"; "handled in some way")]
#[tokio::test]
async fn a_status_that_only_searches_know_is_found_and_shown(status: &'static str) {
    let pushed = if status == "processed" { "PROCESSED" } else { "RM_REPEAT" };
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW).task_status(pushed)])).await;

    let (items, _) = gateway.page(&format!("/v1/tasks?instance_id=oa-1&status={status}")).await;

    assert_eq!(column(&items, "status"), [status]);
}

#[test_case("HIDDEN", "hidden", None; "hidden")]
#[test_case("SNOOZED", "other", Some("snoozed"); "a new word")]
#[tokio::test]
async fn a_status_that_no_filter_has_is_still_shown(pushed: &'static str, ours: &str, raw: Option<&str>) {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW).task_status(pushed)])).await;

    let (items, _) = gateway.page("/v1/tasks?instance_id=oa-1").await;

    assert_eq!(items[0]["status"], ours);
    assert_eq!(items[0].get("status_raw").and_then(Value::as_str), raw);
}

/// Twelve instances whose tasks changed in another order than they began, over 22 days.
fn shuffled() -> World {
    World::of((0..12).map(|nth| {
        let mut instance =
            Instance::new(&format!("oa-{nth:02}"), NOW - nth * 2 * crate::reads::stand_in::DAY);
        instance.tasks[0].updated = NOW + (nth * 5) % 12;
        instance
    }))
}

#[test_case("started_desc" => 2; "latest start first")]
#[test_case("started_asc" => 3; "earliest start first")]
#[test_case("updated_desc" => 0; "latest change first")]
#[test_case("updated_asc" => 1; "earliest change first")]
#[tokio::test]
async fn tasks_come_in_the_order_that_was_asked_for(order: &str) -> u64 {
    let world = shuffled();
    let mut tasks: Vec<_> = world.instances.iter().map(|found| found.tasks[0].clone()).collect();
    match order {
        "started_desc" => tasks.sort_by_key(|task| Reverse(task.started)),
        "started_asc" => tasks.sort_by_key(|task| task.started),
        "updated_desc" => tasks.sort_by_key(|task| Reverse(task.updated)),
        _ => tasks.sort_by_key(|task| task.updated),
    }
    let gateway = Gateway::before(world).await;
    let found = gateway.all(&format!("/v1/tasks?approval_code={CODE}&order={order}"), 7).await;
    let expected: Vec<String> = tasks.into_iter().map(|task| task.id).collect();
    assert_eq!(column(&found, "task_id"), expected);
    gateway.asked()[0].body()["order"].as_u64().unwrap()
}

#[tokio::test]
async fn the_oldest_window_comes_first_when_the_oldest_tasks_are_wanted_first() {
    let world = World::of_230_days();
    let mut expected = tasks_with(&world, &["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"]);
    expected.reverse();
    let gateway = Gateway::before(world).await;

    let found = gateway.all(&format!("/v1/tasks?approval_code={CODE}&{SPAN}&order=started_asc"), 7).await;

    assert_eq!(column(&found, "task_id"), expected);
}

#[tokio::test]
async fn a_task_is_shown_whole() {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW).task_status("APPROVED")])).await;
    let (items, _) = gateway.page("/v1/tasks?instance_id=oa-1").await;
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "approval_code": "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "definition_group": "acme-oa",
        "definition_group_name": "行政",
        "ended_at": "2026-03-14T09:00:01.000Z",
        "feishu_task_id": "F-oa-1-n1",
        "instance_code": "CODE-oa-1",
        "instance_id": "oa-1",
        "is_external": true,
        "mobile_link": "https://oa.example.org/m/task",
        "pc_link": "https://oa.example.org/task",
        "started_at": "2026-03-14T09:00:00.000Z",
        "status": "approved",
        "task_id": "oa-1-n1",
        "title": "直属主管审批",
        "updated_at": "2026-03-14T09:00:01.000Z",
        "user_id": "e7b21c9d"
      }
    ]
    "#);
}

#[tokio::test]
async fn several_statuses_and_every_filter_reach_feishu_under_their_names() {
    let gateway = Gateway::before(World::default()).await;

    let uri = "/v1/tasks?user_id=u&approval_code=a&definition_group=g&instance_code=c&instance_id=i&title=t\
        &status=done&status=approved&order=updated_asc&locale=en-US\
        &started_from=2026-03-01T00:00:00Z&started_to=2026-03-14T09:00:00Z";
    gateway.page(uri).await;

    let asked = gateway.asked().pop().unwrap();
    insta::assert_json_snapshot!((&asked.query, asked.body()), @r#"
    [
      [
        [
          "page_size",
          "50"
        ],
        [
          "user_id_type",
          "user_id"
        ]
      ],
      {
        "approval_code": "a",
        "group_external_id": "g",
        "instance_code": "c",
        "instance_external_id": "i",
        "locale": "en-US",
        "order": 1,
        "task_start_time_from": "1772323200000",
        "task_start_time_to": "1773478800000",
        "task_status_list": [
          "DONE",
          "APPROVED"
        ],
        "task_title": "t",
        "user_id": "u"
      }
    ]
    "#);
}
