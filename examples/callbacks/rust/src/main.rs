//! Takes quick approvals from the gateway with the published library of Standard Webhooks.
//!
//! Usage: cargo run -- [gateway] [port]

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// Without one in the environment, the sandbox's.
const SANDBOX_SECRET: &str = "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldC0wMQ==";

#[derive(Clone)]
struct Handler {
    gateway: reqwest::Url,
    secret: String,
    http: reqwest::Client,
}

/// The members of the event that matter here.
#[derive(Deserialize)]
struct Action {
    action: String,
    instance_id: Option<String>,
    task_id: Option<String>,
}

/// What whoever tapped reads in Feishu.
fn refused(status: StatusCode, message: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "message": message })))
}

async fn decide(
    State(handler): State<Handler>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let is_signed =
        Webhook::new(&handler.secret).is_ok_and(|webhook| webhook.verify(&body, &headers).is_ok());
    if !is_signed {
        return refused(StatusCode::UNAUTHORIZED, "unauthorized");
    }
    let not_supported =
        || refused(StatusCode::UNPROCESSABLE_ENTITY, "此操作不受支持。This action is not supported.");
    let Ok(Action { action, instance_id: Some(instance_id), task_id: Some(task_id) }) =
        serde_json::from_slice(&body)
    else {
        return not_supported();
    };
    let status = match action.as_str() {
        "approve" => "approved",
        "reject" => "rejected",
        _ => return not_supported(),
    };
    let patch = json!({ "status": status, "tasks": { task_id: { "status": status } } });
    let mut url = handler.gateway;
    // An id may hold anything; as a segment it is percent-encoded.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "instances", &instance_id]);
    }
    let request = handler
        .http
        .patch(url)
        .header("content-type", "application/merge-patch+json")
        .body(patch.to_string());
    match request.send().await {
        Ok(pushed) if pushed.status().is_success() => (StatusCode::OK, Json(json!({}))),
        _ => refused(StatusCode::INTERNAL_SERVER_ERROR, "审批系统出错。The approval system failed."),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let gateway = arguments.next().as_deref().unwrap_or("http://127.0.0.1:8080").parse()?;
    let port = arguments.next().unwrap_or_else(|| "9000".to_owned());
    let secret = std::env::var("SIGNING_SECRET").unwrap_or_else(|_| SANDBOX_SECRET.to_owned());
    let handler = Handler { gateway, secret, http: reqwest::Client::new() };
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, Router::new().fallback(post(decide)).with_state(handler)).await?;
    Ok(())
}
