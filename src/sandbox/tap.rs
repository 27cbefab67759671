//! `POST /sandbox/tap`: somebody presses a button; the callback is really sent, and what the person would see is told.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::callback::{Tapped, Via, body, encrypted};
use super::definitions::External;
use super::faults::{Close, Fault};
use super::running::Sandbox;
use super::state::State;
use super::switches::Brand;
use crate::http_client::HttpClients;

/// Most of an answer that is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// The first number of the messages whose cards are tapped: beyond 2^53, as Feishu's are.
const FIRST_MESSAGE_ID: i64 = 7_301_550_094_428_135_452;

/// Who taps what, and where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tap {
    user_id: String,
    task_id: String,
    /// `approve`, `reject`, or the action's own key; Feishu's spelling is understood, too.
    action: String,
    /// Which instance, when several have such a task.
    instance_id: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    attachments: Vec<Value>,
    #[serde(default)]
    via: Via,
}

/// What the person sees, and what was sent for it.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    /// `success`, `refused`, `timeout` or `unreachable`.
    result: &'static str,
    /// What is shown; nothing but a tick after a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// Whether it was encrypted.
    encrypted: bool,
    /// The callback in the clear, without its token.
    callback: Value,
    /// The answer as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

/// Why nothing was sent.
#[derive(Debug)]
pub(super) enum NoTap {
    /// No instance has such a task.
    NotFound,
    /// The person would see no such button.
    NoButton(String),
}

/// Everything that is needed to send a callback.
struct Callback {
    url: String,
    plain: Value,
    key: Option<String>,
    fault: Option<Fault>,
    /// How long Feishu waits (contract §8.1).
    time_limit: Duration,
    brand: Brand,
}

impl Tap {
    /// Sends the callback and waits for its answer as long as Feishu would.
    pub(super) async fn press(self, sandbox: &Sandbox) -> Result<Seen, NoTap> {
        let callback = sandbox.with(|state, _| self.callback(state))?;
        let answered = callback.send().await;
        Ok(callback.seen(answered))
    }

    fn callback(self, state: &mut State) -> Result<Callback, NoTap> {
        let mut found = state.instances.all().rev().filter(|stored| {
            self.instance_id.as_ref().is_none_or(|id| *id == stored.instance.instance_id)
                && stored.instance.tasks().iter().any(|task| task.task_id == self.task_id)
        });
        let instance = std::sync::Arc::clone(&found.next().ok_or(NoTap::NotFound)?.instance);
        drop(found);
        let task =
            instance.tasks().iter().find(|task| task.task_id == self.task_id).ok_or(NoTap::NotFound)?;
        let definition = state.definitions.of_instance(&instance.approval_code);
        let External { action_callback_url, action_callback_token, action_callback_key, .. } =
            definition.map(|definition| definition.body.external.clone()).unwrap_or_default();
        let no_button = |why: &str| NoTap::NoButton(why.to_owned());
        let url = action_callback_url.filter(|url| !url.is_empty()).ok_or_else(|| {
            no_button("its definition has no action_callback_url, so Feishu shows no buttons")
        })?;
        let buttons: Vec<_> =
            task.action_configs.iter().flatten().map(|action| &*action.action_type).collect();
        let is_it = |button: &&&str| **button == self.action || button.eq_ignore_ascii_case(&self.action);
        let Some(action_type) = buttons.iter().find(is_it) else {
            let known = if buttons.is_empty() { "none".to_owned() } else { buttons.join(", ") };
            return Err(NoTap::NoButton(format!("the task has no such action; it has: {known}")));
        };
        state.taps += 1;
        let mut plain = body(&Tapped {
            via: self.via,
            user_id: &self.user_id,
            action_type,
            approval_code: &instance.approval_code,
            instance_id: &instance.instance_id,
            task,
            message_id: FIRST_MESSAGE_ID + state.taps,
            reason: self.reason.as_deref(),
            attachments: &self.attachments,
            token: action_callback_token.as_deref().unwrap_or_default(),
        });
        let fault = state.faults.hit_tap();
        if let Some(fault) = &fault {
            fault.change(&mut plain);
        }
        let brand = state.switches.region;
        Ok(Callback {
            url,
            plain,
            key: action_callback_key.filter(|key| !key.is_empty()),
            fault,
            time_limit: Duration::from_secs(match brand {
                Brand::Feishu => 10,
                Brand::Lark => 5,
            }),
            brand,
        })
    }
}

/// An answer, or why there is none.
enum Answered {
    With(u16, Vec<u8>),
    Late,
    Unreachable,
}

impl Callback {
    async fn send(&self) -> Answered {
        tokio::time::sleep(self.fault.as_ref().map(Fault::delay).unwrap_or_default()).await;
        let time_limit = match self.fault.as_ref().and_then(Fault::close) {
            // Hangs up at once, as a phone that loses its network.
            Some(Close::BeforeHeaders) => Duration::from_millis(50),
            _ => self.time_limit,
        };
        match tokio::time::timeout(time_limit, self.exchange()).await {
            Ok(Some((status, body))) => Answered::With(status, body),
            Ok(None) => Answered::Unreachable,
            Err(_) => Answered::Late,
        }
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
        for (name, value) in self.fault.iter().flat_map(Fault::sent_headers) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                request = request.header(name, value);
            }
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

    /// What the person sees (contract §8.1, field notes): only the status decides, never a code in the body.
    fn seen(mut self, answered: Answered) -> Seen {
        const FAILED: &str = "提交失败";
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
