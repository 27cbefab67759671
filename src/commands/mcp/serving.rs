//! Serves the tools on standard input and output, in front of a running gateway.

use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use rmcp::ServiceExt as _;
use rmcp::transport::stdio;

use crate::cli::McpArgs;
use crate::commands::CommandResult;
use crate::commands::gateway::Gateway;
use crate::http::extract::TIMEOUT_HEADER_NAME;
use crate::http_client::{ReadError, read_whole};
use crate::mcp::{self, MOST_ANSWER_BYTES, McpServer, SendError};
use crate::support::clock::Clock;

/// The latest deadline that the gateway is asked to keep. Our choice: clients of MCP give up after a minute by default.
const DEADLINE: Duration = Duration::from_secs(50);

/// Time for an answer: what the gateway says at its deadline arrives, too.
const ANSWER_TIMEOUT: Duration = DEADLINE.saturating_add(Duration::from_secs(5));

const NO_HANDSHAKE: &str = "standard input ended, or brought something else, before the handshake of MCP; clients start this command \
and write to it";

pub(in crate::commands) fn run(args: &McpArgs) -> CommandResult {
    let gateway = Remote(Gateway::new(&args.gateway, args.key_file.as_deref())?);
    let server = McpServer::new(gateway, args.allow_writes, Clock::System);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let served: CommandResult = runtime.block_on(async {
        // What the library says quotes the message.
        let served = server.serve(stdio()).await.map_err(|_| NO_HANDSHAKE)?;
        served.waiting().await?;
        Ok(())
    });
    // A read of standard input may never return.
    runtime.shutdown_background();
    served
}

/// A gateway over the network.
struct Remote(Gateway);

impl mcp::Gateway for Remote {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let Self(gateway) = self;
        let (head, body) = request.into_parts();
        let url = gateway.url(&head.uri.to_string()).map_err(|_| SendError::Unreachable)?;
        let request = gateway.client.request(head.method, url).headers(head.headers).body(body);
        let request = request.header(TIMEOUT_HEADER_NAME, DEADLINE.as_millis().to_string());
        let answer = gateway.signed(request).timeout(ANSWER_TIMEOUT).send().await;
        let mut answer = answer
            .map_err(|error| if error.is_connect() { SendError::Unreachable } else { SendError::NoAnswer })?;
        let body = read_whole(&mut answer, MOST_ANSWER_BYTES).await.map_err(|error| match error {
            ReadError::TooLarge => SendError::TooLarge,
            ReadError::BrokeOff(_) => SendError::NoAnswer,
        })?;
        let mut read = Response::new(body);
        *read.status_mut() = answer.status();
        *read.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(read)
    }

    fn caller_secret(&self) -> &[u8] {
        self.0.key().as_bytes()
    }
}
