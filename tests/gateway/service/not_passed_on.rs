//! What callers send for themselves and for the gateway stays here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::{Json, Router};
use serde_json::json;

use crate::harness::documents::instance;
use crate::harness::{Gateway, serve};

#[tokio::test]
async fn feishu_gets_the_headers_of_the_contract_and_none_of_the_callers() {
    let names = Arc::<Mutex<BTreeSet<String>>>::default();
    let seen = Arc::clone(&names);
    // Success to whoever asks, with a token for those who want one.
    let upstream = Router::new().fallback(move |request: Request| {
        seen.lock().unwrap().extend(request.headers().keys().map(ToString::to_string));
        async { Json(json!({"code": 0, "tenant_access_token": "t-1", "expire": 7200, "data": {}})) }
    });
    let upstream = serve(upstream).await;
    let gateway = Gateway::builder().upstream(upstream).start().await;
    let request = gateway
        .request(reqwest::Method::PUT, "/v1/instances/a", &instance("a"))
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("tracestate", "vendor=1")
        .header("baggage", "user=alice")
        .header("x-request-id", "r-1")
        .header("cookie", "session=1");
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    let names: Vec<_> = names.lock().unwrap().iter().cloned().collect();
    let of_the_contract = ["authorization", "content-length", "content-type", "host", "user-agent"];
    let of_the_client = ["accept", "accept-encoding"];
    assert_eq!(names, [&of_the_client[..], &of_the_contract[..]].concat());
}
