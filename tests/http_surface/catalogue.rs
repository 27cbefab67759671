//! The pages behind `type`.

use approval_gateway::http::problem::Code;
use insta::assert_snapshot;

use crate::support::ask;

#[tokio::test]
async fn page_explains_a_code_in_both_languages() {
    assert_snapshot!(ask("GET", "/v1/problems/stale_update").await.show(), @"");
}

#[tokio::test]
async fn unknown_code_is_answered_with_the_nearest() {
    assert_snapshot!(ask("GET", "/v1/problems/stale_updates").await.show(), @"");
}

#[tokio::test]
async fn every_code_has_a_page_that_agrees_with_it() {
    for code in Code::all() {
        let answer = ask("GET", &code.type_path()).await;
        let page: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status.as_u16(), &page["code"], &page["status"], &page["type"]),
            (200, &code.as_str().into(), &code.status().as_u16().into(), &code.type_path().into())
        );
    }
}
