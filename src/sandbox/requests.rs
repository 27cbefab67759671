//! What was asked of the sandbox, secrets left out: a ring that keeps the newest calls.

use std::collections::{BTreeMap, VecDeque};

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::schema::Dropped;
use super::times::rfc3339;

/// Calls that are kept.
const MAX_CALLS: usize = 1_000;

/// Bytes of their bodies that are kept together: 64 MiB.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Members of bodies that are secrets.
const SECRETS: [&str; 6] = [
    "action_callback_key",
    "action_callback_token",
    "app_access_token",
    "app_secret",
    "app_ticket",
    "trusteeship_url_token",
];

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// One recorded call.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RecordedCall {
    /// Position in the order of arrival, from 1.
    pub(super) number: u64,
    /// Arrival, RFC 3339.
    at: String,
    /// Name of the operation, `unknown` for a path that is none.
    pub(super) api: &'static str,
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    headers: BTreeMap<String, String>,
    body: RecordedBody,
    /// What of the body had no effect.
    #[serde(flatten)]
    dropped: Dropped,
    /// What else the documents do not list.
    undocumented: Vec<String>,
    /// Absent while the call has no answer, and for good when its connection was cut before one.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// `code` of the envelope, absent when the answer is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    /// Whether a fault hit the call.
    faulted: bool,
    /// Whether it took effect, whatever its answer says.
    applied: bool,
    /// When it was over, RFC 3339; absent before. It goes on when its caller leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

/// A body: shown as JSON when it is JSON, else as text.
#[derive(Debug, Clone)]
struct RecordedBody(Bytes);

impl Serialize for RecordedBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_slice::<Value>(&self.0) {
            Ok(json) => json.serialize(serializer),
            Err(_) if self.0.is_empty() => serializer.serialize_none(),
            Err(_) => serializer.serialize_str(&String::from_utf8_lossy(&self.0)),
        }
    }
}

/// The newest calls, and how many there were per operation.
#[derive(Debug, Default)]
pub(super) struct Requests {
    ring: VecDeque<RecordedCall>,
    body_bytes: usize,
    counts: BTreeMap<&'static str, u64>,
    total: u64,
}

/// A call as it arrives.
pub(super) struct Arrival<'a> {
    pub(super) now: i64,
    pub(super) api: &'static str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
    pub(super) undocumented: Vec<String>,
    pub(super) faulted: bool,
}

impl Requests {
    /// Records an arrival; answers the number under which its outcome is added.
    pub(super) fn arrive(&mut self, arrival: Arrival<'_>) -> u64 {
        self.total += 1;
        *self.counts.entry(arrival.api).or_default() += 1;
        let body = RecordedBody(without_secrets(arrival.api, arrival.body));
        self.body_bytes += body.0.len();
        self.ring.push_back(RecordedCall {
            number: self.total,
            at: rfc3339(arrival.now),
            api: arrival.api,
            method: arrival.method.to_owned(),
            path: arrival.path.to_owned(),
            query: arrival.query.map(str::to_owned),
            headers: readable(arrival.headers),
            body,
            dropped: Dropped::default(),
            undocumented: arrival.undocumented,
            http_status: None,
            code: None,
            faulted: arrival.faulted,
            applied: false,
            ended_at: None,
        });
        while self.ring.len() > MAX_CALLS || (self.body_bytes > MAX_BODY_BYTES && self.ring.len() > 1) {
            if let Some(oldest) = self.ring.pop_front() {
                self.body_bytes -= oldest.body.0.len();
            }
        }
        self.total
    }

    /// Adds what the schema layer dropped.
    pub(super) fn note_dropped(&mut self, number: u64, dropped: Dropped) {
        if let Some(call) = self.find(number) {
            call.dropped = dropped;
        }
    }

    /// Adds the answer.
    pub(super) fn answered(&mut self, number: u64, status: StatusCode, code: Option<i64>) {
        if let Some(call) = self.find(number) {
            call.http_status = Some(status.as_u16());
            call.code = code;
        }
    }

    /// Notes that the call has taken effect.
    pub(super) fn applied(&mut self, number: u64) {
        if let Some(call) = self.find(number) {
            call.applied = true;
        }
    }

    /// Notes that nothing of the call is under way any more.
    pub(super) fn ended(&mut self, number: u64, now: i64) {
        if let Some(call) = self.find(number) {
            call.ended_at = Some(rfc3339(now));
        }
    }

    /// The recorded calls, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &RecordedCall> {
        self.ring.iter()
    }

    /// Calls per operation since the start or the last `clear`.
    pub(super) fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// Forgets calls and counts.
    pub(super) fn clear(&mut self) {
        self.ring.clear();
        self.body_bytes = 0;
        self.counts.clear();
    }

    fn find(&mut self, number: u64) -> Option<&mut RecordedCall> {
        self.ring.iter_mut().rev().find(|call| call.number == number)
    }
}

fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if name == "authorization" {
                REDACTED.to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// The body as it is kept: no secret ever is, not even in a sandbox, because people paste real ones.
fn without_secrets(api: &str, body: &Bytes) -> Bytes {
    const WITHHELD: Bytes = Bytes::from_static(b"[withheld: no JSON object]");
    let text = String::from_utf8_lossy(body);
    // A name may be written with escapes.
    let may_have_one = api == "token" || SECRETS.iter().chain(&["\\u"]).any(|name| text.contains(name));
    if !may_have_one {
        return body.clone();
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(mut json) if api != "token" || json.is_object() => {
            if hide_secrets(&mut json) {
                json.to_string().into()
            } else {
                body.clone()
            }
        }
        Err(_) if api != "token" && !SECRETS.iter().any(|name| text.contains(name)) => body.clone(),
        Ok(_) | Err(_) => WITHHELD,
    }
}

/// Hides secrets at any depth; says whether there were any.
fn hide_secrets(json: &mut Value) -> bool {
    let mut hid = false;
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| hid |= hide_secrets(item)),
        Value::Object(members) => {
            for (name, value) in members {
                let says_nothing = value.is_null() || value.as_str() == Some("");
                if says_nothing || !SECRETS.contains(&name.as_str()) {
                    hid |= hide_secrets(value);
                } else {
                    (hid, *value) = (true, REDACTED.into());
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    hid
}
