//! One app's trouble is no other's.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use test_case::test_case;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::apps::gateway::{Gateway, MAX_BODY_BYTES};

#[tokio::test]
async fn an_app_whose_feishu_hangs_holds_up_nobody_else() {
    let gateway = Arc::new(Gateway::start().await);
    gateway.erp.fault(json!({"api": "any", "hang": true})).await;
    let hanging = {
        let gateway = Arc::clone(&gateway);
        tokio::spawn(async move { gateway.put("k-erp", "a").await })
    };
    gateway.erp.until_called("token", 1).await;
    // Even of the same instance: each app has lanes of its own.
    assert_eq!(gateway.put("k-default", "a").await.status, 200);
    assert!(!hanging.is_finished());
    gateway.erp.clear_faults().await;
    assert_eq!(hanging.await.unwrap().status, 200);
}

#[test_case(json!({"api": "external_instances", "times": 0, "http_status": 500, "body_raw": "-"}), "circuit_open"; "broken")]
#[test_case(json!({"api": "token", "times": 0, "code": 10014, "http_status": 200, "msg": "app secret invalid"}), "upstream_auth_failed"; "locked out")]
#[tokio::test]
async fn an_app_that_fails_leaves_the_others_alone(fault: serde_json::Value, code: &str) {
    let gateway = Gateway::start().await;
    gateway.erp.fault(fault).await;
    // More than a breaker needs to open.
    let ids: Vec<_> = (0..25).map(|number| number.to_string()).collect();
    join_all(ids.iter().map(|id| gateway.put("k-erp", id))).await;
    assert_eq!(gateway.put("k-erp", "a").await.code(), code);
    assert_eq!(gateway.put("k-default", "a").await.status, 200);
}

#[tokio::test]
async fn an_app_that_has_used_up_its_rate_leaves_the_others_theirs() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.put("k-default", "a").await.status, 200);
    let left = |answer: &crate::apps::gateway::Answer| {
        answer.headers.get("ratelimit").map(|value| value.to_str().unwrap().to_owned())
    };
    let request = gateway.send("k-default", "GET", "/v1/task-statuses?instance_id=a", &json!(null)).await;
    assert!(left(&request).unwrap().contains("r=0"), "{request:?}");
    // This app is not paced at all.
    for number in 0..5 {
        let answer = gateway.put("k-erp", &number.to_string()).await;
        assert_eq!((answer.status, left(&answer)), (200, None));
    }
}

/// A push that announces the largest body and sends none of it; answers whether its body is waited for.
async fn announce(gateway: &Gateway, key: &str) -> (TcpStream, bool) {
    let mut connection = TcpStream::connect(gateway.origin.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "PUT /v1/instances/large HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {MAX_BODY_BYTES}\r\nExpect: 100-continue\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; "HTTP/1.1 100".len()];
    connection.read_exact(&mut status).await.unwrap();
    (connection, &status == b"HTTP/1.1 100")
}

#[tokio::test]
async fn an_app_that_fills_its_room_leaves_the_others_theirs() {
    let gateway = Gateway::start().await;
    let (_full, accepted) = announce(&gateway, "k-erp").await;
    assert!(accepted);
    let refused = gateway.put("k-erp", "a").await;
    assert_eq!((refused.status, refused.code()), (503, "overloaded"));
    assert_eq!(gateway.put("k-default", "a").await.status, 200);
}
