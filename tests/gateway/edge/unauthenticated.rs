//! Connections of clients that have shown no key.

use futures_util::FutureExt as _;
use reqwest::header::AUTHORIZATION;

use crate::edge::support::within;
use crate::harness::{Gateway, client_builder};

const KEY: &str = "correct-horse";

/// More than are served at once while no caller of the connection is known, and fewer than there are streams.
const MANY: usize = 20;

/// One HTTP/2 connection whose client takes almost nothing of any answer.
async fn unread() -> (Gateway, reqwest::Client) {
    let gateway = Gateway::builder().set("AUTH__ALLOW_ANONYMOUS", false).key(KEY, "").start().await;
    let client =
        client_builder().http2_prior_knowledge().http2_initial_stream_window_size(1).build().unwrap();
    client.get(format!("{}/livez", gateway.origin())).send().await.unwrap().bytes().await.unwrap();
    (gateway, client)
}

#[tokio::test]
async fn few_unread_answers_are_held_for_a_connection_whose_callers_are_unknown() {
    let (gateway, client) = unread().await;
    few_are_served(&gateway, &client).await;
}

async fn few_are_served(gateway: &Gateway, client: &reqwest::Client) {
    let url = format!("{}/openapi.json", gateway.origin());
    let mut unread = Vec::new();
    for _ in 0..8 {
        unread.push(within(client.get(&url).send()).await.unwrap());
    }
    let mut next = Box::pin(client.get(&url).send());
    assert!((&mut next).now_or_never().is_none());
    // Another connection is served meanwhile, and so would this one be if it were.
    for _ in 0..3 {
        assert_eq!(gateway.get("/openapi.json").await.status, 200);
    }
    assert!((&mut next).now_or_never().is_none(), "a ninth request was served");
    drop(unread.pop());
    assert_eq!(within(next).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_connection_with_an_accepted_key_has_all_its_streams() {
    let (gateway, client) = unread().await;
    let authenticated = client.get(format!("{}/v1/definitions/none", gateway.origin()));
    let answer = authenticated.header(AUTHORIZATION, format!("Bearer {KEY}")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let mut unread = Vec::new();
    for _ in 0..MANY {
        let request = client.get(format!("{}/openapi.json", gateway.origin()));
        unread.push(within(request.send()).await.unwrap());
    }
}

#[tokio::test]
async fn a_wrong_key_is_no_accepted_one() {
    let (gateway, client) = unread().await;
    let refused = client.get(format!("{}/v1/definitions/none", gateway.origin()));
    let answer = refused.header(AUTHORIZATION, "Bearer wrong").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    drop(answer);
    few_are_served(&gateway, &client).await;
}
