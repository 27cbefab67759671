//! `extra` of what searches find: parsed back from its string, or shown as it is.

use test_case::test_case;

use crate::reads::world::{Instance, NOW, World, before};

/// The members that come of `extra`, as they stand in the body.
async fn shown(extra: &str) -> String {
    let mut instance = Instance::new("oa-1", NOW);
    instance.extra = extra.to_owned();
    let gateway = before(World::of([instance])).await;
    let answer = gateway.get("/v1/instances?instance_id=oa-1").await;
    answer.ok();
    let (before, _) = answer.text.split_once("\"applicant_user_id\"").unwrap();
    let members = before.find("\"extra").map_or("", |start| &before[start..]);
    members.trim_end_matches(',').to_owned()
}

#[test_case(r#"{"business_key":"BK-1"}"#, r#""extra":{"business_key":"BK-1"},"business_key":"BK-1""#; "with the document number")]
#[test_case(r#"{"z":1.50,"a":[12345678901234567890]}"#, r#""extra":{"z":1.50,"a":[12345678901234567890]}"#; "order and numbers unchanged")]
#[test_case("not JSON", r#""extra_raw":"not JSON""#; "no JSON")]
#[test_case("[1]", r#""extra_raw":"[1]""#; "no object")]
#[test_case("{} trailing", r#""extra_raw":"{} trailing""#; "more than an object")]
#[test_case("", ""; "nothing")]
#[tokio::test]
async fn extra_is_an_object_or_shown_raw(extra: &str, expected: &str) {
    assert_eq!(shown(extra).await, expected);
}
