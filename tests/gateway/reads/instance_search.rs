//! `GET /v1/instances`: filters and statuses.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::column;
use crate::reads::lie::set;
use crate::reads::world::{APPLICANT, CODE, GROUP, INSTANCE_CODE, Instance, NOW, World, asked, before};

/// Ids of the instances of a world that have this status, newest first.
fn ids_with(world: &World, status: &str) -> Vec<String> {
    world.instances.iter().filter(|found| found.status == status).map(|found| found.id.clone()).collect()
}

#[test_case("pending", "PENDING"; "pending")]
#[test_case("approved", "APPROVED"; "approved")]
#[test_case("rejected", "REJECTED"; "rejected, which Feishu calls REJECT here")]
#[test_case("canceled", "CANCELED"; "canceled, which Feishu calls RECALL here")]
#[test_case("deleted", "DELETED"; "deleted")]
#[tokio::test]
async fn a_search_by_status_finds_exactly_those(ours: &str, pushed: &str) {
    let world = World::of_230_days();
    let expected = ids_with(&world, pushed);
    let gateway = before(world).await;

    let found = gateway.all(&format!("/v1/instances?approval_code={CODE}&status={ours}"), 50).await;

    assert_eq!(column(&found, "instance_id"), expected);
    assert!(found.iter().all(|item| item["status"] == ours && item.get("status_raw").is_none()));
}

#[test_case("&status=all"; "asked for")]
#[test_case(""; "by default")]
#[tokio::test]
async fn every_status_but_withdrawn_is_found(filter: &str) {
    let world = World::of_230_days();
    let found = |status: &&str| *status != "CANCELED";
    let expected = world.instances.iter().filter(|instance| found(&instance.status)).count();
    let gateway = before(world).await;

    let items = gateway.all(&format!("/v1/instances?approval_code={CODE}{filter}"), 200).await;

    assert_eq!(items.len(), expected);
}

#[test_case("hidden", "hidden", None; "a word of pushes")]
#[test_case("terminated", "terminated", None; "another word of pushes")]
#[test_case("archived", "other", Some("archived"); "a new word")]
#[tokio::test]
async fn a_status_that_searches_do_not_document_is_still_shown(word: &str, ours: &str, raw: Option<&str>) {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    set(&gateway, "instances_query", json!({"/data/instance_list/*/instance/status": word})).await;

    let (items, _) = gateway.page("/v1/instances?instance_id=oa-1").await;

    assert_eq!(items[0]["status"], ours);
    assert_eq!(items[0].get("status_raw").and_then(Value::as_str), raw);
}

#[tokio::test]
async fn an_instance_is_shown_whole() {
    let gateway = before(World::of([Instance::new("oa-1", NOW).status("APPROVED")])).await;

    let (items, next) = gateway.page("/v1/instances?instance_id=oa-1").await;

    assert_eq!(next, None);
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "applicant_user_id": "b51f70ac",
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "business_key": "BK-oa-1",
        "definition_group": "acme-oa",
        "definition_group_name": "行政",
        "ended_at": "2026-03-14T09:00:02.000Z",
        "extra": {
          "business_key": "BK-oa-1"
        },
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
        "instance_id": "oa-1",
        "is_external": true,
        "mobile_link": "https://oa.example.org/m/instance",
        "pc_link": "https://oa.example.org/instance",
        "serial_id": "202603140001",
        "started_at": "2026-03-14T09:00:00.000Z",
        "status": "approved",
        "title": "title of oa-1"
      }
    ]
    "#);
}

#[tokio::test]
async fn an_open_instance_has_no_end() {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    let (items, _) = gateway.page("/v1/instances?instance_id=oa-1").await;
    assert_eq!(items[0].get("ended_at"), None);
}

#[tokio::test]
async fn every_filter_reaches_feishu_under_its_name() {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;

    let uri = format!(
        "/v1/instances?user_id=u&approval_code={CODE}&definition_group=g&instance_code={INSTANCE_CODE}&instance_id=i&title=t\
        &status=canceled&locale=ja-JP&user_id_type=union_id&limit=7\
        &started_from=2026-03-01T00:00:00%2B08:00&started_to=2026-03-14T09:00:00Z"
    );
    let (items, _) = gateway.page(&uri).await;

    assert_eq!(items, [] as [Value; 0]);
    let asked = asked(&gateway).await.pop().unwrap();
    insta::assert_json_snapshot!((&asked["query"], &asked["body"]), @r#"
    [
      "page_size=7&user_id_type=union_id",
      {
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "group_external_id": "g",
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
        "instance_external_id": "i",
        "instance_start_time_from": "1772294400000",
        "instance_start_time_to": "1773478800000",
        "instance_status": "RECALL",
        "instance_title": "t",
        "locale": "ja-JP",
        "user_id": "u"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_text_of_special_characters_arrives_as_it_is() {
    let gateway = before(World::default()).await;
    gateway.page("/v1/instances?user_id=u&title=%2Ba+b%26c%3D%25%20%E5%87%BA%F0%9F%98%80").await;
    assert_eq!(asked(&gateway).await[0]["body"]["instance_title"], "+a b&c=% 出😀");
}

#[test_case(json!(NOW.to_string()), json!("7301550094428135452"); "in strings")]
#[test_case(json!(NOW), json!(7_301_550_094_428_135_452_u64); "as numbers")]
#[tokio::test]
async fn times_and_ids_are_read_in_either_form(time: Value, id: Value) {
    let gateway = before(World::of([Instance::new("oa-1", NOW - 1).status("APPROVED")])).await;
    let item = "/data/instance_list/*";
    let values =
        json!({format!("{item}/instance/start_time"): time, format!("{item}/approval/approval_id"): id});
    set(&gateway, "instances_query", values).await;
    let (items, _) = gateway.page("/v1/instances?instance_id=oa-1").await;
    assert_eq!(items[0]["started_at"], "2026-03-14T09:00:00.000Z");
    assert_eq!(items[0]["approval_id"], "7301550094428135452");
}

#[tokio::test]
async fn a_list_that_is_null_is_empty_and_a_token_beside_the_last_page_is_ignored() {
    let gateway = before(World::default()).await;
    let values = json!({"/data/instance_list": null, "/data/page_token": "left-over"});
    set(&gateway, "instances_query", values).await;
    assert_eq!(gateway.page("/v1/instances?user_id=u").await, (Vec::new(), None));
}

#[tokio::test]
async fn the_smallest_page_that_feishu_takes_is_asked_for_when_less_is_wanted() {
    let gateway = before(World::of_230_days()).await;

    let (items, next) = gateway.page(&format!("/v1/instances?user_id={APPLICANT}&limit=1")).await;

    assert_eq!((items.len(), next.is_some()), (1, true));
    assert_eq!(asked(&gateway).await[0]["query"], "page_size=5&user_id_type=user_id");
}

#[test_case("user_id", "b51f70ac"; "user_id without type")]
#[test_case("user_id&user_id_type=open_id", "ou_b51f70ac"; "open_id")]
#[tokio::test]
async fn people_are_named_by_the_asked_kind_of_id(query: &str, shown: &str) {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    let query = query.replacen("user_id", "instance_id=oa-1", 1);
    let (items, _) = gateway.page(&format!("/v1/instances?{query}")).await;
    assert_eq!(items[0]["applicant_user_id"], shown);
}

#[test_case(&format!("approval_code={CODE}&definition_group=none") => 1; "code or group")]
#[test_case(&format!("definition_group={GROUP}") => 1; "a group alone")]
#[test_case(&format!("instance_code={INSTANCE_CODE}&instance_id=none") => 1; "feishus code or ours")]
#[test_case(&format!("approval_code={CODE}&user_id=nobody") => 0; "code and person")]
#[test_case("definition_group=none" => 0; "a group that does not exist")]
#[test_case("instance_id=oa-1&title=of%20oa" => 1; "part of a title")]
#[test_case("instance_id=oa-1&title=%2Bplus+%26%3D" => 0; "a title of special characters")]
#[tokio::test]
async fn filters_are_combined_as_feishu_does(query: &str) -> usize {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    gateway.page(&format!("/v1/instances?{query}")).await.0.len()
}
