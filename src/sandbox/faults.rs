//! Faults on demand: answers that are wrong, late, cut off, or never come.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::api::Api;
use super::refusal::Refusal;
use super::trace::Trace;

/// More faults than this at once are a mistake of the caller.
const MAX_FAULTS: usize = 1_000;

/// What faults call a tap: not an operation of Feishu's, but its call.
const TAP: &str = "tap";

/// What they call an event that is pushed, likewise.
const EVENT: &str = "event";

/// The longest delay, and the longest that a hanging call keeps its connection: 10 minutes.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// One fault, as `POST /sandbox/faults` takes it and `GET /sandbox/faults` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fault {
    /// Name of the operation that it hits, or `any`.
    api: String,
    /// How many calls it hits; 0 = until removed. One when absent, and with `down` all.
    times: Option<u32>,
    /// How many calls it lets through first; calls that an earlier fault hits do not count.
    skip: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// Values that take the place of those at these JSON pointers; `*` stands for every item of a list.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set: BTreeMap<String, Value>,
    delay_ms: u64,
    pub(super) hang: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<Close>,
    /// Whether nobody is there: every connection is cut, also of calls that wait for their answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) down: bool,
    /// Whether the call takes effect although its answer is the fault; it does so before any delay.
    pub(super) apply: bool,
}

/// When the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Close {
    /// Nothing is sent.
    BeforeHeaders,
    /// Headers announce a body of which half arrives.
    MidBody,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            api: "any".to_owned(),
            times: None,
            skip: 0,
            http_status: None,
            code: None,
            msg: None,
            headers: BTreeMap::new(),
            error: None,
            data: None,
            body_raw: None,
            content_type: None,
            set: BTreeMap::new(),
            delay_ms: 0,
            hang: false,
            close: None,
            down: false,
            apply: false,
        }
    }
}

impl Fault {
    /// How long the answer is held back.
    pub(super) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms).min(LONGEST_WAIT)
    }

    /// When the connection breaks, if it does.
    pub(super) fn close(&self) -> Option<Close> {
        if self.hang || self.down { Some(Close::BeforeHeaders) } else { self.close }
    }

    /// The body that is sent in place of a tap's callback.
    pub(super) fn raw_body(&self) -> Option<&str> {
        self.body_raw.as_deref()
    }

    /// Headers that the answer, or a tap's callback, has beside its own.
    pub(super) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.headers.iter().filter_map(|(name, value)| header(name, value))
    }

    /// Puts the values of `set` into a body: an answer, or a tap's callback before it is encrypted.
    pub(super) fn change(&self, body: &mut Value) {
        for (pointer, value) in &self.set {
            set(body, pointer.strip_prefix('/').unwrap_or(pointer), value);
        }
    }

    fn concerns(&self, api: Option<Api>) -> bool {
        self.api == "any" || api.is_some_and(|api| self.api == api.name())
    }

    /// Whether the answer is the fault's own; a mere delay or cut leaves the real one.
    fn replaces_answer(&self) -> bool {
        self.http_status.is_some() || self.code.is_some() || self.body_raw.is_some()
    }

    /// Whether the call does what it always does: it takes effect, or its real answer is needed.
    pub(super) fn runs_call(&self) -> bool {
        self.apply || !(self.replaces_answer() || self.close() == Some(Close::BeforeHeaders))
    }

    /// The answer of the fault, made on top of the real one when there is one.
    pub(super) fn answer(&self, real: Option<Answer>, trace: &Trace) -> Answer {
        let mut answer = match real {
            Some(real) if !self.replaces_answer() => real,
            _ => self.made_up(trace),
        };
        if let Some(content_type) = &self.content_type {
            answer.content_type.clone_from(content_type);
        }
        answer.headers.extend(self.headers());
        if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body)
            && !self.set.is_empty()
        {
            self.change(&mut body);
            answer.body = body.to_string().into_bytes();
        }
        answer
    }

    fn made_up(&self, trace: &Trace) -> Answer {
        let code = self.code.unwrap_or(if self.http_status.is_some() { 0 } else { 1395001 });
        let mut answer =
            Answer::failure(Refusal::business(code, self.msg.clone().unwrap_or_default()), trace);
        if let Some(body) = &self.body_raw {
            answer.body = body.clone().into_bytes();
            answer.code = None;
        } else if self.code.is_none() {
            // A bare status: what a proxy in between would answer (contract §13, example of a 504).
            answer.body = b"<html><body>gateway error</body></html>".to_vec();
            answer.content_type = "text/html".to_owned();
            answer.code = None;
        } else {
            answer.body = self.envelope(code, &answer.body);
        }
        answer.status = match (self.http_status.and_then(|status| StatusCode::from_u16(status).ok()), code) {
            (Some(status), _) => status,
            (None, 0) => StatusCode::OK,
            (None, 99991400) => StatusCode::TOO_MANY_REQUESTS,
            (None, _) => StatusCode::BAD_REQUEST,
        };
        answer
    }

    /// The usual envelope with the members that the fault names, and without `error` where Feishu sends none.
    fn envelope(&self, code: i64, usual: &[u8]) -> Vec<u8> {
        let mut body: Map<String, Value> = serde_json::from_slice(usual).unwrap_or_default();
        if let Some(error) = &self.error {
            body.insert("error".to_owned(), Value::Object(error.clone()));
        } else if matches!(code, 0 | 99991400) {
            body.remove("error");
        }
        if let Some(data) = &self.data {
            body.insert("data".to_owned(), data.clone());
        }
        Value::Object(body).to_string().into_bytes()
    }
}

/// A header, if HTTP can carry it.
fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok())
}

/// Puts a value at a pointer without its first slash; nothing happens where the pointer leads nowhere.
fn set(target: &mut Value, pointer: &str, value: &Value) {
    let (name, rest) = pointer.split_once('/').map_or((pointer, None), |(name, rest)| (name, Some(rest)));
    let places: Vec<&mut Value> = match target {
        Value::Array(items) if name == "*" => items.iter_mut().collect(),
        Value::Array(items) => {
            name.parse().ok().and_then(|nth: usize| items.get_mut(nth)).into_iter().collect()
        }
        Value::Object(members) => vec![members.entry(name).or_insert(Value::Null)],
        _ => return,
    };
    for place in places {
        match rest {
            Some(rest) => set(place, rest, value),
            None => place.clone_from(value),
        }
    }
}

/// The faults that wait for calls, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Faults {
    waiting: Vec<Fault>,
}

impl Faults {
    /// Adds a fault after checking that it can hit something and does something.
    pub(super) fn add(&mut self, mut fault: Fault) -> Result<(), String> {
        if self.waiting.len() >= MAX_FAULTS {
            return Err(format!("there are already {MAX_FAULTS} faults; DELETE /sandbox/faults first"));
        }
        if fault.api != "any"
            && ![TAP, EVENT].contains(&&*fault.api)
            && Api::names().all(|name| name != fault.api)
        {
            let names: Vec<&str> = Api::names().chain([TAP, EVENT]).collect();
            return Err(format!("api must be \"any\" or one of: {}", names.join(", ")));
        }
        if let Some(status) = fault.http_status
            && !(200..=599).contains(&status)
        {
            return Err("http_status must be between 200 and 599".to_owned());
        }
        if let Some((name, _)) = fault.headers.iter().find(|(name, value)| header(name, value).is_none()) {
            return Err(format!("headers: {name:?} is not a header that HTTP can carry"));
        }
        if fault.down && fault.apply {
            return Err("nobody applies anything while down is true".to_owned());
        }
        let acts = fault.replaces_answer()
            || fault.delay_ms > 0
            || fault.close().is_some()
            || fault.content_type.is_some()
            || !fault.set.is_empty()
            || !fault.headers.is_empty();
        if !acts {
            return Err("the fault does nothing: give code, http_status, body_raw, headers, content_type, \
                        set, delay_ms, hang, close or down"
                .to_owned());
        }
        fault.times.get_or_insert(u32::from(!fault.down));
        self.waiting.push(fault);
        Ok(())
    }

    /// The faults that wait.
    pub(super) fn all(&self) -> &[Fault] {
        &self.waiting
    }

    /// Removes all of them.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Whether nobody answers these calls.
    pub(super) fn is_down(&self, api: Option<Api>) -> bool {
        self.waiting.iter().any(|fault| fault.down && fault.skip == 0 && fault.concerns(api))
    }

    /// The fault that hits this call, if any; `down` goes before all others, and alone hits what is no operation.
    pub(super) fn hit(&mut self, api: Option<Api>) -> Option<Fault> {
        let only_down = api.is_none() || self.is_down(api);
        self.take(|fault| fault.concerns(api) && (fault.down || !only_down))
    }

    /// The fault that hits a tap, if any; those for any operation of Feishu's do not.
    pub(super) fn hit_tap(&mut self) -> Option<Fault> {
        self.take(|fault| fault.api == TAP)
    }

    /// The fault that hits an event, likewise.
    pub(super) fn hit_event(&mut self) -> Option<Fault> {
        self.take(|fault| fault.api == EVENT)
    }

    fn take(&mut self, concerns: impl Fn(&Fault) -> bool) -> Option<Fault> {
        for place in 0..self.waiting.len() {
            let fault = &mut self.waiting[place];
            if !concerns(fault) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let hit = fault.clone();
            match fault.times {
                None | Some(0) => {}
                Some(1) => drop(self.waiting.remove(place)),
                Some(times) => fault.times = Some(times - 1),
            }
            return Some(hit);
        }
        None
    }
}
