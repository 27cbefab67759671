//! What comes in at the address for events: proved, read, and refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::net::SocketAddr;

use approval_gateway::ledger::AppTickets as _;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::support::{Delivered, KEY, PATH, TOKEN, event, kept, store_app};
use crate::callbacks::support::with;
use crate::durable::support::{Kept, Store};
use crate::harness::{APP_ID, Gateway};

/// The second in which the clocks of the tests stand still.
const NOW: &str = "1767323045.0000000";

async fn site() -> (Kept, SocketAddr) {
    let kept = kept(Store::Memory).await;
    let address = kept.gateway.callbacks.unwrap();
    (kept, address)
}

/// The ticket that is kept.
async fn ticket(kept: &Kept) -> Option<String> {
    let ticket = kept.memory.app_ticket(APP_ID).await.unwrap();
    ticket.map(|kept| kept.ticket.expose_secret().to_owned())
}

#[tokio::test]
async fn the_question_for_the_address_is_answered_with_what_it_asks() {
    let (_kept, address) = site().await;
    let question = json!({"challenge": "ajls384kdjx98XX", "token": TOKEN, "type": "url_verification"});
    let asked = Delivered::sealed(&question, KEY);
    let expected = (200, json!({"challenge": "ajls384kdjx98XX"}));
    assert_eq!(asked.to(address, PATH).await, expected);
    // Feishu's own libraries ask for no signature here.
    assert_eq!(asked.without("x-lark-signature").to(address, PATH).await, expected);
    let forged = with(question.clone(), json!({"token": "another"}));
    assert_eq!(Delivered::sealed(&forged, KEY).to(address, PATH).await.0, 401);
    assert_eq!(Delivered::plain(&question).to(address, PATH).await.0, 401);
}

#[tokio::test]
async fn a_ticket_that_is_not_proved_to_be_feishus_is_refused_alike() {
    let (kept, address) = site().await;
    let good = Delivered::sealed(&event("stolen", NOW), KEY);
    let forged = |members: Value| Delivered::sealed(&with(event("stolen", NOW), members), KEY);
    let mut answers = Vec::new();
    for (name, sent) in [
        ("plain where encrypted is required", Delivered::plain(&event("stolen", NOW))),
        ("another key", Delivered::sealed(&event("stolen", NOW), "another")),
        ("a wrong token", forged(json!({"token": "another"}))),
        ("no token", forged(json!({"token": null}))),
        ("the begin of the token", forged(json!({"token": &TOKEN[..9]}))),
        ("a token of another type", forged(json!({"token": [TOKEN]}))),
        ("no signature", good.clone().without("x-lark-signature")),
        ("no time of the signature", good.clone().without("x-lark-request-timestamp")),
        ("no nonce", good.clone().without("x-lark-request-nonce")),
        ("a signature of another time", good.clone().with("x-lark-request-timestamp", "1767323046")),
        ("a signature of another nonce", good.clone().with("x-lark-request-nonce", "n-2")),
        ("no hexadecimal signature", good.clone().with("x-lark-signature", "signed")),
        ("a signature of another body", Delivered { body: format!("{} ", good.body), ..good.clone() }),
        (
            "a ticket of another app",
            forged(json!({"event": {"app_id": "cli_other", "app_ticket": "stolen", "type": "app_ticket"}})),
        ),
    ] {
        let (status, answer) = sent.to(address, PATH).await;
        assert_eq!((status, ticket(&kept).await), (401, None), "{name}");
        answers.push(answer);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(good.to(address, PATH).await, (200, json!({"code": 0, "msg": "success"})));
    assert_eq!(ticket(&kept).await.as_deref(), Some("stolen"), "so it was refused for nothing else");
}

#[tokio::test]
async fn an_event_that_is_repeated_changes_nothing() {
    let (kept, address) = site().await;
    let first = Delivered::sealed(&event("first", "1767323044.5"), KEY);
    let second = Delivered::sealed(&event("second", "1767323044.6"), KEY);
    for sent in [&first, &first, &second, &second] {
        assert_eq!(sent.to(address, PATH).await.0, 200);
    }
    assert_eq!(first.to(address, PATH).await.0, 401, "an older one than the one that is kept");
    assert_eq!(ticket(&kept).await.as_deref(), Some("second"));
    let metrics = kept.gateway.get("/metrics").await.text;
    for counted in ["accepted\"} 2", "repeated\"} 2", "unauthorized\"} 1"] {
        let line = format!("gateway_pushed_events_total{{app=\"default\",outcome=\"{counted}");
        assert!(metrics.contains(&line), "{line}");
    }
}

#[tokio::test]
async fn without_a_ledger_an_older_ticket_is_refused_too() {
    let gateway = store_app(Gateway::builder()).start().await;
    let address = gateway.callbacks.unwrap();
    let newer = Delivered::sealed(&event("newer", "1767323044.6"), KEY);
    let older = Delivered::sealed(&event("older", "1767323044.5"), KEY);
    assert_eq!(newer.to(address, PATH).await.0, 200);
    assert_eq!(older.to(address, PATH).await.0, 401);
    assert_eq!(newer.to(address, PATH).await.0, 200, "it is the one that is kept");
}

#[tokio::test]
async fn a_time_that_lies_ahead_keeps_no_later_ticket_out() {
    let (kept, address) = site().await;
    let ahead = Delivered::sealed(&event("ahead", "4000000000.0"), KEY);
    assert_eq!(ahead.to(address, PATH).await.0, 200);
    assert_eq!(Delivered::sealed(&event("next", NOW), KEY).to(address, PATH).await.0, 200);
    assert_eq!(ticket(&kept).await.as_deref(), Some("next"));
}

#[tokio::test]
async fn what_is_no_ticket_is_none() {
    let (kept, address) = site().await;
    let of_ticket = |ticket: Value| {
        with(
            event("x", NOW),
            json!({"event": {"app_id": APP_ID, "app_ticket": ticket, "type": "app_ticket"}}),
        )
    };
    for (name, expected, body) in [
        ("an empty one", 400, of_ticket(json!(""))),
        ("one of another type", 400, of_ticket(json!({"a": 1}))),
        ("a long one", 400, of_ticket(json!("t".repeat(1_025)))),
        ("one with a line break", 400, of_ticket(json!("a\nb"))),
        ("no event", 200, with(event("x", NOW), json!({"event": null}))),
        (
            "another event",
            200,
            with(event("x", NOW), json!({"event": {"type": "app_open", "app_id": APP_ID}})),
        ),
        (
            "one of the second generation",
            200,
            json!({"schema": "2.0", "header": {"token": TOKEN, "event_type": "im.chat.updated_v1"}, "event": {}}),
        ),
    ] {
        let (status, answer) = Delivered::sealed(&body, KEY).to(address, PATH).await;
        assert_eq!((status, ticket(&kept).await), (expected, None), "{name}: {answer}");
    }
    let longest = of_ticket(json!("t".repeat(1_024)));
    assert_eq!(Delivered::sealed(&longest, KEY).to(address, PATH).await.0, 200);
}

#[tokio::test]
async fn only_small_bodies_for_store_apps_are_read() {
    let (_kept, address) = site().await;
    let good = Delivered::sealed(&event("t", NOW), KEY);
    assert_eq!(good.to(address, "/feishu/other/events").await.0, 404);
    assert_eq!(good.to(address, "/feishu/default/event").await.0, 404);
    let large = Delivered { body: " ".repeat((64 << 10) + 1), headers: Vec::new() };
    assert_eq!(large.to(address, PATH).await.0, 413);
    for body in ["", "[]", "{", "no JSON"] {
        let sent = Delivered { body: body.to_owned(), headers: Vec::new() };
        assert_eq!(sent.to(address, PATH).await.0, 400, "{body:?}");
    }
    let asked = crate::harness::client().get(format!("http://{address}{PATH}")).send().await.unwrap();
    assert_eq!((asked.status().as_u16(), &asked.headers()["allow"]), (405, &"POST".parse().unwrap()));
}
