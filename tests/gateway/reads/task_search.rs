//! `GET /v1/tasks`: statuses and orders.

use std::cmp::Reverse;

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::column;
use crate::reads::lie::set;
use crate::reads::pages::SPAN;
use crate::reads::world::{CODE, INSTANCE_CODE, Instance, NOW, World, asked, before};

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
    let gateway = before(world).await;

    let filter: String = statuses.iter().map(|status| format!("&status={status}")).collect();
    let found = gateway.all(&format!("/v1/tasks?approval_code={CODE}{filter}"), 50).await;

    assert_eq!(column(&found, "task_id"), expected);
    assert!(found.iter().all(|item| statuses.contains(&item["status"].as_str().unwrap())));
}

#[test_case("rm_repeat"; "left out as a repetition")]
#[test_case("processed"; "handled in some way")]
#[tokio::test]
async fn a_status_that_only_searches_know_is_found_and_shown(status: &str) {
    let gateway = before(World::default()).await;
    let found = json!([{"instance": {"code": "C-1"}, "task": {"status": status}}]);
    set(&gateway, "tasks_search", json!({"/data/task_list": found})).await;

    let (items, _) = gateway.page(&format!("/v1/tasks?instance_id=oa-1&status={status}")).await;

    assert_eq!(column(&items, "status"), [status]);
    assert_eq!(asked(&gateway).await[0]["body"]["task_status"], status.to_uppercase());
}

#[test_case("hidden", "hidden", None; "hidden")]
#[test_case("snoozed", "other", Some("snoozed"); "a new word")]
#[tokio::test]
async fn a_status_that_no_filter_has_is_still_shown(word: &str, ours: &str, raw: Option<&str>) {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    set(&gateway, "tasks_search", json!({"/data/task_list/*/task/status": word})).await;

    let (items, _) = gateway.page("/v1/tasks?instance_id=oa-1").await;

    assert_eq!(items[0]["status"], ours);
    assert_eq!(items[0].get("status_raw").and_then(Value::as_str), raw);
}

/// Twelve instances whose tasks changed in another order than they began, over 22 days.
fn shuffled() -> World {
    World::of((0..12).map(|nth| {
        let mut instance = Instance::new(&format!("oa-{nth:02}"), NOW - nth * 2 * crate::reads::world::DAY);
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
    let gateway = before(world).await;
    let found = gateway.all(&format!("/v1/tasks?approval_code={CODE}&order={order}"), 7).await;
    let expected: Vec<String> = tasks.into_iter().map(|task| task.id).collect();
    assert_eq!(column(&found, "task_id"), expected);
    asked(&gateway).await[0]["body"]["order"].as_u64().unwrap()
}

#[tokio::test]
async fn the_oldest_window_comes_first_when_the_oldest_tasks_are_wanted_first() {
    let world = World::of_230_days();
    let mut expected = tasks_with(&world, &["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"]);
    expected.reverse();
    let gateway = before(world).await;

    let found = gateway.all(&format!("/v1/tasks?approval_code={CODE}&{SPAN}&order=started_asc"), 7).await;

    assert_eq!(column(&found, "task_id"), expected);
}

#[tokio::test]
async fn a_task_is_shown_whole() {
    let gateway = before(World::of([Instance::new("oa-1", NOW).task_status("APPROVED")])).await;
    let (items, _) = gateway.page("/v1/tasks?instance_id=oa-1").await;
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "definition_group": "acme-oa",
        "definition_group_name": "行政",
        "ended_at": "2026-03-14T09:00:01.000Z",
        "feishu_task_id": "7312827612321852149",
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
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
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;

    let uri = format!(
        "/v1/tasks?user_id=u&approval_code={CODE}&definition_group=g&instance_code={INSTANCE_CODE}&instance_id=i&title=t\
        &status=done&status=approved&order=updated_asc&locale=en-US\
        &started_from=2026-03-01T00:00:00Z&started_to=2026-03-14T09:00:00Z"
    );
    gateway.page(&uri).await;

    let asked = asked(&gateway).await.pop().unwrap();
    insta::assert_json_snapshot!((&asked["query"], &asked["body"]), @r#"
    [
      "page_size=50&user_id_type=user_id",
      {
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "group_external_id": "g",
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
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
