//! The approval centre in a browser: its files, the persons that it shows, and how it hears of changes.

use std::time::Duration;

use approval_gateway::sandbox::{Options, Sandbox};
use approval_gateway::support::clock::Clock;
use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use test_case::test_case;
use tokio_util::sync::CancellationToken;

use super::support::{START, TestSandbox, instance, with};
use crate::harness::{FOR_EVER, Gateway, client, exchange, serve};

#[test_case("/sandbox/", "text/html; charset=utf-8"; "the page")]
#[test_case("/sandbox/page.js", "text/javascript"; "its program")]
#[test_case("/sandbox/page.css", "text/css"; "its styles")]
#[test_case("/sandbox/icon.svg", "image/svg+xml"; "its icon")]
#[tokio::test]
async fn files_of_the_page_may_run_nothing_from_elsewhere(path: &str, content_type: &str) {
    let sandbox = TestSandbox::new();
    let reply = sandbox.call("GET", path, Value::Null).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some(content_type)));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(reply.header("x-frame-options"), Some("DENY"));
    assert_eq!(reply.header("content-encoding"), None);
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!reply.text.is_empty());

    let tag = reply.header("etag").unwrap();
    let again = Request::get(path).header("accept-encoding", "gzip");
    let packed = sandbox.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    assert_eq!((packed.header("vary"), packed.header("etag")), (Some("accept-encoding"), Some(tag)));
    let again = Request::get(path).header("if-none-match", tag);
    let known = sandbox.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
}

#[tokio::test]
async fn the_page_is_found_without_its_slash() {
    let reply = TestSandbox::new().call("GET", "/sandbox", Value::Null).await;
    assert_eq!((reply.status, reply.header("location")), (308, Some("sandbox/")));
}

#[test_case("/sandbox"; "the address")]
#[test_case("/sandbox/"; "the page")]
#[test_case("/sandbox/page.js"; "its program")]
#[test_case("/sandbox/changes"; "its stream")]
#[test_case("/sandbox/persons"; "its persons")]
#[tokio::test]
async fn a_gateway_before_the_real_feishu_has_no_such_page(path: &str) {
    let gateway = Gateway::start().await;
    let answer = exchange(gateway.address, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn persons_have_the_lengths_of_their_lists() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let persons = sandbox.look("persons").await;
    let of = |id: &str| persons["persons"].as_array().unwrap().iter().find(|person| person["id"] == id);
    assert_eq!(
        of("approver"),
        Some(&json!({"id": "approver", "todo": 1, "done": 0, "initiated": 0, "cc": 0, "messages": 0}))
    );
    assert_eq!(of("initiator").unwrap()["initiated"], 1);
    assert_eq!(of("reader").unwrap()["cc"], 1);
    assert_eq!(persons["persons"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_person_is_called_by_the_name_that_an_instance_gives() {
    let sandbox = TestSandbox::new();
    sandbox.push(with(instance(), &[("/user_name", json!("@i18n@title"))])).await;
    let named = sandbox.look("persons?locale=en-US").await;
    let names: Vec<_> = named["persons"].as_array().unwrap().iter().map(|person| &person["name"]).collect();
    assert!(names.contains(&&json!("Trip to Chengdu")), "{named}");
}

#[tokio::test]
async fn whoever_has_got_a_message_is_a_person() {
    let sandbox = TestSandbox::new();
    sandbox.ask("POST", super::messages::SEND, super::messages::card()).await.data();
    let persons = sandbox.look("persons").await;
    assert_eq!(
        (&persons["persons"][0]["id"], &persons["persons"][0]["messages"]),
        (&json!("approver"), &json!(1))
    );
}

#[tokio::test]
async fn the_page_knows_the_console_only_where_there_is_one() {
    assert_eq!(TestSandbox::new().look("links").await, json!({}));
    let origin = serve(TestSandbox::new().sandbox.control_router(Some("/console/"))).await;
    let links = client().get(format!("{origin}/sandbox/links")).send().await.unwrap().text().await.unwrap();
    assert_eq!(links, "{\"console\":\"/console/\"}\n");
}

#[tokio::test]
async fn nobody_is_listed_who_sees_nothing() {
    let sandbox = TestSandbox::new();
    sandbox.push(with(instance(), &[("/status", json!("HIDDEN"))])).await;
    assert_eq!(sandbox.look("persons").await, json!({"persons": []}));
}

#[tokio::test]
async fn the_lists_of_an_inbox_can_be_cut_short() {
    let sandbox = TestSandbox::new();
    for id in ["a", "b", "c"] {
        let ids = [("/instance_id", json!(id)), ("/task_list/0/task_id", json!(format!("{id}-task")))];
        sandbox.push(with(instance(), &ids)).await;
    }
    assert_eq!(sandbox.look("inbox/approver?limit=2").await["todo"].as_array().unwrap().len(), 2);
    assert_eq!(sandbox.look("inbox/approver").await["todo"].as_array().unwrap().len(), 3);
}

/// The next event of a stream, without the comments that keep it alive; nothing at its end.
async fn event(
    answer: &mut (impl futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin),
) -> Option<String> {
    let next = tokio::time::timeout(FOR_EVER, answer.next()).await.unwrap()?;
    Some(String::from_utf8(next.unwrap().to_vec()).unwrap())
}

async fn listen(sandbox: &TestSandbox) -> reqwest::Response {
    let url = format!("{}/sandbox/changes", sandbox.served().await.origin);
    client().get(url).send().await.unwrap()
}

#[tokio::test]
async fn a_push_and_a_reset_are_told_to_whoever_listens() {
    let sandbox = TestSandbox::new();
    let answer = listen(&sandbox).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.bytes_stream();
    assert_eq!(event(&mut events).await.unwrap(), "event: change\ndata: 0\n\n");
    sandbox.push(instance()).await;
    assert_eq!(event(&mut events).await.unwrap(), "event: change\ndata: 1\n\n");
    sandbox.call("POST", "/sandbox/reset", Value::Null).await;
    assert_eq!(event(&mut events).await.unwrap(), "event: change\ndata: 2\n\n");
}

#[tokio::test]
async fn only_so_many_listen_and_one_who_leaves_makes_room() {
    let sandbox = TestSandbox::new();
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(listen(&sandbox).await);
    }
    assert_eq!(open.iter().filter(|answer| answer.status() == 200).count(), 32);
    let refused = listen(&sandbox).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["content-type"]),
        (503, &"application/problem+json".parse().unwrap())
    );
    drop(open);
    let polling = async {
        while listen(&sandbox).await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(FOR_EVER, polling).await.unwrap();
}

#[tokio::test]
async fn a_stream_ends_when_the_gateway_stops() {
    let stop = CancellationToken::new();
    let options = Options { clock: Clock::manual(START), stop: stop.clone(), ..Options::default() };
    let sandbox = TestSandbox::serving(Sandbox::new(options), Clock::manual(START));
    let mut events = listen(&sandbox).await.bytes_stream();
    event(&mut events).await.unwrap();
    stop.cancel();
    assert_eq!(event(&mut events).await, None);
}
