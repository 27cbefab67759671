//! Uploads of lines, whole or bit by bit.

use reqwest::{Body, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::durable::support::Kept;
use crate::harness::documents::{instance, with};
use crate::harness::{Answer, Gateway, answer, client, until};

/// The line of an instance without a version, so that it may be repeated.
pub(crate) fn line(id: &str) -> String {
    with(instance(id), json!({"instance_id": id, "updated_at": null})).to_string()
}

/// A request with these bytes as lines.
pub(crate) fn importing(gateway: &Gateway, query: &str, body: impl Into<Body>) -> reqwest::RequestBuilder {
    let request = client().post(format!("http://{}/v1/imports{query}", gateway.address));
    request.header("content-type", "application/x-ndjson").body(body)
}

/// Uploads all at once.
pub(crate) async fn import(gateway: &Gateway, body: impl Into<Body>) -> Answer {
    let answer = answer(importing(gateway, "", body)).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-ndjson")),
        "{}",
        answer.text
    );
    answer
}

/// Each line of an answer.
pub(crate) fn results(answer: &Answer) -> Vec<Value> {
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Line, status, and revision or code of each result.
pub(crate) fn shown(answer: &Answer) -> Vec<String> {
    let shown = |result: &Value| {
        let what = if result["problem"].is_null() { &result["revision"] } else { &result["problem"]["code"] };
        format!("{} {} {}", result["line"], result["status"].as_str().unwrap_or("-"), what).replace('"', "")
    };
    results(answer).iter().map(shown).collect()
}

/// How the import of an answer stands.
pub(crate) async fn standing(gateway: &Gateway, answer: &Answer) -> Value {
    gateway.get(answer.header("location").unwrap()).await.ok()
}

/// Waits until nothing of it is pending.
pub(crate) async fn delivered(kept: &Kept, answer: &Answer) -> Value {
    until(|| async { standing(&kept.gateway, answer).await["pending"] == 0 }).await;
    standing(&kept.gateway, answer).await
}

/// The same while time goes on: a busy machine may take long for a lookup, and the line is tried again some time later.
pub(crate) async fn delivered_later(kept: &Kept, answer: &Answer) -> Value {
    until(|| async {
        kept.gateway.clock.advance(std::time::Duration::from_secs(1));
        standing(&kept.gateway, answer).await["pending"] == 0
    })
    .await;
    standing(&kept.gateway, answer).await
}

/// An upload whose lines come when the test says so.
pub(crate) struct Slow {
    chunks: mpsc::UnboundedSender<Result<String, std::io::Error>>,
    pub(crate) response: Response,
    text: String,
}

impl Slow {
    /// Sends the first chunk; the head of the answer is there.
    pub(crate) async fn start(gateway: &Gateway, first: String) -> Self {
        let (chunks, mut received) = mpsc::unbounded_channel();
        chunks.send(Ok(first)).unwrap();
        let body = futures_util::stream::poll_fn(move |cx| received.poll_recv(cx));
        let response = importing(gateway, "", Body::wrap_stream(body)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { chunks, response, text: String::new() }
    }

    pub(crate) fn send(&self, chunk: String) {
        self.chunks.send(Ok(chunk)).unwrap();
    }

    /// The next result.
    pub(crate) async fn result(&mut self) -> Value {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let result = serde_json::from_str(line).unwrap();
                self.text = rest.to_owned();
                return result;
            }
            let chunk = tokio::time::timeout(crate::harness::FOR_EVER, self.response.chunk()).await.unwrap();
            self.text.push_str(std::str::from_utf8(&chunk.unwrap().expect("another result")).unwrap());
        }
    }

    pub(crate) fn location(&self) -> String {
        self.response.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Ends the upload; what is left of the answer.
    pub(crate) async fn finish(self) -> String {
        drop(self.chunks);
        let rest = tokio::time::timeout(crate::harness::FOR_EVER, self.response.text()).await.unwrap();
        self.text + &rest.unwrap()
    }

    /// Breaks the upload off.
    pub(crate) fn break_off(self) {
        self.chunks.send(Err(std::io::Error::other("the caller is gone"))).unwrap();
    }
}
