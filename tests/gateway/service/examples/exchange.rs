//! Has an exchange as a file describes it.

use std::sync::LazyLock;

use approval_gateway::http::openapi::{Version, value};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::masks::{REQUEST_ID, masked};
use super::stages::{SendBody, Stage};

/// What has to have happened: other exchanges, and what the sandbox is told.
pub(super) async fn prepare(stage: &Stage, before: &Value) {
    for step in before.as_array().into_iter().flatten() {
        if let Some(name) = step["exchange"].as_str() {
            let (operation, title) = name.split_once('/').unwrap();
            let mut request = super::read(operation)[title]["request"].take().to_string();
            for (text, other) in step["with"].as_object().into_iter().flatten() {
                request = request.replace(text, other.as_str().unwrap());
            }
            let answer = send(stage, operation, &serde_json::from_str(&request).unwrap()).await;
            let is_refused = step["refused"].as_bool().unwrap_or(false);
            assert_eq!(answer["status"].as_u64().is_some_and(|status| status >= 300), is_refused, "{answer}");
        } else {
            let (method, path) = step["control"].as_str().unwrap().split_once(' ').unwrap();
            let answer = stage.gateway.feishu.control(method, path, step["body"].clone()).await;
            assert!(answer.0 < 300, "{answer:?}");
        }
    }
}

/// Sends the request and answers what came back, without what differs from one run to the next.
pub(super) async fn exchange(stage: &Stage, operation: &str, request: &Value) -> Value {
    masked(send(stage, operation, request).await)
}

async fn send(stage: &Stage, operation: &str, request: &Value) -> Value {
    let method = request["method"].as_str().unwrap_or_else(|| method_of(operation));
    let path = stage.actual(request["path"].as_str().unwrap());
    let mut sending =
        stage.request(method.parse::<Method>().unwrap(), &path).header("x-request-id", REQUEST_ID);
    let headers = request["headers"].as_object();
    let has_type = headers.is_some_and(|headers| headers.contains_key("content-type"));
    for (name, value) in headers.into_iter().flatten() {
        sending = sending.header(name, value.as_str().unwrap());
    }
    let text = request["text"].as_str().map(str::to_owned);
    if let Some(body) = text.or_else(|| request.get("body").map(Value::to_string)) {
        if !has_type {
            sending = sending.header("content-type", "application/json");
        }
        sending = sending.written(stage, body);
    }
    let response = sending.send().await.unwrap();
    let mut answer = Map::from_iter([("status".to_owned(), response.status().as_u16().into())]);
    let told =
        ["allow", "etag", "location", "preference-applied", "retry-after", "www-authenticate"].into_iter();
    let told: Map<_, _> = told
        .filter_map(|name| Some((name.to_owned(), response.headers().get(name)?.to_str().unwrap().into())))
        .collect();
    if !told.is_empty() {
        answer.insert("headers".to_owned(), told.into());
    }
    let Some(content_type) = response.headers().get("content-type") else { return json!(answer) };
    let is_stream = content_type == "application/x-ndjson";
    let text = stage.documented(&response.text().await.unwrap());
    if is_stream {
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        answer.insert("lines".to_owned(), lines.into());
    } else {
        answer.insert("body".to_owned(), serde_json::from_str(&text).unwrap());
    }
    json!(answer)
}

fn method_of(operation: &str) -> &'static str {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| value(Version::V3_1));
    let mut methods =
        DOCUMENT["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
    match methods.find(|(_, described)| described["operationId"] == operation).unwrap().0.as_str() {
        "put" => "PUT",
        "post" => "POST",
        "patch" => "PATCH",
        "delete" => "DELETE",
        _ => "GET",
    }
}
