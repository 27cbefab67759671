//! `GET /v1/instances`: filters and statuses.

use serde_json::Value;
use test_case::test_case;

use crate::reads::gateway::{Gateway, column};
use crate::reads::stand_in::{APPLICANT, CODE, GROUP, Instance, NOW, World};

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
    let gateway = Gateway::before(world).await;

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
    let gateway = Gateway::before(world).await;

    let items = gateway.all(&format!("/v1/instances?approval_code={CODE}{filter}"), 200).await;

    assert_eq!(items.len(), expected);
}

#[test_case("HIDDEN", "hidden", None; "a word of pushes")]
#[test_case("TERMINATED", "terminated", None; "another word of pushes")]
#[test_case("ARCHIVED", "other", Some("archived"); "a new word")]
#[tokio::test]
async fn a_status_that_searches_do_not_document_is_still_shown(
    pushed: &'static str,
    ours: &str,
    raw: Option<&str>,
) {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW).status(pushed)])).await;

    let (items, _) = gateway.page("/v1/instances?instance_id=oa-1").await;

    assert_eq!(items[0]["status"], ours);
    assert_eq!(items[0].get("status_raw").and_then(Value::as_str), raw);
}

#[tokio::test]
async fn an_instance_is_shown_whole() {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW).status("APPROVED")])).await;

    let (items, next) = gateway.page("/v1/instances?instance_id=oa-1").await;

    assert_eq!(next, None);
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "applicant_user_id": "b51f70ac",
        "approval_code": "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "business_key": "BK-oa-1",
        "definition_group": "acme-oa",
        "definition_group_name": "行政",
        "ended_at": "2026-03-14T09:00:02.000Z",
        "extra": {
          "business_key": "BK-oa-1"
        },
        "instance_code": "CODE-oa-1",
        "instance_id": "oa-1",
        "is_external": true,
        "mobile_link": "https://oa.example.org/m/instance",
        "pc_link": "https://oa.example.org/instance",
        "serial_id": "202603140017",
        "started_at": "2026-03-14T09:00:00.000Z",
        "status": "approved",
        "title": "title of oa-1"
      }
    ]
    "#);
}

#[tokio::test]
async fn an_open_instance_has_no_end() {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW)])).await;
    let (items, _) = gateway.page("/v1/instances?instance_id=oa-1").await;
    assert_eq!(items[0].get("ended_at"), None);
}

#[tokio::test]
async fn every_filter_reaches_feishu_under_its_name() {
    let gateway = Gateway::before(World::default()).await;

    let uri = "/v1/instances?user_id=u&approval_code=a&definition_group=g&instance_code=c&instance_id=i&title=t\
        &status=canceled&locale=ja-JP&user_id_type=union_id&limit=7\
        &started_from=2026-03-01T00:00:00%2B08:00&started_to=2026-03-14T09:00:00Z";
    let (items, _) = gateway.page(uri).await;

    assert_eq!(items, [] as [Value; 0]);
    let asked = gateway.asked().pop().unwrap();
    insta::assert_json_snapshot!((&asked.query, asked.body()), @r#"
    [
      [
        [
          "page_size",
          "7"
        ],
        [
          "user_id_type",
          "union_id"
        ]
      ],
      {
        "approval_code": "a",
        "group_external_id": "g",
        "instance_code": "c",
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
    let gateway = Gateway::before(World::default()).await;
    gateway.page("/v1/instances?user_id=u&title=%2Ba+b%26c%3D%25%20%E5%87%BA%F0%9F%98%80").await;
    assert_eq!(gateway.asked()[0].body()["instance_title"], "+a b&c=% 出😀");
}

#[test_case(NOW; "times in strings")]
#[test_case(NOW + 1; "times as numbers")]
#[tokio::test]
async fn times_are_read_in_either_form(started: i64) {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", started).status("APPROVED")])).await;
    let (items, _) = gateway.page("/v1/instances?instance_id=oa-1").await;
    assert_eq!(items[0]["started_at"], format!("2026-03-14T09:00:00.{:03}Z", started - NOW));
    assert_eq!(items[0]["ended_at"], format!("2026-03-14T09:00:02.{:03}Z", started - NOW));
}

#[tokio::test]
async fn the_smallest_page_that_feishu_takes_is_asked_for_when_less_is_wanted() {
    let gateway = Gateway::before(World::of_230_days()).await;

    let (items, next) = gateway.page(&format!("/v1/instances?user_id={APPLICANT}&limit=1")).await;

    assert_eq!((items.len(), next.is_some()), (1, true));
    assert_eq!(gateway.asked()[0].param("page_size"), Some("5"));
}

#[test_case("user_id", "b51f70ac"; "user_id without type")]
#[test_case("user_id&user_id_type=open_id", "ou_b51f70ac"; "open_id")]
#[tokio::test]
async fn people_are_named_by_the_asked_kind_of_id(query: &str, shown: &str) {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW)])).await;
    let query = query.replacen("user_id", "instance_id=oa-1", 1);
    let (items, _) = gateway.page(&format!("/v1/instances?{query}")).await;
    assert_eq!(items[0]["applicant_user_id"], shown);
}

#[test_case(&format!("approval_code=none&definition_group={GROUP}") => 1; "code or group")]
#[test_case("instance_code=none&instance_id=oa-1" => 1; "feishus code or ours")]
#[test_case(&format!("approval_code={CODE}&user_id=nobody") => 0; "code and person")]
#[test_case("definition_group=none" => 0; "a group that does not exist")]
#[test_case("instance_id=oa-1&title=of%20oa" => 1; "part of a title")]
#[test_case("instance_id=oa-1&title=%2Bplus+%26%3D" => 0; "a title of special characters")]
#[tokio::test]
async fn filters_are_combined_as_feishu_does(query: &str) -> usize {
    let gateway = Gateway::before(World::of([Instance::new("oa-1", NOW)])).await;
    gateway.page(&format!("/v1/instances?{query}")).await.0.len()
}
