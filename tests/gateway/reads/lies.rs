//! Answers of Feishu's that are not what they should be: a typed problem, and no endless loop.

use test_case::{test_case, test_matrix};

use crate::reads::gateway::Generation::{V2, V4};
use crate::reads::gateway::{Answer, Gateway, Generation};
use crate::reads::stand_in::{Lie, World};

const LISTS: [&str; 5] = [
    "/v1/instances?approval_code=5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
    "/v1/tasks?approval_code=5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
    "/v1/cc?approval_code=5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
    "/v1/users/e7b21c9d/tasks?topic=done",
    "/v1/task-statuses?task_status=done&approval_code=5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
];

/// More calls than these for one request are no attempt to recover.
const FEW: usize = 10;

#[test_matrix([0, 1, 2, 3, 4], [Lie::MoreWithoutToken, Lie::Html, Lie::WrongTypes, Lie::TextsForLists, Lie::NoData])]
#[tokio::test]
async fn an_answer_that_makes_no_sense_is_a_protocol_error(list: usize, lie: Lie) {
    let gateway = Gateway::before(World::of_230_days()).await.lie(lie);
    let answer = gateway.get(LISTS[list]).await;
    assert_eq!(answer.problem(), (502, "upstream_protocol_error".to_owned()));
    assert!(gateway.asked().len() < FEW);
}

#[test_matrix([0, 1, 2, 3, 4])]
#[tokio::test]
async fn the_same_token_for_ever_ends_a_list_with_a_problem(list: usize) {
    let gateway = Gateway::before(World::of_230_days()).await.lie(Lie::SameTokenForEver);
    let uri = LISTS[list];

    let mut cursor = String::new();
    for _ in 0..FEW {
        let answer = gateway.get(&format!("{uri}&limit=200{cursor}")).await;
        if answer.status != 200 {
            assert_eq!(answer.problem(), (502, "upstream_protocol_error".to_owned()));
            return;
        }
        cursor = format!("&cursor={}", answer.ok()["next_cursor"].as_str().unwrap());
    }
    panic!("the list does not end");
}

#[test_matrix([0, 1, 2, 3, 4])]
#[tokio::test]
async fn the_same_token_for_ever_ends_a_stream_with_a_problem_line(list: usize) {
    let gateway = Gateway::before(World::of_230_days()).await.lie(Lie::SameTokenForEver);
    let lines = gateway.lines(LISTS[list]).await;
    assert_eq!(lines.last().unwrap()["code"], "upstream_protocol_error");
}

#[test_case("/v1/instances?user_id=u", r#"{"items":[{"instance_code":"C-1"}]}"#; "instances")]
#[test_case("/v1/tasks?user_id=u", r#"{"items":[{"instance_code":"C-1"}]}"#; "tasks")]
#[test_case("/v1/cc?user_id=u", r#"{"items":[{"instance_code":"C-1"}]}"#; "copies")]
#[tokio::test]
async fn what_is_null_is_left_out(uri: &str, expected: &str) {
    let gateway = Gateway::before(World::default()).await.lie(Lie::NullsEverywhere);
    assert_eq!(gateway.get(uri).await.text.trim_end(), expected);
}

#[test_case(Lie::Html; "html")]
#[test_case(Lie::WrongTypes; "wrong types")]
#[tokio::test]
async fn an_answer_of_the_historic_list_that_makes_no_sense_is_a_protocol_error(lie: Lie) {
    let gateway = Gateway::of(V2, World::of_230_days()).await.lie(lie);
    assert_eq!(gateway.get(LISTS[4]).await.problem(), (502, "upstream_protocol_error".to_owned()));
}

#[test_matrix([V4, V2], [Lie::Html, Lie::WrongTypes, Lie::TextsForLists, Lie::NoData])]
#[tokio::test]
async fn an_instance_that_makes_no_sense_is_a_protocol_error(generation: Generation, lie: Lie) {
    let gateway = Gateway::of(generation, World::of_230_days()).await.lie(lie);
    assert_eq!(
        gateway.get("/v1/instances/oa-000").await.problem(),
        (502, "upstream_protocol_error".to_owned())
    );
}

#[test_case(Lie::Html; "html")]
#[test_case(Lie::TextsForLists; "texts for lists")]
#[test_case(Lie::WrongTypes; "a list for an object")]
#[test_case(Lie::NoData; "no data")]
#[tokio::test]
async fn a_definition_that_makes_no_sense_is_a_protocol_error(lie: Lie) {
    let gateway = Gateway::before(World::default()).await.lie(lie);
    let uri = "/v1/definitions/5E1B7C42-90AD-4F36-B8D3-71C2E64FA905";
    assert_eq!(gateway.get(uri).await.problem(), (502, "upstream_protocol_error".to_owned()));
}

#[tokio::test]
async fn lines_that_make_no_sense_from_the_start_are_an_ordinary_problem() {
    let gateway = Gateway::before(World::of_230_days()).await.lie(Lie::Html);
    let answer = Answer::of(gateway.stream(LISTS[0]).await).await;
    assert_eq!(answer.problem(), (502, "upstream_protocol_error".to_owned()));
}
