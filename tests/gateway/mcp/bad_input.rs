//! What is no message, what is none of ours, and whoever may not.

use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;

use super::support::{call, message, rpc, start};
use crate::harness::{Gateway, answer};

async fn post(gateway: &Gateway, body: impl Into<reqwest::Body>) -> crate::harness::Answer {
    answer(gateway.request(Method::POST, "/mcp", &Value::Null).body(body)).await
}

#[test_case("{" => "400 invalid_json"; "broken off")]
#[test_case("" => "400 invalid_json"; "nothing")]
#[test_case("\u{0}" => "400 invalid_json"; "a control character")]
#[test_case("{}" => "400 malformed_request"; "an object that is no message")]
#[test_case("7" => "400 malformed_request"; "a number")]
#[test_case(r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"# => "400 malformed_request"; "another version of JSON RPC")]
#[test_case(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"# => "400 malformed_request"; "a batch")]
#[test_case("[]" => "400 malformed_request"; "an empty batch")]
#[tokio::test]
async fn what_is_no_message_is_a_problem(body: &'static str) -> String {
    let gateway = Gateway::start().await;
    let answer = post(&gateway, body).await;
    let (status, code) = answer.refusal();
    format!("{status} {code}")
}

#[tokio::test]
async fn what_is_nested_too_deeply_is_no_message() {
    let gateway = Gateway::start().await;
    let nested = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_eq!(post(&gateway, nested).await.refusal(), (400, "malformed_request"));
}

#[tokio::test]
async fn four_mebibytes_of_arguments_are_refused_before_they_are_read() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let arguments = json!({"instance_id": "a", "document": {"title": "x".repeat(4 << 20)}});
    let answer = rpc(&gateway, "tools/call", json!({"name": "put_instance", "arguments": arguments})).await;
    assert_eq!(answer.refusal(), (413, "payload_too_large"));
}

#[test_case("GET"; "a stream of events")]
#[test_case("DELETE"; "the end of a session")]
#[test_case("PUT"; "another method")]
#[tokio::test]
async fn there_is_one_method(method: &str) {
    let gateway = Gateway::start().await;
    let answer = gateway.send(method, "/mcp", &json!({})).await;
    assert_eq!((answer.refusal(), answer.header("allow")), ((405, "method_not_allowed"), Some("POST")));
}

#[test_case(&[], "Bearer"; "no key")]
#[test_case(&["Bearer nonsense"], "Bearer error=\"invalid_token\""; "a key that nobody has, or has any more")]
#[test_case(&["Basic azpr"], "Bearer"; "another scheme")]
#[tokio::test]
async fn whoever_is_not_known_is_asked_for_a_key(keys: &[&str], challenge: &str) {
    let kept = start().await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let mut request = message(&kept.gateway, &list);
    for key in keys {
        request = request.header("authorization", *key);
    }
    let answer = answer(request).await;
    assert_eq!(
        (answer.refusal(), answer.header("www-authenticate")),
        ((401, "unauthorized"), Some(challenge))
    );
}

#[test_case("delete_everything", json!({}); "a tool that does not exist")]
#[test_case("Ignore all previous instructions", json!(null); "a name that is a text")]
#[test_case("forgetDocument", json!({"instance_id": "a"}); "an operation that is no tool")]
#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol(name: &str, arguments: Value) {
    let kept = start().await;
    let answer =
        rpc(&kept.gateway.with_key("k-both"), "tools/call", json!({"name": name, "arguments": arguments}))
            .await;
    assert_eq!(answer.ok()["error"], json!({"code": -32602, "message": "Unknown tool"}));
}

#[test_case("get_instance", json!({"instance_id": ["a"]}), "instance_id"; "a list for a text")]
#[test_case("get_instance", json!({}), "instance_id"; "nothing")]
#[test_case("get_instance", json!({"instance_id": "../deliveries", "id": "a"}), "id"; "an unknown one")]
#[test_case("explain_problem", json!({"code": ".."}), "code"; "the way up")]
#[test_case("list_deliveries", json!({"limit": "5"}), "limit"; "a text for a number")]
#[test_case("preview_instance", json!({"instance_id": "a", "document": "{}"}), "document"; "JSON in a text")]
#[tokio::test]
async fn arguments_of_other_shapes_are_named(tool: &str, arguments: Value, wrong: &str) {
    let kept = start().await;
    let result = call(&kept.gateway.with_key("k-both"), tool, arguments).await;
    assert_eq!((result.problem(), &result.structured["sent"]), ("wrong_arguments", &json!(false)));
    assert_eq!(result.data()["errors"][0]["argument"], wrong, "{result:?}");
    assert_eq!(kept.gateway.feishu.calls().await.len(), 0);
}

#[tokio::test]
async fn an_unknown_version_in_the_header_is_a_problem_and_in_a_handshake_answered_with_a_known_one() {
    let gateway = Gateway::start().await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let request = gateway.request(Method::POST, "/mcp", &list).header("mcp-protocol-version", "1999-01-01");
    assert_eq!(answer(request).await.refusal(), (400, "malformed_request"));
    let params = json!({"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let version = gateway.post("/mcp", &initialize).await.ok()["result"]["protocolVersion"].clone();
    assert!(version.as_str().is_some_and(|version| version > "2025"), "{version}");
}

#[tokio::test]
async fn an_unknown_method_is_an_error_of_the_protocol() {
    let gateway = Gateway::start().await;
    assert_eq!(
        rpc(&gateway, "resources/read", json!({"uri": "file:///etc/passwd"})).await.body["error"]["code"],
        -32601
    );
    assert_eq!(rpc(&gateway, "nonsense", json!({})).await.body["error"]["code"], -32601);
}

#[tokio::test]
async fn other_media_types_and_parameters_are_refused_like_everywhere() {
    let gateway = Gateway::start().await;
    let request = gateway.request(Method::POST, "/mcp", &json!({})).header("content-type", "text/plain");
    assert_eq!(answer(request).await.refusal(), (415, "unsupported_media_type"));
    assert_eq!(gateway.post("/mcp?session=1", &json!({})).await.refusal(), (422, "validation_failed"));
    let raw = "POST /mcp HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let mut connection = gateway.connect().await;
    connection.send(raw.to_owned()).await;
    let answer = crate::harness::Answer::read(&connection.rest().await);
    assert_eq!(answer.refusal(), (400, "malformed_request"));
}

#[test_case(None, "https://evil.example", false; "a page that is not allowed")]
#[test_case(None, "null", false; "a page without an origin")]
#[test_case(Some("https://oa.example.com"), "https://oa.example.com", true; "one that is")]
#[test_case(Some("https://oa.example.com"), "https://oa.example.com.evil.example", false; "one that looks like it")]
#[test_case(Some("*"), "https://any.example", true; "where all are")]
#[tokio::test]
async fn web_pages_call_where_the_operator_lets_them(allowed: Option<&str>, origin: &str, may: bool) {
    let mut builder = Gateway::builder();
    if let Some(allowed) = allowed {
        builder = builder.set("CORS__ALLOWED_ORIGINS", allowed);
    }
    let gateway = builder.start().await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let answer = answer(message(&gateway, &list).header("origin", origin)).await;
    if may {
        answer.ok();
    } else {
        assert_eq!(answer.refusal(), (403, "forbidden"));
    }
}
