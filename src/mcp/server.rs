//! The tools as a server of the Model Context Protocol, on any transport.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::calls::call;
use super::gateway::Gateway;
use super::results::NOTICE;
use super::tools::{TOOLS, Tool};
use crate::support::clock::Clock;

/// What a model is told of the server.
const INSTRUCTIONS: &str = "Shows approvals of the company's own systems in Feishu's approval centre. Writes take two calls: show the \
    person what the first answers before you make the second.";

/// The tools in front of a gateway.
#[derive(Debug)]
pub struct McpServer<G> {
    gateway: G,
    allow_writes: bool,
    clock: Clock,
}

impl<G: Gateway> McpServer<G> {
    /// With tools that write, where they are allowed.
    pub fn new(gateway: G, allow_writes: bool, clock: Clock) -> Self {
        Self { gateway, allow_writes, clock }
    }

    /// The tools that there are.
    fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        TOOLS.iter().filter(|tool| self.allow_writes || !tool.writes())
    }
}

impl<G: Gateway> ServerHandler for McpServer<G> {
    fn get_info(&self) -> ServerConfig {
        let version = env!("CARGO_PKG_VERSION");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("approval-gateway", version))
            .with_instructions(format!("{INSTRUCTIONS} {NOTICE}"))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools().map(Tool::described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = self.tools().find(|tool| tool.name == request.name);
        // The name is not repeated: who wrote it is unknown.
        let tool = tool.ok_or_else(|| ErrorData::invalid_params("Unknown tool", None))?;
        let outcome = call(&self.gateway, tool, request.arguments.unwrap_or_default(), &self.clock).await;
        Ok(CallToolResult::from(outcome).into())
    }
}
