//! What whoever tapped is told of the target's answer.

use std::time::Instant;

use approval_gateway::callbacks::CallbackSettings;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::support::{LIMIT, Reply, Site, list, task};
use crate::durable::support::Store;
use crate::harness::Builder;

/// The message that is shown after this answer of the target, with the status.
async fn shown(site: &Site, reply: Reply) -> (u16, String) {
    site.target.reply(reply);
    let (status, answer) = site.send(&list("i", "t")).await;
    assert_eq!(answer["without_prefix"], json!(true), "{answer}");
    (status, answer["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_targets_words() {
    let site = Site::start().await;
    let json = |status, body: Value| Reply::Json(status, body);
    let words = "预算不足";
    assert_eq!(shown(&site, json(422, json!({ "message": words }))).await, (409, words.to_owned()));
    assert_eq!(shown(&site, json(500, json!({ "detail": words }))).await, (409, words.to_owned()));
    let long = shown(&site, json(400, json!({ "message": format!("a\n{}", "b".repeat(5_000)) }))).await.1;
    assert!(long.starts_with("a bbb") && long.chars().count() == 500, "{long}");
    for (status, body) in [(403, json!("no")), (404, json!({"message": 7})), (502, json!({"message": " "}))] {
        let (answered, message) = shown(&site, json(status, body)).await;
        assert!(answered == 409 && message.contains(&format!("HTTP {status}")), "{message}");
    }
}

#[tokio::test]
async fn any_success_is_one() {
    let site = Site::start().await;
    for (n, status) in [200, 201, 202, 204].into_iter().enumerate() {
        site.target.reply(Reply::Json(status, json!({"code": 1, "message": "not read"})));
        let answer = site.send(&list("i", &format!("t{n}"))).await;
        assert_eq!(answer, (200, json!({"code": 0, "msg": "success"})), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let site = Site::start().await;
    assert_eq!(shown(&site, Reply::Redirect("/elsewhere".to_owned())).await.0, 503);
    assert_eq!(site.target.heard().len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_read_only_as_far_as_needed() {
    let site = Site::start().await;
    assert!(shown(&site, Reply::Endless(409)).await.1.contains("HTTP 409"));
    site.target.reply(Reply::Endless(200));
    assert_eq!(site.send(&list("i", "t")).await.0, 200);
}

#[tokio::test]
async fn a_target_that_hangs_is_given_up_in_time() {
    let site = Site::with(|settings| settings, |builder| builder.set("FEISHU__REGION", "lark")).await;
    let begun = Instant::now();
    let (status, message) = shown(&site, Reply::Later(200, json!({}))).await;
    assert!(status == 503 && message.contains("in time"), "{message}");
    assert!(begun.elapsed() < LIMIT, "Lark waits five seconds");
}

/// A gateway whose callbacks go to this target.
async fn site_with(target: &str) -> Site {
    let target = target.parse().unwrap();
    Site::with(|settings| CallbackSettings { target, ..settings }, |builder| builder).await
}

/// Status and message after a tap, and that it counts as not relayed.
async fn unreachable(site: &Site) -> (u16, String) {
    let (status, answer) = site.send(&list("i", "t")).await;
    let metrics = site.kept.gateway.get("/metrics").await.text;
    let counted = "gateway_callbacks_total{app=\"default\",outcome=\"unreachable\"} 1";
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");
    (status, answer["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_target_that_is_not_there_cannot_be_reached() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for target in [format!("http://{address}/"), "http://nothing.invalid/".to_owned()] {
        let (status, message) = unreachable(&site_with(&target).await).await;
        assert!(status == 503 && message.contains("cannot be reached"), "{target}: {message}");
    }
}

#[tokio::test]
async fn a_ledger_that_stalls_after_the_target_has_answered_holds_up_no_answer() {
    let kept = |builder: Builder| builder.set("FEISHU__REGION", "lark");
    let site = Site::on(Store::Sqlite, |settings| settings, kept).await;
    site.push("i1", task("i1-1")).await;
    site.target.reply(Reply::Later(200, json!({})));
    let body = list("i1", "i1-1");
    let stall = async {
        site.target.until_heard(1).await;
        let other = rusqlite::Connection::open(site.kept.path()).unwrap();
        other.execute_batch("begin immediate").unwrap();
        site.target.release();
        other
    };
    let (answer, stalling) = tokio::join!(site.send(&body), stall);
    assert_eq!(answer, (200, json!({"code": 0, "msg": "success"})));
    assert!(!site.kept.history("i1").await.contains(&"action 1".to_owned()));
    drop(stalling);
    site.kept.until_history("i1", "action 1").await;
}

#[tokio::test]
async fn what_may_have_arrived_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        first.readable().await.unwrap();
        first.shutdown().await.unwrap();
        drop(first);
        listener
    });
    assert_eq!(unreachable(&site_with(&format!("http://{address}/")).await).await.0, 503);
    use futures_util::FutureExt as _;
    assert!(accepted.await.unwrap().accept().now_or_never().is_none(), "it was sent twice");
}
