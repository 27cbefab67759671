//! What is refused before anybody is asked.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::support::{KEY, PATH, Site, card, list, sealed, with};

/// A body that ends in its text, and so in no padding.
fn without_last_block(sealed: &str) -> String {
    let bytes = BASE64_STANDARD.decode(sealed).unwrap();
    BASE64_STANDARD.encode(&bytes[..bytes.len() - 16])
}

/// Sends each, and compares the status; nothing is relayed.
async fn refused(site: &Site, cases: Vec<(&str, u16, String)>) -> Vec<Value> {
    let mut answers = Vec::new();
    for (name, expected, body) in cases {
        let (status, answer) = site.send_to(PATH, body).await;
        assert_eq!(status, expected, "{name}: {answer}");
        answers.push(answer);
    }
    assert_eq!(site.target.heard().len(), 0);
    answers
}

#[tokio::test]
async fn what_is_not_proved_to_be_feishus_is_refused_alike() {
    let forged = |token: Value| with(list("i", "t"), json!({ "token": token })).to_string();
    let mut without = list("i", "t");
    without.as_object_mut().unwrap().remove("token");
    let plain = Site::start().await;
    let mut answers = refused(
        &plain,
        vec![
            ("a wrong token", 401, forged(json!("another"))),
            ("an empty token", 401, forged(json!(""))),
            ("no token", 401, without.to_string()),
            ("a token of another type", 401, forged(json!(["the-callback-token"]))),
            ("the token's begin", 401, forged(json!("the-callback-toke"))),
            (
                "encrypted without a key",
                401,
                json!({"encrypt": sealed(&card("c").to_string(), KEY)}).to_string(),
            ),
            ("both", 401, with(card("c"), json!({"encrypt": "x"})).to_string()),
        ],
    )
    .await;
    let sealed_as = |text: &str, key: &str| json!({"encrypt": sealed(text, key)}).to_string();
    let good = sealed(&card("c").to_string(), KEY);
    let encrypted = Site::encrypted().await;
    answers.extend(
        refused(
            &encrypted,
            vec![
                ("plain where encrypted is wanted", 401, card("c").to_string()),
                ("another key", 401, sealed_as(&card("c").to_string(), "another")),
                ("a wrong token inside", 401, sealed_as(&forged(json!("another")), KEY)),
                ("no JSON inside", 401, sealed_as("hello world", KEY)),
                ("a list inside", 401, sealed_as("[\"\",\"the-callback-token\"]", KEY)),
                ("nothing inside", 401, sealed_as("", KEY)),
                ("truncated base64", 401, json!({"encrypt": good[..good.len() - 3]}).to_string()),
                ("a part of a block", 401, json!({"encrypt": good[..good.len() - 4]}).to_string()),
                ("wrong padding", 401, json!({"encrypt": without_last_block(&good)}).to_string()),
                ("no base64", 401, json!({"encrypt": "§"}).to_string()),
                ("a number", 401, json!({"encrypt": 7}).to_string()),
                ("an empty text", 401, json!({"encrypt": ""}).to_string()),
            ],
        )
        .await,
    );
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn what_cannot_be_understood_is_malformed() {
    let site = Site::start().await;
    let without = |member: &str| {
        let mut body = list("i", "t");
        body.as_object_mut().unwrap().remove(member);
        body.to_string()
    };
    refused(
        &site,
        vec![
            ("nothing", 400, String::new()),
            ("no JSON", 400, "hello".to_owned()),
            ("half of an object", 400, card("c").to_string()[..40].to_owned()),
            ("a list", 400, "[]".to_owned()),
            ("nested without end", 400, format!("{{\"a\":{}", "[".repeat(60_000))),
            ("no person", 400, without("user_id")),
            ("no action", 400, without("action_type")),
            ("an action of another type", 400, with(card("c"), json!({"action_type": {}})).to_string()),
            ("attachments that are none", 400, with(card("c"), json!({"attachments": 7})).to_string()),
        ],
    )
    .await;
}

#[tokio::test]
async fn bodies_are_small() {
    let site = Site::start().await;
    let of = |bytes: usize| {
        let empty = with(list("i", "t"), json!({"reason": ""})).to_string().len();
        with(list("i", "t"), json!({"reason": "r".repeat(bytes - empty)})).to_string()
    };
    assert_eq!(site.send_to(PATH, of(65_537)).await.0, 413);
    assert_eq!(site.target.heard().len(), 0);
    assert_eq!(site.send_to(PATH, of(65_536)).await.0, 200);
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(" ".repeat(4_096)));
    let endless = futures_util::StreamExt::take(endless, 10_000);
    assert_eq!(site.send_to(PATH, reqwest::Body::wrap_stream(endless)).await.0, 413);
}

#[tokio::test]
async fn nothing_else_is_served() {
    let site = Site::start().await;
    let not_found = site.send_to("/", card("c").to_string()).await;
    assert_eq!((not_found.0, &not_found.1["message"]), (404, &json!("not found")));
    for path in [
        "/feishu/erp/approval-action",
        "/feishu/%2e%2e/approval-action",
        "/feishu/%ff/approval-action",
        "/v1/instances",
        "/metrics",
    ] {
        assert_eq!(site.send_to(path, card("c").to_string()).await, not_found, "{path}");
    }
    assert_eq!((site.get("/livez").await, site.get(PATH).await, site.get("/readyz").await), (200, 405, 404));
}
