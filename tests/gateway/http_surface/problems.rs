//! Failures of handlers.

use insta::assert_snapshot;

use crate::http_surface::support::ask;

#[tokio::test]
async fn problem_shows_everything_but_its_cause() {
    assert_snapshot!(ask("GET", "/v1/failure").await.show(), @r#"
    503 Service Unavailable
    content-type: application/problem+json
    retry-after: 3

    {
      "code": "upstream_unavailable",
      "detail": "Feishu refused the connection.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": true,
      "status": 503,
      "title": "Feishu cannot be reached",
      "type": "/v1/problems/upstream_unavailable",
      "upstream": {
        "attempts": 3,
        "code": 1395001,
        "http_status": 400,
        "log_id": "2026LOG",
        "message": "system busy"
      }
    }
    "#);
}

#[tokio::test]
async fn panic_is_a_problem_without_its_message() {
    assert_snapshot!(ask("POST", "/v1/panic").await.show(), @r#"
    500 Internal Server Error
    content-type: application/problem+json

    {
      "code": "internal_error",
      "detail": "The gateway failed; its log has more under this request id.",
      "outcome": "unknown",
      "request_id": "test-1",
      "retryable": false,
      "status": 500,
      "title": "The gateway failed",
      "type": "/v1/problems/internal_error"
    }
    "#);
}
