//! `GET /v1/task-statuses`, answered by either generation of the list.

use serde_json::{Value, json};
use test_case::{test_case, test_matrix};

use crate::harness::{Gateway, column};
use crate::reads::lie::set;
use crate::reads::world::Generation::{V2, V4};
use crate::reads::world::{APPROVER, CODE, DEFINITION_KEY, Generation, Instance, NOW, World, before, of};

const LIST: &str = "/v1/task-statuses";

/// `name=value` for each, joined.
fn query(name: &str, values: &[String]) -> String {
    values.iter().map(|value| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The ids of [`World::of_230_days`] number 0 to 44, backwards.
fn forty_five_ids() -> Vec<String> {
    (0..45).rev().map(|nth| format!("oa-{nth:03}")).collect()
}

/// The codes of [`World::of_definitions`].
async fn codes(gateway: &Gateway) -> Vec<String> {
    let mut definitions: Vec<Value> = serde_json::from_value(gateway.feishu.definitions().await).unwrap();
    definitions.retain(|definition| definition["custom_code"] != DEFINITION_KEY);
    column(&definitions, "approval_code")
}

#[test_case(V4; "v4")]
#[test_case(V2; "v2")]
#[tokio::test]
async fn forty_five_ids_come_back_complete_and_in_order(generation: Generation) {
    let gateway = of(generation, World::of_230_days()).await;
    let ids = forty_five_ids();

    let (items, next) = gateway.page(&format!("{LIST}?{}", query("instance_id", &ids))).await;

    assert_eq!(column(&items, "instance_id"), ids);
    assert_eq!(next, None);
}

#[test_matrix([V4, V2], [1, 2, 7, 20, 50])]
#[tokio::test]
async fn forty_five_ids_come_once_in_pages_of_every_size(generation: Generation, limit: usize) {
    let gateway = of(generation, World::of_230_days()).await;
    let ids = forty_five_ids();

    let found = gateway.all(&format!("{LIST}?{}", query("instance_id", &ids)), limit).await;

    assert_eq!(column(&found, "instance_id"), ids);
}

#[test_matrix([V4, V2], [1, 10, 50])]
#[tokio::test]
async fn forty_five_codes_with_a_status_come_once_in_pages_of_every_size(
    generation: Generation,
    limit: usize,
) {
    let world = World::of_definitions(45);
    let mut expected: Vec<String> = world.instances.iter().map(|found| found.id.clone()).collect();
    let gateway = of(generation, world).await;

    let codes = codes(&gateway).await;
    let uri = format!("{LIST}?task_status=pending&{}", query("approval_code", &codes));
    let mut found = column(&gateway.all(&uri, limit).await, "instance_id");

    // The codes are in no order.
    assert_eq!(codes.len(), 45);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test_case(V4; "v4")]
#[test_case(V2; "v2")]
#[tokio::test]
async fn lines_hold_all_instances_of_forty_five_codes(generation: Generation) {
    let gateway = of(generation, World::of_definitions(45)).await;
    let uri = format!("{LIST}?task_status=pending&{}", query("approval_code", &codes(&gateway).await));
    assert_eq!(gateway.lines(&uri).await, gateway.all(&uri, 10).await);
}

#[test_case(V4; "v4")]
#[test_case(V2; "v2")]
#[tokio::test]
async fn a_hundred_ids_are_taken(generation: Generation) {
    let gateway = of(generation, World::of_230_days()).await;
    let ids: Vec<String> = (0..100).rev().map(|nth| format!("oa-{nth:03}")).collect();
    let found = gateway.all(&format!("{LIST}?{}", query("instance_id", &ids)), 200).await;
    assert_eq!(column(&found, "instance_id"), ids);
}

#[test_matrix([V4, V2], ["pending", "approved", "rejected", "transferred", "done"])]
#[tokio::test]
async fn only_instances_with_a_task_of_that_status_are_found(generation: Generation, status: &str) {
    let world = World::of_230_days();
    let of_status = world.instances.iter().filter(|found| found.tasks[0].status.eq_ignore_ascii_case(status));
    // Feishu lists the oldest first.
    let expected: Vec<String> = of_status.rev().map(|found| found.id.clone()).collect();
    let gateway = of(generation, world).await;

    let found = gateway.all(&format!("{LIST}?approval_code={CODE}&task_status={status}"), 7).await;

    assert_eq!(column(&found, "instance_id"), expected);
    assert!(found.iter().all(|item| item["tasks"][0]["status"] == status));
}

#[test_case(V4; "v4")]
#[test_case(V2; "v2")]
#[tokio::test]
async fn approvers_narrow_a_search_by_code(generation: Generation) {
    let mut other = Instance::new("oa-2", NOW);
    other.tasks[0].user = "somebody-else".to_owned();
    let gateway = of(generation, World::of([Instance::new("oa-1", NOW), other])).await;

    let uri = format!("{LIST}?approval_code={CODE}&task_status=pending&user_id={APPROVER}&user_id=u2");
    let (items, _) = gateway.page(&uri).await;

    assert_eq!(column(&items, "instance_id"), ["oa-1"]);
}

#[test_case(V4; "v4")]
#[test_case(V2; "v2")]
#[tokio::test]
async fn an_id_that_feishu_does_not_have_is_left_out(generation: Generation) {
    let gateway = of(generation, World::of([Instance::new("oa-1", NOW)])).await;
    let (items, next) = gateway.page(&format!("{LIST}?instance_id=none&instance_id=oa-1")).await;
    assert_eq!((column(&items, "instance_id"), next), (vec!["oa-1".to_owned()], None));
}

#[test_case(V4; "v4")]
#[test_case(V2; "v2")]
#[tokio::test]
async fn an_item_reads_the_same_from_both_generations(generation: Generation) {
    let gateway = of(generation, World::of([Instance::new("oa-1", NOW)])).await;
    for api in ["external_tasks", "v2_list"] {
        let words = json!({"/data/data/*/status": "PAUSED", "/data/data/*/tasks/*/status": "SNOOZED"});
        set(&gateway, api, words).await;
    }
    let (items, _) = gateway.page(&format!("{LIST}?instance_id=oa-1")).await;
    insta::allow_duplicates! {
        insta::assert_json_snapshot!(items, @r#"
        [
          {
            "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
            "approval_id": "7301550094428135452",
            "instance_id": "oa-1",
            "instance_status": "other",
            "instance_status_raw": "PAUSED",
            "tasks": [
              {
                "status": "other",
                "status_raw": "SNOOZED",
                "task_id": "oa-1-n1",
                "updated_at": "2026-03-14T09:00:01.000Z"
              }
            ],
            "updated_at": "2026-03-14T09:00:02.000Z"
          }
        ]
        "#);
    }
}

#[tokio::test]
async fn a_cursor_of_the_historic_list_may_be_used_again() {
    let gateway = of(V2, World::of_230_days()).await;
    let uri = format!("{LIST}?{}&limit=4", query("instance_id", &forty_five_ids()));
    let (_, next) = gateway.page(&uri).await;
    let uri = format!("{uri}&cursor={}", next.unwrap());

    let ((first, _), (second, _)) = (gateway.page(&uri).await, gateway.page(&uri).await);

    assert_eq!(column(&first, "instance_id"), column(&second, "instance_id"));
}

#[tokio::test]
async fn an_id_that_is_given_twice_is_shown_once() {
    let gateway = before(World::of_230_days()).await;
    let ids = [forty_five_ids(), forty_five_ids()].concat();
    let (items, _) = gateway.page(&format!("{LIST}?{}&limit=200", query("instance_id", &ids))).await;
    assert_eq!(column(&items, "instance_id"), forty_five_ids());
}
