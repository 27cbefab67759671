//! `approval-gateway mcp`, as clients start it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use serde_json::{Value, json};

use super::support::{Result, pushes, start};
use crate::harness::documents::instance;
use crate::harness::{Gateway, serve};

/// The command, and what it is connected with.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn spawn(gateway: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_approval-gateway"));
        command.env_clear().args(["mcp", "--gateway", gateway]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// With its handshake done.
    fn start(gateway: &str, arguments: &[&str]) -> Self {
        let mut server = Self::spawn(gateway, arguments);
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
        let hello = server.ask("initialize", &params);
        assert_eq!(hello["result"]["serverInfo"]["name"], "approval-gateway", "{hello}");
        server.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        server
    }

    fn write(&mut self, line: &str) {
        self.input.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The next message.
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?} is no message"))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.write(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string());
        self.read()
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result {
        Result::of(self.ask("tools/call", &json!({"name": tool, "arguments": arguments}))["result"].clone())
    }

    /// Ends its input; its exit status, and what it wrote besides.
    fn end(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.output, &mut rest).unwrap();
        let output = self.child.wait_with_output().unwrap();
        (output.status.code(), rest + &String::from_utf8(output.stderr).unwrap())
    }
}

/// Talks to the command on a thread where waiting holds nobody up; `key` is that of its caller.
async fn talk<T: Send + 'static>(
    gateway: &Gateway,
    key: &str,
    arguments: &'static [&'static str],
    talk: impl FnOnce(&mut Server) -> T + Send + 'static,
) -> T {
    let (origin, key) = (gateway.origin(), key.to_owned());
    let talking = move || {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "{key}").unwrap();
        let key_file = ["--key-file", file.path().to_str().unwrap()];
        let mut server = Server::start(&origin, &[&key_file[..], arguments].concat());
        let talked = talk(&mut server);
        assert_eq!(server.end(), (Some(0), String::new()));
        talked
    };
    tokio::task::spawn_blocking(talking).await.unwrap()
}

fn names(listed: &Value) -> Vec<String> {
    let tools = listed["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_asks_through_the_command() {
    let kept = start().await;
    kept.gateway.with_key("k-both").put("a", "", &instance("a")).await.ok();
    let (listed, delivery, unknown, forbidden) = talk(&kept.gateway, "k-read", &[], |server| {
        let listed = server.ask("tools/list", &json!({}));
        let delivery = server.call("get_delivery", &json!({"instance_id": "a"}));
        let unknown = server.call("get_delivery", &json!({"instance_id": "b"}));
        let written = json!({"name": "put_instance", "arguments": {"instance_id": "a", "document": {}}});
        (listed, delivery, unknown, server.ask("tools/call", &written))
    })
    .await;
    assert_eq!(names(&listed).len(), 8);
    assert_eq!(delivery.data(), &kept.gateway.with_key("k-read").get("/v1/instances/a/delivery").await.ok());
    assert_eq!(unknown.problem(), "document_not_found");
    assert_eq!(forbidden["error"]["message"], "Unknown tool");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_two_calls_through_the_command_too() {
    let kept = start().await;
    let put = |digest: Option<&str>| json!({"instance_id": "a", "document": instance("a"), "digest": digest});
    let (first, second) = talk(&kept.gateway, "k-both", &["--allow-writes"], move |server| {
        assert_eq!(names(&server.ask("tools/list", &json!({}))).len(), 10);
        let refused = server.call("put_instance", &put(Some("new.1.00")));
        assert_eq!(refused.problem(), "wrong_digest");
        let first = server.call("put_instance", &put(None));
        let second = server.call("put_instance", &put(Some(first.digest())));
        (first, second)
    })
    .await;
    assert!(!second.is_error, "{second:?}");
    assert_eq!(kept.gateway.feishu.sent("external_instances").await, [first.data()["would_send"].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_the_scope_or_that_nobody_knows_writes_nothing() {
    let kept = start().await;
    for (key, problem) in [("k-read", "forbidden"), ("k-write", "forbidden"), ("nobody's", "unauthorized")] {
        let put = json!({"instance_id": "a", "document": instance("a")});
        let talked =
            talk(&kept.gateway, key, &["--allow-writes"], move |server| server.call("put_instance", &put));
        let first = talked.await;
        assert_eq!((first.problem(), &first.structured["sent"]), (problem, &json!(false)), "{key}");
        assert_eq!(pushes(&kept).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_asked_to_answer_before_the_command_gives_up() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let answer = move |headers: HeaderMap| async move {
        let told = headers["x-request-timeout-ms"].to_str().unwrap().parse().unwrap();
        noted.lock().unwrap().push(told);
        (StatusCode::GATEWAY_TIMEOUT, r#"{"code": "upstream_timeout"}"#)
    };
    let origin = serve(Router::new().fallback(answer)).await;
    let talking = move || {
        let mut server = Server::start(&origin, &[]);
        let result = server.call("get_instance", &json!({"instance_id": "a"}));
        assert_eq!(server.end().0, Some(0));
        result
    };
    let result = tokio::task::spawn_blocking(talking).await.unwrap();
    assert_eq!(result.problem(), "upstream_timeout");
    let asked: Vec<u64> = asked.lock().unwrap().clone();
    // Less than the minute after which most clients of MCP give up.
    assert!(matches!(asked[..], [1..60_000]), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_second_call_came_to_is_unknown_without_an_answer() {
    let too_much = || async { "x".repeat(2 << 20) };
    let nothing_kept = (StatusCode::NOT_FOUND, r#"{"code": "document_not_found"}"#);
    let gateway = Router::new()
        .route("/v1/caller", get(|| async { r#"{"scopes": ["read", "write"]}"# }))
        .route("/v1/instances/a/document", get(nothing_kept))
        .route("/v1/instances/a/preview", post("{}"))
        .route("/v1/instances/a", put(too_much));
    let origin = serve(gateway).await;
    let talking = move || {
        let mut server = Server::start(&origin, &["--allow-writes"]);
        let put = |digest: Option<&str>| json!({"instance_id": "a", "document": {}, "digest": digest});
        let first = server.call("put_instance", &put(None));
        let second = server.call("put_instance", &put(Some(first.digest())));
        assert_eq!(server.end().0, Some(0));
        second
    };
    let second = tokio::task::spawn_blocking(talking).await.unwrap();
    assert_eq!((second.problem(), &second.structured["sent"]), ("answer_too_large", &Value::Null));
    assert!(second.structured["hint"].as_str().unwrap().contains("get_delivery"), "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_on_its_input_does_not_end_it() {
    let kept = start().await;
    let result = talk(&kept.gateway, "k-both", &[], |server| {
        server.write("{");
        server.write("");
        server.write(r#"[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]"#);
        let batch = server.read();
        assert_eq!(batch["error"]["code"], -32600, "{batch}");
        let wrong = server.call("get_instance", &json!({"instance_id": 7}));
        assert_eq!(wrong.problem(), "wrong_arguments");
        let large = json!({"instance_id": "a", "document": {"title": "x".repeat(4 << 20)}});
        server.call("preview_instance", &large)
    })
    .await;
    assert_eq!(result.problem(), "payload_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_not_there_is_reported_by_each_call() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let talking = move || {
        let mut server = Server::start(&format!("http://{nobody}"), &[]);
        let result = server.call("get_instance", &json!({"instance_id": "a"}));
        assert_eq!(server.end().0, Some(0));
        result
    };
    let result = tokio::task::spawn_blocking(talking).await.unwrap();
    assert_eq!((result.problem(), &result.structured["sent"]), ("gateway_unreachable", &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_not_there_is_told_at_the_start() {
    let talking = || Server::spawn("http://127.0.0.1:1", &["--key-file", "/nowhere/key"]).end();
    let (code, written) = tokio::task::spawn_blocking(talking).await.unwrap();
    assert_eq!(code, Some(1));
    assert!(written.contains("/nowhere/key cannot be read"), "{written}");
}
