//! Failures of handlers.

use insta::assert_snapshot;

use crate::support::ask;

#[tokio::test]
async fn problem_shows_everything_but_its_cause() {
    assert_snapshot!(ask("GET", "/v1/failure").await.show(), @"");
}

#[tokio::test]
async fn panic_is_a_problem_without_its_message() {
    assert_snapshot!(ask("POST", "/v1/panic").await.show(), @"");
}
