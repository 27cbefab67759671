//! The id of a request.

use axum::body::Body;
use axum::http::Request;
use test_case::test_case;
use uuid::Uuid;

use crate::harness::Answer;
use crate::http_surface::support::App;

async fn id_of_answer(given: &[&str], uri: &str) -> (String, Answer) {
    let request = given.iter().fold(Request::get(uri), |request, id| request.header("X-Request-Id", *id));
    let answer = App::gateway().await.send(request.body(Body::empty()).unwrap()).await;
    (answer.header("x-request-id").unwrap().to_owned(), answer)
}

#[tokio::test]
async fn sane_id_of_the_caller_is_kept() {
    assert_eq!(id_of_answer(&["order-42:a.b_c"], "/livez").await.0, "order-42:a.b_c");
}

#[test_case(&[]; "none")]
#[test_case(&["two words"]; "space")]
#[test_case(&["<script>"]; "markup")]
#[test_case(&[""]; "empty")]
#[test_case(&["审批"]; "not ascii")]
#[test_case(&["a", "b"]; "two")]
#[tokio::test]
async fn other_ids_are_replaced_by_a_uuid_of_version_7(given: &[&str]) {
    let (id, _) = id_of_answer(given, "/livez").await;
    assert_eq!(Uuid::parse_str(&id).unwrap().get_version_num(), 7);
}

#[tokio::test]
async fn header_and_document_carry_the_same_id() {
    let (id, answer) = id_of_answer(&[], "/v2/nothing").await;
    assert_eq!(answer.body["request_id"], id);
}
