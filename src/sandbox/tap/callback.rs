//! A callback on its way: sent as Feishu sends it, and what its answer makes the person see (contract §8.1, field notes).

use std::time::Duration;

use serde_json::Value;

use super::outcome::Seen;
use crate::sandbox::faults::{Close, Fault};
use crate::sandbox::outgoing::{Answered, Outgoing};
use crate::sandbox::switches::Brand;

/// How long a phone is there that loses its network.
const HANGS_UP_AFTER: Duration = Duration::from_millis(50);

/// What a person sees when nothing better is known.
const FAILED: &str = "提交失败";

/// A callback, and who calls.
pub(super) struct Callback {
    pub(super) sent: Outgoing,
    pub(super) brand: Brand,
}

impl Callback {
    /// Sends the callback and waits for its answer as long as Feishu would.
    pub(super) async fn send(self) -> Seen {
        let time_limit = match (self.sent.fault.as_ref().and_then(Fault::close), self.brand) {
            (Some(Close::BeforeHeaders), _) => HANGS_UP_AFTER,
            (_, Brand::Feishu) => Duration::from_secs(10),
            (_, Brand::Lark) => Duration::from_secs(5),
        };
        let answered = self.sent.send(time_limit).await;
        self.seen(answered)
    }

    /// Only the status decides, never a code in the body.
    fn seen(self, answered: Answered) -> Seen {
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
        let Outgoing { mut plain, key, .. } = self.sent;
        if let Some(token) = plain.get_mut("token") {
            *token = Value::String("***".to_owned());
        }
        Seen {
            result,
            shown,
            http_status,
            encrypted: key.is_some(),
            callback: plain,
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
