//! `GET /v1/cc`: read and unread copies.

use test_case::test_case;

use crate::harness::column;
use crate::reads::world::{CODE, INSTANCE_CODE, Instance, NOW, READER, World, asked, before};

#[test_case("&read=true", Some(true); "read")]
#[test_case("&read=false", Some(false); "unread")]
#[test_case("", None; "both")]
#[tokio::test]
async fn copies_are_found_by_whether_they_were_read(filter: &str, read: Option<bool>) {
    let world = World::of_230_days();
    let wanted = world.instances.iter().filter(|found| read.is_none_or(|read| found.copies[0].read == read));
    let expected: Vec<String> = wanted.map(|found| found.id.clone()).collect();
    let gateway = before(world).await;

    let found = gateway.all(&format!("/v1/cc?user_id={READER}{filter}"), 50).await;

    assert_eq!(column(&found, "instance_id"), expected);
    if let Some(read) = read {
        assert!(found.iter().all(|item| item["read"] == read));
    }
}

#[tokio::test]
async fn two_copies_of_one_instance_for_one_person_are_both_shown() {
    let mut instance = Instance::new("oa-1", NOW);
    instance.copies.push(instance.copies[0].clone());
    let gateway = before(World::of([instance])).await;

    let (items, _) = gateway.page(&format!("/v1/cc?user_id={READER}")).await;

    assert_eq!(items.len(), 2);
}

#[tokio::test]
async fn a_copy_is_shown_whole() {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    let (items, _) = gateway.page("/v1/cc?instance_id=oa-1").await;
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "created_at": "2026-03-14T09:00:00.000Z",
        "definition_group": "acme-oa",
        "definition_group_name": "行政",
        "extra": {},
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
        "instance_id": "oa-1",
        "is_external": true,
        "mobile_link": "https://oa.example.org/m/cc",
        "pc_link": "https://oa.example.org/cc",
        "read": false,
        "title": "copy of oa-1",
        "user_id": "c03f5a8e"
      }
    ]
    "#);
}

#[tokio::test]
async fn every_filter_reaches_feishu_under_its_name() {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;

    let uri = format!(
        "/v1/cc?user_id=u&approval_code={CODE}&definition_group=g&instance_code={INSTANCE_CODE}&instance_id=i&title=t\
        &read=true&locale=zh-CN&created_from=2026-03-01T00:00:00Z&created_to=2026-03-14T09:00:00Z"
    );
    gateway.page(&uri).await;

    let asked = asked(&gateway).await.pop().unwrap();
    insta::assert_json_snapshot!((&asked["query"], &asked["body"]), @r#"
    [
      "page_size=50&user_id_type=user_id",
      {
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "cc_create_time_from": "1772323200000",
        "cc_create_time_to": "1773478800000",
        "cc_title": "t",
        "group_external_id": "g",
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
        "instance_external_id": "i",
        "locale": "zh-CN",
        "read_status": "READ",
        "user_id": "u"
      }
    ]
    "#);
}
