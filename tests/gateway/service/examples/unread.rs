//! Requests that are refused before they are read: no HTTP client sends them, and only the gateway's own server answers them.

use std::net::SocketAddr;
use std::time::Duration;

use approval_gateway::http::health::Readiness;
use approval_gateway::server::{self, Options};
use axum::Router;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::masks::REQUEST_ID;

/// What is wrong with the head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    BlankInPath,
    LongPath,
    ManyHeaders,
}

impl Flaw {
    fn head(self, method: &str, path: &str) -> String {
        match self {
            Self::BlankInPath => format!("{method} {path} x HTTP/1.1\r\n\r\n"),
            Self::LongPath => format!("{method} {path}{} HTTP/1.1\r\n\r\n", "1".repeat(70_000)),
            Self::ManyHeaders => format!("{method} {path} HTTP/1.1\r\n{}\r\n", "X-Many: 1\r\n".repeat(101)),
        }
    }

    /// Sends a request with this flaw and answers status and body, the gateway's own id of the request replaced.
    pub(super) async fn answer(self, method: &str, path: &str) -> Value {
        let mut caller = TcpStream::connect(serve().await).await.unwrap();
        caller.write_all(self.head(method, path).as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // What comes before a reset counts.
        let _ = caller.read_to_end(&mut bytes).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["request_id"] = REQUEST_ID.into();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        json!({ "status": status, "body": body })
    }
}

/// The gateway's server, in front of nothing.
async fn serve() -> SocketAddr {
    /// Longer than any test.
    const LONG: Duration = Duration::from_secs(600);
    let options = Options {
        header_timeout: LONG,
        idle_timeout: LONG,
        max_connections: 100,
        drain_delay: Duration::ZERO,
        grace: LONG,
        tls: None,
        open_connections: None,
    };
    let (listener, address) = server::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(listener, Router::new(), Readiness::ready(), stop, options));
    address
}
