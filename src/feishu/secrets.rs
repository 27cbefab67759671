//! Hides the secrets of an app where Feishu quotes them: its messages may repeat what they complain about.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::redaction::{HIDDEN, Redaction};

/// Tokens and callback secrets that are remembered: those of the last hours.
const REMEMBERED: usize = 64;

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

    /// An answer without the secrets in it, in whatever form and place; `sent` is what it answers.
    pub(super) fn hidden_in(&self, headers: &mut HeaderMap, body: Bytes, sent: &[u8]) -> Bytes {
        let redaction = self.redaction(sent);
        let hide = |text: &str| redaction.redacted(text);
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

    fn redaction(&self, sent: &[u8]) -> Redaction {
        let lasting = self.lasting.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lasting.iter().chain(recent.iter()).map(ExposeSecret::expose_secret);
        Redaction::of(known.chain(url_token(sent).as_deref()))
    }
}

/// The secret of a push: who has it may open the approval's pages in its owner's name. There are as many as instances, so none
/// is remembered.
fn url_token(payload: &[u8]) -> Option<String> {
    const MEMBER: &[u8] = br#""trusteeship_url_token":"#;
    // Within a text its quotes would be escaped.
    let place = payload.windows(MEMBER.len()).position(|place| place == MEMBER)?;
    let value = &payload[place + MEMBER.len()..];
    serde_json::Deserializer::from_slice(value).into_iter().next()?.ok()
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

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const SENT: &[u8] =
        br#"{"title":"\"trusteeship_url_token\":\"title\"","trusteeship_url_token":"url\u002dtoken"}"#;

    #[test_case("the secret hush/1 is wrong" => "the secret [redacted] is wrong"; "as it is")]
    #[test_case("HUSH/1hush/1" => "[redacted][redacted]"; "twice, in another case")]
    #[test_case(r#"{"msg":"hush\/1 \u0068ush/1"}"# => r#"{"msg":"[redacted] [redacted]"}"#; "escaped")]
    #[test_case("https://x/?s=hush%2f1" => "https://x/?s=[redacted]"; "in an address")]
    #[test_case("Bearer t-token-1" => "Bearer [redacted]"; "a token")]
    #[test_case("the token url-token of this title" => "the token [redacted] of this title"; "a token of the push")]
    #[test_case("hush" => "hush"; "something else")]
    fn bodies(body: &'static str) -> String {
        let secrets = Secrets::default();
        secrets.add_lasting(&"hush/1".into());
        secrets.add(&"t-token-1".into());
        secrets.add(&"e".into());
        let shown = secrets.hidden_in(&mut HeaderMap::new(), body.into(), SENT);
        String::from_utf8(shown.to_vec()).unwrap()
    }

    #[test]
    fn headers_quote_no_secret() {
        let secrets = Secrets::default();
        secrets.add_lasting(&"hush".into());
        let mut headers = HeaderMap::from_iter([(axum::http::header::LOCATION, "/in/hush".parse().unwrap())]);
        secrets.hidden_in(&mut headers, Bytes::new(), b"{}");
        assert_eq!(headers["location"], "/in/[redacted]");
    }
}
