//! A callback on its way: sent as Feishu sends it, and what its answer makes the person see (contract §8.1, field notes).

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use serde_json::Value;
use url::Url;

use super::body::encrypted;
use super::outcome::Seen;
use crate::http_client::HttpClients;
use crate::sandbox::faults::{Close, Fault};
use crate::sandbox::switches::Brand;

/// Most of an answer that is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// How long a phone is there that loses its network.
const HANGS_UP_AFTER: Duration = Duration::from_millis(50);

/// What a person sees when nothing better is known.
const FAILED: &str = "提交失败";

/// Everything that is needed to send a callback.
pub(super) struct Callback {
    pub(super) url: String,
    pub(super) plain: Value,
    pub(super) key: Option<String>,
    pub(super) fault: Option<Fault>,
    pub(super) brand: Brand,
}

/// An answer, or why there is none.
enum Answered {
    With(u16, Vec<u8>),
    Late,
    Unreachable,
}

impl Callback {
    /// Sends the callback and waits for its answer as long as Feishu would.
    pub(super) async fn send(self) -> Seen {
        tokio::time::sleep(self.fault.as_ref().map(Fault::delay).unwrap_or_default()).await;
        let time_limit = match (self.fault.as_ref().and_then(Fault::close), self.brand) {
            (Some(Close::BeforeHeaders), _) => HANGS_UP_AFTER,
            (_, Brand::Feishu) => Duration::from_secs(10),
            (_, Brand::Lark) => Duration::from_secs(5),
        };
        let answered = match tokio::time::timeout(time_limit, self.exchange()).await {
            Ok(Some((status, body))) => Answered::With(status, body),
            Ok(None) => Answered::Unreachable,
            Err(_) => Answered::Late,
        };
        self.seen(answered)
    }

    async fn exchange(&self) -> Option<(u16, Vec<u8>)> {
        let url = Url::parse(&self.url).ok()?;
        let client = HttpClients::to([&url]).ok()?.client().ok()?;
        let plain = self.plain.to_string().into_bytes();
        let body = match self.fault.as_ref().and_then(Fault::raw_body) {
            Some(raw) => raw.to_owned().into_bytes(),
            None => match &self.key {
                Some(key) => encrypted(&plain, key).to_string().into_bytes(),
                None => plain,
            },
        };
        let mut request = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in self.fault.iter().flat_map(Fault::headers) {
            request = request.header(name, value);
        }
        let mut response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                break;
            }
        }
        Some((status, body))
    }

    /// Only the status decides, never a code in the body.
    fn seen(mut self, answered: Answered) -> Seen {
        let (result, shown, http_status, answer) = match answered {
            Answered::With(200, body) => ("success", None, Some(200), Some(body)),
            Answered::With(status, body) => {
                let shows_message = status > 400 || self.brand == Brand::Lark;
                let message = message(&body).filter(|_| shows_message);
                let shown = match message {
                    Some((message, true)) => message,
                    Some((message, false)) => format!("{FAILED}：{message}"),
                    None => FAILED.to_owned(),
                };
                ("refused", Some(shown), Some(status), Some(body))
            }
            Answered::Late => ("timeout", Some(FAILED.to_owned()), None, None),
            Answered::Unreachable => ("unreachable", Some(FAILED.to_owned()), None, None),
        };
        if let Some(token) = self.plain.get_mut("token") {
            *token = Value::String("***".to_owned());
        }
        Seen {
            result,
            shown,
            http_status,
            encrypted: self.key.is_some(),
            callback: self.plain,
            answer: answer.map(|body| String::from_utf8_lossy(&body).into_owned()),
        }
    }
}

/// The message of a refusal, and whether it is shown as it is.
fn message(body: &[u8]) -> Option<(String, bool)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let message = body.get("message")?.as_str()?.to_owned();
    // A page says that it is a string.
    let as_it_is = body.get("without_prefix").is_some_and(|flag| *flag == true || *flag == "true");
    Some((message, as_it_is))
}
