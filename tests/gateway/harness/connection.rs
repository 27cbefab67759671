//! Callers that write what no HTTP client would.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::feishu::FOR_EVER;

/// Sends a request as it is, with a path that no client puts in order, on a connection of its own.
///
/// The answer may come while the body is still being sent.
pub(crate) async fn exchange(address: SocketAddr, mut request: Request<Body>) -> Response<Bytes> {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    request.headers_mut().entry("host").or_insert_with(|| "gateway".parse().unwrap());
    let answering = async {
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    };
    let response = tokio::time::timeout(FOR_EVER, answering).await.unwrap();
    connection.abort();
    response
}

/// One connection to the gateway.
pub(crate) struct Connection(pub(crate) TcpStream);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// So many bytes of the answer, as text.
    pub(crate) async fn read(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        tokio::time::timeout(FOR_EVER, self.0.read_exact(&mut bytes)).await.unwrap().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// One answer with a length, of a connection that goes on.
    pub(crate) async fn answer(&mut self) -> String {
        let mut bytes = Vec::new();
        let reading = async {
            loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                    if body.len() >= length.parse().unwrap() {
                        return text;
                    }
                }
                assert!(
                    self.0.read_buf(&mut bytes).await.unwrap() > 0,
                    "the connection ended after {text:?}"
                );
            }
        };
        tokio::time::timeout(FOR_EVER, reading).await.unwrap()
    }

    /// No more is sent, although answers are still read.
    pub(crate) async fn finish(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Everything up to the end of the connection; what comes before a reset counts.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = tokio::time::timeout(FOR_EVER, self.0.read_to_end(&mut bytes)).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
