//! The pages behind `type`.

use approval_gateway::http::problem::Code;
use insta::assert_snapshot;

use crate::http_surface::support::App;

#[tokio::test]
async fn page_explains_a_code_in_both_languages() {
    assert_snapshot!(App::gateway().await.ask("GET", "/v1/problems/stale_update").await.show(), @r#"
    200 OK
    content-type: application/json

    {
      "code": "stale_update",
      "meaning": "This update carries an updated_at that is not later than one this gateway has sent for the same instance. Feishu would have ignored it silently, so nothing was sent.",
      "meaning_zh": "本次 update 的 updated_at 不晚于网关已为该实例发送过的版本。飞书会悄悄忽略它，所以没有发送。",
      "retryable": false,
      "status": 409,
      "title": "A newer version was sent already",
      "title_zh": "已经发送过更新的版本",
      "type": "/v1/problems/stale_update",
      "what_to_do": "If the newer push was yours, nothing is left to do. Else read the present state from your own system and push that. Do not move updated_at forward just to win.",
      "what_to_do_zh": "如果较新的推送是你发出的，则无需处理；否则请从自己的系统读取最新状态再推送。不要仅仅为了通过而把 updated_at 调后。"
    }
    "#);
}

#[tokio::test]
async fn unknown_code_is_answered_with_a_suggestion() {
    assert_snapshot!(App::gateway().await.ask("GET", "/v1/problems/stale_updates").await.show(), @r#"
    404 Not Found
    content-type: application/problem+json

    {
      "code": "not_found",
      "detail": "This gateway has no problem with that code.",
      "errors": [
        {
          "code": "unknown_problem_code",
          "detail": "this is no problem code of the gateway",
          "hint": "did you mean \"stale_update\"?",
          "in": "path",
          "pointer": "/code"
        }
      ],
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 404,
      "title": "Nothing is at this path",
      "type": "/v1/problems/not_found"
    }
    "#);
}

#[tokio::test]
async fn every_code_has_a_page_that_agrees_with_it() {
    let app = App::gateway().await;
    for code in Code::all() {
        let answer = app.ask("GET", &code.type_path()).await;
        let page = &answer.body;
        assert_eq!(
            (answer.status, &page["code"], &page["status"], &page["type"]),
            (200, &code.as_str().into(), &code.status().as_u16().into(), &code.type_path().into())
        );
    }
}
