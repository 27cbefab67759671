//! An upstream that hands out a token and then misbehaves below HTTP, where the sandbox cannot.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The answer to whoever asks for a token.
pub(crate) const TOKEN: &str = r#"{"code":0,"msg":"ok","tenant_access_token":"t-raw","expire":7200}"#;

/// A running one.
pub(crate) struct RawUpstream {
    pub(crate) origin: String,
    pushes: Arc<AtomicUsize>,
}

impl RawUpstream {
    /// Answers every push with these bytes and closes the connection.
    pub(crate) async fn answering(bytes: &str) -> Self {
        Self::start(bytes.to_owned(), Duration::ZERO).await
    }

    /// Answers every push with this body, a byte a second.
    pub(crate) async fn dripping(body: &str) -> Self {
        Self::start(json_answer(body), Duration::from_secs(1)).await
    }

    async fn start(bytes: String, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let pushes = Arc::<AtomicUsize>::default();
        let seen = Arc::clone(&pushes);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(converse(connection, bytes.clone(), pause, Arc::clone(&seen)));
            }
        });
        Self { origin, pushes }
    }

    /// How many pushes have arrived.
    pub(crate) fn pushes(&self) -> usize {
        self.pushes.load(Ordering::SeqCst)
    }
}

/// A whole HTTP answer with this JSON.
pub(crate) fn json_answer(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

async fn converse(mut connection: TcpStream, bytes: String, pause: Duration, pushes: Arc<AtomicUsize>) {
    while let Some(head) = read_request(&mut connection).await {
        if head.contains("/tenant_access_token/") {
            connection.write_all(json_answer(TOKEN).as_bytes()).await.unwrap();
        } else {
            pushes.fetch_add(1, Ordering::SeqCst);
            let body = if pause.is_zero() { 0 } else { bytes.find("\r\n\r\n").map_or(0, |end| end + 4) };
            let (head, body) = bytes.split_at(body);
            let _ = connection.write_all(head.as_bytes()).await;
            // In one piece unless it drips.
            let size = if pause.is_zero() { body.len().max(1) } else { 1 };
            for piece in body.as_bytes().chunks(size) {
                let _ = connection.write_all(piece).await;
                tokio::time::sleep(pause).await;
            }
            return;
        }
    }
}

/// Reads one request and answers its head; nothing at the end of the connection.
pub(crate) async fn read_request(connection: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        if let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if request.len() >= end + 4 + length.trim().parse::<usize>().unwrap() {
                return Some(head);
            }
        }
        if connection.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
}
