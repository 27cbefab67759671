//! Hides the secrets of an app where Feishu quotes them: its messages may repeat what they complain about.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::encoding::query_value;

/// What stands in the place of a secret.
const HIDDEN: &str = "[redacted]";

/// Tokens and callback secrets that are remembered: those of the last hours.
const REMEMBERED: usize = 64;

/// A shorter text occurs by chance, and hiding it everywhere would make messages unreadable.
const SHORTEST: usize = 4;

/// The secrets of one app that Feishu has seen.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    lasting: Mutex<Vec<SecretString>>,
    recent: Mutex<VecDeque<SecretString>>,
}

impl Secrets {
    /// Remembers a secret of the app itself for good.
    pub(super) fn add_lasting(&self, secret: &SecretString) {
        self.lasting.lock().unwrap_or_else(PoisonError::into_inner).push(secret.clone());
    }

    /// Remembers a secret until there are many newer ones.
    pub(super) fn add(&self, secret: &SecretString) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.iter().any(|known| known.expose_secret() == secret.expose_secret()) {
            return;
        }
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(secret.clone());
    }

    /// An answer without the secrets in it, in whatever form and place.
    pub(super) fn hidden_in(&self, headers: &mut HeaderMap, body: Bytes) -> Bytes {
        let needles = self.needles();
        let hide = |text: &str| needles.iter().fold(text.to_owned(), |text, needle| without(text, needle));
        for value in headers.values_mut() {
            if let Ok(text) = value.to_str()
                && let hidden = hide(text)
                && hidden != text
            {
                *value = HeaderValue::try_from(hidden).unwrap_or(HeaderValue::from_static(HIDDEN));
            }
        }
        match serde_json::from_slice::<Value>(&body) {
            // Its texts may be escaped.
            Ok(mut json) => {
                if hide_in_texts(&mut json, &hide) {
                    json.to_string().into()
                } else {
                    body
                }
            }
            Err(_) => {
                let text = String::from_utf8_lossy(&body);
                let hidden = hide(&text);
                if hidden == text { body } else { hidden.into() }
            }
        }
    }

    /// What is looked for: each secret as it is, and as it stands in an address; the longest first. Lower case.
    fn needles(&self) -> Vec<String> {
        let lasting = self.lasting.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lasting.iter().chain(recent.iter()).map(ExposeSecret::expose_secret);
        let mut needles: Vec<_> = known
            .filter(|secret| secret.len() >= SHORTEST)
            .flat_map(|secret| {
                [secret.to_ascii_lowercase(), query_value(secret).to_string().to_ascii_lowercase()]
            })
            .collect();
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles
    }
}

/// Hides secrets in every text and name; says whether there were any.
fn hide_in_texts(json: &mut Value, hide: &impl Fn(&str) -> String) -> bool {
    match json {
        Value::String(text) => {
            let hidden = hide(text);
            let is_changed = hidden != *text;
            *text = hidden;
            is_changed
        }
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| hide_in_texts(item, hide) | changed)
        }
        Value::Object(members) => {
            members.values_mut().fold(false, |changed, member| hide_in_texts(member, hide) | changed)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text without this needle, in whatever case.
fn without(text: String, needle: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut parts = Vec::new();
    let mut from = 0;
    for (place, found) in lower.match_indices(needle) {
        parts.push(&text[from..place]);
        from = place + found.len();
    }
    if parts.is_empty() {
        return text;
    }
    parts.push(&text[from..]);
    parts.join(HIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("the secret hush/1 is wrong" => "the secret [redacted] is wrong"; "as it is")]
    #[test_case("HUSH/1hush/1" => "[redacted][redacted]"; "twice, in another case")]
    #[test_case(r#"{"msg":"hush\/1 \u0068ush/1"}"# => r#"{"msg":"[redacted] [redacted]"}"#; "escaped")]
    #[test_case("https://x/?s=hush%2f1" => "https://x/?s=[redacted]"; "in an address")]
    #[test_case("Bearer t-token-1" => "Bearer [redacted]"; "a token")]
    #[test_case("hush" => "hush"; "something else")]
    fn bodies(body: &'static str) -> String {
        let secrets = Secrets::default();
        secrets.add_lasting(&"hush/1".into());
        secrets.add(&"t-token-1".into());
        secrets.add(&"e".into());
        let shown = secrets.hidden_in(&mut HeaderMap::new(), body.into());
        String::from_utf8(shown.to_vec()).unwrap()
    }

    #[test]
    fn headers_quote_no_secret() {
        let secrets = Secrets::default();
        secrets.add_lasting(&"hush".into());
        let mut headers = HeaderMap::from_iter([(axum::http::header::LOCATION, "/in/hush".parse().unwrap())]);
        secrets.hidden_in(&mut headers, Bytes::new());
        assert_eq!(headers["location"], "/in/[redacted]");
    }
}
