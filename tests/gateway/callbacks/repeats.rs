//! Taps that come twice.

use std::sync::Arc;

use approval_gateway::ledger::Ledger;
use serde_json::{Value, json};
use test_case::test_case;

use super::support::{PATH, Reply, Site, card, list, task, with};
use crate::harness::{Connection, Gateway};

#[tokio::test]
async fn an_action_that_succeeded_is_answered_alike_and_not_relayed_again() {
    let site = Site::start().await;
    site.push("i1", task("i1-1")).await;
    assert_eq!(site.send(&list("i1", "i1-1")).await.0, 200);
    // The target has done its work: the task is closed now.
    site.push("i1", with(task("i1-1"), json!({"status": "approved"}))).await;
    assert_eq!(site.send(&list("i1", "i1-1")).await.0, 200);
    assert_eq!(site.send(&card("context of i1-1")).await.0, 200, "from a card");
    assert_eq!(site.target.heard().len(), 1);
    let other = with(list("i1", "i1-1"), json!({"action_type": "REJECT"}));
    assert_eq!(site.send(&other).await.0, 409, "another action finds the task closed");
}

#[test_case(200 => 200; "that is a success")]
#[test_case(422 => 409; "that is a refusal")]
#[tokio::test]
async fn while_the_first_is_under_way_the_second_waits_for_its_answer(says: u16) -> u16 {
    let site = Site::start().await;
    site.target.reply(Reply::Later(says, json!({"message": "the first answer"})));
    let body = list("i1", "i1-1");
    let second = async {
        site.target.until_heard(1).await;
        let mut second = Connection::open(site.address()).await;
        let (text, length) = (body.to_string(), body.to_string().len());
        let head = format!("POST {PATH} HTTP/1.1\r\nHost: gateway\r\nContent-Length: {length}\r\n\r\n");
        second.send(head + &text).await;
        // It waits by the time that what came after it is answered.
        for _ in 0..10 {
            assert_eq!(site.get("/livez").await, 200);
        }
        site.target.release();
        second.answer().await
    };
    let (first, second) = tokio::join!(site.send(&body), second);
    let (head, answer) = second.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {} ", first.0)), "{head}");
    assert_eq!(serde_json::from_str::<Value>(answer).unwrap(), first.1);
    assert_eq!(site.target.heard().len(), 1);
    let message = (says != 200).then_some("the first answer");
    assert_eq!(first.1.get("message").and_then(Value::as_str), message);
    first.0
}

#[tokio::test]
async fn one_that_was_refused_or_not_relayed_may_be_tried_again() {
    let site = Site::start().await;
    site.target.reply(Reply::Json(422, json!({"message": "no"})));
    site.target.reply(Reply::Redirect("/".to_owned()));
    for expected in [409, 503, 200, 200] {
        assert_eq!(site.send(&list("i1", "i1-1")).await.0, expected);
    }
    let heard = site.target.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|one| one.header("webhook-id") == heard[0].header("webhook-id")));
}

#[tokio::test]
async fn what_succeeded_is_known_after_a_restart() {
    let first = Site::start().await;
    assert_eq!(first.send(&list("i1", "i1-1")).await.0, 200);
    let ledger = Arc::clone(&first.kept.ledger) as Arc<dyn Ledger>;
    let second = Site::with(|settings| settings, |builder| builder.ledger(ledger)).await;
    assert_eq!(second.send(&list("i1", "i1-1")).await.0, 200);
    assert_eq!(second.target.heard().len(), 0);
    second.kept.gateway.clock.advance(std::time::Duration::from_secs(601));
    first.kept.gateway.clock.advance(std::time::Duration::from_secs(601));
    assert_eq!(second.send(&list("i1", "i1-1")).await.0, 200);
    assert_eq!(second.target.heard().len(), 1, "after ten minutes it is new");
}

#[tokio::test]
async fn a_task_that_waits_again_begins_a_new_round() {
    let site = Site::start().await;
    site.push("i1", task("i1-1")).await;
    assert_eq!(site.send(&list("i1", "i1-1")).await.0, 200);
    site.push("i1", with(task("i1-1"), json!({"status": "approved"}))).await;
    site.push("i1", task("i1-1")).await;
    assert_eq!(site.send(&list("i1", "i1-1")).await.0, 200);
    let heard = site.target.heard();
    assert_eq!(heard.len(), 2);
    assert_ne!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
}

#[tokio::test]
async fn without_a_ledger_they_are_known_to_the_process() {
    let (target, settings) = super::support::target().await;
    let gateway = Gateway::builder().callbacks(settings).start().await;
    let send = async |body: serde_json::Value| {
        let url = format!("http://{}{PATH}", gateway.callbacks.unwrap());
        crate::harness::client().post(url).body(body.to_string()).send().await.unwrap().status().as_u16()
    };
    target.reply(Reply::Json(422, json!({})));
    for expected in [409, 200, 200] {
        assert_eq!(send(list("i1", "i1-1")).await, expected);
    }
    assert_eq!(target.heard().len(), 2);
    assert_eq!(
        send(with(list("i1", "i1-1"), json!({"user_id": "carol"}))).await,
        200,
        "nobody knows the assignee"
    );
    assert_eq!(target.heard().len(), 3);
}
