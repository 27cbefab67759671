//! Calls of tools.

use reqwest::Method;
use serde_json::{Value, json};

use crate::durable::support::Kept;
use crate::harness::{Answer, Gateway, answer};

/// A gateway with a ledger and callers with all combinations of scopes that matter here; writes are allowed.
pub(super) async fn start() -> Kept {
    Kept::with(|builder| {
        builder
            .set("MCP__ALLOW_WRITES", true)
            .key("k-both", "scope=read,write")
            .key("k-other", "scope=read,write")
            .key("k-read", "scope=read")
            .key("k-write", "scope=write")
            .key("k-operate", "scope=operate")
    })
    .await
}

/// A message of MCP as it stands.
pub(super) fn message(gateway: &Gateway, message: &Value) -> reqwest::RequestBuilder {
    gateway.request(Method::POST, "/mcp", message).header("mcp-protocol-version", "2025-11-25")
}

/// What a method answers.
pub(super) async fn rpc(gateway: &Gateway, method: &str, params: Value) -> Answer {
    let request = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    answer(message(gateway, &request)).await
}

/// The names of the tools that a caller finds.
pub(super) async fn tools(gateway: &Gateway) -> Vec<String> {
    let listed = rpc(gateway, "tools/list", json!({})).await.ok();
    let tools = listed["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// What a tool answered.
#[derive(Debug)]
pub(super) struct Result {
    pub(super) is_error: bool,
    /// The structured content.
    pub(super) structured: Value,
    pub(super) text: String,
}

impl Result {
    /// Reads the result of a call.
    pub(super) fn of(mut result: Value) -> Self {
        let [content] = result["content"].as_array().unwrap().as_slice() else { panic!("{result}") };
        Self {
            is_error: result["isError"].as_bool().unwrap(),
            text: content["text"].as_str().unwrap().to_owned(),
            structured: result["structuredContent"].take(),
        }
    }

    /// What others have written.
    pub(super) fn data(&self) -> &Value {
        &self.structured["untrusted_data"]
    }

    /// The word for what went wrong; checks that nothing went well.
    pub(super) fn problem(&self) -> &str {
        assert!(self.is_error, "{self:?}");
        self.structured["problem"].as_str().unwrap()
    }

    /// The digest of a first call.
    pub(super) fn digest(&self) -> &str {
        assert_eq!(self.structured["sent"], false, "{self:?}");
        self.structured["digest"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }
}

/// Calls a tool.
pub(super) async fn call(gateway: &Gateway, tool: &str, arguments: Value) -> Result {
    let answered = rpc(gateway, "tools/call", json!({"name": tool, "arguments": arguments})).await.ok();
    Result::of(answered["result"].clone())
}

/// Pushes of a document that Feishu has seen.
pub(super) async fn pushes(kept: &Kept) -> u64 {
    kept.gateway.feishu.count("external_instances").await
}
