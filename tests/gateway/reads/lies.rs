//! Answers of Feishu's that are not what they should be: a typed problem, and no endless loop.

use serde_json::{Value, json};
use test_case::{test_case, test_matrix};

use crate::reads::lie::{Lie, lie, set};
use crate::reads::world::Generation::{V2, V4};
use crate::reads::world::{Generation, World, asked, before, of};

const LISTS: [&str; 5] = [
    "/v1/instances?approval_code=7C468A54-8745-2245-9675-08B7C63E7A85",
    "/v1/tasks?approval_code=7C468A54-8745-2245-9675-08B7C63E7A85",
    "/v1/cc?approval_code=7C468A54-8745-2245-9675-08B7C63E7A85",
    "/v1/users/e7b21c9d/tasks?topic=done",
    "/v1/task-statuses?task_status=done&approval_code=7C468A54-8745-2245-9675-08B7C63E7A85",
];

/// More calls than these for one request are no attempt to recover.
const FEW: usize = 10;

#[test_matrix([0, 1, 2, 3, 4], [Lie::NoToken, Lie::Html, Lie::WrongTypes, Lie::TextsForLists, Lie::NoData])]
#[tokio::test]
async fn an_answer_that_makes_no_sense_is_a_protocol_error(list: usize, how: Lie) {
    let gateway = before(World::of_230_days()).await;
    lie(&gateway, how).await;
    let answer = gateway.get(LISTS[list]).await;
    assert_eq!(answer.refusal(), (502, "upstream_protocol_error"));
    assert!(asked(&gateway).await.len() < FEW);
}

#[test_matrix([0, 1, 2, 3, 4])]
#[tokio::test]
async fn the_same_token_for_ever_ends_a_list_with_a_problem(list: usize) {
    let gateway = before(World::of_230_days()).await;
    lie(&gateway, Lie::SameToken).await;
    let uri = LISTS[list];

    let mut cursor = String::new();
    for _ in 0..FEW {
        let answer = gateway.get(&format!("{uri}&limit=200{cursor}")).await;
        if answer.status != 200 {
            assert_eq!(answer.refusal(), (502, "upstream_protocol_error"));
            return;
        }
        cursor = format!("&cursor={}", answer.ok()["next_cursor"].as_str().unwrap());
    }
    panic!("the list does not end");
}

#[test_matrix([0, 1, 2, 3, 4], [Lie::Repeated, Lie::Empty])]
#[tokio::test]
async fn one_page_of_a_list_without_end_asks_feishu_for_few(list: usize, how: Lie) {
    let gateway = before(World::of_230_days()).await;
    lie(&gateway, how).await;
    gateway.get(&format!("{}&limit=5", LISTS[list])).await;
    assert!(asked(&gateway).await.len() <= 50, "{}", asked(&gateway).await.len());
}

#[test_matrix([0, 1, 2, 3, 4])]
#[tokio::test]
async fn the_same_token_for_ever_ends_a_stream_with_a_problem_line(list: usize) {
    let gateway = before(World::of_230_days()).await;
    lie(&gateway, Lie::SameToken).await;
    let lines = gateway.lines(LISTS[list]).await;
    assert_eq!(lines.last().unwrap()["code"], "upstream_protocol_error");
}

#[test_matrix([0, 1, 2, 3, 4], [Lie::Repeated, Lie::Empty])]
#[tokio::test]
async fn a_stream_of_pages_with_nothing_new_ends_with_a_problem_line(list: usize, how: Lie) {
    let gateway = before(World::of_230_days()).await;
    lie(&gateway, how).await;
    let lines = gateway.lines(LISTS[list]).await;
    assert_eq!(lines.last().unwrap()["code"], "upstream_protocol_error");
    assert!(asked(&gateway).await.len() <= 50, "{}", asked(&gateway).await.len());
}

/// A search's item of an instance with a code and nothing else.
fn nulls_everywhere() -> Value {
    json!({
        "approval": null,
        "group": null,
        "instance": {
            "code": "C-1", "external_id": null, "user_id": null, "start_time": null, "end_time": "", "status": null,
            "title": null, "extra": null, "serial_id": null, "link": null,
        },
        "task": null,
        "cc": null,
    })
}

#[test_case("/v1/instances?user_id=u", "instances_query", "instance_list", r#"{"items":[{"instance_code":"C-1"}]}"#; "instances")]
#[test_case("/v1/tasks?user_id=u", "tasks_search", "task_list", r#"{"items":[{"instance_code":"C-1"}]}"#; "tasks")]
#[test_case("/v1/cc?user_id=u", "search_cc", "cc_list", r#"{"items":[{"instance_code":"C-1"}]}"#; "copies")]
#[tokio::test]
async fn what_is_null_is_left_out(uri: &str, api: &str, list: &str, expected: &str) {
    let gateway = before(World::default()).await;
    set(&gateway, api, json!({format!("/data/{list}"): [nulls_everywhere()]})).await;
    assert_eq!(gateway.get(uri).await.text.trim_end(), expected);
}

#[test_case(Lie::Html; "html")]
#[test_case(Lie::WrongTypes; "wrong types")]
#[tokio::test]
async fn an_answer_of_the_historic_list_that_makes_no_sense_is_a_protocol_error(how: Lie) {
    let gateway = of(V2, World::of_230_days()).await;
    lie(&gateway, how).await;
    assert_eq!(gateway.get(LISTS[4]).await.refusal(), (502, "upstream_protocol_error"));
}

#[test_matrix([V4, V2], [Lie::Html, Lie::WrongTypes, Lie::TextsForLists, Lie::NoData])]
#[tokio::test]
async fn an_instance_that_makes_no_sense_is_a_protocol_error(generation: Generation, how: Lie) {
    let gateway = of(generation, World::of_230_days()).await;
    lie(&gateway, how).await;
    assert_eq!(gateway.get("/v1/instances/oa-000").await.refusal(), (502, "upstream_protocol_error"));
}

#[test_case(Lie::Html; "html")]
#[test_case(Lie::TextsForLists; "texts for lists")]
#[test_case(Lie::WrongTypes; "a list for an object")]
#[test_case(Lie::NoData; "no data")]
#[tokio::test]
async fn a_definition_that_makes_no_sense_is_a_protocol_error(how: Lie) {
    let gateway = before(World::default()).await;
    lie(&gateway, how).await;
    let uri = "/v1/definitions/7C468A54-8745-2245-9675-08B7C63E7A85";
    assert_eq!(gateway.get(uri).await.refusal(), (502, "upstream_protocol_error"));
}

#[tokio::test]
async fn lines_that_make_no_sense_from_the_start_are_an_ordinary_problem() {
    let gateway = before(World::of_230_days()).await;
    lie(&gateway, Lie::Html).await;
    let answer = gateway.stream(LISTS[0]).await;
    assert_eq!(answer.refusal(), (502, "upstream_protocol_error"));
}
